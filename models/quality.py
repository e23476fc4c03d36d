"""Whether a page image can be read at all, before time is spent on it.

Seven figures are measured on a grey copy of the page; a figure beyond its limit is a defect. The limits were chosen on
real pages (office scans, rendered pages, photographs, forms of 458 pixels) so that pages which are read well have no
defect, and on the same pages made worse until they are not read. Print is told from ground by the ground's own level,
so that grey paper is not called dark print. The codes are those of `models.reading.Defect`.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.images import as_grey, shrink
from models.orientation import estimate_skew
from models.reading import Defect

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.reading import Image

_SIDE = 1600
"""Long side in pixels above which a page is shrunk before it is measured."""
_INK_DEPTH = 0.35
"""Share of the way from ground to the darkest print at which a pixel is print."""
_LEAST_DEPTH = 12.0
"""Grey levels below the ground that are print at all; paper grain stays above."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is measured on a page."""

    ink: float
    """Share of pixels that are print."""
    sharpness: float
    """Steepest steps between neighbouring pixels, as a share of the contrast: 1 is a step within a pixel."""
    skew: float
    """Degrees, absolute."""
    letter: float
    """Median height of letters in pixels of the image as given, weighted by ink."""
    cut: float
    """Letters that touch the image's edge, as a share of all letters."""
    contrast: float
    """Grey levels between ground and the darkest thousandth of the page: print, or what shines through."""
    ground: float
    """Grey level of the ground."""


LIMITS = {
    "blank": 0.0004,
    "blurred": 0.2,
    "skewed": 7.0,
    "too_small": 7.0,
    "cropped": 0.005,
    "faint": 40.0,
    "dark": 80.0,
}
"""Worse than this is a defect: less for all but `skewed` and `cropped`, where it is more."""


def inspect_page(image: Image) -> tuple[Defect, ...]:
    """The defects of an upright RGB or grey page, worst kind first; a blank page has no other, a black one is dark."""
    figures = measure(image)
    if figures.ink < LIMITS["blank"] and figures.ground >= LIMITS["dark"]:
        return (Defect("blank", figures.ink, LIMITS["blank"]),)
    _, sharpness, skew, letter, cut, contrast, ground = astuple(figures)
    low = {"blurred": sharpness, "too_small": letter, "faint": contrast, "dark": ground}
    high = {"skewed": skew, "cropped": cut}
    defects = [Defect(code, value, LIMITS[code]) for code, value in low.items() if value < LIMITS[code]]
    return tuple(defects + [Defect(code, value, LIMITS[code]) for code, value in high.items() if value > LIMITS[code]])


def measure(image: Image) -> Figures:
    """Measures a page."""
    grey = as_grey(image)
    scale = min(1.0, _SIDE / max(grey.shape))
    grey = shrink(grey, _SIDE)
    ground = float(np.percentile(shrink(grey, 600), 75))
    level = np.asarray(cv2.subtract(_local_ground(grey), grey), np.uint8)
    contrast = percentile(counted(level), 99.9)
    ink = (level > max(_LEAST_DEPTH, _INK_DEPTH * contrast)).astype(np.uint8)
    letters = _letters(ink)
    if len(letters) == 0:
        # Nothing to measure: what letters would show is taken as good, so that only `blank` or `dark` is said.
        return Figures(0.0, 1.0, 0.0, float(_SIDE), 0.0, 255.0, ground)
    height, width = grey.shape
    x, y, w, h = letters.T[:4]
    # A letter touches the edge where its box does; specks and rules were left out before.
    touching = (x <= 1) | (y <= 1) | (x + w >= width - 1) | (y + h >= height - 1)
    return Figures(
        ink=float(letters[:, 4].sum() / ink.size),
        sharpness=_sharpness(grey, contrast),
        skew=abs(estimate_skew(grey)),
        letter=_weighted_median(h, letters[:, 4]) / scale,
        cut=float(touching.mean()),
        contrast=contrast,
        ground=ground,
    )


def _local_ground(grey: Image) -> NDArray[np.uint8]:
    """The paper under the print: closing at a quarter of the size, so that uneven light does not matter."""
    small = shrink(grey, max(64, max(grey.shape) // 4))
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((21, 21), np.uint8))
    return np.asarray(cv2.resize(closed, grey.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def _letters(ink: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Connected pieces that may be letters: rows of x, y, width, height, area."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    pieces = np.asarray(stats[1:], np.int32)
    most = max(ink.shape) / 12
    width, height, area = pieces[:, 2], pieces[:, 3], pieces[:, 4]
    keep = (height >= 3) & (area >= 6) & (height < most) & (width < 2 * most) & (width < 12 * height)
    return np.asarray(pieces[keep], np.int32)


def _weighted_median(values: NDArray[np.int32], weights: NDArray[np.int32]) -> float:
    """Leaders are many and small; weighted by ink they do not count."""
    rank = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[rank])
    return float(values[rank][int(np.searchsorted(reached, reached[-1] / 2))])


def _sharpness(grey: Image, contrast: float) -> float:
    if contrast <= 0:
        return 0.0
    steps = counted(cv2.absdiff(grey[:, 1:], grey[:, :-1]))
    steps[: int(0.05 * contrast) + 1] = 0
    return percentile(steps, 95) / max(1.0, contrast) if steps.any() else 0.0


def counted(grey: Image) -> NDArray[np.int64]:
    """How many pixels have each of the 256 levels."""
    # OpenCV counts in 32-bit floats: exact up to 16 million in a level, which no shrunken page has.
    return np.asarray(cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel(), np.int64)


def percentile(counts: NDArray[np.int64], share: float) -> float:
    """What `numpy.percentile` says of the pixels that were counted, without sorting them."""
    until = np.cumsum(counts)
    place = share / 100 * (int(until[-1]) - 1)
    below = int(place)
    low, high = np.searchsorted(until, [below, min(below + 1, int(until[-1]) - 1)], side="right")
    return float(low + (high - low) * (place - below))
