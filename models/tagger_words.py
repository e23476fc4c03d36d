"""Words of a page as the numbers that the field tagger sees: what a word says, how it looks, where it stands.

What it says: its syllable without marks, so that a lost tone changes nothing; digits as a pattern, so that all dates
are one word; what the vocabulary does not hold falls into one of some hundred buckets. How it looks: case, a colon
behind it, leaders. Where: its box in thousandths of the page. Training and reading use this module alike.
Words in reading order, at most `WINDOW` at a time; a longer page is parted between lines.
"""

from __future__ import annotations

import unicodedata
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from models.reading import Box, ReadPage, Word

WINDOW = 512
"""Words that the tagger sees at once."""
PAD, LEADER = 0, 1
FIRST_BUCKET = 2
BUCKETS = 254
"""Words that the vocabulary does not hold share these."""
FIRST_WORD = FIRST_BUCKET + BUCKETS
LOOKS = 16
"""Kinds of looks: four of case, with or without a colon, with or without leaders."""
_LEADERS = frozenset("….._·-—–")
_EDGES = " \t:;,.…_·\"'“”()[]|"
_LONGEST_PATTERN = 14


@dataclass(frozen=True, slots=True)
class Encoded:
    """A window of words as the network takes it."""

    ids: NDArray[np.int64]
    """(words,)"""
    looks: NDArray[np.int64]
    """(words,)"""
    boxes: NDArray[np.int64]
    """(words, 4): x0, y0, x1, y1 in thousandths of the page's width and height."""


@lru_cache(maxsize=65536)
def token_of(text: str) -> str:
    """What a word says, in the form in which the vocabulary holds it; empty for leaders and mere signs."""
    bare = text.strip(_EDGES)
    folded = "".join(c for c in unicodedata.normalize("NFD", bare.casefold()) if not unicodedata.combining(c))
    folded = folded.replace("đ", "d")
    if any(c.isdigit() for c in folded):
        return "".join("0" if c.isdigit() else c for c in folded)[:_LONGEST_PATTERN]
    return folded


def look_of(text: str) -> int:
    """How a word looks, 0 to 15."""
    letters = [c for c in text if c.isalpha()]
    case = 3
    if letters:
        case = 2 if len(letters) > 1 and all(c.isupper() for c in letters) else int(letters[0].isupper())
    colon = text.rstrip(" .…_").endswith(":")
    leader = sum(c in _LEADERS for c in text) >= 3 or "…" in text
    return case + 4 * colon + 8 * leader


def id_of(text: str, vocabulary: Mapping[str, int]) -> int:
    """Number of a word."""
    token = token_of(text)
    if not token:
        return LEADER
    known = vocabulary.get(token)
    return FIRST_BUCKET + zlib.crc32(token.encode()) % BUCKETS if known is None else known


def encode(
    texts: Sequence[str], boxes: Sequence[Box], size: tuple[int, int], vocabulary: Mapping[str, int]
) -> Encoded:  # fmt: skip
    """Words of a page of `size` (width, height) pixels."""
    width, height = max(1, size[0]), max(1, size[1])
    scale = np.array([width, height, width, height], np.float64)
    placed = np.array(boxes, np.float64).reshape(-1, 4) * 1000 / scale
    return Encoded(
        np.array([id_of(text, vocabulary) for text in texts], np.int64),
        np.array([look_of(text) for text in texts], np.int64),
        np.clip(np.rint(placed), 0, 1000).astype(np.int64),
    )


def windows(read: ReadPage, most: int = WINDOW) -> Iterator[tuple[Word, ...]]:
    """The page's words in reading order, whole lines together, at most `most` at a time."""
    held: list[Word] = []
    for line in read.lines:
        if held and len(held) + len(line.words) > most:
            yield tuple(held)
            held = []
        held += line.words[:most]
    if held:
        yield tuple(held)
