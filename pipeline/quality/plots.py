"""Plots of quality as numbers for a template's SVG: where marks lie, in a frame of fixed size. Pure.

A plot is read without colour: the promise is a line, the measured share a dot, the bound the end of a bar. Every plot
stands beside a table with the same numbers, which is what a screen reader gets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.quality.figures import KindFigures, Pace
    from pipeline.quality.statistics import PromiseTest

_LEAST = 0.0002
_MOST = 1.0
WIDTH = 560


@dataclass(frozen=True, slots=True)
class Row:
    """A kind in the plot of promises; places in pixels from the left."""

    promise: float
    measured: float
    bound: float
    empty: bool


def place(share: float) -> float:
    """Where a share stands on a logarithmic scale from 0.02 % to 100 %."""
    share = min(max(share, _LEAST), _MOST)
    return round(WIDTH * math.log(share / _LEAST) / math.log(_MOST / _LEAST), 1)


def ticks() -> list[tuple[float, float]]:
    """Marks of the scale: places and shares."""
    return [(place(share), share) for share in (0.001, 0.01, 0.1, 1.0)]


def promise_row(one: KindFigures) -> Row:
    """A kind's marks."""
    measured = one.wrong / one.samples if one.samples else 0.0
    return Row(place(one.promise), place(measured), place(one.bound), empty=one.samples == 0)


@dataclass(frozen=True, slots=True)
class Path:
    """Wrong values against samples, and the line at which the promise is broken."""

    line: str
    """Points of an SVG polyline."""
    alarm: str
    width: int
    height: int
    samples: int
    most: int


def path(test: PromiseTest, wrong: Sequence[bool], width: int = 560, height: int = 220) -> Path:
    """The way of a cycle."""
    end = max(len(wrong), 50)
    most = max(test.alarms_at(end), sum(wrong)) + 1
    step = max(1, len(wrong) // 200)

    def point(at: int, count: float) -> str:
        return f"{round(width * at / end, 1)},{round(height * (1 - count / most), 1)}"

    counts, count = [0], 0
    for one in wrong:
        count += one
        counts.append(count)
    chosen = sorted({*range(0, len(counts), step), len(counts) - 1})
    alarm = [point(at, test.alarms_at(at)) for at in range(1, end + 1, max(1, end // 100))]
    return Path(" ".join(point(at, counts[at]) for at in chosen), " ".join(alarm), width, height, end, most)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a bar chart."""

    label: str
    x: float
    y: float
    width: float
    height: float
    text: str


def bars(paces: Sequence[tuple[str, Pace]], width: int = 560, height: int = 160) -> list[Bar]:
    """Fields an hour by label."""
    most = max((pace.per_hour for _, pace in paces), default=0.0) or 1.0
    room = width / max(len(paces), 1)
    made = []
    for at, (label, pace) in enumerate(paces):
        tall = height * pace.per_hour / most
        made.append(
            Bar(
                label=label,
                x=round(at * room + room * 0.15, 1),
                y=round(height - tall, 1),
                width=round(min(room * 0.7, 60), 1),
                height=round(tall, 1),
                text=f"{pace.per_hour:.0f}",
            )
        )
    return made
