"""Squares of pages as the quick line detector sees them in training, and what it should answer.

Every square is drawn anew: another size of print, a small turn, fainter or darker, blurred, noisy, unevenly lit,
compressed, black and white, light on dark; rings and rules laid over it; lines taken off, so that nearly empty pages
come often. A line's core is the middle half of its box, drawn in quarter cells; where cells lie in the box's middle
they also learn how far its top and bottom are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.quick_lines import CELL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.reading import Image

    Corners = NDArray[np.float32]
    Floats = NDArray[np.float32]

_SQUARE = 512
_ABOVE, _BELOW = 0.27, 0.25
"""Shares of a box's height over and under its core."""
_INWARD = 0.22
"""Line heights by which a core is taught to end inside its box; what is answered ends a little later."""
_HELD = 0.15
"""Share of a box's height at its edges in which cells learn no distances."""
_LEAST = 4.0
"""Pixels of height below which a line is not taught."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a square should be answered with."""

    core: Floats
    """1 in quarter cells of cores, shape (2 rows, 2 columns)."""
    up: Floats
    """Pixels from a cell's middle to its line's top, shape (rows, columns)."""
    down: Floats
    known: Floats
    """1 where `up` and `down` hold."""


def draw(
    pages: Sequence[tuple[Image, list[Corners]]], rng: np.random.Generator, size: int = _SQUARE
) -> tuple[Floats, Target]:
    """Ink 0..1 of shape (size, size) of a page chosen at random, and its target."""
    page, lines = pages[int(rng.integers(len(pages)))]
    paper = float(np.median(page[::7, ::7]))
    if lines and rng.random() < 0.25:
        page, lines = _emptied(page, lines, paper, rng)
    stretch = float(np.exp(rng.uniform(*np.log((0.6, 1.25)) if rng.random() < 0.85 else np.log((1.25, 2.6)))))
    angle = np.radians(rng.normal(0, 0.35 if rng.random() < 0.8 else 1.2))
    across = stretch * rng.uniform(0.94, 1.06)
    turn = np.array(
        [[across * np.cos(angle), -stretch * np.sin(angle)], [across * np.sin(angle), stretch * np.cos(angle)]]
    )
    if lines and rng.random() < 0.85:
        centre = lines[int(rng.integers(len(lines)))].mean(0) + rng.normal(0, 120 / stretch, 2)
    else:
        centre = np.array([rng.uniform(0, page.shape[1]), rng.uniform(0, page.shape[0])])
    shift = size / 2 - turn @ centre + rng.uniform(-0.18, 0.18, 2) * size
    matrix = np.concatenate([turn, shift[:, None]], 1)
    small = page
    if stretch < 0.95:  # what a warp leaves out between its samples, an average keeps
        small = np.asarray(cv2.resize(page, None, fx=across, fy=stretch, interpolation=cv2.INTER_AREA), np.uint8)
    matrix[:, 0] *= page.shape[1] / small.shape[1]
    matrix[:, 1] *= page.shape[0] / small.shape[0]
    ground = 255.0 if rng.random() < 0.7 else paper
    square = cv2.warpAffine(small, matrix, (size, size), flags=cv2.INTER_LINEAR, borderValue=ground)
    worse = _worse(square.astype(np.float32), rng)
    return (1 - worse / 255).astype(np.float32), target_of(
        [line @ turn.T.astype(np.float32) + shift for line in lines], size
    )


