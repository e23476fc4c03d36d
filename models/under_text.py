"""Finds leaders that run on under what was typed over them.

A typewriter, or a printer that fills a form in, sets letters over the form's dots, and dots under letters read as marks
below them. Between the feet of letters dots stay what they are: short runs of ink on one base line in even steps. So a
row is looked at where its dots would be, right under its letters: runs in even steps make chains, chains go on under
what hides single dots as long as there is ink at every step, and some dots must stand alone. What is said is only from
where to where leaders lie under letters; which ink is theirs is the eraser's to say (`models.leader_eraser`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from models.images import as_grey
from models.leaders import ink_of, straighten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from models.leaders import Leader
    from models.reading import DetectedLine, Image

    Floats = NDArray[np.float64]

_FEW, _LONG = 3, 5.0
"""Leaders that a form has at least, or the length of a single one, in line heights."""
_BESIDE = 2.0
"""Line heights beside a line within which its dots are looked for too."""
_RUN, _LOW = 0.3, 0.2
"""Greatest width and height of a dot or dash, in line heights."""
_STEPS = 0.1, 0.5
"""Least and greatest step from one to the next, in line heights."""
_ALIKE = 1.8
"""How many times wider than dots that stand alone a dot may seem."""
_EVEN = 0.14
"""Share of a step by which the next one may differ."""
_BASES, _LEAST = 3, 0.7
"""Rows of a line that are tried, and how often runs must follow each other in even steps there."""
_CHAIN = 3
"""Dots that make a chain."""
_ALONE = 2
"""Dots of a run that must touch nothing: the feet of letters follow one another in even steps too."""
_SHARE = 0.08
"""Share of a run's dots that must touch nothing."""
_BENEATH = 3
"""Dots in a row of which each lies right under a letter: an ellipsis stands between letters."""
_COVERED = 0.8
"""Share of the steps between two chains at which there must be ink where letters hide the dots."""
_LETTER = 0.22
"""Least height of a letter, in line heights."""
_BETWEEN, _BEHIND = 4, 3
"""Bare dots from which on a leader between two words, or beside them, stays a leader: it is read as one."""


@dataclass(frozen=True, slots=True)
class Underlaid:
    """A row of leaders that go on under letters, in pixels of the page."""

    parts: tuple[tuple[float, float], ...]
    """Where they lie under letters: starts and ends, from left to right."""
    y: float
    """Height of the dots' middle where the first part starts."""
    slope: float
    """Rows by which it falls in each column."""


def underlaid(image: Image, found: Sequence[DetectedLine], leaders: Sequence[Leader], height: float) -> list[Underlaid]:
    """Where leaders lie under letters on a level page; `height` is that of a line of text, in pixels.

    `leaders` are the free ones: a page that is no form has none under its text either.
    """
    dotted = [leader.x1 - leader.x0 for leader in leaders if not leader.ruled]
    if len(dotted) < _FEW and max(dotted, default=0.0) < _LONG * height:
        return []
    rows = []
    for line in found:
        corners = np.array(line.corners, np.float64)
        tall = float((corners[3, 1] - corners[0, 1] + corners[2, 1] - corners[1, 1]) / 2)
        wide = float(corners[1, 0] - corners[0, 0])
        if 0.5 * height < tall < 2 * height and wide > 0.8 * height:
            rows += _in_line(image, corners, height)
    return rows


def _in_line(image: Image, corners: Floats, height: float) -> list[Underlaid]:
    slope = float((corners[2, 1] - corners[3, 1]) / max(1.0, corners[2, 0] - corners[3, 0]))
    ends = corners[:, 0].min() - _BESIDE * height, corners[:, 0].max() + _BESIDE * height
    line = np.array([(x, corners[3, 1] + slope * (x - corners[3, 0])) for x in ends])
    above = float((corners[3, 1] - corners[0, 1] + corners[2, 1] - corners[1, 1]) / 2 + 0.1 * height)
    strip, left = straighten(image, line, ends, above, round(above + 0.3 * height))
    ink = ink_of(as_grey(strip))
    middles = _bases(ink, height)
    if not middles:
        return []
    _, _, stats, centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    marks, centres = stats[1:].astype(np.float64), centres[1:]
    top = float(np.interp(left, line[:, 0], line[:, 1])) - above
    for middle in middles:
        parts, lean, offset = _on_base(ink, marks, centres, middle, height)
        if parts:
            moved = tuple((left + x0, left + x1) for x0, x1 in parts)
            return [Underlaid(moved, top + offset + (slope + lean) * parts[0][0], slope + lean)]
    return []


