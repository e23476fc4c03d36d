"""The order in which a person reads a Vietnamese administrative page.

Lines that share a height make a row. Neighbouring rows that leave one gutter free make a band with two sides.
The letterhead (left: issuing body and number; right: national motto, place and date), the foot (left: recipients;
right: signer) and newspaper columns are read side by side: the whole left side first. Anything else with pieces
side by side, such as table rows and form rows, is read row by row. The layout is that of Decree 30/2020/NĐ-CP, Annex I.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.reading import Box

_HEAD = 0.33
"""Share of the page's height in which a letterhead begins."""
_RECIPIENTS = "nơi nhận"
_AXIS = 0.07
"""How far from its side's axis a letterhead's line may be centred, as a share of the page's width."""
_GUTTER = 0.4
"""Least width of a gutter, in median line heights."""


@dataclass(frozen=True, slots=True)
class _Row:
    members: tuple[int, ...]
    free: tuple[tuple[float, float], ...]


def reading_order(boxes: Sequence[Box], texts: Sequence[str], size: tuple[int, int]) -> list[int]:
    """Indices of `boxes` in reading order; `texts` are the lines' texts, `size` is (width, height) in pixels.

    What could not be read (mostly seals and signatures, which lie across gutters) follows the line nearest to it.
    """
    read = [i for i, text in enumerate(texts) if text]
    order = [read[k] for k in _order([boxes[i] for i in read], [texts[i] for i in read], size)]
    rank = {index: float(place) for place, index in enumerate(order)}
    for i in sorted(set(range(len(boxes))) - set(read), key=lambda i: (boxes[i].y0, boxes[i].x0)):
        nearest = min(order, key=lambda k: _distance(boxes[k], boxes[i]), default=None)
        rank[i] = -1.0 if nearest is None else rank[nearest] + 0.5
    return sorted(rank, key=lambda i: (rank[i], boxes[i].y0, boxes[i].x0))


def _distance(a: Box, b: Box) -> float:
    across = max(0, a.x0 - b.x1, b.x0 - a.x1)
    down = max(0, a.y0 - b.y1, b.y0 - a.y1)
    return float(across + down)


def _order(boxes: Sequence[Box], texts: Sequence[str], size: tuple[int, int]) -> list[int]:
    if not boxes:
        return []
    height = median(box.height for box in boxes)
    rows = [_Row(members, _free(boxes, members, size[0])) for members in _rows(boxes)]
    order: list[int] = []
    start = 0
    while start < len(rows):
        head = _head(rows, start, boxes, texts, size)
        if head:
            end, gutter = head
            order += _sides(rows[start:end], boxes, gutter)
            start = end
            continue
        end, middle = _band(rows, start, boxes, _GUTTER * height)
        if middle is None or not _side_by_side(rows[start:end], boxes, texts, middle, size, last=end == len(rows)):
            # One row only: a foot may begin below rows that share its gutter by chance.
            order += rows[start].members
            start += 1
            continue
        order += _sides(rows[start:end], boxes, middle)
        start = end
    return order


def _sides(rows: Sequence[_Row], boxes: Sequence[Box], gutter: float) -> list[int]:
    members = [i for row in rows for i in row.members]
    left = [i for i in members if _middle(boxes[i]) < gutter]
    return left + [i for i in members if _middle(boxes[i]) >= gutter]


def _head(
    rows: Sequence[_Row], start: int, boxes: Sequence[Box], texts: Sequence[str], size: tuple[int, int]
) -> tuple[int, float] | None:
    """A letterhead that begins at this row: (row after its end, gutter's middle).

    It begins with two pieces side by side, each centred within its half of the page, as the pieces of a form row are
    not. It goes on while lines are centred on the axis of their side; the addressee ends it.
    """
    row = rows[start]
    if len(row.members) != 2 or boxes[row.members[0]].y0 > _HEAD * size[1]:
        return None
    left, right = (boxes[i] for i in row.members)
    axes = (_middle(left), _middle(right))
    gutter = (left.x1 + right.x0) / 2
    if not (0.1 * size[0] < axes[0] < 0.45 * size[0] and 0.5 * size[0] < axes[1] < 0.85 * size[0]):
        return None
    end = start + 1
    while end < len(rows):
        on_axis = [
            boxes[i].x1 <= right.x0 + 0.1 * size[0] and abs(_middle(boxes[i]) - axes[0]) < _AXIS * size[0]
            if _middle(boxes[i]) < gutter
            else boxes[i].x0 >= gutter - 0.1 * size[0] and abs(_middle(boxes[i]) - axes[1]) < _AXIS * size[0]
            for i in rows[end].members
        ]
        if not all(on_axis) or any(texts[i].lower().startswith("kính gửi") for i in rows[end].members):
            break
        end += 1
    return (end, gutter) if end > start + 1 else None


