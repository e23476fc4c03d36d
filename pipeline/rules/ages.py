"""Rules on ages and on the dead, and the arithmetic of partial dates that they share with the rules on time.

R8, R9 and R14 of the rule book. A year alone means every day of that year: ages come as least and greatest.
What is against the law on every such day blocks; what is against it on some only is put to a person.
Sources: Law on marriage and family 2014 art. 8; Law on civil status 2014 art. 33.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING

from pydantic import Field

from extractors.identifiers import personal_number
from extractors.text import key
from pipeline.checklist import vietnamese_date
from pipeline.record import Severity
from pipeline.rules.context import reading_of
from pipeline.rules.parameters import Params, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.record import DocumentRecord, Finding
    from pipeline.rules.context import Reading, RuleContext


def days_meant(text: str) -> tuple[date, date] | None:
    """First and last day that an ISO date means, whole, to the month or the year alone; None for other texts."""
    parts = text.partition("T")[0].split("-")
    if not all(part.isdigit() for part in parts) or len(parts[0]) != 4 or len(parts) > 3:
        return None
    year, month, day = (int(parts[i]) if i < len(parts) else None for i in range(3))
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if day is not None:
        return first, first
    end = month or 12
    return first, date(first.year, end, monthrange(first.year, end)[1])


def months_later(day: date, months: int) -> date:
    """The same day some months later; the last day of a month that is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def years_between(earlier: str, later: date) -> tuple[int, int]:
    """Least and greatest age on a day of someone born on a whole or partial ISO date; else `ValueError`."""
    meant = days_meant(earlier)
    if meant is None:
        raise ValueError(f"{earlier!r} is no ISO date")
    return _age(meant[1], later), _age(meant[0], later)


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


class MarriageAges(Params):
    """Parameters of `marriage_ages`."""

    type: str = Field(description="type of paper")
    man: str = Field(description="prefix of the man's keys: `nam` for nam_ngay_sinh, nam_gioi_tinh, nam_so_dinh_danh")
    woman: str = Field(description="prefix of the woman's keys")
    registered: str | None = Field(default=None, description="key of the day of registration; else the day of receipt")
    man_years: int = Field(default=20, gt=0, description="least age of the man")
    woman_years: int = Field(default=18, gt=0, description="least age of the woman")

    def fields(self) -> Iterable[Place]:
        """The two dates of birth, and the day of registration where one is named."""
        own = ((self.type, f"{who}_ngay_sinh") for who in (self.man, self.woman))
        return (*own, (self.type, self.registered)) if self.registered else tuple(own)


def marriage_ages(context: RuleContext, params: MarriageAges) -> list[Finding]:
    """R8: on the day of registration the man is 20 and the woman 18, their sexes differ, and they are two persons."""
    findings = []
    for document in context.papers(params.type):
        registered = reading_of(document, params.registered) if params.registered else None
        day = (registered.day if registered else None) or context.today
        for prefix, who, years, sex in (
            (params.man, "bên nam", params.man_years, "Nam"),
            (params.woman, "bên nữ", params.woman_years, "Nữ"),
        ):
            findings += _old_enough(context, reading_of(document, f"{prefix}_ngay_sinh"), day, who, years)
            findings += _of_sex(context, document, prefix, who, sex)
        left, right = (reading_of(document, f"{prefix}_so_dinh_danh") for prefix in (params.man, params.woman))
        if left and right and left.text == right.text:
            message = f"{document.title} (trang {left.field.page}): hai bên nam, nữ ghi cùng một số định danh."
            findings.append(context.finding(Severity.BLOCK, message, [left, right]))
    return findings


def _old_enough(context: RuleContext, born: Reading | None, on: date, who: str, years: int) -> list[Finding]:
    if born is None or days_meant(born.text) is None:
        return []
    least, greatest = years_between(born.text, on)
    day = vietnamese_date(on.isoformat())
    if greatest < years:
        message = f"Ngày sinh {who}: {born}; ngày {day} mới {max(greatest, 0)} tuổi, chưa đủ {years} tuổi để kết hôn."
        return [context.finding(Severity.BLOCK, message, [born])]
    if least < years:
        message = f"Ngày sinh {who}: {born}; chưa rõ ngày {day} đã đủ {years} tuổi chưa. Hãy hỏi ngày sinh đầy đủ."
        return [context.finding(Severity.CONFIRM, message, [born])]
    return []


