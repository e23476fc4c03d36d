"""Closed questions whose answers are printed and ticked: `Giới tính: ☐ Nam ☑ Nữ`, `Cấp bản sao: Có ☐, Không ☐`.

All printed choices must be found behind the label before a tick counts; what was read beside them says nothing.
No tick is a blank; a tick too many, or one that cannot be told from a speck, is a person's (`box`).
A form that was filled in by machine may print the answer alone: then there is nothing to tick, and the text speaks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from extractors.boxes import boxes_of, printed_marks
from extractors.fields import Field, FieldStatus, Filled, Source
from extractors.layout import box_of, find_phrase, rows_of
from extractors.text import compact, fold, nfc

if TYPE_CHECKING:
    from extractors.fields import FieldSpec, FieldValue
    from extractors.slots import Slot
    from models.reading import Box, Word

TICKED_KINDS = frozenset({"flag", "choice", "choices", "sex"})
_SURE, _BLANK = 0.97, 0.97


def choices_of(spec: FieldSpec) -> tuple[str, ...]:
    """The printed words that are ticked; yes first for a flag."""
    return spec.choices or {"flag": ("Có", "Không"), "sex": ("Nam", "Nữ")}.get(spec.kind, ())


def ticked_choice(slot: Slot, spec: FieldSpec) -> Field | None:
    """The claim from tick boxes; None where the label has no boxes for all of its choices."""
    choices = choices_of(spec)
    found = _places(slot, choices) if len(choices) > 1 else None
    if found is None:
        return None
    # A choice that went over into the next row has its box before its first words, or behind its last ones.
    ends = [(box_of(rows[0].words), box_of(rows[-1].words)) for rows in map(rows_of, found)]
    boxes = [box_of(some) for some in found]
    raw = nfc(" ".join(flat.text[start:end] for flat, start, end in slot.pieces))
    drawn = boxes_of(slot.page.image, ends)
    if drawn is not None:
        marks = [square.ticked for square in drawn]
        where = [square.box for square in drawn]
    else:
        printed = _printed(slot, choices)
        if printed is None:
            return _nothing(slot, spec, boxes, raw) if spec.kind == "flag" or spec.filled is Filled.TICK else None
        marks, where = list(printed), boxes
    return _claim(slot, spec, choices, marks, where, raw=raw)


def _nothing(slot: Slot, spec: FieldSpec, boxes: list[Box], raw: str) -> Field:
    """The words are there, their boxes are not seen: nobody can say."""
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.union(box)
    return Field(spec.key, None, raw, 0.0, Source.LABEL, slot.page.number, whole, FieldStatus.UNREADABLE, "box")


def _claim(
    slot: Slot, spec: FieldSpec, choices: tuple[str, ...], marks: list[bool | None], where: list[Box], *, raw: str
) -> Field:  # fmt: skip
    page = slot.page.number
    whole = where[0]
    for box in where[1:]:
        whole = whole.union(box)
    chosen = [index for index, mark in enumerate(marks) if mark]
    if None in marks or (len(chosen) > 1 and spec.kind != "choices"):
        return Field(spec.key, None, raw, 0.0, Source.LABEL, page, whole, FieldStatus.UNREADABLE, "box")
    if not chosen:
        return Field(spec.key, None, raw, _BLANK, Source.LABEL, page, whole, FieldStatus.BLANK)
    value: FieldValue = choices[chosen[0]]
    box = where[chosen[0]]
    if spec.kind == "flag":
        value = chosen[0] == 0
    if spec.kind == "choices":
        value, box = [choices[index] for index in chosen], whole
    return Field(spec.key, value, raw, round(_SURE * slot.hit.quality, 4), Source.LABEL, page, box)


def _places(slot: Slot, choices: tuple[str, ...]) -> list[tuple[Word, ...]] | None:
    """The words of each choice, in the order of the choices; None where one is missing."""
    rows = [flat.row.words if start == 0 and end >= len(flat.text) else flat.words_between(start, end)
            for flat, start, end in slot.pieces]  # fmt: skip
    places: list[tuple[Word, ...]] = []
    for choice in choices:
        for words in (*rows, tuple(word for row in rows for word in row)):
            taken = {id(word) for some in places for word in some}
            free = [word for word in words if id(word) not in taken]
            found = find_phrase(free, choice, 0.2) if len(compact(choice)) > 3 else _exactly(free, choice)
            if found is not None:
                places.append(tuple(free[found[0] : found[1]]))
                break
        else:
            return None
    return places


def _exactly(words: list[Word], choice: str) -> tuple[int, int, float] | None:
    """A short word such as `Nam` or `Có`, with the scraps of a box that stick to it."""
    wanted = fold(compact(choice))
    for index, word in enumerate(words):
        said = fold(compact(word.text))
        if said == wanted or (len(said) <= len(wanted) + 2 and (said.startswith(wanted) or said.endswith(wanted))):
            return index, index + 1, 1.0
    return None


def _printed(slot: Slot, choices: tuple[str, ...]) -> list[bool] | None:
    text = nfc(" ".join(flat.text[start:end] for flat, start, end in slot.pieces))
    bare = text.casefold()
    spans = [(bare.find(choice.casefold()), len(choice)) for choice in choices]
    if any(at < 0 for at, _ in spans):
        return None
    return printed_marks(text, [(at, at + size) for at, size in spans])
