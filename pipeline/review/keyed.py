"""Between what a clerk types and what a field holds: dates the Vietnamese way, numbers, lists, yes and no.

`shown` gives the text that stands in the clerk's field, `value_of` the value of a text, so that a text nobody touched
gives the value it was made of. What stands on a paper may be wrong: a number of 11 digits is taken as it is typed; but
a date must be in the calendar, since the record keeps dates as ISO 8601.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import TYPE_CHECKING

from extractors.fields import FieldStatus
from extractors.text import fold
from pipeline.errors import Exit, HosoError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldValue

LISTS = frozenset({"lines", "choices"})
FLAGS = frozenset({"flag", "signature", "seal"})
DATES = frozenset({"date", "partial_date"})
WHOLE = frozenset({"money", "ordinal"})
CLOSE = frozenset({"id_number", "phone"})
"""Kinds whose blanks and dots say nothing."""
YES, NO = "Có", "Không"
_DAY = re.compile(
    r"(?:ngày\s*)?(\d{1,2})\s*(?:[/.,-]|tháng|\s)\s*(\d{1,2})\s*(?:[/.,-]|năm|\s)\s*(\d{4})", re.IGNORECASE
)
_MONTH = re.compile(r"(?:tháng\s*)?(\d{1,2})\s*(?:[/.,-]|năm)\s*(\d{4})", re.IGNORECASE)
_YEAR = re.compile(r"(?:năm\s*)?(\d{4})", re.IGNORECASE)
_HOUR = re.compile(r"(\d{1,2})\s*(?::|giờ|h)\s*(\d{1,2})?(?:\s*phút)?", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2}).*)?)?)?")


class KeyedError(HosoError):
    """What was typed is no value of this kind."""

    code = "review_not_a_value"
    exit_code = Exit.REFUSED
    message_vi = "Nội dung gõ không đúng dạng của mục."
    remedy_vi = "Ngày gõ dạng 05/03/1990 hoặc 05031990; số chỉ gồm chữ số."


def shown(value: FieldValue, kind: str) -> str:
    """The value as a clerk types it; lists one entry a line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list):
        return "\n".join(value)
    text = str(value)
    dated = kind in DATES or kind == "datetime"
    if dated and (found := _ISO.fullmatch(text)):
        year, month, day, hour, minute = found.groups()
        put = "/".join(part for part in (day, month, year) if part)
        return f"{hour}:{minute} {put}" if hour else put
    return text


def value_of(text: str, kind: str, current: FieldValue, choices: Sequence[str] = ()) -> FieldValue:
    """The value of a text; None for an empty one. Raises `KeyedError`."""
    text = unicodedata.normalize("NFC", text).strip()
    if not text:
        return None
    if kind in LISTS or isinstance(current, list):
        entries = [" ".join(entry.split()) for entry in re.split(r"\n|\s/\s", text)]
        return [_chosen(entry, choices) for entry in entries if entry]
    text = " ".join(text.split())
    if kind in FLAGS or isinstance(current, bool):
        return _flag(text)
    if kind in DATES:
        return _date(text, partial=kind == "partial_date")
    if kind == "datetime":
        return _moment(text)
    if kind in WHOLE or isinstance(current, int):
        digits = re.sub(r"[\s.,]", "", text.removesuffix("đ").removesuffix("đồng"))
        if not (digits.isascii() and digits.isdigit()):
            raise KeyedError(None, "not a whole number")
        return int(digits) if isinstance(current, int) else digits
    if kind in CLOSE:
        return re.sub(r"[\s.]", "", text)
    return _chosen(text, choices)


def is_blank(value: FieldValue, status: FieldStatus) -> bool:
    """Whether a field as read holds nothing, which may be what the paper says."""
    return value is None and status is not FieldStatus.UNREADABLE


def _chosen(text: str, choices: Sequence[str]) -> str:
    """The choice that is meant, however it is marked and cased; the text itself where it is none."""
    return next((choice for choice in choices if fold(choice) == fold(text)), text)


def _flag(text: str) -> bool:
    said = fold(text)
    if said in {"co", "c", "x", "1", "yes", "y"}:
        return True
    if said in {"khong", "k", "0", "no", "n"}:
        return False
    raise KeyedError(None, "neither yes nor no")


def _date(text: str, *, partial: bool) -> str:
    if re.fullmatch(r"\d{8}", text):
        text = f"{text[:2]}/{text[2:4]}/{text[4:]}"
    if found := _DAY.fullmatch(text):
        day, month, year = map(int, found.groups())
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            raise KeyedError(None, "not in the calendar") from None
    months = range(1, 13)
    if partial and (found := _MONTH.fullmatch(text)) and int(found[1]) in months:
        return f"{found[2]}-{int(found[1]):02}"
    if partial and (found := _YEAR.fullmatch(text)):
        return found[1]
    raise KeyedError(None, "not a date")


def _moment(text: str) -> str:
    found = _HOUR.search(text)
    rest = (text[: found.start()] + text[found.end() :]).strip(" ,") if found else text
    day = _date(rest, partial=False)
    if found is None:
        return day
    hour, minute = int(found[1]), int(found[2] or 0)
    if hour > 23 or minute > 59:
        raise KeyedError(None, "not a time of day")
    return f"{day}T{hour:02}:{minute:02}"
