"""Set pages say exactly what their truth says, where it says; fonts that lack a letter are refused."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pypdfium2
import pytest
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from models.synthesis.errors import FontIncompleteError, FontMissingError, TextOverflowError
from models.synthesis.fonts import VIETNAMESE, Face, FontBook, Role, missing_letters
from models.synthesis.forms.birth_application import birth_application
from models.synthesis.forms.birth_notice import birth_notice
from models.synthesis.forms.identity_card import identity_card
from models.synthesis.forms.letter import letter, make_letter
from models.synthesis.pages import page_truth, scan_page
from models.synthesis.people import make_family
from models.synthesis.printers import Printer, print_out
from models.synthesis.printing import raster, to_pdf
from models.synthesis.scan import Level, Mode, ScanSettings
from models.synthesis.typesetter import POINT, Leader, Run, Sheet

if TYPE_CHECKING:
    from pathlib import Path

    from models.synthesis.forms.paper import Paper

APPLIED = date(2026, 11, 12)


def papers(book: FontBook, seed: int) -> list[Paper]:
    family = make_family(seed, APPLIED)
    return [
        birth_application(book, family),
        birth_application(book, family, "2020"),
        birth_notice(book, family),
        identity_card(book, family.mother),
        letter(book, make_letter(seed, "cong_van")),
        letter(book, make_letter(seed, "quyet_dinh")),
    ]


def test_a_font_without_one_letter_is_refused(tmp_path: Path) -> None:
    source = FontBook.portable().face(Role.SERIF).path
    font = TTFont(source)
    subsetter = Subsetter(Options(notdef_outline=True))
    subsetter.populate(unicodes=[ord(letter) for letter in VIETNAMESE - {"ẵ"}])
    subsetter.subset(font)
    poor = tmp_path / "poor.ttf"
    font.save(poor)
    assert missing_letters(poor, VIETNAMESE) == {"ẵ"}
    with pytest.raises(FontIncompleteError, match="ẵ"):
        Face.open(poor, VIETNAMESE)


def test_a_missing_font_names_the_package_that_has_it(tmp_path: Path) -> None:
    with pytest.raises(FontMissingError, match="apt-get install fonts-some"):
        Face.open(tmp_path / "none.ttf", VIETNAMESE, "fonts-some")


def test_every_letter_of_vietnamese_is_asked_for() -> None:
    assert {"ẵ", "Ặ", "ợ", "Ữ", "ỹ", "Đ", "đ", "Ỷ"} <= VIETNAMESE
    marked = [letter for letter in VIETNAMESE if len(unicodedata.normalize("NFD", letter)) > 1 or letter in "đĐ"]
    assert len(marked) == 134  # 60 vowels with a tone, 6 with a shape alone, and đ, in both cases


def test_all_papers_set_within_their_sheets(book: FontBook) -> None:
    for seed in range(8):
        for paper in papers(book, seed):
            for sheet in paper.sheets:
                for line in sheet.lines:
                    box = line.box
                    assert box.x0 > 5, line.text
                    assert box.y0 > 5, line.text
                    assert box.x1 < sheet.width - 5, line.text
                    assert box.y1 < sheet.height - 5, line.text


def test_no_two_lines_of_a_sheet_overlap(book: FontBook) -> None:
    for paper in papers(book, 4):
        for sheet in paper.sheets:
            boxes = [line.box for line in sheet.lines]
            for number, one in enumerate(boxes):
                for other in boxes[number + 1 :]:
                    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
                    tall = min(one.y1, other.y1) - max(one.y0, other.y0)
                    assert wide <= 0 or tall <= 0.35 * min(one.y1 - one.y0, other.y1 - other.y0)


def test_every_field_stands_on_a_sheet_and_reads_as_its_raw_text(book: FontBook) -> None:
    for paper in papers(book, 5):
        for key, truth in paper.fields.items():
            if not truth.raw:
                continue
            sheets = [sheet for sheet in paper.sheets if sheet.field_box(key) is not None]
            assert len(sheets) == 1, (paper.type, key)
            if truth.raw in {"☑", "☐"}:
                continue
            text = " ".join(line.text for line in sheets[0].lines)
            for word in truth.raw.split():
                assert word.strip(",") in text, (paper.type, key, word)


def test_word_boxes_hold_all_ink_and_nothing_else(book: FontBook) -> None:
    sheet = Sheet(book, width=120, height=40)
    sheet.write([Run("Nguyễn Ặng"), Run(" ghi:"), Leader()], 10, 20, 100)
    pixels = raster(sheet, 300)
    ink = pixels.min(axis=2) < 200
    inside = np.zeros_like(ink)
    scale = 300 / 25.4
    for word in sheet.lines[0].words:
        x0, y0, x1, y1 = (value * scale for value in word.box)
        part = (slice(int(y0) - 1, int(np.ceil(y1)) + 2), slice(int(x0) - 1, int(np.ceil(x1)) + 2))
        inside[part] = True
        rows, columns = np.nonzero(ink[part])
        assert rows.min() <= 3
        assert columns.min() <= 3
        assert rows.max() >= part[0].stop - part[0].start - 5
    assert not (ink & ~inside).any()


def test_a_word_wider_than_its_place_is_an_error(book: FontBook) -> None:
    sheet = Sheet(book)
    with pytest.raises(TextOverflowError):
        sheet.write("nghiêngnghiêngnghiêng", 10, 20, 10)


def test_the_born_digital_pdf_says_the_same_words(book: FontBook) -> None:
    paper = birth_notice(book, make_family(2, APPLIED))
    document = pypdfium2.PdfDocument(to_pdf(paper.sheets))
    try:
        text = unicodedata.normalize("NFC", document[0].get_textpage().get_text_bounded())
    finally:
        document.close()
    said = set(text.split())
    for line in paper.sheets[0].lines:
        for word in line.words:
            if word.text not in {"…", "☑", "☐"}:
                assert word.text in said


@pytest.mark.parametrize("level", list(Level))
def test_boxes_follow_the_page_through_the_scanner(book: FontBook, level: Level) -> None:
    paper = birth_application(book, make_family(9, APPLIED))
    page = scan_page(book, paper, 1, 9, ScanSettings(level))
    truth = page_truth(page)
    grey = page.scan.image.min(axis=2)
    assert grey.shape == (truth["height"], truth["width"]) == (2339, 1654)
    for line in truth["lines"]:
        x0, y0, x1, y1 = line["box"]
        assert grey[y0:y1, x0:x1].min() < 130, line["text"]
        assert np.median(grey[y0 - 5 : y0 - 2, x0:x1]) > 170, line["text"]


def test_a_bilevel_scan_is_black_and_white_and_legible(book: FontBook) -> None:
    paper = letter(book, make_letter(1))
    page = scan_page(book, paper, 1, 1, ScanSettings(mode=Mode.BILEVEL))
    assert set(np.unique(page.scan.image)) == {0, 255}
    assert 0.01 < (page.scan.image == 0).mean() < 0.12


def test_a_seal_is_red_and_leaves_the_print_below_it_dark(book: FontBook) -> None:
    paper = letter(book, make_letter(3))
    page = scan_page(book, paper, 1, 3, ScanSettings(Level.CLEAN))
    truth = page_truth(page)
    x0, y0, x1, y1 = next(mark["box"] for mark in truth["marks"] if mark["kind"] == "seal")
    part = page.scan.image[y0:y1, x0:x1].astype(int)
    red = (part[:, :, 0] > 150) & (part[:, :, 1] < 130)
    dark = part.max(axis=2) < 90
    assert red.mean() > 0.03
    assert dark.mean() > 0.003


def test_printers_weaken_the_ink_and_leave_the_paper(book: FontBook) -> None:
    sheet = Sheet(book, width=90, height=30)
    sheet.write([Run("Nguyễn Thị Hồng Ặng 22/10/1998")], 5, 20, 80)
    clean = raster(sheet, 300)
    dark = clean < 60
    for printer in (Printer.INKJET, Printer.DOT_MATRIX):
        printed = print_out(clean, printer, 3)
        assert (printed[clean == 255] == 255).all()
        assert 40 < printed[dark].mean() - clean[dark].mean() < 140
        assert printed[dark].max() < 215
    assert print_out(clean, Printer.LASER, 3) is clean


def test_leaders_end_where_they_are_told(book: FontBook) -> None:
    sheet = Sheet(book)
    sheet.write([Run("Giới tính: Nam"), Leader(80.0), Run("Dân tộc: Kinh"), Leader()], 20, 30, 150)
    words = {word.text: word.box for word in sheet.lines[0].words}
    assert words["Dân"].x0 == pytest.approx(80 + 0.25 * 13 * POINT, abs=0.5)
    assert sheet.lines[0].box.x1 == pytest.approx(170, abs=1.5)