def _on_base(
    ink: Image, marks: Floats, centres: Floats, middle: float, height: float
) -> tuple[list[tuple[float, float]], float, float]:
    """Stretches of dots under letters in a strip where dots lie about row `middle`; slope and offset of their line."""
    alone = (marks[:, 2] <= _RUN * height) & (marks[:, 3] <= _LOW * height) & (marks[:, 4] > 1)
    alone &= np.abs(centres[:, 1] - middle) <= 0.07 * height
    if np.count_nonzero(alone) < _ALONE:
        return [], 0.0, 0.0
    lean, offset = _level(centres[alone], middle, height)
    free = centres[alone & (np.abs(centres[:, 1] - offset - lean * centres[:, 0]) <= max(1.2, 0.04 * height)), 0]
    band = _band(ink, lean, offset)
    widest = _ALIKE * float(np.median(marks[alone, 2])) + 1
    dots = _all_dots(_chains(band, height, widest), band, widest)
    letters = np.zeros(ink.shape[1] + 1, np.int64)
    for x, y, wide, tall, _ in marks:
        base = offset + lean * (x + wide / 2)
        if tall > _LETTER * height and wide < 8 * height and y < base - 0.2 * height < y + tall + 0.15 * height:
            letters[int(x) + 1 : int(x + wide) + 1] = 1
    rise = offset + lean * centres[:, 0] - centres[:, 1]
    over = (marks[:, 2:4].max(1) <= _LOW * height) & (rise > 0.18 * height) & (rise < 0.5 * height)
    colons = centres[over, 0]
    if not len(free):
        return [], lean, offset
    return _under(_behind_colons(dots, free, colons, height), free, np.cumsum(letters)), lean, offset


def _behind_colons(
    dots: Sequence[tuple[float, float]], free: Floats, colons: Floats, height: float
) -> list[tuple[float, float]]:
    """The dots without the lower one of a label's colon, and without what seemed to be dots under that label.

    `free` are dots that touch nothing: none comes before a label's colon. `colons` are the places of upper dots.
    """
    kept: list[tuple[float, float]] = []
    begun = 0  # dots kept of this run while none of them was free
    for k, (x, step) in enumerate(dots):
        if not k or x - dots[k - 1][0] >= 1.6 * step:
            begun = 0
        if begun >= 0 and len(colons) and np.abs(colons - x).min() <= 0.1 * height:
            del kept[len(kept) - begun :]
            begun = 0
            continue
        begun = -1 if begun < 0 or np.abs(free - x).min() <= 1.5 else begun + 1
        kept.append((x, step))
    return kept


def _bases(ink: Image, height: float) -> list[float]:
    """Rows with most short runs of ink in even steps, best first: where dots would be, or the feet of letters are."""
    first = int(0.4 * len(ink))
    edges = np.diff(np.pad(ink[first:].astype(np.int8), ((0, 0), (1, 1))), axis=1)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    if len(rows) < _CHAIN:
        return []
    short, steps = ends - starts <= _RUN * height, np.diff((starts + ends) / 2)
    pair = (np.diff(rows) == 0) & short[1:] & short[:-1] & (steps > _STEPS[0] * height) & (steps < _STEPS[1] * height)
    even = pair[1:] & pair[:-1] & (np.abs(np.diff(steps)) <= _EVEN * steps[1:] + 0.5)
    counts = np.bincount(rows[1:-1][even], minlength=len(ink) - first).astype(np.float64)
    smooth = np.convolve(counts, np.ones(3) / 3, "same")
    found = []
    for _ in range(_BASES):
        peak = int(smooth.argmax())
        if smooth[peak] < _LEAST:
            break
        near = slice(max(0, peak - 1), peak + 2)
        found.append(first + float((np.arange(len(smooth))[near] * smooth[near]).sum() / smooth[near].sum()))
        reach = max(2, round(0.05 * height))
        smooth[max(0, peak - reach) : peak + reach + 1] = 0
    return found


def _level(specks: Floats, middle: float, height: float) -> tuple[float, float]:
    """Slope and offset of the line through dots that stand alone."""
    if len(specks) >= 5 and np.ptp(specks[:, 0]) > 3 * height:
        kept = specks
        for _ in range(3):
            slope, offset = np.polyfit(kept[:, 0], kept[:, 1], 1)
            off = np.abs(specks[:, 1] - offset - slope * specks[:, 0])
            near = specks[off <= max(1.0, 1.5 * float(np.median(off)))]
            if len(near) < 4 or np.ptp(near[:, 0]) <= 3 * height:
                break
            kept = near
        if abs(slope) < 0.01:
            return float(slope), float(offset)
    return 0.0, float(np.median(specks[:, 1])) if len(specks) >= 5 else middle


def _band(ink: Image, slope: float, offset: float) -> NDArray[np.uint8]:
    """1 in columns with ink on the dots' own rows."""
    columns = np.arange(ink.shape[1])
    rows = np.clip(np.round(offset + slope * columns).astype(int), 1, len(ink) - 2)
    filled = ink[rows - 1, columns].astype(int) + ink[rows, columns] + ink[rows + 1, columns]
    return np.asarray(filled >= 2, np.uint8)


