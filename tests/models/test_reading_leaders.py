"""Leaders of forms, on drawn pages: found, joined with their row, read as one `…` each, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from models.curves import LevelPage
from models.images import rotate
from models.leader_rows import leader_rows, line_height, strips_of
from models.leaders import find_leaders
from models.reading import DetectedLine, RecognisedLine
from models.small_print import legible

if TYPE_CHECKING:
    from typewriter import Typewriter

    from models.reading import Image, PageReader

HEIGHT = 40.0
"""Line height that a detector gives for the typewriter's 28-pixel letters."""


def line(x0: float, y0: float, x1: float, y1: float) -> DetectedLine:
    return DetectedLine(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), 1.0)


def dotted(image: Image, x0: int, x1: int, y: int, *, pitch: int = 9, dot: int = 3) -> Image:
    for x in range(x0, x1, pitch):
        image[y : y + dot, x : x + dot] = 0
    return image


def sheet() -> Image:
    return np.full((400, 1000, 3), 255, np.uint8)


@pytest.mark.parametrize(("pitch", "dot"), [(9, 3), (6, 2), (14, 4), (4, 3)])
def test_dots_of_any_pitch_are_one_leader(pitch: int, dot: int) -> None:
    found = find_leaders(dotted(sheet(), 200, 700, 150, pitch=pitch, dot=dot), HEIGHT)
    assert len(found) == 1
    assert found[0].x0 == pytest.approx(200, abs=2)
    assert found[0].x1 == pytest.approx(700, abs=pitch + 2)
    assert found[0].at(400) == pytest.approx(150 + dot / 2, abs=2)
    assert not found[0].ruled


def test_a_leader_that_leans_with_its_row_keeps_its_ends() -> None:
    leaning, _ = rotate(dotted(sheet(), 200, 900, 200), 0.8)
    found = find_leaders(leaning, HEIGHT)
    assert len(found) == 1
    assert found[0].y0 - found[0].y1 == pytest.approx(700 * np.tan(np.radians(0.8)), abs=3)


def test_letters_their_marks_and_underlines_are_no_leaders(typewriter: Typewriter) -> None:
    page = typewriter.page(
        [(80, 80 + 60 * k, "Nghị quyết số 12: kết quả, ý kiến (v.v...) TTT") for k in range(9)], size=28
    )
    page = np.array(page)
    page[80 + 37 : 80 + 39, 80:600] = 0
    assert [leader for leader in find_leaders(page, HEIGHT) if leader.x1 - leader.x0 > HEIGHT] == []


def test_a_rule_alone_is_no_row_but_a_rule_behind_a_label_is(typewriter: Typewriter) -> None:
    page = np.array(typewriter.page([(80, 200, "Số:")], size=28, page=(1000, 400)))
    cv2.rectangle(page, (400, 80), (600, 81), 0, -1)
    assert leader_rows(np.repeat(page[:, :, None], 3, 2), [line(74, 200, 130, 240)], HEIGHT) == []
    cv2.rectangle(page, (140, 230), (400, 231), 0, -1)
    rows = leader_rows(np.repeat(page[:, :, None], 3, 2), [line(74, 200, 130, 240)], HEIGHT)
    assert [row.lines for row in rows] == [(0,)]


def test_a_row_is_joined_over_its_leaders_and_cut_short(typewriter: Typewriter) -> None:
    page = np.array(typewriter.page([(80, 200, "Loại xe:"), (600, 200, "Màu sơn:")], size=28, page=(1000, 400)))
    dotted(page, 200, 590, 229)
    dotted(page, 730, 950, 229)
    found = [line(74, 198, 200, 240), line(594, 198, 730, 240), line(80, 300, 400, 340)]
    strips = strips_of(np.repeat(page[:, :, None], 3, 2), found)
    assert len(strips) == 2
    assert line_height(found) == pytest.approx(41, abs=2)
    (row,) = leader_rows(np.repeat(page[:, :, None], 3, 2), found, HEIGHT)
    assert row.lines == (0, 1)
    assert row.crop.shape[1] < 700
    places = [row.stretch(start, end)[:2, 0] for start, end in row.leaders]
    assert places[0] == pytest.approx([200, 587], abs=4)
    assert places[1] == pytest.approx([730, 949], abs=4)
    # The leaders drawn anew lie on the base line of the old ones.
    assert row.crop.min(2)[:, round(row.leaders[0][0] * row.crop.shape[1]) + 1].argmin() == pytest.approx(
        row.above, abs=2
    )


