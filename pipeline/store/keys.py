"""What a key may look like, for every store alike.

A key is ASCII and slash-separated; a part starts with a letter or digit, so `..`, hidden names and absolute paths
cannot be written down at all. A run of 12 digits may be somebody's personal number and is refused, except inside a
hexadecimal digest or UUID, which carries such runs by chance. `pipeline.keys` makes the house's own keys.
"""

from __future__ import annotations

import re

from pipeline.store.errors import KeyRefusedError

KEY_LIMIT = 700
"""Characters; S3 allows 1024 bytes, folders need room for their own root."""
PART_LIMIT = 180
"""Characters between slashes; file systems allow 255 bytes, and stores add suffixes."""

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=+-]*", re.ASCII)
_PREFIX = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._=+/-]*)?", re.ASCII)
_DIGEST = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?![0-9A-Za-z])",
    re.ASCII,
)
_PERSONAL = re.compile(r"[0-9]{12}", re.ASCII)


def check_key(key: str) -> str:
    """Returns the key if it may be used; raises `KeyRefusedError`, which never repeats the key's digits."""
    if not key or len(key) > KEY_LIMIT:
        raise KeyRefusedError(masked(key), f"length {len(key)}, allowed 1 to {KEY_LIMIT}")
    for part in key.split("/"):
        if len(part) > PART_LIMIT:
            raise KeyRefusedError(masked(key), f"part of {len(part)} characters, allowed {PART_LIMIT}")
        if _PART.fullmatch(part) is None:
            raise KeyRefusedError(
                masked(key), "parts are ASCII letters, digits and ._=+-, and start with one of the first two"
            )
    if _PERSONAL.search(_DIGEST.sub("", key)):
        raise KeyRefusedError(masked(key), "12 digits in a row may be a personal number")
    return key


def check_prefix(prefix: str) -> str:
    """Returns a prefix of keys if there can be such keys; raises `KeyRefusedError`."""
    if len(prefix) > KEY_LIMIT or _PREFIX.fullmatch(prefix) is None or "//" in prefix or "/." in prefix:
        raise KeyRefusedError(masked(prefix), "not the start of a key")
    return prefix


def masked(key: str) -> str:
    """The key with its long digit runs blotted out, cut to 80 characters: fit for messages and logs."""
    return re.sub(r"[0-9]{6,}", "######", key, flags=re.ASCII)[:80].encode("ascii", "replace").decode("ascii")
