"""Lays a curved page flat: the rows of a curled or photographed sheet become straight and level before they are read.

There is no network for this. The detector finds rows also where they bend, and says where the middle of each runs. One
smooth displacement (a polynomial of low degree in x and y) is fitted to all of them together so that every row gets one
height, and the page is resampled along it: rows that touched come apart, letters get one size along a row (the
rows' own spacing says how far away the paper is). Then lines are looked for again, and what is still bent is bent back.
Scanned pages, nearly all there are, pass a cheap test on the rows already found and keep their pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.images import apply, rotate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from models.reading import DetectedLine, Image

    Points = NDArray[np.float64]

_LEVEL = 0.3
"""Degrees below which a page is not turned: the crops hold the lean, and resampling costs sharpness."""
_BEND = 0.08
"""Row heights by which the rows of a page may leave their straight lines before it is laid flat."""
_FAN = 1.5
"""Degrees between the steepest and the flattest row of a page that is left as it is."""
_PLAIN_SAG, _PLAIN_FAN = 0.045, 0.8
"""The same for single rows, most of which a plainly flat page keeps within: row heights at the middle, degrees."""
_LONG = 7.0
"""Row heights from which a row is long enough to say how the paper runs."""
_LEAST_ROWS = 4
SURE = 0.5
"""Score below which a line only says how the paper bends; it is read once it was bent back and scores more."""
_SAMPLES = 24
"""Points taken along a row."""
_ROUNDS = 3
_STEP = 8
"""Pixels between the points of the grid on which a map is kept."""
_ACROSS, _DOWN = 5, 3
"""Degrees of the displacement along and across the rows."""
_STIFF = 1e-3
"""How strongly high degrees are held back where no row speaks."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A smooth map of a page: for every `_STEP`-th pixel of the new page, the point of the old one it shows."""

    points: Points
    """Shape (rows, columns, 2)."""
    size: tuple[int, int]
    """Width and height of the new page in pixels."""

    def __call__(self, points: NDArray[np.floating]) -> Points:
        """Points of the new page, shape (n, 2), as points of the old one; beyond the edges the map goes on straight."""
        at = np.asarray(points, np.float64) / _STEP
        limit = np.array([self.points.shape[1], self.points.shape[0]]) - 2
        corner = np.clip(np.floor(at).astype(int), 0, limit)
        (x, y), (u, v) = corner.T, (at - corner).T[:, :, None]
        top = self.points[y, x] * (1 - u) + self.points[y, x + 1] * u
        low = self.points[y + 1, x] * (1 - u) + self.points[y + 1, x + 1] * u
        return np.asarray(top * (1 - v) + low * v)

    def before(self, earlier: Callable[[NDArray[np.floating]], Points]) -> Grid:
        """The map that leads on to where `earlier` leads the old page's points."""
        return Grid(earlier(self.points.reshape(-1, 2)).reshape(self.points.shape), self.size)

    def show(self, image: Image) -> Image:
        """The new page, resampled from the pixels of the old one; what lies outside is white."""
        width, height = self.size
        x, y = np.meshgrid(np.arange(width, dtype=np.float32) / _STEP, np.arange(height, dtype=np.float32) / _STEP)
        where = cv2.remap(self.points.astype(np.float32), x, y, cv2.INTER_LINEAR)
        white = (255, 255, 255) if image.ndim == 3 else 255
        return np.asarray(cv2.remap(image, where, None, cv2.INTER_CUBIC, borderValue=white), np.uint8)


