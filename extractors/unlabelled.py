"""Places of a form that have no `label: value` row: names below a signature, and the dated row above it.

A signer's name stands in the column of its label, under room for pen and seal; what is not a name is not taken.
The row `place, ngày … tháng … năm …` carries no label; a spec asks for it by the label `@dated`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.evidence import claim
from extractors.fields import Field, Source
from extractors.ink import tall_ink
from extractors.labels import FlatRow, Hit, flatten
from extractors.layout import Row, box_of, rows_of, split_at_gaps, words_of
from extractors.names import looks_like_name
from extractors.text import upper_share
from extractors.values import normalise
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldSpec, PageView
    from models.reading import Word

DATED = "@dated"
"""Label of a spec that reads the dated row above the signatures."""
DATED_ROW = re.compile(r"[^\d]{2,40}?,?\s*ngày\s*\S{1,3}\s*tháng\s*\S{1,3}\s*năm\s*\S{4}", re.IGNORECASE)


def name_below(flat: FlatRow, hit: Hit, below: Sequence[Row], height: float) -> list[tuple[FlatRow, int, int]]:
    """The name in the label's column, under room for a signature; empty where none was read."""
    words = flat.words_between(hit.start, hit.end)
    if not words:
        return [(flat, hit.end, hit.end)]
    label = box_of(words)
    centre = (label.x0 + label.x1) / 2
    for row in below:
        if row.middle - label.y1 > height * 16:
            break
        for part in split_at_gaps(row, height * 1.2):
            near = abs(part.centre - centre) < max(height * 4, label.width * 0.6)
            if near and looks_like_name(part.text) and upper_share(part.text) < 0.8:
                whole = flatten(part)
                return [(whole, 0, len(whole.text))]
    return [(flat, hit.end, hit.end)]


def dated(pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
    """Claims from the row `place, ngày … tháng … năm …` above the signatures, which carries no label."""
    fields: list[Field] = []
    for page in pages if specs else ():
        for row in reversed(rows_of(words_of(page.read), page.read.skew)):
            found = DATED_ROW.search(row.text)
            if not found or row.box.x0 < page.read.width * 0.3:
                continue
            for spec in specs:
                normal = normalise(spec.kind, found[0])
                doubt = None if normal.fits else normal.reason
                one = claim(spec.key, normal.value, row.words, source=Source.LABEL, page=page.number, quality=0.97,
                            repaired=normal.repaired, doubt=doubt, raw=found[0])  # fmt: skip
                fields.append(one)
            return fields
    return fields


SIGNED, UNSIGNED = 0.02, 0.002
"""Share of tall ink in the room for a signature from which there is one, and up to which there is none."""


def signature(spec: FieldSpec, page: PageView, label: Sequence[Word], height: float) -> Field | None:
    """Whether the room below a label carries ink that is not printed text; left out where that cannot be told.

    Presence only: it says nothing of whose hand it was.
    """
    if not label:
        return None
    box = box_of(label)
    half = max(box.width, int(height * 8)) // 2
    centre = (box.x0 + box.x1) // 2
    room = Box(max(0, centre - half), box.y1 + int(0.4 * height), centre + half, box.y1 + int(5 * height))
    share = tall_ink(page.image, room, height)
    if UNSIGNED < share < SIGNED:
        return None
    return Field(spec.key, share >= SIGNED, "", 0.95, Source.LABEL, page.number, room)
