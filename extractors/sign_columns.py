"""Places to sign side by side: each column read on its own, as titles, hints and opinions wrap inside their columns.

The columns are those of the titles that start in one row; as all is centred in them, a word belongs to the column
whose middle is nearest. What stands close under a title is its rest, a hint in brackets, and what the signer says;
then comes the room for the pen, and below it the name. Titles are the labels of the schema, whole or their beginning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from extractors.labels import FlatRow, find_labels, flatten
from extractors.layout import Row, box_of, rows_of
from extractors.names import is_surname, looks_like_name
from extractors.text import compact, upper_share
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
_HINT = re.compile(r"^\s*(?:\([^()]*\)\s*)+")


@dataclass(frozen=True, slots=True)
class SignColumn:
    """One place to sign: its title found in the text of the column's head, what is said there, and who signs."""

    flat: FlatRow
    hit: Hit
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


def sign_blocks(rows: Sequence[Row], titles: Sequence[str], height: float, skew: float) -> list[SignBlock]:
    """Blocks of two or more columns with different titles, from top to bottom."""
    blocks: list[SignBlock] = []
    at = 0
    while at < len(rows):
        spans = _spans(rows[at], titles, height)
        if len(spans) < 2 or len({title for _, title in spans}) < 2:
            at += 1
            continue
        end = at + 1
        while end < len(rows) and rows[end].box.y0 - rows[end - 1].box.y1 < _PEN_ROOM * height:
            end += 1
        block = _block(rows[at:end], [box for box, _ in spans], titles, height, skew)
        if block is not None:
            blocks.append(block)
        at = end if block is not None else at + 1
    return blocks


def _spans(row: Row, titles: Sequence[str], height: float) -> list[tuple[Box, str]]:
    """Where titles start in a row: the box of what the row has of each. No title goes on over a wide gap."""
    found: list[tuple[Box, str]] = []
    texts = [compact(word.text) for word in row.words]
    gaps = [at for at, (a, b) in enumerate(pairwise(row.words), 1) if b.box.x0 - a.box.x1 > _TITLE_GAP * height]
    reach = [next((gap for gap in gaps if gap > at), len(texts)) for at in range(len(texts))]
    parts = {title: [part for part in map(compact, title.split(" ")) if part] for title in titles}
    at = 0
    while at < len(texts):
        best, whose = 0, ""
        for title, wanted in parts.items():
            same = 0
            while same < min(len(wanted), reach[at] - at) and texts[at + same] == wanted[same]:
                same += 1
            if same >= min(2, len(wanted)) and same > best:
                best, whose = same, title
        if best:
            found.append((box_of(row.words[at : at + best]), whose))
        elif not found:
            return []  # a title opens the row
        at += max(1, best)
    return found


def _block(
    rows: Sequence[Row], tops: Sequence[Box], titles: Sequence[str], height: float, skew: float
) -> SignBlock | None:
    middles = [(box.x0 + box.x1) / 2 for box in tops]
    edges = [(a + b) / 2 for a, b in pairwise(middles)]
    inside: list[list[Word]] = [[] for _ in tops]
    for row in rows:
        for word in row.words:
            inside[sum((word.box.x0 + word.box.x1) / 2 >= edge for edge in edges)].append(word)
    half = min((b - a for a, b in pairwise(middles)), default=20 * height) / 2
    columns = [
        column
        for words, middle in zip(inside, middles, strict=True)
        if (column := _column(words, middle, half, titles, (height, skew))) is not None
    ]
    if len(columns) < 2:
        return None
    words = tuple(word for some in inside for word in some)
    return SignBlock(rows[0].middle, tuple(columns), words)


def _column(
    words: Sequence[Word], middle: float, half: float, titles: Sequence[str], page: tuple[float, float]
) -> SignColumn | None:
    height, skew = page
    rows = rows_of(words, skew)
    head = 1
    while head < len(rows) and rows[head].box.y0 - rows[head - 1].box.y1 < 1.5 * height:
        head += 1
    flat = flatten(Row(tuple(word for row in rows[:head] for word in row.words)))
    hits = [hit for hit in find_labels(flat, titles) if not compact(flat.text[: hit.start])]
    if not hits:
        return None
    hint = _HINT.match(flat.text[hits[0].end :])
    said = hits[0].end + (hint.end() if hint else 0)
    named = [with_rest(rows[at], rows[at + 1 :]) for at in range(head, len(rows)) if _a_name(rows[at])]
    top = rows[head - 1].box.y1
    bottom = named[-1].box.y0 if named else round(top + 6 * height)
    room = Box(round(middle - 0.9 * half), round(top + 0.2 * height), round(middle + 0.9 * half), bottom)
    return SignColumn(flat, hits[0], said, flatten(named[-1]) if named else None, room)


def _a_name(row: Row) -> bool:
    if not looks_like_name(row.text):
        return False
    return upper_share(row.text) < 0.8 or is_surname(row.words[0].text)
