"""How a page lies: quarter turns by a small network, and the small angle of its rows by their ink profile.

The network (trueocr's `orient.onnx`) looks at a 768-pixel ink thumbnail and answers five chances: upright, turned by
one, two or three quarter turns counter-clockwise, or set in vertical columns. Nearly all pages come upright and a
wrong turn loses a page, so a page is turned only above a chance that was chosen on real pages.
The skew is the angle at which the ink profile changes most sharply from row to row (Postl's criterion).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.images import as_grey, shrink
from models.reading import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.reading import Image
    from models.runtime import Network

_SIDE = 768
_SURE = 0.95
_SKEW_SIDE = 800
_SKEW_RANGE = 15.0
_BLANK_INK = 0.002


class NetworkOrienter:
    """Quarter turns by `orient.onnx`."""

    def __init__(self, network: Network, *, sure: float = _SURE) -> None:
        self._network = network
        self._sure = sure

    def turn(self, image: Image) -> Turn:
        """The turn of the page's content; 0 with its own chance where no turn is sure."""
        grey = shrink(as_grey(image), _SIDE)
        skew = estimate_skew(grey)
        if abs(skew) >= 1.0:
            centre = (grey.shape[1] / 2, grey.shape[0] / 2)
            level = cv2.getRotationMatrix2D(centre, -skew, 1.0)
            grey = np.asarray(cv2.warpAffine(grey, level, grey.shape[::-1], borderValue=255), np.uint8)
        ink = np.zeros((1, 1, _SIDE, _SIDE), np.float32)
        ink[0, 0, : grey.shape[0], : grey.shape[1]] = 1 - grey.astype(np.float32) / 255
        chances = self._network.run({"x": ink})[0][0]
        best = int(chances.argmax())
        if best in (1, 2, 3) and chances[best] >= self._sure:
            return Turn(best, float(chances[best]))
        return Turn(0, float(chances[0]))


def estimate_skew(grey: Image) -> float:
    """Degrees counter-clockwise that the text rows are turned by, in -15..15; 0.0 for a page without ink."""
    small = shrink(grey, _SKEW_SIDE)
    ground = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    ink = np.asarray(cv2.subtract(ground, small), np.uint8)
    ink[ink < 32] = 0
    if np.count_nonzero(ink) < _BLANK_INK * ink.size:
        return 0.0
    coarse = shrink(ink, _SKEW_SIDE // 2)
    best = _sharpest(coarse, np.arange(-_SKEW_RANGE, _SKEW_RANGE + 0.1, 1.0))
    best = _sharpest(ink, np.arange(best - 1, best + 1.01, 0.25))
    best = _sharpest(ink, np.arange(best - 0.2, best + 0.21, 0.05))
    # A page whose rows give no clear peak is left level.
    if _sharpness(ink, best) < 1.05 * _sharpness(ink, 0.0):
        return 0.0
    return round(best, 2)


def _sharpest(ink: Image, angles: Iterable[float]) -> float:
    return float(max(angles, key=lambda angle: _sharpness(ink, float(angle))))


def _sharpness(ink: Image, angle: float) -> float:
    """Energy of the row profile's differences once rows turned by `angle` are level."""
    height, width = ink.shape
    level = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1.0)
    profile = cv2.warpAffine(ink, level, (width, height)).sum(1, dtype=np.float64)
    return float((np.diff(profile) ** 2).sum())
