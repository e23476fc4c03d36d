"""Telephones, plates, tax codes, insurance, passports and codes of agencies: right form or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from extractors import codes
from extractors.health_card import parse_health_card

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0912 345 678", "0912345678"),
        ("+84 912.345.678", "0912345678"),
        ("(+84) 912345678", "0912345678"),
        ("01682345678", "0382345678"),
        ("0120-234-5678", "0702345678"),
        ("01992345678", "0592345678"),
        ("024 3825 1234", "02438251234"),
        ("1900 6035", "19006035"),
        ("0112345678", None),
        ("091234567", None),
        ("01302345678", None),
        ("xin gọi sau", None),
    ],
)
def test_phones(text: str, number: str | None) -> None:
    found = codes.phone(text)
    assert (found.number if found else None) == number


def test_an_old_number_says_that_it_was_mapped() -> None:
    old, new = codes.phone("01682345678"), codes.phone("0382345678")
    assert old is not None
    assert new is not None
    assert (old.number, old.mapped, new.mapped) == (new.number, True, False)


TABLE: list[tuple[Callable[[str], str | None], str, str | None]] = [
    (codes.plate, "30A-123.45", "30A-123.45"),
    (codes.plate, "30a 12345", "30A-123.45"),
    (codes.plate, "29B1-123.45", "29B1-123.45"),
    (codes.plate, "29H-1234", "29H-1234"),
    (codes.plate, "3A-12345", None),
    (codes.tax_code, "0314409058", "0314409058"),
    (codes.tax_code, "0100109106", "0100109106"),
    (codes.tax_code, "0100109107", None),
    (codes.tax_code, "0100109106-001", "0100109106-001"),
    (codes.tax_code, "0100109106001", "0100109106-001"),
    (codes.tax_code, "0100109106-000", None),
    (codes.tax_code, "027194060817", "027194060817"),
    (codes.social_insurance, "01 23 456 789", "0123456789"),
    (codes.social_insurance, "012345678", None),
    (codes.health_insurance, "GD 4 01 0123456789", "GD4010123456789"),
    (codes.health_insurance, "GD6010123456789", None),
    (codes.passport, "c 1234567", "C1234567"),
    (codes.passport, "12345678", None),
    (codes.dossier_code, "G09.20-20260609-0092637", "G09.20-20260609-0092637"),
    (codes.dossier_code, "H49.12-261312-0001", None),
    (codes.dossier_code, "H49.12-26111-0001", None),
    (codes.procedure_code, "1.001193", "1.001193"),
    (codes.procedure_code, "1.001193.01", "1.001193.01"),
    (codes.procedure_code, "1.001193.000.00.00.H55", "1.001193.000.00.00.H55"),
    (codes.procedure_code, "1.00119", None),
    (codes.component_code, "000.00.00.G15-KQ003204", "000.00.00.G15-KQ003204"),
    (codes.component_code, "000.00.00.G15-KX003204", None),
    (codes.agency_code, "H49", "H49"),
    (codes.agency_code, "000.01.12.H49", "000.01.12.H49"),
    (codes.agency_code, "49", None),
]


@pytest.mark.parametrize(("parse", "text", "value"), TABLE)
def test_codes(parse: Callable[[str], str | None], text: str, value: str | None) -> None:
    assert parse(text) == value


def test_the_code_of_a_digitised_paper_holds_four_parts() -> None:
    found = codes.paper_code("027194060817.1.001193.000.00.00.G15-KQ003204.01")
    assert found == ("027194060817", "1.001193", "000.00.00.G15-KQ003204", 1)
    assert codes.paper_code("027194060817.1.001193") is None


def test_a_health_card_says_whose_it_is() -> None:
    name, home = "Nguyễn Thị Hòa".encode().hex(), "Xã Tân Lập".encode().hex()
    card = parse_health_card(f"0123456789|{name}|12/03/1990|2|{home}|01 - 001|01/01/2026|31/12/2026|-|$")
    assert card is not None
    assert (card.number, card.name, card.born, card.sex) == ("0123456789", "Nguyễn Thị Hòa", "1990-03-12", "Nữ")
    assert (card.address, card.hospital, card.valid_to) == ("Xã Tân Lập", "01001", "2026-12-31")
    assert parse_health_card(f"0123456789|{name}|1990|2|-|-|-|-").born == "1990"
    assert parse_health_card("027194060817||Nguyễn Thị Hòa|12031990|Nữ|Hà Nội|01012022") is None
    assert parse_health_card("https://example.vn/?a|b|c|d|e|f|g|h") is None
