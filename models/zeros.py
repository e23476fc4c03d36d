"""Tells a nought from a capital O in a code by how wide it is beside the line's other digits.

In print a nought is as wide as the digits beside it (0.9 to 1.08 times, over the typefaces of a Linux desk), and a
capital O is wider (from 1.17 times, but for typewriters). A network sees the shape and a little of its surroundings; in
a code such as `T06` it may take the one for the other. Only an O beside a digit that the network itself doubts is
looked at, and what is put in its place keeps that doubt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.reading import RecognisedLine
from models.spacing import inked_columns

if TYPE_CHECKING:
    from models.reading import Image

_DOUBT = 0.95
"""Score from which an O is left alone."""
_AS_WIDE = 1.1
"""Widths of a digit up to which a round sign is a nought."""
_FULL = frozenset("235689")
"""Digits that are as wide as a nought."""


def with_noughts(line: RecognisedLine, grey: Image) -> RecognisedLine:
    """The line with nought for O where its width says so; `grey` is the crop it was read from."""
    text = line.text
    doubted = [
        k
        for k, sign in enumerate(text)
        if sign == "O" and line.scores[k] < _DOUBT and any(c.isdigit() for c in text[max(0, k - 1) : k + 2])
    ]
    if not doubted:
        return line
    widths = _widths(line, grey)
    digits = [widths[k] for k in widths if text[k] in _FULL]
    if not digits:
        return line
    most = _AS_WIDE * float(np.median(digits))
    letters = list(text)
    for k in doubted:
        if widths.get(k, np.inf) <= most:
            letters[k] = "0"
    return RecognisedLine("".join(letters), line.scores, line.places)


def _widths(line: RecognisedLine, grey: Image) -> dict[int, int]:
    """Columns of ink of each sign (by its place in the text) that touches no other one."""
    edges = np.flatnonzero(np.diff(inked_columns(grey).astype(np.int8), prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    places = np.array(line.places) * grey.shape[1]
    signs = [k for k, sign in enumerate(line.text) if sign != " "]
    widths = {}
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        inside = [k for k in signs if start <= places[k] < end]
        if len(inside) == 1:
            widths[inside[0]] = end - start
    return widths
