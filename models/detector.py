"""Finds lines of text with a DBNet (PP-OCRv6-small): an image in, a map of text cores out, boxes round the cores.

The page is shrunk to a given long side (1280 pixels keep 8-point print at a third of the cost of 300 dpi), padded
to multiples of 32 and never distorted. Post-processing follows the paper (Liao et al., "Real-time Scene Text
Detection with Differentiable Binarization", AAAI 2020): threshold, connected contours, minimal rectangles, mean
score, and an offset of area x ratio / perimeter, because the network is trained on shrunken cores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.curves import middle_of
from models.images import as_rgb
from models.reading import DetectedLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.reading import Image
    from models.runtime import Network

_STRIDE = 32
_NORMAL = np.arange(256, dtype=np.float32) / np.float32(127.5) - np.float32(1.0)
"""A grey level 0..255 as the network takes it."""
_CORE_THRESHOLD = 0.3
_BOX_THRESHOLD = 0.5
_BENT_LENGTH, _BENT_SCORE = 16.0, 0.6
"""Length of a bent row in thicknesses of its core, and its mean score inside its own outline, at least."""
_UNCLIP_RATIO = 1.6
_BESIDE = 0.2
_ABOVE = 0.03
"""Room added at the ends and on top, in line heights: the network cuts first letters and stacked marks short."""
_MIN_CORE_SIDE = 3.0
"""Pixels of the shrunken page; anything flatter is a speck or a rule."""


class DbnetDetector:
    """A DBNet detector with PaddleOCR's input convention: BGR, (value / 255 - 0.5) / 0.5."""

    def __init__(self, network: Network, name: str, *, side: int = 1280, input_name: str = "x") -> None:
        self.name = f"{name}@{side}"
        self._network = network
        self._side = side
        self._input = input_name

    def detect(self, image: Image) -> Sequence[DetectedLine]:
        """Lines in pixels of `image`, unordered; rows that bend out of their straight boxes score below 0.5."""
        tensor, scale = prepare(as_rgb(image), self._side)
        (cores,) = self._network.run({self._input: tensor})[:1]
        return lines_from_cores(cores[0, 0], scale, (image.shape[1], image.shape[0]))


def prepare(image: Image, side: int) -> tuple[NDArray[np.float32], float]:
    """RGB page to the network's input (1, 3, h, w), and the scale from page pixels to input pixels."""
    height, width = image.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = image if scale == 1.0 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    below, right = -size[1] % _STRIDE, -size[0] % _STRIDE
    padded = cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    # Plane by plane through a table: every copy of this is 14 MB of the process's peak.
    tensor = np.empty((1, 3, *padded.shape[:2]), np.float32)
    for plane, channel in enumerate((2, 1, 0)):
        cv2.LUT(cv2.extractChannel(padded, channel), _NORMAL, tensor[0, plane])
    return tensor, scale


def input_size(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Height and width of the network's input for a page of `size` (height, width)."""
    scale = min(1.0, side / max(size))
    height, width = (max(1, round(length * scale)) for length in size)
    return height + -height % _STRIDE, width + -width % _STRIDE


def lines_from_cores(cores: NDArray[np.float32], scale: float, size: tuple[int, int]) -> list[DetectedLine]:
    """Boxes round text cores: map (h, w) of probabilities to corners in page pixels; `size` is (width, height)."""
    mask = (cores > _CORE_THRESHOLD).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    lines = []
    for contour in contours:
        rectangle = cv2.minAreaRect(contour)
        width, height = rectangle[1]
        if min(width, height) < _MIN_CORE_SIDE:
            continue
        score = _mean_inside(cores, cv2.boxPoints(rectangle))
        if score < _BOX_THRESHOLD and not _is_bent_row(cores, contour):
            continue
        grow = 2 * _UNCLIP_RATIO * width * height / (2 * (width + height))
        corners = cv2.boxPoints((rectangle[0], (width + grow, height + grow), rectangle[2]))
        corners = roomier(clockwise_from_start(corners)) / scale
        middle = tuple((float(x), float(y)) for x, y in middle_of(contour) / scale)
        lines.append(DetectedLine(as_corners(corners.clip(0, np.array(size, np.float32))), float(score), middle))
    return lines


def roomier(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Corners (clockwise from the reading start) with room at the line's ends and on top."""
    along, down = corners[1] - corners[0], corners[3] - corners[0]
    height = float(np.linalg.norm(down))
    beside = along / max(1.0, float(np.linalg.norm(along))) * height * _BESIDE
    above = down * _ABOVE
    return np.asarray(corners + np.stack([-beside - above, beside - above, beside, -beside]), np.float32)


def _is_bent_row(cores: NDArray[np.float32], contour: NDArray[np.int32]) -> bool:
    """Whether a core that fills its straight box badly is a long row all the same, only bent."""
    _, _, width, height = cv2.boundingRect(contour)
    thick = cv2.contourArea(contour) / max(1, width)
    if width < _BENT_LENGTH * thick or height > 0.5 * width:
        return False
    return _mean_inside(cores, contour[:, 0].astype(np.float32)) >= _BENT_SCORE


def _mean_inside(cores: NDArray[np.float32], corners: NDArray[np.float32]) -> float:
    height, width = cores.shape
    x0, y0 = np.floor(corners.min(0)).astype(int).clip(0, (width - 1, height - 1))
    x1, y1 = np.ceil(corners.max(0)).astype(int).clip(0, (width - 1, height - 1))
    inside = np.zeros((y1 - y0 + 1, x1 - x0 + 1), np.uint8)
    cv2.fillPoly(inside, [(corners - (x0, y0)).astype(np.int32)], 1)
    return float(cv2.mean(cores[y0 : y1 + 1, x0 : x1 + 1], inside)[0])


def clockwise_from_start(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Top left, top right, bottom right, bottom left of a rectangle that leans by less than 45 degrees."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left, right = by_x[:2], by_x[2:]
    left, right = left[np.argsort(left[:, 1])], right[np.argsort(right[:, 1])]
    return np.array([left[0], right[0], right[1], left[1]], np.float32)


def as_corners(
    corners: NDArray[np.floating],
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]:
    """Four points of an array of shape (4, 2) as plain numbers."""
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return a, b, c, d
