"""What printers make of type: a laser's black, an ink-jet that runs dry, the pins of a dot-matrix printer.

Works on the clean page before seals and pens are laid on it, at the resolution of `models.synthesis.pages`. The ink's
places do not move, so known boxes stay known. Paper stays white; only ink gets weaker or is broken up.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.reading import Image

_PIN = 0.282
"""Millimetres between the pins of a 9-pin head in letter quality (180 dots an inch, two passes)."""


class Printer(StrEnum):
    """What a form came out of."""

    LASER = "laser"
    INKJET = "inkjet"
    DOT_MATRIX = "dot_matrix"


def print_out(clean: Image, printer: Printer, seed: int, dpi: int = 300) -> Image:
    """The page as the printer gives it; `clean` is RGB and is not changed."""
    if printer is Printer.LASER:
        return clean
    rng = np.random.default_rng(seed)
    ink = 1.0 - clean.astype(np.float32) / 255.0
    ink *= _banded(clean.shape[0], rng)[:, None, None] if printer is Printer.INKJET else _pins(clean, rng, dpi)
    return np.asarray(255.0 * (1.0 - np.clip(ink, 0.0, 1.0)), dtype=np.uint8)


def _banded(rows: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Strength of the ink by row: pale all over, paler where a nozzle is dry."""
    places = np.arange(rows, dtype=np.float32)
    band = 0.5 + 0.5 * np.sin(places / rng.uniform(11.0, 17.0) + rng.uniform(0.0, 6.0))
    slow = np.interp(places, np.linspace(0, rows, 9), rng.uniform(0.55, 0.8, 9)).astype(np.float32)
    return np.asarray(slow * (0.86 + 0.14 * band), dtype=np.float32)


def _pins(clean: Image, rng: np.random.Generator, dpi: int) -> NDArray[np.float32]:
    """Strength of the ink by pixel: dots on a grid that nearly touch, from a ribbon that is not new."""
    pitch = _PIN * dpi / 25.4 / 2
    height, width = clean.shape[:2]
    down = 0.5 + 0.5 * np.cos(2 * np.pi * np.arange(height, dtype=np.float32) / pitch)
    across = 0.5 + 0.5 * np.cos(2 * np.pi * np.arange(width, dtype=np.float32) / pitch)
    dots = 0.68 + 0.32 * np.sqrt(down[:, None] * across[None, :])
    ribbon = cv2.resize(rng.uniform(0.78, 1.0, (14, 10)).astype(np.float32), (width, height))
    return np.asarray((dots * ribbon)[:, :, None], dtype=np.float32)
