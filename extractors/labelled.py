"""Labelled forms: `label: value` rows, driven by what a schema asks for and never by a form's coordinates.

Labels and section headings are found in every row; a value runs from its label to the next one, over the row's end
where the next rows carry no label of their own, or stands below its label. The same label under several headings
(mother, father) belongs to the section that was opened last. An empty place is blank, unless there is unread ink.
A spec whose key starts with `_` is a boundary: its label ends a value and makes no claim.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.boxes import ticked
from extractors.evidence import claim
from extractors.fields import Field, FieldStatus, Source
from extractors.ink import INKED, tall_ink
from extractors.layout import box_of
from extractors.text import compact, fold, nfc
from extractors.unlabelled import DATED, dated, signature
from extractors.values import normalise
from extractors.walk import Walk
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldSpec, PageView
    from extractors.slots import Slot
    from models.reading import Word

BLANK_PROBABILITY = 0.97


class LabelledExtractor:
    """Claims from labels. Holds no state; safe in several threads."""

    source = Source.LABEL

    def extract(self, pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
        """Claims in page order, at most one a key; what has no label on the page is left out."""
        walk = Walk([spec for spec in specs if DATED not in spec.labels and spec.kind not in {"table", "seal"}])
        for page in pages:
            walk.page(page)
        found = [claim_ for slot in walk.slots for spec in slot.specs if (claim_ := _claim(slot, spec, walk.height))]
        return found + dated(pages, [spec for spec in specs if DATED in spec.labels])


def _claim(slot: Slot, spec: FieldSpec, height: float) -> Field | None:
    page = slot.page
    if spec.kind == "flag":
        return _flag(slot, spec)
    if spec.kind == "signature":
        return signature(spec, slot.page, slot.flat.words_between(slot.hit.start, slot.hit.end), height)
    parts = slot.parts()
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


def _flag(slot: Slot, spec: FieldSpec) -> Field | None:
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


def _empty(slot: Slot, spec: FieldSpec, height: float) -> Field | None:
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
