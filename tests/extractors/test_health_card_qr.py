"""The code of a health-insurance card, drawn as a picture and read back."""

from __future__ import annotations

import numpy as np
import zxingcpp

from extractors.cccd_qr import CardCodeExtractor
from extractors.factory import applies
from extractors.fields import FieldSpec, PageView, Source
from extractors.health_card_qr import HealthCardExtractor
from models.reading import ReadPage

NAME, PLACE = "Ưng Thị Thùy Ngân".encode().hex(), "phường An Xuyên, tỉnh Cà Mau".encode().hex()
CODE = f"GD4969600123456|{NAME}|05/10/1994|2|{PLACE}|96 - 001|01/01/2026|-|31/12/2026|$"


def view(text: str) -> PageView:
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    small = np.asarray(code.to_image(scale=4, add_quiet_zones=True))
    page = np.full((900, 1200, 3), 250, np.uint8)
    page[100 : 100 + small.shape[0], 200 : 200 + small.shape[1]] = small[..., None]
    return PageView.of(2, page, ReadPage(1200, 900, (), 0.0, "test"))


def test_the_code_says_what_the_card_says() -> None:
    claims = {field.key: field for field in HealthCardExtractor().extract([view(CODE)], [])}
    assert claims["ho_ten"].value == "Ưng Thị Thùy Ngân"
    assert claims["ngay_sinh"].value == "1994-10-05"
    assert claims["gioi_tinh"].value == "Nữ"
    assert claims["dia_chi"].value == "phường An Xuyên, tỉnh Cà Mau"
    assert claims["ma_so"].raw == "GD4969600123456"
    assert all(field.source is Source.QR and field.page == 2 and field.box for field in claims.values())


def test_other_codes_and_other_keys_are_left_alone() -> None:
    assert HealthCardExtractor().extract([view("027194060817||Nguyễn Văn An|01011990|Nam|Hà Nội|01012022")], []) == []
    specs = [FieldSpec("ho_ten", ("Họ và tên",), "name")]
    assert [field.key for field in HealthCardExtractor().extract([view(CODE)], specs)] == ["ho_ten"]


def test_each_card_has_its_own_code() -> None:
    assert applies(HealthCardExtractor(), "the_bhyt")
    assert not applies(HealthCardExtractor(), "cccd")
    assert applies(CardCodeExtractor(), "cccd")
    assert not applies(CardCodeExtractor(), "the_bhyt")
