"""How far the signing of one PDF is, kept so that it can go on after any end of the process.

Eight states in this order: `prepared`, `hash_sent`, `signed`, `timestamped` (these three once a signature), `lt`,
`lta`, `verified`, `stored`. What a state made is one record in a journal, known by a step's name under the prepared
file's hash. The first record of a step stays: who comes later goes on from it, so a signature is never made twice.
Records hold revisions, not files: prepared file plus records give the file of any state. The first and the last
state are the caller's: it keeps the prepared file and the finished one.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from signing.errors import SigningError
from signing.increments import Placeholder

if TYPE_CHECKING:
    from signing.increments import FieldPlan


class SigningStateError(SigningError):
    """A kept record of an unfinished signature is damaged or belongs to another file."""

    code = "signing_state_unreadable"
    message_vi = "Không đọc được trạng thái ký đã lưu của tệp này."
    remedy_vi = "Không ký lại; hãy báo quản trị viên, bản gốc và bản chuẩn bị ký vẫn an toàn trong kho."


class State(StrEnum):
    """The states, in order."""

    PREPARED = "prepared"
    HASH_SENT = "hash_sent"
    SIGNED = "signed"
    TIMESTAMPED = "timestamped"
    LT = "lt"
    LTA = "lta"
    VERIFIED = "verified"
    STORED = "stored"


class Journal(Protocol):
    """Keeps the records of one prepared file."""

    def get(self, step: str) -> bytes | None:
        """The record of `step`, or None."""

    def put(self, step: str, record: bytes) -> bytes:
        """Keep `record` unless the step has one; returns the one that counts."""


class MemoryJournal:
    """A journal for a job that may be lost: nothing outlives the process."""

    def __init__(self) -> None:
        self.records: dict[str, bytes] = {}

    def get(self, step: str) -> bytes | None:
        """See Journal."""
        return self.records.get(step)

    def put(self, step: str, record: bytes) -> bytes:
        """See Journal."""
        return self.records.setdefault(step, record)


@dataclass(frozen=True, slots=True)
class HashSent:
    """A signature that is asked for: its place in the file, and the bytes that the key signs."""

    placeholder: Placeholder
    attributes: bytes
    """The signed attributes (DER of a SET): their signature is the CMS signature (RFC 5652, 5.4)."""

    def encoded(self) -> bytes:
        """As a record."""
        return _encoded(asdict(self.placeholder) | {"attributes": self.attributes})

    @classmethod
    def decoded(cls, record: bytes) -> HashSent:
        """From a record; raises SigningStateError."""
        data = _decoded(record, {"revision": bytes, "start": int, "end": int, "digest": bytes, "attributes": bytes})
        attributes = data.pop("attributes")
        return cls(Placeholder(**data), attributes)


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature: the CMS object (DER), and the certificate that it was made with (SHA-256, hexadecimal)."""

    container: bytes
    certificate: str

    def encoded(self) -> bytes:
        """As a record."""
        return _encoded(asdict(self))

    @classmethod
    def decoded(cls, record: bytes) -> Signed:
        """From a record; raises SigningStateError."""
        return cls(**_decoded(record, {"container": bytes, "certificate": str}))


@dataclass(frozen=True, slots=True)
class Plan:
    """The signature fields of a file, one a signature, in the order of signing: all are made with the first."""

    fields: tuple[FieldPlan, ...]

    def encoded(self) -> bytes:
        """As a record."""
        return json.dumps([[plan.name, plan.box] for plan in self.fields]).encode()

    @classmethod
    def decoded(cls, record: bytes) -> Plan:
        """From a record; raises SigningStateError."""
        from signing.increments import FieldPlan

        try:
            fields = json.loads(record)
            return cls(tuple(FieldPlan(name, tuple(box) if box else None) for name, box in fields))
        except (ValueError, TypeError) as error:
            raise SigningStateError(f"the plan: {error}") from error


@dataclass(frozen=True, slots=True)
class Archived:
    """The last two revisions of a long-term file; `timestamp` is empty where none is wanted."""

    data: bytes
    timestamp: bytes = b""

    def encoded(self) -> bytes:
        """As a record."""
        return _encoded(asdict(self))

    @classmethod
    def decoded(cls, record: bytes) -> Archived:
        """From a record; raises SigningStateError."""
        return cls(**_decoded(record, {"data": bytes, "timestamp": bytes}))


def _encoded(data: dict[str, Any]) -> bytes:
    plain = {k: base64.b64encode(v).decode() if isinstance(v, bytes) else v for k, v in data.items()}
    return json.dumps(plain, sort_keys=True).encode()


def _decoded(record: bytes, kinds: dict[str, type]) -> dict[str, Any]:
    try:
        data = json.loads(record)
        found = {k: base64.b64decode(data[k], validate=True) if kind is bytes else data[k] for k, kind in kinds.items()}
    except (ValueError, KeyError, TypeError) as error:
        raise SigningStateError(f"{type(error).__name__}: {error}") from error
    if any(not isinstance(found[key], kind) for key, kind in kinds.items()):
        raise SigningStateError("a value of another kind")
    return found
