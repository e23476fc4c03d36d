"""Places of a form that have no `label: value` row: names below a signature, and the dated row above it.

A signer's name stands in the column of its label, under room for pen and seal; what is not a name is not taken.
The row `place, ngày … tháng … năm …` carries no label; a spec asks for it by the label `@dated`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.evidence import claim
from extractors.fields import Field, FieldStatus, Source
from extractors.ink import tall_ink
from extractors.labels import FlatRow, Hit, flatten
from extractors.layout import Row, box_of, rows_of, split_at_gaps, text_height, words_of
from extractors.names import is_surname, looks_like_name
from extractors.text import LEADERS, compact, nfc, upper_share
from extractors.values import normalise
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.fields import FieldSpec, PageView
    from models.reading import Word

_BLANK = 0.97
DATED = "@dated"
"""Label of a spec that reads the dated row above the signatures."""
DATED_ROW = re.compile(
    r"(?P<place>[^\d]{0,40}?)[,\s]*\bngày[\s,]*(?P<day>[^\s,]{0,3}?)[\s,]*tháng[\s,]*(?P<month>[^\s,]{0,3}?)[\s,]*"
    r"(?:n(?!ăm\s*sinh)[^\s\d]{1,4}|[aăâ][^\s\d]{1,2})\s*(?P<year>[12]\S{3}|$)",
    re.IGNORECASE,
)
"""Place and day above the signatures; day, month and year may have been left empty."""


def without_leaders(text: str) -> str:
    """A row without the dots it was written on and without footnote marks, so that its words can be compared."""
    plain = re.sub(r"\(\s*\w{0,2}\s*\)", " ", LEADERS.sub(" ", text))
    return nfc(re.sub(r"(?<![^\W\d_])\.+|\.+(?![^\W\d_])", " ", plain))


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
            known = upper_share(part.text) < 0.8 or is_surname(part.words[0].text)
            if near and looks_like_name(part.text) and known:
                whole = flatten(part)
                return [(whole, 0, len(whole.text))]
    return [(flat, hit.end, hit.end)]


def dated(pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
    """Claims from the row `place, ngày … tháng … năm …` above the signatures, which carries no label."""
    for page in pages if specs else ():
        height = text_height(page.read)
        for row in reversed(rows_of(words_of(page.read), page.read.skew)):
            part = split_at_gaps(row, 5 * height)[-1] if row.box.x0 < page.read.width * 0.3 else row
            text = without_leaders(part.text)
            found = DATED_ROW.search(text)
            empty = found and not found["year"] and "," in found[0][found.end("place") - found.start() + 2 :]
            if found and not empty and part.box.x0 >= page.read.width * 0.3:
                return [_dated_part(spec, page.number, part, text, found) for spec in specs]
    return []


def _dated_part(spec: FieldSpec, page: int, row: Row, text: str, found: re.Match[str]) -> Field:
    place = spec.kind == "place"
    said = found["place"].strip(" ,.;:")
    if not place:
        said = f"ngày {found['day']} tháng {found['month']} năm {found['year']}"
    if not compact(said) or not (place or any(map(str.isdigit, said))):
        return Field(spec.key, None, "", _BLANK, Source.LABEL, page, row.box, FieldStatus.BLANK)
    normal = normalise(spec.kind, said)
    own = [word for word in row.words if _belongs(word, place=place, place_text=said)] or list(row.words)
    doubt = None if normal.fits else normal.reason
    return claim(spec.key, normal.value, own, source=Source.LABEL, page=page, quality=0.97,
                 repaired=normal.repaired, doubt=doubt, raw=text)  # fmt: skip


def _belongs(word: Word, *, place: bool, place_text: str) -> bool:
    """Whether a word of the dated row says the part that is wanted."""
    letters = compact(word.text)
    return bool(letters) and (letters in compact(place_text) if place else any(map(str.isdigit, letters)))


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
