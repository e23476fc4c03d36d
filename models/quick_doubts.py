"""Where the quick look at a page should not be believed: places, or the whole page.

A page as a whole is for the thorough detector where its rows bend or fan out (photographs), or where its print is
smaller than the network was taught. Else places are: cores that are none too sure, cores whose cells do not agree about
the line's edges (two lines run together, text under a seal), places that are nearly text, and marks as large as
letters, side by side, that no line covers. Limits were chosen on pages that nothing is measured on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.curves import rows_bend
from models.quick_lines import CELL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.quick_lines import Cores, Found
    from models.reading import Image

    Boxes = NDArray[np.float64]
    """Shape (n, 4): left, top, right, bottom in pixels of the network's input."""

_SMALL = 11.0
"""Median height of lines in pixels of the network's input below which print is too small for it."""
SURE, _FIRM = 0.66, 0.8
"""Mean chance of a core's cells below which it is no line of the quick look, and below which it may be none."""
_FEW = 3
"""So many cores that may be none, and places that are nearly text, are let be: signatures leave some."""
_SPREAD = 0.25
"""Line heights by which the cells of one core may differ about its top and bottom."""
_HINT = -2.2
"""Log-odds from which a place may be text that was not quite seen: a chance of a tenth."""
_HINTED = 12
"""Quarter cells of such a place."""
_OVERLOOKED = 4
"""Marks as large as letters, side by side, that no line covers: a row of text was not seen."""
_USUAL = 18.0
"""Height of a line in pixels of the network's input where none is found."""
_DEPTH = 20
"""Grey levels by which such marks are darker than what is round them."""


def beyond_quick(found: Found) -> bool:
    """Whether the page as a whole is not for the quick network."""
    if not found.lines:
        return False
    return float(np.median(found.heights)) < _SMALL or rows_bend(found.lines)


def doubtful_places(small: Image, cores: Cores, found: Found) -> Boxes:
    """Where to look again on the page `small` (grey, as the network saw it)."""
    sure = found.sure(SURE)
    apart = (found.scores < SURE) | (found.spreads > _SPREAD)
    unfirm, hinted = (found.scores < _FIRM) & ~apart, hints(cores, found)
    places = [found.boxes[apart], overlooked_rows(small, sure)]
    if len(found.boxes[unfirm]) + len(hinted) > min(_FEW, len(sure.lines)):
        places += [found.boxes[unfirm], hinted]
    return np.concatenate(places)


def hints(cores: Cores, found: Found) -> Boxes:
    """Places that are nearly text, and hold none."""
    mask = (cores.odds > _HINT).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=4)
    seen = np.zeros(count, np.bool_)
    seen[labels[found.labels > 0]] = True
    seen[0] = True
    x, y, width, height, area = stats[~seen].T
    boxes = np.stack([x, y, x + width, y + height], 1)[area >= _HINTED]
    return np.asarray(boxes * (CELL / 2), np.float64)


def overlooked_rows(small: Image, found: Found) -> Boxes:
    """Rows of marks as large as letters that no line covers."""
    half = cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    boxes = found.boxes / 2
    tall = float(np.median(boxes[:, 3] - boxes[:, 1])) if len(boxes) else _USUAL / 2
    depth = cv2.subtract(cv2.blur(half, (15, 15)), half)
    ink = (depth > _DEPTH).astype(np.uint8)
    beyond = 0.15 * (boxes[:, 3:] - boxes[:, 1:2])
    for x0, y0, x1, y1 in np.rint(boxes + beyond * np.array([-1, -1, 1, 1])).astype(int).clip(0).tolist():
        ink[y0 : y1 + 1, x0 : x1 + 1] = 0
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    x, y, wide, high, area = stats[1:].T
    letters = (high >= 0.25 * tall) & (high <= 1.2 * tall) & (wide >= 0.1 * tall) & (wide <= 1.5 * tall)
    letters &= area >= 0.15 * wide * high
    if np.count_nonzero(letters) < _OVERLOOKED:
        return np.empty((0, 4))
    x, y, wide, high = (values[letters] for values in (x, y, wide, high))
    rows = np.zeros_like(ink)
    for left, top, width, height in zip(x.tolist(), y.tolist(), wide.tolist(), high.tolist(), strict=True):
        rows[top : top + height, left : left + width] = 1
    reach = max(3, round(0.5 * tall)) | 1
    joined = cv2.morphologyEx(rows, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    count, labels, places, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    members = np.bincount(labels[y + high // 2, x + wide // 2], minlength=count)
    members[0] = 0
    left, top, width, height, _ = places[(members >= _OVERLOOKED) & (places[:, cv2.CC_STAT_HEIGHT] <= 2 * tall)].T
    return np.asarray(np.stack([left, top, left + width, top + height], 1) * 2.0)
