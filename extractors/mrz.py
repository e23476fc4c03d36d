"""The machine-readable zone of an identity card's back: TD1, three lines of thirty, checked by its own digits.

Letters and digits that look alike are told apart by place (ICAO 9303 part 5) and by the 7-3-1 check digits.
A field whose check digit agrees is nearly certain; without agreement it is claimed as doubtful, never silently.
The line with the names has no check digit and no Vietnamese letters: it supports a name, it never replaces one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from extractors.fields import Field, FieldStatus, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldSpec, PageView
    from models.reading import Box, Line

_WEIGHTS = (7, 3, 1)
_TO_DIGIT = str.maketrans({"O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "B": "8", "G": "6"})
_TO_LETTER = str.maketrans({"0": "O", "1": "I", "2": "Z", "5": "S", "8": "B", "6": "G"})
_CONFUSABLE = {
    "0": "08",
    "8": "80B",
    "1": "17",
    "7": "71",
    "5": "56",
    "6": "65",
    "3": "38",
    "2": "27",
    "4": "4",
    "9": "9",
}

PROBABILITY_CHECKED = 0.995
"""A wrong reading passes its check digit once in ten; several must agree, and line 2 has a digit over all."""


@dataclass(frozen=True, slots=True)
class CardZone:
    """What the zone says; dates ISO 8601. `checked` names the parts whose digits agree."""

    number: str
    born: str | None
    sex: str | None
    expires: str | None
    nationality: str
    name: str
    checked: frozenset[str]


def check_digit(text: str) -> int:
    """ICAO 9303 check digit: weights 7-3-1 over digits, letters (A is 10) and `<` (0)."""
    total = 0
    for place, char in enumerate(text):
        value = int(char) if char.isdigit() else 0 if char == "<" else ord(char) - 55
        total += value * _WEIGHTS[place % 3]
    return total % 10


def clean_line(text: str) -> str:
    """A read line in the zone's alphabet: capitals, digits, `<`; look-alikes of `<` put right."""
    bare = re.sub(r"\s", "", text)
    if re.match(r"^[I1l]DVNM|^\d{6,7}[MF<]?\d", bare) or re.search(r"[<kxK«]{4,}", bare):
        # A recogniser without `<` in its alphabet writes small k, x or colons for it; the zone has no small letters.
        bare = re.sub(r"[kx:;c]", "<", bare)
        bare = re.sub(r"K{3,}$", lambda run: "<" * len(run[0]), bare)
    upper = bare.upper()
    upper = upper.replace("«", "<<").replace("‹", "<").replace("＜", "<").replace("≤", "<").replace("(", "<")
    return re.sub(r"[^A-Z0-9<]", "", upper.replace("Đ", "D"))


def find_lines(texts: Sequence[str]) -> tuple[str, str, str] | None:
    """The three lines of thirty among lines of text, padded or cut where a filler was lost or doubled."""
    cleaned = [clean_line(text) for text in texts]
    for index in range(len(cleaned) - 2):
        first, second, third = cleaned[index : index + 3]
        if (
            not re.match(r"^[I1L][D0O<]?VN?M?", first)
            or len(first) < 24
            or "VNM" not in first[:8].translate(_TO_LETTER)
        ):
            continue
        if len(second) >= 24 and "<" in third:
            return _thirty(first), _thirty(second), _thirty(third)
    return None


def _thirty(line: str) -> str:
    if len(line) == 30:
        return line
    last = line[-1]
    if last.isdigit() and "<" in line:  # a lost or doubled filler stands in the run of fillers, not at the end
        body, run = line[:-1].rstrip("<"), 29
        return body.ljust(run, "<")[:run] + last
    return line.ljust(30, "<")[:30]


def _agreeing(digits: str, check: str) -> tuple[str, bool]:
    """Digits put right so that their check digit agrees; (as read, False) where no or several ways lead there."""
    plain = digits.translate(_TO_DIGIT)
    target = check.translate(_TO_DIGIT)
    if not target.isdigit():
        return plain, False
    if check_digit(plain) == int(target):
        return plain, True
    fixes = set()
    for place, char in enumerate(plain):
        for other in _CONFUSABLE.get(char, char):
            candidate = plain[:place] + other + plain[place + 1 :]
            if other != char and other.isdigit() and check_digit(candidate) == int(target):
                fixes.add(candidate)
    return (fixes.pop(), True) if len(fixes) == 1 else (plain, False)


