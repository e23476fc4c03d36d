"""What an office scanner makes of a sheet: a skewed, slightly grey, slightly soft, slightly noisy picture.

`scan` takes clean pixels (type and marks already on them) and gives back the scanned pixels together with the affine
map from the clean page to the scan, so that known boxes stay known. Three levels: clean (a well-kept flatbed), office
(a feeder on a busy desk), bad (an old machine, a creased sheet). Everything follows from the seed.
Bilevel scans come back as grey pixels of 0 and 255; the file writer packs them as group 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.reading import Image


class Level(StrEnum):
    """How well the desk scans."""

    CLEAN = "clean"
    OFFICE = "office"
    BAD = "bad"


class Mode(StrEnum):
    """What the scanner was told to save."""

    COLOUR = "colour"
    GREY = "grey"
    BILEVEL = "bilevel"


@dataclass(frozen=True, slots=True)
class _Strength:
    skew: float
    """Largest angle in degrees, either way."""
    blur: float
    """Standard deviation in pixels at 200 dpi."""
    noise: float
    """Standard deviation in grey levels."""
    tone: float
    """How many grey levels the paper is below white."""
    shadow: float
    """Depth of the shadow along one edge, in grey levels."""
    holes: float
    """Chance of punch holes."""


_STRENGTH = {
    Level.CLEAN: _Strength(skew=0.3, blur=0.35, noise=0.8, tone=3, shadow=0, holes=0.0),
    Level.OFFICE: _Strength(skew=1.2, blur=0.5, noise=1.6, tone=9, shadow=45, holes=0.5),
    Level.BAD: _Strength(skew=2.0, blur=0.9, noise=6.0, tone=24, shadow=110, holes=0.8),
}


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """How the desk scans: level, mode, dots per inch."""

    level: Level = Level.OFFICE
    mode: Mode = Mode.COLOUR
    dpi: int = 200


@dataclass(frozen=True, slots=True)
class Scan:
    """A scanned page."""

    image: Image
    """RGB (colour) or grey pixels."""
    mode: Mode
    dpi: int
    skew: float
    """Degrees counter-clockwise."""
    affine: NDArray[np.float64]
    """2 x 3: maps (x, y, 1) of the clean page's pixels to pixels of `image`."""


def scan(clean: Image, seed: int, settings: ScanSettings, clean_dpi: int = 300) -> Scan:
    """Scans a clean RGB page of `clean_dpi`. The scan has the sheet's size at the settings' resolution."""
    level, mode, dpi = settings.level, settings.mode, settings.dpi
    strength = _STRENGTH[level]
    rng = np.random.default_rng(seed)
    skew = float(rng.uniform(-strength.skew, strength.skew))
    height, width = (round(side * dpi / clean_dpi) for side in clean.shape[:2])
    shrink = dpi / clean_dpi
    centre = (clean.shape[1] / 2, clean.shape[0] / 2)
    turn = cv2.getRotationMatrix2D(centre, skew, shrink)
    turn[:, 2] += np.array([width / 2 - centre[0], height / 2 - centre[1]])
    turn[:, 2] += rng.uniform(-0.4, 0.4, 2) * dpi / 25.4
    softened = cv2.GaussianBlur(clean, (0, 0), 0.45 / shrink)  # what the optics do before sampling
    paper = cv2.warpAffine(
        softened, turn, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(252,) * 3
    )
    pixels = cv2.GaussianBlur(paper, (0, 0), strength.blur * dpi / 200).astype(np.float32)
    pixels = _ink(pixels, rng, level)
    pixels = _paper(pixels, rng, strength)
    if rng.random() < strength.holes:
        _punch(pixels, rng, dpi)
    pixels += rng.normal(0.0, strength.noise, (height, width, 1)).astype(np.float32)
    pixels += rng.normal(0.0, strength.noise * 0.35, pixels.shape).astype(np.float32)
    image = np.clip(pixels, 0, 255).astype(np.uint8)
    if mode is not Mode.COLOUR:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    if mode is Mode.BILEVEL:
        image = _bilevel(image, dpi)
    return Scan(image, mode, dpi, skew, turn)


def _ink(pixels: NDArray[np.float32], rng: np.random.Generator, level: Level) -> NDArray[np.float32]:
    """Toner is not black, and thins out in places."""
    black = {Level.CLEAN: 18.0, Level.OFFICE: 32.0, Level.BAD: 62.0}[level]
    height, width = pixels.shape[:2]
    patch = cv2.resize(rng.random((12, 9), dtype=np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    lift = black * (0.75 + 0.5 * patch[:, :, None])
    return np.asarray(lift + pixels * (1.0 - lift / 255.0), dtype=np.float32)


def _paper(pixels: NDArray[np.float32], rng: np.random.Generator, strength: _Strength) -> NDArray[np.float32]:
    """Tint, uneven light, and a shadow along one edge where the lid did not close."""
    height, width = pixels.shape[:2]
    tint = 255.0 - strength.tone * np.array([0.75, 0.85, 1.15], dtype=np.float32) * rng.uniform(0.6, 1.1)
    light = cv2.resize(rng.random((4, 3), dtype=np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    field = (tint / 255.0) * (1.0 - 0.012 * strength.tone / 9 * light[:, :, None])
    if strength.shadow:
        reach = width * rng.uniform(0.006, 0.016)
        from_edge = np.arange(width, dtype=np.float32)
        if rng.random() < 0.5:
            from_edge = from_edge[::-1]
        field = field * (1.0 - strength.shadow / 255.0 * np.exp(-from_edge / reach))[None, :, None]
    return np.asarray(pixels * field, dtype=np.float32)


def _punch(pixels: NDArray[np.float32], rng: np.random.Generator, dpi: int) -> None:
    """Two file holes, 80 mm apart (ISO 838), in the left margin; the lid's grey shows through."""
    millimetre = dpi / 25.4
    x = rng.uniform(10.5, 13.0) * millimetre
    middle = pixels.shape[0] / 2 + rng.uniform(-3, 3) * millimetre
    for side in (-40.0, 40.0):
        place = (round(x + rng.uniform(-1, 1)), round(middle + side * millimetre))
        cv2.circle(pixels, place, round(2.9 * millimetre), (150.0, 150.0, 148.0), -1, cv2.LINE_AA)
        cv2.circle(pixels, place, round(2.9 * millimetre), (112.0, 112.0, 110.0), 2, cv2.LINE_AA)


def _bilevel(grey: Image, dpi: int) -> Image:
    """Adaptive threshold, as fax boards do it; large dark areas stay dark."""
    window = round(dpi * 0.2) | 1
    level = cv2.GaussianBlur(grey, (0, 0), window / 3)
    dark = (grey.astype(np.int16) < level.astype(np.int16) - 22) | (grey < 70)
    return np.where(dark, 0, 255).astype(np.uint8)
