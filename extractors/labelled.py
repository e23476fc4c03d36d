"""Labelled forms: `label: value` rows, driven by what a schema asks for and never by a form's coordinates.

Labels and section headings are found in every row; a value runs from its label to the next one, over the row's end
where the next rows carry no label of their own, or stands below its label. The same label under several headings
(mother, father) belongs to the section that was opened last. An empty place is blank, unless there is unread ink.
A spec whose key starts with `_` is a boundary: its label ends a value and makes no claim.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from extractors.boxes import ticked
from extractors.evidence import claim
from extractors.fields import Field, FieldStatus, Source
from extractors.ink import INKED, tall_ink
from extractors.labels import FlatRow, Hit, find_labels, flatten, value_start
from extractors.layout import box_of, rows_of, text_height, words_of
from extractors.text import LEADERS, compact, fold, key, nfc, strip_leaders
from extractors.unlabelled import DATED, DATED_ROW, dated, name_below, signature
from extractors.values import normalise
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldSpec, PageView
    from extractors.layout import Row
    from models.reading import Word

_LONG = frozenset({"text", "place", "lines", "date_words", "relationship", "issuer"})
"""Kinds whose values go on in the next rows."""
_MAX_MORE_ROWS = 3
BLANK_PROBABILITY = 0.97


@dataclass(slots=True)
class _Slot:
    """A label with what stands behind it, while a page is walked; several specs may take parts of one text."""

    specs: list[FieldSpec]
    hit: Hit
    flat: FlatRow
    page: PageView
    pieces: list[tuple[FlatRow, int, int]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What was read so far."""
        return strip_leaders(" ".join(part.text[start:end] for part, start, end in self.pieces))

    @property
    def x0(self) -> int:
        """Left edge of the label in page pixels."""
        words = self.flat.words_between(self.hit.start, self.hit.end)
        return words[0].box.x0 if words else 0


