"""Forms in ruled cells: a grid's cells as places of their own, each read whole before the next one.

Two habits are known, told apart by the grid itself: label and value in one cell (the label above), and pairs, the label
in one cell and its value in the next. Cells merged over columns are one cell, and no value runs out of its cell.
Left to the reading of rows are combs, frames round running text, and rows where people sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from extractors.combs import combs
from extractors.labels import FlatRow, find_labels, flatten
from extractors.layout import Row, box_of, rows_of
from extractors.slots import ENUMERATION
from extractors.text import compact, strip_leaders
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from extractors.fields import PageView
    from extractors.grid import Grid
    from extractors.labels import Hit
    from models.reading import Word

_LEAST_WIDE = 0.35
"""Share of the page's width from which a grid is one of a form."""
_MOST_ROWS = 5
"""Rows of text in a cell beyond which it is a frame round a part of the form."""
_COMB_BOX, _COMB_LEAST = 2.2, 4
"""How wide a box of a comb is at most, in heights of text, and how many make one."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cell: its box in page pixels, its words as one text in reading order, and the labels found there."""

    box: Box
    flat: FlatRow
    hits: tuple[Hit, ...]

    def value_after(self, index: int) -> tuple[int, int]:
        """From a label's end to the next label's start."""
        later = self.hits[index + 1 :]
        return self.hits[index].end, later[0].start if later else len(self.flat.text)

    def says_only_labels(self) -> bool:
        """Whether nothing stands in it but a label and its footnote mark."""
        return bool(self.hits) and not compact(strip_leaders(self.flat.text[self.hits[-1].end :]))

    def below_label(self, height: float) -> Box:
        """The room for a value in a cell whose label stands on top: below it, or behind it in a low cell."""
        words = self.flat.words_between(self.hits[-1].start, self.hits[-1].end)
        label = box_of(words)
        inset = max(3, round(0.12 * height))
        if self.box.y1 - label.y1 > 0.8 * height:
            return Box(self.box.x0 + inset, label.y1 + inset, self.box.x1 - inset, self.box.y1 - inset)
        left = label.x1 + inset
        return Box(left, self.box.y0 + inset, max(left + 1, self.box.x1 - inset), self.box.y1 - inset)

    def inner(self, height: float) -> Box:
        """The cell without its lines."""
        inset = max(3, round(0.12 * height))
        return Box(self.box.x0 + inset, self.box.y0 + inset, self.box.x1 - inset, self.box.y1 - inset)


@dataclass(slots=True)
class RuledRow:
    """A row of cells from left to right; `pairs` says that labels and values stand in cells side by side."""

    middle: float
    places: list[Place]
    words: list[Word]
    pairs: bool = False

    def value_of(self, at: int) -> Place | None:
        """The cell with the value of the label that fills cell `at`; None where the value is in that cell."""
        after = self.places[at + 1] if at + 1 < len(self.places) else None
        if after is None or after.hits or not self.pairs:
            return None
        return after


def ruled_rows(
    page: PageView, grids: Sequence[Grid], words: Iterable[Word], labels: Sequence[str], height: float
) -> list[RuledRow]:
    """The rows of cells on a page that hold labels of a form, from top to bottom, with the words in them."""
    wide = page.read.width * _LEAST_WIDE
    small = {id(grid) for grid in combs(grids, height)}
    rows: list[RuledRow] = []
    left = list(words)
    for grid in grids:
        if id(grid) in small or grid.xs[-1] - grid.xs[0] < wide or not grid.walls:
            continue
        inside: dict[int, list[Word]] = {}
        for word in left:
            cell = grid.cell(word)
            if cell is not None:
                inside.setdefault(cell[0], []).append(word)
        own = [
            row
            for at, some in sorted(inside.items())
            if (row := _row(grid, at, some, labels, (page.read.skew, height)))
        ]
        for row in own:
            row.pairs = _in_pairs(own)
        rows += own
        used = {id(word) for row in own for word in row.words}
        left = [word for word in left if id(word) not in used]
    return sorted(rows, key=lambda row: row.middle)


def _row(grid: Grid, at: int, words: list[Word], labels: Sequence[str], page: tuple[float, float]) -> RuledRow | None:
    skew, height = page
    edges = _edges(grid, at, height)
    places = []
    for first, end in pairwise(edges):
        own = [word for word in words if (cell := grid.cell(word)) is not None and first <= cell[1] < end]
        rows = rows_of(own, skew)
        if len(rows) > _MOST_ROWS:
            return None
        flat = flatten(Row(tuple(word for row in rows for word in row.words)))
        box = grid.box(at, first).union(grid.box(at, end - 1))
        places.append(Place(box, flat, tuple(_labels(flat, rows[0], labels)) if own else ()))
    box = box_of(words)
    return RuledRow((box.y0 + box.y1) / 2, places, words)


def _edges(grid: Grid, at: int, height: float) -> list[int]:
    """The walls of a row, by index; the boxes of a comb that touches the lines round it are one cell."""
    walls = [0, *(i for i in grid.walls[at] if 0 < i < len(grid.xs) - 1), len(grid.xs) - 1]
    narrow = [grid.xs[b] - grid.xs[a] <= _COMB_BOX * height for a, b in pairwise(walls)]
    if sum(narrow) < _COMB_LEAST:
        return walls
    beside = [left or right for left, right in pairwise(narrow)]
    return [walls[0], *(wall for wall, comb in zip(walls[1:-1], beside, strict=True) if not comb), walls[-1]]


def _labels(flat: FlatRow, top: Row, labels: Sequence[str]) -> list[Hit]:
    """Labels of a cell: the first opens it; words inside another label or a value are one only before a colon.

    `top` is the cell's first row: a word too short to be known among others may be a label that fills it.
    """
    kept: list[Hit] = []
    for hit in find_labels(flat, labels) or find_labels(flatten(top), labels):
        before = flat.text[: hit.start]
        opens = not compact(ENUMERATION.sub("", f"{before}A")[:-1]) if not kept else False
        if opens or flat.text[hit.end :].lstrip().startswith(":") or (kept and _parted(flat, hit)):
            kept.append(hit)
    return kept


def _parted(flat: FlatRow, hit: Hit) -> bool:
    """Whether a sign parts a label from the value before it."""
    return flat.text[: hit.start].rstrip()[-1:] in {";", ","}


def _in_pairs(rows: Sequence[RuledRow]) -> bool:
    """Whether the cells of a grid are labels and values side by side: more labels fill their cells than share them."""
    alone = shared = 0
    for row in rows:
        for place, after in pairwise([*row.places, None]):
            if place is not None and place.hits:
                alone += place.says_only_labels() and after is not None and not after.hits
                shared += not place.says_only_labels()
    return alone > shared
