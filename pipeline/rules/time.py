"""Rules on dates: none lies in the future, words say what digits say, a birth is registered in time, cards are valid.

R1, R2, R3, R4, R12 and R21 of the rule book; limits are parameters of the procedure, because law changes them.
A partial date is every day that it may be: what holds for all of them is said, what holds for some is asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import Field

from extractors.dates import is_lunar, parse_words
from pipeline.checklist import vietnamese_date
from pipeline.record import Severity
from pipeline.rules.ages import days_meant, months_later, years_between
from pipeline.rules.context import reading_of
from pipeline.rules.parameters import Params, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.record import Finding
    from pipeline.rules.context import RuleContext


_DAY = re.compile(r"\d{1,2}\D{1,8}\d{1,2}\D{1,6}\d{4}|\d{4}-\d{2}-\d{2}")
"""A day, a month and a year in digits."""


class DatesNotFuture(Params):
    """Parameters of `dates_not_future`."""

    ahead: tuple[str, ...] = Field(
        default=("ngay_het_han",), description="keys that may lie ahead, on any paper; name expiry dates too"
    )


def dates_not_future(context: RuleContext, params: DatesNotFuture) -> list[Finding]:
    """R1: every date is one of the calendar, and none lies after the day of receipt, except those named `ahead`."""
    findings = []
    for reading in context.of_kind("date", "partial_date", "datetime"):
        if is_lunar(reading.text):
            message = f"{reading.field.label}: {reading} là ngày âm lịch; hãy cùng người khai đổi sang dương lịch."
            findings.append(context.finding(Severity.CONFIRM, message, [reading]))
        elif days_meant(reading.text) is None:
            # Text that names no day at all is put to a person as a doubtful field; a day that does not exist is told.
            if reading.sure or _DAY.search(reading.text):
                message = f"{reading.field.label}: {reading}, không phải là một ngày hợp lệ."
                findings.append(context.finding(Severity.BLOCK, message, [reading]))
        elif reading.key not in params.ahead and reading.text[:10] > context.today.isoformat():
            day = vietnamese_date(context.today.isoformat())
            message = f"{reading.field.label}: {reading}, sau ngày tiếp nhận {day}."
            findings.append(context.finding(Severity.BLOCK, message, [reading]))
    return findings


class RegistrationInTime(Params):
    """Parameters of `registration_in_time`."""

    born: Place = Field(description="[type, key] of the day of birth")
    days: int = Field(gt=0, description="days after birth within which it is registered")
    registered: Place | None = Field(default=None, description="[type, key] of registration; else the day of receipt")

    def fields(self) -> Iterable[Place]:
        """The days compared."""
        return (self.born, self.registered) if self.registered else (self.born,)


def registration_in_time(context: RuleContext, params: RegistrationInTime) -> list[Finding]:
    """R2: a birth is registered after it happened (blocks) and within `days` days (asks)."""
    born = context.reading(*params.born)
    registered = context.reading(*params.registered) if params.registered else None
    day = registered.day if registered else context.today
    if born is None or born.day is None or day is None or (registered is None and born.day > day):
        return []
    refs = [born, registered] if registered else [born]
    if born.day > day:
        return [context.finding(Severity.BLOCK, f"Ngày sinh sau ngày đăng ký: {born}; {registered}.", refs)]
    late = (day - born.day).days
    if late <= params.days:
        return []
    message = f"{born}; đã {late} ngày, quá hạn đăng ký {params.days} ngày. Hãy xác nhận là đăng ký quá hạn."
    return [context.finding(Severity.CONFIRM, message, refs)]


class WordsEqualDigits(Params):
    """Parameters of `words_equal_digits`."""

    type: str = Field(description="type of paper")
    date: str = Field(description="key of the date in digits")
    words: str = Field(description="key of the date in words")

    def fields(self) -> Iterable[Place]:
        """Both spellings."""
        return ((self.type, self.date), (self.type, self.words))


def words_equal_digits(context: RuleContext, params: WordsEqualDigits) -> list[Finding]:
    """R3: the date in words says the date in digits; words that are no date are asked about."""
    findings = []
    for document in context.papers(params.type):
        digits, words = reading_of(document, params.date), reading_of(document, params.words)
        if digits is None or words is None or digits.day is None:
            continue
        spelled = parse_words(words.text)
        if spelled is None:
            message = f"Ngày bằng chữ “{words.field.raw}” chưa đọc được thành ngày; bằng số ghi “{digits.shown}”."
            findings.append(context.finding(Severity.CONFIRM, message, [digits, words]))
        elif spelled.iso != digits.day.isoformat():
            said = f"bằng số “{digits.shown}”, bằng chữ “{words.field.raw}”"
            message = f"{document.title} (trang {digits.field.page}): ngày bằng số và bằng chữ khác nhau: {said}."
            findings.append(context.finding(Severity.BLOCK, message, [digits, words]))
    return findings


class ParentAge(Params):
    """Parameters of `parent_age`."""

    type: str = Field(description="type of paper")
    child: str = Field(description="key of the child's day of birth")
    mother: str = Field(description="key of the mother's date of birth, which may be partial")
    father: str = Field(description="key of the father's")
    mother_years: tuple[int, int] = Field(default=(12, 60), description="[least, greatest] likely age at birth")
    father_years: tuple[int, int] = Field(default=(14, 80), description="[least, greatest] likely age at birth")

    def fields(self) -> Iterable[Place]:
        """The three dates."""
        return ((self.type, self.child), (self.type, self.mother), (self.type, self.father))


def parent_age(context: RuleContext, params: ParentAge) -> list[Finding]:
    """R4: parents are older than the child (blocks) and of a likely age at birth (asks)."""
    findings = []
    for document in context.papers(params.type):
        child = reading_of(document, params.child)
        if child is None or child.day is None:
            continue
        parents = ((params.mother, "mẹ", params.mother_years), (params.father, "cha", params.father_years))
        for key, said, (low, high) in parents:
            parent = reading_of(document, key)
            born = days_meant(parent.text) if parent else None
            if parent is None or born is None:
                continue
            least, greatest = years_between(parent.text, child.day)
            if born[0] >= child.day or greatest <= 0:
                message = f"Ngày sinh của {said} không trước ngày sinh của con: {parent}; con sinh “{child.shown}”."
                findings.append(context.finding(Severity.BLOCK, message, [parent, child]))
            elif greatest < low or least > high:
                told = f"{parent}; con sinh “{child.shown}”"
                message = f"Tuổi của {said} khi sinh con là {greatest}, ngoài khoảng {low}-{high}: {told}."
                findings.append(context.finding(Severity.CONFIRM, message, [parent, child]))
    return findings


class CardDates(Params):
    """Parameters of `card_dates`."""

    type: str = Field(description="type of paper")
    born: str = Field(default="ngay_sinh", description="key of the holder's date of birth")
    issued: str = Field(default="ngay_cap", description="key of the day of issue")
    until: str = Field(default="ngay_het_han", description="key of the last day it is valid")


def card_dates(context: RuleContext, params: CardDates) -> list[Finding]:
    """R12: an identity paper was issued after birth and not in the future (blocks), and has not expired (asks)."""
    findings = []
    for document in context.papers(params.type):
        born, issued, until = (reading_of(document, key) for key in (params.born, params.issued, params.until))
        if issued and issued.day and born and born.day and issued.day < born.day:
            message = f"{issued} là ngày cấp, trước ngày sinh “{born.shown}”."
            findings.append(context.finding(Severity.BLOCK, message, [issued, born]))
        if issued and issued.day and issued.day > context.today:
            findings.append(context.finding(Severity.BLOCK, f"{issued} là ngày cấp, ở tương lai.", [issued]))
        if until and until.day and until.day < context.today:
            message = f"{document.title} (trang {until.field.page}) đã hết hạn ngày “{until.shown}”."
            findings.append(context.finding(Severity.CONFIRM, message, [until]))
    return findings


class PaperAge(Params):
    """Parameters of `paper_age`."""

    type: str = Field(description="type of paper")
    date: str = Field(description="key of the day on which it was issued")
    months: int = Field(gt=0, le=600, description="months for which it counts, from that day")

    def fields(self) -> Iterable[Place]:
        """The day of issue."""
        return ((self.type, self.date),)


def paper_age(context: RuleContext, params: PaperAge) -> list[Finding]:
    """R21: a paper that counts for some months, such as a marital-status paper, is not older on the day of receipt."""
    findings = []
    for document in context.papers(params.type):
        issued = reading_of(document, params.date)
        meant = days_meant(issued.text) if issued else None
        if issued is None or meant is None or meant[0] > context.today:
            continue
        last = months_later(meant[0], params.months)
        if context.today <= last:
            continue
        sure = context.today > months_later(meant[1], params.months)
        how = "đã quá" if sure else "có thể đã quá"
        until = vietnamese_date(last.isoformat())
        told = f"{how} {params.months} tháng (đến {until}) vào ngày tiếp nhận"
        message = f"{issued} là ngày cấp; {told}. Hãy xem còn dùng được không."
        findings.append(context.finding(Severity.CONFIRM, message, [issued]))
    return findings