def test_a_ruled_column_parts_rows() -> None:
    page = sheet()
    dotted(page, 100, 400, 229)
    dotted(page, 430, 800, 229)
    assert len(leader_rows(page, [], HEIGHT)) == 1
    page[150:300, 414:417] = 0
    assert len(leader_rows(page, [], HEIGHT)) == 2


@pytest.mark.parametrize(
    ("read", "wanted"),
    [
        ("Tên:… Màu:…", "Tên:… Màu:…"),
        ("Tên: Màu:", "Tên:…Màu:…"),
        ("Tên:. Màu:..", "Tên:… Màu:…"),
        ("", "……"),
    ],
)
def test_each_leader_is_one_sign_whatever_was_read(typewriter: Typewriter, read: str, wanted: str) -> None:
    page = np.array(typewriter.page([(80, 200, "Tên:"), (400, 200, "Màu:")], size=28, page=(1000, 400)))
    dotted(page, 146, 396, 229)
    dotted(page, 474, 800, 229)
    found = [line(74, 198, 146, 240), line(394, 198, 474, 240)]
    (row,) = leader_rows(np.repeat(page[:, :, None], 3, 2), found, HEIGHT)
    (first, second), stop = row.leaders, len(read)
    spots = {"T": 0.05, "ê": 0.1, "n": 0.15, "M": first[1] + 0.05, "à": first[1] + 0.08, "u": first[1] + 0.11}
    seen, places = 0, []
    for letter in read:
        if letter in "….":
            places.append(
                sum(first if places and places[-1] < first[1] + 0.01 and "M" not in read[: len(places)] else second) / 2
            )
        elif letter == ":":
            places.append(0.18 if seen == 0 else first[1] + 0.14)
            seen += 1
        else:
            places.append(spots.get(letter, first[1] + 0.02))
    mended = row.mend(RecognisedLine(read, (0.9,) * stop, tuple(places)))
    assert mended.text.replace(" ", "") == wanted.replace(" ", "")
    assert len(mended.scores) == len(mended.places) == len(mended.text)
    assert list(mended.places) == sorted(mended.places)


def test_a_form_is_read_row_by_row(reader: PageReader, typewriter: Typewriter) -> None:
    page = np.array(
        typewriter.page([(100, 200, "Họ và tên:"), (700, 200, "Năm sinh:"), (100, 300, "Địa chỉ thường trú:")], size=28)
    )
    dotted(page, 250, 690, 229)
    dotted(page, 850, 1100, 229)
    dotted(page, 370, 1100, 329)
    dotted(page, 100, 1100, 429)
    read = reader.read(np.repeat(page[:, :, None], 3, 2))
    assert [text.count("…") for text in read.text.splitlines()] == [2, 1, 1]
    assert read.text.splitlines()[2] == "…"
    last = read.lines[2].words[0]
    assert (last.box.x0, last.box.x1) == pytest.approx((100, 1100), abs=14)
    assert last.box.y0 < 429 < last.box.y1
    assert last.probability > 0.5


def test_small_print_is_read_from_an_enlarged_page(reader: PageReader, letter: Image) -> None:
    small = np.asarray(cv2.resize(letter, None, fx=0.36, fy=0.36, interpolation=cv2.INTER_AREA), np.uint8)
    page = reader.read(small)
    assert (page.width, page.height) == (small.shape[1], small.shape[0])
    assert "VIỆT NAM" in page.text
    for found in page.lines:
        assert 0 <= found.box.x0 < found.box.x1 <= page.width
        assert small[found.box.y0 : found.box.y1, found.box.x0 : found.box.x1].min() < 160


def test_a_large_page_of_small_print_is_not_blown_up() -> None:
    side = 2900
    rows = [((100.0, y), (900.0, y), (900.0, y + 12), (100.0, y + 12)) for y in range(100, 1000, 30)]
    lines = [DetectedLine(corners, 0.9) for corners in rows]
    page = LevelPage(np.full((side, side, 3), 255, np.uint8), lines, lambda points: np.asarray(points, np.float64))
    seen = []

    def detect(image: Image) -> list[DetectedLine]:
        seen.append(image.shape[:2])
        return [DetectedLine(rows[0], 0.9), DetectedLine(rows[1], 0.3)]

    found = legible(page, detect)
    assert seen == [found.image.shape[:2]]
    assert side < seen[0][0] <= 3000
    assert [line.score for line in found.lines] == [0.9]
