"""Labelled forms: `label: value` rows, driven by what a schema asks for and never by a form's coordinates.

Labels and section headings are found in every row; a value runs from its label to the next one, over the row's end
where the next rows carry no label of their own, or stands below its label. The same label under several headings
(mother, father) belongs to the section that was opened last. An empty place is blank, unless there is unread ink.
A spec whose key starts with `_` is a boundary: its label ends a value and makes no claim.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from extractors.evidence import claim
from extractors.fields import Field, FieldStatus, Source
from extractors.ink import INKED, tall_ink
from extractors.labels import FlatRow, Hit, find_labels, flatten, value_start
from extractors.layout import box_of, rows_of, text_height, words_of
from extractors.text import LEADERS, key, nfc, strip_leaders
from extractors.values import normalise
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldSpec, PageView
    from models.reading import Word

_LONG = frozenset({"text", "place", "lines", "date_words", "relationship"})
"""Kinds whose values go on in the next rows."""
_MAX_MORE_ROWS = 3
BLANK_PROBABILITY = 0.97


@dataclass(slots=True)
class _Slot:
    """A label with what stands behind it, while a page is walked."""

    spec: FieldSpec
    hit: Hit
    flat: FlatRow
    page: PageView
    pieces: list[tuple[FlatRow, int, int]] = field(default_factory=list)


class LabelledExtractor:
    """Claims from labels. Holds no state; safe in several threads."""

    source = Source.LABEL

    def extract(self, pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
        """Claims in page order, at most one a key; what has no label on the page is left out."""
        walk = _Walk(specs)
        for page in pages:
            walk.page(page)
        return [found for slot in walk.slots if (found := _claim(slot, walk.height)) is not None]


class _Walk:
    """One pass over the rows of a paper; sections and unclaimed specs are its state."""

    def __init__(self, specs: Sequence[FieldSpec]) -> None:
        self.specs = specs
        self.headings = {key(heading): spec.section for spec in specs for heading in spec.section}
        self.labels = sorted(
            {label for spec in specs for label in (*spec.labels, *spec.section)}, key=len, reverse=True
        )
        self.section: tuple[str, ...] = ()
        self.slots: list[_Slot] = []
        self.taken: set[str] = set()
        self.height = 20.0
        self.open: _Slot | None = None

    def page(self, page: PageView) -> None:
        self.height = text_height(page.read)
        self.open = None  # a value does not run over a page's end
        last_middle: float | None = None
        for row in rows_of(words_of(page.read), page.read.skew):
            flat = flatten(row)
            far = last_middle is not None and row.middle - last_middle > self.height * 3.2
            last_middle = row.middle
            self._row(flat, page, far=far)

    def _row(self, flat: FlatRow, page: PageView, *, far: bool) -> None:
        hits = find_labels(flat, self.labels)
        first = hits[0].start if hits else len(flat.text)
        if self.open is not None and not far and self._goes_on(self.open, flat, first):
            self.open.pieces.append((flat, 0, first))
            if len(self.open.pieces) > _MAX_MORE_ROWS:
                self.open = None
        elif first > 0 and any(c.isalnum() for c in flat.text[:first]):
            self.open = None
        for index, hit in enumerate(hits):
            end = hits[index + 1].start if index + 1 < len(hits) else len(flat.text)
            section = self.headings.get(key(hit.label))
            if section is not None:
                self.section = section
            spec = self._spec_for(hit)
            self.open = None
            if spec is None:
                continue
            if not spec.key.startswith("_"):
                slot = _Slot(spec, hit, flat, page, [(flat, value_start(flat.text, hit.end), end)])
                self.slots.append(slot)
                self.taken.add(spec.key)
                if index + 1 == len(hits):
                    self.open = slot

    def _spec_for(self, hit: Hit) -> FieldSpec | None:
        wanted = key(hit.label)
        fits = [s for s in self.specs if s.key not in self.taken and any(key(label) == wanted for label in s.labels)]
        inside = [spec for spec in fits if spec.section and spec.section == self.section]
        anywhere = [spec for spec in fits if not spec.section]
        return next(iter(inside or anywhere), None)

    def _goes_on(self, slot: _Slot, flat: FlatRow, first: int) -> bool:
        """Whether a row's part before its first label belongs to the open value."""
        text = strip_leaders(flat.text[:first])
        if not text:
            return True  # an empty ruled row: the value may stand in the one after it
        so_far = strip_leaders(" ".join(part.text[start:end] for part, start, end in slot.pieces))
        if not so_far:
            return True  # the value stands below its label
        if slot.spec.kind not in _LONG:
            return False
        before = slot.pieces[-1][0]
        # A value that stopped well before the right edge was finished, unless leaders filled the rest.
        filled = before.row.box.x1 > slot.page.read.width * 0.72 or bool(LEADERS.search(before.text))
        return filled or text[0].islower()


