"""The QR code of a health-insurance card: number, name, birth, sex, address, hospital, days of validity.

Payload: `code|name|born|sex|address|hospital|from|to|...`, name and address as hexadecimal of their UTF-8 bytes, sex 1
for men and 2 for women; a dash or nothing stands for what is not given. Practice of readers in use, not a published
format: a payload that does not fit gives None. It is unsigned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractors.codes import health_insurance
from extractors.dates import parse_partial
from extractors.text import nfc


@dataclass(frozen=True, slots=True)
class HealthCard:
    """What the code says; dates ISO 8601, `born` maybe a year alone. `raw` holds each part as written."""

    number: str
    name: str
    born: str
    sex: str | None
    address: str | None
    hospital: str | None
    valid_from: str | None
    valid_to: str | None
    raw: tuple[str, ...]


def _text(part: str) -> str | None:
    """Hexadecimal UTF-8, or text as it stands."""
    plain = part.strip()
    if not plain or plain == "-":
        return None
    if len(plain) % 2 == 0 and re.fullmatch(r"[0-9a-fA-F]+", plain):
        try:
            return nfc(bytes.fromhex(plain).decode("utf-8")) or None
        except UnicodeDecodeError:
            return None
    return nfc(plain)


def _day(part: str) -> str | None:
    parsed = parse_partial(part)
    return parsed.iso if parsed else None


def parse_health_card(payload: str) -> HealthCard | None:
    """Parses a payload; None for any other code."""
    parts = tuple(payload.strip().rstrip("$").split("|"))
    if len(parts) < 8:
        return None
    number, name, born = health_insurance(parts[0]), _text(parts[1]), _day(parts[2])
    if number is None or name is None or not any(map(str.isalpha, name)) or born is None:
        return None
    sex = {"1": "Nam", "2": "Nữ"}.get(parts[3].strip())
    hospital = re.sub(r"[\s\-–]", "", parts[5]) or None
    return HealthCard(number, name, born, sex, _text(parts[4]), hospital, _day(parts[6]), _day(parts[7]), parts)