def _middle(box: Box) -> float:
    return (box.x0 + box.x1) / 2


def _rows(boxes: Sequence[Box]) -> list[tuple[int, ...]]:
    """Rows from top to bottom, each from left to right: lines that overlap by half of the lower one's height."""
    rows: list[list[int]] = []
    for i in sorted(range(len(boxes)), key=lambda i: (boxes[i].y0 + boxes[i].y1, boxes[i].x0)):
        box = boxes[i]
        for row in reversed(rows[-3:]):
            if all(_share(boxes[j], box) > 0.5 and not _above_each_other(boxes[j], box) for j in row):
                row.append(i)
                break
        else:
            rows.append([i])
    return [tuple(sorted(row, key=lambda i: boxes[i].x0)) for row in rows]


def _share(a: Box, b: Box) -> float:
    overlap = min(a.y1, b.y1) - max(a.y0, b.y0)
    return overlap / max(1, min(a.height, b.height))


def _above_each_other(a: Box, b: Box) -> bool:
    return min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 * min(a.width, b.width)


def _free(boxes: Sequence[Box], members: Sequence[int], width: int) -> tuple[tuple[float, float], ...]:
    """Stretches of the page's width that no line of the row touches."""
    free = []
    reached = 0
    for i in members:
        if boxes[i].x0 > reached:
            free.append((float(reached), float(boxes[i].x0)))
        reached = max(reached, boxes[i].x1)
    if reached < width:
        free.append((float(reached), float(width)))
    return tuple(free)


def _band(rows: Sequence[_Row], start: int, boxes: Sequence[Box], least: float) -> tuple[int, float | None]:
    """The longest run of rows from `start` that shares a gutter with lines on both sides: (end, gutter's middle)."""
    free = rows[start].free
    best: tuple[int, float | None] = (start + 1, None)
    for end in range(start + 1, len(rows) + 1):
        if end > start + 1:
            free = _both_free(free, rows[end - 1].free, least)
        members = [i for row in rows[start:end] for i in row.members]
        left, right = min(boxes[i].x0 for i in members), max(boxes[i].x1 for i in members)
        inner = [(a, b) for a, b in free if b - a >= least and a > left and b < right]
        if inner:
            a, b = max(inner, key=lambda gap: gap[1] - gap[0])
            best = (end, (a + b) / 2)
        elif not free:
            break
    return best


def _both_free(
    a: Sequence[tuple[float, float]], b: Sequence[tuple[float, float]], least: float
) -> tuple[tuple[float, float], ...]:
    return tuple((max(p, r), min(q, s)) for p, q in a for r, s in b if min(q, s) - max(p, r) >= least)


def _side_by_side(
    rows: Sequence[_Row],
    boxes: Sequence[Box],
    texts: Sequence[str],
    gutter: float,
    size: tuple[int, int],
    *,
    last: bool,
) -> bool:
    """Whether a band's sides are blocks of their own, and not the cells of rows."""
    members = [i for row in rows for i in row.members]
    left = [i for i in members if _middle(boxes[i]) < gutter]
    right = [i for i in members if _middle(boxes[i]) >= gutter]
    if any(texts[i].lower().startswith(_RECIPIENTS) for i in left):
        # Rows of a form above may share the foot's gutter: the foot begins where its left side does.
        first = next(i for row in rows for i in row.members if i in left)
        return texts[first].lower().startswith(_RECIPIENTS)
    columns = [i for i in members if boxes[i].width > 0.3 * size[0]]
    if len(rows) >= 5 and len(columns) > 0.7 * len(members):
        return True
    paired = sum(1 for row in rows if len(row.members) > 1)
    return last and len(left) >= 2 and len(right) >= 2 and paired < 0.5 * len(rows)
