"""Tick boxes beside printed words: which of `☐ Nam ☐ Nữ`, `Có ☐, Không ☐` carry a mark.

A reader gives boxes as scraps of letters or not at all, so pixels decide: squares near the words are found by their
outline, and the ink inside them is weighed. Whether boxes stand before or behind their words is told by all choices
together. Boxes that are printed as `[ ]` or `( )` are read, and so are the signs ☐ and ☑.
Between empty and ticked lies a doubt, and a doubt is a person's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.reading import Image

TICKED, EMPTY = 0.10, 0.05
"""Share of ink inside a box from which it is ticked, and up to which it is empty."""
_REACH = 1.9
"""In heights of a word: how far from its words a box may stand."""

_FULL = 0.75
"""Share of ink inside from which a square is a blot or a bold letter, and no box with a mark."""
_CORNER = 0.3
"""Share of ink in each corner of a box."""

_MARKED = re.compile(r"[☑☒✓✔]|[\[(]\s?[xX×vV✓✔]\s?[\])]")
_UNMARKED = re.compile(r"[☐□]|\[\s{0,3}\]|\(\s{1,3}\)")


@dataclass(frozen=True, slots=True)
class Square:
    """A drawn box and the share of ink inside it."""

    box: Box
    ink: float

    @property
    def ticked(self) -> bool | None:
        """Whether it carries a mark; None where that cannot be told."""
        return True if self.ink >= TICKED else False if self.ink <= EMPTY else None


def squares(image: Image, region: Box, size: int) -> list[Square]:
    """Drawn boxes about as high as letters of `size` pixels, in a part of the page, from left to right."""
    import cv2
    import numpy as np

    x0, y0 = max(0, region.x0), max(0, region.y0)
    strip = image[y0 : min(image.shape[0], region.y1), x0 : min(image.shape[1], region.x1)]
    if strip.size == 0:
        return []
    grey = cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY) if strip.ndim == 3 else strip
    dark = (grey < float(np.percentile(grey, 90)) - 60).astype(np.uint8)
    contours, _ = cv2.findContours(dark, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    best: dict[tuple[int, int], tuple[float, Square]] = {}
    for contour in contours:
        x, y, width, height = cv2.boundingRect(contour)
        filled = cv2.contourArea(contour) / max(1.0, float(width * height))
        if not (0.45 * size <= height <= 1.25 * size and 0.75 <= width / max(1, height) <= 1.35) or filled < 0.75:
            continue
        inset = max(2, width // 5)
        inner = dark[y + inset : y + height - inset, x + inset : x + width - inset]
        if not inner.size or inner.mean() > _FULL or not _framed(dark[y : y + height, x : x + width]):
            continue
        place = (round((x + width / 2) / (0.6 * size)), round((y + height / 2) / size))
        square = Square(Box(x0 + x, y0 + y, x0 + x + width, y0 + y + height), float(inner.mean()))
        # A box has an outer and an inner outline: the fuller one is its frame.
        if place not in best or filled > best[place][0]:
            best[place] = (filled, square)
    return sorted((square for _, square in best.values()), key=lambda square: square.box.x0)


def _framed(part: object) -> bool:
    """Whether all four edges and corners of a dark mask are drawn: letters such as `D` and `O` leave some open."""
    import numpy as np

    dark = np.asarray(part)
    band = max(2, dark.shape[0] // 6)
    edges = (dark[:band].max(axis=0), dark[-band:].max(axis=0), dark[:, :band].max(axis=1), dark[:, -band:].max(axis=1))
    corner = max(2, round(0.18 * dark.shape[0]))
    corners = (dark[:corner, :corner], dark[:corner, -corner:], dark[-corner:, :corner], dark[-corner:, -corner:])
    drawn = all(float(edge.mean()) >= 0.75 for edge in edges)
    return drawn and all(float(part.mean()) >= _CORNER for part in corners)


def boxes_of(image: Image, words: Sequence[tuple[Box, Box]]) -> list[Square] | None:
    """The box of each choice in reading order, given the boxes of its first and of its last row of words.

    None where not all have one.
    """
    size = sorted(first.height for first, _ in words)[len(words) // 2]
    before = [_beside(image, first, size, behind=False) for first, _ in words]
    behind = [_beside(image, last, size, behind=True) for _, last in words]
    found = [
        (sum(gap for gap, _ in side if gap is not None), [square for _, square in side if square is not None])
        for side in (before, behind)
        if all(square is not None for _, square in side)
        and len({square.box for _, square in side if square is not None}) == len(words)
    ]
    return min(found, key=lambda side: side[0])[1] if found else None


def _beside(image: Image, word: Box, size: int, *, behind: bool) -> tuple[float | None, Square | None]:
    """The nearest box on one side of a word, and how far it stands."""
    reach = round(_REACH * size)
    slack = size // 3
    left, right = (word.x1 - slack, word.x1 + reach) if behind else (word.x0 - reach, word.x0 + slack)
    found = squares(image, Box(left, word.y0 - slack, right, word.y1 + slack), size)
    gaps = [(square.box.x0 - word.x1 if behind else word.x0 - square.box.x1, square) for square in found]
    near = [(gap, square) for gap, square in gaps if gap > -slack]
    return min(near, key=lambda one: one[0]) if near else (None, None)


def printed_marks(text: str, spans: Sequence[tuple[int, int]]) -> list[bool] | None:
    """Whether each choice (characters from, to) has a mark in a box that is printed as signs; None without such."""
    marks = [(found.start(), found.end(), True) for found in _MARKED.finditer(text)]
    marks += [(found.start(), found.end(), False) for found in _UNMARKED.finditer(text)]
    marks.sort()
    if not marks:
        return None
    ahead = marks[0][0] < min(start for start, _ in spans)
    answers = []
    for start, end in spans:
        near = (
            [m for m in marks if (m[1] <= start and start - m[1] < 4) if ahead]
            if ahead
            else [m for m in marks if m[0] >= end and m[0] - end < 4]
        )
        answers.append(bool(near) and (near[-1] if ahead else near[0])[2])
    return answers
