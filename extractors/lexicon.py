"""Closed phrases of letterheads and signature blocks, and what they may put right.

A line of a letterhead whose letters are those of a known phrase, but whose tones are not, was misread: no other
phrase has these letters. The same goes for province names, words of posts, and surnames cut by a seal.
Everything here says when it changed something, so that the chance of the field falls accordingly.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import yaml

from extractors import names
from extractors.text import compact, edit_distance, fold, key

_DATA = Path(__file__).parent / "data"
_VOWELS = "aăâeêioôơuưy"
_SYLLABLE = re.compile(
    rf"^(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdđghklmnpqrstvx])?[{_VOWELS}]{{1,3}}(?:ch|ng|nh|[cmnpt])?$"
)


@cache
def vocabulary(kind: str) -> tuple[str, ...]:
    """A list of data/abbreviations.yaml: `head_phrases`, `post_words`, `posts`, `strong_posts`, `bodies`."""
    return tuple(yaml.safe_load((_DATA / "abbreviations.yaml").read_text(encoding="utf-8"))[kind])


@cache
def _phrases() -> dict[tuple[str, ...], tuple[str, ...]]:
    with (_DATA / "number_prefixes.csv").open(encoding="utf-8", newline="") as rows:
        provinces = [row["province"] for row in csv.DictReader(rows)]
    table: dict[tuple[str, ...], tuple[str, ...]] = {}
    clashing: set[tuple[str, ...]] = set()
    placed = [f"{rank} {name}" for name in provinces for rank in ("TỈNH", "THÀNH PHỐ")]
    for phrase in (*vocabulary("head_phrases"), *provinces, *placed):
        words = tuple(phrase.split(" "))
        folded = tuple(fold(word) for word in words)
        if folded in table and key(" ".join(table[folded])) != key(phrase):
            clashing.add(folded)
        table[folded] = words
    return {folded: words for folded, words in table.items() if folded not in clashing and len(folded) > 1}


def fix_phrases(text: str) -> tuple[str, bool]:
    """The text with known phrases in their own tones, in the case it was written in; and whether any was changed."""
    words = text.split(" ")
    folded = [fold(word.strip(".,;:")) for word in words]
    changed = False
    for wanted, right in _phrases().items():
        for start in range(len(words) - len(wanted) + 1):
            if tuple(folded[start : start + len(wanted)]) != wanted:
                continue
            for offset, word in enumerate(right):
                old = words[start + offset]
                core = old.strip(".,;:")
                if key(core) != key(word):
                    new = word.upper() if core.isupper() else word.capitalize()
                    words[start + offset] = old.replace(core, new)
                    changed = True
    return " ".join(words), changed


def fix_post_word(word: str) -> tuple[str, bool]:
    """A word of a post; one letter off exactly one known word of four letters or more, it becomes that word."""
    core = compact(word)
    known = {compact(post): post for post in vocabulary("post_words")}
    if core in known or len(core) < 4:
        return word, False
    near = [post for plain, post in known.items() if len(plain) >= 4 and edit_distance(core, plain, 1) <= 1]
    return (near[0], True) if len(near) == 1 else (word, False)


def is_syllable(word: str) -> bool:
    """Whether letters can be a Vietnamese syllable (tone aside)."""
    bare = re.sub(r"[sfxrj]$", "", key(word))
    return bool(_SYLLABLE.match(bare))


def fix_surname(word: str) -> tuple[str, bool]:
    """A surname whose first letter a seal or pen took away, or that no Vietnamese syllable can be."""
    if names.is_surname(word):
        return word, False
    surnames = list(names.closed("surname"))
    if word[:1].islower():
        cut = [name for name in surnames if key(name[1:]) == key(word) and len(word) >= 3]
        return (cut[0], True) if len(cut) == 1 else (word, False)
    if not is_syllable(word) and len(word) >= 4:
        near = [name for name in surnames if edit_distance(fold(name), fold(word), 1) <= 1]
        return (near[0], True) if len(near) == 1 else (word, False)
    return word, False
