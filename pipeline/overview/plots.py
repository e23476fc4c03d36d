"""Plots as numbers: where bars and lines of a drawing stand, in units of its own, rounded to what can be seen.

The page draws them as SVG with classes only, since its policy allows no style of its own, and puts the numbers in a
table beside it. Axes begin at nought and end at a round number; labels that would run into each other are left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.overview.figures import Line

WIDTH, HEIGHT = 760, 260
LEFT, BOTTOM, TOP = 48, 34, 12
_LABELS = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle, with what it stands for."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    value: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing."""

    width: int
    height: int
    left: int
    base: float
    """Where nought is."""
    bars: tuple[Bar, ...]
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]


def over_time(lines: Sequence[Line], step: str) -> Plot:
    """For each span two bars side by side: received; ended, with its late part below in another colour."""
    most = _round(max([1, *(max(one.received, one.ended) for one in lines)]))
    base, room = HEIGHT - BOTTOM, HEIGHT - BOTTOM - TOP
    each = (WIDTH - LEFT - 8) / max(1, len(lines))
    wide = each * 0.36

    def tall(value: int) -> float:
        return room * value / most

    bars, columns = [], []
    every = math.ceil(len(lines) / _LABELS)
    for at, one in enumerate(lines):
        x = LEFT + each * at + each * 0.12
        pairs = (
            ("received", one.received, x, base),
            ("late", one.late, x + wide, base),
            ("ended", one.ended - one.late, x + wide, base - tall(one.late)),
        )
        bars += [
            Bar(round(left, 1), round(foot - tall(value), 1), round(wide, 1), round(tall(value), 1), kind, value)
            for kind, value, left, foot in pairs
            if value > 0
        ]
        if at % every == 0:
            columns.append(Tick(round(x + wide, 1), f"{one.start:%m/%Y}" if step == "month" else f"{one.start:%d/%m}"))
    marks = 4 if most % 4 == 0 else 5 if most % 5 == 0 else most
    rows = [Tick(round(base - room * n / marks, 1), f"{most * n // marks}") for n in range(marks + 1)]
    return Plot(WIDTH, HEIGHT, LEFT, base, tuple(bars), tuple(rows), tuple(columns))


def _round(value: int) -> int:
    """The next number that is easily read: 1, 2, 3, 4, 5, 8, 10, 20, 40, 50, 80, 100, ..."""
    scale: int = 10 ** max(0, int(math.log10(value)))
    for first in (1, 2, 4, 5, 8, 10):
        if value <= first * scale:
            return first * scale
    return value
