"""Windows for the eraser of leaders: what differs between the two of a pair is the leaders' ink alone."""

from __future__ import annotations

import numpy as np
import pytest

from models.training.eraser_samples import COLUMNS, ROWS, Printed, cut_leaders, pair


def block(width: int = 300) -> Printed:
    """A text of dark blocks, three times as large as shown."""
    ink = np.zeros((150, width), np.uint8)
    for x in range(20, width - 30, 50):
        ink[60:105, x : x + 25] = 255
    return Printed(ink, 105, 90.0)


@pytest.mark.parametrize("seed", range(12))
def test_the_wanted_row_has_no_ink_that_the_seen_one_lacks(seed: int) -> None:
    drawn = pair([block(), block(500)], [], np.random.default_rng(seed))
    assert drawn.seen.shape == drawn.wanted.shape == (ROWS, COLUMNS)
    assert drawn.wanted.min() >= 0
    assert drawn.seen.max() <= 1
    assert (drawn.wanted <= drawn.seen + 1e-6).all()


def test_pairs_follow_from_the_seed_and_most_have_leaders() -> None:
    first, second = ([pair([block()], [], np.random.default_rng(seed)) for seed in range(20)] for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.seen, other.seen)
    taken = [float((one.seen - one.wanted).sum()) for one in first]
    assert sum(ink > 5 for ink in taken) >= 12


def test_free_leaders_are_cut_as_large_as_windows_show_them() -> None:
    page = np.full((600, 1200), 255, np.uint8)
    for x in range(100, 900, 12):
        page[300:304, x : x + 4] = 0
    (cut,) = cut_leaders(page, 50.0)
    assert cut.shape[0] == 22
    assert cut.shape[1] == pytest.approx(800 * 40 / 50, rel=0.05)
    assert cut.max() > 200
    assert cut[:6].max() < 60
