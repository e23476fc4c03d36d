"""Finds leaders: rows of dots, ellipses, dashes or thin rules that a form leaves for its answers.

Two looks. On the page shrunk until a line of text is 22 pixels high, a leader is a dark ridge with nothing above or
below it, whatever its dots look like: a black-hat across, a mean along, comparisons with shifted copies. That costs
the same on every page and gives places only. On the full-size strip of a row, flat specks on one base line make spans.
Text rows fail both looks: their marks have letters under them and their letters are not flat. All lengths are shares
of the height of a detected line, which is about 1.3 ems.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.images import as_grey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.reading import Image

_SMALL = 22.0
"""Pixels that a line of text is high where the page is looked at as a whole."""
_RIDGE = 20
"""Grey levels by which the mean along a leader is darker than that of its surroundings."""
_EMPTY = 8
"""Grey levels of darkness in what counts as empty paper beside a leader."""
_LEAST = 0.45
"""Least length of a place in line heights: three full stops of Times are 0.5."""
_SHORT = 0.38
"""Least length of a leader, exactly measured: three stops set close."""
_FLAT = 0.2
"""Greatest height of a leader's speck."""
_DOT = 0.35
"""Greatest width of a speck that is no stroke of a rule."""
_GAP = 0.5
"""Greatest gap between two specks of one leader."""
_RULE = 1.5
"""Least length of a rule that stands for a leader: shorter ones are dashes."""


@dataclass(frozen=True, slots=True)
class Leader:
    """A run of leaders: its ends and the height of its middle at both ends, in pixels of the image it was found in."""

    x0: float
    x1: float
    y0: float
    """At `x0`."""
    y1: float
    """At `x1`."""
    ruled: bool = False
    """Whether it is one stroke, and not dots: a rule stands for a leader only beside text."""

    def at(self, x: float) -> float:
        """Its height at a column; beyond its ends it goes on level."""
        return float(np.interp(x, (self.x0, self.x1), (self.y0, self.y1)))


def find_leaders(image: Image, height: float) -> list[Leader]:
    """The leaders of a level page, left to right; `height` is that of a line of text, in pixels."""
    places = leader_places(image, height)
    if not places:
        return []
    # All places side by side in one picture, so that one pass looks at them all; every base line is at `height`.
    strips, starts, lefts, column = [], [], [], 0
    margin, rows = 0.8 * height, round(1.5 * height)
    apart = np.full((rows, round(_GAP * height) + 2), 255, np.uint8)
    for place in places:
        base = np.array([(place.x0, place.y0), (place.x1, place.y1)])
        if place.x1 - place.x0 < 3 * height:  # its slope says little
            base[:, 1] = base[:, 1].mean()
        strip, left = straighten(image, base, (place.x0 - margin, place.x1 + margin), height, rows)
        strips += [as_grey(strip), apart]
        starts.append(column)
        lefts.append((left, base))
        column += strip.shape[1] + apart.shape[1]
    found = []
    for span in leader_spans(np.concatenate(strips, axis=1), height, height):
        k = int(np.searchsorted(starts, span.x0, side="right")) - 1
        left, base = lefts[k]
        x0, x1 = span.x0 - starts[k] + left, span.x1 - starts[k] + left
        y0, y1 = np.interp((x0, x1), base[:, 0], base[:, 1]) - height
        found.append(Leader(x0, x1, float(y0) + span.y0, float(y1) + span.y1, span.ruled))
    return _united(found)


def _united(leaders: Sequence[Leader]) -> list[Leader]:
    """Each leader once: places that touch each show a part of the other."""
    kept: list[Leader] = []
    for leader in sorted(leaders, key=lambda leader: leader.x0):
        for k, other in enumerate(kept):
            if leader.x0 <= other.x1 and abs(leader.y0 - other.at(leader.x0)) < 6:
                if leader.x1 > other.x1:
                    kept[k] = Leader(other.x0, leader.x1, other.y0, leader.y1, other.ruled and leader.ruled)
                break
        else:
            kept.append(leader)
    return kept


