"""Draws training crops: which line, which of its words, how tightly cut, at which width.

A batch has one width, so lines are cut to spans of whole words that fill it; long spans teach long lines.
Margins are those that detectors leave: a little ink lost at one side, up to a fifth of its height at another.
The n-th batch depends on the seed and on n alone, so that a stopped training goes on exactly where it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from models.training.alphabet import spell
from models.training.degrade import PAPER, degrade, tilt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.training.lines import LineStore, PrintedLine

WIDTHS = (192, 320, 480, 720, 1056, 1440)
WIDTH_CHANCES = (0.14, 0.2, 0.24, 0.2, 0.14, 0.08)
"""Columns of a crop 48 rows high; a line across an A4 page has 1,200 to 1,500."""

STRIDE = 8
"""Columns of a crop per step of the network's output."""


@dataclass(frozen=True, slots=True)
class Source:
    """A store and how often a line is drawn from it, relative to the other sources."""

    store: LineStore
    weight: float


@dataclass(frozen=True, slots=True)
class Batch:
    """Crops uint8 (n, height, width, 3), RGB, and the classes of their characters."""

    crops: NDArray[np.uint8]
    classes: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Span:
    """Words first to last (inclusive) of a line, and the columns x0 to x1 and rows y0 to y1 to cut."""

    first: int
    last: int
    x0: float
    x1: float
    y0: float
    y1: float


def choose_span(line: PrintedLine, rng: np.random.Generator, *, width: int, height: int) -> Span:
    """Words that fill a crop of the given shape as well as they can, with the margins of a detector."""
    ink = line.bottom - line.top
    above, below = rng.uniform(-0.02, 0.22, 2) * ink
    if rng.random() < 0.1:
        above, below = rng.uniform(0, 0.4, 2) * ink
    rows = ink + above + below
    room = width * rows / height * rng.uniform(0.85, 1.1)
    words = line.words
    first = 0 if rng.random() < 0.4 else int(rng.integers(0, len(words)))
    last = first
    while last + 1 < len(words) and words[last + 1].x1 - words[first].x0 < room - 0.3 * ink:
        last += 1
    while first > 0 and words[last].x1 - words[first - 1].x0 < room - 0.3 * ink:
        first -= 1
    left, right = rng.uniform(0.0, 0.45, 2) * ink * (rng.random(2) < 0.8)
    if first > 0:
        left = min(left, 0.4 * (words[first].x0 - words[first - 1].x1))
    if last + 1 < len(words):
        right = min(right, 0.4 * (words[last + 1].x0 - words[last].x1))
    return Span(
        first, last, words[first].x0 - left, words[last].x1 + right, line.top - above, line.bottom + below
    )  # fmt: skip


def cut_span(line: PrintedLine, span: Span, rng: np.random.Generator, *, width: int, height: int) -> NDArray[np.uint8]:
    """The span's crop (height, width, 3), degraded; paper fills what the words leave of the width."""
    rows = span.y1 - span.y0
    image = line.image
    if rng.random() < 0.6:
        start = max(0, int(span.x0 - rows))
        image = tilt(image[:, start : int(span.x1 + rows)], rng, drift=0.16 * rows)
        span = replace(span, x0=span.x0 - start, x1=span.x1 - start)
    y0, y1, x0, x1 = round(span.y0), round(span.y1), round(span.x0), round(span.x1)
    wanted = max(x1 - x0, round(width * rows / height * rng.uniform(0.94, 1.06)), 8)
    crop = np.full((max(4, y1 - y0), wanted), PAPER, np.uint8)
    top, left = max(0, y0), max(0, x0)
    part = image[top : max(top, y1), left : max(left, x1)]
    crop[top - y0 : top - y0 + part.shape[0], left - x0 : left - x0 + part.shape[1]] = part
    return degrade(crop, rng, width=width, height=height, ink=(line.bottom - line.top) / rows)


class Sampler:
    """Batches without end, each made from its number."""

    def __init__(self, sources: Sequence[Source], *, height: int, seed: int) -> None:
        self._sources = list(sources)
        weights = np.array([source.weight for source in sources], np.float64)
        self._chances = weights / weights.sum()
        self._height = height
        self._seed = seed

    def batch(self, number: int, columns: int) -> Batch:
        """The batch of that number: as many crops of one width as `columns` hold, at least one."""
        rng = np.random.default_rng([self._seed, number])
        width = int(rng.choice(WIDTHS, p=WIDTH_CHANCES))
        crops: list[NDArray[np.uint8]] = []
        classes: list[tuple[int, ...]] = []
        while len(crops) < max(1, columns // width):
            crop, spelling = self._crop(rng, width)
            if spelling and _fits(spelling, width // STRIDE):
                crops.append(crop)
                classes.append(tuple(spelling))
        return Batch(np.stack(crops), tuple(classes))

    def _crop(self, rng: np.random.Generator, width: int) -> tuple[NDArray[np.uint8], list[int]]:
        """A crop of the best of a few lines drawn: the one that fills the width best."""
        best: tuple[float, PrintedLine | None] = (-1.0, None)
        for _ in range(5):
            store = self._sources[int(rng.choice(len(self._sources), p=self._chances))].store
            number = int(rng.integers(0, len(store)))
            full = min(1.0, store.aspect(number) * self._height / 1.35 / width)
            if full > best[0]:
                best = (full, store[number]) if full > 0.7 or best[1] is None else best
            if best[0] > 0.7:
                break
        line = best[1]
        if line is None:
            raise ValueError("a source without lines")
        span = choose_span(line, rng, width=width, height=self._height)
        text = " ".join(word.text for word in line.words[span.first : span.last + 1])
        return cut_span(line, span, rng, width=width, height=self._height), spell(text) or []


def _fits(spelling: list[int], steps: int) -> bool:
    """Whether the steps can hold the classes: equal neighbours need a blank between them."""
    return len(spelling) + sum(a == b for a, b in pairwise(spelling)) <= steps
