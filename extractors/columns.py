"""Columns that section headings open when they stand side by side, and which part of a row stands in which.

Headings stand in the middle of their cells, so a column's cells begin half-way to the heading before it. One heading
alone speaks for the whole page below it. Only words tell where columns are; nothing is looked for in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from extractors.layout import box_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.labels import FlatRow, Hit


@dataclass(frozen=True, slots=True)
class Column:
    """Part of a page that a heading speaks for, in pixels from the left; it ends where the next one begins."""

    section: tuple[str, ...]
    x0: float
    """Left edge of the heading."""
    edge: float
    """Half-way to the heading before it: where the column's cells begin, as headings stand in the middle of them."""


def open_columns(headings: Sequence[tuple[tuple[str, ...], Hit]], flat: FlatRow) -> list[Column]:
    """The columns that the headings of one row open; a single one without edges where they are all of one section."""
    if len({section for section, _ in headings}) == 1:
        return [Column(headings[0][0], 0.0, 0.0)]
    ends = [flat.words_between(hit.start, hit.end) for _, hit in headings]
    boxes = [box_of(words) for words in ends if words]
    edges = [float(boxes[0].x0), *((a.x1 + b.x0) / 2 for a, b in pairwise(boxes))]
    sections = [section for (section, _), words in zip(headings, ends, strict=True) if words]
    return [Column(s, float(b.x0), e) for s, b, e in zip(sections, boxes, edges, strict=True)]


def spans(columns: Sequence[Column], flat: FlatRow, start: int) -> list[tuple[int, int]]:
    """The characters of a row that stand in each column, from `start` on."""
    starts = [start]
    for column in columns[1:]:
        inside = [
            word for word in flat.words_between(start, len(flat.text)) if (word.box.x0 + word.box.x1) / 2 >= column.edge
        ]
        starts.append(max(starts[-1], flat.start_of(inside[0]) if inside else len(flat.text)))
    return list(zip(starts, [*starts[1:], len(flat.text)], strict=True))
