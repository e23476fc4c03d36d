"""Chance in the sizes that access needs, and how it is kept: what opens a door is 256 random bits, kept as SHA-256.

A hash without salt or stretching is right for these, and only for these: nobody can guess 256 random bits.
"""

from __future__ import annotations

import hashlib
import re
import secrets

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32
_NUMBER = re.compile(r"[0-9]{9}")


def new_secret() -> str:
    """256 random bits, fit for a cookie, a header and a URL."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_id(prefix: str) -> str:
    """`PREFIX-` and twelve letters (60 bits): never guessed at, never derived from a person.

    Nine digits in a row, which chance gives once in ten thousand, would be taken for somebody's number by the journal.
    """
    while _NUMBER.search(made := _chosen(12)):
        pass
    return f"{prefix}-{made}"


def one_time_password() -> str:
    """Twenty letters (100 bits) in groups of five, to be read from a screen and typed once."""
    return "-".join(_chosen(5) for _ in range(4))


def _chosen(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))
