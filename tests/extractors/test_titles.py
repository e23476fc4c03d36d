"""What looks like a label and is none: words of a title, and the letter that numbers a heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.fields import FieldSpec, PageView
from extractors.labelled import LabelledExtractor

if TYPE_CHECKING:
    from collections.abc import Callable


def values(view: PageView, *specs: FieldSpec) -> dict[str, object]:
    return {field.key: field.value for field in LabelledExtractor().extract([view], specs)}


def test_words_of_a_title_are_no_label(page_of: Callable[..., PageView]) -> None:
    state = FieldSpec("tinh_trang", ("Tình trạng hôn nhân",), "text")
    end = FieldSpec("ket_luan", ("Kết luận",), "text")
    name = FieldSpec("ho_ten", ("Họ và tên",), "name")
    view = page_of(
        [
            (400, 200, "GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN"),
            (400, 260, "KẾT LUẬN GIÁM ĐỊNH ADN"),
            (200, 360, "HỌ VÀ TÊN TRẦN THỊ MAI"),
            (200, 420, "Tình trạng hôn nhân: Chưa kết hôn"),
            (200, 480, "KẾT LUẬN: CÓ QUAN HỆ"),
        ]
    )
    said = values(view, state, end, name)
    assert said == {"tinh_trang": "Chưa kết hôn", "ket_luan": "CÓ QUAN HỆ", "ho_ten": "TRẦN THỊ MAI"}


def test_the_letter_of_a_heading_is_no_part_of_the_value_above(page_of: Callable[..., PageView]) -> None:
    who = FieldSpec("quan_he", ("Quan hệ với người được khai",), "relationship")
    name = FieldSpec("ho_ten", ("Họ và tên",), "name", section=("Thông tin về người được khai",))
    view = page_of(
        [
            (200, 300, "Quan hệ với người được khai: Mẹ ……………………………………………………………"),
            (200, 360, "A. Thông tin về người được khai"),
            (200, 420, "Họ và tên: Trần Thị Mai"),
        ]
    )
    assert values(view, who, name) == {"quan_he": "Mẹ", "ho_ten": "Trần Thị Mai"}


def test_a_row_of_another_century_is_not_the_dated_row(page_of: Callable[..., PageView]) -> None:
    day = FieldSpec("ngay_lap", ("@dated",), "date")
    view = page_of([(900, 300, "Hà Nội, ngày 02 tháng 3 năm 2024"), (900, 400, "ngày 20 tháng 7 năm 0480")])
    assert values(view, day) == {"ngay_lap": "2024-03-02"}
