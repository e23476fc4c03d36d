"""Ruled lines of a page as grids: columns and rows of cells, found from pixels, whatever is written in them.

Upright and level strokes that are longer than letters are kept, those that touch belong to one grid, and strokes of one
height or one column are one line. The page's small skew is taken out first, so that a long line is one line.
A word lies in the cell that its middle lies in; cells that were merged on paper count as the first of theirs.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.reading import Image, Word

_DARK = 45
"""Levels by which a stroke is darker than the paper, on the page at half its size."""
_LEVEL_LEAST, _UPRIGHT_LEAST = 2.5, 1.15
"""In heights of text: shortest level and upright stroke that may be a line of a grid."""
_COMB_BOX, _COMB_LEAST = 2.2, 4
"""In heights of text: how wide a comb's box is at most; and how many boxes make one."""
_LONG, _TOUCH = 2.2, 0.3
"""In heights of text: an upright stroke of this length is a line, and one whose ends are this near to level lines."""
_SAME = 0.45
"""In heights of text: strokes nearer than this are one line."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines of a table: columns between neighbouring `xs`, rows between `ys`, in pixels of the levelled page."""

    xs: tuple[int, ...]
    ys: tuple[int, ...]
    slope: float
    """How far the page's rows climb a pixel: y of the levelled page is y + slope * x."""
    walls: tuple[tuple[int, ...], ...] = ()
    """For each row, which of the `xs` (by index) are drawn in it: what is missing was merged on paper."""

    @property
    def pitch(self) -> float:
        """Mean width of a column."""
        return (self.xs[-1] - self.xs[0]) / max(1, len(self.xs) - 1)

    def cell(self, word: Word) -> tuple[int, int] | None:
        """Row and column of the cell that a word lies in, from 0; None where it lies outside."""
        x = (word.box.x0 + word.box.x1) / 2
        y = (word.box.y0 + word.box.y1) / 2 + self.slope * x
        if not (self.xs[0] <= x < self.xs[-1] and self.ys[0] <= y < self.ys[-1]):
            return None
        return bisect_right(self.ys, y) - 1, bisect_right(self.xs, x) - 1

    def box(self, row: int, column: int) -> Box:
        """A cell in pixels of the page."""
        x0, x1 = self.xs[column], self.xs[column + 1]
        drop = self.slope * (x0 + x1) / 2
        return Box(x0, round(self.ys[row] - drop), x1, round(self.ys[row + 1] - drop))


class KeptPixels:
    """A page's pixels, decoded when first asked for, with its grids; both go with the call that they serve."""

    def __init__(self, load: Callable[[], Image]) -> None:
        self._load = load
        self._image: list[Image] = []
        self._grids: list[list[Grid]] = []

    def __call__(self) -> Image:
        """The pixels."""
        if not self._image:
            self._image.append(self._load())
        return self._image[0]

    def grids(self, skew: float, height: float) -> list[Grid]:
        """The grids, looked for once."""
        if not self._grids:
            self._grids.append(find_grids(self(), skew, height))
        return self._grids[0]


def find_grids(image: Image, skew: float, height: float) -> list[Grid]:
    """Grids of a page from top to bottom; `height` is that of its text in pixels, `skew` in degrees."""
    import cv2
    import numpy as np

    half = cv2.resize(image, (image.shape[1] // 2, image.shape[0] // 2), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(half, cv2.COLOR_RGB2GRAY) if half.ndim == 3 else half
    dark = (grey < int(np.percentile(grey[::4, ::4], 80)) - _DARK).astype(np.uint8)
    size = max(4, round(height / 2))
    level = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, round(_LEVEL_LEAST * size)), np.uint8))
    upright = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((round(_UPRIGHT_LEAST * size), 1), np.uint8))
    if not upright.any() or not level.any():
        return []
    joined = cv2.dilate(level | upright, np.ones((3, 3), np.uint8))
    _, labels = cv2.connectedComponents(joined)
    slope = math.tan(math.radians(skew))
    lines: dict[int, tuple[list[_Stroke], list[_Stroke]]] = {}
    for mask, which in ((level, 0), (upright, 1)):
        count, _, stats, centroids = cv2.connectedComponentsWithStats(mask)
        for index in range(1, count):
            x, y, w, h = (int(v) for v in stats[index, :4])
            middle = (float(centroids[index][0]), float(centroids[index][1]))
            place = np.argwhere(mask[y : y + h, x : x + w])[0]
            owner = int(labels[y + place[0], x + place[1]])
            at = middle[1] + slope * middle[0] if which == 0 else middle[0]
            start, end = (x, x + w) if which == 0 else (y + slope * x, y + h + slope * x)
            lines.setdefault(owner, ([], []))[which].append((at, float(start), float(end)))
    grids = [grid for one in lines.values() for grid in _grids(*one, slope, size)]
    return sorted(grids, key=lambda grid: grid.ys[0])


_Stroke = tuple[float, float, float]
"""Where a stroke is, and from where to where it runs."""


