"""Separator sheets: a sheet laid into a stack that says "here the next paper begins", as a QR code or a patch code.

Our own sheets carry a QR code, `HOSO-TACH/1` with the type of the next paper behind a blank where it is known, and the
patch code 2; sheets of other makers carry a patch code alone. Patch codes are four bars, wide or narrow, across at
least two inches near an edge; 2, 3 and T part documents (3 and T are each other's mirror image). Only pages with few
words are looked at, so that the price is paid for sheets and nearly empty pages alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from extractors.cccd_qr import find_codes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from extractors.fields import PageView
    from models.reading import Image

PREFIX = "HOSO-TACH/1"
_MOST_WORDS = 60
"""A sheet says what it is in a few lines; a page with more words is a paper."""
_PATCHES = {(1, 0, 0, 1): "2", (1, 0, 1, 0): "3", (0, 1, 0, 1): "T"}
"""Wide (1) and narrow (0) bars of the patch codes that part documents; 1, 4 and 6 steer scanners and part nothing."""
_WIDE, _NARROW = 2.5, 1.0
"""Widths in modules of 0.08 inch: bars of 0.20 and 0.08 inch, spaces of 0.08."""
_SLACK = 0.45
"""Modules by which a printed and scanned bar may differ; print swells black at the cost of white."""
_LEAST_LENGTH = 15
"""Modules over which the bars must run; a whole patch runs over 25 or more."""


@dataclass(frozen=True, slots=True)
class Separator:
    """A separator sheet: the next page begins a paper."""

    code: str
    """`qr`, or the number of the patch code."""
    type: str | None = None
    """Type of the paper that follows, where the sheet names it."""


def payload(doc_type: str | None = None) -> str:
    """What the QR code of a sheet says."""
    return f"{PREFIX} {doc_type}" if doc_type else PREFIX


def parse_payload(text: str) -> Separator | None:
    """A sheet's QR code; None for any other code."""
    match = re.fullmatch(rf"{re.escape(PREFIX)}(?: ([a-z][a-z0-9_]{{1,60}}))?", text.strip())
    return Separator("qr", match[1]) if match else None


def separator_of(page: PageView) -> Separator | None:
    """The separator that a page is, or None. Decodes pixels only for pages with few words."""
    if sum(len(line.words) for line in page.read.lines) > _MOST_WORDS:
        return None
    image = page.image
    for text, _ in find_codes(image, thorough=False):
        if found := parse_payload(text):
            return found
    patch = patch_code(image)
    return Separator(patch) if patch else None


def patch_code(image: Image) -> str | None:
    """The document-parting patch code on a page, bars lying or standing; None where there is none."""
    import cv2

    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    scale = 1000 / max(grey.shape)
    if scale < 1:
        grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    for turned in (ink, ink.T):
        if found := _patch_across(turned):
            return found
    return None


def _patch_across(ink: NDArray[np.uint8]) -> str | None:
    """Looks down sampled columns for the four bars; the same code at the same place must run on from side to side."""
    step = 4
    runs: dict[tuple[str, int], tuple[int, int]] = {}
    """By code and place: columns in a row so far, and the last of them."""
    for x in range(0, ink.shape[1], step):
        for code, top, module in _codes_of(ink[:, x]):
            key = next((k for k in runs if k[0] == code and abs(k[1] - top) < 2 * module), (code, top))
            count, last = runs.get(key, (0, x - step))
            count = count + 1 if x - last <= 2 * step else 1
            runs[key] = (count, x)
            if count * step >= _LEAST_LENGTH * module:
                return code
    return None


def _codes_of(column: NDArray[np.uint8]) -> Iterator[tuple[str, int, float]]:
    """Patch codes in one column of pixels: code, where it begins, and its module in pixels."""
    edges = np.flatnonzero(np.diff(column.astype(np.int8), prepend=0, append=0))
    for first in range(0, len(edges) - 7, 2):  # an even edge begins a run of ink
        place = edges[first : first + 8]
        widths = np.diff(place)
        module = float(place[-1] - place[0]) / (2 * _WIDE + 2 * _NARROW + 3 * _NARROW)
        if module < 2 or np.abs(widths[1::2] / module - 1).max() > _SLACK:
            continue
        bars = tuple(int(bar > (_WIDE + _NARROW) / 2) for bar in widths[::2] / module)
        ideal = [_WIDE if bar else _NARROW for bar in bars]
        if np.abs(widths[::2] / module - ideal).max() <= 2 * _SLACK and bars in _PATCHES:
            yield _PATCHES[bars], int(place[0]), module
