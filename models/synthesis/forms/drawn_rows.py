"""Arranges the rows of a form: one a line, several packed on a line, or in cells.

Values run on where they are too long for their line; parts of a packed line get what they need and their share of
what is left. Leaders run from the end of a value to the next label or to the edge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.synthesis.forms.drawn_cells import SHORT, Cells
from models.synthesis.forms.drawn_labels import Labels
from models.synthesis.forms.drawn_values import comb, comb_width, is_ticked
from models.synthesis.forms.plan import Row, Section, Table
from models.synthesis.typesetter import POINT, Item, Leader, Run

if TYPE_CHECKING:
    from random import Random

    from models.synthesis.forms.drawn_form import Desk
    from models.synthesis.forms.filling import Hand
    from models.synthesis.forms.plan import Filled


@dataclass(slots=True)
class Rows:
    """Draws the sections of one paper."""

    desk: Desk
    filled: Filled
    hand: Hand
    rng: Random
    labels: Labels = field(init=False)
    cells: Cells = field(init=False)

    def __post_init__(self) -> None:
        self.labels = Labels(self.desk, self.filled, self.hand, self.rng)
        self.cells = Cells(self.labels)

    def section(self, section: Section, number: int) -> None:
        """A heading, where there is one, and its rows."""
        if section.headings:
            self.labels.heading(section, number)
        waiting: list[Row] = []
        for row in section.rows:
            if isinstance(row, Table):
                self._rows(waiting)
                waiting = []
                self.cells.table(row)
            else:
                waiting.append(row)
        self._rows(waiting)

    def _rows(self, rows: list[Row]) -> None:
        match self.desk.layout.arrangement:
            case "packed":
                self._packed(rows)
            case "under":
                self.cells.grid(rows, boxes=False)
            case "boxed":
                self.cells.grid(rows, boxes=True)
            case "table":
                self.cells.pairs(rows)
            case _:
                for row in rows:
                    self._line([row])

    def _line(self, rows: list[Row]) -> None:
        """One or several rows side by side on one printed line, which may run on."""
        desk, layout = self.desk, self.desk.layout
        labels = [self.labels.label(row, numbered=number == 0) for number, row in enumerate(rows)]
        if self.labels.combed(rows[0]):
            self._comb_line(rows[0], labels[0])
            return
        values = [self.labels.value(row) for row in rows]
        stops = self._stops(labels, values)
        items: list[Item] = []
        sign = layout.leader if layout.leader in {".", "_"} else ""
        for number, (label, value) in enumerate(zip(labels, values, strict=True)):
            last = number == len(rows) - 1
            items += [*([Run(" ")] if number else []), *label, *value]
            led = sign and not is_ticked(rows[number].asks[0], ticks=layout.ticks)
            items.append(Leader(None if last else stops[number], sign=sign if led else ""))
        need = desk.sheet.height_of(items, layout.left, desk.width, size=layout.size, leading=layout.leading)
        desk.room(need - 5)
        before = len(desk.sheet.lines)
        top = desk.y
        desk.y = desk.sheet.write(items, layout.left, desk.y, desk.width, leading=layout.leading)
        if layout.leader == "rule":
            self._underline(before, top)
        blank = not any(value for value in values)
        if blank and len(rows) == 1 and self.rng.random() < 0.3 and rows[0].asks[0].kind in {"text", "place"}:
            self._more_leaders(sign)

    def _more_leaders(self, sign: str) -> None:
        desk, layout = self.desk, self.desk.layout
        if sign:
            desk.room(4.0)
            desk.y = desk.sheet.write([Leader(sign=sign)], layout.left, desk.y, desk.width, leading=layout.leading)

    def _stops(self, labels: list[list[Item]], values: list[list[Item]]) -> list[float]:
        """Where each part of a line ends: every part gets what it needs, and its share of what is left."""
        needs = [self.labels.width(label) + max(self.labels.width(value), 14.0) + 3.0
                 for label, value in zip(labels, values, strict=True)]  # fmt: skip
        spare = max(0.0, self.desk.width - sum(needs)) / len(needs)
        stops, at = [], self.desk.layout.left
        for need in needs:
            at += need + spare
            stops.append(at)
        return stops

    def _underline(self, before: int, top: float) -> None:
        desk, layout = self.desk, self.desk.layout
        step = layout.size * POINT * layout.leading
        for number, line in enumerate(desk.sheet.lines[before:]):
            behind = [word.box.x1 for word in line.words if word.part == "label"]
            values = [word.box.x0 for word in line.words if word.part == "value"]
            x = min(values) if values else (max(behind) + 1.5 if behind else layout.left)
            y = top + number * step + 1.3
            desk.sheet.rule(x, y, layout.left + desk.width, y, thickness=0.15)

    def _comb_line(self, row: Row, label: list[Item]) -> None:
        desk, layout = self.desk, self.desk.layout
        ask = row.asks[0]
        entry = self.filled.entries.get(ask.key)
        desk.room(5.0)
        desk.y += 0.8
        start = layout.left + self.labels.width(label) + 2.0
        if start + comb_width(ask, entry) > layout.left + desk.width:
            desk.y = desk.sheet.write(label, layout.left, desk.y, desk.width, leading=layout.leading) + 1.0
            desk.room(5.0)
            start = layout.left + 4.0
        else:
            desk.sheet.write(label, layout.left, desk.y, desk.width)
        comb(desk.sheet, ask, entry, self.hand, x=start, baseline=desk.y, size=layout.size)
        desk.y += layout.size * POINT * layout.leading + 1.0

    def _packed(self, rows: list[Row]) -> None:
        line: list[Row] = []
        used = 0.0
        for row in rows:
            text = self.labels.wording(row)
            value = self.labels.width(self.labels.value(row)) if len(row.asks) == 1 else 999.0
            need = self.desk.sheet.width_of(text) + max(value, 16.0) + 9.0
            short = row.asks[0].kind in SHORT and not self.labels.combed(row)
            if line and (not short or used + need > self.desk.width or len(line) == 3):
                self._line(line)
                line, used = [], 0.0
            if short:
                line.append(row)
                used += need
            else:
                self._line([row])
        if line:
            self._line(line)
