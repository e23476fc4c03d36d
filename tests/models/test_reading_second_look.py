"""The second look: only at doubtful stretches, cut where the ink leaves a gap, and each reading taken whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from models.reading import RecognisedLine
from models.second_look import DOUBT, SURE_GAP, SecondLook, Stretch, gap, replaced, stretches

if TYPE_CHECKING:
    from models.ctc import CtcRecogniser
    from models.reading import Image

CROP = np.zeros((48, 96, 3), np.uint8)
LETTER = 20
"""Columns of a letter in the lines drawn here."""


def line_of(text: str, *doubts: int, score: float = 0.5) -> RecognisedLine:
    """A line that is sure of all but the characters at `doubts`."""
    scores = tuple(score if k in doubts else 0.99 for k in range(len(text)))
    return RecognisedLine(text, scores, tuple((k + 0.5) / len(text) for k in range(len(text))))


def drawn(text: str) -> Image:
    """A crop in which every letter is a black block and every space is white."""
    crop = np.full((48, LETTER * len(text), 3), 255, np.uint8)
    for k, letter in enumerate(text):
        if letter != " ":
            crop[10:40, LETTER * k + 1 : LETTER * (k + 1) - 1] = 0
    return crop


class Says:
    """A recogniser that always reads the same, and keeps what it is asked about."""

    alphabet = frozenset("Nguyễnê")

    def __init__(self, text: str, *scores: float) -> None:
        self.name = f"says-{text}"
        self.line = RecognisedLine(text, scores, tuple((k + 0.5) / len(text) for k in range(len(text))))
        self.crops: list[Image] = []

    def recognise(self, crop: Image) -> RecognisedLine:
        self.crops.append(crop)
        return self.line


def look(fast: Says, thorough: Says, crop: Image = CROP) -> RecognisedLine:
    return SecondLook(cast("CtcRecogniser", fast), cast("CtcRecogniser", thorough)).recognise(crop)


def test_a_sure_line_is_read_once() -> None:
    fast, thorough = Says("Nguyễn", *[DOUBT] * 6), Says("Nguyên", *[1.0] * 6)
    assert look(fast, thorough).text == "Nguyễn"
    assert not thorough.crops


@pytest.mark.parametrize("text", ["http:/a.gov.vn", "www.a.com", "phu@chinhphu", "canhsat.vn,"])
def test_an_address_is_always_looked_at_twice(text: str) -> None:
    fast, thorough = Says(text, *[0.99] * len(text)), Says(text + "/", *[0.995] * (len(text) + 1))
    assert look(fast, thorough).text == text + "/"


@pytest.mark.parametrize(("second", "wanted"), [(0.9, "Nguyễn"), (0.5, "Nguyễn"), (1e-4, "Nguyên")])
def test_the_larger_one_is_believed_unless_it_guesses(second: float, wanted: str) -> None:
    fast, thorough = Says("Nguyên", 0.99, 0.99, 0.99, 0.99, 0.6, 0.99), Says("Nguyễn", *[second] * 6)
    found = look(fast, thorough)
    assert found.text == wanted
    assert found.scores[4] == (second if wanted == "Nguyễn" else 0.6)


def test_agreement_gives_the_better_scores() -> None:
    found = look(Says("ng", 0.7, 0.9), Says("ng", 0.8, 0.6))
    assert found.text == "ng"
    assert found.scores == (0.8, 0.9)


def test_nothing_read_is_not_better_than_something() -> None:
    assert look(Says("n", 0.2), Says("", *())).text == "n"


def test_only_the_doubtful_words_and_their_neighbours_are_looked_at() -> None:
    text = "mot hai ba bon nam sau bay tam chin muoi mot hai ba bon sau bay tam chin"
    doubt = text.index("nam")
    [found] = stretches(line_of(text, doubt), drawn(text))
    assert text[found.first : found.last] in ("bon nam sau", "ba bon nam sau bay")
    for edge, column in ((found.first - 1, found.x0), (found.last, found.x1)):
        assert text[edge] == " "
        assert LETTER * edge <= column <= LETTER * (edge + 1)


def test_words_far_from_each_other_are_looked_at_apart_and_near_ones_together() -> None:
    text = " ".join(["mot", "hai", "bon"] * 8)
    words = [k for k, letter in enumerate(text) if letter == " "]
    apart = stretches(line_of(text, 1, words[-1] + 1), drawn(text))
    assert len(apart) == 2
    assert apart[0].first == 0
    assert apart[1].last == len(text)
    assert len(stretches(line_of(text, 1, words[2] + 1), drawn(text))) == 1


def test_a_line_that_is_doubtful_all_over_is_looked_at_whole() -> None:
    text = "mot hai ba"
    assert stretches(line_of(text, 1), drawn(text)) == [Stretch(0, len(text), 0, LETTER * len(text))]


def test_an_unsure_space_is_no_place_to_cut() -> None:
    text = " ".join(["mot", "hai", "bon"] * 8)
    spaces = [k for k, letter in enumerate(text) if letter == " "]
    line = line_of(text, *spaces, score=(DOUBT + SURE_GAP) / 2)
    assert not stretches(line, drawn(text))
    assert len(stretches(line_of(text, *spaces, score=DOUBT / 2), drawn(text))) == 1


def test_a_cut_falls_between_the_letters() -> None:
    crop = drawn("ab cd")
    ink = crop[:, :, 0].min(axis=0)
    for told in (45, 50, 58):
        assert 40 <= gap(ink, told, 14) < 60


def test_the_rest_of_the_line_stays_as_it_was() -> None:
    line = line_of("mot hai ba", 5)
    second = RecognisedLine("hải", (0.8, 0.7, 0.6), (0.1, 0.5, 0.9))
    found = replaced(line, Stretch(4, 7, 80, 140), second, 200)
    assert found.text == "mot hải ba"
    assert found.scores == (*line.scores[:4], 0.99, 0.7, 0.99, *line.scores[7:])
    assert found.places[:4] + found.places[7:] == line.places[:4] + line.places[7:]
    assert found.places[4:7] == pytest.approx((0.43, 0.55, 0.67))


def test_words_at_the_ends_keep_the_better_score() -> None:
    line = RecognisedLine("mot hai ba", (0.9, 0.9, 0.9, 1.0, 0.5, 0.5, 0.5, 1.0, 0.9, 0.6), tuple([0.0] * 10))
    second = RecognisedLine("mot hải ba", (0.95, 0.4, 0.4, 0.4, 0.7, 0.7, 0.7, 0.4, 0.4, 0.8), tuple([0.0] * 10))
    found = replaced(line, Stretch(0, 10, 0, 200), second, 200)
    assert found.scores == (0.95, 0.9, 0.9, 1.0, 0.7, 0.7, 0.7, 1.0, 0.9, 0.8)


def test_the_larger_one_sees_the_stretch_alone() -> None:
    text = " ".join(["mot", "hai", "bon"] * 6)
    fast, thorough = Says(text, *line_of(text, 1).scores), Says("một hai", *[0.9] * 7)
    crop = drawn(text)
    found = look(fast, thorough, crop)
    [seen] = thorough.crops
    assert seen.shape[1] < crop.shape[1] / 2
    assert np.array_equal(seen, crop[:, : seen.shape[1]])
    assert found.text.startswith("một hai")
    assert len(found.scores) == len(found.places) == len(found.text)
