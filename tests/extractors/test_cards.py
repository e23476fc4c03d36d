"""What machines wrote on an identity card: QR code and machine-readable zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import zxingcpp

from extractors.cccd_qr import CardCodeExtractor, find_codes, parse_payload
from extractors.fields import FieldStatus, PageView
from extractors.mrz import ZoneExtractor, check_digit, find_lines, parse

if TYPE_CHECKING:
    from collections.abc import Callable

PAYLOAD = "027194060817||Nguyễn Ngọc Thủy|05101994|Nữ|Số 18, Kinh Bắc, Bắc Ninh|02032024"
ZONE = ("IDVNM1940608172027194060817<<5", "9410051F3410059VNM<<<<<<<<<<<6", "NGUYEN<<NGOC<THUY<<<<<<<<<<<<<")


def test_a_payload_becomes_typed_values() -> None:
    card = parse_payload(PAYLOAD)
    assert (card.number, card.old_number, card.born, card.sex, card.issued) == (
        "027194060817", None, "1994-10-05", "Nữ", "2024-03-02",
    )  # fmt: skip
    assert parse_payload(PAYLOAD + "|Cha|Mẹ").parents == ("Cha", "Mẹ")


@pytest.mark.parametrize(
    "text", ["https://example.vn", "1|2|3|4|5|6|7", "027194060817||A|99999999|Nữ|x|02032024", "||||||"]
)
def test_other_codes_are_not_cards(text: str) -> None:
    assert parse_payload(text) is None


@pytest.mark.parametrize("scale", [1, 4])
def test_a_code_on_a_page_is_found_where_it_is(scale: int, page_of: Callable[..., PageView]) -> None:
    code = np.array(zxingcpp.create_barcode(PAYLOAD, zxingcpp.BarcodeFormat.QRCode).to_image(scale=scale))
    view = page_of([])
    image = view.image.copy()
    height, width = code.shape[:2]
    image[400 : 400 + height, 900 : 900 + width] = code[..., None] if code.ndim == 2 else code
    fields = {f.key: f for f in CardCodeExtractor().extract([PageView.of(3, image, view.read)], [])}
    assert fields["ho_ten"].value == "Nguyễn Ngọc Thủy"
    assert fields["so_dinh_danh"].page == 3
    assert abs(fields["so_dinh_danh"].box.x0 - 900) < 12 * scale
    assert "so_cmnd" not in fields


def test_a_page_without_a_code() -> None:
    assert find_codes(np.full((300, 300, 3), 255, np.uint8)) == []


def test_check_digits_are_those_of_the_standard() -> None:
    assert check_digit("D23145890") == 7  # the standard's own example: D231458907, 7408122, 1204159
    assert check_digit("740812") == 2
    assert check_digit("120415") == 9


def test_a_zone_is_read_and_checked() -> None:
    zone = parse(ZONE)
    assert (zone.number, zone.born, zone.sex, zone.expires) == ("027194060817", "1994-10-05", "Nữ", "2034-10-05")
    assert zone.name == "NGUYEN NGOC THUY"
    assert {"number", "born", "expires"} <= zone.checked


def test_look_alikes_are_put_right_where_check_digits_decide() -> None:
    smudged = ("IDVNM194O6O8172O27194O60817<<5", "94I0051F3410059VNM<<<<<<<<<<<6", ZONE[2])
    zone = parse(find_lines(smudged))
    assert (zone.number, zone.born) == ("027194060817", "1994-10-05")


def test_a_zone_that_fails_its_digits_is_doubtful(page_of: Callable[..., PageView]) -> None:
    wrong = (ZONE[0].replace("194060817202", "194060847202"), ZONE[1], ZONE[2])
    page = page_of([(200, 1500 + 50 * i, line) for i, line in enumerate(wrong)])
    fields = {f.key: f for f in ZoneExtractor().extract([page], [])}
    assert fields["so_dinh_danh"].status is FieldStatus.DOUBTFUL
    assert fields["so_dinh_danh"].reason == "check_digit"
    assert fields["ngay_sinh"].status is FieldStatus.READ


def test_fillers_read_through_an_alphabet_without_them() -> None:
    read = ("IDVNM1940608172027194060817kx5", "9410051F3410059VNMkkkkxxxkk:x6", "NGUYENKKNGOCKTHUYKKKKKKKKKKKKK")
    zone = parse(find_lines(read))
    assert (zone.number, zone.born, zone.expires, zone.name) == ("027194060817", "1994-10-05", "2034-10-05", "")
