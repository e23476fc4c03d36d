"""Finds printed labels in rows of words: exact first, then without tones, then with a few wrong letters.

A label starts where a word starts (or behind a sign such as `:` inside a glued word) and ends before its value.
Matching looks at letters and digits only, so footnote marks, commas and leaders inside a label do not disturb it.
Where two labels claim the same letters the longer and better one wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from extractors.names import is_surname, looks_like_name
from extractors.text import compact, fold, prefix_distance, upper_share

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
    text, places, cuts = flat.text, letters.places, _cuts(flat)
    starts = [i for i, place in enumerate(places) if place == 0 or not text[place - 1].isalnum()]
    glued = [i for i, place in enumerate(places) if place and _turns(text[place - 1 : place + 2])]
    hits = [
        hit
        for wanted in map(_wanted, labels)
        if wanted.marked
        for start in starts
        if (hit := _match(text, letters, start, wanted, cuts)) is not None
    ]
    if glued:
        hits += [
            Hit(wanted.label, places[start], places[start + len(wanted.marked) - 1] + 1, 0.99)
            for wanted in map(_wanted, labels)
            if len(wanted.marked) > 4
            for start in glued
            if letters.marked.startswith(wanted.marked, start) and _ends(letters, start + len(wanted.marked))
        ]
    whole = [hit for hit in hits if not any(hit.start < cut < hit.end for cut in cuts)]
    return _best([hit for hit in whole if not _in_a_phrase(flat, hit)])


_GAP = 1.6
"""In heights of text: a gap that no label goes on over."""


def _cuts(flat: FlatRow) -> list[int]:
    """Where in the text words begin that stand behind a wide gap."""
    words = flat.row.words
    far = _GAP * flat.row.height
    return [flat.start_of(b) for a, b in pairwise(words) if b.box.x0 - a.box.x1 > far]


def _in_a_phrase(flat: FlatRow, hit: Hit) -> bool:
    """Whether a label of one word only goes on with the words before it: `Thẻ căn cước số: …`, `phường Hạc Thành`.

    Behind a sign, a number of the form or a wide gap it opens something of its own, and so it does before a colon,
    unless the label begins with a capital and the word does not.
    """
    words = hit.label.split()
    before = flat.text[: hit.start].rstrip()
    if len(words) > 1 or not before or not before[-1].isalnum() or ENUMERATED.match(before):
        return False
    first = flat.row.words[flat.owners[hit.start]]
    last = flat.row.words[flat.owners[len(before) - 1]]
    if first is last or first.box.x0 - last.box.x1 > 0.9 * flat.row.height:
        return False
    small = flat.text[hit.start].islower() and hit.label[:1].isupper()
    return small or _IDENTITY_PAPER.search(before) is not None or _COLON.match(flat.text[hit.end :]) is None


def _turns(letters: str) -> bool:
    """Whether a word must start at the second letter, though no space was read: `2Loại`, `hXÁC`, `TCơ`."""
    before, letter, after = letters[0], letters[1], letters[2:]
    return letter.isupper() and (before.isdigit() or before.islower() or (before.isupper() and after.islower()))


def _ends(letters: _Letters, end: int) -> bool:
    """Whether the word ends before the row's letter number `end`."""
    return end >= len(letters.places) or letters.places[end] != letters.places[end - 1] + 1


def _match(text: str, letters: _Letters, start: int, wanted: _Wanted, cuts: Sequence[int]) -> Hit | None:
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
        lost = window[:2] == wanted.bare[1:3]  # the first letter is under a stroke, or was taken for a sign
        if not wanted.limit or (window[:1] != wanted.bare[:1] and window[1:2] != wanted.bare[1:2] and not lost):
            return None
        if len(wanted.letters.difference(window)) > wanted.limit:
            return None
        distance, length = prefix_distance(window, wanted.bare, wanted.limit)
        found = letters.bare[start : start + length]
        if distance > wanted.limit or length == 0 or not (_same_end(found, wanted) and _same_start(found, wanted)):
            return None
        quality = 1.0 - distance / len(wanted.bare)
    end = letters.places[start + length - 1] + 1
    if len(wanted.bare) <= 4 and not re.match(r"\s*(?:\(\w{1,2}\))?\s*[:;]", text[end:]):
        left = max((cut for cut in cuts if cut <= letters.places[start]), default=0)
        right = min((cut for cut in cuts if cut >= end), default=len(text))
        rest = re.sub(r"^\s*\(\w{1,2}\)", "", text[end:right])
        before = text[left : letters.places[start]]
        if rest.strip(" .…:") or not re.fullmatch(r"[\s\d.)(IVXa-zđ\-–•]{0,6}", before):
            return None  # a short label is a common word too: only a colon or a row of its own makes it a label
    said = text[letters.places[start] : end]
    if "/" in wanted.label and "/" not in said and not text[end:].lstrip().startswith(":"):
        return None  # two answers side by side, `Nam  Nữ`, are not the label `Nam/Nữ`
    if quality < 1.0 and ":" not in wanted.label and re.search(r":\s*\w", said):
        return None  # a label ends at its colon: `Họ và tên: Hà…` is not the label `Họ và tên cha`
    first = said[0]
    if first.islower() and wanted.label[:1].isupper() and not re.match(r"\s*(?:\(\w{0,2}\))?\s*:", text[end:]):
        return None  # the same words inside a value: `bản chà số máy, số khung`
    if len(wanted.bare) < 8 and quality < 0.9 and not _MARKED.match(text[end:]):
        return None  # so few letters, one of them wrong: only what is printed behind a label makes it one
    if end < len(text) and text[end].isalnum() and not _glued(text[end:], wanted.label, quality):
        return None  # a label ends where a word ends
    return Hit(wanted.label, letters.places[start], end, quality)


