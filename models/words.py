"""From a recognised line to words with boxes: where a word ends in the crop, seen in its ink.

Character places of a CTC network are right to about half a letter. The gap between two words is therefore looked for
in the ink: the widest stretch of empty columns between the last letter of one and the first letter of the next.
Places and boxes are shares of the crop's width here; `page_reader` maps them to the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.reading import Image, RecognisedLine


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word, the scores of its characters, and its stretch of the crop in 0..1."""

    text: str
    scores: tuple[float, ...]
    start: float
    end: float


def place_words(line: RecognisedLine, grey: Image) -> list[PlacedWord]:
    """Splits a line at its spaces; `grey` is the crop it was read from."""
    spans = _spans(line.text)
    if not spans:
        return []
    empty = _empty_columns(grey)
    width = len(empty)
    edges = [_first_ink(empty)]
    for (_, last), (first, _) in pairwise(spans):
        left, right = (int(line.places[i] * (width - 1)) for i in (last - 1, first))
        edges += _widest_gap(empty, left, right)
    edges.append(width - _first_ink(empty[::-1]))
    return [
        PlacedWord(
            line.text[first:last],
            line.scores[first:last],
            min(edges[2 * k], edges[2 * k + 1] - 1) / width,
            edges[2 * k + 1] / width,
        )
        for k, (first, last) in enumerate(spans)
    ]


def _spans(text: str) -> list[tuple[int, int]]:
    spans = []
    start = 0
    for part in text.split(" "):
        if part:
            spans.append((start, start + len(part)))
        start += len(part) + 1
    return spans


def _empty_columns(grey: Image) -> NDArray[np.bool_]:
    """Columns without print; rules that run along the whole line do not count as print."""
    level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    ink = grey < level
    if ink.mean() > 0.5:
        ink = ~ink
    ink[ink.mean(1) > 0.8] = False
    return np.asarray(ink.sum(0) <= max(0, grey.shape[0] // 24), np.bool_)


def _first_ink(empty: NDArray[np.bool_]) -> int:
    inked = np.flatnonzero(~empty)
    return int(inked[0]) if len(inked) else 0


def _widest_gap(empty: NDArray[np.bool_], left: int, right: int) -> tuple[int, int]:
    """(end of the left word, start of the right word) in columns."""
    best = (0, (left + right) // 2)
    run = 0
    for column in range(left, right + 1):
        run = run + 1 if empty[column] else 0
        if run > best[0]:
            best = (run, column - run + 1)
    length, start = best
    return start, start + length
