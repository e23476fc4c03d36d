"""From what the quick detector's network answers to lines of text: cores, their rows, their boxes.

The network answers for every cell of 4 x 4 pixels: four log-odds that its quarters belong to a line's core (the band
along its small letters), and how far the line's top and bottom are from the cell's middle. Every connected core is a
line. Its slope is that of its pixels, its top and bottom are what all of its cells say on average, so that a box is
finer than the cells it was seen in. A page is decoded as a whole with counting sorts; there is no loop over pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.reading import DetectedLine

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELL = 4
"""Pixels of the network's input along a side of one of its answers."""
UNIT = 8.0
"""Pixels of the network's input that an answered distance of 1 means."""
ENDS = 0.1
"""Line heights by which a core ends inside its line's box; the room that a recogniser wants at the ends is in it."""
_ABOVE, _BELOW = 0.06, 0.03
"""Room added over and under a line, in its heights: answered edges are right on average, and half a mark is another."""
_LEAST = 2
"""Cells that a core has at least."""
_SLOPED = 3.0
"""Length in heights from which a core's pixels say how its line slopes."""
_STEEPEST = 0.1
_SAMPLES = 24
"""Points taken along a core's middle."""


@dataclass(frozen=True, slots=True)
class Cores:
    """The network's answer for a page, taken apart."""

    odds: NDArray[np.float32]
    """Log-odds of a core for each quarter cell (2 x 2 pixels of the input)."""
    up: NDArray[np.float32]
    """Pixels of the input from a cell's middle to the line's top."""
    down: NDArray[np.float32]
    """The same to its bottom."""


def take_apart(answer: NDArray[np.float32]) -> Cores:
    """An answer of shape (6, rows, columns): log-odds of four quarters (left to right, top to bottom), up, down."""
    _, rows, columns = answer.shape
    odds = answer[:4].reshape(2, 2, rows, columns).transpose(2, 0, 3, 1).reshape(2 * rows, 2 * columns)
    return Cores(np.ascontiguousarray(odds), answer[4] * UNIT, answer[5] * UNIT)


@dataclass(frozen=True, slots=True)
class Found:
    """The lines of a page, and in pixels of the network's input what says whether to believe them."""

    lines: list[DetectedLine]
    """In pixels of the page."""
    boxes: NDArray[np.float64]
    """Shape (n, 4): left, top, right, bottom at the line's middle."""
    spreads: NDArray[np.float64]
    """How much the tops and bottoms differ that one core's cells answer, in line heights: lines that ran together."""
    labels: NDArray[np.int32]
    """The number of the core that each quarter cell belongs to, 0 for none."""

    @property
    def scores(self) -> NDArray[np.float64]:
        """The mean chance of each line's cells."""
        return np.array([line.score for line in self.lines], np.float64)

    @property
    def heights(self) -> NDArray[np.float64]:
        """Of the lines, in pixels of the network's input."""
        return self.boxes[:, 3] - self.boxes[:, 1]

    def sure(self, least: float) -> Found:
        """The same without lines whose score is below `least`."""
        kept = np.flatnonzero(self.scores >= least)
        return Found([self.lines[k] for k in kept], self.boxes[kept], self.spreads[kept], self.labels)


def lines_of(cores: Cores, scale: float, size: tuple[int, int]) -> Found:
    """The lines in pixels of a page of `size` (width, height); `scale` leads from those to the network's input."""
    mask = (cores.odds > 0).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    # Every other quarter cell both ways says enough: one of each cell.
    every = np.ascontiguousarray(labels[::2, ::2])
    rows, columns = np.nonzero(every)
    which = every[rows, columns]
    number = np.bincount(which, minlength=count).astype(np.float64)
    per = np.maximum(number, 1)

    def mean(values: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(which, weights=values, minlength=count) / per)

    step = CELL / 2
    x, cell_y = (columns + 0.5) * CELL, (rows + 0.5) * CELL
    tops, bottoms = cell_y - cores.up[rows, columns], cell_y + cores.down[rows, columns]
    middle_x, top, bottom = mean(x), mean(tops), mean(bottoms)
    scores = mean(1 / (1 + np.exp(-cores.odds[::2, ::2][rows, columns])))
    tall = np.maximum(bottom - top, 2.0)
    off_x = x - middle_x[which]
    slope = mean(off_x * ((tops + bottoms) / 2 - ((top + bottom) / 2)[which])) / np.maximum(mean(off_x**2), 1e-6)
    left = stats[:, cv2.CC_STAT_LEFT] * step
    right = left + stats[:, cv2.CC_STAT_WIDTH] * step
    slope = np.where(right - left >= _SLOPED * tall, np.clip(slope, -_STEEPEST, _STEEPEST), 0.0)
    rises = slope[which] * off_x
    spread = np.sqrt(mean((tops - top[which] - rises) ** 2 + (bottoms - bottom[which] - rises) ** 2)) / tall
    left, right = left - ENDS * tall, right + ENDS * tall
    top, bottom = top - _ABOVE * tall, bottom + _BELOW * tall
    middles = _middles((columns, (tops + bottoms) / 2, which), count)
    kept = np.flatnonzero(number >= _LEAST)
    rise_left, rise_right = slope * (left - middle_x), slope * (right - middle_x)
    x4 = np.stack([left, right, right, left], 1)
    y4 = np.stack([top + rise_left, top + rise_right, bottom + rise_right, bottom + rise_left], 1)
    corners = (np.stack([x4, y4], 2)[kept] / scale).clip(0, np.array(size, np.float64))
    lines = []
    for k, (a, b, c, d) in zip(kept.tolist(), corners.tolist(), strict=True):
        middle = tuple((float(px), float(py)) for px, py in (middles[k] / scale).tolist())
        lines.append(DetectedLine((tuple(a), tuple(b), tuple(c), tuple(d)), float(scores[k]), middle))
    return Found(lines, np.stack([left, top, right, bottom], 1)[kept], spread[kept], labels)


def _middles(
    cells: tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.int32]], count: int
) -> list[NDArray[np.float64]]:
    """Points along each core's middle, shape (n, 2) in pixels of the input.

    `cells` are columns, heights of the middle as each cell answers it, and cores. Columns where a core is much thicker
    or thinner than usual are left out: two rows touch there, or one ends.
    """
    columns, heights, which = cells
    width = int(columns.max()) + 1 if len(columns) else 1
    key = which.astype(np.int64) * width + columns
    thick = np.bincount(key, minlength=count * width).reshape(count, width)
    sums = np.bincount(key, weights=heights, minlength=count * width).reshape(count, width)
    found = []
    for here, total in zip(thick, sums, strict=True):
        filled = np.flatnonzero(here)
        sampled = filled[:: max(1, len(filled) // _SAMPLES)]
        usual = np.sort(here[sampled])[len(sampled) // 2] if len(sampled) else 0
        sound = sampled[(here[sampled] > 0.6 * usual) & (here[sampled] < 1.5 * usual)]
        found.append(np.stack([(sound + 0.5) * CELL, total[sound] / here[sound]], 1))
    return found
