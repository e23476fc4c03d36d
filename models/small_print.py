"""Enlarges a page whose print is too small for the detector and the recogniser: screenshots, thumbnails, 72 dpi.

Both networks know print of 20 to 60 pixels a line. Below 20, a smooth enlargement before looking for lines gives
boxes that fit and letters whose marks the recogniser can tell apart; it costs one more look, on such pages only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.curves import SURE, LevelPage
from models.leader_rows import line_height

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from models.reading import DetectedLine, Image

_SMALL, _WANTED = 20.0, 40.0
"""Median height of a line in pixels below which a page is enlarged, and what is aimed at."""
_MOST = 4.0
_MOST_PIXELS = 9_000_000
"""What a page may be enlarged to: A4 at 300 dpi. Beyond it memory grows, and the detector shrinks it again anyway."""


def legible(page: LevelPage, detect: Callable[[Image], Sequence[DetectedLine]]) -> LevelPage:
    """The page, enlarged where its print is small; `detect` finds the lines of an image."""
    if not page.lines or (height := line_height(page.lines)) >= _SMALL:
        return page
    most = (_MOST_PIXELS / (page.image.shape[0] * page.image.shape[1])) ** 0.5
    scale = min(_MOST, _WANTED / height, most)
    if scale <= 1:
        return page
    image = np.asarray(cv2.resize(page.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)

    def back(points: NDArray[np.floating]) -> NDArray[np.float64]:
        return page.back(np.asarray(points, np.float64) / scale)

    return LevelPage(image, [line for line in detect(image) if line.score >= SURE], back)
