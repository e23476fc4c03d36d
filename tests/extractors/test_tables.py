"""Tables of repeated rows, ruled and not; printed choices with boxes; seals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from extractors.boxes import squares
from extractors.fields import Field, FieldSpec, FieldStatus, Filled, PageView
from extractors.grid import find_grids
from extractors.labelled import LabelledExtractor
from extractors.seals import find_seals
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.reading import Image

MEMBERS = FieldSpec(
    "thanh_vien",
    ("Những thành viên trong hộ",),
    "table",
    columns=(
        FieldSpec("tt", ("TT", "STT"), "ordinal"),
        FieldSpec("ho_ten", ("Họ, chữ đệm và tên", "Họ và tên"), "name"),
        FieldSpec("ngay_sinh", ("Ngày, tháng, năm sinh",), "date"),
        FieldSpec("quan_he", ("Quan hệ với chủ hộ", "Quan hệ"), "relationship"),
    ),
)
XS, TOP, STEP = (150, 250, 700, 1050, 1450), 300, 60
HEAD = ["TT", "Họ và tên", "Ngày, tháng, năm sinh", "Quan hệ"]
FAMILY = [["1", "LÊ THỊ MAI", "05/02/1990", "Vợ"], ["2", "LÊ VĂN AN", "12/12/2015", "Con"], ["3", "", "", ""]]


def members(page_of: Callable[..., PageView], rows: list[list[str]], *, ruled: bool, number: int = 1) -> PageView:
    words = [
        (XS[column] + 12, TOP + 15 + STEP * index, text)
        for index, row in enumerate(rows)
        for column, text in enumerate(row)
        if text
    ]
    view = page_of(words, number=number)
    image = view.image.copy()
    for y in [TOP + STEP * i for i in range(len(rows) + 1)] if ruled else []:
        cv2.line(image, (XS[0], y), (XS[-1], y), (0, 0, 0), 2)
    for x in XS if ruled else ():
        cv2.line(image, (x, TOP), (x, TOP + STEP * len(rows)), (0, 0, 0), 2)
    return PageView.of(number, image, view.read)


def claims(pages: Sequence[PageView], *specs: FieldSpec) -> dict[str, Field]:
    return {field.key: field for field in LabelledExtractor().extract(pages, specs)}


@pytest.mark.parametrize("ruled", [True, False])
def test_rows_of_a_table(page_of: Callable[..., PageView], ruled: object) -> None:
    found = claims([members(page_of, [HEAD, *FAMILY], ruled=bool(ruled))], MEMBERS)
    assert {key: field.value for key, field in found.items()} == {
        "thanh_vien.1.tt": 1,
        "thanh_vien.1.ho_ten": "LÊ THỊ MAI",
        "thanh_vien.1.ngay_sinh": "1990-02-05",
        "thanh_vien.1.quan_he": "Vợ",
        "thanh_vien.2.tt": 2,
        "thanh_vien.2.ho_ten": "LÊ VĂN AN",
        "thanh_vien.2.ngay_sinh": "2015-12-12",
        "thanh_vien.2.quan_he": "Con",
    }


def test_a_table_goes_on_over_the_page_and_a_cell_may_be_blank(page_of: Callable[..., PageView]) -> None:
    second = [["4", "LÊ THỊ HOA", "", "Con"]]
    pages = [members(page_of, [HEAD, *FAMILY[:2]], ruled=True), members(page_of, second, ruled=True, number=2)]
    found = claims(pages, MEMBERS)
    assert (found["thanh_vien.3.ho_ten"].value, found["thanh_vien.3.ho_ten"].page) == ("LÊ THỊ HOA", 2)
    assert found["thanh_vien.3.ngay_sinh"].status is FieldStatus.BLANK


@pytest.mark.parametrize("mark", ["″", '"', "như trên", "-nt-"])
def test_a_ditto_mark_is_the_cell_above(page_of: Callable[..., PageView], mark: str) -> None:
    rows = [HEAD, FAMILY[0], ["2", "LÊ VĂN AN", "12/12/2015", mark]]
    field = claims([members(page_of, rows, ruled=True)], MEMBERS)["thanh_vien.2.quan_he"]
    assert (field.value, field.raw) == ("Vợ", mark)


def test_an_empty_table_is_blank_and_a_missing_one_is_nothing(page_of: Callable[..., PageView]) -> None:
    empty = [["1", "", "", ""], ["2", "", "", ""]]
    found = claims([members(page_of, [HEAD, *empty], ruled=True)], MEMBERS)
    assert {key: field.status for key, field in found.items()} == {"thanh_vien": FieldStatus.BLANK}
    assert claims([page_of([(200, 300, "Họ và tên: LÊ THỊ MAI")])], MEMBERS) == {}


def test_what_nobody_read_in_a_cell_is_not_blank(page_of: Callable[..., PageView]) -> None:
    view = members(page_of, [HEAD, ["1", "LÊ THỊ MAI", "05/02/1990", ""]], ruled=True)
    image = view.image.copy()
    cv2.putText(image, "Vo", (1100, 400), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (40, 40, 120), 3)
    field = claims([PageView.of(1, image, view.read)], MEMBERS)["thanh_vien.1.quan_he"]
    assert (field.status, field.reason) == (FieldStatus.UNREADABLE, "ink_not_read")


def test_labels_inside_a_table_are_no_labels_of_the_form(page_of: Callable[..., PageView]) -> None:
    page = members(page_of, [HEAD, *FAMILY], ruled=True)
    found = claims([page], MEMBERS, FieldSpec("ho_ten", ("Họ và tên",), "name"))
    assert "ho_ten" not in found


@pytest.mark.parametrize("skew", [0.0, 1.2, -1.2])
def test_a_grid_is_found_on_a_page_that_lies_askew(page_of: Callable[..., PageView], skew: float) -> None:
    view = members(page_of, [HEAD, *FAMILY], ruled=True)
    turn = cv2.getRotationMatrix2D((827, 1169), skew, 1.0)
    turned = cv2.warpAffine(view.image, turn, (1654, 2339), borderValue=(255, 255, 255))
    (grid,) = find_grids(np.asarray(turned, dtype=np.uint8), skew, 30)
    assert (len(grid.xs), len(grid.ys)) == (5, 5)


# -- choices -------------------------------------------------------------------------------------------------------


def boxed(view: PageView, places: Sequence[int], ticks: Sequence[int], *, y: int = 302) -> PageView:
    image: Image = view.image.copy()
    for index, x in enumerate(places):
        cv2.rectangle(image, (x, y), (x + 26, y + 26), (0, 0, 0), 2)
        if index in ticks:
            cv2.line(image, (x + 4, y + 4), (x + 22, y + 22), (0, 0, 0), 3)
            cv2.line(image, (x + 22, y + 4), (x + 4, y + 22), (0, 0, 0), 3)
    return PageView.of(1, image, view.read)


@pytest.mark.parametrize("offset", [-40, 76])
@pytest.mark.parametrize(
    ("ticks", "value", "status"),
    [
        ((0,), "Cấp mới", FieldStatus.READ),
        ((2,), "Đổi", FieldStatus.READ),
        ((), None, FieldStatus.BLANK),
        ((0, 1), None, FieldStatus.UNREADABLE),
    ],
)
def test_one_of_several_boxes(
    page_of: Callable[..., PageView], offset: int, ticks: Sequence[int], value: object, status: FieldStatus
) -> None:
    words = [(200, 300, "Loại việc:"), (500, 300, "Cấp mới"), (800, 300, "Cấp lại"), (1100, 300, "Đổi")]
    places = [x + (offset if offset < 0 else 12 * len(text) + 12) for x, _, text in words[1:]]
    spec = FieldSpec("viec", ("Loại việc",), "choice", choices=("Cấp mới", "Cấp lại", "Đổi"), filled=Filled.TICK)
    field = claims([boxed(page_of(words), places, ticks)], spec)["viec"]
    assert (field.value, field.status) == (value, status)


def test_several_of_several_boxes(page_of: Callable[..., PageView]) -> None:
    words = [(200, 300, "Kèm theo:"), (500, 300, "Bản chính"), (800, 300, "Bản sao"), (1100, 300, "Ảnh")]
    spec = FieldSpec("kem", ("Kèm theo",), "choices", choices=("Bản chính", "Bản sao", "Ảnh"), filled=Filled.TICK)
    field = claims([boxed(page_of(words), [460, 760, 1060], (0, 2))], spec)["kem"]
    assert field.value == ["Bản chính", "Ảnh"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Giới tính: [x] Nam [ ] Nữ", "Nam"),
        ("Giới tính: [ ] Nam [X] Nữ", "Nữ"),
        ("Giới tính: Nam ☐ Nữ ☑", "Nữ"),
        ("Giới tính: Nam (x) Nữ ( )", "Nam"),
    ],
)
def test_boxes_that_are_printed_as_signs(page_of: Callable[..., PageView], text: str, value: str) -> None:
    assert claims([page_of([(200, 300, text)])], FieldSpec("gt", ("Giới tính",), "sex"))["gt"].value == value


def test_an_answer_in_writing_needs_no_box(page_of: Callable[..., PageView]) -> None:
    spec = FieldSpec("viec", ("Loại việc",), "choice", choices=("Cấp mới", "Cấp lại"), filled=Filled.TICK)
    assert claims([page_of([(200, 300, "Loại việc: Cấp lại")])], spec)["viec"].value == "Cấp lại"


def test_letters_are_no_boxes() -> None:
    image = np.full((80, 600, 3), 255, np.uint8)
    cv2.putText(image, "DOBUQ 0068", (10, 60), cv2.FONT_HERSHEY_DUPLEX, 1.6, (0, 0, 0), 3)
    assert squares(image, Box(0, 0, 600, 80), 34) == []


# -- seals ---------------------------------------------------------------------------------------------------------


def sealed(view: PageView, *, seal: bool = True, pen: bool = False, grey: bool = False) -> PageView:
    image = view.image.copy()
    image[:, :, 2] -= 18  # paper is never quite white
    if seal:
        cv2.circle(image, (950, 700), 130, (200, 30, 40), 6)
        cv2.circle(image, (950, 700), 100, (200, 30, 40), 3)
        cv2.putText(image, "UBND XA", (880, 710), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (200, 30, 40), 4)
    if pen:
        points = np.array([[900, 650], [980, 560], [1010, 720], [1090, 580], [1150, 700], [1300, 600]])
        cv2.polylines(image, [points], isClosed=False, color=(30, 50, 180), thickness=6)
    if grey:
        image = np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    return PageView.of(1, np.asarray(image, dtype=np.uint8), view.read)


def test_a_seal_by_its_label(page_of: Callable[..., PageView]) -> None:
    view = page_of([(900, 500, "CHỦ TỊCH")])
    spec = FieldSpec("dau", ("CHỦ TỊCH",), "seal")
    field = claims([sealed(view)], spec)["dau"]
    assert field.value is True
    assert field.box is not None
    assert abs((field.box.x0 + field.box.x1) / 2 - 950) < 15
    assert claims([sealed(view, seal=False, pen=True)], spec)["dau"].value is False
    grey = claims([sealed(view, grey=True)], spec)["dau"]
    assert (grey.value, grey.status) == (True, FieldStatus.READ), "a ring of dark ink on a page in grey"
    assert claims([sealed(view, seal=False, grey=True)], spec)["dau"].value is False


def test_a_coloured_pen_is_no_seal(page_of: Callable[..., PageView]) -> None:
    assert find_seals(sealed(page_of([]), seal=False, pen=True).image) == []
    assert len(find_seals(sealed(page_of([]), pen=True).image)) == 1


# -- combs ---------------------------------------------------------------------------------------------------------

NUMBER = "001099123456"


def comb_page(page_of: Callable[..., PageView], drawn: str, words: Sequence[tuple[int, str]]) -> PageView:
    """A comb of twelve boxes behind its label: signs drawn into boxes, and words as read, from a box on."""
    left, side = 500, 44
    view = page_of([(200, 300, "Số định danh:"), *((left + 16 + side * at, 300, text) for at, text in words)])
    image = view.image.copy()
    for index in range(13):
        cv2.line(image, (left + side * index, 288), (left + side * index, 340), (0, 0, 0), 2)
    for y in (288, 340):
        cv2.line(image, (left, y), (left + side * 12, y), (0, 0, 0), 2)
    for index, sign in enumerate(drawn):
        if sign != " ":
            place = (left + side * index + 12, 328)
            cv2.putText(image, sign, place, cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 0, 0), 3)
    return PageView.of(1, image, view.read)


COMB = FieldSpec("so", ("Số định danh",), "id_number", filled=Filled.COMB)


def test_one_sign_a_box(page_of: Callable[..., PageView]) -> None:
    page = comb_page(page_of, NUMBER, list(enumerate(NUMBER)))
    field = claims([page], COMB)["so"]
    assert (field.value, field.raw, field.status) == (NUMBER, " ".join(NUMBER), FieldStatus.READ)


def test_a_lost_sign_is_seen(page_of: Callable[..., PageView]) -> None:
    page = comb_page(page_of, NUMBER, [(at, sign) for at, sign in enumerate(NUMBER) if at != 5])
    field = claims([page], COMB)["so"]
    assert (field.status, field.reason) == (FieldStatus.DOUBTFUL, "comb")


def test_an_empty_comb_is_blank(page_of: Callable[..., PageView]) -> None:
    assert claims([comb_page(page_of, "", [])], COMB)["so"].status is FieldStatus.BLANK
    unread = claims([comb_page(page_of, NUMBER, [])], COMB)["so"]
    assert (unread.status, unread.reason) == (FieldStatus.UNREADABLE, "ink_not_read")
