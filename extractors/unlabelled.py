"""Places of a form that have no `label: value` row: names below a signature.

A signer's name stands in the column of its label, under room for pen and seal; what is not a name is not taken. Its
last syllables may have gone over into the row below. Whether a pen was there: `signatures.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.labels import FlatRow, Hit, flatten
from extractors.layout import Row, box_of, split_at_gaps
from extractors.names import is_surname, looks_like_name
from extractors.text import upper_share

if TYPE_CHECKING:
    from collections.abc import Sequence


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
