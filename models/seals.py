"""Takes red seals and stamps off the print they lie on, before lines are looked for.

Seals are red by decree (Decree 99/2016/NĐ-CP) and lie across the signer's name by habit. Inks multiply: a pixel shows
paper x seal x print. The seal's own colour is measured where it lies on bare paper; then two channels of a pixel tell
two things, how much seal and how much print is there, and the print alone is put back. Red print is left as it is: it
is a row, lower than a seal, and has no other ink in it. What was scanned without colour cannot be told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from models.reading import Image

_LOOK = 1170
"""Long side in pixels at which seals are looked for."""
_RED = 40
"""Levels by which red must stand above green and blue."""
_FEW = 60
"""Red pixels of the small page below which there is no seal on it."""
_GAP = 0.012
"""Share of the long side across which red marks belong together: a seal's letters and rings."""
_LEAST = 0.04
"""Share of the long side that a seal measures at least, both ways: 12 mm of A4."""
_MOST = 0.3
"""Share of the long side that a seal or stamp measures at most."""
_COVER = 0.03
"""Share of a seal that is red at least; coloured fringes of badly registered scans cover less."""
_PRINT = 0.004
"""Share of a seal's area that other, dark ink covers at least where it lies on print."""
_DARK = 110


def without_seals(page: Image) -> Image:
    """The RGB page with seals taken off; the page itself, untouched, where none lies on print."""
    step = max(1, round(max(page.shape[:2]) / _LOOK))
    small = page[::step, ::step]
    red = cv2.subtract(small[:, :, 0], cv2.max(small[:, :, 1], small[:, :, 2])) > _RED
    if np.count_nonzero(red) < _FEW:
        return page
    cleaned = page
    for x0, y0, x1, y1 in _seals(small, red):
        if cleaned is page:
            cleaned = page.copy()
        part = (slice(y0 * step, y1 * step), slice(x0 * step, x1 * step))
        cleaned[part] = _print_alone(page[part])
    return cleaned


def _seals(small: Image, red: NDArray[np.bool_]) -> Iterator[tuple[int, int, int, int]]:
    """Boxes round what is red, as large as a seal, and has dark print in it."""
    side = max(small.shape[:2])
    reach = max(3, round(_GAP * side)) | 1
    together = cv2.morphologyEx(red.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(together, connectivity=8)
    for x, y, width, height, _ in stats[1:]:
        part = slice(y, y + height), slice(x, x + width)
        if min(width, height) < _LEAST * side or max(width, height) > _MOST * side:
            continue
        if np.count_nonzero(red[part]) < _COVER * width * height:
            continue
        dark = (small[part][:, :, 0] < _DARK) & ~red[part]
        if np.count_nonzero(dark) >= _PRINT * dark.size:
            yield max(0, x - 2), max(0, y - 2), x + width + 2, y + height + 2


def _print_alone(part: Image) -> Image:
    """Paper and print of a stained part."""
    levels = part.astype(np.float32) + 1
    paper = np.percentile(levels[::3, ::3].reshape(-1, 3), 90, axis=0).astype(np.float32)
    through = levels / paper
    reds, others = through[:, :, 0], cv2.max(through[:, :, 1], through[:, :, 2])
    lack = reds - others
    strong = lack > max(0.1, float(np.percentile(lack, 98)) * 0.7)
    strong &= reds > 0.45
    if np.count_nonzero(strong) < 20:
        return part
    ink_red, ink_other = float(np.median(reds[strong])), float(np.median(others[strong]))
    # reds = print (1 - seal (1 - ink_red)), others = print (1 - seal (1 - ink_other))
    ratio = others / reds
    seal = np.clip((1 - ratio) / np.maximum((1 - ink_other) - ratio * (1 - ink_red), 1e-3), 0, 1)
    alone = np.minimum(1, reds / (1 - seal * (1 - min(1.0, ink_red))))[:, :, None] * paper
    share = np.clip((seal - 0.05) / 0.15, 0, 1)[:, :, None]
    return np.asarray(np.clip(levels * (1 - share) + alone * share - 1, 0, 255), np.uint8)
