"""Which words language may put right, and when: the bounds of the decoder's help.

Only words of letters change, and only into syllables that spelling allows; numbers, codes, addresses, single letters
and Roman numerals stay as the image has them, and so does a word's letter case. Any syllable may be a name, so a word
with a capital changes only where it was no syllable, or where the words beside it speak for the other reading.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from models.language import END
from models.orthography import is_syllable, syllable_key

if TYPE_CHECKING:
    from models.language import Language

_GIVES_UP = {"lower": 6.5, "capital": 3.5, "name": 3.0}
"""Natural log of the image's chance that may be given up: for a word in small letters, for one with a capital that is
no syllable as it was read, and for one that is."""
_KNOWN_PAIR = 4
"""How often a pair must have been seen to speak for another reading of a syllable with a capital."""
_OUTWEIGHS = 10
"""How many times as often it must have been seen as the pair that was read."""
_ROMAN = frozenset("IVXLCDM")
_STAMPED = re.compile(r"\b(?:[Nn]gày|[Tt]háng|[Nn]ăm|Số:)(?=\d)")


def gaps(text: str) -> list[int]:
    """Where a space is missing: between `ngày`, `tháng`, `năm`, `Số:` and a number stamped close behind it.

    Letters leave room for the day and the number (Decree 30/2020/NĐ-CP, Annex I); what fills it stands as it falls.
    """
    return [found.end() for found in _STAMPED.finditer(text)]


def keys(text: str, beside: tuple[str, str]) -> list[str]:
    """The keys of a piece's words between their neighbours; `END` for what is no word and where punctuation stands."""
    keys = [beside[0]]
    for token in text.split(" "):
        opening, core, closing = _split(token)
        keys += [END] * bool(opening) + [_word(core) or END] + [END] * bool(closing)
    return [*keys, beside[1]]


def may(greedy: str, other: str, given_up: float, language: Language, beside: tuple[str, str]) -> bool:
    """Whether language may put another reading in place of the greedy one: words of letters only, letter case kept."""
    old, new = greedy.split(" "), other.split(" ")
    if len(old) != len(new):
        return False
    kinds = {"lower"}
    for a, b in zip(old, new, strict=True):
        if a == b:
            continue
        (x, core, y), (u, better, v) = _split(a), _split(b)
        key, wanted = _word(core), _word(better)
        if (x, y) != (u, v) or key is None or wanted is None or key == wanted or not is_syllable(wanted):
            return False
        if core[0].isupper() != better[0].isupper() or better not in (better.lower(), better.title(), better.upper()):
            return False
        if core[0].isupper():
            if len(core) != len(better):
                return False
            kinds.add("capital" if not is_syllable(key) else "name")
    if "name" in kinds and not _speaks_for(language, keys(greedy, beside), keys(other, beside)):
        return False
    return given_up <= min(_GIVES_UP[kind] for kind in kinds)


def _speaks_for(language: Language, keys: list[str], better: list[str]) -> bool:
    """Whether each word that changes stands in pairs that are known, far better than as it was read.

    Any syllable may be a name, so a syllable alone says nothing against a capital one.
    """
    if len(keys) != len(better):
        return False
    for k in range(1, len(keys) - 1):
        if keys[k] != better[k]:
            known, new = (
                language.pairs.get((row[k - 1], row[k]), 0) + language.pairs.get((row[k], row[k + 1]), 0)
                for row in (keys, better)
            )
            if new < max(_KNOWN_PAIR, _OUTWEIGHS * known):
                return False
    return True


def _word(core: str) -> str | None:
    """The key of a word of letters; None for numbers, codes, single letters and Roman numerals."""
    if len(core) < 2 or _ROMAN.issuperset(core):
        return None
    return syllable_key(core)


def _split(token: str) -> tuple[str, str, str]:
    """Signs before, the core, signs behind."""
    start, end = 0, len(token)
    while start < end and not token[start].isalnum():
        start += 1
    while end > start and not token[end - 1].isalnum():
        end -= 1
    return token[:start], token[start:end], token[end:]


def edge(text: str, *, last: bool) -> str:
    """The key of the word of a neighbouring piece that touches this one, or `END`."""
    words = text.split()
    if not words:
        return END
    opening, core, closing = _split(words[-1] if last else words[0])
    key = _word(core)
    return END if key is None or (closing if last else opening) else key
