"""Spaces by the ink: a number set far from its symbol is parted from it, an address is not parted at its stops."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from models.reading import RecognisedLine
from models.spacing import spaced

if TYPE_CHECKING:
    from typewriter import Typewriter

    from models.reading import Image


def _line(text: str, picture: Image, pieces: list[tuple[int, str]], typewriter: Typewriter) -> RecognisedLine:
    """`text` as if it was read from a picture of pieces at known columns, each letter in its own middle."""
    places = []
    for start, piece in pieces:
        drawn = [typewriter.page([(0, 10, piece[: k + 1])], size=40) < 128 for k in range(len(piece))]
        ends = [0, *(int(np.flatnonzero(ink.any(0))[-1]) for ink in drawn)]
        places += [
            start + (before + after) / 2
            for (before, after), sign in zip(pairwise(ends), piece, strict=True)
            if sign != " "
        ]
    letters = [k for k, letter in enumerate(text) if letter != " "]
    at = np.interp(range(len(text)), letters, places) / picture.shape[1]
    return RecognisedLine(text, (0.9,) * len(text), tuple(at.tolist()))


def _picture(pieces: list[tuple[int, str]], typewriter: Typewriter) -> Image:
    return typewriter.page([(x, 10, piece) for x, piece in pieces], size=40, page=(1000, 70))


def test_a_number_set_apart_from_its_symbol_is_a_word_of_its_own(typewriter: Typewriter) -> None:
    pieces = [(20, "Số:"), (100, "542"), (230, "/TB-UBND")]
    picture = _picture(pieces, typewriter)
    assert spaced(_line("Số: 542/TB-UBND", picture, pieces, typewriter), picture).text == "Số: 542 /TB-UBND"


def test_a_number_that_touches_its_symbol_stays_whole(typewriter: Typewriter) -> None:
    pieces = [(20, "Số:"), (100, "542/TB-UBND")]
    picture = _picture(pieces, typewriter)
    line = _line("Số: 542/TB-UBND", picture, pieces, typewriter)
    assert spaced(line, picture) is line


def test_letters_set_wide_apart_are_no_words(typewriter: Typewriter) -> None:
    pieces = [(20 + 60 * k, letter) for k, letter in enumerate("THÔNGBÁO")]
    picture = _picture(pieces, typewriter)
    line = _line("THÔNGBÁO", picture, pieces, typewriter)
    assert spaced(line, picture) is line


def test_an_address_is_not_parted_at_a_stop_without_a_gap(typewriter: Typewriter) -> None:
    pieces = [(20, "xem"), (120, "http://canhsat.gov.vn/vi")]
    picture = _picture(pieces, typewriter)
    read = _line("xem http://canhsat. gov.vn/vi", picture, pieces, typewriter)
    assert spaced(read, picture).text == "xem http://canhsat.gov.vn/vi"


def test_a_sentence_after_an_address_keeps_its_space(typewriter: Typewriter) -> None:
    pieces = [(20, "http://canhsat.vn."), (420, "Cục"), (520, "gửi.")]
    picture = _picture(pieces, typewriter)
    line = _line("http://canhsat.vn. Cục gửi.", picture, pieces, typewriter)
    assert spaced(line, picture) is line
