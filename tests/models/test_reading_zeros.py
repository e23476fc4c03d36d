"""A nought that was read as an O is known by its width; an O is left alone, and so is what leaves no doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.reading import RecognisedLine
from models.zeros import with_noughts

if TYPE_CHECKING:
    from typewriter import Typewriter


def _read(typewriter: Typewriter, printed: str, read: str, score: float) -> str:
    """What becomes of a reading of a code, one sign read for each that is printed, set with a little space."""
    starts = [20 + 45 * k for k in range(len(printed))]
    picture = typewriter.page(
        [(start, 10, sign) for start, sign in zip(starts, printed, strict=True)], size=40, page=(400, 70)
    )
    runs = np.flatnonzero(np.diff((picture < 128).any(0).astype(int)))
    places = (runs[::2] + runs[1::2]) / 2 / picture.shape[1]
    return with_noughts(RecognisedLine(read, (score,) * len(read), tuple(places.tolist())), picture).text


def test_a_nought_as_wide_as_the_digit_beside_it(typewriter: Typewriter) -> None:
    assert _read(typewriter, "T06;", "TO6;", 0.9) == "T06;"


@pytest.mark.parametrize(
    ("printed", "read", "score"),
    [("CO2", "CO2", 0.9), ("T06", "TO6", 0.99), ("TO", "TO", 0.5), ("HO8B", "HO8B", 0.6), ("C01", "CO1", 0.6)],
)
def test_all_else_stays_as_it_was_read(typewriter: Typewriter, printed: str, read: str, score: float) -> None:
    assert _read(typewriter, printed, read, score) == read