def middle_of(contour: NDArray[np.int32]) -> NDArray[np.float32]:
    """The middle of a text core along its columns, shape (n, 2), left to right, in the pixels of the contour.

    Columns where the core is much thicker or thinner than usual are left out: two rows touch there, or one ends.
    """
    x, y, width, height = cv2.boundingRect(contour)
    core = np.zeros((height, width), np.uint8)
    cv2.drawContours(core, [contour - (x, y)], 0, 1, -1)
    step = max(1, width // _SAMPLES)
    core = core[:, step // 2 :: step]
    thick = core.sum(0, dtype=np.float32)
    middles = (np.arange(height, dtype=np.float32) @ core) / np.maximum(thick, 1)
    usual = float(np.median(thick))
    sound = (thick > 0.6 * usual) & (thick < 1.5 * usual)
    columns = np.arange(core.shape[1], dtype=np.float32) * step + step // 2
    return np.stack([x + columns[sound] + 0.5, y + middles[sound] + 0.5], 1)


@dataclass(frozen=True, slots=True)
class LevelPage:
    """A page whose rows are level and straight, the lines found on it, and the way back to the page as given."""

    image: Image
    lines: Sequence[DetectedLine]
    back: Callable[[NDArray[np.floating]], Points]
    """Points of `image`, shape (n, 2), as points of the page as it was given."""


def lay_flat(image: Image, skew: float, detect: Callable[[Image], Sequence[DetectedLine]]) -> LevelPage:
    """The page levelled and laid flat where it needs it; `skew` is in degrees, `detect` finds the lines of an image.

    However often a page is bent back, its pixels are resampled once, from the page as given.
    """
    level, matrix = image, np.array([[1.0, 0, 0], [0, 1, 0]])
    if abs(skew) >= _LEVEL:
        level, matrix = rotate(image, -skew)

    def turned(points: NDArray[np.floating]) -> Points:
        return apply(matrix, points)

    page = LevelPage(level, detect(level), turned)
    for _ in range(_ROUNDS):
        sure = [line for line in page.lines if line.score >= SURE]
        bent = len(page.lines) - len(sure) >= _LEAST_ROWS
        bend = _Bend.of(page.lines if bent else sure)
        if bend is None or bend.is_flat:
            break
        grid = bend.grid((page.image.shape[1], page.image.shape[0])).before(page.back)
        straight = grid.show(image)
        page = LevelPage(straight, detect(straight), grid)
    return replace(page, lines=[line for line in page.lines if line.score >= SURE])


def rows_bend(lines: Sequence[DetectedLine]) -> bool:
    """Whether a page on which these lines were found would be laid flat."""
    bend = _Bend.of(lines)
    return bend is not None and not bend.is_flat


def _plainly_flat(rows: list[Points], tall: float) -> bool:
    """Whether four rows in five are straight, and as many run the same way: true of a scanned page, at no cost."""
    places = np.linspace(-1, 1, 9)
    heights = np.stack([np.interp(places, np.linspace(-1, 1, len(row)), row[:, 1]) for row in rows])
    parabolas = heights @ np.linalg.pinv(np.stack([np.ones(9), places, places**2], 1)).T
    widths = np.array([row[-1, 0] - row[0, 0] for row in rows])
    slopes = np.degrees(2 * parabolas[:, 1] / widths)
    fan = float(np.subtract(*np.percentile(slopes, (85, 15))))
    return float(np.percentile(np.abs(parabolas[:, 2]), 80)) < _PLAIN_SAG * tall and fan < _PLAIN_FAN


class _Bend:
    """How the rows of a page run: `height = y - displacement(x, y)` is the same all along a row."""

    def __init__(self, rows: list[Points], tall: float) -> None:
        everything = np.concatenate(rows)
        low, high = everything.min(0), everything.max(0)
        self._rows, self._tall = rows, tall
        self._centre, self._half = (low + high) / 2, np.maximum((high - low) / 2, 1.0)
        down = min(_DOWN, len(rows) // 6)
        self._powers = [(i, j) for i in range(1, _ACROSS + 1) for j in range(down + 1)]
        self._weights = self._fit()

    @classmethod
    def of(cls, lines: Sequence[DetectedLine]) -> _Bend | None:
        """From the detected lines; None where they are straight, or too few of them are long enough to say how."""
        heights = [np.linalg.norm(np.subtract(line.corners[3], line.corners[0])) for line in lines]
        if len(heights) < _LEAST_ROWS:
            return None
        tall = float(np.median(heights))
        rows = [np.asarray(line.middle, np.float64) for line in lines if len(line.middle) >= 8]
        rows = [row for row in rows if row[-1, 0] - row[0, 0] > _LONG * tall]
        if len(rows) < _LEAST_ROWS or _plainly_flat(rows, tall):
            return None
        return cls(rows, tall)

    @property
    def is_flat(self) -> bool:
        """Whether all rows are straight and parallel."""
        slopes, bends = [], []
        for row in self._rows:
            run = self._displacement(row)
            chord = np.linspace(run[0], run[-1], len(run))
            bends.append(float(np.abs(run - chord).max()) / self._tall)
            slopes.append(float(np.degrees(np.arctan2(run[-1] - run[0], row[-1, 0] - row[0, 0]))))
        return max(bends) < _BEND and max(slopes) - min(slopes) < _FAN

    def grid(self, size: tuple[int, int]) -> Grid:
        """The map to the page with straight rows, its text as wide and high as it is at the middle of the text."""
        width, height = size
        y = np.arange(-height // 4, height + height // 4 + 1, 4, dtype=np.float64)
        inner = np.linspace(self._centre[1] - self._half[1], self._centre[1] + self._half[1], 9)
        xs = np.arange(0, width + _STEP, _STEP, dtype=np.float64)
        levels = np.stack([y - self._displacement(np.stack([np.full_like(y, x), y], 1)) for x in xs], 1)
        levels = np.maximum.accumulate(levels + np.arange(len(y))[:, None] * 1e-6, 0)
        # Where rows lie closer together the paper is farther away, and its letters are narrower by as much.
        spread = np.stack([np.interp(inner + 1, level, y) - np.interp(inner - 1, level, y) for level in levels.T]) / 2
        pace = np.clip(np.median(spread, 1), 0.4, 2.5)
        along = np.concatenate([[0], np.cumsum((xs[1:] - xs[:-1]) / ((pace[1:] + pace[:-1]) / 2))])
        new_width = int(np.ceil(along[-1]))
        columns = np.arange(0, new_width + 2 * _STEP, _STEP, dtype=np.float64)
        source = np.interp(columns, along, xs)
        at_rows = (y >= 0) & (y <= height)
        top, bottom = float(levels[at_rows].min()), float(levels[at_rows].max())
        top, bottom = max(top, -0.25 * height), min(bottom, 1.25 * height)
        rows = np.arange(top, bottom + 2 * _STEP, _STEP)
        straight = np.stack([np.interp(rows, level, y) for level in levels.T], 1)
        column = np.clip((columns[None] * 0 + source[None]) / _STEP, 0, len(xs) - 1.001)
        left = column.astype(int)
        share = column - left
        picked = straight[:, left[0]] * (1 - share) + straight[:, left[0] + 1] * share
        points = np.stack([np.broadcast_to(source, picked.shape), picked], 2)
        return Grid(points, (new_width, int(np.ceil(bottom - top))))

    def _displacement(self, points: Points) -> NDArray[np.float64]:
        return np.asarray(self._terms(points) @ self._weights)

    def _terms(self, points: Points) -> NDArray[np.float64]:
        """The polynomial's terms; they stay what they are beyond the text."""
        u, v = np.clip((points - self._centre) / self._half, -1.08, 1.08).T
        return np.stack([u**i * v**j for i, j in self._powers], 1)

    def _fit(self) -> NDArray[np.float64]:
        """Least squares on all rows, each free in its height; rows that disagree (two run together) lose weight."""
        terms, targets = [], []
        for row in self._rows:
            here = self._terms(row)
            terms.append(here - here.mean(0))
            targets.append(row[:, 1] - row[:, 1].mean())
        matrix, target = np.concatenate(terms), np.concatenate(targets)
        stiff = _STIFF * len(target) * np.diag([float(max(0, i - 2) ** 2 + j**2) for i, j in self._powers])
        trust = np.ones(len(target))
        solved = np.zeros(matrix.shape[1])
        for _ in range(5):
            held = matrix * trust[:, None]
            solved = np.linalg.solve(held.T @ matrix + stiff + 1e-9 * np.eye(len(stiff)), held.T @ target)
            off = np.abs(target - matrix @ solved)
            allowed = max(0.1 * self._tall, 2.5 * float(np.median(off)))
            trust = np.clip(1 - (off / (2 * allowed)) ** 2, 0, 1) ** 2
        return np.asarray(solved)
