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
SURE, FIRM = 0.66, 0.8
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
_PLAIN = 1
"""The same of marks that are large, dark and clear of the page's edge: page numbers, figures in cells."""
_HIGH, _WIDE, _AS_DARK = 0.4, 0.2, 0.4
"""Line heights that such a mark is high and wide at least; its depth as a share of that of print in lines."""
_RULE = 2.5
"""Line heights from which a straight run of ink is a rule."""
_BESIDE = 0.15
"""Line heights beyond a line's box in which ink is the line's."""
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
    unfirm, hinted = (found.scores < FIRM) & ~apart, hints(cores, found)
    places = [found.boxes[apart], uncovered_ink(small, sure)]
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


def uncovered_ink(small: Image, found: Found) -> Boxes:
    """Where marks as large as letters lie that no line covers: rows of them, and single ones as dark as print.

    Rules are taken off first, so that what stands on them is seen. Marks larger than letters are pictures, seals and
    signatures; marks at the page's edge are its shadow.
    """
    half = cv2.resize(small, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    boxes = found.boxes / 2
    tall = float(np.median(boxes[:, 3] - boxes[:, 1])) if len(boxes) else _USUAL / 2
    depth = cv2.subtract(cv2.blur(half, (15, 15)), half)
    ink = (depth > _DEPTH).astype(np.uint8)
    beyond = _BESIDE * (boxes[:, 3:] - boxes[:, 1:2])
    cover = np.zeros_like(ink)
    for x0, y0, x1, y1 in np.rint(boxes + beyond * np.array([-1, -1, 1, 1])).astype(int).clip(0).tolist():
        cover[y0 : y1 + 1, x0 : x1 + 1] = 1
    print_depth = float(np.percentile(depth[(ink & cover) > 0], 75)) if (ink & cover).any() else 0.0
    long = round(_RULE * tall) | 1
    for kernel in (np.ones((1, long), np.uint8), np.ones((long, 1), np.uint8)):
        ink &= 1 - cv2.dilate(cv2.morphologyEx(ink, cv2.MORPH_OPEN, kernel), np.ones((3, 3), np.uint8))
    ink[cover > 0] = 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    x, y, wide, high, area = stats.T
    filled = area / np.maximum(1, wide * high)
    letters = (high >= 0.25 * tall) & (high <= 1.2 * tall) & (wide >= 0.1 * tall) & (wide <= 1.5 * tall)
    letters &= filled >= 0.15
    plain = (high >= _HIGH * tall) & (high <= 1.5 * tall) & (wide >= _WIDE * tall) & (wide <= 2.5 * tall)
    plain &= (filled >= 0.2) & (x > 1) & (y > 1) & (x + wide < ink.shape[1] - 1) & (y + high < ink.shape[0] - 1)
    letters[0] = plain[0] = False
    darkest = np.zeros(count, np.uint8)
    np.maximum.at(darkest, labels[ink > 0], depth[ink > 0])
    plain &= darkest >= _AS_DARK * print_depth
    rows = (letters | plain)[labels].astype(np.uint8)
    reach = max(3, round(0.5 * tall)) | 1
    joined = cv2.morphologyEx(rows, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    groups, group_of, places, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    rows_y, rows_x = np.nonzero(rows)
    owner = np.zeros(count, np.int64)
    owner[labels[rows_y, rows_x]] = group_of[rows_y, rows_x]
    members = np.bincount(owner[letters], minlength=groups) >= _OVERLOOKED
    members &= places[:, cv2.CC_STAT_HEIGHT] <= 2 * tall
    members |= np.bincount(owner[plain], minlength=groups) >= _PLAIN
    members[0] = False
    left, top, width, height, _ = places[members].T
    return np.asarray(np.stack([left, top, left + width, top + height], 1) * 2.0)
