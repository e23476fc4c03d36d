"""The characters our line recogniser can write, and which known character each one looks most like.

Digits, ASCII, all 134 accented Vietnamese letters, and the signs that administrative papers print.
Index 0 is the blank of connectionist temporal classification (Graves et al., 2006); the space is a character.
`STANDS_IN` lets a new row of the output layer start from the row of a similar character instead of from noise.
"""

from __future__ import annotations

import string
import unicodedata

BLANK = "<blank>"

VOWELS = "aăâeêioôơuưy"
TONES = "\u0300\u0301\u0303\u0309\u0323"


def _accented_letters() -> str:
    """The 134 accented letters of Vietnamese, lower case first, NFC."""
    lower = [
        unicodedata.normalize("NFC", vowel + tone) for vowel in VOWELS for tone in ("", *TONES) if vowel + tone > "z"
    ]
    lower += [unicodedata.normalize("NFC", vowel + tone) for vowel in "aeiouy" for tone in TONES]
    letters = sorted({*lower, "đ"} - set(string.ascii_lowercase))
    return "".join(letters) + "".join(letter.upper() for letter in letters)


VIETNAMESE_LETTERS = _accented_letters()

SIGNS = "…–—“”‘’«»½¼¾¹²³°№§©®™☐☑☒•·×÷±≥≤≠≈→←↑↓■○✓€£¥‰µØøαβγδΔπΩφλσω"

ALPHABET: tuple[str, ...] = (
    BLANK,
    " ",
    *(string.digits + string.ascii_letters + string.punctuation),
    *VIETNAMESE_LETTERS,
    *SIGNS,
)
"""Every character that can be written; a character's index is its class."""

_INDEX = {character: index for index, character in enumerate(ALPHABET)}

STANDS_IN = {
    "…": ".", "–": "-", "—": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "«": "<", "»": ">",
    "½": "2", "¼": "4", "¾": "4", "¹": "1", "²": "2", "³": "3", "°": "o", "№": "N",
    "☐": "口", "☑": "口", "☒": "口", "•": "·", "Ø": "O", "ø": "o",
}  # fmt: skip
"""For signs that a start network may lack: a character of like shape."""


def look_alikes(character: str) -> tuple[str, ...]:
    """Characters to start `character` from, best first: itself, its stand-in, then itself without its marks."""
    bare = "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))
    bare = {"đ": "d", "Đ": "D"}.get(bare, bare)
    toneless = unicodedata.normalize(
        "NFC", "".join(c for c in unicodedata.normalize("NFD", character) if c not in TONES)
    )
    return (character, STANDS_IN.get(character, character), toneless, bare)


def spell(text: str) -> list[int] | None:
    """Classes of the characters of an NFC text, or None where it holds a character outside the alphabet."""
    classes = [_INDEX.get(character, 0) for character in text]
    return None if 0 in classes else classes