def straighten(
    image: Image, base: NDArray[np.float64], ends: tuple[float, float], above: float, rows: int
) -> tuple[Image, int]:
    """`rows` rows of a page along a base line, from `above` over it, and the page's column they begin at.

    `base` holds points (x, y); beyond its ends it goes on level.
    """
    left, right = max(0, int(np.floor(ends[0]))), min(image.shape[1], int(np.ceil(ends[1])))
    right = max(left + 1, right)
    inside = base[(base[:, 0] > left) & (base[:, 0] < right), 1]
    heights = [*inside, *np.interp((left, right), base[:, 0], base[:, 1])]
    lowest, highest = min(heights), max(heights)
    white = (255, 255, 255) if image.ndim == 3 else 255
    if highest - lowest < 1.5:
        top = round((highest + lowest) / 2 - above)
        part = image[max(0, top) : max(0, top + rows), left:right]
        over, under = min(rows, max(0, -top)), max(0, rows - part.shape[0] - max(0, -top))
        if over or under:
            part = cv2.copyMakeBorder(part, over, rows - over - part.shape[0], 0, 0, cv2.BORDER_CONSTANT, value=white)
        return np.ascontiguousarray(part), left
    columns = np.arange(left, right, dtype=np.float32)
    first = np.interp(columns, base[:, 0], base[:, 1]).astype(np.float32) - np.float32(above)
    top, bottom = max(0, int(first.min()) - 2), min(len(image), int(first.max()) + rows + 3)
    down = (first - top)[None] + np.arange(rows, dtype=np.float32)[:, None]
    across = np.broadcast_to(columns - left, down.shape)
    if bottom <= top:
        return np.full((rows, right - left, *image.shape[2:]), 255, np.uint8), left
    strip = cv2.remap(image[top:bottom, left:right], across, down, cv2.INTER_LINEAR, borderValue=white)
    return np.asarray(strip, np.uint8), left


def leader_places(image: Image, height: float) -> list[Leader]:
    """Where a level page may have leaders, left to right.

    Only a first look: underlines and the like are among them, and ends are right to about half a line height.
    """
    scale = min(1.0, _SMALL / height)
    unit = height * scale
    grey = as_grey(image)
    if scale < 1:
        grey = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    if grey.shape[0] < 3 * unit or grey.shape[1] < unit:
        return []
    closed = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, np.ones((_odd(0.4 * unit), 1), np.uint8))
    dark = cv2.subtract(closed, grey)
    along = cv2.boxFilter(dark, -1, (_odd(0.68 * unit), 1))
    near = max(2, round(0.14 * unit))
    band = cv2.boxFilter(dark, -1, (_odd(0.4 * unit), _odd(0.22 * unit)))
    far = max(near + 1, round(0.24 * unit))
    ridge = (
        (cv2.subtract(along, np.maximum(_down(along, near), _down(along, -near))) > _RIDGE)
        & (_down(band, far) < _EMPTY)
        & (_down(band, -far) < _EMPTY)
    )
    if not ridge.any():
        return []
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ridge.astype(np.uint8), connectivity=8)
    found = []
    for label in range(1, count):
        x, y, width, tall, _ = (int(value) for value in stats[label])
        if width < _LEAST * unit or tall > 0.35 * unit + 0.02 * width:
            continue
        inside = labels[y : y + tall, x : x + width] == label
        left, right = (y + 0.5 + float(np.flatnonzero(inside[:, end]).mean()) for end in (0, width - 1))
        found.append(Leader(x / scale, (x + width) / scale, left / scale, right / scale))
    return sorted(found, key=lambda leader: leader.x0)