def _claim(slot: _Slot, height: float) -> Field | None:
    parts: list[str] = []
    words: list[Word] = []
    for flat, start, end in slot.pieces:
        text = strip_leaders(flat.text[start:end])
        if text:
            parts.append(text)
            words.extend(flat.words_between(start, end))
    spec, page = slot.spec, slot.page
    if not words:
        return _empty(slot, height)
    raw = nfc(" ".join(parts))
    if spec.kind == "choice" and spec.choices:
        boxed = _ticked(raw, spec.choices)
        if boxed is not None:
            return claim(
                spec.key, boxed, words, source=Source.LABEL, page=page.number, quality=slot.hit.quality, raw=raw
            )
    normal = normalise(spec.kind, "\n".join(parts) if spec.kind == "lines" else raw, spec.choices)
    handwritten = _handwriting(page, words)
    doubt = None if normal.fits else normal.reason
    # A glued word (`tên:Nguyễn`) is charged to the value as a whole: its chance covers both.
    return claim(
        spec.key, normal.value, words, source=Source.LABEL, page=page.number,
        quality=slot.hit.quality * (0.9 if handwritten else 1.0), repaired=normal.repaired, doubt=doubt, raw=raw,
    )  # fmt: skip


def _handwriting(page: PageView, words: Sequence[Word]) -> bool:
    mine = {id(word) for word in words}
    return any(
        (line.handwriting or 0.0) > 0.5 for line in page.read.lines if any(id(word) in mine for word in line.words)
    )


_TICKS = re.compile(r"[\[(]\s*[xX✓✔vV]\s*[\])]|[☑☒✓✔⊠]")


def _ticked(raw: str, choices: tuple[str, ...]) -> str | None:
    """The one choice that has a ticked box next to it, where the reader gives boxes as signs."""
    ticks = [found.start() for found in _TICKS.finditer(raw)]
    if len(ticks) != 1:
        return None
    near = [(abs(raw.casefold().find(c.casefold()) - ticks[0]), c) for c in choices if c.casefold() in raw.casefold()]
    return min(near)[1] if near else None


def _empty(slot: _Slot, height: float) -> Field | None:
    """A label without a value: blank, or unreadable where there is ink that nobody read."""
    flat, _, end = slot.pieces[0]
    read = slot.page.read
    label_words = flat.words_between(slot.hit.start, slot.hit.end)
    if not label_words:
        return None
    label_box = box_of(label_words)
    after = [word.box.x0 for word in flat.words_between(end, len(flat.text))]
    right = min(after) if after else int(read.width * 0.95)
    left = label_box.x1 + int(height * 0.6)
    box = Box(left, int(label_box.y0 - 0.2 * height), max(left + 1, right), int(label_box.y1 + 0.1 * height))
    unread = [line for line in read.lines if line.unreadable and _inside(line.box, box)]
    spec = slot.spec
    quality = BLANK_PROBABILITY * slot.hit.quality
    if unread:
        return Field(spec.key, None, "", 0.0, Source.LABEL, slot.page.number, unread[0].box,
                     FieldStatus.UNREADABLE, unread[0].unreadable)  # fmt: skip
    if tall_ink(slot.page.image, box, height) >= INKED:
        return Field(
            spec.key, None, "", 0.0, Source.LABEL, slot.page.number, box, FieldStatus.UNREADABLE, "ink_not_read"
        )
    return Field(spec.key, None, "", round(quality, 4), Source.LABEL, slot.page.number, box, FieldStatus.BLANK)


def _inside(inner: Box, outer: Box) -> bool:
    x, y = (inner.x0 + inner.x1) / 2, (inner.y0 + inner.y1) / 2
    return outer.x0 <= x <= outer.x1 and outer.y0 <= y <= outer.y1
