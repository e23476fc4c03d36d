"""Tick boxes next to printed words: which of `Có ☐, Không ☐` carries a mark.

A reader gives boxes as scraps of letters or not at all, so pixels decide: the square right of the word is found by
its outline, and the ink inside it is weighed. One box clearly fuller than the other is an answer; else there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.reading import Box

if TYPE_CHECKING:
    from models.reading import Image

TICKED, EMPTY = 0.10, 0.05
"""Share of ink inside a box from which it is ticked, and up to which it is empty."""


def box_after(image: Image, word: Box) -> tuple[Box, float] | None:
    """The square that stands within three heights right of a word, and the share of ink inside it."""
    import cv2
    import numpy as np

    size = word.height
    x0, x1 = max(0, word.x0), min(image.shape[1], word.x1 + int(2.6 * size))
    y0, y1 = max(0, word.y0 - size // 3), min(image.shape[0], word.y1 + size // 3)
    strip = image[y0:y1, x0:x1]
    if strip.size == 0:
        return None
    grey = cv2.cvtColor(strip, cv2.COLOR_RGB2GRAY) if strip.ndim == 3 else strip
    dark = (grey < float(np.percentile(grey, 90)) - 60).astype(np.uint8)
    contours, _ = cv2.findContours(dark, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    best: tuple[float, Box] | None = None
    for contour in contours:
        x, y, width, height = cv2.boundingRect(contour)
        square = 0.45 * size <= height <= 1.1 * size and 0.75 <= width / max(1, height) <= 1.35
        filled = cv2.contourArea(contour) / max(1.0, float(width * height))
        if not square or filled < 0.75:
            continue
        box = Box(x0 + x, y0 + y, x0 + x + width, y0 + y + height)
        if best is None or filled > best[0]:
            best = (filled, box)
    if best is None:
        return None
    box = best[1]
    inset = max(2, box.width // 5)
    inner = dark[box.y0 - y0 + inset : box.y1 - y0 - inset, box.x0 - x0 + inset : box.x1 - x0 - inset]
    return (box, float(inner.mean())) if inner.size else None


def ticked(image: Image, yes: Box, no: Box) -> tuple[bool, Box] | None:
    """Whether the box after `yes` is marked and the one after `no` is not (True), or the other way round (False)."""
    first, second = box_after(image, yes), box_after(image, no)
    if first is None or second is None:
        return None
    if first[1] >= TICKED and second[1] <= EMPTY:
        return True, first[0]
    if second[1] >= TICKED and first[1] <= EMPTY:
        return False, second[0]
    return None
