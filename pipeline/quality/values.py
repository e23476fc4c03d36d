"""When two keyed values are the same, and how a right value is made wrong for a planted answer. Pure.

Case, blanks, and where a tone stands on a diphthong (hòa, hoà) are ways of writing; marks, tones and digits are not.
A planted error is what readers get wrong: a lost tone, a lost mark, a digit taken for another.
"""

from __future__ import annotations

import hashlib
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractors.fields import FieldValue

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_DIGITS = str.maketrans("0123456789", "8790463123")


def same_value(left: FieldValue, right: FieldValue) -> bool:
    """Whether two values say the same."""
    return _plain(left) == _plain(right)


def _plain(value: FieldValue) -> object:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, bool):
        return value
    return " ".join(_syllable(word) for word in str(value).casefold().split())


def _syllable(word: str) -> str:
    letters = unicodedata.normalize("NFD", word)
    tones = sorted(letter for letter in letters if letter in _TONES)
    return "".join(letter for letter in letters if letter not in _TONES) + "".join(tones)


def spoiled(value: FieldValue, seed: str) -> FieldValue:
    """The value with one error, always the same for a seed; None where no error can be made that is one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, list):
        for at, one in enumerate(value):
            if isinstance(wrong := spoiled(one, seed), str):
                return [*value[:at], wrong, *value[at + 1 :]]
        return None
    if isinstance(value, int):
        return value + 1
    if value is None:
        return None
    text = unicodedata.normalize("NFC", value)
    places = [at for at, letter in enumerate(text) if _wrong(letter, text, at) is not None]
    if not places:
        return None
    at = places[int(hashlib.sha256(seed.encode()).hexdigest(), 16) % len(places)]
    return f"{text[:at]}{_wrong(text[at], text, at)}{text[at + 1 :]}"


def _wrong(letter: str, text: str, at: int) -> str | None:
    """What a reader might have seen there."""
    if letter.isdigit() and letter.isascii():
        # A day or month must stay in the calendar: of a date only the last figure of the year or of the day changes.
        if len(text) >= 10 and text[4:5] == "-" == text[7:8]:
            return {3: letter.translate(_DIGITS)}.get(at)
        return letter.translate(_DIGITS)
    marks = unicodedata.normalize("NFD", letter)
    if len(marks) > 1:
        return unicodedata.normalize("NFC", marks[:-1])
    return {"đ": "d", "Đ": "D"}.get(letter)
