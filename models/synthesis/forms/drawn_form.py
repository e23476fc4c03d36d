"""Draws any filled plan in any layout, over as many sheets as it takes.

Head, title, sections, oath, dated row, signatures, notes: rows are arranged by `models.synthesis.forms.drawn_rows`.
`draw_form` gives a `Paper` like the forms that are drawn by hand. Labels, headings and values say what they are on
the set words, so pages can be had with the role of every word.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.synthesis.fonts import Role
from models.synthesis.forms.drawn_rows import Rows
from models.synthesis.forms.drawn_values import value_run
from models.synthesis.forms.layouts import Layout, wordings
from models.synthesis.forms.paper import FieldTruth, Paper, nation_head, sheet_a4, specimen_note
from models.synthesis.forms.plan import Filled, FormPlan, Table
from models.synthesis.story_texts import OATHS
from models.synthesis.typesetter import Item, Leader, Mark, Rect, Run, Sheet

if TYPE_CHECKING:
    from random import Random

    from models.synthesis.fonts import FontBook
    from models.synthesis.forms.filling import Hand

_BOTTOM = 277.0
"""Millimetres from the top below which nothing but the specimen's note stands."""


@dataclass(slots=True)
class Desk:
    """The sheets of one paper under construction, and where the next line goes."""

    book: FontBook
    layout: Layout
    y: float = 24.0
    sheets: list[Sheet] = field(default_factory=list)

    @property
    def sheet(self) -> Sheet:
        """The sheet in work."""
        return self.sheets[-1]

    @property
    def width(self) -> float:
        """Of the text, in millimetres."""
        return 210.0 - self.layout.left - self.layout.right

    def new_sheet(self) -> None:
        """Goes on at the top of another sheet."""
        self.sheets.append(sheet_a4(self.book, self.layout.size))
        self.y = 24.0
        if self.layout.page_numbers and len(self.sheets) > 1:
            self.sheet.write(str(len(self.sheets)), self.layout.left, 14.0, self.width, align="centre", size=12)

    def room(self, need: float) -> None:
        """Starts a new sheet where `need` millimetres below the next baseline are not left."""
        if self.y + need > _BOTTOM:
            self.new_sheet()

    def paragraph(self, items: list[Item], *, size: float, leading: float = 1.35, indent: float = 0.0) -> None:
        """Running text over the whole width."""
        need = self.sheet.height_of(items, self.layout.left, self.width, size=size, leading=leading, indent=indent)
        self.room(need - 4)
        self.y = self.sheet.write(
            items, self.layout.left, self.y, self.width, align="justify", size=size, leading=leading, indent=indent
        )


def draw_form(book: FontBook, filled: Filled, layout: Layout, hand: Hand, rng: Random) -> Paper:
    """The paper. The same arguments, with a `Random` in the same state, give the same paper."""
    plan = filled.plan
    desk = Desk(book, layout)
    desk.new_sheet()
    _head(desk, filled, hand)
    _title(desk, filled, hand, rng)
    rows = Rows(desk, filled, hand, rng)
    number = 0
    for section in plan.sections:
        number += bool(section.headings)
        rows.section(section, number)
    _oath(desk, plan, rng)
    marks = _tail(desk, filled, hand, rng)
    _notes(desk, plan)
    for sheet in desk.sheets:
        specimen_note(sheet)
    truth = {key: FieldTruth(entry.value, entry.raw) for key, entry in filled.entries.items()}
    for row in plan.rows():
        for ask in row.asks:
            if ask.kind not in {"signature", "seal"}:
                truth.setdefault(ask.key, FieldTruth(None, ""))
    for section in plan.sections:
        for table in section.rows:
            if isinstance(table, Table) and not any(key.startswith(f"{table.key}.") for key in truth):
                truth[table.key] = FieldTruth(None, "")
    return Paper(plan.type, tuple(desk.sheets), truth | marks)


