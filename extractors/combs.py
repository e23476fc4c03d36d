"""Numbers in combs: rows of small boxes with one sign each, found from the paper and checked sign by sign.

A reader gives the signs of a comb as words of one or a few letters, and now and then misses one between its walls. So
every sign is put into the box that it stands in, and every box is looked into: a box with ink and without a sign, or
with two signs, makes the value doubtful (`comb`), as a number that lost a digit looks like another number.
The value is the signs from left to right; raw keeps them parted by blanks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractors.ink import INKED, tall_ink
from extractors.text import compact
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import PageView
    from extractors.grid import Grid
    from models.reading import Word

_LEAST = 4
"""Boxes that make a comb."""
_WIDE = 2.2
"""In heights of text: how wide a box of a comb is at most."""


@dataclass(frozen=True, slots=True)
class Comb:
    """What stands in a comb: one text a box, and whether boxes and signs agree."""

    signs: tuple[str, ...]
    sure: bool
    box: Box

    @property
    def value(self) -> str:
        """All signs."""
        return "".join(self.signs)

    @property
    def raw(self) -> str:
        """The signs, parted by blanks."""
        return " ".join(sign for sign in self.signs if sign)


def combs(grids: Sequence[Grid], height: float) -> list[Grid]:
    """The grids that are combs: one row of boxes, each about as wide as high."""
    return [
        grid
        for grid in grids
        if len(grid.ys) == 2 and len(grid.xs) > _LEAST and grid.pitch <= _WIDE * height and _even(grid)
    ]


def _even(grid: Grid) -> bool:
    widths = [b - a for a, b in zip(grid.xs, grid.xs[1:], strict=False)]
    return max(widths) <= 1.5 * min(widths)


def comb_beside(grids: Sequence[Grid], label: Sequence[Word], height: float) -> Grid | None:
    """The comb nearest to a label: right of it in its row, or right below it."""
    if not label:
        return None
    last, first = label[-1].box, label[0].box
    near: list[tuple[float, Grid]] = []
    for grid in combs(grids, height):
        box = grid.box(0, 0)
        behind = box.y0 - 0.7 * height < (last.y0 + last.y1) / 2 < box.y1 + 0.7 * height and box.x0 > last.x0
        below = 0 < box.y0 - last.y1 + 0.5 * height < 1.6 * height and abs(box.x0 - first.x0) < 6 * height
        if behind or below:
            near.append((max(0, box.x0 - last.x1) + (4 * height if below and not behind else 0), grid))
    return min(near, key=lambda one: one[0])[1] if near else None


def read_comb(page: PageView, grid: Grid, words: Sequence[Word]) -> Comb:
    """The signs of a comb from the words that lie in it."""
    count = len(grid.xs) - 1
    signs = [""] * count
    for word in words:
        place = grid.cell(word)
        if place is None or not compact(word.text):
            continue
        letters = [sign for sign in word.text if sign.isalnum()]
        step = word.box.width / len(letters)
        for index, sign in enumerate(letters):
            x = word.box.x0 + (index + 0.5) * step
            column = sum(x >= edge for edge in grid.xs[1:-1])
            signs[column] += sign
    image = page.image
    sure = all(len(sign) <= 1 for sign in signs)
    for column, sign in enumerate(signs):
        box = grid.box(0, column)
        inset = max(3, round(0.14 * box.height))
        inner = Box(box.x0 + inset, box.y0 + inset, box.x1 - inset, box.y1 - inset)
        sure = sure and bool(sign) == (tall_ink(image, inner, 0.75 * box.height) >= INKED)
    whole = grid.box(0, 0).union(grid.box(0, count - 1))
    return Comb(tuple(signs), sure, whole)
