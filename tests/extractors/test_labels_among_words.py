"""Words that are a label and words that only look like one: phrases, gaps, rows that end inside a label, sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from extractors.fields import FieldSpec, FieldStatus, PageView
from extractors.labelled import LabelledExtractor
from extractors.labels import find_labels, flatten
from extractors.layout import rows_of, words_of
from extractors.wrapped import joined

if TYPE_CHECKING:
    from collections.abc import Callable

    from extractors.fields import Field


def fields(view: PageView, *specs: FieldSpec) -> dict[str, Field]:
    return {field.key: field for field in LabelledExtractor().extract([view], specs)}


@pytest.mark.parametrize(
    ("placed", "label", "found"),
    [
        ([(160, 300, "Giấy tờ tùy thân: Thẻ căn cước số: 040186633310")], "Số", False),
        ([(160, 300, "Giấy tờ tùy thân: Thẻ căn cước số: 040186633310")], "số", False),
        ([(160, 300, "Giấy khai sinh số: 12")], "số", True),
        ([(160, 300, "(26) Số(3)")], "Số", True),
        ([(160, 300, "27) Ngày"), (800, 300, "28) Giấy khai sinh số")], "Ngày", True),
        ([(160, 300, "Ủy ban nhân dân phường Hạc Thành")], "Thành", False),
        ([(160, 300, "phường Hạc Thành, tỉnh Thanh")], "Thành", False),
        ([(160, 300, "8) Thành: Nguyễn Văn An")], "Thành", True),
        ([(160, 300, "Nam"), (800, 300, "Kinh")], "Năm sinh", False),
        ([(160, 300, "Năm sinb"), (800, 300, "1985")], "Năm sinh", False),
        ([(160, 300, "Năm sinh"), (800, 300, "1985")], "Năm sinh", True),
    ],
)
def test_a_label_is_told_by_what_stands_round_it(
    page_of: Callable[..., PageView], placed: list[tuple[int, int, str]], label: str, *, found: bool
) -> None:
    row = rows_of(words_of(page_of(placed).read))[0]
    assert bool(find_labels(flatten(row), [label])) is found


def test_a_heading_in_capitals_behind_its_number_opens_its_section(page_of: Callable[..., PageView]) -> None:
    # Two fields name the same heading, one of them another wording as well: it is one section.
    name = FieldSpec("nam_ho_ten", ("Họ và tên",), "name", section=("Bên nam", "Thông tin về bên nam"))
    signed = FieldSpec("nam_lan", ("Kết hôn lần thứ mấy",), "number", section=("Bên nam",))
    other = FieldSpec("nu_ho_ten", ("Họ và tên",), "name", section=("Bên nữ",))
    view = page_of(
        [
            (160, 300, "I. BÊN NỮ"),
            (160, 350, "1. Họ và tên: Lê Thị Lan"),
            (160, 400, "II. BÊN NAM"),
            (160, 450, "1. Họ và tên: Tô Văn Hùng"),
            (160, 500, "2. Kết hôn lần thứ mấy: 02"),
        ]
    )
    said = {key: field.value for key, field in fields(view, name, signed, other).items()}
    assert said == {"nu_ho_ten": "Lê Thị Lan", "nam_ho_ten": "Tô Văn Hùng", "nam_lan": 2}


def test_a_heading_that_goes_over_into_the_next_row(page_of: Callable[..., PageView]) -> None:
    heading = "Đề nghị cấp Giấy xác nhận tình trạng hôn nhân cho người có tên dưới đây"
    asked = FieldSpec("nyc_ho_ten", ("Họ và tên người yêu cầu",), "name")
    related = FieldSpec("quan_he", ("Quan hệ với người được xác nhận tình trạng hôn nhân",), "relationship")
    name = FieldSpec("nxn_ho_ten", ("Họ và tên",), "name", section=(heading,))
    view = page_of(
        [
            (160, 300, "Họ và tên người yêu cầu: Phạm Gia Long"),
            (160, 350, "Quan hệ với người được xác nhận tình trạng"),
            (160, 400, "hôn nhân: Vợ"),
            (160, 450, "Đề nghị cấp Giấy xác nhận tình trạng hôn nhân cho người có tên"),
            (160, 500, "dưới đây:"),
            (160, 550, "Họ và tên: Hà Đức Long"),
        ]
    )
    said = {key: field.value for key, field in fields(view, asked, related, name).items()}
    assert said == {"nyc_ho_ten": "Phạm Gia Long", "quan_he": "Vợ", "nxn_ho_ten": "Hà Đức Long"}


def test_rows_are_joined_only_where_they_part_a_label(page_of: Callable[..., PageView]) -> None:
    view = page_of(
        [(160, 300, "Nơi cư trú cuối"), (160, 340, "cùng: Huế"), (160, 380, "Nơi cư trú"), (160, 420, "Huế")]
    )
    rows = rows_of(words_of(view.read))
    texts = [row.text for row in joined(rows, ["Nơi cư trú cuối cùng"], 30)]
    assert texts == ["Nơi cư trú cuối cùng: Huế", "Nơi cư trú", "Huế"]


def test_a_hint_belongs_to_the_column_that_its_heading_stands_over(page_of: Callable[..., PageView]) -> None:
    hint = ("Ký, ghi rõ họ, chữ đệm, tên",)
    one = FieldSpec("nu", hint, "signature", section=("Bên nữ",))
    two = FieldSpec("nam", hint, "signature", section=("Bên nam",))
    view = page_of(
        [
            (350, 300, "Bên nữ"),
            (1050, 300, "Bên nam"),
            (220, 340, "(Ký, ghi rõ họ, chữ đệm, tên)"),
            (920, 340, "(Ký, ghi rõ họ, chữ đệm, tên)"),
        ]
    )
    found = fields(view, one, two)
    assert {key: field.value for key, field in found.items()} == {"nu": False, "nam": False}
    boxes = {key: field.box for key, field in found.items()}
    assert boxes["nu"] is not None
    assert boxes["nam"] is not None
    assert boxes["nu"].x1 < 800 < boxes["nam"].x1


def test_what_ends_a_value(page_of: Callable[..., PageView]) -> None:
    copies = FieldSpec("so_luong", ("Số lượng",), "number")
    place = FieldSpec("dia_chi", ("Địa chỉ",), "place")
    jobs = FieldSpec(
        "nganh", ("Ngành, nghề kinh doanh",), "table",
        columns=(FieldSpec("ten", ("Tên ngành",), "text"), FieldSpec("ma", ("Mã ngành",), "code")),
    )  # fmt: skip
    view = page_of(
        [
            (160, 300, "Địa chỉ: Số 27 tổ 14, phường Thành Vinh, tỉnh Nghệ An, nước Việt Nam, vùng Bắc Trung Bộ ……………"),
            (160, 350, "Ngành, nghề kinh doanh:"),
            (160, 400, "Số lượng:"),
            (160, 450, "Tôi xin cam đoan lời khai trên là đúng, có 2 người làm chứng"),
        ]
    )
    found = fields(view, copies, place, jobs)
    assert found["dia_chi"].value == "Số 27 tổ 14, phường Thành Vinh, tỉnh Nghệ An, nước Việt Nam, vùng Bắc Trung Bộ"
    assert found["so_luong"].status is FieldStatus.BLANK


def test_values_abreast_under_numbered_labels(page_of: Callable[..., PageView]) -> None:
    group = FieldSpec("dan_toc", ("Dân tộc",), "ethnicity")
    nation = FieldSpec("quoc_tich", ("Quốc tịch",), "nationality")
    births = FieldSpec("lan", ("Số lần sinh",), "number")
    children = FieldSpec("con", ("Số con hiện sống",), "number")
    view = page_of(
        [
            (160, 300, "9) Dân tộc"),
            (800, 300, "10) Quốc tịch"),
            (160, 345, "Kinh"),
            (800, 345, "Việt Nam"),
            (160, 420, "- Số lần sinh :"),
            (860, 420, "- Số con hiện sống :"),
            (860, 465, "03"),
        ]
    )
    said = {key: field.value for key, field in fields(view, group, nation, births, children).items()}
    assert said == {"dan_toc": "Kinh", "quoc_tich": "Việt Nam", "lan": None, "con": 3}


def test_a_value_of_three_rows(page_of: Callable[..., PageView]) -> None:
    why = FieldSpec("ly_do", ("Lý do",), "text")
    wide = "chúng tôi đã chuyển về sinh sống cùng với gia đình bên nội ở quê từ năm trước và"
    view = page_of([(160, 300, "Lý do:"), (160, 350, wide.capitalize()), (160, 400, wide), (160, 450, "không còn nhà")])
    assert fields(view, why)["ly_do"].value == f"{wide.capitalize()} {wide} không còn nhà"


def test_a_label_that_is_longer_on_paper_than_in_the_schema(page_of: Callable[..., PageView]) -> None:
    related = FieldSpec("quan_he", ("Quan hệ với người được thay đổi",), "relationship")
    reason = FieldSpec("ly_do", ("Lý do",), "text")
    view = page_of(
        [
            (160, 300, "Quan hệ với người được thay đổi, cải chính,"),
            (160, 350, "xác định lại dân tộc: Cha"),
            (160, 400, "Lý do: xin việc: bổ sung hồ sơ"),
        ]
    )
    assert {key: field.value for key, field in fields(view, related, reason).items()} == {
        "quan_he": "Cha", "ly_do": "xin việc: bổ sung hồ sơ",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("phường Cầu Giấy, thành phố Hà", "Nội", "phường Cầu Giấy, thành phố Hà Nội"),
        ("phường Sài Gòn, thành phố", "Hồ Chí Minh", "phường Sài Gòn, thành phố Hồ Chí Minh"),
        ("phường Hồng Gai", "Quảng Ninh", "phường Hồng Gai, Quảng Ninh"),
        ("Đồi Cao, xã Bằng", "Tỉnh Bắc Ninh", "Đồi Cao, xã Bằng, Tỉnh Bắc Ninh"),
    ],
)
def test_a_place_over_two_rows(page_of: Callable[..., PageView], first: str, second: str, said: str) -> None:
    place = FieldSpec("noi", ("Nơi cư trú",), "place")
    wide = (160, 200, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM và những hàng chữ khác dài đến tận mép phải của tờ giấy này")
    view = page_of([wide, (160, 300, f"Nơi cư trú: {first} ……"), (160, 350, second)])
    assert fields(view, place)["noi"].value == said


def test_a_name_behind_a_colon_does_not_make_a_longer_label(page_of: Callable[..., PageView]) -> None:
    child = FieldSpec("ho_ten", ("Họ và tên",), "name")
    father = FieldSpec("cha_ho_ten", ("Họ và tên cha",), "name")
    view = page_of([(200, 300, "Họ và tên : Hà Thị Hạnh"), (200, 360, "Họ và tên cha: Hà Công Thành")])
    said = {key: found.value for key, found in fields(view, child, father).items()}
    assert said == {"ho_ten": "Hà Thị Hạnh", "cha_ho_ten": "Hà Công Thành"}
