"""Dates as people write them, into ISO 8601: digits, `ngày … tháng … năm …`, and in words.

Partial dates are legal for parents and elders: a year gives `1962`, month and year give `1962-03`.
Letters that look like digits are put right only inside the slots of a date, never elsewhere.
Words are parsed by grammar: `mười` starts a ten, `mươi` multiplies, so a lost tone cannot change the number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from extractors.text import fold, nfc

LOOK_ALIKES = str.maketrans({"O": "0", "o": "0", "Ơ": "0", "l": "1", "I": "1", "|": "1", "i": "1", "Z": "2", "S": "5"})

_D = r"[\dOolI|iZS]"
_NUMERIC = re.compile(rf"(?<![\w/])({_D}{{1,2}})\s*[/.\-]\s*({_D}{{1,2}})\s*[/.\-]\s*({_D}{{4}})(?![\w/])")
_SPELLED = re.compile(
    rf"ng[aà]y\s*({_D}{{1,2}})\s*,?\s*th[aá]ng\s*({_D}{{1,2}})\s*,?\s*n[aă]m\s*({_D}{{4}})(?!\d)", re.IGNORECASE
)
_MONTH = re.compile(
    rf"(?<![\w/])(?:th[aá]ng\s*)?({_D}{{1,2}})\s*(?:[/.\-]|,?\s*n[aă]m)\s*({_D}{{4}})(?![\w/])", re.IGNORECASE
)
_UNKNOWN = r"(?:[.…_\-?xX*\s]+|0{1,2})"
_BLANK_DAY = re.compile(
    rf"(?<![\w])(?:{_UNKNOWN})\s*/\s*(?P<month>{_D}{{1,2}}|{_UNKNOWN})\s*/\s*(?P<year>{_D}{{4}})(?!\w)"
)
_LUNAR = re.compile(
    r"âm\s*lịch|\(\s*(?:âl|al)\.?\s*\)|\bâl\b|\bnhuận\b"
    r"|\bnăm\s+(?:giáp|ất|bính|đinh|mậu|kỷ|kỉ|canh|tân|nhâm|quý|quí)\s+"
    r"(?:tý|tí|sửu|dần|mão|mẹo|thìn|tỵ|tị|ngọ|mùi|thân|dậu|tuất|hợi)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\w/])(1[89]\d\d|20\d\d|21\d\d)(?![\w/])")

_ONES = {
    "khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "nham": 5,
    "sau": 6, "bay": 7, "tam": 8, "chin": 9,
}  # fmt: skip
_TEN = "muoi"
_FILLERS = {"linh", "le"}
_THOUSAND = {"nghin", "ngan"}
_DAY_PREFIXES = {"mong", "mung"}


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """An ISO date, whole (`2026-03-12`) or partial (`2026-03`, `2026`), and whether letters became digits."""

    iso: str
    repaired: bool = False

    @property
    def whole(self) -> bool:
        """Whether day, month and year are known."""
        return len(self.iso) == 10


def _build(day: str, month: str, year: str) -> ParsedDate | None:
    clean = tuple(part.translate(LOOK_ALIKES) for part in (day, month, year))
    if not all(part.isdigit() for part in clean):
        return None
    try:
        value = date(int(clean[2]), int(clean[1]), int(clean[0]))
    except ValueError:
        return None
    return ParsedDate(value.isoformat(), repaired=clean != (day, month, year))


def parse_date(text: str) -> ParsedDate | None:
    """A whole date in digits anywhere in `text`, or None. Never guesses a part that does not stand there."""
    text = nfc(text)
    for pattern in (_NUMERIC, _SPELLED):
        for found in pattern.finditer(text):
            parsed = _build(*found.groups())
            if parsed:
                return parsed
    return None


def parse_partial(text: str) -> ParsedDate | None:
    """A whole date, or month and year, or a year alone: what stands there and no more."""
    whole = parse_date(text)
    if whole:
        return whole
    text = nfc(text)
    unknown = _BLANK_DAY.search(text)
    if unknown:
        return _without_day(unknown["month"], unknown["year"])
    if _NUMERIC.search(text) or _SPELLED.search(text):
        return None  # a whole date that no calendar knows: its year alone would hide the mistake
    for found in _MONTH.finditer(text):
        month, year = (part.translate(LOOK_ALIKES) for part in found.groups())
        if month.isdigit() and year.isdigit() and 1 <= int(month) <= 12 and 1800 <= int(year) <= 2199:
            return ParsedDate(f"{year}-{int(month):02d}", repaired=(month, year) != found.groups())
    years = _YEAR.findall(text)
    return ParsedDate(years[0]) if len(set(years)) == 1 else None


def _without_day(month: str, year: str) -> ParsedDate | None:
    """A date whose day was left out, as in `../05/1962` or `00/00/1962`."""
    clean_month, clean_year = month.strip().translate(LOOK_ALIKES), year.translate(LOOK_ALIKES)
    if not clean_year.isdigit() or not 1800 <= int(clean_year) <= 2199:
        return None
    if not clean_month.isdigit() or int(clean_month) == 0:
        return ParsedDate(clean_year, repaired=clean_year != year)
    repaired = (clean_month, clean_year) != (month.strip(), year)
    return ParsedDate(f"{clean_year}-{int(clean_month):02d}", repaired) if int(clean_month) <= 12 else None


def is_lunar(text: str) -> bool:
    """Whether a date says that it is one of the lunar calendar (`âm lịch`, `ÂL`, `nhuận`, `năm Giáp Tý`).

    Such a date is told, never converted: leap months and the meridian make the conversion an officer's decision.
    """
    return bool(_LUNAR.search(nfc(text)))


def number_in_words(words: list[str]) -> int | None:
    """The number that folded syllables spell (`hai nghin khong tram hai muoi sau` is 2026), or None."""
    if not words:
        return None
    words = [part for word in words for part in (("hai", _TEN) if word == "ham" else (word,))]  # `hăm mốt` is 21
    if all(word in _ONES for word in words) and len(words) == 4:
        return int("".join(str(_ONES[word]) for word in words))  # digit by digit: hai không hai sáu
    total, pending, index = 0, None, 0
    last_scale = 10**9
    while index < len(words):
        word = words[index]
        following = words[index + 1] if index + 1 < len(words) else ""
        if word in _ONES and pending is None:
            pending = _ONES[word]
        elif word == _TEN:
            if last_scale <= 10:
                return None
            total += 10 if pending is None else pending * 10
            pending, last_scale = None, 10
        elif (word == "tram" or word in _THOUSAND) and pending is not None:
            scale = 100 if word == "tram" else 1000
            if last_scale <= scale:
                return None
            total += pending * scale
            pending, last_scale = None, scale
        elif word in _FILLERS and pending is None and following in _ONES:
            pass
        elif word in _ONES and pending is not None and last_scale > 10:
            # `tám lăm` for eighty-five, `hai sáu` for twenty-six: the ten is often left unsaid.
            total += pending * 10
            pending, last_scale = _ONES[word], 1
        else:
            return None
        index += 1
    return total + (pending or 0)


def parse_words(text: str) -> ParsedDate | None:
    """A whole date in words: `Ngày mười hai tháng ba năm hai nghìn không trăm hai mươi sáu`."""
    words = [word for word in re.split(r"[^a-z]+", fold(nfc(text))) if word]
    if "thang" not in words:
        return None
    split = words.index("thang")
    days = [word for word in words[:split] if word != "ngay" and word not in _DAY_PREFIXES]
    rest = words[split + 1 :]
    candidates: set[str] = set()
    for place, word in enumerate(rest):
        # `năm` is both "year" and "five": every reading that gives a calendar date is tried.
        if word != "nam" or place == 0:
            continue
        numbers = (number_in_words(days), _month(rest[:place]), number_in_words(rest[place + 1 :]))
        if None in numbers:
            continue
        day, month, year = (number or 0 for number in numbers)
        if not 1800 <= year <= 2199:
            continue
        try:
            candidates.add(date(year, month, day).isoformat())
        except ValueError:
            continue
    return ParsedDate(candidates.pop()) if len(candidates) == 1 else None


def _month(words: list[str]) -> int | None:
    if words == ["gieng"]:
        return 1
    if words == ["chap"]:
        return 12
    return number_in_words(words)


_UNIT_WORDS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def _two_digits(number: int) -> str:
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _UNIT_WORDS[ones]
    head = "mười" if tens == 1 else f"{_UNIT_WORDS[tens]} mươi"
    if ones == 0:
        return head
    tail = "lăm" if ones == 5 else "mốt" if ones == 1 and tens > 1 else _UNIT_WORDS[ones]
    return f"{head} {tail}"


def spell(value: date) -> str:
    """A date in words as civil-status papers write it; the inverse of `parse_words`."""
    thousands, below = divmod(value.year, 1000)
    hundreds, tail = divmod(below, 100)
    year = f"{_UNIT_WORDS[thousands]} nghìn"
    if hundreds or tail:
        year += f" {_UNIT_WORDS[hundreds]} trăm"
    if tail:
        year += f" {'linh ' if tail < 10 else ''}{_two_digits(tail)}"
    return f"Ngày {_two_digits(value.day)} tháng {_two_digits(value.month)} năm {year}"
