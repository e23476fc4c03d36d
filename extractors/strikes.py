"""Values that were struck through: a stroke across the middle of the words, or letters typed over with x.

A stroke leaves each word dark from its left to its right edge at the middle of its height, which letters never do: they
have paper between them. Base lines and leaders lie lower. What is struck is not valid, whatever was meant instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.text import compact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import PageView
    from models.reading import Box, Image, Word

_FILLED = 0.97
"""Share of a word's columns that have ink in the band of the stroke."""
_THIN = 0.22
"""Height of a stroke's band in heights of the word."""
_TYPED_OVER = re.compile(r"^[xX×]{4,}$")


def struck(page: PageView, words: Sequence[Word]) -> bool:
    """Whether most of the words were crossed out."""
    if not words:
        return False
    if sum(bool(_TYPED_OVER.match(compact(word.text))) for word in words) * 2 > len(words):
        return True
    image = page.image
    crossed = sum(_stroke(image, word.box) * word.box.width for word in words)
    return crossed * 2 > sum(word.box.width for word in words)


def _stroke(image: Image, box: Box) -> bool:
    """Whether a thin stroke runs through a word's box from edge to edge, in its middle half."""
    import cv2
    import numpy as np

    if box.width < box.height or box.height < 8:
        return False  # a sign or two: strokes of letters themselves may be as wide
    part = image[max(0, box.y0) : box.y1, max(0, box.x0) : box.x1]
    if part.size == 0:
        return False
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY) if part.ndim == 3 else part
    dark = grey < float(np.percentile(grey, 92)) - 70
    height = dark.shape[0]
    band = max(2, round(_THIN * height))
    edge = max(1, round(0.05 * dark.shape[1]))
    for top in range(round(0.28 * height), round(0.68 * height) - band + 1):
        columns = dark[top : top + band, edge:-edge].any(axis=0)
        rows = dark[top : top + band, edge:-edge].mean(axis=1)
        if columns.size and columns.mean() >= _FILLED and rows.max() >= 0.8:
            return True
    return False
