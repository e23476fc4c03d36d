"""What the house asks of an object store: verbs that any S3 server can do, and a folder as far as a folder can.

Objects are write-once by contract: `put_new` never replaces, equal bytes under the same key are a success. What the
medium enforces is tried out when a store is opened (`Proof`): nothing is claimed that was not proved, and a verb that a
medium or a key cannot honour raises `VerbUnsupportedError` or `KeyDutyError` instead of pretending.
Callers know this protocol only; a store round another store (`pipeline.store.around`) is one, too.
Keys are ASCII, slash-separated, and never hold a personal number.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta
    from pathlib import Path


class Duty(StrEnum):
    """What a key of the store is for. Each opens a store of its own; none can do another's work."""

    FILING = "filing"
    """Writes what is new and sets retention; deletes nothing."""
    READING = "reading"
    """Gets what it knows the key of; for downstream systems and for what only reads."""
    MAINTENANCE = "maintenance"
    """Deletes what retention allows, sets and lifts legal holds, clears uploads left behind; writes nothing."""


class RetentionMode(StrEnum):
    """Modes of S3 Object Lock."""

    GOVERNANCE = "GOVERNANCE"
    """May be ended early by a right that none of the house's keys has."""
    COMPLIANCE = "COMPLIANCE"
    """Nobody ends or shortens it, the server's administrator included."""


@dataclass(frozen=True, slots=True)
class Retention:
    """Until when an object is kept from deletion."""

    until: datetime
    """Aware, whole seconds."""
    mode: RetentionMode


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object; the contract makes one, anything else is somebody else's doing."""

    id: str
    """The medium's own name for it; empty where it keeps one version only."""
    size: int
    written_at: datetime
    latest: bool
    marker: bool = False
    """Whether it is a mark of deletion, which hides the versions before it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A capability that was tried out, and what was seen."""

    capability: str
    """`conditional_put`, `versioning`, `retention`, `legal_hold`, `separate_keys` or `encryption`."""
    proved: bool
    seen: str
    """English, for administrators: the attempt and its answer."""


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
    retention: bool = False
    """Whether COMPLIANCE retention was refused to be shortened or deleted."""
    legal_hold: bool = False
    separate_keys: bool = False
    """Whether each of the three keys was refused what is not its duty."""
    encryption: bool = False
    """Whether what lies on the medium is unreadable without keys of the house."""
    proofs: tuple[Proof, ...] = ()


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

    def start(self, key: str, size: int) -> bytes:
        """The object's first bytes, at most so many: not checked against its SHA-256. Raises `NotFoundError`."""
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

    def presign(self, key: str, expires: timedelta) -> str:
        """An address from which anybody gets the object until it expires (1 second to 7 days). It is a secret.

        The bytes come as they lie on the medium. Raises `NotFoundError`, `VerbUnsupportedError`, `ValueError`.
        """
        ...

    def retain(self, key: str, until: datetime, mode: RetentionMode) -> Retention:
        """Keeps the object from deletion at least until then; returns what holds now. Never shortens or weakens.

        Raises `NotFoundError`, `VerbUnsupportedError`, `KeyDutyError`; `RetainedError` where the server does not let
        GOVERNANCE become COMPLIANCE.
        """
        ...

    def retention(self, key: str) -> Retention | None:
        """What retention holds, None where none was set. Raises `NotFoundError`, `VerbUnsupportedError`."""
        ...

    def hold(self, key: str, *, on: bool) -> None:
        """Sets or lifts the legal hold, which forbids deletion whatever the retention.

        Raises `NotFoundError`, `VerbUnsupportedError`, `KeyDutyError`.
        """
        ...

    def held(self, key: str) -> bool:
        """Whether a legal hold is on. Raises `NotFoundError`, `VerbUnsupportedError`."""
        ...

    def versions(self, key: str) -> list[Version]:
        """Every version under the key, the newest first; none where nothing was ever there."""
        ...

    def delete(self, key: str) -> int:
        """Destroys every version of the object for good; returns how many. None there is a success.

        Raises `RetainedError` or `ObjectHeldError` where one of them may not go, and then nothing went, and
        `KeyDutyError`.
        """
        ...

    def abort_stale(self, before: datetime) -> int:
        """Throws uploads away that were begun before then and never ended; returns how many."""
        ...
