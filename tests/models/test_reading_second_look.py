"""The second look: only at doubtful lines, and the surer reading whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from models.reading import RecognisedLine
from models.second_look import DOUBT, SecondLook

if TYPE_CHECKING:
    from models.ctc import CtcRecogniser
    from models.reading import Image

CROP = np.zeros((48, 96, 3), np.uint8)


class Says:
    """A recogniser that always reads the same, and counts how often it is asked."""

    alphabet = frozenset("Nguyễnê")

    def __init__(self, text: str, *scores: float) -> None:
        self.name = f"says-{text}"
        self.line = RecognisedLine(text, scores, tuple(k / len(text) for k in range(len(text))))
        self.asked = 0

    def recognise(self, crop: Image) -> RecognisedLine:
        assert crop is CROP
        self.asked += 1
        return self.line


def look(fast: Says, thorough: Says) -> RecognisedLine:
    return SecondLook(cast("CtcRecogniser", fast), cast("CtcRecogniser", thorough)).recognise(CROP)


def test_a_sure_line_is_read_once() -> None:
    fast, thorough = Says("Nguyễn", *[DOUBT] * 6), Says("Nguyên", *[1.0] * 6)
    assert look(fast, thorough).text == "Nguyễn"
    assert thorough.asked == 0


@pytest.mark.parametrize("text", ["http:/a.gov.vn", "www.a.com", "phu@chinhphu", "canhsat.vn,"])
def test_an_address_is_always_looked_at_twice(text: str) -> None:
    fast, thorough = Says(text, *[0.99] * len(text)), Says(text + "/", *[0.995] * (len(text) + 1))
    assert look(fast, thorough).text == text + "/"


@pytest.mark.parametrize(("second", "wanted"), [(0.99, "Nguyễn"), (0.4, "Nguyên")])
def test_the_surer_reading_is_taken_whole(second: float, wanted: str) -> None:
    fast, thorough = Says("Nguyên", 0.99, 0.99, 0.99, 0.99, 0.6, 0.99), Says("Nguyễn", *[0.99] * 4, second, 0.99)
    found = look(fast, thorough)
    assert found.text == wanted
    assert found in (fast.line, thorough.line)


def test_agreement_gives_the_better_scores() -> None:
    found = look(Says("ng", 0.7, 0.9), Says("ng", 0.8, 0.6))
    assert found.text == "ng"
    assert found.scores == (0.8, 0.9)


def test_nothing_read_is_not_surer_than_something() -> None:
    assert look(Says("n", 0.2), Says("", *())).text == "n"
