"""Puts the printed rows of a form together: what leaders connect is one row, read from one crop.

Detectors end a line where its leaders begin and miss thin ones. A row here is every detected line that a leader
touches, along a base line that the leaders themselves give, so that a row of a curved sheet stays straight. In its
crop every leader is drawn again as a few clean full stops: the crop is short, whatever stood there is what the
recogniser knows best, and a map leads from the crop back to the page. After reading, each leader is one `…`: read or
not, the geometry has seen it. Rows with no leader but a printed ellipsis inside a line stay as they were detected.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from models.images import as_grey, without_red
from models.leaders import Leader, find_leaders, straighten
from models.room import cut_whole
from models.strips import LeaderStrip, LineStrip
from models.under_text import underlaid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.leader_eraser import LeaderEraser
    from models.reading import DetectedLine, Image
    from models.strips import Strip

    Points = NDArray[np.float64]

_JOIN = 1.5
"""Widest gap between a leader and what belongs to its row, in line heights."""
_ELLIPSIS = 1.2
"""Length in line heights up to which a leader inside a line is left to the recogniser."""
_STOPS = 0.45
"""Length from which a leader that no line covers makes a row; below, it may be the dots of something else."""
_ALONE = 3.0
"""Length from which dots that no line touches are a row of their own, and not dirt or a seal's edge."""
_OUTER = 0.25
"""Paper kept before a row's first leader and after its last, in line heights."""
_DARK = 160
"""Grey level of a column's rule at most."""
_PITCH, _RADIUS, _DOTS = 0.195, 0.045, 8
"""The full stops that stand for a leader: of Times, in line heights; and how many at most."""


def leader_rows(
    image: Image, found: Sequence[DetectedLine], height: float, seen: Sequence[Leader] | None = None
) -> list[LeaderStrip]:
    """The rows with leaders on a level page; `height` is the median height of the detected lines in pixels.

    `seen` are the page's leaders where they are known already.
    """
    quads = np.array([line.corners for line in found], np.float64).reshape(-1, 4, 2)
    seen = find_leaders(image, height) if seen is None else seen
    leaders = [leader for leader in seen if not _in_other_print(leader, quads, height)]
    if not leaders:
        return []
    rows = []
    for members, inside in _groups(image, quads, leaders, height):
        row = _row(image, quads[members], inside, tuple(members), height)
        if row is not None:
            rows.append(row)
    return rows


def _groups(
    image: Image, quads: Points, leaders: Sequence[Leader], height: float
) -> list[tuple[list[int], list[Leader]]]:
    """Detected lines and leaders that make a row: (indices of lines, leaders from left to right)."""
    count = len(quads)
    parent = list(range(count + len(leaders)))

    def root(k: int) -> int:
        while parent[k] != k:
            k = parent[k]
        return k

    reach = _JOIN * height
    low, high = quads.min(1), quads.max(1)
    for k, leader in enumerate(leaders):
        near = (low[:, 0] - leader.x1 < reach) & (leader.x0 - high[:, 0] < reach)
        near &= (low[:, 1] < max(leader.y0, leader.y1)) & (high[:, 1] > min(leader.y0, leader.y1) - 0.2 * height)
        for i in map(int, np.flatnonzero(near)):
            if _touches(leader, quads[i], height) and not _parted(image, leader, low[i, 0], high[i, 0], height):
                parent[root(count + k)] = root(i)
        for j, other in enumerate(leaders[:k]):
            if (
                -0.1 * height <= leader.x0 - other.x1 <= reach
                and abs(leader.y0 - other.y1) <= 0.2 * height
                and not _parted(image, leader, other.x0, other.x1, height)
            ):
                parent[root(count + k)] = root(count + j)
    rows: dict[int, tuple[list[int], list[Leader]]] = {}
    for k, leader in enumerate(leaders):
        rows.setdefault(root(count + k), ([], []))[1].append(leader)
    for i in range(count):
        if root(i) in rows:
            rows[root(i)][0].append(i)
    return list(rows.values())


def _touches(leader: Leader, quad: Points, height: float) -> bool:
    x = float(np.clip((leader.x0 + leader.x1) / 2, quad[:, 0].min(), quad[:, 0].max()))
    top = float(np.interp(x, quad[:2, 0], quad[:2, 1]))
    bottom = float(np.interp(x, quad[:1:-1, 0], quad[:1:-1, 1]))
    share = (leader.at(x) - top) / max(1.0, bottom - top)
    return 0.45 < share < 1.05 and 0.55 * height < bottom - top < 2 * height