def leader_spans(strip: Image, base: float, height: float) -> list[Leader]:
    """The leaders in a straightened row, left to right: their exact ends; `base` is the row their specks lie on.

    `strip` is RGB or grey, level along its leaders. Dots closer than half a line height are one leader. What has ink
    right above or below it is no leader: a mark, an underline, or a leader that is written on.
    """
    ink = ink_of(as_grey(strip))
    count, _, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    x, _, width, tall, area = stats[1:count].T
    middle = centres[1:count, 1]
    flat = (tall <= max(2.0, _FLAT * height)) & (np.abs(middle - base) <= 0.16 * height) & (area > 1)
    ruled = width > _RULE * height
    flat &= ruled | (width <= _DOT * height) | (width >= 2 * tall)
    above, high, below = (
        _columns(ink, base + start * height, base + end * height)
        for start, end in ((-0.42, -0.2), (-0.8, -0.2), (0.2, 0.28))
    )
    over = np.where(ruled, high[x + width] - high[x], above[x + width] - above[x])
    flat &= (over <= 0.2 * width) & (below[x + width] - below[x] <= 0.2 * width)
    # The upper dot of a slanting colon stands a little to the right.
    beside = np.minimum(x + width + round(0.1 * height), strip.shape[1])
    colon = (above[beside] - above[x] >= 0.5 * width) & (width <= 0.25 * height)
    # A stroke or a letter between two specks parts them; a grain of dirt does not.
    letters = np.zeros(strip.shape[1] + 1, np.int32)
    for k in np.flatnonzero(~flat & (tall > 0.25 * height)):
        letters[x[k] : x[k] + width[k]] = 1
    barred = np.concatenate([[0], np.cumsum(letters)])
    specks = [
        _Speck(int(x[k]), int(x[k] + width[k]), float(middle[k]), int(tall[k]), bool(ruled[k]), bool(colon[k]))
        for k in np.flatnonzero(flat)[np.argsort(x[flat], kind="stable")]
    ]
    return [leader for chain in _chains(specks, barred, height) if (leader := _leader(chain, height)) is not None]


@dataclass(frozen=True, slots=True)
class _Speck:
    x0: int
    x1: int
    middle: float
    tall: int
    ruled: bool
    colon: bool
    """Whether another dot may stand above it."""


def _columns(ink: Image, top: float, bottom: float) -> NDArray[np.int64]:
    """Running count of columns that have ink between two heights: from a to b there are `count[b] - count[a]`."""
    first, last = (min(len(ink), max(0, round(value))) for value in (top, bottom))
    filled = ink[first:last].any(0) if last > first else np.zeros(ink.shape[1], np.bool_)
    return np.concatenate([[0], np.cumsum(filled)])


def _chains(specks: Sequence[_Speck], barred: NDArray[np.int64], height: float) -> list[list[_Speck]]:
    chains: list[list[_Speck]] = []
    for speck in specks:
        for chain in reversed(chains[-4:]):
            last = chain[-1]
            if (
                speck.x0 - last.x1 <= _GAP * height
                and abs(speck.middle - last.middle) <= max(1.5, 0.07 * height)
                and barred[max(last.x1, speck.x0)] == barred[last.x1]
            ):
                chain.append(speck)
                break
        else:
            chains.append([speck])
    return chains


def _leader(chain: list[_Speck], height: float) -> Leader | None:
    """A chain of specks as a leader, or None: fewer than three dots are punctuation, and so is a taller last one."""
    if len(chain) > 3 and chain[0].colon:
        chain = chain[1:]
    if len(chain) > 3 and chain[-1].tall > 1.4 * np.median([speck.tall for speck in chain]) + 0.5:
        chain = chain[:-1]
    ruled = any(speck.ruled for speck in chain)
    x0, x1 = chain[0].x0, max(speck.x1 for speck in chain)
    fused = any(speck.x1 - speck.x0 >= 3 * speck.tall for speck in chain)
    if x1 - x0 < (_RULE if ruled else _SHORT) * height or (len(chain) < 3 and not ruled and not fused):
        return None
    return Leader(x0, x1, chain[0].middle, chain[-1].middle, ruled)


def ink_of(grey: Image) -> Image:
    """1 where there is print: darker than halfway between paper and the darkest print of the strip, but for faint."""
    counts = np.cumsum(cv2.calcHist([grey], [0], None, [256], [0, 256]))
    print_, paper = (int(np.searchsorted(counts, share * grey.size)) for share in (0.01, 0.8))
    return np.asarray(grey < paper - max(24.0, 0.4 * (paper - print_)), np.uint8)


def _odd(value: float) -> int:
    return max(3, 2 * round(value / 2) + 1)


def _down(image: NDArray[np.uint8], rows: int) -> NDArray[np.uint8]:
    """The image moved down by `rows` (up where negative); what comes in is empty."""
    moved = np.zeros_like(image)
    if rows >= 0:
        moved[rows:] = image[: len(image) - rows]
    else:
        moved[:rows] = image[-rows:]
    return moved
