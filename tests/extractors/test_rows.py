"""Rows of forms: where a value ends, what is printed and not written, headings side by side, values under labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import pytest

from extractors.fields import FieldSpec, FieldStatus, PageView
from extractors.labelled import LabelledExtractor
from extractors.labels import value_start
from extractors.slots import before_label, off_the_dots

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from extractors.fields import Field


def fields(page: PageView, specs: Sequence[FieldSpec]) -> dict[str, Field]:
    return {field.key: field for field in LabelledExtractor().extract([page], specs)}


def values(page: PageView, specs: Sequence[FieldSpec]) -> dict[str, object]:
    return {key: field.value for key, field in fields(page, specs).items()}


def test_items_and_headings_end_a_value(page_of: Callable[..., PageView]) -> None:
    specs = [
        FieldSpec("noi_cu_tru", ("Nơi cư trú",), "place"),
        FieldSpec("quan_he", ("Quan hệ với phương tiện",), "text"),
        FieldSpec("ten", ("Tên phương tiện",), "text"),
    ]
    rows = [
        (200, 300, "4. Nơi cư trú: Số 18 ngõ 45, phường Bắc Giang, tỉnh Bắc Ninh ......................"),
        (200, 350, "5. Quan hệ với phương tiện3): Chủ sở hữu .........................................."),
        (200, 400, "II. THÔNG TIN VỀ PHƯƠNG TIỆN"),
        (200, 450, "1. Tên phương tiện: Thuyền gỗ Hải Âu ................................................"),
        (200, 500, "2. Loại khác: của tàu ..............................................................."),
    ]
    assert values(page_of(rows), specs) == {
        "noi_cu_tru": "Số 18 ngõ 45, phường Bắc Giang, tỉnh Bắc Ninh",
        "quan_he": "Chủ sở hữu",
        "ten": "Thuyền gỗ Hải Âu",
    }


def test_units_and_glued_labels(page_of: Callable[..., PageView]) -> None:
    specs = [
        FieldSpec("dung_tich", ("Dung tích",), "number"),
        FieldSpec("cong_suat", ("Công suất",), "number"),
        FieldSpec("ma", ("Mã định danh",), "id_number"),
        FieldSpec("loai", ("Loại giấy tờ",), "text"),
        FieldSpec("ngay", ("ngày cấp",), "date"),
    ]
    rows = [
        (200, 300, "Dung tích 2935… cm3; Công suất: 75 . kwv;"),
        (200, 350, "Mã định danh:(2).024097584389Loại giấy tờ: Căn cước…ngày cấp08/05/2022"),
    ]
    assert values(page_of(rows), specs) == {
        "dung_tich": 2935, "cong_suat": 75, "ma": "024097584389", "loai": "Căn cước", "ngay": "2022-05-08",
    }  # fmt: skip


def test_headings_side_by_side_open_columns(page_of: Callable[..., PageView]) -> None:
    old, new = ("BIỂN SỐ CŨ",), ("BIỂN SỐ MỚI",)
    specs = [
        FieldSpec("cu", old, "code", old),
        FieldSpec("mau_cu", ("Màu biển",), "text", old),
        FieldSpec("moi", new, "code", new),
        FieldSpec("mau_moi", ("Màu biển",), "text", new),
    ]
    rows = [
        (200, 300, "BIỂN SỐ CŨ: 09T-681.22"),
        (1000, 300, "BIỂN SỐ MỚI: 02A-199.13"),
        (200, 350, "Màu biển: Vàng"),
        (1000, 350, "Màu biển: Trắng"),
    ]
    assert values(page_of(rows), specs) == {"cu": "09T-681.22", "mau_cu": "Vàng", "moi": "02A-199.13",
                                            "mau_moi": "Trắng"}  # fmt: skip


def test_a_label_asks_every_column(page_of: Callable[..., PageView]) -> None:
    bride, groom = ("Bên nữ",), ("Bên nam",)
    specs = [
        *(
            FieldSpec(f"{who}_ten", ("Họ, chữ đệm, tên",), "name", part)
            for who, part in (("nu", bride), ("nam", groom))
        ),
        *(FieldSpec(f"{who}_o", ("Nơi cư trú",), "place", part) for who, part in (("nu", bride), ("nam", groom))),
    ]
    rows = [
        (700, 300, "Bên nữ"),
        (1200, 300, "Bên nam"),
        (200, 350, "Họ, chữ đệm, tên"),
        (600, 350, "LÊ THỊ MAI"),
        (1100, 350, "HỒ VĂN AN"),
        (200, 400, "Nơi cư trú"),
        (600, 400, "phường Hải Châu,"),
        (1100, 400, "xã Tiên Yên, tỉnh"),
        (600, 450, "thành phố Đà Nẵng"),
        (1100, 450, "Quảng Ninh"),
    ]
    assert values(page_of(rows), specs) == {
        "nu_ten": "LÊ THỊ MAI",
        "nam_ten": "HỒ VĂN AN",
        "nu_o": "phường Hải Châu, thành phố Đà Nẵng",
        "nam_o": "xã Tiên Yên, tỉnh Quảng Ninh",
    }


def test_values_stand_under_labels_side_by_side(page_of: Callable[..., PageView]) -> None:
    specs = [
        FieldSpec("ngay_sinh", ("Ngày sinh",), "date"),
        FieldSpec("gioi_tinh", ("Giới tính",), "sex"),
        FieldSpec("quoc_tich", ("Quốc tịch",), "nationality"),
    ]
    rows = [
        (200, 300, "Ngày sinh:"),
        (700, 300, "Giới tính:"),
        (1200, 300, "Quốc tịch:"),
        (200, 345, "ngày 15 tháng 6 năm 1986"),
        (1200, 345, "Việt Nam"),
    ]
    found = fields(page_of(rows), specs)
    assert {key: field.value for key, field in found.items()} == {
        "ngay_sinh": "1986-06-15", "gioi_tinh": None, "quoc_tich": "Việt Nam",
    }  # fmt: skip
    assert found["gioi_tinh"].status is FieldStatus.BLANK


def test_the_dated_row_with_and_without_its_parts(page_of: Callable[..., PageView]) -> None:
    specs = [FieldSpec("noi", ("@dated",), "place"), FieldSpec("ngay", ("@dated",), "date")]
    smudged = page_of([(800, 300, "Ninh Bình (1), ngày.06 tháng .11. năơn2025")])
    assert values(smudged, specs) == {"noi": "Ninh Bình", "ngay": "2025-11-06"}
    placeless = fields(page_of([(800, 300, "…, ngày ..06 tháng ..11. năm 2025")]), specs)
    assert (placeless["noi"].status, placeless["ngay"].value) == (FieldStatus.BLANK, "2025-11-06")
    empty = fields(page_of([(800, 300, "…, ngày … tháng … năm …")]), specs)
    assert {field.status for field in empty.values()} == {FieldStatus.BLANK}
    assert fields(page_of([(800, 300, "Ngày, tháng, năm sinh: 06/11/2025")]), specs) == {}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("tiện(3): Chủ", "Chủ"),
        ("tiện2): Chủ", "Chủ"),
        ("tiện@): Chủ", "Chủ"),
        ("tiện “9): Chủ", "Chủ"),
        ("tiện ®).0460", "0460"),
        ("tiện:(2).024", "024"),
        ("tiện 9…046094507831", "…046094507831"),
        ("tiện: 12:30", "12:30"),
        ("tiện: 5…kg", "5…kg"),
        ("tiện: n.Giấy bán xe", "Giấy bán xe"),
        ("tiện: ( Đăng ký", "Đăng ký"),
        ("tiện: y, 6YY6993940", "6YY6993940"),
        ("tiện X .Hà Bảo", "Hà Bảo"),
        ("tiện: Y Moan Ênuôl", "Y Moan Ênuôl"),
        ("tiện: 5 Trần Phú", "5 Trần Phú"),
        ("tiện: (chưa rõ)", "(chưa rõ)"),
        ("tiện (nếu c6) 1935", "1935"),
    ],
)
def test_footnote_marks_are_no_part_of_a_value(text: str, value: str) -> None:
    assert text[value_start(text, len("tiện")) :] == value


def test_an_item_mark_belongs_to_the_label_behind_it() -> None:
    text = "4. Nơi cư trú"
    assert before_label(text, 0, 3) == 0
    assert before_label("Huế;5. Nơi", 0, 7) == len("Huế;")
    assert before_label("tổ 5. Nơi", 0, 6) == 6


@pytest.mark.parametrize(
    ("typed", "kind", "clean"),
    [
        ("Số 18 ngõ 45 tổ 6. phường. Bắc.Giang", "place", "Số 18 ngõ 45 tổ 6, phường Bắc Giang"),
        ("Người được ủy.quyền.quản lý", "text", "Người được ủy quyền quản lý"),
        ("TP.Huế", "place", "TP.Huế"),
        ("Tp.Huế", "place", "Tp.Huế"),
    ],
)
def test_dots_under_typing(typed: str, kind: str, clean: str) -> None:
    assert off_the_dots(typed, kind) == clean


def test_words_of_a_label_inside_a_value_are_no_label(page_of: Callable[..., PageView]) -> None:
    specs = [FieldSpec("so_may", ("Số máy",), "code"), FieldSpec("kem", ("Kèm theo giấy này có",), "text")]
    rows = [(200, 300, "Kèm theo giấy này có: Giấy bán xe, bản chà số máy, số khung…")]
    assert values(page_of(rows), specs) == {"kem": "Giấy bán xe, bản chà số máy, số khung"}
    assert values(page_of([(200, 300, "do Sở Xây dựng cấp")]), specs) == {}


@pytest.mark.parametrize("mark", ["″", "như trên", "-nt-"])
def test_ditto_marks_repeat_the_value_above(page_of: Callable[..., PageView], mark: str) -> None:
    mother, father = ("Họ tên mẹ",), ("Họ tên cha",)
    specs = [
        FieldSpec("me", mother, "name", mother),
        FieldSpec("me_o", ("Nơi cư trú",), "place", mother),
        FieldSpec("cha", father, "name", father),
        FieldSpec("cha_o", ("Nơi cư trú",), "place", father),
    ]
    rows = [(200, 300, "Họ tên mẹ: LÊ THỊ MAI"), (200, 350, "Nơi cư trú: xã Tiên Yên, tỉnh Quảng Ninh"),
            (200, 400, "Họ tên cha: HỒ VĂN AN"), (200, 450, f"Nơi cư trú: {mark}")]  # fmt: skip
    found = fields(page_of(rows), specs)["cha_o"]
    assert (found.value, found.raw, found.status) == ("xã Tiên Yên, tỉnh Quảng Ninh", mark, FieldStatus.READ)
    assert found.box is not None
    assert found.box.y0 == 450


def test_a_ditto_mark_with_nothing_above_is_a_persons(page_of: Callable[..., PageView]) -> None:
    found = fields(page_of([(200, 300, "Nơi cư trú: như trên")]), [FieldSpec("o", ("Nơi cư trú",), "place")])["o"]
    assert (found.status, found.reason, found.value) == (FieldStatus.UNREADABLE, "ditto", None)


@pytest.mark.parametrize("struck", [True, False])
def test_what_is_struck_through_is_not_valid(page_of: Callable[..., PageView], struck: object) -> None:
    view = page_of([(200, 300, "Họ và tên: HOÀNG VĂN NAM")])
    image = view.image.copy()
    for word in view.read.lines[0].words[3:]:
        for x in range(word.box.x0 + 2, word.box.x1 - 4, 12):  # stems with paper between them
            image[304:326, x : x + 4] = 0
    if struck:
        cv2.line(image, (330, 314), (500, 316), (0, 0, 0), 3)
    spec = FieldSpec("ten", ("Họ và tên",), "name")
    field = fields(PageView.of(1, image, view.read), [spec])["ten"]
    assert field.value == "HOÀNG VĂN NAM"
    expected = (FieldStatus.DOUBTFUL, "crossed_out") if struck else (FieldStatus.READ, None)
    assert (field.status, field.reason) == expected


def test_typed_over_with_x_is_crossed_out(page_of: Callable[..., PageView]) -> None:
    spec = FieldSpec("noi", ("Nơi sinh",), "place")
    field = fields(page_of([(200, 300, "Nơi sinh: xxxxxx xxxxxxx")]), [spec])["noi"]
    assert field.reason == "crossed_out"


def test_pixels_are_decoded_once(page_of: Callable[..., PageView]) -> None:
    view = page_of([(200, 300, "Họ và tên: HOÀNG VĂN NAM"), (200, 400, "Nơi sinh: ........"), (200, 500, "(Ký tên)")])
    calls = []

    def load() -> np.ndarray:
        calls.append(1)
        return view.image

    specs = [FieldSpec("ten", ("Họ và tên",), "name"), FieldSpec("noi", ("Nơi sinh",), "place"),
             FieldSpec("ky", ("Ký tên",), "signature")]  # fmt: skip
    fields(PageView(1, view.read, load), specs)
    assert len(calls) == 1


def test_a_value_goes_on_under_its_label_close_behind_another_value(page_of: Callable[..., PageView]) -> None:
    specs = [
        FieldSpec("noi_thuong_tru", ("Nơi thường trú / Place of residence",), "place"),
        FieldSpec("ngay_het_han", ("Có giá trị đến", "Date of expiry"), "date"),
    ]
    rows = [
        (180, 300, "Có giá trị đến:"),
        (500, 300, "Nơi thường trú / Place of residence: Tổ 5, khu 3,"),
        (179, 340, "Date of expiy: 11/05/2029"),  # a letter lost near the label's end
        (500, 340, "Phường 9, Cà Mau, Cà Mau"),
    ]
    assert values(page_of(rows), specs) == {
        "noi_thuong_tru": "Tổ 5, khu 3, Phường 9, Cà Mau, Cà Mau",
        "ngay_het_han": "2029-05-11",
    }
    rows[3] = (800, 340, "Phường 9, Cà Mau, Cà Mau")  # not under its label: no part of it
    assert values(page_of(rows), specs)["noi_thuong_tru"] == "Tổ 5, khu 3"


def test_a_long_label_may_lose_a_letter_at_its_end(page_of: Callable[..., PageView]) -> None:
    specs = [
        FieldSpec("ngay_cap", ("Ngày, tháng, năm / Date, month, year",), "date"),
        FieldSpec("ten", ("Tên cha",), "text"),
    ]
    rows = [(200, 300, "Ngày, tháng, năm / Date, month, yea: 24/07/2022"), (200, 400, "Tên ch: An")]
    assert values(page_of(rows), specs) == {"ngay_cap": "2022-07-24"}
