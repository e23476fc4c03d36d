"""Passwords after NIST SP 800-63B-4: long, not common, compared in equal time, kept as argon2id; no composition rules.

Text is NFC before it is hashed, so that a word with marks is the same from every keyboard. Only a few are hashed at
once: each takes 64 MiB, and a flood of sign-ins must not take the memory of the readers.
"""

from __future__ import annotations

import itertools
import re
import threading
import unicodedata
from typing import TYPE_CHECKING, Final

from pipeline.access.errors import WeakPasswordError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from argon2 import PasswordHasher

LONGEST: Final = 256
_COMMON: Final = (
    "password", "passw0rd", "matkhau", "qwerty", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1q2w3e4r", "iloveyou",
    "letmein", "welcome", "admin", "administrator", "abc123", "0123456789", "1234567890", "9876543210",
    "abcdefghijklmnopqrstuvwxyz", "anhyeuem", "emyeuanh", "motconvit", "vietnam", "hanoi", "saigon", "hosohoso",
)  # fmt: skip


class Passwords:
    """Makes hashes and compares; the hasher is made at the first use."""

    def __init__(self, least: int) -> None:
        """`least` characters."""
        self._least = least
        self._lock = threading.Lock()
        self._at_once = threading.BoundedSemaphore(2)
        self._made: list[tuple[PasswordHasher, str]] = []

    def check(self, password: str, names: Iterable[str]) -> str:
        """The password in NFC, if it may be one. Raises `WeakPasswordError`."""
        text = unicodedata.normalize("NFC", password)
        if len(text) < self._least:
            raise WeakPasswordError("too_short", self._least)
        if len(text) > LONGEST:
            raise WeakPasswordError("too_long", self._least)
        bare = _bare(text)
        if _is_common(bare):
            raise WeakPasswordError("too_common", self._least)
        for name in names:
            said = _bare(name)
            # What is left beside a name has to carry the password on its own.
            if len(said) >= 3 and said in bare and len(bare.replace(said, "")) < self._least // 2:
                raise WeakPasswordError("names_something", self._least)
        return text

    def hash(self, password: str) -> str:
        """The argon2id hash with its parameters and salt."""
        hasher, _ = self._ready()
        with self._at_once:
            return str(hasher.hash(unicodedata.normalize("NFC", password)))

    def matches(self, known: str | None, password: str) -> bool:
        """Whether it is the password. Without a hash the same work is done, and the answer is no."""
        from argon2.exceptions import InvalidHashError, VerificationError

        hasher, nobody = self._ready()
        with self._at_once:
            try:
                right = hasher.verify(known or nobody, unicodedata.normalize("NFC", password)[: LONGEST + 1])
            except (VerificationError, InvalidHashError):
                return False
        return bool(right) and known is not None

    def _ready(self) -> tuple[PasswordHasher, str]:
        from argon2 import PasswordHasher

        with self._lock:
            if not self._made:
                hasher = PasswordHasher()
                self._made.append((hasher, hasher.hash("nobody's")))
            return self._made[0]


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return re.sub(r"[\W_]", "", "".join(letter for letter in decomposed if not unicodedata.combining(letter)))


def _is_common(bare: str) -> bool:
    rest = bare
    for word in sorted(_COMMON, key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(re.sub(r"\d", "", rest)) < 4:
        return True
    if len(set(bare)) < 5:
        return True
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(bare)}
    if len(steps) == 1:
        return True
    return any(bare == (bare[:size] * len(bare))[: len(bare)] for size in range(1, len(bare) // 2))
