"""What the house asks of an object store. Small on purpose: five verbs that any S3 server and a folder can do.

Objects are write-once by contract: `put_new` never replaces, equal bytes under the same key are a success.
Whether the medium enforces that is declared in `Capabilities`; nothing claims what was not proved.
Keys are ASCII, slash-separated, and never hold a personal number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the medium was shown to do."""

    kind: str
    immutable: bool
    """Whether a stored object can be protected from deletion by anyone who holds our keys."""
    conditional_put: bool
    versioning: bool
    note_vi: str
    """What an operator must know, in Vietnamese."""


@dataclass(frozen=True, slots=True)
class ObjectStat:
    """An object as the store knows it."""

    key: str
    size: int
    sha256: str


class ObjectStore(Protocol):
    """Raises `pipeline.store.errors.StoreError` subclasses and nothing else."""

    def capabilities(self) -> Capabilities:
        """What this store can do; probed once."""
        ...

    def put_new(self, key: str, source: bytes | Path, media_type: str = "application/octet-stream") -> ObjectStat:
        """Stores bytes or a file under a new key, durably, and returns what lies there now.

        Equal content under the same key is a success without a write; different content raises `KeyTakenError`.
        """
        ...

    def get(self, key: str) -> bytes:
        """The object's bytes, checked against its SHA-256. Raises `NotFoundError`, `CorruptError`."""
        ...

    def fetch(self, key: str, target: Path) -> ObjectStat:
        """Streams the object to a file, checked against its SHA-256."""
        ...

    def stat(self, key: str) -> ObjectStat | None:
        """What lies under the key, or None."""
        ...

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Keys that start with the prefix, sorted."""
        ...