def _head(desk: Desk, filled: Filled, hand: Hand) -> None:
    plan, layout, sheet = filled.plan, desk.layout, desk.sheet
    y = 22.0
    if plan.code:
        sheet.write([Run(plan.code, Role.SERIF_ITALIC)], layout.left, 15.0, desk.width, align="right", size=11)
    if not plan.issued and layout.head == "centre":
        desk.y = nation_head(sheet, layout.left, desk.width, y, layout.size) + 5.0
        return
    nation_head(sheet, 95.0, 105.0, y, 12.0)
    left, width = layout.left - 8, 68.0
    if not plan.issued:
        desk.y = y + 18.0
        return
    upper, body = filled.agency
    sheet.write([Run(upper, Role.SERIF)], left, y, width, align="centre", size=12)
    below = sheet.write([Run(body, Role.SERIF_BOLD)], left, y + 5.4, width, align="centre", size=12)
    middle = left + width / 2
    sheet.rule(middle - 11, below - 3.4, middle + 11, below - 3.4)
    number = plan.number
    if number is not None and number.key in filled.entries:
        said = value_run(number, filled.entries[number.key], hand, 12.5)
        label = Run("Số: ", part="label", of=(number.key,))
        below = sheet.write([label, said], left, below + 3.5, width, align="centre", size=12.5)
    desk.y = max(below, y + 12.0) + 8.0


def _title(desk: Desk, filled: Filled, hand: Hand, rng: Random) -> None:
    plan, layout = filled.plan, desk.layout
    title = rng.choice(wordings(plan.titles, held_out=layout.held_out)).upper()
    runs: list[Item] = [Run(title, Role.SERIF_BOLD, part="heading")]
    desk.y = desk.sheet.write(runs, layout.left, desk.y, desk.width, align="centre", size=layout.title, leading=1.25)
    if plan.subtitle:
        about: list[Item] = [Run(plan.subtitle, Role.SERIF_BOLD)]
        desk.y = desk.sheet.write(about, layout.left, desk.y, desk.width, align="centre", size=layout.size)
    desk.y += 3.0
    row = plan.addressed
    if row is not None:
        ask = row.asks[0]
        label = rng.choice(wordings(row.labels, held_out=layout.held_out))
        items: list[Item] = [Run(f"{label}: ", part="label", of=(ask.key,))]
        entry = filled.entries.get(ask.key)
        if entry is not None:
            items.append(value_run(ask, entry, hand, layout.size))
        if layout.leader in {".", "_"}:
            items.append(Leader(sign=layout.leader))
        desk.y = desk.sheet.write(items, layout.left + 18, desk.y, desk.width - 18) + 3.0


def _oath(desk: Desk, plan: FormPlan, rng: Random) -> None:
    if plan.issued or not (plan.oath or plan.signers):
        return
    size = desk.layout.size
    text = rng.choice(plan.oath or OATHS)
    desk.y += 1.5
    desk.paragraph([Run(text)], size=size, indent=10.0)
    desk.y += 2.0


def _dated(desk: Desk, filled: Filled, x: float, width: float) -> None:
    plan, size = filled.plan, desk.layout.size
    italic = Role.SERIF_ITALIC
    by_kind = {ask.kind: ask for ask in plan.dated}
    items: list[Item] = []
    if plan.dated_label:
        label = plan.dated_label[0]
        items.append(Run(f"{label}: ", part="label", of=tuple(ask.key for ask in plan.dated)))
    place, day = by_kind.get("place"), by_kind.get("date")
    if place is not None and place.key in filled.entries:
        items.append(Run(filled.entries[place.key].raw, italic, field=place.key))
    else:
        items.append(Run(filled.place, italic))
    items.append(Run(", ", italic))
    if day is not None:
        entry = filled.entries.get(day.key)
        said = entry.raw if entry is not None else "ngày …… tháng …… năm ……"
        items.append(Run(said, italic, field=day.key if entry is not None else None))
    else:
        items.append(Run(filled.day, italic))
    desk.y = desk.sheet.write(items, x, desk.y, width, align="centre", size=size)