def target_of(lines: Sequence[Corners], size: int) -> Target:
    """The target of a square of `size` pixels with these lines."""
    core = np.zeros((2 * size // CELL, 2 * size // CELL), np.uint8)
    up, down, known = (np.zeros((size // CELL, size // CELL), np.float32) for _ in range(3))
    for line in lines:
        a, b, c, d = np.asarray(line, np.float64)
        fall, along = (d - a + c - b) / 2, b - a
        height, length = float(np.linalg.norm(fall)), float(np.linalg.norm(along))
        if height < _LEAST or line.max(0).min() < 0 or line.min(0).max() > size:
            continue
        inward = along / max(length, 1.0) * min(_INWARD * height, 0.35 * length)
        high, low = _ABOVE * fall, _BELOW * fall
        _fill(core, np.array([a + high + inward, b + high - inward, c - low - inward, d - low + inward]), CELL / 2)
        cells = np.zeros_like(known, np.uint8)
        _fill(cells, np.array([a + _HELD * fall, b + _HELD * fall, c - _HELD * fall, d - _HELD * fall]), CELL)
        ys, xs = np.nonzero(cells)
        x, y = (xs + 0.5) * CELL, (ys + 0.5) * CELL
        share = np.clip((x - a[0]) / max(1.0, b[0] - a[0]), 0, 1)
        up[ys, xs] = y - (a[1] + share * (b[1] - a[1]))
        down[ys, xs] = d[1] + share * (c[1] - d[1]) - y
        known[ys, xs] = 1
    return Target(core.astype(np.float32), up, down, known)


def _fill(picture: Image, corners: NDArray[np.float64], cell: float) -> None:
    """Fills a quadrilateral, given in pixels, in a picture of cells of `cell` pixels."""
    cv2.fillPoly(picture, [np.round(corners / cell * 16 - 8).astype(np.int32)], (1.0,), shift=4)


def _emptied(
    page: Image, lines: Sequence[Corners], paper: float, rng: np.random.Generator
) -> tuple[Image, list[Corners]]:
    """The page with most of its lines taken off."""
    page = page.copy()
    share = rng.random() * 0.5
    for line in lines:
        if rng.random() > share:
            part = page[_around(line, 3)]
            part[:] = np.clip(paper + rng.normal(0, 2, part.shape), 0, 255)
    return page, [line for line in lines if np.mean(page[_around(line, 0)] < paper - 50) > 0.03]


def _around(line: Corners, margin: int) -> tuple[slice, slice]:
    low, high = np.floor(line.min(0)).astype(int) - margin, np.ceil(line.max(0)).astype(int) + margin
    return slice(max(0, int(low[1])), max(1, int(high[1]))), slice(max(0, int(low[0])), max(1, int(high[0])))


def _worse(square: Floats, rng: np.random.Generator) -> Floats:
    """The square as a worse scanner would give it; grey levels 0..255."""
    size = len(square)
    if rng.random() < 0.3:
        square = np.asarray(cv2.GaussianBlur(square, (0, 0), rng.uniform(0.3, 1.1)), np.float32)
    if rng.random() < 0.5:
        square = 255 - (255 - square) * rng.uniform(0.45, 1.1) - (rng.uniform(0, 60) if rng.random() < 0.3 else 0)
    if rng.random() < 0.15:
        y, x = np.mgrid[0 : 1 : size * 1j, 0 : 1 : size * 1j]
        light = rng.uniform(-1, 1) * y + rng.uniform(-1, 1) * x + rng.uniform(-0.5, 0.5)
        square = np.asarray(square * (1 - rng.uniform(0, 0.5) * np.abs(light)), np.float32)
    if rng.random() < 0.3:
        square = np.asarray(square + rng.normal(0, rng.uniform(1, 14), square.shape), np.float32)
    if rng.random() < 0.15:
        for y, x in rng.integers(0, size - 3, (int(rng.integers(5, 150)), 2)):
            square[y : y + rng.integers(1, 4), x : x + rng.integers(1, 4)] = rng.uniform(0, 180)
    square = np.clip(square, 0, 255).astype(np.float32)
    if rng.random() < 0.1:
        ring = square.copy()
        middle = (int(rng.integers(size)), int(rng.integers(size)))
        cv2.circle(ring, middle, int(rng.integers(25, 110)), (rng.uniform(60, 180),), int(rng.integers(1, 4)))
        square = np.minimum(square, ring)
    if rng.random() < 0.06:
        for x in rng.integers(0, size, int(rng.integers(1, 8))).tolist():
            cv2.line(square, (x, 0), (x, size), (rng.uniform(0, 140),), int(rng.integers(1, 3)))
    if rng.random() < 0.06:
        square = 255 - square
    if rng.random() < 0.2:
        _, packed = cv2.imencode(".jpg", square.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 80))])
        square = np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.float32)
    if rng.random() < 0.1:
        square = np.where(square > float(np.median(square)) - rng.uniform(40, 110), 255, 0)
    return np.asarray(square, np.float32)