def _same_end(found: str, wanted: _Wanted) -> bool:
    """Whether the label's last letters are there: edits may smudge a label, not take its last word away.

    A long label may lose one of its last two letters: `expiy`, `yea`.
    """
    tail = wanted.bare[-3:]
    lost = len(wanted.bare) >= _LONG_LABEL and found[-2:] in {tail[0] + tail[-1], tail[:2]}
    return lost or sum(a == b for a, b in zip(found[-3:], tail, strict=False)) >= 2


_LONG_LABEL = 12
"""Letters from which a label is known though one of its last letters was lost."""
_MARKED = re.compile(r"\s*(?:\(\w{0,2}\))?\s*(?:[:;…]|\.{2}|$)")


def _same_start(found: str, wanted: _Wanted) -> bool:
    """Whether the label's first word is there, give or take a letter: `về phương tiện` is no `tên phương tiện`."""
    first = fold(wanted.label.split(" ", maxsplit=1)[0])
    first = "".join(c for c in first if c.isalnum())
    return prefix_distance(found, first, 1 + len(first) // 6)[0] <= 1 + len(first) // 6


def _glued(rest: str, label: str, quality: float) -> bool:
    """Whether what is stuck to a label is a value: labels whose colon got lost, long ones or exactly read ones."""
    sure = len(label) >= 10 or (quality == 1.0 and len(label) >= 5 and label[-1].islower())
    return sure and (rest[0].isupper() or rest[0].isdigit())


ENUMERATED = re.compile(r"^[\s.…]*\(?(?:\d{1,2}(?:\.\d{1,2})*|[IVX]{1,5}|[A-Ka-kđ])\s?[.)]*\s*$")
"""What numbers a row, alone: `4.`, `II`, `(12)`, `a)`."""
_IDENTITY_PAPER = re.compile(r"(?:căn cước|công dân|nhân dân|hộ chiếu|cccd|cmnd|passport)$", re.IGNORECASE)
"""What stands before `số` where an answer begins, and no question."""
_COLON = re.compile(r"\s*(?:\(\w{0,2}\))?\s*[:;]")


def in_a_title(flat: FlatRow, hit: Hit) -> bool:
    """Whether a label's words are part of a title: all in capitals beside others in capitals, which the label is not.

    `GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN` asks nothing; a name in capitals behind a label that opens its row is a value.
    """
    said, before, after = flat.text[hit.start : hit.end], flat.text[: hit.start], flat.text[hit.end :]
    if upper_share(said) < 0.95 or upper_share(hit.label) > 0.8 or after.lstrip().startswith(":"):
        return False
    if not ENUMERATED.match(before) and any(len(compact(word)) > 1 for word in before.split()):
        return upper_share(before) > 0.95
    return len(compact(after)) > 3 and upper_share(after) > 0.95 and not _a_name(after.strip())


def _a_name(text: str) -> bool:
    return looks_like_name(text) and is_surname(text.split(" ", maxsplit=1)[0])


def _best(hits: Sequence[Hit]) -> list[Hit]:
    ranked = sorted(hits, key=lambda hit: ((hit.end - hit.start) * hit.quality**4, hit.quality), reverse=True)
    chosen: list[Hit] = []
    for hit in ranked:
        if all(hit.end <= other.start or hit.start >= other.end for other in chosen):
            chosen.append(hit)
    return sorted(chosen, key=lambda hit: hit.start)


_FOOTNOTE = r"(?:\(\s*[\w@©®]{0,2}\s*\)|[¹²³⁴⁵⁶⁷⁸⁹]+)"
_TAIL = re.compile(rf"^\s*{_FOOTNOTE}?\s*[:;]?\s*{_FOOTNOTE}?\s*[:;]?\s*")
_SIGNS = "(@©®)°*"
_SCRAPS = (
    re.compile(rf"^\s*[:;.]?(?=[^\s:;]{{0,5}}[{_SIGNS}])[{_SIGNS}\d'’\"]{{1,6}}\s?[:;]\s*"),
    re.compile(r"^\s*[:;.]*\s*[(“”\"'‘’]?\w{0,2}[@©®)°*][.)]{0,2}\s*[:;]?\s*"),
    re.compile(r"^\s*[:;.][(@©®\d)°*'’\"]{1,3}\s+(?=\S*\w)"),
    re.compile(r"^\s*[\w)](?=…+\s*\w{6})"),
    re.compile(r"^[\s…]*(?:[02-9]\.\s?|0\s)(?=[A-ZĐÀ-Ỹ][a-zà-ỹ])"),
    re.compile(r"^[\s…]*[a-zđ](?:\s?[.,]\s?|\s)(?=[A-ZĐÀ-Ỹ\d])"),
    re.compile(r"^[\s…]*X\s\.?\s?(?=[A-ZĐÀ-Ỹ])"),
    re.compile(r"^\s*\((?![^()]*\))\.?\s*"),
    re.compile(r"^\s*\(n[eêế]u\s\w{1,3}\)\s*[:;]?\s*"),
)
"""What a raised footnote mark such as `(3)` is read as: a scrap of signs between a label and its value."""


def value_start(text: str, end: int, stop: int | None = None) -> int:
    """Where the value begins behind a label that ends at `end`: after the colon and a footnote mark."""
    found = _TAIL.match(text[end:stop])
    start = end + (found.end() if found else 0)
    for place in (end, start):  # a scrap may hang on the colon, or stand behind it
        for scrap in _SCRAPS:
            found = scrap.match(text[place:stop])
            start = max(start, place + found.end()) if found else start
    while (found := _SCRAPS[1].match(text[start:stop])) is not None:
        start += found.end()
    return start
