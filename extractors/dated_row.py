"""The row `place, ngày … tháng … năm …` above the signatures, which has no label: a spec asks for it by `@dated`.

Many rows of a form speak of days, so a row is weighed: place and day alone, parted by a comma, say it best; a day that
other words run into says nothing. Signatures stand at a paper's end, so the last such row is the one, also where it
went on in the next row. Place, day, month and year may each have been left empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from extractors.evidence import claim
from extractors.fields import Field, FieldStatus, Source
from extractors.layout import Row, rows_of, split_at_gaps, text_height, words_of
from extractors.text import LEADERS, compact, nfc
from extractors.values import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
_MADE_AT = re.compile(r"^\W*(?:làm|lập)\s+tại\s*:?\s*", re.IGNORECASE)
_YEAR = re.compile(r"^[12]\d{3}\W*$")
_MOST_WORDS = 6
"""Words that a place's name has at most."""


def without_leaders(text: str) -> str:
    """A row without the dots it was written on and without footnote marks, so that its words can be compared."""
    plain = re.sub(r"\(\s*\w{0,2}\s*\)", " ", LEADERS.sub(" ", text))
    return nfc(re.sub(r"(?<![^\W\d_])\.+|\.+(?![^\W\d_])", " ", plain))


@dataclass(frozen=True, slots=True)
class _Dated:
    """A row that may be the one: how well it says so, its page, words and text, and its parts."""

    rank: int
    page: PageView
    words: tuple[Word, ...]
    text: str
    found: re.Match[str]


def dated(pages: Sequence[PageView], specs: Sequence[FieldSpec]) -> list[Field]:
    """Claims from the row that says it best; of equal ones the last of the paper."""
    best: _Dated | None = None
    for row in (row for page in pages if specs for row in _rows(page)):
        if best is None or row.rank >= best.rank:
            best = row
    return [] if best is None else [_part(spec, best) for spec in specs]


def _rows(page: PageView) -> Iterator[_Dated]:
    """The rows of a page that may be the dated one, from top to bottom."""
    height = text_height(page.read)
    rows = rows_of(words_of(page.read), page.read.skew)
    for index, row in enumerate(rows):
        parts = split_at_gaps(row, 5 * height)
        for part in parts if len(parts) > 1 else [row]:
            words = (*part.words, *_rest(part, rows[index + 1 : index + 2], height))
            text = without_leaders(" ".join(word.text for word in words))
            found = DATED_ROW.search(text)
            rank = _rank(text, found, part.box.x0 / page.read.width) if found else 0
            if found and rank:
                yield _Dated(rank, page, words, text, found)


def _rest(part: Row, below: Sequence[Row], height: float) -> tuple[Word, ...]:
    """The year where it went over the row's end: alone below it, in the same column."""
    text = without_leaders(part.text)
    if not below or "tháng" not in text or not text.endswith("năm") or below[0].box.y0 - part.box.y1 > 1.2 * height:
        return ()
    inside = [row for row in split_at_gaps(below[0], 5 * height) if _YEAR.match(row.text)]
    near = [row for row in inside if part.box.x0 - height < row.centre < part.box.x1 + height]
    return near[0].words if near else ()


def _rank(text: str, found: re.Match[str], left: float) -> int:
    """3 for a place, a comma and a day, 2 for a day alone in the right part, 1 for one among other words; 0 for none.

    `left` is the row's left edge as a share of the page's width.
    """
    place = _MADE_AT.sub("", found["place"]).strip(" ,.;:")
    if not found["year"] and "," in found[0][found.end("place") - found.start() + 2 :]:
        return 0  # `ngày, tháng, năm …` is a label
    if text[found.end() :].strip(" .,;:)") or ":" in _MADE_AT.sub("", found["place"]):
        return 1 if left >= 0.3 else 0
    comma = "," in text[found.start("place") : found.start("day")]
    named = comma and place[:1].isupper() and len(place.split()) <= _MOST_WORDS and place.casefold() != "hôm nay"
    if named:
        return 3
    if place and place[0].islower():
        return 0  # the end of a sentence: `… xã hội cấp ngày 4 tháng 6 năm 2022`
    return 2 if left >= 0.3 else 0


def _part(spec: FieldSpec, row: _Dated) -> Field:
    place = spec.kind == "place"
    found, page = row.found, row.page.number
    said = _MADE_AT.sub("", found["place"]).strip(" ,.;:")
    if not place:
        said = f"ngày {found['day']} tháng {found['month']} năm {found['year']}"
    if not compact(said) or not (place or any(map(str.isdigit, said))):
        box = Row(row.words).box
        return Field(spec.key, None, "", _BLANK, Source.LABEL, page, box, FieldStatus.BLANK)
    normal = normalise(spec.kind, said)
    own = [word for word in row.words if _belongs(word, place=place, place_text=said)] or list(row.words)
    doubt = None if normal.fits else normal.reason
    return claim(spec.key, normal.value, own, source=Source.LABEL, page=page, quality=0.97,
                 repaired=normal.repaired, doubt=doubt, raw=row.text)  # fmt: skip


def _belongs(word: Word, *, place: bool, place_text: str) -> bool:
    """Whether a word of the dated row says the part that is wanted."""
    letters = compact(word.text)
    return bool(letters) and (letters in compact(place_text) if place else any(map(str.isdigit, letters)))