def _grids(level: Sequence[_Stroke], upright: Sequence[_Stroke], slope: float, size: float) -> list[Grid]:
    """The grid of strokes that touch, with the combs that were drawn into its cells as grids of their own."""
    ys = _merged(level, size, 1.0)
    upright = [stroke for stroke in upright if _meets(stroke, ys, size)]
    xs = _merged(upright, size, 0.8)
    if len(xs) < 2 or len(ys) < 2:
        return []
    walls = _walls(upright, xs, ys, size)
    inner: list[Grid] = []
    combed = [(at, run) for at, wall in enumerate(walls) for run in _narrow(wall, xs, size)]
    for row, run in combed:
        left, right = xs[run[0]], xs[run[-1]]
        if right - left > 0.9 * (xs[-1] - xs[0]):
            continue  # a comb alone, or a table of narrow columns
        inner.append(_doubled([xs[at] for at in run], ys[row : row + 2], slope, (tuple(range(len(run))),)))
        spans = [(xs[one[0]], xs[one[-1]]) for at, one in combed if at == row]
        own = [y for y in ys[row : row + 2] if _only_over(level, y, spans, size)]
        elsewhere = {at for other, wall in enumerate(walls) if other != row for at in wall}
        level = [one for one in level if all(abs(one[0] - y) >= _SAME * size for y in own)]
        gone = [xs[at] for at in run if at not in elsewhere]
        upright = [one for one in upright if all(abs(one[0] - x) >= _SAME * size for x in gone)]
    if inner:
        ys, xs = _merged(level, size, 1.0), _merged(upright, size, 0.8)
        walls = _walls(upright, xs, ys, size)
    drawn = sorted({at for wall in walls for at in wall})  # what is a line in no row is the stroke of a letter
    if len(drawn) < 2 or len(ys) < 2:
        return inner
    place = {at: index for index, at in enumerate(drawn)}
    kept = tuple(tuple(place[at] for at in wall) for wall in walls)
    return [_doubled([xs[at] for at in drawn], ys, slope, kept), *inner]


def _meets(stroke: _Stroke, ys: Sequence[int], size: float) -> bool:
    """Whether an upright stroke is long, or runs from one level line to another: the strokes of letters do neither."""
    _, start, end = stroke
    return end - start >= _LONG * size or all(any(abs(at - y) < _TOUCH * size for y in ys) for at in (start, end))


def _doubled(xs: Sequence[int], ys: Sequence[int], slope: float, walls: tuple[tuple[int, ...], ...]) -> Grid:
    """A grid in pixels of the page, of which strokes were looked for at half its size."""
    return Grid(tuple(2 * x for x in xs), tuple(2 * y for y in ys), slope, walls)


def _walls(upright: Sequence[_Stroke], xs: Sequence[int], ys: Sequence[int], size: float) -> list[tuple[int, ...]]:
    return [tuple(i for i, x in enumerate(xs) if _drawn(upright, x, span, size)) for span in pairwise(ys)]


def _narrow(wall: Sequence[int], xs: Sequence[int], size: float) -> list[list[int]]:
    """Runs of walls that stand as near to each other as those of a comb, and evenly."""
    runs: list[list[int]] = []
    pitch = 0.0
    for left, right in pairwise(wall):
        step = xs[right] - xs[left]
        if step > _COMB_BOX * size:
            pitch = 0.0
        elif pitch and 0.7 * pitch <= step <= 1.45 * pitch:
            runs[-1].append(right)
        else:
            runs.append([left, right])
            pitch = step
    return [run for run in runs if len(run) > _COMB_LEAST]


def _only_over(level: Sequence[_Stroke], y: float, spans: Sequence[tuple[int, int]], size: float) -> bool:
    """Whether the line at `y` is drawn over combs and nowhere else."""
    ends = [(start, end) for at, start, end in level if abs(at - y) < _SAME * size]
    return all(any(start > left - size and end < right + size for left, right in spans) for start, end in ends)


def _drawn(upright: Sequence[_Stroke], x: int, span: tuple[int, int], size: float) -> bool:
    """Whether a line stands at `x` over most of the height between two level lines."""
    inside = [min(end, span[1]) - max(start, span[0]) for at, start, end in upright if abs(at - x) < _SAME * size]
    return sum(max(0.0, part) for part in inside) >= 0.6 * (span[1] - span[0])


def _merged(strokes: Sequence[_Stroke], size: float, least: float) -> list[int]:
    """Places of lines; strokes in one line together must be as long as `least` heights of text."""
    groups: list[list[_Stroke]] = []
    for stroke in sorted(strokes):
        if groups and stroke[0] - groups[-1][0][0] < _SAME * size:
            groups[-1].append(stroke)
        else:
            groups.append([stroke])
    long = [group for group in groups if sum(end - start for _, start, end in group) >= least * size]
    return [round(sum(at for at, _, _ in group) / len(group)) for group in long]
