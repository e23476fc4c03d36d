"""Finds printed labels in rows of words: exact first, then without tones, then with a few wrong letters.

A label starts where a word starts (or behind a sign such as `:` inside a glued word) and ends before its value.
Matching looks at letters and digits only, so footnote marks, commas and leaders inside a label do not disturb it.
Where two labels claim the same letters the longer and better one wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from extractors.text import compact, fold, prefix_distance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from extractors.layout import Row
    from models.reading import Word


@dataclass(frozen=True, slots=True)
class Hit:
    """A label found in a row: characters `start` to `end` of the row's flat text, and how well it matched (0..1)."""

    label: str
    start: int
    end: int
    quality: float


@dataclass(frozen=True, slots=True)
class FlatRow:
    """A row as one string, with the word that each character comes from."""

    text: str
    owners: tuple[int, ...]
    row: Row

    def words_between(self, start: int, end: int) -> tuple[Word, ...]:
        """The words that have a letter or digit between two characters, whole."""
        seen: list[int] = []
        for place in range(start, min(end, len(self.text))):
            owner = self.owners[place]
            if owner >= 0 and self.text[place].isalnum() and owner not in seen:
                seen.append(owner)
        return tuple(self.row.words[index] for index in seen)

    def start_of(self, word: Word) -> int:
        """Where a word of the row begins in the text."""
        index = next(i for i, member in enumerate(self.row.words) if member is word)
        return self.owners.index(index)


def flatten(row: Row) -> FlatRow:
    """Words joined by single spaces, not normalised further, so that owners stay true."""
    text, owners = "", []
    for index, word in enumerate(row.words):
        if text:
            text += " "
            owners.append(-1)
        text += word.text
        owners.extend([index] * len(word.text))
    return FlatRow(text, tuple(owners), row)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A label as it is looked for: with marks, without, the edits allowed, and its different letters."""

    label: str
    marked: str
    bare: str
    limit: int
    letters: frozenset[str]


@lru_cache(maxsize=4096)
def _wanted(label: str) -> _Wanted:
    marked = compact(label)
    size = len(marked)
    return _Wanted(
        label,
        marked,
        fold(marked),
        0 if size < 5 else 1 if size < 12 else 2 if size < 20 else size // 8,
        frozenset(fold(marked)),
    )


@dataclass(frozen=True, slots=True)
class _Letters:
    """The letters and digits of a row, small: with marks, without, and each one's place in the flat text."""

    marked: str
    bare: str
    places: tuple[int, ...]


def _letters(text: str) -> _Letters | None:
    places = tuple(place for place, char in enumerate(text) if char.isalnum())
    marked = "".join(text[place] for place in places).casefold()
    bare = fold(marked)
    # A letter whose small form is two letters would put every later place wrong; no Vietnamese letter is one.
    return _Letters(marked, bare, places) if len(marked) == len(bare) == len(places) else None


def find_labels(flat: FlatRow, labels: Iterable[str]) -> list[Hit]:
    """Labels in a row from left to right, not overlapping."""
    letters = _letters(flat.text)
    if letters is None:
        return []
    starts = [i for i, place in enumerate(letters.places) if place == 0 or not flat.text[place - 1].isalnum()]
    hits = [
        hit
        for wanted in map(_wanted, labels)
        if wanted.marked
        for start in starts
        if (hit := _match(flat.text, letters, start, wanted)) is not None
    ]
    return _best(hits)


def _match(text: str, letters: _Letters, start: int, wanted: _Wanted) -> Hit | None:
    if letters.marked.startswith(wanted.marked, start):
        length, quality = len(wanted.marked), 1.0
    elif letters.bare.startswith(wanted.bare, start):
        length = len(wanted.bare)
        wrong = sum(a != b for a, b in zip(letters.marked[start : start + length], wanted.marked, strict=False))
        if wrong > max(1, length // 3):
            return None  # words that differ from the label by tones alone are other words
        quality = 1.0 - 0.03 * wrong
    else:
        window = letters.bare[start : start + len(wanted.bare) + wanted.limit]
        # Cheap looks first: one of the first two letters in place, and no more letters missing than edits allowed.
        if not wanted.limit or (window[:1] != wanted.bare[:1] and window[1:2] != wanted.bare[1:2]):
            return None
        if len(wanted.letters.difference(window)) > wanted.limit:
            return None
        distance, length = prefix_distance(window, wanted.bare, wanted.limit)
        if distance > wanted.limit or length == 0 or not _same_end(letters.bare[start : start + length], wanted):
            return None
        quality = 1.0 - distance / len(wanted.bare)
    end = letters.places[start + length - 1] + 1
    if len(wanted.bare) <= 4 and not re.match(r"\s*(?:\(\w{1,2}\))?\s*[:;]", text[end:]):
        return None  # a short label is a common word too: only a colon makes it a label
    if end < len(text) and text[end].isalnum() and not _glued(text[end:], wanted.label):
        return None  # a label ends where a word ends
    return Hit(wanted.label, letters.places[start], end, quality)


def _same_end(found: str, wanted: _Wanted) -> bool:
    """Whether the label's last letters are there: edits may smudge a label, not take its last word away."""
    tail = wanted.bare[-3:]
    return sum(a == b for a, b in zip(found[-3:], tail, strict=False)) >= 2


def _glued(rest: str, label: str) -> bool:
    """Whether what is stuck to a label is a value: long labels whose colon got lost."""
    return len(label) >= 10 and (rest[0].isupper() or rest[0].isdigit())


def _best(hits: Sequence[Hit]) -> list[Hit]:
    ranked = sorted(hits, key=lambda hit: ((hit.end - hit.start) * hit.quality**4, hit.quality), reverse=True)
    chosen: list[Hit] = []
    for hit in ranked:
        if all(hit.end <= other.start or hit.start >= other.end for other in chosen):
            chosen.append(hit)
    return sorted(chosen, key=lambda hit: hit.start)


_FOOTNOTE = r"(?:\(\s*[\w@©®]{1,2}\s*\)|[¹²³⁴⁵⁶⁷⁸⁹]+)"
_TAIL = re.compile(rf"^\s*{_FOOTNOTE}?\s*[:;]?\s*{_FOOTNOTE}?\s*[:;]?\s*")
_SMUDGED_FOOTNOTE = re.compile(r"^\s*[:;.][(@©®\d)°*'’\"]{1,3}\s+(?=\S)")
"""A raised footnote mark read as a scrap that hangs on the colon; a value stands behind a space."""


def value_start(text: str, end: int, stop: int | None = None) -> int:
    """Where the value begins behind a label that ends at `end`: after the colon and a footnote mark."""
    rest = text[end:stop]
    smudged = _SMUDGED_FOOTNOTE.match(rest)
    if smudged and any(c.isalnum() for c in rest[smudged.end() :]):
        return end + smudged.end()
    found = _TAIL.match(rest)
    return end + (found.end() if found else 0)
