"""One pass over the rows of a paper, label by label: which text belongs to which label, section by section.

A value runs from its label to the next one, over the row's end where the next rows carry no label of their own, or
stands below its label. The same label under several headings belongs to the section that was opened last; headings
that stand side by side open columns, and a label left of them all asks the same of each column.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from extractors.columns import spans
from extractors.dated_row import DATED_ROW, without_leaders
from extractors.labels import find_labels, flatten, in_a_title, value_start
from extractors.layout import Row, rows_of, text_height, words_of
from extractors.ruled import RuledRow, ruled_rows
from extractors.sections import Sections
from extractors.sign_columns import SignBlock, SignColumn, sign_blocks
from extractors.slots import LONG, Slot, before_label
from extractors.text import key
from extractors.unlabelled import name_below
from extractors.wrapped import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldSpec, PageView
    from extractors.grid import Grid
    from extractors.labels import FlatRow, Hit
    from models.reading import Word

_MAX_MORE_ROWS = 3
_SIGNED = frozenset({"signer", "signature"})
_DAYS = frozenset({"date", "partial_date", "datetime", "date_words"})
_TOLD = frozenset({"name", "id_number", *_DAYS})
"""Kinds that are asked for under a heading where a person is described, and not where one signs."""


class Walk:
    """Slots in the order in which they were met; sections and unclaimed specs are its state."""

    def __init__(self, specs: Sequence[FieldSpec]) -> None:
        self.specs = specs
        self.sections = Sections(specs)
        self.labels = sorted(
            {label for spec in specs for label in (*spec.labels, *spec.section)}, key=len, reverse=True
        )
        self.described = {key(heading) for spec in specs if spec.kind in _TOLD for heading in spec.section}
        self.titles = sorted({label for spec in specs if spec.kind in _SIGNED for label in spec.labels})
        self.slots: list[Slot] = []
        self.taken: dict[str, Slot] = {}
        self.height = 20.0
        self.starts: set[int] = set()
        self.open: list[Slot] = []

    def page(self, page: PageView, skip: Sequence[Word] = (), grids: Sequence[Grid] = ()) -> None:
        """Walks one page with its ruled grids; words in `skip` (those of tables) say nothing here."""
        self.height = text_height(page.read)
        self.starts = {id(line.words[0]) for line in page.read.lines if line.words}
        self.open = []  # a value does not run over a page's end
        last_middle: float | None = None
        passed = {id(word) for word in skip}
        words = [word for word in words_of(page.read) if id(word) not in passed]
        ruled = ruled_rows(page, grids, words, self.labels, self.height) if grids else []
        passed = {id(word) for row in ruled for word in row.words}
        rows = rows_of([word for word in words if id(word) not in passed], page.read.skew)
        rows = joined(rows, self.labels, self.height)
        blocks = sign_blocks(rows, self.titles, self.height, page.read.skew)
        passed = {id(word) for block in blocks for word in block.words}
        rows = [row for row in rows if not any(id(word) in passed for word in row.words)]
        items: list[Row | RuledRow | SignBlock] = sorted([*rows, *ruled, *blocks], key=lambda item: item.middle)
        for item in items:
            below = [row for row in rows if row.middle > item.middle]
            if isinstance(item, Row):
                far = last_middle is not None and item.middle - last_middle > self.height * 3.2
                self._row(flatten(item), page, below, far=far)
            elif isinstance(item, SignBlock):
                self.open = []
                self._signed(item, page)
            elif self._by_rows(item):
                for row in rows_of(item.words, page.read.skew):
                    self._row(flatten(row), page, below, far=False)
            else:
                self.open = []  # a value ends where a cell begins
                self._ruled(item, page)
            last_middle = item.middle

    def _by_rows(self, row: RuledRow) -> bool:
        """Whether a row of cells is read as a row of words: columns under headings, and places to sign."""
        hits = [hit for place in row.places for hit in place.hits]
        wanted = {key(hit.label) for hit in hits}
        signed = set(map(key, self.titles))
        return not hits or len(self.sections.columns) > 1 or bool(wanted & signed)

    def _ruled(self, row: RuledRow, page: PageView) -> None:
        """The labels of a row of cells, each with the value in its own cell or in the next."""
        for at, place in enumerate(row.places):
            headings: list[tuple[tuple[str, ...], Hit]] = []
            for index, hit in enumerate(place.hits):
                section = self.sections.opened_by(hit)
                if section is not None:
                    headings.append((section, hit))
                specs = self._specs_for(hit, headings[-1][0] if headings else self._section_at(place.flat, hit))
                if not specs or specs[0].key.startswith("_"):
                    continue
                start, end = place.value_after(index)
                flat, start = place.flat, value_start(place.flat.text, start, end)
                slot = Slot(specs, hit, flat, page, [(flat, start, max(start, before_label(flat.text, start, end)))])
                last = index + 1 == len(place.hits)
                value = row.value_of(at) if last else None
                if value is not None:
                    slot.pieces = [(value.flat, 0, len(value.flat.text))]
                    slot.room = value.inner(self.height)
                elif last:
                    slot.pieces = [(flat, start, end)]
                    slot.room = place.below_label(self.height)
                self._take(slot)
            self.sections.open(headings, place.flat)

    def _row(self, flat: FlatRow, page: PageView, below: Sequence[Row], *, far: bool) -> None:
        hits = [hit for hit in find_labels(flat, self.labels) if not in_a_title(flat, hit)]
        before, self.open = ([] if far else self.open), []
        # Place and date above the signatures, unless a day is what the row is waited for.
        asked = any(spec.kind in _DAYS for slot in before for spec in slot.specs)
        dated = not asked and DATED_ROW.match(without_leaders(flat.text)) is not None
        if self._in_columns(hits, flat, before):
            self.open = self._cells(flat, hits[0], page) if hits else self._more_cells(flat, before)
            return
        first = before_label(flat.text, 0, hits[0].start) if hits else len(flat.text)
        if before and not dated:
            self._go_on(before, flat, first, last=not hits)
        headings: list[tuple[tuple[str, ...], Hit]] = []
        last: Slot | None = None
        if hits:
            self.open = []
        for index, hit in enumerate(hits):
            end = hits[index + 1].start if index + 1 < len(hits) else len(flat.text)
            if index + 1 == len(hits) and before:
                end = self._column_of(before[-1], flat, hit, end)
            section = self.sections.opened_by(hit)
            if section is not None:
                headings.append((section, hit))
            here = headings[-1][0] if headings else self._section_at(flat, hit)
            specs = self._specs_for(hit, here)
            if not specs or specs[0].key.startswith("_"):
                continue
            start = value_start(flat.text, hit.end, end)
            slot = Slot(specs, hit, flat, page, [(flat, start, max(start, before_label(flat.text, start, end)))])
            if specs[0].kind == "signer":
                slot.pieces = name_below(flat, hit, below, self.height)
            self._take(slot)
            self.open.append(slot)
            last = slot if index + 1 == len(hits) else None
        if hits:
            # Labels side by side without a value: each one's value may stand below it. Else only the last goes on.
            waiting = [slot for slot in self.open if not slot.text and any(slot is kept for kept in self.slots)]
            self.open = waiting if last and not last.text else [last] if last else []
        self.sections.open(headings, flat)

    def _signed(self, block: SignBlock, page: PageView) -> None:
        """What is said, the name and the signature in each of the columns where people sign."""
        for column in block.columns:
            specs = self._specs_for(column.hit, self.sections.opened_by(column.hit) or (), signing=True)
            self._take_signed(column, column.hit, specs, page)
        for column in block.columns:
            for hint in column.hints:  # what is known by its hint alone, and stands under no title of its own
                specs = [spec for spec in self._specs_for(hint, (), peek=True, signing=True)
                         if spec.key not in self.taken]  # fmt: skip
                self._take_signed(column, hint, specs, page)

    def _take_signed(self, column: SignColumn, hit: Hit, specs: Sequence[FieldSpec], page: PageView) -> None:
        for spec in specs:
            slot = Slot(
                [spec], hit, column.flat, page, [(column.flat, column.said, len(column.flat.text))], column.room
            )
            if spec.kind == "signer":
                name = column.name
                slot.pieces = [(name, 0, len(name.text))] if name else [(column.flat, hit.end, hit.end)]
            elif spec.kind != "signature":
                slot.room = column.room._replace(y1=column.room.y0 + 1)  # the pen's ink is no unread text
            self._take(slot)

    def _take(self, slot: Slot) -> None:
        self.slots.append(slot)
        self.taken |= dict.fromkeys((spec.key for spec in slot.specs), slot)

    def _go_on(self, before: Sequence[Slot], flat: FlatRow, first: int, *, last: bool) -> None:
        """Gives the row's text before its first label to the value that is still open."""
        if len(before) > 1:
            self.open = self._below(before, flat, first)
            return
        slot = before[-1]
        if not slot.goes_on(flat, first):
            return
        if any(c.isalnum() for c in flat.text[:first]) or last:
            slot.pieces.append((flat, 0, first))
        if len(slot.pieces) <= _MAX_MORE_ROWS and last:
            self.open = [slot]

    def _below(self, before: Sequence[Slot], flat: FlatRow, first: int) -> list[Slot]:
        """Gives the words of a row to the labels that they stand under; those that wait for more."""
        if not any(c.isalnum() for c in flat.text[:first]):
            return list(before)
        starts = [slot.x0 - 1.5 * self.height for slot in before[1:]]
        cuts = [0]
        for start in starts:
            right = [word for word in flat.words_between(0, first) if word.box.x0 >= start]
            cuts.append(max(cuts[-1], flat.start_of(right[0]) if right else first))
        parts = list(zip(before, cuts, [*cuts[1:], first], strict=True))
        filled = [(slot, begin, end) for slot, begin, end in parts if flat.words_between(begin, end)]
        for slot, begin, end in filled:
            own = flatten(Row(flat.words_between(begin, end)))
            if not slot.goes_on(own, len(own.text)):
                return []
        for slot, begin, end in filled:
            slot.pieces.append((flat, begin, end))
        return [slot for slot in before if slot.text and slot.long]

    def _column_of(self, before: Slot, flat: FlatRow, hit: Hit, end: int) -> int:
        """Where the last value of a row ends: before a part that stands under the open label of the row above."""
        words = flat.words_between(hit.end, end)
        for left, word in pairwise(words):
            gap = word.box.x0 - left.box.x1
            # Small print stands closer: there half the gap will do, where a line of its own begins as well.
            apart = gap > self.height or (gap > self.height / 2 and id(word) in self.starts)
            if apart and abs(word.box.x0 - before.x0) < self.height and before.specs[0].kind in LONG:
                start = flat.start_of(word)
                before.pieces.append((flat, start, end))
                return start
        return end

    # -- sections ------------------------------------------------------------------------------------------------

    def _section_at(self, flat: FlatRow, hit: Hit) -> tuple[str, ...]:
        return self.sections.at(flat, hit, self.height)

    def _in_columns(self, hits: Sequence[Hit], flat: FlatRow, before: Sequence[Slot]) -> bool:
        """Whether the row is one of a form in columns, whose labels stand left of all the headings."""
        if len(self.sections.columns) < 2 or len(hits) > 1:
            return False
        if not hits:
            return len(before) > 1
        asked = [column for column in self.sections.columns if self._specs_for(hits[0], column.section, peek=True)]
        words = flat.words_between(hits[0].start, hits[0].end)
        return len(asked) > 1 and bool(words) and words[-1].box.x1 < self.sections.columns[0].x0 + self.height

    def _cells(self, flat: FlatRow, hit: Hit, page: PageView) -> list[Slot]:
        """The values of one label, one in each column."""
        slots = []
        for column, (start, end) in zip(
            self.sections.columns, spans(self.sections.columns, flat, hit.end), strict=True
        ):
            specs = self._specs_for(hit, column.section)
            if specs and not specs[0].key.startswith("_"):
                slots.append(Slot(specs, hit, flat, page, [(flat, start, end)]))
                self._take(slots[-1])
        return slots

    def _more_cells(self, flat: FlatRow, before: Sequence[Slot]) -> list[Slot]:
        """The next row of values that go on, each below its own."""
        sections = {self.sections.of(slot.specs[0]): slot for slot in before}
        for column, (start, end) in zip(self.sections.columns, spans(self.sections.columns, flat, 0), strict=True):
            slot = sections.get(column.section)
            if slot is not None and flat.words_between(start, end):
                slot.pieces.append((flat, start, end))
        return [slot for slot in before if len(slot.pieces) <= _MAX_MORE_ROWS]

    # -- specs ---------------------------------------------------------------------------------------------------

    def _specs_for(
        self, hit: Hit, section: tuple[str, ...], *, peek: bool = False, signing: bool = False
    ) -> list[FieldSpec]:
        wanted = key(hit.label)
        fits = [s for s in self.specs if self._free(s) and any(key(label) == wanted for label in s.labels)]
        if wanted in self.described and not signing:
            fits = [spec for spec in fits if spec.kind not in _SIGNED]  # the person's heading, not his column to sign
        inside = [spec for spec in fits if spec.section and self.sections.of(spec) == section]
        chosen = inside or [spec for spec in fits if not spec.section]
        kinds: dict[str, FieldSpec] = {}
        for spec in chosen:
            kinds.setdefault(spec.kind, spec)
        specs = list(kinds.values())
        for spec in specs if not peek else ():
            empty = self.taken.get(spec.key)
            if empty is not None and empty in self.slots:
                self.slots.remove(empty)  # a label in a second language, on its own row, carries the value
        return specs

    def _free(self, spec: FieldSpec) -> bool:
        slot = self.taken.get(spec.key)
        return slot is None or (not slot.text and len(spec.labels) > 1 and not spec.section)
