"""Rows of a form in cells: a grid with values under their labels, boxes, a bordered table of labels and values.

Cells are measured first and drawn then, so that no line of one crosses another. Tables of repeated rows are bordered
in every layout, as they are on paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.synthesis.fonts import Role
from models.synthesis.forms.drawn_labels import LABEL_ROLE, Labels
from models.synthesis.forms.drawn_values import comb
from models.synthesis.forms.layouts import wordings
from models.synthesis.typesetter import POINT, Item, Run

if TYPE_CHECKING:
    from models.synthesis.forms.plan import Row, Table

SHORT = frozenset({"date", "partial_date", "sex", "ethnicity", "nationality", "number", "code", "phone", "flag",
                   "choice", "id_number", "datetime", "email", "money", "ordinal"})  # fmt: skip
"""Kinds whose values are short enough to share a line."""
_SHARE = {"ordinal": 0.6, "name": 2.4, "date": 1.4, "partial_date": 1.3, "sex": 0.8, "id_number": 1.9,
          "relationship": 1.5, "number": 0.9, "place": 2.6, "phone": 1.5}  # fmt: skip
"""How wide a table's column is beside the others, by kind."""


@dataclass(slots=True)
class Cells:
    """Draws rows in cells."""

    labels: Labels

    def grid(self, rows: list[Row], *, boxes: bool) -> None:
        """Cells with the label above the value: two short ones side by side, a long one over the whole width."""
        waiting: list[Row] = []
        for row in rows:
            short = row.asks[0].kind in SHORT and len(row.asks) == 1
            if short and not waiting:
                waiting.append(row)
                continue
            if short:
                self._cells([*waiting, row], boxes=boxes)
                waiting = []
                continue
            if waiting:
                self._cells(waiting, boxes=boxes)
                waiting = []
            self._cells([row], boxes=boxes)
        if waiting:
            self._cells(waiting, boxes=boxes)

    def _cells(self, rows: list[Row], *, boxes: bool) -> None:
        desk, layout = self.labels.desk, self.labels.desk.layout
        wide = desk.width / len(rows)
        inset = 2.0 if boxes else 0.0
        small, step = layout.size - 1.5, layout.size * POINT * 1.35
        labels = [self.labels.label(row, tail="" if layout.separator == "" else None) for row in rows]
        values = [self.labels.value(row) for row in rows]
        sheet = desk.sheet
        inner = wide - 2 * inset - 2.0
        heads = [sheet.height_of(label, 0, inner, size=small, leading=1.3) for label in labels]
        bodies = [
            step * 1.25 if self.labels.combed(row) else sheet.height_of(value, 0, inner, size=layout.size, leading=1.35)
            for row, value in zip(rows, values, strict=True)
        ]
        height = max(head + max(body, step) for head, body in zip(heads, bodies, strict=True)) + 2.2
        desk.room(height - 4)
        sheet = desk.sheet
        top = desk.y - 4.4
        for number, (row, label, value, head) in enumerate(zip(rows, labels, values, heads, strict=True)):
            x = layout.left + number * wide
            sheet.write(label, x + inset, desk.y, inner, size=small, leading=1.3)
            y = desk.y + head + 0.6
            if self.labels.combed(row):
                entry = self.labels.filled.entries.get(row.key)
                comb(sheet, row.asks[0], entry, self.labels.hand, x=x + inset, baseline=y + 1, size=layout.size)
            elif value:
                sheet.write(value, x + inset, y, inner, leading=1.35)
            if boxes:
                for edge in (x, x + wide):
                    sheet.rule(edge, top, edge, top + height, thickness=0.2)
            elif layout.leader == "rule" and not self.labels.combed(row):
                sheet.rule(x, top + height - 0.6, x + wide - 4.0, top + height - 0.6, thickness=0.15)
        if boxes:
            for y in (top, top + height):
                sheet.rule(layout.left, y, layout.left + desk.width, y, thickness=0.2)
        desk.y += height + (0.0 if boxes else 1.4)

    def pairs(self, rows: list[Row]) -> None:
        """A bordered table: labels in the left column, values in the right one."""
        for row in rows:
            label = self.labels.label(row, tail="" if self.labels.rng.random() < 0.8 else None)
            self._cell_row(
                [(label, None), (self.labels.value(row), row if self.labels.combed(row) else None)], [0.4, 0.6]
            )

    def _cell_row(self, cells: list[tuple[list[Item], Row | None]], shares: list[float], size: float = 0) -> None:
        desk, layout = self.labels.desk, self.labels.desk.layout
        points = size or layout.size
        sheet = desk.sheet
        inner = [share * desk.width - 4.0 for share in shares]
        cells = [
            (self.labels.fitted(items, width, points), row) for (items, row), width in zip(cells, inner, strict=True)
        ]
        heights = [
            sheet.height_of(items, 0, share * desk.width - 4.0, size=points, leading=1.3) if items else 0.0
            for (items, _), share in zip(cells, shares, strict=True)
        ]
        height = max(*heights, points * POINT * 1.3 * (1.25 if any(row for _, row in cells) else 1.0)) + 2.4
        desk.room(height - 4)
        sheet = desk.sheet
        top, x = desk.y - points * POINT - 0.4, layout.left
        for (items, row), share in zip(cells, shares, strict=True):
            if row is not None:
                entry = self.labels.filled.entries.get(row.key)
                comb(sheet, row.asks[0], entry, self.labels.hand, x=x + 2.0, baseline=desk.y + 0.9, size=points)
            elif items:
                sheet.write(items, x + 2.0, desk.y + 0.4, share * desk.width - 4.0, size=points, leading=1.3)
            sheet.rule(x, top, x, top + height, thickness=0.2)
            x += share * desk.width
        sheet.rule(x, top, x, top + height, thickness=0.2)
        for y in (top, top + height):
            sheet.rule(layout.left, y, x, y, thickness=0.2)
        desk.y += height

    def table(self, table: Table) -> None:
        """A table of repeated rows, with some empty ones at its end."""
        desk, layout = self.labels.desk, self.labels.desk.layout
        of = tuple(f"{table.key}.{column.key}" for column in table.columns)
        if table.labels:
            text = self.labels.rng.choice(wordings(table.labels, held_out=layout.held_out)).rstrip(" :")
            desk.room(30.0)
            runs: list[Item] = [Run(f"{text}:", LABEL_ROLE[layout.label], part="heading", of=of)]
            desk.y = desk.sheet.write(runs, layout.left, desk.y, desk.width) + 2.0
        shares = [_SHARE.get(column.asks[0].kind, 1.5) for column in table.columns]
        shares = [share / sum(shares) for share in shares]
        small = min(layout.size - 2.0, 11.0)
        heads: list[tuple[list[Item], Row | None]] = []
        for column, key in zip(table.columns, of, strict=True):
            head = Run(self.labels.wording(column), Role.SERIF_BOLD, part="label", of=(key,), size=small)
            heads.append(([head], None))
        self._cell_row(heads, shares, small)
        filled = {int(key.split(".")[1]) for key in self.labels.filled.entries if key.startswith(f"{table.key}.")}
        count = max(filled, default=0)
        for number in range(1, count + self.labels.rng.randint(0, 2) + 1):
            cells: list[tuple[list[Item], Row | None]] = []
            for column in table.columns:
                entry = self.labels.filled.entries.get(f"{table.key}.{number}.{column.key}")
                key = f"{table.key}.{number}.{column.key}"
                role, colour = self.labels.hand.role, self.labels.hand.colour
                said: list[Item] = []
                if entry is not None:
                    said = [Run(entry.raw, role, size=small - self.labels.hand.shrink / 2, field=key, colour=colour)]
                elif column.asks[0].kind == "ordinal":
                    said = [Run(str(number), Role.SERIF, size=small)]
                cells.append((said, None))
            self._cell_row(cells, shares, small)
        desk.y += 3.0
