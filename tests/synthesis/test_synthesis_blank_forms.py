"""Blank spaces of a scanned form are found from pixels, and typed into."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.synthesis.filling import Blank, Typing, find_blanks


def form(slope: float = 0.0) -> np.ndarray:
    """Two rows: a label with a colon, dots, a second label, dots; then a row of dots alone."""
    page = np.full((400, 1200), 255, np.uint8)

    def dots(x0: int, x1: int, y: int) -> None:
        for x in range(x0, x1, 9):
            cv2.circle(page, (x, round(y + slope * x)), 2, 0, -1)

    for x, text in ((50, "Ho ten:"), (650, "Ngay:")):
        cv2.putText(page, text, (x, round(100 + slope * x)), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 0, 3)
    dots(200, 600, 98)
    dots(780, 1100, 98)
    dots(60, 1100, 200)
    return page


def font() -> Path:
    spec = find_spec("ocrmypdf")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data" / "NotoSans-Regular.ttf"


@pytest.mark.parametrize("slope", [0.0, -0.015])
def test_blank_spaces_row_by_row(slope: float) -> None:
    rows = find_blanks(form(slope))
    assert [len(row) for row in rows] == [2, 1]
    first = rows[0][0]
    assert first.x0 == pytest.approx(200, abs=12)
    assert first.x1 == pytest.approx(600, abs=12)
    assert first.slope == pytest.approx(slope, abs=0.002)
    assert rows[1][0].left == 0


@pytest.mark.parametrize("replace", [True, False])
def test_typing_over_dots_or_in_their_place(replace: object) -> None:
    page = form()
    blank = find_blanks(page)[0][0]
    typing = Typing(font(), 30.0, replace=bool(replace), lift=0.25)
    before = (page[96:101, 210:300] < 128).sum()
    typing.write(page, "LAN", 205, blank)
    assert (page[70:92, 205:270] < 128).sum() > 100
    left = (page[97:101, 210 : round(205 + typing.width("LAN"))] < 128).sum()
    assert (left == 0) == bool(replace)
    assert before > 0
    assert (page[:, 620:] == form()[:, 620:]).all()


def test_typing_follows_the_paper() -> None:
    page = np.full((300, 1000), 255, np.uint8)
    Typing(font(), 30.0).write(page, "M" * 24, 100, Blank(100, 900, 0, 1000, 150, -0.05))
    left, right = page[:, 110:200], page[:, 700:790]
    assert np.nonzero(left < 128)[0].mean() - np.nonzero(right < 128)[0].mean() == pytest.approx(0.05 * 590, abs=5)
