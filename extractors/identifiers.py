"""Numbers with a format: personal number, old identity card, letter number, codes of papers and procedures.

A format decides which of two look-alike signs was meant (Đ/D, 0/O, 1/l); nothing else is ever put right.
The 12-digit personal number is province, century and sex, year of birth, six digits; it has no check digit.
Sources: Decree 137/2015 art. 13 (personal number), Decree 30/2020 annexes I and III (letter numbers and type codes).
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from extractors.letter_types import letter_types
from extractors.text import nfc

_DIGIT_LIKE = str.maketrans("OoQDlI|i]ZzSsBGgq", "00001111122558699")

PERSONAL_NUMBER = re.compile(r"^\d{12}$")
OLD_CARD_NUMBER = re.compile(r"^\d{9}$")
COMPONENT_CODE = re.compile(r"^[A-Z0-9.]{3,20}-KQ\d{3,6}$")
RESULT_CODE = re.compile(r"^KQ\.[A-Z]\d{2}(\.\d{2})*\.\d{6}$")
PROCEDURE_CODE = re.compile(r"^\d\.\d{6}$")
_ORG = r"[A-ZĐƯÂĂÊÔƠ][A-Za-zĐđƯÂĂÊÔƠ0-9&.]{0,14}"
LETTER_NUMBER = re.compile(
    rf"^\d{{1,6}}[a-z]?(?:/\d{{4}})?/{_ORG}(?:[-–]{_ORG}){{0,5}}$|^\d{{1,6}}[a-z]?-{_ORG}/{_ORG}(?:-{_ORG}){{0,3}}$"
)
REGISTER_NUMBER = re.compile(r"^\d{1,5}(?:/\d{4})?(?:/[A-ZĐ0-9\-]{2,12})?$")


@cache
def type_codes() -> frozenset[str]:
    """Abbreviations of kinds of papers, and `UBND`, `HĐND`, which stand in their place in plain letters."""
    return frozenset(code for kind in letter_types() for code in kind.codes) | {"UBND", "HĐND"}


@cache
def _bodies() -> frozenset[str]:
    path = Path(__file__).parent / "data" / "abbreviations.yaml"
    return frozenset(yaml.safe_load(path.read_text(encoding="utf-8"))["bodies"])


_TO_LATIN_D = str.maketrans({"Đ": "D", "0": "O", "1": "I", "l": "I"})


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """What a 12-digit personal number says of its holder."""

    digits: str
    province: str | None
    """Old name of the province of birth registration; None for an unknown code or a foreign country."""
    female: bool
    birth_year: int


@cache
def provinces() -> dict[str, str]:
    """Three-digit prefix of the personal number to the province's name before July 2025."""
    with (Path(__file__).parent / "data" / "number_prefixes.csv").open(encoding="utf-8", newline="") as rows:
        return {row["prefix"]: row["province"] for row in csv.DictReader(rows)}


def personal_number(digits: str) -> PersonalNumber | None:
    """Parses twelve digits; None where they have another form."""
    if not PERSONAL_NUMBER.match(digits):
        return None
    century, sex = divmod(int(digits[3]), 2)
    return PersonalNumber(digits, provinces().get(digits[:3]), bool(sex), 1900 + 100 * century + int(digits[4:6]))


def digits_only(text: str) -> tuple[str, bool]:
    """The digits of a number as written (spaces and dots dropped) and whether look-alikes were put right."""
    joined = re.sub(r"[\s.\-]", "", nfc(text))
    clean = joined.translate(_DIGIT_LIKE)
    return clean, clean != joined


def id_number(text: str) -> tuple[str | None, bool]:
    """A 12-digit or 9-digit number in `text`, and whether it was repaired; None where there is none or several."""
    exact = re.findall(r"(?<!\d)(?:\d[ .]?){11}\d(?!\d)|(?<!\d)(?:\d[ .]?){8}\d(?!\d)", nfc(text))
    if len(exact) == 1:
        return re.sub(r"\D", "", exact[0]), False
    if exact:
        return None, False
    for part in nfc(text).split(" "):
        clean = part.strip(".,;:()").translate(_DIGIT_LIKE)
        # Two letters at most: more than that is a word, not a number with smudges.
        if (PERSONAL_NUMBER.match(clean) or OLD_CARD_NUMBER.match(clean)) and sum(c.isalpha() for c in part) <= 2:
            return clean, True
    return None, False


def _repair_token(token: str, known: frozenset[str]) -> str:
    if token in known:
        return token
    bare = token.translate(_TO_LATIN_D)
    near = [word for word in known if word.translate(_TO_LATIN_D) == bare]
    return near[0] if len(near) == 1 else token


def letter_number(text: str) -> tuple[str | None, bool]:
    """A letter's number such as `299/UBND-TTHC` from `Số: 299 /UBND-TTHC`; and whether look-alikes were put right."""
    body = re.sub(r"^\W*(?:(?:luật|pháp lệnh)\s+)?(?:s[ốoóôỗồ0]|SỐ)\s*[:;.]*\s*", "", nfc(text), flags=re.IGNORECASE)
    body = re.sub(r"_+|\.{2,}|…", " ", body)  # the rule or leaders that a number was written on
    body = re.sub(r"\s*([/\-–&])\s*", r"\1", body).replace("–", "-")
    # A space inside the digits comes from a handwritten number set on a printed gap; a later word is something else.
    body = re.sub(r"(?<=\d)\s+(?=[\dOolI]*/)", "", body).strip(" .,;:'\"")
    body = body.split(" ")[0].strip(".,;:'\"-")
    if "/" not in body:
        return None, False
    head, _, tail = body.partition("/")
    party = re.match(r"^(\S+?)-(\S+)$", head)
    fixed_head = head
    if party:
        fixed_head = f"{party[1].translate(_DIGIT_LIKE)}-{_repair_token(party[2], type_codes())}"
    elif not re.fullmatch(r"\d{1,6}[a-z]?", head) or head[-1] in "oil":
        fixed_head = head.translate(_DIGIT_LIKE)
    year, slash, rest = tail.partition("/")
    prefix = ""
    if slash and re.fullmatch(r"[\dOolI]{4}", year):
        prefix, tail = year.translate(_DIGIT_LIKE) + "/", rest
    tokens = tail.split("-")
    tokens = [
        _repair_token(token, (type_codes() | _bodies()) if i == 0 else _bodies()) for i, token in enumerate(tokens)
    ]
    value = f"{fixed_head}/{prefix}{'-'.join(tokens)}"
    return (value, value != body) if LETTER_NUMBER.match(value) else (None, False)


def split_letter_number(value: str) -> tuple[str, str]:
    """The running number and the rest of a letter number: (`299`, `UBND-TTHC`)."""
    head, _, tail = value.partition("/")
    return head, tail
