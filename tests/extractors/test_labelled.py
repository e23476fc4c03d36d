"""Labelled forms: what stands behind, below and between labels, section by section."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from extractors.fields import FieldSpec, FieldStatus, PageView
from extractors.labelled import LabelledExtractor
from models.reading import Line, ReadPage, Word

if TYPE_CHECKING:
    from collections.abc import Callable

MOTHER, FATHER = ("Họ, chữ đệm, tên người mẹ",), ("Họ, chữ đệm, tên người cha",)
SPECS = [
    FieldSpec("con", ("Họ, chữ đệm, tên",), "name"),
    FieldSpec("ngay_sinh", ("Ngày, tháng, năm sinh",), "date"),
    FieldSpec("bang_chu", ("ghi bằng chữ",), "date_words"),
    FieldSpec("gioi_tinh", ("Giới tính",), "sex"),
    FieldSpec("dan_toc", ("Dân tộc",), "ethnicity", ("Giới tính",)),
    FieldSpec("noi_sinh", ("Nơi sinh",), "place"),
    FieldSpec("me", MOTHER, "name", MOTHER),
    FieldSpec("me_dan_toc", ("Dân tộc",), "ethnicity", MOTHER),
    FieldSpec("me_so", ("Giấy tờ tùy thân",), "id_number", MOTHER),
    FieldSpec("me_cap", ("Giấy tờ tùy thân",), "date", MOTHER),
    FieldSpec("me_noi_cap", ("Giấy tờ tùy thân",), "issuer", MOTHER),
    FieldSpec("cha", FATHER, "name", FATHER),
    FieldSpec("cha_dan_toc", ("Dân tộc",), "ethnicity", FATHER),
    FieldSpec("_het", ("Tôi cam đoan",), "text"),
]
FORM = [
    (200, 300, "Họ, chữ đệm, tên: HUỲNH HỮU TUẤN ........................"),
    (200, 350, "Ngày, tháng, năm sinh: 03/11/2026 ghi bằng chữ: Ngày ba, tháng mười một, năm hai nghìn"),
    (200, 400, "không trăm hai mươi sáu ................................................................"),
    (200, 450, "Giới tính: Nam ............ Dân tộc: Kinh ............."),
    (200, 500, "Nơi sinh:(4)"),
    (200, 550, "Bệnh viện Sản Nhi Bắc Ninh"),
    (200, 600, "Ho, chữ đệm, tên nguời mẹ: NGUYỄN NGỌC THỦY"),
    (200, 650, "Dân tộc:(2) Tày ............"),
    (200, 700, "Giấy tờ tùy thân:(3) Căn cước công dân số 027194060817 do Cục Cảnh sát quản lý hành"),
    (200, 750, "chính về trật tự xã hội cấp ngày 02/03/2024"),
    (200, 800, "Họ, chữ đệm, tên người cha: ....................."),
    (200, 850, "Dân tộc: Việt Nam"),
    (200, 900, "Tôi cam đoan nội dung trên là đúng"),
]


def read(page: PageView) -> dict[str, object]:
    return {field.key: field for field in LabelledExtractor().extract([page], SPECS)}


def test_a_form(page_of: Callable[..., PageView]) -> None:
    found = {key: field.value for key, field in read(page_of(FORM)).items()}
    assert found == {
        "con": "HUỲNH HỮU TUẤN",
        "ngay_sinh": "2026-11-03",
        "bang_chu": "Ngày ba, tháng mười một, năm hai nghìn không trăm hai mươi sáu",
        "gioi_tinh": "Nam",
        "dan_toc": "Kinh",
        "noi_sinh": "Bệnh viện Sản Nhi Bắc Ninh",
        "me": "NGUYỄN NGỌC THỦY",
        "me_dan_toc": "Tày",
        "me_so": "027194060817",
        "me_cap": "2024-03-02",
        "me_noi_cap": "Cục Cảnh sát quản lý hành chính về trật tự xã hội",
        "cha": None,
        "cha_dan_toc": "Việt Nam",
    }


def test_an_empty_place_is_blank_and_a_wrong_value_is_doubtful(page_of: Callable[..., PageView]) -> None:
    found = read(page_of(FORM))
    assert found["cha"].status is FieldStatus.BLANK
    assert (found["cha_dan_toc"].status, found["cha_dan_toc"].reason) == (FieldStatus.DOUBTFUL, "not_in_list")
    assert found["con"].status is FieldStatus.READ


def test_ink_that_nobody_read_is_not_blank(page_of: Callable[..., PageView]) -> None:
    view = page_of(FORM)
    image = view.image.copy()
    cv2.putText(image, "Hai Anh", (560, 826), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (40, 40, 120), 3)
    field = read(PageView.of(1, image, view.read))["cha"]
    assert (field.status, field.reason, field.value) == (FieldStatus.UNREADABLE, "ink_not_read", None)


def test_printed_dots_alone_stay_blank(page_of: Callable[..., PageView]) -> None:
    view = page_of(FORM)
    image = view.image.copy()
    for x in range(560, 1500, 9):
        cv2.circle(image, (x, 828), 2, (0, 0, 0), -1)
    assert read(PageView.of(1, image, view.read))["cha"].status is FieldStatus.BLANK


def test_probability_follows_the_words(page_of: Callable[..., PageView]) -> None:
    sure, unsure = read(page_of(FORM)), read(page_of(FORM, probability=0.9))
    assert sure["con"].probability > 0.99
    assert unsure["con"].probability == pytest.approx(0.9**3, abs=0.01)
    assert sure["con"].box.x0 == 200 + 12 * len("Họ, chữ đệm, tên: ")


@pytest.mark.parametrize(("tick", "value"), [("yes", True), ("no", False), (None, None)])
def test_tick_boxes(page_of: Callable[..., PageView], tick: str | None, value: object) -> None:
    view = page_of([(200, 300, "Đề nghị cấp bản sao: Có")])
    line = view.read.lines[0]
    first = line.words[-1].box
    second = first._replace(x0=first.x1 + 90, x1=first.x1 + 90 + 72)
    no = Line((*line.words, Word("Không", second, 0.99)), line.box, 0.99)
    image = view.image.copy()
    for box, name in ((first, "yes"), (second, "no")):
        x, y = box.x1 + 12, box.y0 + 2
        cv2.rectangle(image, (x, y), (x + 26, y + 26), (0, 0, 0), 2)
        if name == tick:
            cv2.line(image, (x + 4, y + 4), (x + 22, y + 22), (0, 0, 0), 3)
            cv2.line(image, (x + 22, y + 4), (x + 4, y + 22), (0, 0, 0), 3)
    page = PageView.of(1, image, ReadPage(view.read.width, view.read.height, (no,), 0.0, "test"))
    spec = FieldSpec("ban_sao", ("Đề nghị cấp bản sao",), "flag", (), ("Có", "Không"))
    field = LabelledExtractor().extract([page], [spec])[0]
    assert field.value is value
    assert (field.status is FieldStatus.BLANK) == (tick is None)
    assert np.array_equal(page.image, image)


@pytest.mark.parametrize("signed", [True, False])
def test_signatures_are_ink_below_their_label(page_of: Callable[..., PageView], signed: object) -> None:
    view = page_of([(900, 500, "(Ký, ghi rõ họ, chữ đệm, tên)")])
    image = view.image.copy()
    if signed:
        points = np.array([[960, 600], [1000, 560], [1040, 630], [1090, 550], [1150, 640], [1220, 570]])
        cv2.polylines(image, [points], isClosed=False, color=(40, 40, 140), thickness=5)
    spec = FieldSpec("ky", ("Ký, ghi rõ họ, chữ đệm, tên",), "signature")
    (field,) = LabelledExtractor().extract([PageView.of(1, image, view.read)], [spec])
    assert field.value is signed
