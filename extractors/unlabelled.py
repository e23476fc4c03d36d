"""Places of a form that have no `label: value` row: names below a signature, and the ink of the signature itself.

A signer's name stands in the column of its label, under room for pen and seal; what is not a name is not taken.
Whether a pen was there is told by tall ink in the room below the label: presence only, never whose hand it was.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.fields import Field, Source
from extractors.ink import tall_ink
from extractors.labels import FlatRow, Hit, flatten
from extractors.layout import Row, box_of, rows_of, split_at_gaps, words_of
from extractors.names import is_surname, looks_like_name
from extractors.text import upper_share
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldSpec, PageView
    from models.reading import Word


def name_below(flat: FlatRow, hit: Hit, below: Sequence[Row], height: float) -> list[tuple[FlatRow, int, int]]:
    """The name in the label's column, under room for a signature; empty where none was read."""
    words = flat.words_between(hit.start, hit.end)
    if not words:
        return [(flat, hit.end, hit.end)]
    label = box_of(words)
    centre = (label.x0 + label.x1) / 2
    for index, row in enumerate(below):
        if row.middle - label.y1 > height * 16:
            break
        for part in split_at_gaps(row, height * 1.2):
            near = abs(part.centre - centre) < max(height * 4, label.width * 0.6)
            known = upper_share(part.text) < 0.8 or is_surname(part.words[0].text)
            if near and looks_like_name(part.text) and known:
                whole = flatten(with_rest(part, below[index + 1 :]))
                return [(whole, 0, len(whole.text))]
    return [(flat, hit.end, hit.end)]


def with_rest(name: Row, below: Sequence[Row]) -> Row:
    """A name with its last syllables where they went over into the row below, as in a narrow column."""
    if not below or len(name.words) < 2 or below[0].box.y0 - name.box.y1 > 0.9 * name.height:
        return name
    parts = split_at_gaps(below[0], name.height * 1.2)
    near = [part for part in parts if name.box.x0 - name.height < part.centre < name.box.x1 + name.height]
    rest = near[0] if len(near) == 1 else None
    if rest is None or len(rest.words) > 2 or not all(_SYLLABLE.match(word.text) for word in rest.words):
        return name
    alike = (upper_share(rest.text) > 0.9) == (upper_share(name.text) > 0.9)
    return Row((*name.words, *rest.words)) if alike else name


_SYLLABLE = re.compile(r"^[A-ZĐÀ-Ỹ][^\W\d_]*$")
SIGNED, UNSIGNED = 0.02, 0.002
"""Share of tall ink in the room for a signature from which there is one, and up to which there is none."""


def signature(
    spec: FieldSpec, page: PageView, label: Sequence[Word], height: float, known: Box | None = None
) -> Field | None:
    """Whether the room below a label carries ink that is not printed text; left out where that cannot be told.

    `known` is the room where the paper's columns tell it. Presence only: it says nothing of whose hand it was.
    """
    if not label:
        return None
    room = known or _room(page, box_of(label), height)
    share = tall_ink(page.image, room, height)
    if UNSIGNED < share < SIGNED:
        return None
    return Field(spec.key, share >= SIGNED, "", 0.95, Source.LABEL, page.number, room)


def _room(page: PageView, label: Box, height: float) -> Box:
    """The room for a pen below a label, and below the hint in brackets that is printed close under it."""
    half = max(label.width, int(height * 8)) // 2
    centre = (label.x0 + label.x1) // 2
    top, bottom = label.y1 + int(0.4 * height), label.y1 + int(5 * height)
    for row in rows_of(
        [
            word
            for word in words_of(page.read)
            if word.box.y0 > label.y0 + 0.5 * height and abs((word.box.x0 + word.box.x1) / 2 - centre) < half
        ],
        page.read.skew,
    ):
        if row.box.y0 - top < 1.1 * height and set(row.text) & set("()"):
            top, bottom = row.box.y1 + int(0.2 * height), row.box.y1 + int(5 * height)
    return Box(max(0, centre - half), top, centre + half, bottom)
