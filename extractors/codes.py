"""Numbers of telephones, vehicles, taxpayers and the insured; passports; codes of dossiers, procedures and agencies.

Each function gives the number in one form, or None where the text is no such number: nothing is completed or guessed.
Old telephone numbers of eleven digits are given as the ten digits that replaced them in 2018.
Sources: Circular 86/2024/TT-BTC (tax codes), Decision 595/QĐ-BHXH and 1351/QĐ-BHXH (insurance), Decision 20/2020/QĐ-TTg
(codes of agencies), QĐ 798/QĐ-BTTTT of 2018 (telephones), Circular 79/2024/TT-BCA (plates).
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from extractors.text import nfc

_OLD_MOBILE = {
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078",
    "0123": "083", "0124": "084", "0125": "085", "0127": "081", "0129": "082",
    "0162": "032", "0163": "033", "0164": "034", "0165": "035", "0166": "036", "0167": "037", "0168": "038",
    "0169": "039", "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip
MOBILE = re.compile(r"^0[35789]\d{8}$")
LANDLINE = re.compile(r"^02\d{8,9}$")
_SERVICE = re.compile(r"^(?:1[89]00\d{4,6})$")
_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_PLATE = re.compile(
    r"^(\d{2})[\s\-.]*([A-ZĐ]{1,2}\d?)[\s\-.]*(\d{3})[\s.]?(\d{2})$|^(\d{2})[\s\-.]*([A-ZĐ]{1,2}\d?)[\s\-.]*(\d{4})$"
)
PASSPORT = re.compile(r"^[A-Z]\d{7,8}$")
SOCIAL_INSURANCE = re.compile(r"^\d{10}$")
OLD_HEALTH_CARD = re.compile(r"^[A-Z]{2}[1-5]\d{2}\d{10}$")
DOSSIER_CODE = re.compile(r"^([A-Z0-9.]{3,35})-(\d{6}|\d{8})-(\d{4,7})$")
PROCEDURE_CODE = re.compile(r"^\d\.\d{6}(?:\.\d{2})?(?:\.(?:[A-Z]\d{2}|\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}))?$")
COMPONENT_CODE = re.compile(r"^[A-Z0-9.]{3,20}-KQ\d{3,6}$")
AGENCY_CODE = re.compile(r"^(?=.{3,35}$)(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}(?:\.\d{1,4}){0,6}$")
PAPER_CODE = re.compile(r"^(\d{12})\.(\d\.\d{6}(?:\.[A-Z]\d{2}|\.\d{2})?)\.([A-Z0-9.\-]+)\.(\d{2})$")


class Phone(NamedTuple):
    """A telephone number as dialled in Vietnam today."""

    number: str
    mapped: bool
    """Whether an old eleven-digit number was written."""
    mobile: bool


def _bare(text: str) -> str:
    return re.sub(r"[\s.\-()/]", "", nfc(text))


def phone(text: str) -> Phone | None:
    """`0912 345 678`, `+84 912 345 678`, `0168 234 5678` (now 038 234 5678), landlines with their area code."""
    digits = re.sub(r"^(?:\+|00)84\(?0?\)?", "0", _bare(text))
    if len(digits) == 11 and digits[:4] in _OLD_MOBILE:
        return Phone(_OLD_MOBILE[digits[:4]] + digits[4:], mapped=True, mobile=True)
    if MOBILE.match(digits):
        return Phone(digits, mapped=False, mobile=True)
    if LANDLINE.match(digits) or _SERVICE.match(digits):
        return Phone(digits, mapped=False, mobile=False)
    return None


def plate(text: str) -> str | None:
    """A vehicle's plate as `30A-123.45` or, with four digits, `29H-1234`."""
    found = _PLATE.match(nfc(text).upper().strip(" .,:;"))
    if not found:
        return None
    if found[1]:
        return f"{found[1]}{found[2]}-{found[3]}.{found[4]}"
    return f"{found[5]}{found[6]}-{found[7]}"


def tax_check_digit(nine: str) -> str | None:
    """The tenth digit of a tax code; None where no code has these nine."""
    check = 10 - sum(weight * int(digit) for weight, digit in zip(_TAX_WEIGHTS, nine, strict=True)) % 11
    return None if check == 10 else str(check)


def tax_code(text: str) -> str | None:
    """Ten digits with a right check digit, a branch's `…-001`, or a person's twelve (their personal number)."""
    plain = re.sub(r"[\s.]", "", nfc(text))
    digits = plain.replace("-", "")
    if re.fullmatch(r"\d{12}", plain):
        return plain
    if not re.fullmatch(r"\d{10}(?:-?\d{3})?", plain) or digits[9] != tax_check_digit(digits[:9]):
        return None
    if len(digits) == 10:
        return digits
    return f"{digits[:10]}-{digits[10:]}" if digits[10:] != "000" else None


def social_insurance(text: str) -> str | None:
    """A code of social insurance: ten digits, or the personal number of twelve that replaces it."""
    digits = _bare(text)
    return digits if SOCIAL_INSURANCE.match(digits) or re.fullmatch(r"\d{12}", digits) else None


def health_insurance(text: str) -> str | None:
    """A number of health insurance: ten digits, the older fifteen (`GD4010123456789`), or the personal number."""
    plain = _bare(text).upper()
    return plain if OLD_HEALTH_CARD.match(plain) else social_insurance(plain)


def passport(text: str) -> str | None:
    """A Vietnamese passport: a letter and seven or eight digits."""
    plain = _bare(text).upper()
    return plain if PASSPORT.match(plain) else None


def dossier_code(text: str) -> str | None:
    """`H49.12-261112-0001` or `G09.20-20260609-0092637`; its middle is a day of the calendar."""
    plain = re.sub(r"\s", "", nfc(text)).upper()
    found = DOSSIER_CODE.match(plain)
    if not found:
        return None
    day = found[2] if len(found[2]) == 8 else f"20{found[2]}"
    try:
        date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None
    return plain


def _coded(pattern: re.Pattern[str], text: str) -> str | None:
    plain = re.sub(r"\s", "", nfc(text)).upper()
    return plain if pattern.match(plain) else None


def procedure_code(text: str) -> str | None:
    """`1.001193`, with a case `.01` or a local suffix `.H36`, `.000.00.00.H55`."""
    return _coded(PROCEDURE_CODE, text)


def component_code(text: str) -> str | None:
    """`000.00.00.G15-KQ003204`."""
    return _coded(COMPONENT_CODE, text)


def agency_code(text: str) -> str | None:
    """`H49`, `H55.242`, `G15.01`, or the older `000.01.12.H49`."""
    return _coded(AGENCY_CODE, text)


class PaperCode(NamedTuple):
    """Code of a digitised paper; it holds its owner's personal number, so it never goes into names, keys or logs."""

    owner: str
    procedure: str
    component: str
    sequence: int


def paper_code(text: str) -> PaperCode | None:
    """`{owner}.{procedure}.{component}.{NN}` as one-stop systems write it."""
    found = PAPER_CODE.match(re.sub(r"\s", "", nfc(text)).upper())
    return PaperCode(found[1], found[2], found[3], int(found[4])) if found else None
