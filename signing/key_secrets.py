"""Passphrases and PINs: given, in a file, or in an environment variable; read when needed, never shown.

A file is the safer place (mode 0600): other processes of the same user can read an environment. Which of the places
was meant is part of every error, what stands there is part of none. A secret that was refused is not tried again until
it reads otherwise: tokens and services lock after a few wrong ones, and a worker tries held work for ever.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signing.errors import KeySecretWrongError, KeyUnavailableError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Secret:
    """At most one of the three places; none of them means that there is no secret."""

    value: str | None = field(default=None, repr=False)
    file: Path | None = None
    """A file with the secret, without or with a final newline."""
    variable: str | None = None
    """Name of an environment variable."""
    _refused: set[bytes] = field(default_factory=set, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        given = [place for place in (self.value, self.file, self.variable) if place is not None]
        if len(given) > 1:
            raise ValueError("a secret is given in one place only: value, file or variable")

    def read(self) -> bytes | None:
        """The secret's bytes; None where no place was named.

        Raises KeyUnavailableError where the file can't be read, KeySecretWrongError where the variable is not set or
        what stands there was refused before.
        """
        data = self._stands()
        if data is not None and hashlib.sha256(data).digest() in self._refused:
            raise KeySecretWrongError("this secret was refused before and is not tried again: set the right one")
        return data

    def refuse(self) -> None:
        """Never try again what stands there now."""
        data = self._stands()
        if data is not None:
            self._refused.add(hashlib.sha256(data).digest())

    def _stands(self) -> bytes | None:
        if self.value is not None:
            return self.value.encode()
        if self.file is not None:
            try:
                return self.file.read_bytes().rstrip(b"\r\n")
            except OSError as error:
                raise KeyUnavailableError(f"{self.file.name}: {error.strerror}") from error
        if self.variable is not None:
            text = os.environ.get(self.variable)
            if text is None:
                raise KeySecretWrongError(f"the environment variable {self.variable} is not set")
            return text.encode()
        return None

    def text(self) -> str | None:
        """The secret as text (UTF-8); errors as `read`."""
        data = self.read()
        try:
            return data.decode() if data is not None else None
        except UnicodeDecodeError as error:
            raise KeySecretWrongError("the secret is not UTF-8 text") from error


NO_SECRET = Secret()