def _of_sex(context: RuleContext, document: DocumentRecord, prefix: str, who: str, sex: str) -> list[Finding]:
    said = reading_of(document, f"{prefix}_gioi_tinh")
    if said is not None:
        if key(said.text) == key(sex):
            return []
        message = f"Giới tính {who}: {said}, không phải {sex}."
        return [context.finding(Severity.BLOCK, message, [said])]
    number = reading_of(document, f"{prefix}_so_dinh_danh")
    parsed = personal_number(number.text) if number else None
    if number is None or parsed is None or parsed.female == (sex == "Nữ"):
        return []
    message = f"{document.title} (trang {number.field.page}): số định danh {who} không phải của người giới tính {sex}."
    return [context.finding(Severity.CONFIRM, message, [number])]


class DeathDates(Params):
    """Parameters of `death_dates`."""

    type: str = Field(description="type of paper")
    born: str = Field(description="key of the date of birth, which may be partial")
    died: str = Field(description="key of the date of death")
    registered: str | None = Field(default=None, description="key of the day of registration; else the day of receipt")
    days: int = Field(default=15, gt=0, description="days after death within which it is registered")

    def fields(self) -> Iterable[Place]:
        """The dates compared."""
        keys = (self.born, self.died, *((self.registered,) if self.registered else ()))
        return tuple((self.type, key) for key in keys)


def death_dates(context: RuleContext, params: DeathDates) -> list[Finding]:
    """R9: death comes after birth and not after registration (blocks), and is registered within `days` days (asks)."""
    findings = []
    for document in context.papers(params.type):
        born, died = reading_of(document, params.born), reading_of(document, params.died)
        meant = days_meant(died.text) if died else None
        if died is None or meant is None:
            continue
        birth = days_meant(born.text) if born else None
        if born is not None and birth is not None and birth[0] > meant[1]:
            message = f"Ngày chết trước ngày sinh: {died}; ngày sinh ghi “{born.shown}”."
            findings.append(context.finding(Severity.BLOCK, message, [died, born]))
        registered = reading_of(document, params.registered) if params.registered else None
        day = (registered.day if registered else None) or context.today
        on = vietnamese_date(day.isoformat())
        refs = [died, registered] if registered else [died]
        if meant[0] > day:
            what = "ngày đăng ký" if registered else "ngày tiếp nhận"
            findings.append(context.finding(Severity.BLOCK, f"Ngày chết: {died}, sau {what} {on}.", refs))
        elif (day - meant[0]).days > params.days:
            late = (day - meant[1]).days
            said = f"đã {late} ngày" if late > params.days else "có thể đã"
            message = f"Ngày chết: {died}; {said} quá hạn đăng ký {params.days} ngày. Hãy xác nhận là đăng ký quá hạn."
            findings.append(context.finding(Severity.CONFIRM, message, refs))
    return findings


class DeceasedParent(Params):
    """Parameters of `deceased_parent`."""

    type: str = Field(description="type of paper")
    parents: tuple[str, ...] = Field(description="prefixes of the parents' keys: `me` for me_noi_cu_tru, me_ngay_sinh")
    said: tuple[str, ...] = Field(
        default=("đã chết", "đã mất", "chết", "đã qua đời", "mất"), description="words that say so under residence"
    )

    def fields(self) -> Iterable[Place]:
        """Where the parents live."""
        return tuple((self.type, f"{parent}_noi_cu_tru") for parent in self.parents)


def deceased_parent(context: RuleContext, params: DeceasedParent) -> list[Finding]:
    """R14: a parent whose residence says “Đã chết” is told; such a parent may have a year of birth alone."""
    words = {key(word) for word in params.said}
    findings = []
    for document in context.papers(params.type):
        for parent in params.parents:
            home = reading_of(document, f"{parent}_noi_cu_tru")
            if home is None or not _says_dead(home.text, words):
                continue
            born = reading_of(document, f"{parent}_ngay_sinh")
            year = f" Năm sinh ghi “{born.shown}” là đủ." if born and born.day is None else ""
            message = (
                f"{home.field.label}: {home}: người này đã chết.{year} Hãy xem giấy tờ chứng minh nếu thủ tục cần."
            )
            findings.append(context.finding(Severity.INFO, message, [home]))
    return findings


def _says_dead(text: str, words: set[str]) -> bool:
    """Whether a residence opens with one of the words: `Đã chết`, `Đã chết năm 2019`, `ĐÃ CHẾT (2019)`."""
    said = key(re.sub(r"[^\w\s]", " ", text)).split(" ")
    return any(said[: len(word.split(" "))] == word.split(" ") for word in words)