def _tail(desk: Desk, filled: Filled, hand: Hand, rng: Random) -> dict[str, FieldTruth]:
    """The dated row and the places for signatures; what the marks say."""
    plan, layout = filled.plan, desk.layout
    truth: dict[str, FieldTruth] = {}
    if not plan.signers:
        return truth
    desk.room(70.0 if any(signer.opinion for signer in plan.signers) else 52.0)
    half = desk.width / 2
    wide = len(plan.signers) > 2
    _dated(desk, filled, layout.left + (half if not wide else 0) - 4, half + 8 if not wide else desk.width)
    desk.y += 1.5
    columns = max(2, len(plan.signers))
    column = desk.width / columns
    first = columns - len(plan.signers)
    small = layout.size - (1.0 if columns < 4 else 2.5)
    tops: list[float] = []
    for place, signer in enumerate(plan.signers):
        x = layout.left + (first + place) * column
        keys = tuple(key for key in (signer.name, signer.signature, signer.seal) if key is not None)
        title = rng.choice(wordings(signer.titles, held_out=layout.held_out))
        runs: list[Item] = [Run(title, Role.SERIF_BOLD, part="label", of=keys)]
        sheet = desk.sheet
        y = sheet.write(runs, x, desk.y, column, align="centre", size=small + 0.5, leading=1.15)
        hint = rng.choice(wordings(signer.hints, held_out=layout.held_out)) if signer.hints else ""
        if hint:
            said: list[Item] = [Run(hint, Role.SERIF_ITALIC, part="label", of=keys)]
            y = sheet.write(said, x, y, column, align="centre", size=small - 1, leading=1.15)
        opinion = signer.opinion
        if opinion is not None and opinion.key in filled.entries:
            words = value_run(opinion, filled.entries[opinion.key], hand, small - 0.5)
            y = sheet.write([words], x, y, column - 3, size=small - 0.5, leading=1.2)
        tops.append(y)
        middle = x + column / 2
        name = filled.signed.get(place)
        if signer.signature is not None:
            truth[signer.signature] = FieldTruth(name is not None, "")
        if signer.seal is not None:
            truth[signer.seal] = FieldTruth(signer.sealed and filled.sealed, "")
        if signer.name is not None and name is None:
            truth[signer.name] = FieldTruth(None, "")
        reach = min(15.0, column / 2 - 3)
        if name is not None:
            box = Rect(middle - reach, y - 2.5, middle + reach, y + 15.5)
            sheet.marks.append(Mark("signature", box, seed=rng.randrange(10**6)))
            if signer.signature is not None:
                sheet.fields[signer.signature] = box
            who: list[Item] = [Run(name, Role.SERIF, field=signer.name)]
            sheet.write(who, x, y + 23.0, column, align="centre", size=small + 0.5)
        if signer.sealed and filled.sealed:
            box = Rect(middle - reach - 14, y - 9, middle - reach + 22, y + 27)
            ring, centre = " - ".join(filled.agency), filled.agency[1]
            sheet.marks.append(Mark("seal", box, text=ring, centre=centre))
            if signer.seal is not None:
                sheet.fields[signer.seal] = box
    desk.y = max(desk.y + 46.0, *(top + 34.0 for top in tops))
    return truth


def _notes(desk: Desk, plan: FormPlan) -> None:
    if not plan.notes:
        return
    desk.room(20.0)
    layout = desk.layout
    desk.sheet.rule(layout.left, desk.y - 5.0, layout.left + 50, desk.y - 5.0, thickness=0.2)
    heading: list[Item] = [Run("Chú thích:", Role.SERIF_BOLD_ITALIC)]
    desk.y = desk.sheet.write(heading, layout.left, desk.y, desk.width, size=layout.size - 2)
    for number, note in enumerate(plan.notes, start=1):
        desk.paragraph([Run(f"({number}) {note}")], size=layout.size - 2.5, leading=1.25)
