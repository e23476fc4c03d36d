"""The machine-readable zone of an identity card: TD1, three lines of thirty characters (ICAO 9303-5).

Check digits weigh 7, 3, 1 over values 0-9 for digits, 10-35 for letters and 0 for the filler `<` (ICAO 9303-3).
The Vietnamese card puts the last nine digits of the personal number in the document number field and the whole
number in the optional data; names lose their marks, because the alphabet has none.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

_WEIGHTS = (7, 3, 1)
_LENGTH = 30


def _value(sign: str) -> int:
    if sign.isdigit():
        return int(sign)
    return 0 if sign == "<" else ord(sign) - ord("A") + 10


def check_digit(text: str) -> str:
    """The 7-3-1 check digit of `text` (digits, A-Z and `<` only)."""
    return str(sum(_value(sign) * _WEIGHTS[place % 3] for place, sign in enumerate(text)) % 10)


def plain(text: str) -> str:
    """Upper-case letters without marks: `Đặng` becomes `DANG`."""
    decomposed = unicodedata.normalize("NFD", text.upper().replace("Đ", "D"))
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def td1(personal_number: str, born: date, sex: str, expires: date, full_name: str) -> tuple[str, str, str]:
    """The three lines of a citizen identity card.

    `personal_number` has twelve digits, `sex` is `Nam` or `Nữ`, `full_name` starts with the surname.
    Names that do not fit are cut at thirty characters, as ICAO 9303-5 allows.
    """
    number = personal_number[-9:]
    first = f"IDVNM{number}{check_digit(number)}{personal_number}<<"
    first += check_digit(personal_number)
    birth, expiry = born.strftime("%y%m%d"), expires.strftime("%y%m%d")
    second = f"{birth}{check_digit(birth)}{'M' if sex == 'Nam' else 'F'}{expiry}{check_digit(expiry)}VNM"
    second = second.ljust(_LENGTH - 1, "<")
    composite = first[5:30] + second[0:7] + second[8:15] + second[18:29]
    second += check_digit(composite)
    surname, _, given = plain(full_name).partition(" ")
    third = f"{surname}<<{given.replace(' ', '<')}".ljust(_LENGTH, "<")[:_LENGTH]
    return first, second, third