def _runs(band: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Starts and ends of what is filled."""
    edges = np.diff(np.pad(band.astype(np.int8), 1))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)


def _chains(band: NDArray[np.uint8], height: float, widest: float) -> list[list[float]]:
    """Middles of runs as narrow as dots that follow one another in even steps."""
    starts, ends = _runs(band)
    chains: list[list[float]] = []
    chain: list[float] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        x = (start + end - 1) / 2
        if end - start > widest:
            chains.append(chain)
            chain = []
            continue
        step = x - chain[-1] if chain else 0.0
        usual = _step(chain[-6:]) if len(chain) > 1 else step
        if not chain:
            chain = [x]
        elif not _STEPS[0] * height < step < _STEPS[1] * height:
            chains.append(chain)
            chain = [x]
        elif abs(step - usual) <= _EVEN * usual + 0.5:
            chain.append(x)
        else:
            chains.append(chain)
            chain = [chain[-1], x]
    chains.append(chain)
    return [chain for chain in chains if len(chain) >= _CHAIN]


def _step(chain: Sequence[float]) -> float:
    return (chain[-1] - chain[0]) / (len(chain) - 1)


def _all_dots(chains: Sequence[Sequence[float]], band: NDArray[np.uint8], widest: float) -> list[tuple[float, float]]:
    """(middle, step) of every dot from left to right, those that letters hide among them."""
    dots: list[tuple[float, float]] = []
    narrow = np.zeros(len(band) + 2, np.bool_)
    for start, end in zip(*_runs(band), strict=True):
        narrow[start : end + 2] = end - start <= widest
    filled = np.convolve(band, (1, 1, 1)) > 0

    def inked(x: float, where: NDArray[np.bool_] = filled) -> bool:
        return 0 <= round(x) < len(band) and bool(where[round(x) + 1])

    def on(x: float, step: float, end: float) -> None:
        while inked(x, narrow) and (end - x) * step > 0.4 * step * step:
            dots.append((x, abs(step)))
            x += step

    for k, chain in enumerate(chains):
        step = _step(chain)
        dots += [(x, step) for x in chain]
        on(chain[0] - step, -step, chains[k - 1][-1] if k else -1.0)
        if k + 1 == len(chains):
            on(chain[-1] + step, step, float(len(band)))
            continue
        after = chains[k + 1]
        far, mean = after[0] - chain[-1], (step + _step(after)) / 2
        count = round(far / mean)
        hidden = [chain[-1] + far * j / count for j in range(1, count)]
        if (
            hidden
            and abs(step - _step(after)) <= 0.08 * mean + 0.3
            and abs(far - count * mean) <= 0.25 * mean + 0.015 * far
            and np.mean([inked(x) for x in hidden]) >= (_COVERED if count > 4 else 1)
        ):
            dots += [(x, mean) for x in hidden]
        else:
            on(chain[-1] + step, step, after[0])
    found: list[tuple[float, float]] = []
    for x, step in sorted(dots):
        if not found or x - found[-1][0] >= 0.5 * step:
            found.append((x, step))
    return found


def _under(dots: Sequence[tuple[float, float]], free: Floats, letters: NDArray[np.int64]) -> list[tuple[float, float]]:
    """Ends of the stretches of dots under letters.

    `free` are the middles of dots that touch nothing; `letters` counts columns with letters above from the left.
    """
    last = len(letters) - 1

    def covered(x: float, step: float) -> bool:
        first, end = (min(last, max(0, round(x + side * 0.6 * step))) for side in (-1, 1))
        return bool(letters[end] > letters[first])

    runs: list[list[tuple[float, float]]] = []
    for x, step in dots:
        if runs and x - runs[-1][-1][0] < 1.6 * step:
            runs[-1].append((x, step))
        else:
            runs.append([(x, step)])
    stretches = []
    for run in runs:
        alone = sum(bool(np.abs(free - x).min() <= 1.5) for x, _ in run)
        beneath = longest = 0
        for x, _ in run:
            beneath = beneath + 1 if letters[min(last, round(x) + 1)] > letters[max(0, round(x))] else 0
            longest = max(longest, beneath)
        if alone < max(_ALONE, _SHARE * len(run)) or longest < _BENEATH:
            continue
        under = [covered(x, step) for x, step in run]
        parts: list[list[int]] = []  # first and last dot under letters
        for k in (k for k, is_under in enumerate(under) if is_under):
            if parts and k - parts[-1][1] <= _BETWEEN:
                parts[-1][1] = k
            else:
                parts.append([k, k])
        for first, end in parts:
            (x0, step0), (x1, step1) = (
                run[0 if first < _BEHIND else first],
                run[-1 if len(run) - end <= _BEHIND else end],
            )
            stretches.append((x0 - 0.6 * step0, x1 + 0.6 * step1))
    return stretches
