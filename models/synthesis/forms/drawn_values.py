"""What is filled in, as runs and boxes: running texts with several fields, boxes to tick, combs of boxes for numbers.

Everything is a list of typesetter items, so that the same value can stand on a line, in a cell or under its label;
only combs are drawn at fixed places, by `comb`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from models.synthesis.fonts import Role
from models.synthesis.typesetter import Box, Item, Run, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.synthesis.forms.filling import Hand
    from models.synthesis.forms.plan import Ask, Entry, Row

CELL = 5.4
"""Width of a comb's box in millimetres."""
_PHRASES: dict[frozenset[str], tuple[tuple[str, ...], ...]] = {
    frozenset({"id_number", "date", "issuer"}): (
        ("Căn cước công dân số ", "id_number", " do ", "issuer", " cấp ngày ", "date"),
        ("CCCD số ", "id_number", ", do ", "issuer", " cấp ngày ", "date"),
        ("Thẻ căn cước số: ", "id_number", " do ", "issuer", " cấp ngày ", "date"),
    ),
    frozenset({"date", "issuer"}): (
        ("date", " tại ", "issuer"),
        ("ngày ", "date", " do ", "issuer", " cấp"),
        ("date", ", nơi cấp: ", "issuer"),
    ),
    frozenset({"id_number", "date"}): (
        ("id_number", " cấp ngày ", "date"),
        ("CCCD số ", "id_number", ", cấp ngày ", "date"),
        ("id_number", ", ngày cấp ", "date"),
    ),
    frozenset({"place", "date"}): (
        ("place", ", ngày ", "date"),
        ("place", " ngày ", "date"),
        ("place", ", ", "date"),
    ),
}
"""Wordings of a running text by the kinds of its fields, one for each phrase of a hand."""


def value_run(ask: Ask, entry: Entry, hand: Hand, size: float) -> Run:
    """One filled value as a run."""
    role = Role.SERIF_BOLD if hand.bold_names and ask.kind == "name" else hand.role
    return Run(entry.raw, role, size=size - hand.shrink, field=ask.key, colour=hand.colour)


def is_ticked(ask: Ask, *, ticks: bool) -> bool:
    """Whether a field is answered by ticks: flags always are, closed choices where form or layout say so."""
    if ask.kind == "flag":
        return True
    if ask.kind == "sex":
        return ticks
    few = 2 <= len(ask.choices) <= 6 and sum(map(len, ask.choices)) < 90
    return ask.kind in {"choice", "choices"} and few and (ask.filling == "tick" or ticks)


def tick_items(ask: Ask, entry: Entry | None, hand: Hand) -> list[Item]:
    """The printed choices, each with its box; the box of the answer is ticked and is the field's evidence."""
    choices = ask.choices or {"flag": ("Có", "Không"), "sex": ("Nam", "Nữ")}.get(ask.kind, ())
    said: set[str] = set()
    if entry is not None:
        value = entry.value
        listed = value if isinstance(value, list) else [value]
        said = {choices[0 if one else 1] if isinstance(one, bool) else str(one) for one in listed}
    items: list[Item] = []
    for number, choice in enumerate(choices):
        answer = choice in said
        box = Box(ticked=answer, field=ask.key if answer else None)
        items.append(Run("   " if number else " "))
        items += [box, Run(" "), Run(choice)] if hand.ticks_first else [Run(choice), Run(" "), box]
    return items


def value_items(row: Row, entries: Mapping[str, Entry], hand: Hand, size: float, *, ticks: bool) -> list[Item]:
    """What is filled in behind a row's label; empty where all of it is blank."""
    first = row.asks[0]
    if len(row.asks) == 1:
        if is_ticked(first, ticks=ticks):
            return tick_items(first, entries.get(first.key), hand)
        entry = entries.get(first.key)
        return [] if entry is None else [value_run(first, entry, hand, size)]
    by_kind = {ask.kind: ask for ask in row.asks if ask.key in entries}
    phrases = _PHRASES.get(frozenset(by_kind))
    if phrases is None or len(by_kind) != len([ask for ask in row.asks if ask.key in entries]):
        return _listed(row.asks, entries, hand, size)
    items: list[Item] = []
    for word in phrases[hand.phrase % len(phrases)]:
        ask = by_kind.get(word)
        if ask is not None and entries[ask.key].raw.startswith("ngày ") and items and isinstance(items[-1], Run):
            items[-1] = replace(items[-1], text=items[-1].text.removesuffix("ngày "))
        if ask is None:
            items.append(Run(word, hand.role, size=size - hand.shrink, colour=hand.colour))
        else:
            items.append(value_run(ask, entries[ask.key], hand, size))
    return items


def _listed(asks: Sequence[Ask], entries: Mapping[str, Entry], hand: Hand, size: float) -> list[Item]:
    items: list[Item] = []
    for ask in asks:
        if ask.key in entries:
            items += [Run(", ")] if items else []
            items.append(value_run(ask, entries[ask.key], hand, size))
    return items


def is_comb(ask: Ask, *, combs: bool) -> bool:
    """Whether a field is filled into boxes, one sign each."""
    return ask.filling == "comb" or (combs and ask.kind in {"id_number", "phone"})


def comb(
    sheet: Sheet, ask: Ask, entry: Entry | None, hand: Hand, *, x: float, baseline: float, size: float
) -> float:  # fmt: skip
    """Draws boxes for a number and its digits; returns the right edge."""
    digits = "" if entry is None else entry.raw.replace(" ", "")
    count = max(len(digits), {"id_number": 12, "phone": 10}.get(ask.kind, 8))
    top, bottom = baseline - 4.9, baseline + 1.6
    for edge in range(count + 1):
        sheet.rule(x + edge * CELL, top, x + edge * CELL, bottom, thickness=0.2)
    for y in (top, bottom):
        sheet.rule(x, y, x + count * CELL, y, thickness=0.2)
    if digits:
        runs = [
            (x + (place + 0.5) * CELL, Run(digit, hand.role, field=ask.key, colour=hand.colour))
            for place, digit in enumerate(digits)
        ]
        sheet.place(runs, baseline, size=size)
    return x + count * CELL


def comb_width(ask: Ask, entry: Entry | None) -> float:
    """Millimetres that a comb takes."""
    digits = 0 if entry is None else len(entry.raw.replace(" ", ""))
    return max(digits, {"id_number": 12, "phone": 10}.get(ask.kind, 8)) * CELL