def _in_other_print(leader: Leader, quads: Points, height: float) -> bool:
    """Whether it lies inside a line of a size of its own, whose letters may be as flat as a page's leaders."""
    x, y = (leader.x0 + leader.x1) / 2, (leader.y0 + leader.y1) / 2
    low, high = quads.min(1), quads.max(1)
    around = (low[:, 0] < x) & (x < high[:, 0]) & (low[:, 1] < y) & (y < high[:, 1])
    return bool(around.any()) and not any(_touches(leader, quad, height) for quad in quads[around])


def _parted(image: Image, leader: Leader, x0: float, x1: float, height: float) -> bool:
    """Whether a column's rule stands between a leader and something beside it."""
    start, end, y = (leader.x1, x0, leader.y1) if x0 > leader.x1 else (x1, leader.x0, leader.y0)
    if end - start < 2:
        return False
    rows = slice(max(0, round(y - 0.8 * height)), max(1, round(y + 0.3 * height)))
    gap = as_grey(np.ascontiguousarray(image[rows, max(0, round(start)) : round(end)]))
    return bool(gap.size) and bool((gap < _DARK).mean(0).max() > 0.9)


def _row(
    image: Image, quads: Points, leaders: Sequence[Leader], members: tuple[int, ...], height: float
) -> LeaderStrip | None:
    if not _worth(leaders, quads, height):
        return None
    if not members and (any(leader.ruled for leader in leaders) or _longest(leaders) < _ALONE * height):
        return None
    base = _base(quads, leaders, height)
    above, below = _reach(quads, base, height)
    start = min([leaders[0].x0 - _OUTER * height, *quads[:, :, 0].min(1)])
    end = max([leaders[-1].x1 + _OUTER * height, *quads[:, :, 0].max(1)])
    # What is printed before, between and after the leaders.
    edges = [start, *(x for leader in leaders for x in (leader.x0, leader.x1)), end]
    rows = max(2, round(above + below))
    pieces = [
        straighten(image, base, (x0, max(x0, x1)), above, rows) for x0, x1 in zip(edges[::2], edges[1::2], strict=True)
    ]
    return _composed(pieces, leaders, members, (base, above, below), height)


def _composed(
    pieces: list[tuple[Image, int]],
    leaders: Sequence[Leader],
    members: tuple[int, ...],
    band: tuple[Points, float, float],
    height: float,
) -> LeaderStrip | None:
    """A row of straight pieces with leaders between them; `band` is its base line and its reach above and below."""
    base, above, below = band
    together = np.concatenate([piece[:, ::2] for piece, _ in pieces], axis=1)[::2]
    ground, ink = np.median(together, axis=(0, 1)), together.min((0, 1))
    dark = float(ground.mean()) - max(30.0, 0.4 * float(np.mean(ground - ink)))
    inked = [np.flatnonzero((as_grey(piece) < dark).any(0)) for piece, _ in pieces]
    kept, between = [0], list[Leader]()
    for k, leader in enumerate(leaders, start=1):
        if between and not len(inked[kept[-1]]) and pieces[kept[-1]][0].shape[1] < _JOIN * height:
            # Nothing but paper parts the two: copying lost some dots.
            last = between[-1]
            between[-1] = Leader(last.x0, leader.x1, last.y0, leader.y1, last.ruled and leader.ruled)
            kept[-1] = k
        else:
            between.append(leader)
            kept.append(k)
    if all(leader.ruled for leader in between) and not _beside_text([pieces[k][0] for k in kept], inked, kept, height):
        return None
    images, places, ends, gaps, column = [], list[tuple[float, float]](), [], list[tuple[float, float]](), 0
    for n, k in enumerate(kept):
        piece, left = pieces[k]
        images.append(piece)
        places += [(column, left), (column + piece.shape[1], left + piece.shape[1])]
        column += piece.shape[1]
        if n == len(between):
            break
        length = between[n].x1 - between[n].x0
        drawn = _dots(len(piece), (above, length / height, height), ground, ink)
        images.append(drawn)
        ends.append((column, column + drawn.shape[1]))
        column += drawn.shape[1]
        before, after = inked[k], inked[kept[n + 1]]
        gaps.append(
            (
                (piece.shape[1] - int(before[-1])) / height if len(before) else np.inf,
                int(after[0]) / height if len(after) else np.inf,
            )
        )
    crop = without_red(np.ascontiguousarray(np.concatenate(images, axis=1), np.uint8))
    return LeaderStrip(
        lines=members,
        crop=crop,
        leaders=tuple((start / column, end / column) for start, end in ends),
        gaps=tuple(gaps),
        bare=not members and len(between) == 1 and sum(map(len, inked)) < 0.1 * height,
        base=base,
        places=np.array(places, np.float64),
        above=above,
        below=below,
    )


