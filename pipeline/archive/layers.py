"""A page in two layers, for copies that have to be small: black print at full sharpness over a coarse coloured paper.

Print is what makes a page large as JPEG and what must stay sharp; as black and white it costs little. So dark strokes
without colour become a mask (group 4), and the rest of the page, with the strokes filled in from around them, a JPEG of
low resolution. Seals, coloured ink and pictures stay in that layer: nothing coloured is ever made black, and areas that
are dark all over (photographs) are not taken for print. Not for the archive itself: the paper's layer is coarse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image as Pil

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

_STROKE_INCHES = 0.12
"""Side of the neighbourhood against which ink is dark: several strokes wide."""
_DARKER = 0.72
"""Ink is at most this share of its neighbourhood's brightness, or of the paper's."""
_COLOURLESS = 58
"""Most spread between channels of what counts as black; red and blue ink lie above, also where they are faint."""
_DENSE_INCHES, _DENSE = 0.25, 0.5
"""Where so much of a neighbourhood is dark, it is a picture."""
_LARGEST_INCHES = 1.2
"""Letters, and joined lines of a table's rules, are lower than this; what is higher and solid is no print."""


@dataclass(frozen=True, slots=True)
class Layers:
    """A page taken apart. Both pictures show the whole page."""

    ink: Image.Image
    """Mode 1; black (0) where there is print."""
    grey: int
    """Brightness of the print, 0 to 255."""
    paper: Image.Image
    """L or RGB, without the print."""


def take_apart(picture: Image.Image, dpi: float, ink_dpi: float, paper_dpi: float) -> Layers:
    """Layers of a page (mode L or RGB); each is scaled down to its resolution where the page is finer."""
    sharp = _scaled(picture, dpi, ink_dpi)
    resolution = min(dpi, ink_dpi)
    pixels = np.asarray(sharp.convert("RGB"))
    mask = _ink(pixels, resolution)
    grey = int(np.median(pixels.min(axis=2)[mask])) if mask.any() else 0
    share = min(1.0, paper_dpi / resolution)
    size = max(1, round(sharp.width * share)), max(1, round(sharp.height * share))
    paper = Pil.fromarray(_filled(pixels, mask, size))
    return Layers(Pil.fromarray(~mask), grey, paper if picture.mode == "RGB" else paper.convert("L"))


def _scaled(picture: Image.Image, dpi: float, most: float) -> Image.Image:
    if dpi <= 1.02 * most:
        return picture
    size = max(1, round(picture.width * most / dpi)), max(1, round(picture.height * most / dpi))
    return picture.resize(size, Pil.Resampling.LANCZOS, reducing_gap=3.0)


def _ink(pixels: NDArray[np.uint8], dpi: float) -> NDArray[np.bool_]:
    light = pixels.min(axis=2)
    spread = pixels.max(axis=2) - light
    side = max(3, round(_STROKE_INCHES * dpi) | 1)
    # Against the brightest part near by rather than the mean: a broad stroke is dark against paper, not against itself.
    around = cv2.blur(cv2.dilate(light, np.ones((side, side), np.uint8)), (side, side))
    dark = light < _DARKER * around
    mask = dark & (spread < _COLOURLESS)
    dense = max(3, round(_DENSE_INCHES * dpi) | 1)
    busy = cv2.blur(dark.astype(np.float32), (dense, dense)) > _DENSE
    mask &= ~busy
    return _without_large(mask, dpi)


def _without_large(mask: NDArray[np.bool_], dpi: float) -> NDArray[np.bool_]:
    count, labels, facts, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    high, area = facts[:, cv2.CC_STAT_HEIGHT], facts[:, cv2.CC_STAT_AREA]
    solid = area > 0.3 * high * facts[:, cv2.CC_STAT_WIDTH]
    left_out = ((high > _LARGEST_INCHES * dpi) & solid) | (area < 2)
    left_out[0] = True
    return ~left_out[labels] if count > 1 else mask


def _filled(pixels: NDArray[np.uint8], mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The page without its ink at the size of the paper's layer: each pixel the mean of the paper that it covers."""
    # The soft edge of a stroke is ink, too; it would draw a grey shadow of every letter.
    free = 1.0 - cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.float32)
    weight = cv2.resize(free, size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(pixels.astype(np.float32) * free[..., None], size, interpolation=cv2.INTER_AREA)
    reach = 3
    missing = weight < 0.02
    while missing.any() and reach < 2 * max(size):
        wide_weight = cv2.blur(weight, (reach, reach))
        wide_total = cv2.blur(total, (reach, reach))
        found = missing & (wide_weight > 0.001)
        weight[found], total[found] = wide_weight[found], wide_total[found]
        missing &= ~found
        reach = 2 * reach + 1
    weight[missing], total[missing] = 1.0, 255.0
    made = np.clip(total / np.maximum(weight, 1e-6)[..., None], 0, 255).round().astype(np.uint8)
    return np.ascontiguousarray(made)
