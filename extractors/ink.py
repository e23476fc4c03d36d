"""Is there ink where nothing was read? Tells an empty place on a form from handwriting that the reader missed.

A form's leaders (dots, underscores) and rules are ink too, but low: only components of some height count.
Looks at a strip of pixels, answers with the share of it that tall components fill, or with the box round them, which is
what a person is shown; no thresholds are learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.reading import Image

INKED = 0.01
"""From this share of tall ink on, a strip is not empty."""


def tall_ink(image: Image, box: Box, text_height: float) -> float:
    """Share of `box` under dark components at least 0.45 `text_height` tall and not rule-shaped. 0 for an empty box."""
    area = (min(image.shape[0], box.y1) - max(0, box.y0)) * (min(image.shape[1], box.x1) - max(0, box.x0))
    if area <= 0 or box.x1 <= box.x0 or box.y1 <= box.y0:
        return 0.0
    inked = 0
    for part, ink in _tall(image, box, text_height):
        inked += max(ink, part.width * part.height // 4)
    return float(inked / area)


def ink_box(image: Image, box: Box, text_height: float) -> Box | None:
    """The smallest box round the tall components in `box`, in pixels of the page; None where there are none."""
    found: Box | None = None
    for part, _ in _tall(image, box, text_height):
        found = part if found is None else found.union(part)
    return found


def _tall(image: Image, box: Box, text_height: float) -> Iterator[tuple[Box, int]]:
    """Tall dark components with the number of their pixels."""
    import cv2
    import numpy as np

    x0, y0 = max(0, box.x0), max(0, box.y0)
    strip = image[y0 : min(image.shape[0], box.y1), x0 : min(image.shape[1], box.x1)]
    if strip.size == 0:
        return
    if strip.ndim == 3:
        strip = np.asarray(cv2.cvtColor(np.ascontiguousarray(strip), cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    paper = float(np.percentile(strip, 90))
    dark = (strip < paper - 60).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    for index in range(1, count):
        x, y, width, height, area = (int(value) for value in stats[index, :5])
        upright_rule = width <= 3 and height >= 2.5 * text_height
        if height >= 0.45 * text_height and not upright_rule:
            yield Box(x0 + x, y0 + y, x0 + x + width, y0 + y + height), area
