"""Leaders under typed text: seen where they are, taken out of the ink, and nothing else is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.errors import WeightsError
from models.factory import ReaderOptions, build_eraser
from models.leader_eraser import load_eraser_model
from models.leader_rows import strips_of
from models.leaders import find_leaders
from models.reading import DetectedLine
from models.under_text import Underlaid, underlaid

if TYPE_CHECKING:
    from pathlib import Path

    from typewriter import Typewriter

    from models.leader_eraser import LeaderEraser
    from models.reading import Image

HEIGHT = 40.0
"""Line height that a detector gives for the typewriter's 28-pixel letters."""
BASE = 229
"""Row on which the typewriter's letters stand in a line at 200."""
VALUE = "Nguyễn Thị Ngọc Bích, quận Đống Đa"


def line(x0: float, y0: float, x1: float, y1: float) -> DetectedLine:
    return DetectedLine(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), 1.0)


def form(typewriter: Typewriter, *, dots: bool, value: str = VALUE, drop: int = 5) -> Image:
    """A label and a value typed five pixels above the form's dots."""
    page = np.array(typewriter.page([(80, 200 + drop, "Họ tên:"), (300, 200, value)], size=28, page=(1300, 400)))
    if dots:
        for x in range(190, 1200, 8):
            page[BASE + drop - 3 : BASE + drop, x : x + 3] = 0
    return np.repeat(page[:, :, None], 3, 2)


FOUND = [line(74, 203, 190, 246), line(290, 198, 790, 246)]


@pytest.fixture(scope="module")
def eraser() -> LeaderEraser:
    return build_eraser(ReaderOptions(threads=1))


def rows_on(page: Image, found: list[DetectedLine] = FOUND) -> list[Underlaid]:
    return underlaid(page, found, find_leaders(page, HEIGHT), HEIGHT)


def test_dots_under_typed_text_are_seen_from_its_start_to_its_end(typewriter: Typewriter) -> None:
    page = form(typewriter, dots=True)
    rows = rows_on(page)
    assert rows
    covered = np.zeros(page.shape[1], np.bool_)
    for row in rows:
        assert row.y == pytest.approx(BASE + 3, abs=2)
        for x0, x1 in row.parts:
            covered[round(x0) : round(x1)] = True
    assert covered[300:760].mean() > 0.95
    assert not covered[850:1190].any(), "free leaders are the form's own"
    assert not covered[80:180].any(), "nothing lies under the label"


def test_print_without_leaders_has_none_under_it(typewriter: Typewriter) -> None:
    assert rows_on(form(typewriter, dots=False)) == []
    text = "Nghị quyết số 12 minimum nnn: kết quả, ý kiến một bộ phận (v.v...)"
    page = np.array(typewriter.page([(80, 80 + 60 * k, text) for k in range(5)], size=28, page=(1300, 400)))
    page[389:392, 100:900:8] = 0  # a leader elsewhere on the page
    page = np.repeat(page[:, :, None], 3, 2)
    found = [line(74, 78 + 60 * k, 1000, 118 + 60 * k) for k in range(5)]
    assert underlaid(page, found, find_leaders(page, HEIGHT), HEIGHT) == []


def test_the_colon_of_a_label_is_no_leader(typewriter: Typewriter, eraser: LeaderEraser) -> None:
    page = np.array(typewriter.page([(80, 200, "Họ tên:"), (215, 195, VALUE)], size=28, page=(1300, 400)))
    bare = np.repeat(page[:, :, None], 3, 2)
    right = int(np.flatnonzero((page[200:240, :200] < 128).any(0)).max())
    for x in range(right + 6, 1200, 8):
        page[226:229, x : x + 3] = 0
    page = np.repeat(page[:, :, None], 3, 2)
    found = [line(74, 193, 720, 246)]
    cleaned = eraser.erase(page, rows_on(page, found), HEIGHT)
    assert not np.array_equal(cleaned, page)
    assert np.array_equal(cleaned[:, 70 : right + 1], bare[:, 70 : right + 1])


def test_dots_go_and_letters_with_their_marks_stay(typewriter: Typewriter, eraser: LeaderEraser) -> None:
    page, bare = form(typewriter, dots=True), form(typewriter, dots=False)
    cleaned = eraser.erase(page, rows_on(page), HEIGHT)
    under = np.s_[190:250, 300:760]
    before, after = (np.abs(seen[under].astype(float) - bare[under]).sum() for seen in (page, cleaned))
    assert after < 0.15 * before
    ink = 255.0 * bare[under].size - bare[under].sum()
    kept = np.maximum(cleaned[under].astype(float) - bare[under], 0).sum()
    assert kept < 0.03 * ink, "ink of the text was taken"
    assert np.array_equal(cleaned[:, 860:], page[:, 860:])
    assert np.array_equal(page, form(typewriter, dots=True)), "the page itself stays"


def test_strips_show_the_text_without_its_dots(typewriter: Typewriter, eraser: LeaderEraser) -> None:
    page = form(typewriter, dots=True)
    plain, cleaned = (strips_of(page, FOUND, part) for part in (None, eraser))
    assert sum((255 - strip.crop.astype(float)).sum() for strip in cleaned) < sum(
        (255 - strip.crop.astype(float)).sum() for strip in plain
    )
    bare = form(typewriter, dots=False)
    for with_eraser, without in zip(strips_of(bare, FOUND, eraser), strips_of(bare, FOUND), strict=True):
        assert np.array_equal(with_eraser.crop, without.crop)


@pytest.mark.parametrize(("y", "x1"), [(2.0, 900.0), (398.0, 900.0), (200.0, 1299.0), (200.0, 303.0)])
def test_rows_at_the_edges_of_the_page_are_erased_too(
    typewriter: Typewriter, eraser: LeaderEraser, y: float, x1: float
) -> None:
    page = form(typewriter, dots=True)
    assert eraser.erase(page, [Underlaid(((300.0, x1),), y, 0.0)], HEIGHT).shape == page.shape


def test_weights_that_are_not_the_ones_meant_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"erase\.json"):
        load_eraser_model(tmp_path)
    (tmp_path / "erase.json").write_text(json.dumps({"name": "other", "sha256": "0" * 64}), encoding="utf-8")
    (tmp_path / "erase.onnx").write_bytes(b"graph")
    with pytest.raises(WeightsError, match="SHA-256"):
        load_eraser_model(tmp_path)
