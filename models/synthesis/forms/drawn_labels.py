"""Headings and labels of a form, in the wording and style of its layout, and what is filled in behind them.

A label is one of the wordings that its side may use, the same wherever the paper prints it again; half of all papers
carry the first one. Footnote marks and numbers are counted here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from models.synthesis.fonts import Role
from models.synthesis.forms.drawn_values import is_comb, value_items
from models.synthesis.forms.layouts import wordings
from models.synthesis.forms.paper import note_mark
from models.synthesis.typesetter import POINT, Item, Leader, Run

if TYPE_CHECKING:
    from random import Random
    from typing import Any

    from models.synthesis.forms.drawn_form import Desk
    from models.synthesis.forms.filling import Hand
    from models.synthesis.forms.plan import Filled, Row, Section

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
LABEL_ROLE = {"plain": Role.SERIF, "bold": Role.SERIF_BOLD, "italic": Role.SERIF_ITALIC}


@dataclass(slots=True)
class Labels:
    """Labels and values of one paper."""

    desk: Desk
    filled: Filled
    hand: Hand
    rng: Random
    _number: int = 0
    _notes: int = 0
    _chosen: dict[str, str] = field(default_factory=dict)

    def heading(self, section: Section, number: int) -> None:
        """The heading of the section of this number; its style may start the numbering of rows again."""
        desk, layout = self.desk, self.desk.layout
        if layout.heading in {"roman", "letter"}:
            self._number = 0
        text = self.rng.choice(wordings(section.headings, held_out=layout.held_out)).rstrip(" :")
        text = text[0].upper() + text[1:]
        role, tail = Role.SERIF_BOLD, ":"
        match layout.heading:
            case "roman":
                text, tail = f"{_ROMAN[min(number, 12) - 1]}. {text.upper()}", ""
            case "letter":
                text = f"{chr(64 + min(number, 26))}. {text}"
            case "capitals":
                text, tail = text.upper(), ""
            case "italic":
                role = Role.SERIF_BOLD_ITALIC
            case "band":
                tail = ""
        desk.room(18.0)
        desk.y += 1.5
        if layout.heading == "band":
            self._band(desk.y - 5.2, 7.6)
        runs: list[Item] = [Run(text + tail, role, part="heading", of=section.of)]
        step = desk.sheet.write(runs, layout.left + (2 if layout.heading == "band" else 0), desk.y, desk.width - 4)
        desk.y = step + (2.2 if layout.heading == "band" else 0.8)

    def _band(self, top: float, height: float) -> None:
        desk = self.desk
        x, width = desk.layout.left, desk.width

        def draw(pdf: Any) -> None:
            pdf.set_fill_color(226, 226, 226)
            pdf.rect(x, top, width, height, style="F")

        desk.sheet.drawing(draw)

    def wording(self, row: Row) -> str:
        """The label of a row; the same wherever the paper prints it again."""
        if row.key not in self._chosen:
            choices = wordings(row.labels, held_out=self.desk.layout.held_out)
            # The first spelling is the usual one: half of all papers carry it.
            pick = choices[0] if self.rng.random() < 0.5 else self.rng.choice(choices)
            said = pick.rstrip(" :")
            self._chosen[row.key] = said[0].upper() + said[1:]
        return self._chosen[row.key]

    def label(self, row: Row, *, numbered: bool = True, tail: str | None = None) -> list[Item]:
        """Number, label, separator; `tail` takes the place of the layout's separator."""
        layout = self.desk.layout
        text = self.wording(row)
        runs: list[Item] = []
        if numbered and layout.numbering:
            self._number += 1
            sign = layout.numbering.replace("1", str(self._number))
            runs.append(Run(f"{sign} "))
        of = tuple(ask.key for ask in row.asks)
        separator = layout.separator if tail is None else tail
        mark = layout.note_marks and self.rng.random() < 0.18 and self._notes < 9
        said = Run(text if mark else text + separator, LABEL_ROLE[layout.label], part="label", of=of)
        runs.append(said)
        if mark:
            self._notes += 1
            runs += [note_mark(self._notes), Run(separator, LABEL_ROLE[layout.label], part="label", of=of)]
        return [*runs, Run(" ")]

    def value(self, row: Row) -> list[Item]:
        """What is filled in behind the label."""
        layout = self.desk.layout
        return value_items(row, self.filled.entries, self.hand, layout.size, ticks=layout.ticks)

    def combed(self, row: Row) -> bool:
        """Whether the value stands in boxes, one sign each."""
        return len(row.asks) == 1 and is_comb(row.asks[0], combs=self.desk.layout.comb)

    def fitted(self, items: list[Item], width: float, size: float) -> list[Item]:
        """The items, set smaller where their widest word would not fit into `width` millimetres."""
        sheet = self.desk.sheet
        widest = max(
            (
                sheet.width_of(word, item.role, item.size or size)
                for item in items
                if isinstance(item, Run)
                for word in item.text.split()
            ),
            default=0.0,
        )
        if widest <= width:
            return items
        share = width / widest * 0.98
        return [replace(i, size=(i.size or size) * share) if isinstance(i, Run) else i for i in items]

    def width(self, items: list[Item]) -> float:
        """Millimetres that items take on one line."""
        sheet = self.desk.sheet
        width = 0.0
        for item in items:
            if isinstance(item, Run):
                width += sheet.width_of(item.text, item.role, item.size)
            elif not isinstance(item, Leader):
                width += sheet.size * POINT * 0.8
        return width