def _date(yymmdd: str, pivot: int) -> str | None:
    if not re.fullmatch(r"\d{6}", yymmdd):
        return None
    year = int(yymmdd[:2])
    year += 2000 if year <= pivot else 1900
    try:
        return date(year, int(yymmdd[2:4]), int(yymmdd[4:])).isoformat()
    except ValueError:
        return None


def parse(lines: tuple[str, str, str], *, pivot: int = 50) -> CardZone | None:
    """Parses three lines of thirty. `pivot` is the last two-digit year of birth that belongs to 20xx.

    The full number stands in the optional part of line 1; its last nine digits stand before, with their check digit.
    The century comes from the number itself, which is why `pivot` rarely matters.
    """
    first, second, third = lines
    short, short_ok = _agreeing(first[5:14], first[14])
    full = first[15:27].translate(_TO_DIGIT)
    checked = set()
    if re.fullmatch(r"\d{12}", full) and full.endswith(short) and short_ok:
        checked.add("number")
    elif not re.fullmatch(r"\d{12}", full):
        return None
    born_raw, born_ok = _agreeing(second[0:6], second[6])
    expires_raw, expires_ok = _agreeing(second[8:14], second[14])
    composite = first[5:30] + second[0:7] + second[8:15] + second[18:29]
    whole = second[29].translate(_TO_DIGIT)
    if whole.isdigit() and check_digit(composite) == int(whole):
        checked.add("composite")
    century = 1900 + 100 * (int(full[3]) // 2)
    born = _date(born_raw, pivot)
    if born and born[2:4] == full[4:6]:
        born = f"{century + int(full[4:6])}{born[4:]}"
        born_ok = True
    if born_ok and born:
        checked.add("born")
    expires = None if second[8:14] == "<<<<<<" else _date(expires_raw, 99)
    if expires_ok and expires:
        checked.add("expires")
    sex = {"M": "Nam", "F": "Nữ"}.get(second[7])
    family, parted, given = third.translate(_TO_LETTER).partition("<<")
    # Without its `<<` the name line was read through an alphabet that lacks the sign: no name then.
    name = " ".join(part for part in (*family.split("<"), *given.split("<")) if part) if given.strip("<") else ""
    name = name if parted and len(name.split(" ")[0]) <= 8 else ""
    return CardZone(full, born, sex, expires, second[15:18].translate(_TO_LETTER), name, frozenset(checked))


class ZoneExtractor:
    """Claims from a machine-readable zone in the read lines of a card's back. Holds no state."""

    source = Source.MRZ
    papers = frozenset({"cccd"})

    def extract(self, pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
        """Claims of the first page with a zone; `specs`, where given, limits the keys."""
        wanted = {spec.key for spec in specs}
        for page in pages:
            lines = [line for line in page.read.lines if line.text]
            found = find_lines([line.text for line in lines])
            zone = parse(found) if found else None
            if zone:
                box = _zone_box(lines)
                return [field for field in _claims(zone, page.number, box) if not wanted or field.key in wanted]
        return []


def _zone_box(lines: Sequence[Line]) -> Box | None:
    boxes = [line.box for line in lines if clean_line(line.text).count("<") >= 2]
    if not boxes:
        return None
    box = boxes[0]
    for other in boxes[1:]:
        box = box.union(other)
    return box


def _claims(zone: CardZone, page: int, box: Box | None) -> list[Field]:
    said = [
        ("so_dinh_danh", zone.number, "number"),
        ("ngay_sinh", zone.born, "born"),
        ("ngay_het_han", zone.expires, "expires"),
        ("gioi_tinh", zone.sex, "composite"),
    ]
    fields = []
    for key, value, part in said:
        if value is None:
            continue
        sure = part in zone.checked or (part == "composite" and {"number", "born"} <= zone.checked)
        chance = 0.9995 if sure and "composite" in zone.checked else PROBABILITY_CHECKED if sure else 0.4
        status, reason = (FieldStatus.READ, None) if sure else (FieldStatus.DOUBTFUL, "check_digit")
        fields.append(Field(key, value, value, chance, Source.MRZ, page, box, status, reason))
    if zone.name:
        # Support only: capitals without marks. Fusion compares it with folded names, it never wins.
        fields.append(Field("ho_ten_khong_dau", zone.name, zone.name, 0.9, Source.MRZ, page, box))
    return fields
