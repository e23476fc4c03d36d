"""Other syllables that the same letters spell: marks and tones changed, ranked by language and by names.

Marks and tones are the smallest ink on a page, so what a reader gets wrong is most often one of them: Nguyên for
Nguyễn. Every variant that spelling allows is made, and ranked by how likely it is between its neighbours, how usual
it is as a part of a name (for names), and how little it changes; each change is one key for the clerk.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.language import END, Language, load_language
from models.orthography import TONES, is_syllable, syllable_key

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMS = {"a": "aăâ", "e": "eê", "o": "oôơ", "u": "uư", "d": "dđ"}
_MARKED = frozenset("ăâêôơư")
_VOWELS = frozenset("aăâeêioôơuưy")
_ONSET = re.compile(r"(ngh|qu|gi(?=[aăâeêioôơuưy])|[^aăâeêioôơuưy]*)")
_TONES = {letter: mark for mark, letter in TONES.items()} | {"": ""}
_CHANGE = 1.2
"""Natural log by which each changed mark or tone is less likely."""
_OF_NAMES = 0.6
"""Share of the list of names in the chance of a syllable of a name."""
_UNLISTED = 2e-5
_FEW = 200
"""Spellings looked at, at most: no syllable has so many, noise might."""


@dataclass(frozen=True, slots=True)
class Speller:
    """Ranks spellings. Immutable; safe in several threads."""

    language: Language
    first: Mapping[str, float]
    """Chance of a family name, by key of `syllable_key`."""
    later: Mapping[str, float]
    """Chance of a middle or given name."""

    def variants(self, words: list[str], at: int, *, name: bool, count: int = 4) -> list[str]:
        """The likeliest other spellings of a word among its neighbours, in its own letter case."""
        word = words[at]
        core = re.fullmatch(r"(\W*)([^\W\d_]+)(\W*)", word)
        own = syllable_key(core[2]) if core else None
        if core is None or own is None:
            return []
        before = syllable_key(words[at - 1]) or END if at else END
        after = syllable_key(words[at + 1]) or END if at + 1 < len(words) else END
        scored = []
        for key in spellings(own):
            chance = self.language.after(before, key)
            if after != END:
                chance = math.sqrt(chance * self.language.after(key, after))
            if name:
                listed = (self.later if at else self.first).get(key, _UNLISTED)
                chance = _OF_NAMES * listed + (1 - _OF_NAMES) * chance
            scored.append((math.log(chance) - _CHANGE * _changes(own, key), key))
        scored.sort(key=lambda pair: (-pair[0], pair[1]))
        return [core[1] + _cased(spelled(key), core[2]) + core[3] for _, key in scored[:count]]

    def least_likely(self, words: list[str], *, name: bool) -> int | None:
        """The word that language and names believe least, where there is a syllable."""
        chances = []
        for at, word in enumerate(words):
            key = syllable_key(re.sub(r"^\W+|\W+$", "", word))
            if key is not None:
                listed = (self.later if at else self.first).get(key, 0.0) if name else 0.0
                chances.append((max(listed, self.language.alone(key)), at))
        return min(chances)[1] if chances else None


def spellings(own: str) -> list[str]:
    """Keys of all syllables with the same bare letters, but the one given."""
    letters, _, _ = own.partition("'")
    # A horn or hat apart, đ is a letter of its own that Unicode does not take apart.
    bare = "".join("d" if c == "đ" else unicodedata.normalize("NFD", c)[0] for c in letters)
    forms = [_FORMS.get(letter, letter) if letter != "d" or at == 0 else letter for at, letter in enumerate(bare)]
    made = ("".join(row) for row in itertools.islice(itertools.product(*forms), _FEW))
    keys = (f"{text}'{tone}" for text in made for tone in ("", *TONES.values()))
    return [key for key in keys if key != own and is_syllable(key)]


def spelled(key: str) -> str:
    """A key of `syllable_key` as it is written, in small letters, NFC, the tone where it is usual (hòa, hoàn, thúy)."""
    letters, _, tone = key.partition("'")
    if not tone:
        return letters
    onset = _ONSET.match(letters)
    start = onset.end() if onset else 0
    if start == len(letters):
        start = max(0, start - 1)  # "gì": the onset's own letter carries the tone
    end = start
    while end < len(letters) and letters[end] in _VOWELS:
        end += 1
    marked = [at for at in range(start, end) if letters[at] in _MARKED]
    if marked:
        place = marked[-1]
    elif end - start == 3 or (end - start == 2 and end < len(letters)):
        place = start + 1
    else:
        place = start
    return unicodedata.normalize("NFC", letters[: place + 1] + _TONES[tone] + letters[place + 1 :])


def _changes(one: str, other: str) -> int:
    (a, _, s), (b, _, u) = one.partition("'"), other.partition("'")
    return sum(x != y for x, y in zip(a, b, strict=True)) + (s != u)


def _cased(text: str, like: str) -> str:
    if like.isupper() and len(like) > 1:
        return text.upper()
    return text[:1].upper() + text[1:] if like[:1].isupper() else text


def load_speller() -> Speller:
    """The packaged language and names."""
    first: dict[str, float] = {}
    later: dict[str, float] = {}
    for line in Path(__file__).with_name("names.txt").read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(":")
        table = {"first": first, "later": later}.get(kind)
        if table is None:
            continue
        for place, word in enumerate(unicodedata.normalize("NFC", rest).split()):
            if (key := syllable_key(word)) is not None and key not in table:
                table[key] = 1.0 / (place + 3)  # usual ones stand first (Zipf)
    for table in (first, later):
        total = sum(table.values())
        table.update({key: share / total for key, share in table.items()})
    return Speller(load_language(), first, later)
