"""Types values into the blank spaces of a scanned form, as a clerk with a printer or a typewriter would.

Blank spaces are found from pixels alone: chains of low specks (dots, short dashes) on one base line, with the room that
other ink leaves on both sides. A value is set in one typeface along the slope of its dots, either over them or in
their place. Nothing here knows a form: which space takes which value is the caller's to say, in reading order.
All measures are pixels of the image, or ems of the form's own type (`type_size`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from models.reading import Image

_LOW, _SHORT, _NEAR, _LEVEL = 0.14, 1.2, 0.25, 0.1
"""In ems: greatest height and width of a speck, greatest gap between two, greatest step from one to the next."""
_LEAST = 3
"""Specks that make a chain."""
_SUPER = 4
"""How many times larger type is drawn before it is laid on the page."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A place to write: the dots from `x0` to `x1`, the free room from `left` to `right`, and the dots' base line."""

    x0: int
    x1: int
    left: int
    right: int
    y: float
    """Bottom of the dots at their middle."""
    slope: float
    """Rise of the base line in pixels a pixel, downwards positive."""

    @property
    def middle(self) -> float:
        """The column half-way along the dots."""
        return (self.x0 + self.x1) / 2


def type_size(grey: Image) -> float:
    """The em of a page's type in pixels: letters of body text are about half an em high."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((grey < 128).astype(np.uint8), connectivity=8)
    heights = [int(stats[i, cv2.CC_STAT_HEIGHT]) for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] > 30]
    return 2.1 * median([height for height in heights if height >= 8] or [16])


def find_blanks(grey: Image) -> list[list[Blank]]:
    """The blank spaces of a form in rows from top to bottom, each from left to right."""
    em = type_size(grey)
    count, _, stats, _ = cv2.connectedComponentsWithStats((grey < 150).astype(np.uint8), connectivity=8)
    boxes = [tuple(int(v) for v in stats[i, :4]) for i in range(1, count)]
    low = [b for b in boxes if b[3] <= _LOW * em + 1 and b[2] <= _SHORT * em]
    colons = _colons(low, em)
    specks = sorted((b for b in low if b not in colons), key=lambda b: b[0])
    chains: list[list[tuple[int, ...]]] = []
    for speck in specks:
        x, y, _, height = speck
        for chain in reversed(chains):
            last = chain[-1]
            gap = x - (last[0] + last[2])
            if -2 <= gap <= _NEAR * em and abs((y + height) - (last[1] + last[3])) <= _LEVEL * em + 1:
                chain.append(speck)
                break
        else:
            chains.append([speck])
    chains = [chain for chain in chains if len(chain) >= _LEAST and _length(chain) > 0.5 * em]
    used = {speck for chain in chains for speck in chain}
    others = [b for b in boxes if b not in used and b[3] > 0.16 * em and b[2] * b[3] > 12 and b[2] < 12 * em]
    others += colons
    slope = _slope([chain for chain in chains if _length(chain) > 6 * em])
    found = [_blank(chain, others, em, slope, grey.shape[1]) for chain in chains]
    free = [blank for blank in found if blank.left <= blank.x0 + 2 and blank.right >= blank.x1 - 2]
    blanks = _joined(sorted(free, key=lambda b: b.x0), em)
    rows: list[list[Blank]] = []
    for blank in sorted(blanks, key=lambda b: b.y - slope * b.middle):
        at = blank.y - slope * blank.middle
        if rows and at - (rows[-1][0].y - slope * rows[-1][0].middle) < 0.6 * em:
            rows[-1].append(blank)
        else:
            rows.append([blank])
    return [sorted(row, key=lambda b: b.x0) for row in rows]


def _colons(specks: Sequence[tuple[int, ...]], em: float) -> set[tuple[int, ...]]:
    """Specks that stand above one another as the dots of a colon do: they end a label and are no leader."""
    found: set[tuple[int, ...]] = set()
    by_column = sorted(specks)
    for index, one in enumerate(by_column):
        for other in by_column[index + 1 :]:
            if other[0] > one[0] + 0.12 * em:
                break
            if 0.2 * em < abs(other[1] - one[1]) < 0.5 * em and max(one[2], other[2]) < 0.2 * em:
                pair = {one, other}
                if not any(_leads(before, member, em) for before in by_column for member in pair):
                    found |= pair
    return found


def _leads(before: tuple[int, ...], speck: tuple[int, ...], em: float) -> bool:
    """Whether a speck stands left of another as the dot of a leader does."""
    level = abs((before[1] + before[3]) - (speck[1] + speck[3])) <= _LEVEL * em
    return level and 0 < speck[0] - before[0] < 0.4 * em


def _length(chain: Sequence[tuple[int, ...]]) -> int:
    return chain[-1][0] + chain[-1][2] - chain[0][0]


def _slope(chains: Sequence[Sequence[tuple[int, ...]]]) -> float:
    slopes = [float(np.polyfit([s[0] for s in c], [s[1] + s[3] for s in c], 1)[0]) for c in chains]
    return median(slopes) if slopes else 0.0


def _blank(chain: Sequence[tuple[int, ...]], others: Sequence[tuple[int, ...]], em: float, slope: float,
           width: int) -> Blank:  # fmt: skip
    x0, x1 = chain[0][0], chain[-1][0] + chain[-1][2]
    y = median(s[1] + s[3] for s in chain)
    near = [o for o in others if o[1] < y + 0.25 * em and o[1] + o[3] > y - 0.9 * em]
    left = max((o[0] + o[2] for o in near if o[0] + o[2] / 2 < x0), default=0)
    right = min((o[0] for o in near if o[0] + o[2] / 2 > x1), default=width - round(1.5 * em))
    return Blank(x0, x1, left, right, y, slope)


def _joined(blanks: Sequence[Blank], em: float) -> list[Blank]:
    """Neighbours with nothing but paper between them are one place to write."""
    joined: list[Blank] = []
    for blank in blanks:
        for index in range(len(joined) - 1, max(-1, len(joined) - 30), -1):
            last = joined[index]
            level = abs((blank.y - blank.slope * blank.middle) - (last.y - last.slope * last.middle)) < 0.4 * em
            if level and last.right > blank.x0 and blank.left < last.x1 and blank.x0 - last.x1 < 4 * em:
                y = (last.y + blank.y) / 2
                joined[index] = Blank(last.x0, blank.x1, last.left, blank.right, y, last.slope)
                break
        else:
            joined.append(blank)
    return joined


@dataclass(frozen=True, slots=True)
class Typing:
    """How values are typed: the font file, its size in pixels, and whether the dots below are taken away."""

    font: Path
    size: float
    replace: bool = False
    lift: float = 0.08
    """Ems by which the letters stand above the dots."""

    def width(self, text: str, scale: float = 1.0) -> float:
        """Length of a text in pixels."""
        return self._font(scale).getlength(text) / _SUPER

    def _font(self, scale: float) -> ImageFont.FreeTypeFont:
        return ImageFont.truetype(str(self.font), max(4, round(self.size * scale * _SUPER)))

    def write(self, page: NDArray[np.uint8], text: str, x: float, blank: Blank, scale: float = 1.0) -> None:
        """Types a text from column `x` on along a blank's base line, into the grey `page` itself."""
        font = self._font(scale)
        size = self.size * scale
        wide, high = round(font.getlength(text)) + 8 * _SUPER, round(size * 1.8 * _SUPER)
        picture = Picture.new("L", (wide, high), 0)
        base = round(size * 1.3 * _SUPER)
        ImageDraw.Draw(picture).text((4 * _SUPER, base), text, fill=255, font=font, anchor="ls")
        y = blank.y - blank.slope * (blank.middle - x) - self.lift * size
        angle, shrink = math.atan(blank.slope), 1 / _SUPER
        cos, sin = math.cos(angle) * shrink, math.sin(angle) * shrink
        move = np.array([[cos, -sin, x - cos * 4 * _SUPER + sin * base], [sin, cos, y - sin * 4 * _SUPER - cos * base]])
        soft = cv2.GaussianBlur(np.asarray(picture), (0, 0), 0.42 * _SUPER)
        cover = cv2.warpAffine(soft, move, (page.shape[1], page.shape[0]), flags=cv2.INTER_LINEAR)
        if self.replace:
            self._erase(page, blank, x, x + wide / _SUPER)
        page[:] = np.minimum(page, 255 - np.clip(cover.astype(np.int16), 0, 235)).astype(np.uint8)

    def _erase(self, page: NDArray[np.uint8], blank: Blank, x0: float, x1: float) -> None:
        for column in range(max(0, round(x0)), min(page.shape[1], round(x1))):
            if blank.x0 - 2 <= column <= blank.x1 + 2:
                y = blank.y - blank.slope * (blank.middle - column)
                reach = 0.16 * self.size
                page[max(0, round(y - 1.4 * reach)) : round(y + reach), column] = 255
