"""Where in a value the doubt lies: the syllables to light up, in the text and on the picture.

Two witnesses: the words of the page that lie in the field's box, each with its chance to be right, and other sources'
claims, which show what they say differently. Where neither tells, the syllable that language believes least is lit, so
that the eye and the cursor always start somewhere sensible. Pure: words and claims in, spans and boxes out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from extractors.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from models.reading import Box, ReadPage, Word
    from pipeline.review.spelling import Speller

_SURE = 0.9
"""A word this sure is not lit."""
_INSIDE = 0.5
"""Share of a word's box that must lie in the field's box."""
_PROSE = frozenset({"text", "name", "place", "issuer", "signer", "lines", "relationship", "date_words", "ethnicity"})


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is lit: spans of the text, the most doubtful first, and boxes of the page."""

    spans: tuple[tuple[int, int], ...]
    boxes: tuple[tuple[int, int, int, int], ...]


def words_in(page: ReadPage, box: Sequence[int]) -> list[Word]:
    """The page's words in a box, in reading order."""
    return [word for line in page.lines for word in line.words if _share(word.box, box) >= _INSIDE]


def doubts(text: str, kind: str, words: Sequence[Word], others: Iterable[str], speller: Speller) -> Doubts:
    """The doubt of a value whose place holds `words`; `others` are what other sources say."""
    tokens = [(found.start(), found.end()) for found in re.finditer(r"\S+", text)]
    said = [text[start:end] for start, end in tokens]
    matched = _aligned(said, [word.text for word in words])
    chance = {at: words[word].probability for at, word in matched.items()}
    weak = sorted((at for at, p in chance.items() if p < _SURE), key=lambda at: chance[at])
    for other in others:
        weak += [at for at in _differing(said, other.split()) if at not in weak]
    if not weak and chance and min(chance.values()) < 1.0:
        weak = [min(chance, key=lambda at: chance[at])]
    if not weak and kind in _PROSE:
        least = speller.least_likely(said, name=kind in {"name", "signer"})
        weak = [] if least is None else [least]
    boxes = [words[matched[at]].box for at in weak if at in matched]
    if not boxes:
        boxes = [word.box for word in words if word.probability < _SURE]
    return Doubts(tuple(tokens[at] for at in weak), tuple((b.x0, b.y0, b.x1, b.y1) for b in boxes))


def _aligned(said: Sequence[str], read: Sequence[str]) -> dict[int, int]:
    """Which word of the page each word of the value is."""
    left, right = [_bare(word) for word in said], [_bare(word) for word in read]
    pairs: dict[int, int] = {}
    for tag, i0, i1, j0, j1 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and i1 - i0 == j1 - j0):
            pairs.update(zip(range(i0, i1), range(j0, j1), strict=True))
    return pairs


def _differing(said: Sequence[str], other: Sequence[str]) -> list[int]:
    left, right = [_exact(word) for word in said], [_exact(word) for word in other]
    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return [at for tag, i0, i1, _, _ in codes if tag in {"replace", "delete"} for at in range(i0, i1)]


def _bare(word: str) -> str:
    return re.sub(r"\W", "", fold(word))


def _exact(word: str) -> str:
    return re.sub(r"\W", "", word.casefold())


def _share(inner: Box, outer: Sequence[int]) -> float:
    width = min(inner.x1, outer[2]) - max(inner.x0, outer[0])
    height = min(inner.y1, outer[3]) - max(inner.y0, outer[1])
    area = max(1, inner.width * inner.height)
    return max(0, width) * max(0, height) / area
