"""Training strips for the handwriting judge: what it will see of a line, and print, pen or open for every answer.

Five kinds are mixed: real scanned lines; typeset lines and lines of born-digital PDFs, degraded; print with a word
taken out and written in by hand, or set in again in print, so that a patch gives nothing away; whole lines by hand; and
the few real pen strokes that somebody marked. Grounds (ruled, squared and dark paper, shadows), inks and damage are
drawn alike for print and pen: only the strokes tell them apart. Deterministic for a given generator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.handwriting import HEIGHT, STRIDE, strip_of
from models.training import degrade
from models.training.hand_pages import OPEN, PEN, PRINT, MarkedLine
from models.training.hand_paper import colour, ground, stamp
from models.training.hands import scribble

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.training.hands import Hand
    from models.training.lines import LineStore

    Picture = NDArray[np.uint8]
    Kinds = NDArray[np.uint8]
    """A kind (`PRINT`, `PEN`, `OPEN`) for every column of a picture."""

COLUMNS = 384
"""Columns of a training strip: twelve line heights."""
KINDS = ("scan", "set", "insert", "hand", "pen")
CHANCES = (0.22, 0.20, 0.24, 0.24, 0.10)
_ROWS = 64


def draw_pool(hands: Sequence[Hand], texts: Sequence[str], count: int, rng: np.random.Generator) -> list[Picture]:
    """`count` drawings of each of three sorts: numbers and dates, words and lines, scribbles. Ink is 255."""
    pool: list[Picture] = []
    for number in range(count):
        hand = hands[int(rng.integers(len(hands)))]
        words = texts[int(rng.integers(len(texts)))].split()
        first = int(rng.integers(0, max(1, len(words) - 1)))
        text = " ".join(words[first : first + int(rng.integers(1, 10))])
        for ink in (hand.draw(_figures(rng), rng), hand.draw(text, rng), scribble(rng) if number % 4 == 0 else None):
            if ink is not None and min(ink.shape) >= 8:
                scale = min(1.0, 96 / ink.shape[0])
                size = (max(4, round(ink.shape[1] * scale)), max(4, round(ink.shape[0] * scale)))
                pool.append(np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA) * 255, np.uint8))
    return pool


def _figures(rng: np.random.Generator) -> str:
    day, month = int(rng.integers(1, 32)), int(rng.integers(1, 13))
    forms = (f"{day}", f"{day:02d}", f"{int(rng.integers(1, 10000))}", f"{int(rng.integers(1, 1000)):02d}",
             f"{day}/{month}", f"{day}.{month}.{int(rng.integers(0, 100)):02d}", f"{month}")  # fmt: skip
    return forms[int(rng.integers(len(forms)))]


class Samples:
    """Draws training strips. `pool` are drawings, `lines` real marked lines, `stores` clean printed lines."""

    def __init__(
        self, lines: Sequence[MarkedLine], stores: Sequence[tuple[LineStore, float]], pool: Sequence[Picture]
    ) -> None:
        self._lines = [line for line in lines if any(span[2] == PRINT for span in line.spans)]
        self._pens = [line for line in lines if any(span[2] == PEN for span in line.spans)]
        self._stores = [store for store, _ in stores]
        weights = np.array([weight for _, weight in stores])
        self._weights = weights / weights.sum()
        self._pool = list(pool)
        self._long = [ink for ink in pool if ink.shape[1] > 4 * ink.shape[0]] or self._pool

    def draw(self, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """A strip (2, 32, COLUMNS) and its targets (COLUMNS / 8): 0 print, 1 pen, -1 open."""
        kind = KINDS[int(rng.choice(len(KINDS), p=CHANCES))]
        picture, kinds = getattr(self, f"_{kind}")(rng)
        if rng.random() < 0.18:
            picture = ground(picture, rng)
        picture, kinds = self._seen(picture, kinds, rng)
        return window(strip_of(picture), kinds, rng)

    def _scan(self, rng: np.random.Generator) -> tuple[Picture, Kinds]:
        return self._marked(self._lines, rng)

    def _pen(self, rng: np.random.Generator) -> tuple[Picture, Kinds]:
        return self._marked(self._pens or self._lines, rng)

    def _marked(self, lines: Sequence[MarkedLine], rng: np.random.Generator) -> tuple[Picture, Kinds]:
        line = lines[int(rng.integers(len(lines)))]
        return line.crop.copy(), kinds_of(line)

    def _set(self, rng: np.random.Generator) -> tuple[Picture, Kinds]:
        store = self._stores[int(rng.choice(len(self._stores), p=self._weights))]
        line = store[int(rng.integers(len(store)))]
        ink = max(6, line.bottom - line.top)
        top = max(0, line.top - round(ink * rng.uniform(0.0, 0.22)))
        bottom = min(line.image.shape[0], line.bottom + round(ink * rng.uniform(0.0, 0.22)))
        image = line.image[top:bottom]
        height = _ROWS if rng.random() < 0.7 else int(rng.integers(20, _ROWS))
        width = max(8, round(image.shape[1] * height / image.shape[0]))
        image = np.asarray(cv2.resize(image, (min(width, 2400), height), interpolation=cv2.INTER_AREA), np.uint8)
        picture = degrade.degrade(image, rng, width=image.shape[1], height=height, ink=ink / max(1, bottom - top))
        kinds = np.full(picture.shape[1], OPEN, np.uint8)
        for word in line.words:
            share = picture.shape[1] / line.image.shape[1]
            kinds[round(word.x0 * share) : max(round(word.x0 * share) + 1, round(word.x1 * share))] = PRINT
        return picture, kinds

    def _insert(self, rng: np.random.Generator) -> tuple[Picture, Kinds]:
        """Print from which one stretch is taken out; a pen, or print from elsewhere, fills it."""
        picture, kinds = self._scan(rng) if rng.random() < 0.65 else self._set(rng)
        height, width = picture.shape[:2]
        other, its = self._scan(rng) if rng.random() < 0.3 else (None, None)
        ink = None if other is not None else self._pool[int(rng.integers(len(self._pool)))]
        if other is not None and its is not None:
            start = int(rng.integers(0, max(1, other.shape[1] - 2 * height)))
            patch = other[:, start : start + int(height * rng.uniform(0.8, 3.0))]
            span = round(patch.shape[1] * height / patch.shape[0])
        else:
            assert ink is not None  # noqa: S101 - one of the two
            rows = height * rng.uniform(0.45, 1.0)
            span = min(round(ink.shape[1] * rows / ink.shape[0]), 5 * height)
        if span < 6 or span >= width - 4:
            return picture, kinds
        at = int(rng.integers(0, width - span))
        bare = int(height * rng.uniform(0, 0.8))
        left, right = max(0, at - bare), min(width, at + span + bare)
        paper = np.percentile(picture[:, :: max(1, width // 300)].reshape(-1, 3), 75, axis=0)
        if rng.random() < 0.85:
            grain = rng.normal(0, rng.uniform(0, 4), (height, right - left, 1))
            picture[:, left:right] = np.clip(paper + grain, 0, 255).astype(np.uint8)
            kinds[left:right] = OPEN
        if other is not None and its is not None:
            picture[:, at : at + span] = np.minimum(
                picture[:, at : at + span], cv2.resize(patch, (span, height), interpolation=cv2.INTER_AREA)
            )
            shown = its[start : start + patch.shape[1]]
            kinds[at : at + span] = cv2.resize(shown[None], (span, height), interpolation=cv2.INTER_NEAREST)[0]
            return picture, kinds
        assert ink is not None  # noqa: S101 - as above
        row = int(rng.uniform(-0.06, 0.06) * height + rng.uniform(0, 1) * max(0, height - rows))
        stamp(picture, ink, (at, row, span, round(rows)), colour(rng, picture), rng)
        kinds[at : at + span] = PEN
        if rng.random() < 0.4:
            picture = degrade.compressed(picture, int(rng.integers(40, 92)))
        return picture, kinds

    def _hand(self, rng: np.random.Generator) -> tuple[Picture, Kinds]:
        """A line written by hand on paper of its own, with what lies above and below it."""
        height = int(rng.integers(36, _ROWS + 1))
        width = int(height * rng.uniform(5, 18))
        picture = np.full((height, width, 3), 0, np.uint8)
        picture[:] = np.clip(rng.uniform(150, 255) + rng.normal(0, 6, 3), 0, 255).astype(np.uint8)
        kinds = np.full(width, OPEN, np.uint8)
        if rng.random() < 0.35:
            picture = ground(picture, rng)
        if rng.random() < 0.1:
            picture[round(height * rng.uniform(0.72, 0.92)) :: height, :: int(rng.integers(3, 7))] = 40
        long = self._long if rng.random() < 0.7 else self._pool
        ink, x = colour(rng, picture), int(rng.uniform(0, 0.8) * height)
        share, same = rng.uniform(0.6, 1.0), rng.uniform(0.85, 1.0)
        while x < width - height // 2:
            drawing = long[int(rng.integers(len(long)))]
            rows = height * share * rng.uniform(same, 1.0)
            span = round(drawing.shape[1] * rows / drawing.shape[0])
            row = int(rng.uniform(-0.05, 1.05) * max(2, height - rows))
            stamp(picture, drawing, (x, row, span, round(rows)), ink, rng)
            kinds[x : min(width, x + span)] = PEN
            x += span + int(height * rng.uniform(0.15, 0.9))
        if rng.random() < 0.3:
            drawing = self._pool[int(rng.integers(len(self._pool)))]
            row = int(rng.choice([-height * 0.75, height * 0.8]))
            span = min(width // 2, round(drawing.shape[1] * height / drawing.shape[0]))
            stamp(picture, drawing, (int(rng.integers(0, width - span)), row, span, height), ink, rng)
        severity = float(rng.choice(degrade.SEVERITIES))
        if rng.random() < 0.6:
            picture = degrade.uneven_light(picture, rng, max(0.3, severity))
        picture = degrade.sensor_noise(picture, rng, severity)
        if rng.random() < 0.12:
            picture = degrade.bilevel(picture, rng)
        return picture, kinds

    def _seen(self, picture: Picture, kinds: Kinds, rng: np.random.Generator) -> tuple[Picture, Kinds]:
        """What camera, file and detector make of any line: blur, tone, grey, dark ground, another cut, a slope."""
        height, width = picture.shape[:2]
        if rng.random() < 0.35:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, height / 40)), np.uint8)
        if rng.random() < 0.3:
            gamma = rng.uniform(0.6, 1.7)
            picture = np.asarray(((picture / 255.0) ** gamma) * 255, np.uint8)
        if rng.random() < 0.15:
            picture = degrade.uneven_light(picture, rng, 1.0)
        if rng.random() < 0.45:
            picture = np.asarray(np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2), np.uint8)
        if rng.random() < 0.05:
            picture = np.asarray(255 - picture, np.uint8)
        if rng.random() < 0.3:
            picture = degrade.compressed(picture, int(rng.integers(25, 90)))
        above, below = (round(height * rng.uniform(-0.06, 0.1)) for _ in range(2))
        slope = rng.normal(0, 0.012)
        matrix = np.array([[1, rng.normal(0, 0.03), 0], [slope, 1.0, above - slope * width / 2]])
        size = (width, max(12, height + above + below))
        moved = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        stretch = rng.uniform(0.85, 1.2)
        moved = cv2.resize(moved, (max(16, round(width * stretch)), size[1]), interpolation=cv2.INTER_AREA)
        spread = cv2.resize(kinds[None], (moved.shape[1], 1), interpolation=cv2.INTER_NEAREST)[0]
        return np.asarray(moved, np.uint8), np.asarray(spread, np.uint8)


def kinds_of(line: MarkedLine) -> Kinds:
    """A kind for every column; later spans lie over earlier ones."""
    width = line.crop.shape[1]
    kinds = np.full(width, OPEN, np.uint8)
    for start, end, kind in line.spans:
        kinds[int(start * width) : max(int(start * width) + 1, round(end * width))] = kind
    return kinds


def window(
    strip: NDArray[np.float32], kinds: Kinds, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A stretch of a strip with its targets; what is too short is filled up with paper."""
    spread = cv2.resize(kinds[None], (strip.shape[2], 1), interpolation=cv2.INTER_NEAREST)[0]
    start = int(rng.integers(0, max(1, strip.shape[2] - COLUMNS + 1)))
    part, its = strip[:, :, start : start + COLUMNS], spread[start : start + COLUMNS]
    whole = np.zeros((strip.shape[0], HEIGHT, COLUMNS), np.float32)
    whole[:, :, : part.shape[2]] = part
    padded = np.full(COLUMNS, OPEN, np.uint8)
    padded[: len(its)] = its
    steps = padded.reshape(-1, STRIDE)
    pen, printed = (steps == PEN).mean(1), (steps == PRINT).mean(1)
    targets = np.where(pen >= 0.4, 1.0, np.where((printed >= 0.4) & (pen == 0), 0.0, -1.0))
    return whole, targets.astype(np.float32)
