"""Is a place to sign signed? Tall ink in the room below its label that is neither print nor seal; presence only.

Red ink is left out where the page has colours, and what lies under a seal where it has none: a seal is no signature.
Where the schema knows a place by its hint alone (`Ký, ghi rõ họ tên`) and the paper has that hint several times, each
place must be signed: an empty one is the answer. Little ink is neither yes nor no: a doubtful claim, for a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from extractors.fields import Field, FieldStatus, Source
from extractors.ink import tall_ink
from extractors.labels import find_labels, flatten
from extractors.layout import box_of, rows_of, words_of
from extractors.names import looks_like_name
from extractors.seals import find_seals, has_colour
from extractors.text import fold
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldSpec, PageView
    from models.reading import Image, Word

SIGNED, UNSIGNED = 0.02, 0.002
"""Share of tall ink in the room for a signature from which there is one, and up to which there is none."""
_RED = 30
"""Levels between red and the stronger of the other channels in the ink of a seal."""


def signature(
    spec: FieldSpec, page: PageView, label: Sequence[Word], height: float, known: Box | None = None
) -> Field | None:
    """Whether the room below a label carries ink that is not printed text; None only where there is no label.

    `known` is the room where the paper's columns tell it. `height` is that of the page's text, in pixels.
    """
    if not label:
        return None
    rooms = [known] if known else [_room(page, place, height) for place in _places(spec, page, label)]
    told = sorted((ink_in(page, room, height), room) for room in rooms)
    share, room = told[0]
    if UNSIGNED < share < SIGNED:
        return Field(spec.key, share > 4 * UNSIGNED, "", 0.5, Source.LABEL, page.number, room, FieldStatus.DOUBTFUL,
                     "faint_ink")  # fmt: skip
    return Field(spec.key, share >= SIGNED, "", 0.95, Source.LABEL, page.number, room)


def ink_in(page: PageView, room: Box, height: float) -> float:
    """Share of tall ink in a room on a page, without what a seal leaves there, 0 to 1."""
    image = page.image
    if has_colour(image):
        return tall_ink(_without_red(image, room), Box(0, 0, room.x1 - room.x0, room.y1 - room.y0), height)
    share = tall_ink(image, room, height)
    for seal in find_seals(image) if share >= SIGNED else ():
        # The pen goes on beside the seal, on its right by custom; what lies under it cannot be told from it.
        beside = Box(max(room.x0, seal.box.x1), room.y0, room.x1, room.y1)
        if _overlap(seal.box, room) and beside.x1 - beside.x0 < (room.x1 - room.x0):
            rest = tall_ink(image, beside, height) * (beside.x1 - beside.x0) / (room.x1 - room.x0)
            share = min(share, max(rest, 2 * UNSIGNED))
    return share


def _without_red(image: Image, room: Box) -> Image:
    """A copy of the room in which red ink has the colour of the paper."""
    x0, y0 = max(0, room.x0), max(0, room.y0)
    part = image[y0 : room.y1, x0 : room.x1].copy()
    if part.size:
        others = np.maximum(part[:, :, 1], part[:, :, 2]).astype(np.int16)
        paper = np.percentile(part.reshape(-1, 3), 90, axis=0).astype(np.uint8)
        part[part[:, :, 0].astype(np.int16) - others > _RED] = paper
    return part


def _overlap(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


def _places(spec: FieldSpec, page: PageView, label: Sequence[Word]) -> list[Box]:
    """Where a label stands that says no more than how to sign: everywhere on the page; else where it was found."""
    found = box_of(label)
    if spec.section or not all(fold(text).startswith("ky") for text in spec.labels):
        return [found]
    places = [found]
    for row in rows_of(words_of(page.read), page.read.skew):
        flat = flatten(row)
        for hit in find_labels(flat, spec.labels):
            words = flat.words_between(hit.start, hit.end)
            box = box_of(words) if words else found
            if not _overlap(box, found):
                places.append(box)
    return places


def _room(page: PageView, label: Box, height: float) -> Box:
    """The room for a pen below a label and the hint in brackets close under it, down to the name, if there is one."""
    half = max(label.width, int(height * 8)) // 2
    centre = (label.x0 + label.x1) // 2
    top, bottom = label.y1 + int(0.4 * height), label.y1 + int(5 * height)
    near = [
        word
        for word in words_of(page.read)
        if word.box.y0 > label.y0 + 0.5 * height and abs((word.box.x0 + word.box.x1) / 2 - centre) < half
    ]
    for row in rows_of(near, page.read.skew):
        if row.box.y0 - top < 1.1 * height and set(row.text) & set("()"):
            top, bottom = row.box.y1 + int(0.2 * height), row.box.y1 + int(5 * height)
        elif top + 1.5 * height < row.box.y0 < bottom and looks_like_name(row.text) and not _penned(row.words):
            bottom = row.box.y0 - 1
    return Box(max(0, centre - half), top, centre + half, bottom)


def _penned(words: Sequence[Word]) -> bool:
    return any((word.handwriting or 0.0) >= 0.5 for word in words)
