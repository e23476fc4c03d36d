"""Where words stand on a page: rows, columns, gaps, and what a run of words is worth as evidence.

A reader may cut one printed line in two or join two columns into one, so everything here starts from words.
Rows are words that overlap vertically by half, after the page's small skew is taken out; columns are the caller's.
A run's probability is the product of its words' chances: all of them must be right.
"""

from __future__ import annotations

import math
import re
from bisect import insort
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from extractors.text import compact, fold, nfc, prefix_distance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.reading import Box, Line, ReadPage, Word


@dataclass(frozen=True, slots=True)
class Row:
    """Words on one printed row, left to right. Never empty."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words joined by single spaces, NFC."""
        return nfc(" ".join(word.text for word in self.words))

    @property
    def box(self) -> Box:
        """The smallest box round the words, in page pixels."""
        return box_of(self.words)

    @property
    def centre(self) -> float:
        """Middle of the row, pixels from the left."""
        return (self.box.x0 + self.box.x1) / 2

    @property
    def middle(self) -> float:
        """Middle of the row's height; the median word decides, tall handwriting does not."""
        return median((word.box.y0 + word.box.y1) / 2 for word in self.words)

    @property
    def height(self) -> float:
        """Median height of the words."""
        return median(word.box.height for word in self.words)

    @property
    def probability(self) -> float:
        """Chance that every word is right."""
        return probability_of(self.words)


def box_of(words: Sequence[Word]) -> Box:
    """The smallest box round words; there must be one word at least."""
    box = words[0].box
    for word in words[1:]:
        box = box.union(word.box)
    return box


def probability_of(words: Iterable[Word]) -> float:
    """Chance that all words are right, taking them as independent; a stop behind the last one says nothing."""
    chances = [(word.probability, word.stem) for word in words]
    if not chances:
        return 1.0
    *before, (last, stem) = chances
    return math.prod(max(0.0, min(1.0, chance)) for chance in (*(c for c, _ in before), max(last, stem or 0.0)))


def text_height(read: ReadPage) -> float:
    """Median height of the page's words in pixels; a hundredth of the page where nothing was read."""
    heights = [word.box.height for line in read.lines for word in line.words]
    return median(heights) if heights else read.height / 100


def words_of(read: ReadPage) -> list[Word]:
    """All words with any text, in reading order."""
    return [word for line in read.lines for word in line.words if word.text.strip()]


def rows_of(words: Iterable[Word], skew: float = 0.0) -> list[Row]:
    """Words gathered into rows from top to bottom. `skew` is the page's, degrees counter-clockwise."""
    slope = math.tan(math.radians(skew))

    def span(word: Word) -> tuple[float, float]:
        drop = (word.box.x0 + word.box.x1) / 2 * slope
        return word.box.y0 + drop, word.box.y1 + drop

    # Words with the sorted tops and bottoms of their row so far.
    rows: list[tuple[list[Word], list[float], list[float]]] = []
    for word in sorted(words, key=lambda word: sum(span(word))):
        top, bottom = span(word)
        best: tuple[float, int] = (0.0, -1)
        for index in range(len(rows) - 1, max(-1, len(rows) - 6), -1):
            # The row's span follows the median member, so that one tall word cannot swallow its neighbours.
            row_top, row_bottom = _middle(rows[index][1]), _middle(rows[index][2])
            overlap = min(bottom, row_bottom) - max(top, row_top)
            share = overlap / max(1.0, min(bottom - top, row_bottom - row_top))
            if share > best[0]:
                best = (share, index)
        if best[0] >= 0.5:
            members, tops, bottoms = rows[best[1]]
            members.append(word)
            insort(tops, top)
            insort(bottoms, bottom)
        else:
            rows.append(([word], [top], [bottom]))
    rows.sort(key=lambda row: _middle(row[1]) + _middle(row[2]))
    return [Row(tuple(sorted(members, key=lambda word: word.box.x0))) for members, _, _ in rows]


def _middle(ordered: Sequence[float]) -> float:
    """The median of values in order."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def split_at_gaps(row: Row, gap: float) -> list[Row]:
    """The row cut wherever two neighbours are more than `gap` pixels apart."""
    parts: list[list[Word]] = [[row.words[0]]]
    for before, word in zip(row.words, row.words[1:], strict=False):
        if word.box.x0 - before.box.x1 > gap:
            parts.append([word])
        else:
            parts[-1].append(word)
    return [Row(tuple(part)) for part in parts]


@lru_cache(maxsize=8192)
def _parts(text: str) -> frozenset[str]:
    return frozenset(part for part in re.split(r"[\W_]+", fold(text)) if part)


@lru_cache(maxsize=8192)
def _flat(text: str) -> str:
    return fold(compact(text))


def _may_say(text: str, phrase: str) -> bool:
    """A cheap look before the dear one: half of the phrase's words are there, or some are, run together."""
    wanted = _parts(phrase)
    if 2 * len(wanted & _parts(text)) >= len(wanted):
        return True
    flat = _flat(text)
    return 3 * sum(part in flat for part in wanted if len(part) > 2) >= 2 * len(wanted)


@lru_cache(maxsize=8192)
def _compact(text: str) -> str:
    return compact(text)


def find_phrase(words: Sequence[Word], phrase: str, slack: float = 0.15) -> tuple[int, int, float] | None:
    """Where words say `phrase`, tones counting half: (first, end, similarity). `slack`: share of errors allowed."""
    if not _may_say(" ".join([word.text for word in words]), phrase):
        return None
    wanted = _compact(phrase)
    bare = _flat(phrase)
    limit = int(len(wanted) * slack * 2)
    best: tuple[int, int, float] | None = None
    texts = [compact(word.text) for word in words]
    for start in range(len(words)):
        joined = "".join(texts[start : start + 16])
        loose, end = prefix_distance(fold(joined), bare, int(len(bare) * slack))
        if loose > len(bare) * slack:
            continue
        exact, _ = prefix_distance(joined, wanted, limit)
        score = 1 - (min(exact, limit + 1) + loose) / 2 / max(1, len(wanted))
        if best is None or score > best[2]:
            taken, stop = 0, start
            while stop < len(words) and taken < end:
                taken += len(texts[stop])
                stop += 1
            best = (start, stop, score)
    return best


def fragments(read: ReadPage, row: Row) -> list[Row]:
    """The row cut where one of the reader's lines ends and another begins; empty if it is all one line."""
    owners = [id(line_of(read, word)) for word in row.words]
    cuts = [0, *(i for i in range(1, len(owners)) if owners[i] != owners[i - 1]), len(owners)]
    return [Row(row.words[a:b]) for a, b in pairwise(cuts)] if len(cuts) > 2 else []


def line_of(read: ReadPage, word: Word) -> Line | None:
    """The line that a word belongs to."""
    for line in read.lines:
        if any(member is word for member in line.words):
            return line
    return None
