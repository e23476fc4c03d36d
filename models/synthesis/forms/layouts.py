"""How forms look: families of layouts, each a set of habits of one office, and which of them training never sees.

A family fixes the arrangement (labels and values on lines, packed, one under the other, in a bordered table, in boxes),
leaders, numbering, headings, head and spacing. `held_out` belongs to the family, as it does to a typeface and to a
wording, so a template seen in training cannot come out when measuring, and the other way round.
Every mechanism (combs, ticks, tables, boxes) stands in families of both sides: it is templates that are kept apart.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Arrangement = Literal["lines", "packed", "under", "table", "boxed"]
Heading = Literal["bold", "roman", "capitals", "band", "italic", "letter"]


@dataclass(frozen=True, slots=True)
class Layout:
    """One family. Lengths in millimetres, sizes in points."""

    name: str
    held_out: bool
    arrangement: Arrangement = "lines"
    leader: str = "."
    """`.`, `_`, `rule` for a thin line under the value, or empty."""
    numbering: str = ""
    """`1.`, `1)`, `(1)`, `-`, or empty."""
    heading: Heading = "bold"
    label: Literal["plain", "bold", "italic"] = "plain"
    separator: str = ":"
    comb: bool = False
    """Numbers in boxes, one digit each, even where the plan does not ask for it."""
    ticks: bool = False
    """Closed choices as boxes to tick, even where the plan does not ask for it."""
    head: Literal["centre", "columns"] = "centre"
    size: float = 13.0
    leading: float = 1.5
    left: float = 28.0
    right: float = 17.0
    title: float = 15.0
    note_marks: bool = False
    page_numbers: bool = False
    underline: bool = True


LAYOUTS: tuple[Layout, ...] = (
    Layout("dotted-lines", held_out=False, note_marks=True),
    Layout("dotted-numbered", held_out=False, numbering="1.", heading="roman", size=13, leading=1.45, left=30),
    Layout("packed-dots", held_out=False, arrangement="packed", leading=1.55, note_marks=True, head="columns"),
    Layout("packed-lines", held_out=False, arrangement="packed", leader="_", size=12.5, heading="italic", left=25),
    Layout("ruled", held_out=False, leader="rule", label="bold", size=12, heading="capitals", left=25, right=20),
    Layout("bare", held_out=False, leader="", numbering="-", heading="bold", size=13.5, leading=1.4),
    Layout("table", held_out=False, arrangement="table", size=12, heading="band", left=25, right=15, title=14),
    Layout("comb-lines", held_out=False, comb=True, ticks=True, numbering="1)", size=12.5, leading=1.6, head="columns"),
    Layout("boxed", held_out=False, arrangement="boxed", size=11.5, heading="band", left=20, right=15, label="italic"),
    Layout("under", held_out=False, arrangement="under", leader="rule", size=12, heading="capitals", label="bold"),
    Layout(
        "held-packed", held_out=True, arrangement="packed", numbering="(1)", heading="letter", size=12.5, leading=1.5,
        left=26, right=16, page_numbers=True,
    ),
    Layout(
        "held-lines", held_out=True, leader="_", label="italic", heading="roman", size=13, leading=1.6, left=32,
        right=15, separator=" :", underline=False, note_marks=True,
    ),
    Layout(
        "held-table", held_out=True, arrangement="table", numbering="1.", label="bold", heading="capitals", size=11.5,
        left=22, right=18, ticks=True, head="columns", title=16,
    ),
    Layout(
        "held-comb", held_out=True, arrangement="packed", comb=True, leader="rule", heading="roman", size=12, left=24,
        right=18, leading=1.65, title=14,
    ),
    Layout(
        "held-boxed", held_out=True, arrangement="boxed", size=11, heading="band", numbering="1)", left=18, right=18,
        label="bold", separator="", title=16, page_numbers=True,
    ),
    Layout("held-dots", held_out=True, numbering="-", heading="bold", size=13.5, leading=1.42, left=30, right=20),
)  # fmt: skip


def layouts(*, held_out: bool) -> tuple[Layout, ...]:
    """The families of one side."""
    return tuple(layout for layout in LAYOUTS if layout.held_out is held_out)


def _kept(text: str) -> bool:
    """One wording in three, told by its own letters, so that nobody has to keep a list."""
    return zlib.crc32(text.casefold().encode()) % 3 == 0


def wordings(spellings: Sequence[str], *, held_out: bool) -> tuple[str, ...]:
    """The wordings of a label that one side may use. Where none is kept for measuring, both sides share them all."""
    training = tuple(text for text in spellings if not _kept(text)) or tuple(spellings[:1])
    kept = tuple(text for text in spellings if text not in training)
    return kept if held_out and kept else training