class LabelledExtractor:
    """Claims from labels. Holds no state; safe in several threads."""

    source = Source.LABEL

    def extract(self, pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
        """Claims in page order, at most one a key; what has no label on the page is left out."""
        walk = _Walk([spec for spec in specs if DATED not in spec.labels and spec.kind not in {"table", "seal"}])
        for page in pages:
            walk.page(page)
        found = [claim_ for slot in walk.slots for spec in slot.specs if (claim_ := _claim(slot, spec, walk.height))]
        return found + dated(pages, [spec for spec in specs if DATED in spec.labels])


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
        self.taken: dict[str, _Slot] = {}
        self.height = 20.0
        self.open: _Slot | None = None

    def page(self, page: PageView) -> None:
        self.height = text_height(page.read)
        self.open = None  # a value does not run over a page's end
        last_middle: float | None = None
        rows = rows_of(words_of(page.read), page.read.skew)
        for index, row in enumerate(rows):
            far = last_middle is not None and row.middle - last_middle > self.height * 3.2
            last_middle = row.middle
            self._row(flatten(row), page, rows[index + 1 :], far=far)

    def _row(self, flat: FlatRow, page: PageView, below: Sequence[Row], *, far: bool) -> None:
        hits = find_labels(flat, self.labels)
        first = hits[0].start if hits else len(flat.text)
        before, self.open = self.open, None
        if before is not None and not far and self._goes_on(before, flat, first):
            if any(c.isalnum() for c in flat.text[:first]) or not hits:
                before.pieces.append((flat, 0, first))
            if len(before.pieces) <= _MAX_MORE_ROWS and not hits:
                self.open = before
        for index, hit in enumerate(hits):
            end = hits[index + 1].start if index + 1 < len(hits) else len(flat.text)
            if index + 1 == len(hits) and before is not None and not far:
                end = self._column_of(before, flat, hit, end)
            section = self.headings.get(key(hit.label))
            if section is not None:
                self.section = section
            specs = self._specs_for(hit)
            if not specs or specs[0].key.startswith("_"):
                continue
            slot = _Slot(specs, hit, flat, page, [(flat, value_start(flat.text, hit.end, end), end)])
            if specs[0].kind == "signer":
                slot.pieces = name_below(flat, hit, below, self.height)
            self.slots.append(slot)
            self.taken |= dict.fromkeys((spec.key for spec in specs), slot)
            if index + 1 == len(hits):
                self.open = slot

    def _column_of(self, before: _Slot, flat: FlatRow, hit: Hit, end: int) -> int:
        """Where the last value of a row ends: before a part that stands under the open label of the row above."""
        words = flat.words_between(hit.end, end)
        for left, word in pairwise(words):
            gap = word.box.x0 - left.box.x1
            if gap > self.height and abs(word.box.x0 - before.x0) < self.height and before.specs[0].kind in _LONG:
                start = flat.start_of(word)
                before.pieces.append((flat, start, end))
                return start
        return end

    def _specs_for(self, hit: Hit) -> list[FieldSpec]:
        wanted = key(hit.label)
        fits = [s for s in self.specs if self._free(s) and any(key(label) == wanted for label in s.labels)]
        inside = [spec for spec in fits if spec.section and spec.section == self.section]
        chosen = inside or [spec for spec in fits if not spec.section]
        kinds: dict[str, FieldSpec] = {}
        for spec in chosen:
            kinds.setdefault(spec.kind, spec)
        specs = list(kinds.values())
        for spec in specs:
            empty = self.taken.get(spec.key)
            if empty is not None and empty in self.slots:
                self.slots.remove(empty)  # a label in a second language, on its own row, carries the value
        return specs

    def _free(self, spec: FieldSpec) -> bool:
        slot = self.taken.get(spec.key)
        return slot is None or (not slot.text and len(spec.labels) > 1 and not spec.section)

    def _goes_on(self, slot: _Slot, flat: FlatRow, first: int) -> bool:
        """Whether a row's part before its first label belongs to the open value."""
        text = strip_leaders(flat.text[:first])
        if not text:
            return True  # an empty ruled row: the value may stand in the one after it
        if slot.specs[0].kind in {"flag", "signer", "signature"}:
            return False
        left = flat.words_between(0, first)
        if left and left[0].box.x0 > slot.page.read.width * 0.5 and slot.x0 < slot.page.read.width * 0.4:
            return False  # another column
        if DATED_ROW.match(text):
            return False  # place and date above the signatures
        if not slot.text:
            return True  # the value stands below its label
        if not any(spec.kind in _LONG for spec in slot.specs):
            return False
        before = slot.pieces[-1][0]
        # A value that stopped well before the right edge was finished, unless leaders filled the rest.
        filled = before.row.box.x1 > slot.page.read.width * 0.72 or bool(LEADERS.search(before.text))
        return filled or text[0].islower()


def _claim(slot: _Slot, spec: FieldSpec, height: float) -> Field | None:
    page = slot.page
    if spec.kind == "flag":
        return _flag(slot, spec)
    if spec.kind == "signature":
        return signature(spec, slot.page, slot.flat.words_between(slot.hit.start, slot.hit.end), height)
    parts: list[tuple[str, tuple[Word, ...]]] = []
    for flat, start, end in slot.pieces:
        text = strip_leaders(flat.text[start:end])
        if text:
            parts.append((text, flat.words_between(start, end)))
    words = [word for _, some in parts for word in some]
    if not words:
        return None if spec.kind == "signer" else _empty(slot, spec, height)
    raw = _joined(parts, spec.kind, page)
    normal = normalise(spec.kind, "\n".join(text for text, _ in parts) if spec.kind == "lines" else raw, spec.choices)
    shared = len(slot.specs) > 1
    if shared and not normal.fits:
        return None  # the part that this field wants is not in the text
    doubt = None if normal.fits else normal.reason
    said = _words_of_value(normal.value, words) if shared else words
    # A glued word (`tên:Nguyễn`) is charged to the value as a whole: its chance covers both.
    return claim(
        spec.key, normal.value, said, source=Source.LABEL, page=page.number,
        quality=slot.hit.quality, repaired=normal.repaired, doubt=doubt, raw=raw,
    )  # fmt: skip


def _words_of_value(value: object, words: Sequence[Word]) -> Sequence[Word]:
    """The words of a running text that say a part of it; all of them where that cannot be told."""
    text = compact(str(value))
    numbers = _numbers(str(value))
    said = [
        word for word in words if compact(word.text) and (compact(word.text) in text or _numbers(word.text) & numbers)
    ]
    return said or words


def _numbers(text: str) -> set[str]:
    return {digits.lstrip("0") for digits in re.findall(r"\d+", text)} - {""}


def _joined(parts: Sequence[tuple[str, tuple[Word, ...]]], kind: str, page: PageView) -> str:
    """Rows joined by spaces; for places by a comma where the row was ended on purpose, with room left on it."""
    text = ""
    edge = max((word.box.x1 for line in page.read.lines for word in line.words), default=page.read.width)
    for index, (part, words) in enumerate(parts):
        if not index:
            text = part
            continue
        room = edge - parts[index - 1][1][-1].box.x1
        written = parts[index - 1][1][-1].text.rstrip(" .…_").endswith(",")
        fits = kind == "place" and part[0].isupper() and words[0].box.width * 1.3 < room
        ended = text[-1] not in ",;-" and (written or fits)
        text = f"{text}{',' if ended else ''} {part}"
    return nfc(text)


def _flag(slot: _Slot, spec: FieldSpec) -> Field | None:
    """Two tick boxes behind their words; `choices` are the words, yes first. Left out where no box tells."""
    yes_word, no_word = (spec.choices or ("Có", "Không"))[:2]
    words = slot.flat.words_between(slot.hit.end, len(slot.flat.text))
    yes = next((w for w in words if fold(compact(w.text)).startswith(fold(yes_word))), None)
    no = next((w for w in words if fold(compact(w.text)).startswith(fold(no_word)) and w is not yes), None)
    if yes is None or no is None:
        return None
    answer = ticked(slot.page.image, yes.box, no.box)
    raw = nfc(" ".join(word.text for word in words))
    if answer is None:
        box = yes.box.union(no.box)
        return Field(spec.key, None, raw, 0.0, Source.LABEL, slot.page.number, box, FieldStatus.UNREADABLE, "box")
    return Field(spec.key, answer[0], raw, 0.97, Source.LABEL, slot.page.number, answer[1])


def _empty(slot: _Slot, spec: FieldSpec, height: float) -> Field | None:
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
