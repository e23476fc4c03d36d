"""Curled and photographed pages are laid flat; flat ones keep their pixels; boxes lie on the page as it was given."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from models.curves import Grid, lay_flat, middle_of
from models.images import rotate
from models.reading import DetectedLine
from models.synthesis.photograph import LEVELS, photograph

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typewriter import Typewriter

    from models.reading import Image, PageReader

ROWS = (
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025;",
    "Xét đề nghị của Trưởng phòng Kinh tế về việc cấp giấy phép xây dựng",
    "cho hộ gia đình ông Nguyễn Văn Thưởng, sinh năm 1985, thường trú tại",
    "thôn Hòa Bình, xã Khánh Vĩnh, tỉnh Khánh Hòa, nay quyết định như sau:",
)


@pytest.fixture(scope="module")
def sheet(typewriter: Typewriter) -> Image:
    rows = [(110, 160 + 90 * k, ROWS[k % 4]) for k in range(16)]
    return np.repeat(typewriter.page(rows, size=28)[:, :, None], 3, 2)


def bent_lines(bend: float, fan: float = 0.0) -> list[DetectedLine]:
    """Twelve rows 40 pixels high whose middles sag by `bend` of their height, the last leaning by `fan` degrees."""
    found = []
    for k in range(12):
        x = np.linspace(100, 1100, 24)
        lean = np.tan(np.radians(fan * k / 11)) * (x - 600)
        y = 150 + 120 * k + bend * 40 * ((x - 600) / 500) ** 2 + lean
        low, high = 150 + 120 * k - 20, 150 + 120 * k + 20
        corners = ((100.0, float(low)), (1100.0, float(low)), (1100.0, float(high)), (100.0, float(high)))
        found.append(DetectedLine(corners, 0.9, tuple(zip(x.tolist(), y.tolist(), strict=True))))
    return found


class Looks:
    """A detector that finds bent rows the first time, straight ones after."""

    def __init__(self, first: Sequence[DetectedLine]) -> None:
        self.seen: list[Image] = []
        self._first = first

    def __call__(self, image: Image) -> Sequence[DetectedLine]:
        self.seen.append(image)
        return self._first if len(self.seen) == 1 else bent_lines(0.0)


@pytest.mark.parametrize(("bend", "fan", "looks"), [(0.0, 0.0, 1), (0.02, 0.3, 1), (0.4, 0.0, 2), (0.0, 5.0, 2)])
def test_only_bent_pages_are_laid_flat(bend: float, fan: float, looks: int) -> None:
    page = np.full((1754, 1240, 3), 255, np.uint8)
    detect = Looks(bent_lines(bend, fan))
    level = lay_flat(page, 0.0, detect)
    assert len(detect.seen) == looks
    assert (level.image is page) == (looks == 1)


def test_rows_that_bend_out_of_their_boxes_say_how_the_paper_runs_but_are_not_read() -> None:
    page = np.full((1754, 1240, 3), 255, np.uint8)
    weak = [DetectedLine(line.corners, 0.3, line.middle) for line in bent_lines(1.5)]
    detect = Looks(weak)
    assert len(lay_flat(page, 0.0, detect).lines) == 12
    assert len(detect.seen) == 2
    straight = bent_lines(0.0)
    detect = Looks([*straight, weak[0]])
    assert list(lay_flat(page, 0.0, detect).lines) == straight
    assert len(detect.seen) == 1


def test_a_row_that_was_bent_comes_back_where_it_was() -> None:
    page = np.full((1754, 1240, 3), 255, np.uint8)
    for line in bent_lines(1.5):
        cv2.polylines(page, [np.array(line.middle, np.int32)], False, (0, 0, 0), 5)
    level = lay_flat(page, 0.0, Looks(bent_lines(1.5)))
    dark = level.image[:, :, 0] < 128
    rows = np.flatnonzero(dark[:, 120:-120].mean(1) > 0.9)
    assert len(np.flatnonzero(np.diff(rows) > 1)) == 11, "twelve straight rules"
    points = np.argwhere(dark)[::97, ::-1]
    on_page = level.back(points).round().astype(int)
    near = [page[y - 3 : y + 4, x - 3 : x + 4].min() for x, y in on_page]
    assert max(near) < 100


def test_maps_go_on_beyond_their_edges() -> None:
    plain = Grid(np.stack(np.meshgrid(np.arange(0.0, 97, 8), np.arange(0.0, 57, 8)), 2), (96, 56))
    points = np.array([[-5.0, 3.0], [40.5, 20.25], [110.0, 70.0]])
    assert np.allclose(plain(points), points)


def test_middle_leaves_out_where_two_rows_touch() -> None:
    mask = np.zeros((80, 400), np.uint8)
    mask[20:30, 10:390] = 1
    mask[30:60, 200:230] = 1
    (contour,), _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    middle = middle_of(contour)
    assert np.abs(middle[:, 1] - 25).max() < 0.6
    assert not ((middle[:, 0] > 202) & (middle[:, 0] < 228)).any()


def right(read: str, expected: Sequence[str]) -> float:
    """The share of expected rows that were read almost as they are."""
    lines = read.splitlines()
    return float(np.mean([max(SequenceMatcher(None, row, line).ratio() for line in lines) > 0.9 for row in expected]))


@pytest.mark.parametrize("level", ["careful", "hasty"])
def test_a_photographed_sheet_is_read(reader: PageReader, sheet: Image, level: str) -> None:
    picture = photograph(sheet, 5, LEVELS[level])
    page = reader.read(picture)
    assert (page.height, page.width) == picture.shape[:2]
    assert right(page.text, ROWS) == 1.0
    grey = picture.min(2)
    for line in page.lines:
        if len(line.text) > 30:
            inside = grey[line.box.y0 : line.box.y1, line.box.x0 : line.box.x1]
            assert np.percentile(inside, 95) - inside.min() > 40, line


@pytest.mark.slow
def test_pictures_follow_from_the_seed(sheet: Image) -> None:
    small = cv2.resize(sheet, (310, 438))
    assert np.array_equal(photograph(small, 3), photograph(small, 3))
    assert not np.array_equal(photograph(small, 3)[:100, :100], photograph(small, 4)[:100, :100])


def test_a_leaning_flat_page_is_only_turned(reader: PageReader, sheet: Image) -> None:
    leaning, _ = rotate(sheet, 9.0)
    page = reader.read(leaning)
    assert page.skew == pytest.approx(9.0, abs=0.2)
    assert right(page.text, ROWS) == 1.0
