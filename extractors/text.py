"""Ways to compare Vietnamese text: what people mean is equal, what the eye mixes up is near.

`key` makes `hoà` and `hòa` equal (the tone is taken off its vowel and put behind the syllable) and keeps every tone.
`fold` takes all marks off; it is the second choice, for labels and titles that were read with wrong tones.
`similarity` is 1 minus the edit distance over the longer length. Everything is pure and works on NFC.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import edlib

TONES = {"\u0300": "f", "\u0301": "s", "\u0303": "x", "\u0309": "r", "\u0323": "j"}
"""Combining tone marks and the letter that stands for each behind a syllable (the Telex letters)."""

LEADERS = re.compile(r"(?:[.…_·•‥]\s*){2,}|…+|(?:-\s*){4,}|(?:\.\s)+\.")
"""Runs of dots, underscores or dashes that a form prints for people to write on."""

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘`´ʼ", "'"))
"""One sign for all, so that `H’Hen` and `H'Hen` are one name."""
_FOOTNOTE = re.compile(r"\(\s*\d{1,2}\s*\)")
_SPACES = re.compile(r"\s+")
_EDGES = " \t:;,.…_-–—·•|\"'"


def nfc(text: str) -> str:
    """NFC, with every run of white space as one space and none at the ends."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower case without any mark: `Đường` gives `duong`."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return bare.replace("đ", "d")


def _syllable_key(syllable: str) -> str:
    letters: list[str] = []
    tone = ""
    for char in unicodedata.normalize("NFD", syllable):
        if char in TONES:
            tone = TONES[char]
        else:
            letters.append(char)
    return unicodedata.normalize("NFC", "".join(letters)) + tone


@lru_cache(maxsize=65536)
def key(text: str) -> str:
    """Comparison key: case, spaces, the apostrophe's form and the place of the tone do not count; letters do."""
    plain = nfc(text).casefold().translate(_APOSTROPHES)
    return " ".join(_syllable_key(part) for part in plain.split(" "))


def same(left: str, right: str) -> bool:
    """Whether two texts say the same to a reader of Vietnamese."""
    return key(left) == key(right)


@lru_cache(maxsize=65536)
def compact(text: str) -> str:
    """Lower-case letters and digits only, tones kept: what a fuzzy label match looks at."""
    return "".join(c for c in unicodedata.normalize("NFC", text).casefold() if c.isalnum())


def strip_leaders(text: str) -> str:
    """A value without the dots it was written on, footnote numbers such as `(1)` and stray edge marks."""
    return nfc(LEADERS.sub(" ", _FOOTNOTE.sub(" ", text))).strip(_EDGES).rstrip("([").strip(_EDGES)


def edit_distance(left: str, right: str, limit: int | None = None) -> int:
    """Levenshtein distance; gives `limit + 1` as soon as it is certain to exceed `limit`."""
    if left == right:
        return 0
    longer = max(len(left), len(right))
    if not left or not right or (limit is not None and abs(len(left) - len(right)) > limit):
        return longer if limit is None else min(longer, limit + 1)
    distance: int = edlib.align(left, right, k=-1 if limit is None else limit)["editDistance"]
    return distance if distance >= 0 else (limit or 0) + 1


def similarity(left: str, right: str) -> float:
    """1 for equal texts, 0 for texts with nothing in common; an edit costs one letter of the longer text."""
    longest = max(len(left), len(right))
    return 1.0 if longest == 0 else 1.0 - edit_distance(left, right) / longest


def phrase_similarity(read: str, wanted: str) -> float:
    """How well a line says a phrase: tones count, but a wrong tone costs only half a letter."""
    said, asked = compact(key(read)), compact(key(wanted))
    bound = min(len(said), len(asked)) / max(1, len(said), len(asked))
    if bound < 0.6:
        return bound  # no more than this whatever the letters are, and too little for any caller
    exact = similarity(said, asked)
    return max(exact, (exact + similarity(fold(compact(read)), fold(compact(wanted)))) / 2)


def prefix_distance(text: str, wanted: str, limit: int) -> tuple[int, int]:
    """Least edits that turn some prefix of `text` into `wanted`, and that prefix's length; `limit + 1` if more."""
    text = text[: len(wanted) + limit]
    if not wanted or not text:
        return (len(wanted), 0) if len(wanted) <= limit else (limit + 1, 0)
    found = edlib.align(wanted, text, mode="SHW", k=limit)
    distance = found["editDistance"]
    if distance < 0:
        return limit + 1, 0
    # The shortest of several prefixes; one that ends before the first letter is the empty one.
    return distance, min(-1 if end is None else end for _, end in found["locations"]) + 1


def upper_share(text: str) -> float:
    """Share of capitals among the letters; 0 where there are no letters."""
    letters = [c for c in text if c.isalpha()]
    return sum(c.isupper() for c in letters) / len(letters) if letters else 0.0
