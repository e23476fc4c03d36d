"""Joins the two halves of a printed number that a wide gap for its figure keeps apart: `Số: 565` and `/TB-UBND`.

A letter's number is printed as `Số:     /TB-UBND` and its figure set in later, by a stamp or on a screen (Decree
30/2020/NĐ-CP, Annex I). Where the gap is wide, a detector finds two lines. No printed line begins with a stroke: what
does, on the same row and of the same height as a line that ends shortly before it, goes on with that line. Only the
words are joined; each keeps its text, its box and its chance as it was read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.calibration import Calibration
    from models.reading import Box, Line

_GAP = 3.0
"""Widest gap between the halves, in line heights."""
_LAP = 1.0
"""How far the halves' boxes, which have room at their ends, may lap over each other, in line heights."""
_OVERLAP = 0.6
"""Share of the lower half's height by which they stand on one row."""


def joined(lines: Sequence[Line], places: Sequence[Box], calibration: Calibration) -> tuple[list[Line], list[Box]]:
    """Lines and where they stand on the level page, with every half that begins with a stroke behind its first one."""
    left: dict[int, int] = {}
    for second, line in enumerate(lines):
        if len(line.text) > 1 and line.text[0] == "/" and line.text[1].isalpha():
            near = [first for first in range(len(lines)) if first != second and _goes_on(lines, places, first, second)]
            if near:
                left[second] = max(near, key=lambda first: places[first].x1)
    merged, boxes = list(lines), list(places)
    for second, first in left.items():
        words = merged[first].words + lines[second].words
        chances = [line.handwriting for line in (merged[first], lines[second])]
        merged[first] = replace(
            merged[first],
            words=words,
            box=merged[first].box.union(lines[second].box),
            probability=calibration.line(word.probability for word in words),
            handwriting=_mean(chances, [places[first].width, places[second].width]),
        )
        boxes[first] = boxes[first].union(places[second])
    kept = [k for k in range(len(lines)) if k not in left]
    return [merged[k] for k in kept], [boxes[k] for k in kept]


def _goes_on(lines: Sequence[Line], places: Sequence[Box], first: int, second: int) -> bool:
    """Whether the second half begins shortly behind the first one's figure or colon, on one row with it."""
    text, a, b = lines[first].text, places[first], places[second]
    if not text or not (text[-1].isdigit() or text[-1] == ":"):
        return False
    height = min(a.height, b.height)
    overlap = min(a.y1, b.y1) - max(a.y0, b.y0)
    return -_LAP * height <= b.x0 - a.x1 <= _GAP * height and overlap >= _OVERLAP * height


def _mean(chances: Sequence[float | None], widths: Sequence[int]) -> float | None:
    known = [(chance, width) for chance, width in zip(chances, widths, strict=True) if chance is not None]
    if not known:
        return None
    return sum(chance * width for chance, width in known) / sum(width for _, width in known)
