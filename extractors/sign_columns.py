"""Places to sign side by side: each column read on its own, as titles, hints and opinions wrap inside their columns.

The columns are those of the titles that start in one row; as all is centred in them, a word belongs to the column
whose middle is nearest. What stands close under a title is its rest, a hint in brackets, and what the signer says;
then comes the room for the pen, and below it the name. Titles are the labels of the schema, whole or their beginning,
and what stands beside one of them in its row; who signs under a title that no field asks for is known by the hint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from extractors.labels import FlatRow, find_labels, flatten
from extractors.layout import Row, box_of, rows_of, split_at_gaps
from extractors.names import is_surname, looks_like_name
from extractors.text import compact, fold, upper_share
from extractors.unlabelled import with_rest
from models.reading import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from extractors.labels import Hit
    from models.reading import Word

_PEN_ROOM = 9.5
"""Highest room for a pen, in heights of text."""
_TITLE_GAP = 1.1
"""In heights of text: a gap that parts two titles side by side."""
_MOST_WORDS = 9
"""Words that a row of a title has at most."""
_HINT_ROW = re.compile(r"\(\s*(?:da\s+)?ky\b")
_BY_HAND = 0.5
"""Chance of handwriting from which a word counts as written by a pen."""
_HINT = re.compile(r"^\s*(?:\([^()]*\)\s*)+")


@dataclass(frozen=True, slots=True)
class SignColumn:
    """One place to sign: its title or hint found in the text of the column's head, what is said there, who signs."""

    flat: FlatRow
    hit: Hit
    hints: tuple[Hit, ...]
    """Hints in brackets that are labels of the schema as well, where a title was found."""
    said: int
    """Where the text behind title and hint begins."""
    name: FlatRow | None
    room: Box
    """Where the pen signs, between the last printed word and the name."""


@dataclass(frozen=True, slots=True)
class SignBlock:
    """Places to sign side by side."""

    middle: float
    columns: tuple[SignColumn, ...]
    words: tuple[Word, ...]


def sign_blocks(rows: Sequence[Row], labels: Sequence[str], height: float, skew: float) -> list[SignBlock]:
    """Blocks of two or more columns with different titles, from top to bottom; `labels` are those of who signs."""
    hints = tuple(label for label in labels if is_hint(label))
    titles = tuple(label for label in labels if label not in hints)
    blocks: list[SignBlock] = []
    at = 0
    while at < len(rows) and titles:
        tops = _tops(rows[at], titles, height)
        beside = any(not title for _, title in tops)
        if len({title for _, title in tops}) < 2 or (beside and not _hinted(rows[at + 1 : at + 4])):
            at += 1
            continue
        end = at + 1
        while end < len(rows) and rows[end].box.y0 - rows[end - 1].box.y1 < _PEN_ROOM * height:
            end += 1
        block = _block(rows[at:end], tops, titles, hints, (height, skew))
        if block is not None:
            blocks.append(block)
        at = end if block is not None else at + 1
    return blocks


def is_hint(label: str) -> bool:
    """Whether a label is what stands in brackets under a title: `Ký, ghi rõ họ tên`."""
    return fold(label).startswith(("ky", "da ky"))


def _hinted(rows: Sequence[Row]) -> bool:
    return any(_HINT_ROW.search(fold(row.text)) for row in rows)


def _tops(row: Row, titles: Sequence[str], height: float) -> list[tuple[Box, str]]:
    """The titles in a row, each with the box of what the row has of it; empty text for one that nobody asks for.

    No title goes on over a wide gap; without any that is known there are none.
    """
    if ":" in row.text:
        return []
    found: list[tuple[Box, str]] = []
    for part in split_at_gaps(row, _TITLE_GAP * height):
        known = _known(part, titles)
        if not known and not (1 < len(part.words) <= _MOST_WORDS and part.text[:1].isupper()):
            return []
        found += known or [(part.box, "")]
    return found if any(title for _, title in found) else []


def _known(part: Row, titles: Sequence[str]) -> list[tuple[Box, str]]:
    """Where known titles start in a part of a row, the first of them at its beginning."""
    found: list[tuple[Box, str]] = []
    texts = [compact(word.text) for word in part.words]
    parts = {title: [syllable for syllable in map(compact, title.split(" ")) if syllable] for title in titles}
    at = 0
    while at < len(texts):
        best, whose = 0, ""
        for title, wanted in parts.items():
            same = 0
            while same < min(len(wanted), len(texts) - at) and texts[at + same] == wanted[same]:
                same += 1
            if same >= min(2, len(wanted)) and same > best:
                best, whose = same, title
        if best:
            found.append((box_of(part.words[at : at + best]), whose))
        elif not found:
            return []
        at += max(1, best)
    return found


def _block(
    rows: Sequence[Row],
    tops: Sequence[tuple[Box, str]],
    titles: Sequence[str],
    hints: Sequence[str],
    page: tuple[float, float],
) -> SignBlock | None:
    middles = [(box.x0 + box.x1) / 2 for box, _ in tops]
    edges = [(a + b) / 2 for a, b in pairwise(middles)]
    inside: list[list[Word]] = [[] for _ in tops]
    for row in rows:
        for word in row.words:
            inside[sum((word.box.x0 + word.box.x1) / 2 >= edge for edge in edges)].append(word)
    half = min((b - a for a, b in pairwise(middles)), default=20 * page[0]) / 2
    columns = [
        column
        for words, middle in zip(inside, middles, strict=True)
        if (column := _column(words, (middle, half), titles, hints, page)) is not None
    ]
    if not columns or (len(columns) < 2 and all(title for _, title in tops)):
        return None
    words = tuple(word for some in inside for word in some)
    return SignBlock(rows[0].middle, tuple(columns), words)


def _column(
    words: Sequence[Word],
    place: tuple[float, float],
    titles: Sequence[str],
    hints: Sequence[str],
    page: tuple[float, float],
) -> SignColumn | None:
    (middle, half), (height, skew) = place, page
    rows = rows_of([word for word in words if not _penned(word, height)], skew)
    head = 1
    while head < len(rows) and rows[head].box.y0 - rows[head - 1].box.y1 < 1.5 * height:
        head += 1
    flat = flatten(Row(tuple(word for row in rows[:head] for word in row.words)))
    titled = [hit for hit in find_labels(flat, titles) if not compact(flat.text[: hit.start])]
    hinted = find_labels(flat, hints)
    hits = titled[:1] or hinted[:1]
    if not hits:
        return None
    hint = _HINT.match(flat.text[hits[0].end :])
    said = hits[0].end + (hint.end() if hint else 0)
    named = [with_rest(rows[at], rows[at + 1 :]) for at in range(head, len(rows)) if _a_name(rows[at])]
    top = rows[head - 1].box.y1
    bottom = named[-1].box.y0 if named else round(top + 6 * height)
    room = Box(round(middle - 0.9 * half), round(top + 0.2 * height), round(middle + 0.9 * half), bottom)
    name = flatten(named[-1]) if named else None
    return SignColumn(flat, hits[0], tuple(hinted) if titled else (), said, name, room)


def _penned(word: Word, height: float) -> bool:
    """Whether a word is a signature that was read as one: by hand, and much taller than what is written."""
    return (word.handwriting or 0.0) >= _BY_HAND and word.box.height > 1.7 * height


def _a_name(row: Row) -> bool:
    if not looks_like_name(row.text):
        return False
    return upper_share(row.text) < 0.8 or is_surname(row.words[0].text)