def _beside_text(
    pieces: Sequence[Image], inked: Sequence[NDArray[np.intp]], kept: Sequence[int], height: float
) -> bool:
    """Whether a rule has print at one of its ends, as a rule to write on has and a separating rule has not."""
    for before, after in pairwise(range(len(kept))):
        left, right = inked[kept[before]], inked[kept[after]]
        if len(left) and pieces[before].shape[1] - left[-1] < 0.8 * height:
            return True
        if len(right) and right[0] < 0.8 * height:
            return True
    return False


def _longest(leaders: Sequence[Leader]) -> float:
    return max(leader.x1 - leader.x0 for leader in leaders)


def _worth(leaders: Sequence[Leader], quads: Points, height: float) -> bool:
    """Whether a row is better read this way: an ellipsis inside a line is the recogniser's."""
    for leader in leaders:
        length = leader.x1 - leader.x0
        covered = any(
            min(leader.x1, quad[:, 0].max()) - max(leader.x0, quad[:, 0].min()) > 0.9 * length for quad in quads
        )
        if length > _ELLIPSIS * height or (not covered and len(quads) and length > _STOPS * height):
            return True
    return False


def _base(quads: Points, leaders: Sequence[Leader], height: float) -> Points:
    """The row's base line: through its leaders, on with the slope of the lines before the first and after the last."""
    points: list[tuple[float, float]] = []
    for leader in leaders:
        if leader.x1 - leader.x0 > 3 * height:
            points += [(leader.x0, leader.y0), (leader.x1, leader.y1)]
        else:  # its slope says little
            points.append(((leader.x0 + leader.x1) / 2, (leader.y0 + leader.y1) / 2))
    for quad in quads:
        if quad[1, 0] - quad[0, 0] < 3 * height:
            continue
        slope = float((quad[2, 1] - quad[3, 1]) / max(1.0, quad[2, 0] - quad[3, 0]))
        (first_x, first_y), (last_x, last_y) = points[0], points[-1]
        if quad[0, 0] < first_x - height:
            points.insert(0, (float(quad[0, 0]), first_y - slope * float(first_x - quad[0, 0])))
        if quad[1, 0] > last_x + height:
            points.append((float(quad[1, 0]), last_y + slope * float(quad[1, 0] - last_x)))
    return np.array(points, np.float64)


def _reach(quads: Points, base: Points, height: float) -> tuple[float, float]:
    """How far the row goes above and below its base line."""
    above, below = 0.75 * height, 0.25 * height
    for quad in quads:
        above = max(above, float(np.mean(_along(base, quad[:2, 0]) - quad[:2, 1])))
        below = max(below, float(np.mean(quad[2:, 1] - _along(base, quad[2:, 0]))))
    return min(above, 1.2 * height), min(below, 0.5 * height)


def _along(base: Points, x: Points) -> Points:
    """Heights of a base line; beyond its ends it goes on level."""
    return np.interp(x, base[:, 0], base[:, 1])


def _dots(rows: int, size: tuple[float, float, float], ground: NDArray[np.floating], ink: NDArray[np.integer]) -> Image:
    """Full stops that stand for a leader; `size` is their height in rows, the leader's length in line heights, one."""
    middle, length, height = size
    pitch, radius = _PITCH * height, max(0.8, _RADIUS * height)
    count = int(np.clip(round(length / _PITCH), 3, _DOTS))
    columns = max(1, round((count - 1) * pitch + 2 * radius))
    across = np.min(np.abs(np.arange(columns)[:, None] + 0.5 - radius - pitch * np.arange(count)), axis=1)
    far = np.hypot(across[None], np.arange(rows)[:, None] + 0.5 - middle)
    cover = np.clip(radius + 0.5 - far, 0, 1)[:, :, None]
    return np.asarray(np.round(ground * (1 - cover) + ink * cover), np.uint8)


def strips_of(image: Image, found: Sequence[DetectedLine], eraser: LeaderEraser | None = None) -> list[Strip]:
    """What is to be read on a level page on which these lines were found: rows with leaders, and all other lines.

    With an `eraser`, leaders that run on under text are taken out of it first.
    """
    if not found:
        return []
    height = line_height(found)
    leaders = find_leaders(image, height)
    if eraser is not None and (hidden := underlaid(image, found, leaders, height)):
        image = eraser.erase(image, hidden, height)
        leaders = find_leaders(image, height)
    rows = leader_rows(image, found, height, leaders)
    taken = {index for row in rows for index in row.lines}
    boxes = (np.array(line.corners, np.float32) for k, line in enumerate(found) if k not in taken)
    others = [cut_whole(image, corners) for corners in boxes]
    return [*(LineStrip(without_red(crop), corners) for crop, corners in others), *rows]


def line_height(found: Sequence[DetectedLine]) -> float:
    """The median height of detected lines in pixels."""
    corners = np.array([line.corners for line in found], np.float64)
    return float(np.median(np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)))
