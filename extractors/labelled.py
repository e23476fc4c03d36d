"""Labelled forms: `label: value` rows, driven by what a schema asks for and never by a form's coordinates.

Labels and section headings are found in every row; a value runs from its label to the next one, over the row's end
where the next rows carry no label of their own, or stands below its label. The same label under several headings
(mother, father) belongs to the section that was opened last. An empty place is blank, unless there is unread ink.
A spec whose key starts with `_` is a boundary: its label ends a value and makes no claim.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from extractors.cells import ditto, is_ditto
from extractors.choices import TICKED_KINDS, ticked_choice
from extractors.combs import comb_beside, read_comb
from extractors.dated_row import DATED, dated
from extractors.evidence import claim
from extractors.fields import Field, FieldStatus, Filled, PageView, Source
from extractors.grid import KeptPixels
from extractors.ink import INKED, ink_box, tall_ink
from extractors.layout import box_of, words_of
from extractors.running_text import parts_of
from extractors.seals import seals
from extractors.signatures import signature
from extractors.strikes import struck
from extractors.tables import page_grids, read_tables
from extractors.text import compact, nfc
from extractors.values import normalise
from extractors.walk import Walk
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldSpec
    from extractors.labels import FlatRow
    from extractors.slots import Slot
    from models.reading import Word

BLANK_PROBABILITY = 0.97
_COMBED = frozenset({"id_number", "phone", "code", "number", "date", "partial_date"})


class LabelledExtractor:
    """Claims from labels. Holds no state; safe in several threads."""

    source = Source.LABEL

    def extract(self, pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
        """Claims in page order, at most one a key; what has no label on the page is left out."""
        pages = [PageView(page.number, page.read, KeptPixels(page.load)) for page in pages]
        fields, used = read_tables(pages, specs)
        asked = [spec for spec in specs if DATED not in spec.labels and spec.kind not in {"table", "seal"}]
        # What is printed above a table is no value, whether or not the table was found.
        above_tables = [replace(spec, key=f"_{spec.key}", kind="text") for spec in specs if spec.kind == "table"]
        walk = Walk([*asked, *above_tables])
        for page in pages:
            walk.page(page, used, page_grids(page) if specs else ())
        above: list[tuple[FieldSpec, Field]] = []
        for slot in walk.slots:
            for spec in slot.specs:
                found = _ditto(slot, spec, above) or _claim(slot, spec, walk.height)
                if found is not None:
                    above.append((spec, found))
        fields += [found for _, found in above]
        fields += seals(pages, [spec for spec in specs if spec.kind == "seal"])
        return fields + dated(pages, [spec for spec in specs if DATED in spec.labels])


def _ditto(slot: Slot, spec: FieldSpec, above: Sequence[tuple[FieldSpec, Field]]) -> Field | None:
    """A ditto mark stands for the nearest value above of the same label, else of the same kind."""
    mark = nfc(" ".join(flat.text[start:end] for flat, start, end in slot.pieces)).strip(" .…_:")
    if not mark or not is_ditto(mark):
        return None
    alike = [field for other, field in above if other.kind == spec.kind and set(other.labels) & set(spec.labels)]
    same = alike or [field for other, field in above if other.kind == spec.kind]
    words = [word for flat, start, end in slot.pieces for word in flat.row.words if _within(flat, word, start, end)]
    box = box_of(words) if words else None
    return ditto(spec.key, mark, box, slot.page.number, same[-1] if same else None)


def _within(flat: FlatRow, word: Word, start: int, end: int) -> bool:
    return start <= flat.start_of(word) < end


def _claim(slot: Slot, spec: FieldSpec, height: float) -> Field | None:
    page = slot.page
    if spec.kind in TICKED_KINDS:
        ticked = ticked_choice(slot, spec)
        if ticked is not None or spec.kind == "flag":
            return ticked
    if spec.kind == "signature":
        return signature(spec, slot.page, slot.label_words, height, slot.room)
    if _combed(slot, spec):
        combed = _comb(slot, spec, height)
        if combed is not None:
            return combed
    parts = slot.parts()
    words = [word for _, some in parts for word in some]
    if not words:
        return None if spec.kind == "signer" else _empty(slot, spec, height)
    raw = _joined(parts, spec.kind, page)
    shared = len(slot.specs) > 1
    own = parts_of(raw, {other.kind for other in slot.specs}).get(spec.kind, raw) if shared else raw
    normal = normalise(spec.kind, "\n".join(text for text, _ in parts) if spec.kind == "lines" else own, spec.choices)
    if shared and not normal.fits:
        return None  # the part that this field wants is not in the text
    doubt = "crossed_out" if struck(page, words) else None if normal.fits else normal.reason
    said = _words_of_value(normal.value, words) if shared else words
    # A glued word (`tên:Nguyễn`) is charged to the value as a whole: its chance covers both.
    return claim(
        spec.key, normal.value, said, source=Source.LABEL, page=page.number,
        quality=slot.hit.quality, repaired=normal.repaired, doubt=doubt, raw=raw,
    )  # fmt: skip


def _combed(slot: Slot, spec: FieldSpec) -> bool:
    """Whether to look for boxes: the form asks so, or signs stand alone as in a comb."""
    signs = [part for part in slot.text.split(" ") if len(part) <= 2]
    return spec.filled is Filled.COMB or (len(signs) > 3 and spec.kind in _COMBED)


def _comb(slot: Slot, spec: FieldSpec, height: float) -> Field | None:
    """The claim from a comb beside or below the label; None where there is none."""
    page = slot.page
    grid = comb_beside(page_grids(page), slot.label_words, height)
    if grid is None:
        return None
    words = [word for word in words_of(page.read) if grid.cell(word) is not None and compact(word.text)]
    comb = read_comb(page, grid, words)
    if not comb.value:
        status, reason = (FieldStatus.BLANK, None) if comb.sure else (FieldStatus.UNREADABLE, "ink_not_read")
        probability = BLANK_PROBABILITY if comb.sure else 0.0
        return Field(spec.key, None, "", probability, Source.LABEL, page.number, comb.box, status, reason)
    normal = normalise(spec.kind, comb.value, spec.choices)
    doubt = "comb" if not comb.sure else None if normal.fits else normal.reason
    return claim(spec.key, normal.value, words, source=Source.LABEL, page=page.number, quality=slot.hit.quality,
                 repaired=normal.repaired, doubt=doubt, raw=comb.raw)  # fmt: skip


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
        ended = text[-1] not in ",;-" and (written or (fits and not _unfinished(text, part)))
        text = f"{text}{',' if ended else ''} {part}"
    return nfc(text)


def _unfinished(text: str, rest: str) -> bool:
    """Whether a place breaks off inside the name of a unit: `thành phố`, or `thành phố Hà` before `Nội`."""
    opened = _UNIT_OPENED.search(text) is not None and _UNIT_NEXT.match(rest) is None
    return opened or _UNIT_ALONE.search(text) is not None


_UNIT = r"(?:thành phố|tp\.?|tỉnh|quận|huyện|thị xã|thị trấn|xã|phường)"
_UNIT_ALONE = re.compile(rf"(?:^|[\s,])(?:{_UNIT}|số|tổ|khu|ngõ|ngách|hẻm|đường|phố)\s*$", re.IGNORECASE)
_UNIT_NEXT = re.compile(rf"{_UNIT}\b", re.IGNORECASE)
_UNIT_OPENED = re.compile(rf"(?:^|[\s,]){_UNIT}\s+(?!Huế\b)[^\W\d_]+$", re.IGNORECASE)
"""A unit with one syllable of its name: of the provinces only Huế has one alone."""


def _empty(slot: Slot, spec: FieldSpec, height: float) -> Field | None:
    """A label without a value: blank, or unreadable where there is ink that nobody read."""
    read = slot.page.read
    box = slot.room or _behind(slot, height)
    if box is None:
        return None
    unread = [line for line in read.lines if line.unreadable and _inside(line.box, box)]
    quality = BLANK_PROBABILITY * slot.hit.quality
    if unread:
        return Field(spec.key, None, "", 0.0, Source.LABEL, slot.page.number, unread[0].box,
                     FieldStatus.UNREADABLE, unread[0].unreadable)  # fmt: skip
    if tall_ink(slot.page.image, box, height) >= INKED:
        ink = ink_box(slot.page.image, box, height) or box
        return Field(
            spec.key, None, "", 0.0, Source.LABEL, slot.page.number, ink, FieldStatus.UNREADABLE, "ink_not_read"
        )
    return Field(spec.key, None, "", round(quality, 4), Source.LABEL, slot.page.number, box, FieldStatus.BLANK)


def _behind(slot: Slot, height: float) -> Box | None:
    """The room behind a label in its row, up to the next words."""
    flat, _, end = slot.pieces[0]
    label_words = flat.words_between(slot.hit.start, slot.hit.end)
    if not label_words:
        return None
    label_box = box_of(label_words)
    after = [word.box.x0 for word in flat.words_between(end, len(flat.text))]
    right = min(after) if after else int(slot.page.read.width * 0.95)
    left = label_box.x1 + int(height * 0.6)
    return Box(left, int(label_box.y0 - 0.2 * height), max(left + 1, right), int(label_box.y1 + 0.1 * height))


def _inside(inner: Box, outer: Box) -> bool:
    x, y = (inner.x0 + inner.x1) / 2, (inner.y0 + inner.y1) / 2
    return outer.x0 <= x <= outer.x1 and outer.y0 <= y <= outer.y1
