"""Finds lines of text with trueocr's small network: a tenth of DBNet's cost, level lines only.

The network sees an ink map (0 paper, 1 ink; sides padded to multiples of 32) and answers, at half that resolution,
the log-odds of a line's core and the distances from there to the line's top and bottom. Every connected core is a
line; its height is the mean over the core. Pages whose print comes out very small are looked at again, larger.
The page must be level: boxes are upright.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.detector import as_corners
from models.images import as_grey
from models.reading import DetectedLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.reading import Image
    from models.runtime import Network

_STRIDE = 32
_OUT_STRIDE = 2
_BESIDE = 0.35
"""A core ends 0.15 line heights inside its line; the rest is the room that recognisers want at a line's ends."""
_SMALL, _WANTED = 9.0, 12.0
"""Median line height in input pixels below which the page is looked at again, and the height aimed at then."""
_MAX_SIDE = 2048


class CoreDetector:
    """trueocr's `det.onnx`."""

    def __init__(self, network: Network, name: str, *, side: int = 1024) -> None:
        self.name = f"{name}@{side}"
        self._network = network
        self._side = side

    def detect(self, image: Image) -> Sequence[DetectedLine]:
        """Lines in pixels of `image`, unordered."""
        grey = as_grey(image)
        boxes, scores, scale = self._look(grey, self._side)
        if len(boxes) >= 8:
            middle = float(np.median(boxes[:, 3] - boxes[:, 1]))
            if middle < _SMALL:
                side = int(min(_MAX_SIDE, self._side * _WANTED / max(middle, 1.0)))
                boxes, scores, scale = self._look(grey, side)
        bounds = np.array([grey.shape[1], grey.shape[0]] * 2, np.float32)
        lines = []
        for (x0, y0, x1, y1), score in zip((boxes / scale).clip(0, bounds), scores, strict=True):
            if x1 - x0 >= 2 and y1 - y0 >= 2:
                corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
                lines.append(DetectedLine(as_corners(corners), float(score)))
        return lines

    def _look(self, grey: Image, side: int) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
        """(boxes of shape (n, 4) in input pixels, scores, scale)."""
        scale = side / max(grey.shape)
        size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
        small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        padded = cv2.copyMakeBorder(small, 0, -size[1] % _STRIDE, 0, -size[0] % _STRIDE, cv2.BORDER_CONSTANT, value=255)
        (out,) = self._network.run({"x": (1 - padded.astype(np.float32) / 255)[None, None]})[:1]
        boxes, scores = _decode(out[0])
        return boxes, scores, scale


def _decode(out: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    core = out[0] > 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(core.astype(np.uint8), connectivity=4)
    ys, xs = np.nonzero(core)
    which = labels[ys, xs]
    pixels = np.maximum(np.bincount(which, minlength=count), 1)
    middle = (ys + 0.5) * _OUT_STRIDE

    def mean(values: NDArray[np.floating]) -> NDArray[np.floating]:
        return np.asarray(np.bincount(which, weights=values, minlength=count) / pixels)

    top, bottom = mean(middle - out[1][ys, xs]), mean(middle + out[2][ys, xs])
    scores = mean(1 / (1 + np.exp(-out[0][ys, xs])))
    beside = _BESIDE * np.maximum(1.0, bottom - top)
    left = stats[:, cv2.CC_STAT_LEFT] * _OUT_STRIDE - beside
    right = (stats[:, cv2.CC_STAT_LEFT] + stats[:, cv2.CC_STAT_WIDTH]) * _OUT_STRIDE + beside
    keep = (stats[:, cv2.CC_STAT_AREA] >= 2) & (np.arange(count) > 0)
    boxes = np.stack([left, top, right, bottom], 1)[keep]
    return boxes.astype(np.float32), scores[keep].astype(np.float32)
