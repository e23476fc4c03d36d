"""The letters that a Vietnamese recogniser must be able to write.

Vietnamese has 67 accented letters in each case: twelve vowel shapes times six tones, without the plain five
and `y`, plus `đ`. Stock multilingual models lack many of them and then drop the letter, mark and all.
No dictionary can repair that afterwards, so an incomplete alphabet is refused before the first page is read.
Letters are NFC (one code point each), as Unicode 1E00-1EFF and the Vietnamese standard TCVN 6909:2001 have them.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from models.errors import AlphabetError

if TYPE_CHECKING:
    from collections.abc import Iterable

_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_VOWELS = "aăâeêioôơuưy"
_LOWER = frozenset(unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES) - set("aeiouy")

ACCENTED: frozenset[str] = frozenset({*_LOWER, "đ", *(letter.upper() for letter in _LOWER), "Đ"})
"""The 134 accented letters of Vietnamese, both cases, NFC."""

REQUIRED: frozenset[str] = ACCENTED | frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;/-()%",
)
"""What a recogniser must be able to write: accented and plain letters, digits, the space, and the signs of a form."""


def check_alphabet(alphabet: Iterable[str]) -> None:
    """Refuses an alphabet that lacks a required character.

    Raises `AlphabetError` whose `detail` names what is missing.
    """
    missing = REQUIRED - frozenset(alphabet)
    if missing:
        listed = " ".join("space" if letter == " " else letter for letter in sorted(missing))
        raise AlphabetError(f"missing {len(missing)} characters: {listed}")
