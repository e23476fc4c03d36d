"""Is there ink where nothing was read? Tells an empty place on a form from handwriting that the reader missed.

A form's leaders (dots, underscores) and rules are ink too, but low: only components of some height count.
Looks at a strip of pixels, answers with the share of it that tall components fill; no thresholds are learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.reading import Box, Image

INKED = 0.01
"""From this share of tall ink on, a strip is not empty."""


def tall_ink(image: Image, box: Box, text_height: float) -> float:
    """Share of `box` under dark components at least 0.45 `text_height` tall and not rule-shaped. 0 for an empty box."""
    import cv2
    import numpy as np

    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    x0, y0 = max(0, box.x0), max(0, box.y0)
    strip = grey[y0 : min(grey.shape[0], box.y1), x0 : min(grey.shape[1], box.x1)]
    if strip.size == 0:
        return 0.0
    paper = float(np.percentile(strip, 90))
    dark = (strip < paper - 60).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    tall = 0
    for index in range(1, count):
        width, height, area = (int(stats[index, k]) for k in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
        upright_rule = width <= 3 and height >= 2.5 * text_height
        if height >= 0.45 * text_height and not upright_rule:
            tall += max(area, width * height // 4)
    return tall / strip.size
