"""Lines of scans: only what two readers agree on, cut with margins."""

from __future__ import annotations

import numpy as np

from models.reading import Box, Line, Word
from models.training.scanned import agree, cut

LETTERS = frozenset("abcSố0123 ")


def test_readers_agree_in_what_both_can_write():
    assert agree("Số 12…", "Số 12", LETTERS)
    assert agree("S ố 12", "Số 1 2", LETTERS)
    assert not agree("Số 12", "Số 13", LETTERS)
    assert not agree("…", "…", LETTERS)


def line(*words: tuple[str, int, int]) -> Line:
    placed = tuple(Word(text, Box(x0, 40, x1, 70), 1.0) for text, x0, x1 in words)
    return Line(placed, Box(words[0][1], 40, words[-1][2], 70), 1.0)


def test_a_line_is_cut_with_its_words_and_its_ink():
    page = np.full((120, 400, 3), 255, np.uint8)
    page[44:66, 52:100] = 0
    page[44:66, 120:180] = (0, 0, 200)
    found = cut(page, line(("Số", 50, 104), ("123", 116, 184)))
    assert found is not None
    assert found.text == "Số 123"
    assert (found.top, found.bottom) == (14, 36)
    assert found.image[found.top : found.bottom, found.words[1].x0 + 6 : found.words[1].x1 - 6].max() == 0
    assert found.words[0].x0 == 10


def test_a_line_without_ink_or_with_strange_letters_is_no_training_line():
    page = np.full((120, 400, 3), 255, np.uint8)
    assert cut(page, line(("Số", 50, 104))) is None
    page[44:66, 52:100] = 0
    assert cut(page, line(("漢", 50, 104))) is None
