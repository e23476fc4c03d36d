"""A line keeps its hooks and dots where a detector's box runs through them, and takes nothing of its neighbours."""

import numpy as np
import pytest
from typewriter import Typewriter

from models.images import cut
from models.room import cut_whole

TEXT = "Nội thận và lọc máu - cổ hẳn"


def _box(page: np.ndarray, first: int, last: int) -> np.ndarray:
    return np.array([[90, first], [900, first], [900, last], [90, last]], np.float32)


def _ink(page: np.ndarray) -> tuple[int, int]:
    rows = np.flatnonzero((page < 128).any(1))
    return int(rows[0]), int(rows[-1]) + 1


@pytest.mark.parametrize("print_is", ["dark", "light"])
def test_a_box_through_hooks_and_dots_grows_until_they_are_whole(typewriter: Typewriter, print_is: str) -> None:
    page = typewriter.page([(100, 200, TEXT)], size=48)
    first, last = _ink(page)
    shown = 255 - page if print_is == "light" else page
    crop, corners = cut_whole(shown, _box(page, first + 2, last - 3))
    assert (corners[0, 1], corners[3, 1]) == (first, last)
    assert (crop == shown[first:last, 90:900]).all()


def test_a_line_that_nothing_cuts_stays_as_it_is(typewriter: Typewriter) -> None:
    page = typewriter.page([(100, 200, TEXT)], size=48)
    first, last = _ink(page)
    box = _box(page, first - 2, last + 2)
    crop, corners = cut_whole(page, box)
    assert (corners == box).all()
    assert (crop == cut(page, box)).all()


def test_tails_of_the_line_above_are_left_out(typewriter: Typewriter) -> None:
    page = typewriter.page([(100, 200, "quy hoạch gồm ngày"), (100, 252, "một con mèo"), (100, 304, "ấy")], size=48)
    tails = _ink(page[:260])[1]
    box = _box(page, tails - 4, 310)
    assert (cut_whole(page, box)[1][0] == box[0]).all()


def test_rows_beyond_leave_those_between_as_they_were(typewriter: Typewriter) -> None:
    page = typewriter.page([(100, 200, TEXT)], size=48)
    leaning = np.array([[90, 200.5], [900, 208.2], [899.6, 262.1], [89.5, 254.3]], np.float32)
    assert (cut(page, leaning, 9)[9:-9] != cut(page, leaning)).mean() < 0.001
