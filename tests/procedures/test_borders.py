"""Where forms of several pages begin and end, by what stands on their pages."""

from __future__ import annotations

import numpy as np
import pytest

from extractors.fields import PageView, TypeClaim
from models.reading import Box, Line, ReadPage, Word
from pipeline.borders import labels_of, signs_of
from pipeline.procedures.paper import DocumentSchema, FieldRule
from pipeline.separation import separate

NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
LABELS = labels_of(
    DocumentSchema(type="to_khai", name="Tờ khai", fields=(
        FieldRule(key="a", label="Nơi cư trú"), FieldRule(key="b", label="x", spellings=("Nguyên nhân chết",)),
        FieldRule(key="c", label="Số"),
    ))
)  # fmt: skip


def view(number: int, *rows: str) -> PageView:
    lines = []
    for index, row in enumerate(rows):
        y = 100 + index * 2100 // max(1, len(rows))
        words = tuple(
            Word(text, Box(200 + 90 * at, y, 285 + 90 * at, y + 30), 0.99) for at, text in enumerate(row.split())
        )  # fmt: skip
        lines.append(Line(words, Box(200, y, 1400, y + 30), 0.99))
    return PageView.of(number, np.zeros((1, 1, 3), np.uint8), ReadPage(1654, 2339, tuple(lines), 0.0, "test"))


HEAD = (NATION, "Độc lập - Tự do - Hạnh phúc")
OPENING = (*HEAD, "TỜ KHAI", "Nơi cư trú: Tổ 5", "Nguyên nhân chết: tuổi già")
END = ("Hồng Gai, ngày 20 tháng 11 năm 2026", "Người yêu cầu", "Nguyễn Văn An")
OATH = ("Tôi cam đoan những lời khai trên là đúng sự thật",)


@pytest.mark.parametrize(
    ("row", "dated"),
    [("Hồng Gai, ngày 20 tháng 11 năm 2026", True), ("…………, ngày … tháng … năm ……", True),
     ("Ngày, tháng, năm sinh: 05/10/1994", False), ("Số 12, cấp ngày 05 tháng 02 năm 2020", False),
     ("Kết hôn tại Hồng Gai, ngày 20 tháng 11 năm 2026 theo giấy chứng nhận số 5", False)],
)  # fmt: skip
def test_a_row_of_place_and_date_ends_a_form(row: str, *, dated: bool) -> None:
    assert signs_of(view(1, "Tên: An", row)).dated is dated


def test_the_date_in_a_letters_head_is_no_end() -> None:
    page = view(1, "ỦY BAN NHÂN DÂN", NATION, "Hồng Gai, ngày 20 tháng 11 năm 2026", *(f"dòng {n}" for n in range(20)))
    assert signs_of(page).headed
    assert not signs_of(page).dated


def stack(*pages: tuple[str, bool, tuple[str, ...]]) -> list[tuple[str, tuple[int, ...]]]:
    views = [view(number, *rows) for number, (_, _, rows) in enumerate(pages, start=1)]
    claims = [TypeClaim(kind, 0.9 if kind != "unknown" else 0.5, starts, "") for kind, starts, _ in pages]
    return [(paper.type, paper.pages) for paper in separate(views, claims, (), {"to_khai": LABELS})]


def test_the_end_of_a_form_on_a_page_of_its_own_belongs_to_it() -> None:
    other = ("giay_to", True, (*HEAD, "GIẤY", *END))
    for tail in (END, (*OATH, *END), ("Người yêu cầu", "Nguyễn Văn An")):
        assert stack(("to_khai", True, OPENING), ("unknown", False, tail), other)[0] == ("to_khai", (1, 2))
    assert stack(("to_khai", True, (*OPENING, *OATH)), ("unknown", False, END), other) == [
        ("to_khai", (1, 2)), ("giay_to", (3,)),
    ]  # fmt: skip


def test_a_middle_page_is_known_by_the_forms_labels() -> None:
    middle = ("Nơi cư trú: Tổ 7", "2. Nguyên nhân chết: bệnh")
    assert stack(("to_khai", True, OPENING), ("unknown", False, middle), ("unknown", False, END)) == [
        ("to_khai", (1, 2, 3))
    ]
    assert stack(("to_khai", True, OPENING), ("unknown", False, ("Nơi cư trú: Tổ 7", "chữ khác")))[1] == (
        "unknown",
        (2,),
    )


def test_words_that_another_form_has_too_do_not_take_a_page_away() -> None:
    assert stack(("to_khai", True, OPENING), ("giay_to", False, ("Đề nghị cấp bản sao: Có", *END))) == [
        ("to_khai", (1, 2))
    ]


def test_what_was_signed_off_takes_no_more() -> None:
    assert stack(("to_khai", True, (*OPENING, *END)), ("unknown", False, END)) == [
        ("to_khai", (1,)), ("unknown", (2,)),
    ]  # fmt: skip


def test_the_end_scanned_before_its_beginning_is_put_right() -> None:
    other = ("giay_to", True, (*HEAD, "GIẤY", *END))
    assert stack(other, ("unknown", False, END), ("to_khai", True, OPENING)) == [
        ("giay_to", (1,)), ("to_khai", (3, 2)),
    ]  # fmt: skip
