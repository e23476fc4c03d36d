"""The invisible words: copied out exactly, lying where they were read, leaving no ink."""

from __future__ import annotations

import statistics
import unicodedata
from io import BytesIO

import pikepdf
import pypdfium2
import pytest

from models.reading import Box, Line, ReadPage, Word
from pipeline.archive.gate import check_archive
from pipeline.archive.inspect import extract_text


def one_line(*words: tuple[str, Box], size: tuple[int, int] = (620, 877)) -> ReadPage:
    made = tuple(Word(text, box, 0.9) for text, box in words)
    box = made[0].box
    for word in made:
        box = box.union(word.box)
    return ReadPage(*size, (Line(made, box, 0.9),), 0.0, "known-words")


def test_text_copies_out_exactly(archive, make_page, make_picture, make_reading):
    readings = [make_reading(1240, 1754, seed) for seed in (1, 2, 3)]
    pdf = archive(*[make_page(make_picture(1240, 1754, "1"), read=read) for read in readings])
    text = extract_text(pdf)
    assert text == "\f".join(read.text for read in readings)
    assert unicodedata.is_normalized("NFC", text)
    check_archive(pdf, 3)


def test_words_lie_where_they_were_read(archive, make_page, make_picture, make_reading):
    read = make_reading(1240, 1754)
    pdf = archive(make_page(make_picture(1240, 1754, "1"), dpi=150, read=read))
    scale = 150 / 72
    overlaps = []
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        text = page.get_textpage()
        content = text.get_text_range()
        at = 0
        for word in (word for line in read.lines for word in line.words):
            at = content.index(word.text, at)
            boxes = [text.get_charbox(index) for index in range(at, at + len(word.text))]
            left, right = min(box[0] for box in boxes) * scale, max(box[2] for box in boxes) * scale
            top = 1754 - max(box[3] for box in boxes) * scale
            bottom = 1754 - min(box[1] for box in boxes) * scale
            overlaps.append(overlap((left, top, right, bottom), word.box))
            at += len(word.text)
        text.close()
        page.close()
    assert statistics.median(overlaps) >= 0.9
    assert min(overlaps) >= 0.6


def overlap(one: tuple[float, float, float, float], other: Box) -> float:
    wide = min(one[2], other.x1) - max(one[0], other.x0)
    high = min(one[3], other.y1) - max(one[1], other.y0)
    both = max(0, wide) * max(0, high)
    return both / ((one[2] - one[0]) * (one[3] - one[1]) + other.width * other.height - both)


def test_decomposed_words_are_copied_out_composed(archive, make_page, make_picture):
    read = one_line((unicodedata.normalize("NFD", "Nguyễn"), Box(60, 100, 160, 120)), ("Ỷ", Box(170, 100, 180, 120)))
    assert extract_text(archive(make_page(make_picture(), read=read))) == "Nguyễn Ỷ"


def test_touching_and_overlapping_words_stay_apart(archive, make_page, make_picture):
    read = one_line(("đậu,", Box(60, 100, 120, 130)), ("đỗ", Box(118, 100, 150, 130)), ("xe", Box(150, 100, 180, 130)))
    assert extract_text(archive(make_page(make_picture(), read=read))) == "đậu, đỗ xe"


def test_leaders_as_wide_as_their_rows_do_not_mix_the_rows(archive, make_page, make_picture):
    rows = [
        (("4.", 60), ("Nơi", 80), ("cư", 120), ("trú:", 150), ("…", 190)),
        (("…", 60), ("5.", 300), ("Quan", 330), ("hệ", 380)),
        (("…", 60),),
        (("-", 60), ("Ngày", 75), ("…", 120), ("tháng", 240), ("…", 300), ("năm", 420), ("…", 460)),
    ]
    lines = []
    for number, row in enumerate(rows):
        ends = [left for _, left in row[1:]] + [560]
        top = 100 + 26 * number
        lines += one_line(
            *((text, Box(left, top, end - 6, top + 18)) for (text, left), end in zip(row, ends, strict=True))
        ).lines
    read = ReadPage(620, 877, tuple(lines), 0.0, "known-words")
    assert extract_text(archive(make_page(make_picture(), read=read))) == read.text


def test_hyphen_at_the_end_of_a_line_is_kept(archive, make_page, make_picture):
    lines = [one_line(("1744/QĐ-", Box(60, 100, 160, 120))), one_line(("BGTVT", Box(60, 140, 140, 160)))]
    read = ReadPage(620, 877, lines[0].lines + lines[1].lines, 0.0, "known-words")
    assert extract_text(archive(make_page(make_picture(), read=read))) == "1744/QĐ-\nBGTVT"


def test_characters_of_any_script_and_none_that_print_nothing(archive, make_page, make_picture):
    read = one_line(
        ("越南\u200b", Box(60, 100, 120, 120)), ("𠀋\x07", Box(130, 100, 150, 120)), ("\x00", Box(1, 1, 2, 2))
    )
    pdf = archive(make_page(make_picture(), read=read))
    check_archive(pdf, 1)
    assert extract_text(pdf) == "越南 𠀋"


@pytest.mark.parametrize(
    "read",
    [
        None,
        ReadPage(620, 877, (), 0.0, "known-words"),
        ReadPage(620, 877, (Line((), Box(1, 1, 9, 9), 0.0, "faint"),), 0.0, "known-words"),
        one_line(("", Box(1, 1, 9, 9))),
    ],
)
def test_page_without_words_has_no_text(archive, make_page, make_picture, read):
    pdf = archive(make_page(make_picture(), read=read))
    check_archive(pdf, 1)
    assert extract_text(pdf) == ""
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert "/Font" not in opened.pages[0].obj.Resources


def test_empty_and_backward_boxes_break_nothing(archive, make_page, make_picture):
    read = one_line(("không", Box(60, 100, 60, 100)), ("rộng", Box(90, 100, 80, 95)))
    pdf = archive(make_page(make_picture(), read=read))
    check_archive(pdf, 1)
    assert extract_text(pdf).split() == ["không", "rộng"]


def test_words_leave_no_ink(archive, make_page, make_picture, make_reading):
    drawn = []
    for read in (None, make_reading(620, 877)):
        with pypdfium2.PdfDocument(archive(make_page(make_picture(), read=read))) as document:
            drawn.append(document[0].render(scale=2).to_numpy().copy())
    assert (drawn[0] == drawn[1]).all()


def test_reading_at_another_size_is_scaled(archive, make_page, make_picture):
    small = one_line(("chữ", Box(31, 50, 62, 60)), size=(310, 438))
    with pypdfium2.PdfDocument(archive(make_page(make_picture(620, 876), dpi=72, read=small))) as document:
        box = document[0].get_textpage().get_charbox(0)
    assert box[0] == pytest.approx(62, abs=1)
    assert box[3] == pytest.approx(876 - 100, abs=1)
