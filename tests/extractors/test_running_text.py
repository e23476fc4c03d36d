"""Texts that answer several questions in one breath: number, day and issuer in any order, in words or with commas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from extractors.fields import FieldSpec
from extractors.labelled import LabelledExtractor
from extractors.running_text import parts_of
from extractors.values import normalise

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractors.fields import PageView

POLICE = "Cục Cảnh sát quản lý hành chính về trật tự xã hội"
PAPER = {"id_number", "date", "issuer"}
NOTICE = {"code", "date", "issuer"}


@pytest.mark.parametrize(
    ("text", "kinds", "said"),
    [
        (f"Căn cước công dân số 092088769292 do {POLICE} cấp ngày 28/04/2023", PAPER,
         {"id_number": "092088769292", "date": "ngày 28/04/2023", "issuer": POLICE}),
        (f"CCCD số 038187051993, do {POLICE} cấp ngày 15/03/2024", PAPER,
         {"id_number": "038187051993", "date": "ngày 15/03/2024", "issuer": POLICE}),
        (f"001095200195, {POLICE}", PAPER, {"id_number": "001095200195", "issuer": POLICE}),
        ("027185817535 cấp ngày 30.12.2023", PAPER, {"id_number": "027185817535", "date": "ngày 30.12.2023"}),
        ("001095200195", PAPER, {"id_number": "001095200195"}),
        ("98/2026, 24.05.2022, UBND phường Kinh Bắc, tỉnh Bắc Ninh", NOTICE,
         {"code": "98/2026", "date": "24.05.2022", "issuer": "UBND phường Kinh Bắc, tỉnh Bắc Ninh"}),
        ("số 12/GBT do UBND xã Tân Lập cấp ngày 3/5/2024", NOTICE,
         {"code": "12/GBT", "date": "ngày 3/5/2024", "issuer": "UBND xã Tân Lập"}),
        ("07-03-2025, nơi cấp: UBND phường Hạc Thành", {"date", "issuer"},
         {"date": "07-03-2025", "issuer": "UBND phường Hạc Thành"}),
        ("ngày 07 tháng 3 năm 2025 tại UBND phường Hạc Thành", {"date", "issuer"},
         {"date": "ngày 07 tháng 3 năm 2025", "issuer": "UBND phường Hạc Thành"}),
    ],
)  # fmt: skip
def test_each_part_is_told_by_its_form(text: str, kinds: set[str], said: dict[str, str]) -> None:
    assert parts_of(text, kinds) == said


def test_a_number_alone_has_no_issuer() -> None:
    assert not normalise("issuer", "Thẻ căn cước số: 001095200195").fits
    assert normalise("issuer", "Công an tỉnh Bắc Ninh").value == "Công an tỉnh Bắc Ninh"


def test_the_parts_become_fields_of_their_own(page_of: Callable[..., PageView]) -> None:
    label = ("Số Giấy báo tử",)
    specs = [FieldSpec("so", label, "code"), FieldSpec("ngay", label, "date"), FieldSpec("ai", label, "issuer")]
    view = page_of(
        [
            (
                160,
                300,
                "(17) Số Giấy báo tử: 98/2026, 24.05.2022, Ủy ban nhân dân phường Kinh Bắc thuộc tỉnh Bắc Ninh,",
            ),
            (160, 350, "nước Việt Nam"),
        ]
    )
    fields = {field.key: field.value for field in LabelledExtractor().extract([view], specs)}
    assert fields["so"] == "98/2026"
    assert fields["ngay"] == "2022-05-24"
    assert fields["ai"] == "Ủy ban nhân dân phường Kinh Bắc thuộc tỉnh Bắc Ninh, nước Việt Nam"


@pytest.mark.parametrize(
    ("raw", "value", "repaired"),
    [
        ("19 giờ 31 phút, ngày 14 tháng 11 năm 2026", "2026-11-14T19:31", False),
        ("19 glờ 31 phút, ngày 14 tháng 11 năm 2026", "2026-11-14T19:31", True),
        ("8h05 ngày 14/11/2026", "2026-11-14T08:05", False),
        ("ngày 14/11/2026", "2026-11-14", False),
    ],
)
def test_an_hour_with_a_smudged_letter(raw: str, value: str, *, repaired: bool) -> None:
    told = normalise("datetime", raw)
    assert (told.value, told.repaired) == (value, repaired)
