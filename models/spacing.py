"""Spaces that the ink shows and the network missed, and spaces that it read where there is no gap.

A network learns where words end mostly from the words: a number set apart from its symbol, or the stop inside a long
address, deceives it. The paper between two letters does not. Here only plain cases are put right: a gap so much wider
than every other gap between letters of the line that it can be nothing but a space, and inside an address, which has
none, a space where the ink leaves no more room than beside its other stops. All else stays as it was read.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.reading import RecognisedLine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.reading import Image

    Letter = tuple[str, float, float]

_WIDE = 0.45
"""Line heights from which a gap may be a space that was missed: twice what justified print leaves between words."""
_WIDER = 1.6
"""How many times as wide as the line's usual spaces and as its widest other gap between letters it must be."""
_NONE = 0.12
"""Line heights up to which a gap inside an address is no space."""
_ADDRESS = re.compile(r"(?:://|www\.)[^\s,;()]*\. (?=[a-z]{2,}[./])")
"""An address that goes on behind a stop and a space: a further label and its own stop or stroke."""
_APART = frozenset("….·•_ ")
"""Signs that have room of their own."""


def spaced(line: RecognisedLine, grey: Image) -> RecognisedLine:
    """The line with its spaces put right; `grey` is the crop it was read from."""
    if len(line.text) < 3:
        return line
    letters: list[Letter] = list(zip(line.text, line.scores, line.places, strict=True))
    widths = _gaps(line, grey)
    dropped = {found.end() - 1 for found in _ADDRESS.finditer(line.text) if widths.get(found.end() - 2, np.inf) < _NONE}
    kept: list[Letter] = []
    missed = _missed(line.text, widths)
    for place, letter in enumerate(letters):
        if place not in dropped:
            kept.append(letter)
        if place == missed:
            kept.append((" ", letter[1], (letter[2] + letters[place + 1][2]) / 2))
    if len(kept) == len(letters):
        return line
    return RecognisedLine(
        "".join(letter for letter, _, _ in kept),
        tuple(score for _, score, _ in kept),
        tuple(place for _, _, place in kept),
    )


def _missed(text: str, widths: dict[int, float]) -> int | None:
    """The letter behind which a space is missing: the one gap of the line that stands out; None where none does."""
    inner = {place: width for place, width in widths.items() if text[place + 1] != " "}
    usual = [width for place, width in widths.items() if text[place + 1] == " "]
    if not inner:
        return None
    place = max(inner, key=inner.__getitem__)
    others = [width for other, width in inner.items() if other != place]
    least = max([_WIDE, *(_WIDER * width for width in others)], default=_WIDE)
    if usual:
        least = max(least, _WIDER * float(np.median(usual)))
    if inner[place] < least or text[place] in _APART or text[place + 1] in _APART:
        return None
    return place


def _gaps(line: RecognisedLine, grey: Image) -> dict[int, float]:
    """Behind each letter (by its place in the text, spaces apart), the widest gap before the next, in line heights."""
    height, width = grey.shape
    empty = ~inked_columns(grey)
    edges = np.flatnonzero(np.diff(empty.astype(np.int8), prepend=0, append=0))
    starts, ends = edges[::2], edges[1::2]
    middles = (starts + ends) / 2
    kept = [k for k, letter in enumerate(line.text) if letter != " "]
    widths = {}
    for this, following in pairwise(kept):
        left, right = line.places[this] * width, line.places[following] * width
        between = (middles > left) & (middles < right)
        widths[this] = float((ends - starts)[between].max(initial=0)) / height
    return widths


def inked_columns(grey: Image) -> NDArray[np.bool_]:
    """Columns with print; rules that run along the whole line do not count as print."""
    level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    ink = grey < level
    if ink.mean() > 0.5:
        ink = ~ink
    ink[ink.mean(1) > 0.8] = False
    return np.asarray(ink.sum(0) > grey.shape[0] // 24, np.bool_)
