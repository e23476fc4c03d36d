"""How a page lies: quarter turns by a small network, and the small angle of its rows by their ink profile.

The network (trueocr's `orient.onnx`) looks at a 768-pixel ink thumbnail and answers five chances: upright, turned by
one, two or three quarter turns counter-clockwise, or set in vertical columns. Nearly all pages come upright and a
wrong turn loses a page, so a page is turned only above a chance that was chosen on real pages. Short pieces of text
leave the network in doubt; then some of their lines are read both ways up, and what reads well is upright.
The skew is the angle at which the ink profile changes most sharply from row to row (Postl's criterion).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.images import as_grey, as_rgb, cut, shrink
from models.reading import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from models.reading import DetectedLine, Image, LineDetector, LineRecogniser
    from models.runtime import Network

_SIDE = 768
_SURE = 0.95
_DOUBTLESS = 0.995
"""Chance from which the network is believed without reading a line: it is surer of nearly every whole page."""
_POSSIBLE = 0.1
"""Chance that rows run along an axis of the image from which lines are looked for there."""
_LINES, _LONGEST = 4, 12.0
"""Lines that are read both ways up, and how much of each, in its heights."""
_LEGIBLE, _CLEARLY = 0.9, 0.6
"""Mean score of letters that are upright, and the share of doubt that they leave beside letters that are not."""
_SKEW_SIDE = 800
_SKEW_RANGE = 15.0
_MERGED = 8
"""Columns added up into one before the page is turned by many small angles."""
_BLANK_INK = 0.002


class NetworkOrienter:
    """Quarter turns by `orient.onnx`."""

    def __init__(self, network: Network, *, sure: float = _SURE) -> None:
        self._network = network
        self._sure = sure

    def turn(self, image: Image) -> Turn:
        """The turn of the page's content; 0 with its own chance where no turn is sure."""
        return self.choose(self.chances(image))

    def choose(self, chances: NDArray[np.float32]) -> Turn:
        """The turn that these chances allow."""
        best = int(chances.argmax())
        if best in (1, 2, 3) and chances[best] >= self._sure:
            return Turn(best, float(chances[best]))
        return Turn(0, float(chances[0]))

    def chances(self, image: Image) -> NDArray[np.float32]:
        """The chances of 0 to 3 quarter turns counter-clockwise, and of text set in columns."""
        grey = shrink(as_grey(image), _SIDE)
        skew = estimate_skew(grey)
        if abs(skew) >= 1.0:
            centre = (grey.shape[1] / 2, grey.shape[0] / 2)
            level = cv2.getRotationMatrix2D(centre, -skew, 1.0)
            grey = np.asarray(cv2.warpAffine(grey, level, grey.shape[::-1], borderValue=255), np.uint8)
        ink = np.zeros((1, 1, _SIDE, _SIDE), np.float32)
        ink[0, 0, : grey.shape[0], : grey.shape[1]] = 1 - grey.astype(np.float32) / 255
        return np.asarray(self._network.run({"x": ink})[0][0], np.float32)


class ReadingOrienter:
    """Asks the network and, where it is in doubt, reads a few lines both ways up."""

    def __init__(self, network: NetworkOrienter, detector: LineDetector, recogniser: LineRecogniser) -> None:
        self._network = network
        self._detector = detector
        self._recogniser = recogniser

    def turn(self, image: Image) -> Turn:
        """The turn of the page's content; 0 with its own chance where neither network nor reading is sure."""
        chances = self._network.chances(image)
        if chances[:4].max() >= _DOUBTLESS:
            return self._network.choose(chances)
        scores = np.zeros(4)
        for axis in (0, 1):
            if chances[axis] + chances[axis + 2] >= _POSSIBLE:
                scores[axis], scores[axis + 2] = self._legibility(np.rot90(image, -axis))
        best = int(scores.argmax())
        others = float(np.delete(scores, best).max())
        if scores[best] < _LEGIBLE or 1 - scores[best] > _CLEARLY * (1 - others):
            return self._network.choose(chances)
        return Turn(best, float(scores[best]))

    def _legibility(self, image: Image) -> tuple[float, float]:
        """Mean score of the letters of some lines, read as they lie and upside down; 0 where there are none."""
        page = as_rgb(np.ascontiguousarray(image))
        lines = sorted(self._detector.detect(page), key=_extent, reverse=True)[:_LINES]
        as_they_lie: list[float] = []
        upside_down: list[float] = []
        for line in lines:
            crop = cut(page, np.array(line.corners, np.float32))
            crop = crop[:, : int(_LONGEST * crop.shape[0])]
            as_they_lie += self._recogniser.recognise(crop).scores
            upside_down += self._recogniser.recognise(np.ascontiguousarray(crop[::-1, ::-1])).scores
        return _mean(as_they_lie), _mean(upside_down)


def _mean(scores: list[float]) -> float:
    return sum(scores) / max(1, len(scores))


def _extent(line: DetectedLine) -> float:
    """How much of a line can be read: its length in heights, up to what is read of it."""
    corners = np.array(line.corners)
    height = max(1.0, float(np.linalg.norm(corners[3] - corners[0])))
    return min(_LONGEST, float(np.linalg.norm(corners[1] - corners[0])) / height)


def estimate_skew(grey: Image) -> float:
    """Degrees counter-clockwise that the text rows are turned by, in -15..15; 0.0 for a page without ink."""
    small = shrink(grey, _SKEW_SIDE)
    ground = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    ink = np.asarray(cv2.subtract(ground, small), np.uint8)
    ink[ink < 32] = 0
    if np.count_nonzero(ink) < _BLANK_INK * ink.size:
        return 0.0
    coarse, fine = _Rows(shrink(ink, _SKEW_SIDE // 2), _MERGED // 2), _Rows(ink, _MERGED)
    best = coarse.sharpest(np.arange(-_SKEW_RANGE, _SKEW_RANGE + 0.1, 1.0))
    best = fine.sharpest(np.arange(best - 1, best + 1.01, 0.25))
    best = fine.sharpest(np.arange(best - 0.2, best + 0.21, 0.05))
    # A page whose rows give no clear peak is left level.
    if fine.sharpness(best) < 1.05 * fine.sharpness(0.0):
        return 0.0
    return round(best, 2)


class _Rows:
    """The ink of a page with neighbouring columns added up: turned by a small angle its rows stay what they are."""

    def __init__(self, ink: Image, merged: int) -> None:
        self._height, self._width = ink.shape
        size = (max(1, self._width // merged), self._height)
        self._ink = cv2.resize(ink, size, interpolation=cv2.INTER_AREA).astype(np.float32)

    def sharpest(self, angles: Iterable[float]) -> float:
        """The angle in degrees at which the rows are sharpest."""
        return float(max(angles, key=lambda angle: self.sharpness(float(angle))))

    def sharpness(self, angle: float) -> float:
        """Energy of the row profile's differences once rows turned by `angle` degrees are level."""
        columns = self._ink.shape[1]
        wide = self._width / columns
        sin, cos = float(np.sin(np.radians(angle))), float(np.cos(np.radians(angle)))
        # Down a column nothing but the height changes: height' = cos (y - middle) + sin (x - middle) + middle.
        start = (1 - cos) * self._height / 2 + sin * ((wide - 1) - self._width) / 2
        level = np.array([[1.0, 0.0, 0.0], [sin * wide, cos, start]])
        turned = cv2.warpAffine(self._ink, level, (columns, self._height))
        profile = cv2.reduce(turned, 1, cv2.REDUCE_SUM)[:, 0].astype(np.float64)
        return float((np.diff(profile) ** 2).sum())
