"""Separator sheets: printed, scanned, found; and what they do to a stack of pages."""

from __future__ import annotations

import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray

from extractors.fields import PageView, TypeClaim
from extractors.separators import Separator, parse_payload, patch_code, payload, separator_of
from models.reading import Box, Line, ReadPage, Word
from pipeline.separation import separate
from pipeline.slips.separator_sheet import separator_sheets

Picture = NDArray[np.uint8]


def scanned(pdf: bytes, dpi: int = 150) -> Picture:
    return np.ascontiguousarray(pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72).to_numpy()[:, :, :3])


def bars(widths: tuple[float, ...], module: int = 12, length: int = 400) -> Picture:
    picture = np.full((1400, 1000, 3), 255, np.uint8)
    top = 80
    for width in widths:
        picture[top : top + round(width * module), 300 : 300 + length] = 0
        top += round((width + 1) * module)
    return picture


def page(number: int, text: str, image: Picture | None = None) -> PageView:
    words = tuple(Word(w, Box(100, 500, 300, 530), 0.99) for w in text.split())
    lines = (Line(words, Box(100, 500, 900, 530), 0.99),) if words else ()
    return PageView.of(number, np.full((9, 9, 3), 255, np.uint8) if image is None else image,
                       ReadPage(1654, 2339, lines, 0.0, "test"))  # fmt: skip


SHEET = separator_sheets([("giay_chung_sinh", "Giấy chứng sinh")])


@pytest.mark.parametrize("dpi", [100, 200, 300])
@pytest.mark.parametrize("turn", range(4))
def test_a_printed_sheet_is_found_however_it_lies(dpi: int, turn: int) -> None:
    picture = np.ascontiguousarray(np.rot90(scanned(SHEET, dpi), turn))
    assert separator_of(page(1, "TỜ PHÂN CÁCH GIẤY TỜ", picture)) == Separator("qr", "giay_chung_sinh")
    assert patch_code(picture) == "2"


def test_patch_codes_that_part_documents_are_found_and_others_are_not() -> None:
    wide, thin = 2.5, 1.0
    assert patch_code(bars((wide, thin, thin, wide))) == "2"
    assert patch_code(bars((wide, thin, wide, thin))) == "3"
    assert patch_code(bars((thin, wide, thin, wide))) == "T"
    for steering in ((wide, wide, thin, thin), (thin, wide, wide, thin), (thin, thin, wide, wide)):
        assert patch_code(bars(steering)) is None


def test_rules_tables_and_short_bars_are_no_patch() -> None:
    assert patch_code(bars((2.5, 1, 1, 2.5), length=100)) is None
    assert patch_code(bars((1, 1, 1, 1, 1, 1, 1))) is None
    table = np.full((1400, 1000), 255, np.uint8)
    table[100:1300:60, 100:900] = 0
    table[100:1300, 100:900:200] = 0
    assert patch_code(table) is None


def test_a_page_full_of_words_is_never_looked_at() -> None:
    assert separator_of(page(1, "chữ " * 80, scanned(SHEET))) is None


def test_only_our_own_codes_part_papers() -> None:
    assert parse_payload(payload()) == Separator("qr", None)
    assert parse_payload(payload("cccd")) == Separator("qr", "cccd")
    for text in ("012345678901||Nguyễn Văn An|01011990|Nam|Hà Nội|01012022", "HOSO-TACH/2", "HOSO-TACH/1 ../x", ""):
        assert parse_payload(text) is None


def stack(*pages: tuple[str, bool] | Separator) -> list[tuple[str, tuple[int, ...], float]]:
    views, claims, sheets = [], [], []
    for number, one in enumerate(pages, start=1):
        views.append(page(number, "chữ"))
        sheets.append(one if isinstance(one, Separator) else None)
        kind, starts = ("unknown", False) if isinstance(one, Separator) else one
        claims.append(TypeClaim(kind, 0.9 if kind != "unknown" else 0.5, starts, ""))
    return [(paper.type, paper.pages, paper.probability) for paper in separate(views, claims, sheets)]


def test_what_lies_between_two_sheets_is_one_paper() -> None:
    found = stack(Separator("2"), ("unknown", False), ("unknown", False), Separator("2"), ("unknown", False))
    assert [(kind, pages) for kind, pages, _ in found] == [("unknown", (2, 3)), ("unknown", (5,))]


def test_a_sheet_parts_two_papers_that_would_be_one() -> None:
    assert len(stack(("giay_chung_sinh", True), ("giay_chung_sinh", False))) == 1
    parted = stack(("giay_chung_sinh", True), Separator("T"), ("giay_chung_sinh", False))
    assert [pages for _, pages, _ in parted] == [(1,), (3,)]


def test_a_sheet_names_the_type_that_the_page_does_not_tell() -> None:
    assert stack(Separator("qr", "van_ban_uy_quyen"), ("unknown", False)) == [("van_ban_uy_quyen", (2,), 0.95)]


def test_a_sheet_that_contradicts_the_page_leaves_the_type_in_doubt() -> None:
    ((kind, pages, probability),) = stack(Separator("qr", "cccd"), ("giay_chung_sinh", True))
    assert (kind, pages) == ("cccd", (2,))
    assert probability < 0.2


def test_a_page_scanned_too_early_does_not_cross_a_sheet() -> None:
    found = stack(("to_khai_khai_sinh", False), Separator("2"), ("to_khai_khai_sinh", True))
    assert [pages for _, pages, _ in found] == [(1,), (3,)]


def test_without_sheets_nothing_changes() -> None:
    assert stack(("to_khai_khai_sinh", False), ("to_khai_khai_sinh", True))[0][1] == (2, 1)
