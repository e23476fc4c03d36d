"""What must not be lost with the catalogue: each lasting act is also a small object in the store, beside the papers.

`journal/DOSSIER/received.json` when files became ours, `decided-TIME-SUM.json` for a person's answers, and
`filed-SUM.json` for what was filed, with the names of its objects. Everything else that must last (consent, share,
status move, account, legal hold, ...) is an `Act`: `acts/DAY/TIME-KIND-SUBJECT-SUM.json`, replayed in the order of its
names by what is registered for its kind (`pipeline.replayers`). All are written before the catalogue is, so the store
never knows less; written again they are the same bytes. `pipeline.recovery` makes a catalogue out of them. Progress,
leases and what was read are not here: those can be made again.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import rfc8785
from pydantic import Field, JsonValue, TypeAdapter

from pipeline.catalogue.lanes import Lane
from pipeline.catalogue.rows import Decision, Filing
from pipeline.record import Dossier, Event, Model
from pipeline.store.errors import KeyTakenError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pipeline.store.protocol import ObjectStore

PREFIX = "journal/"
ACTS = "acts/"
_KIND = re.compile(r"[a-z][a-z0-9_.]{0,39}", re.ASCII)
_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
_HEXADECIMAL = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32,64}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{9}", re.ASCII)
_SUM = 32
"""Hexadecimal letters of an act's sum in its name."""


class Act(Model):
    """Something that was done and must outlive the catalogue."""

    kind: str
    """`AREA.VERB`, such as `kho.shared`; decides which replayer puts it back."""
    subject: str
    """What it was done to: the id of an owner, dossier, account, ... never a person's number or name."""
    at: datetime
    payload: dict[str, JsonValue]
    """Values of persons are sealed before they come here: their key may be destroyed, an object cannot be."""

    @property
    def id(self) -> str:
        """The start of its SHA-256: 32 hexadecimal letters, the same as in its key."""
        return hashlib.sha256(self.line()).hexdigest()[:_SUM]

    def line(self) -> bytes:
        """RFC 8785 JSON: the object."""
        return rfc8785.dumps(self.model_dump(mode="json"))


class ReceivedEntry(Model):
    """Files became ours: the dossier as it was opened."""

    kind: Literal["received"] = "received"
    dossier: Dossier
    content_hash: str
    """By which the same files find this dossier again."""
    lane: Lane = Lane.DESK
    batch: str | None = None


class DecidedEntry(Model):
    """A person's answers, in their order."""

    kind: Literal["decided"] = "decided"
    dossier: str
    at: datetime
    decisions: tuple[Decision, ...] = Field(min_length=1)


class FiledEntry(Model):
    """What was filed. The record itself is the object of kind `data_json`."""

    kind: Literal["filed"] = "filed"
    dossier: str
    filings: tuple[Filing, ...] = Field(min_length=1)
    files: dict[str, str]
    events: tuple[Event, ...]


Entry = ReceivedEntry | DecidedEntry | FiledEntry
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


def received(
    store: ObjectStore, dossier: Dossier, content_hash: str, *, lane: Lane = Lane.DESK, batch: str | None = None
) -> Dossier:
    """Returns the dossier that counts: the one entered first under this id. Raises `StoreError`."""
    key = f"{PREFIX}{dossier.id}/received.json"
    try:
        _put(store, key, ReceivedEntry(dossier=dossier, content_hash=content_hash, lane=lane, batch=batch))
    except KeyTakenError:
        return ReceivedEntry.model_validate_json(store.get(key)).dossier
    return dossier


def decided(store: ObjectStore, dossier_id: str, decisions: Sequence[Decision], at: datetime) -> None:
    """Raises `StoreError`. The time is part of the name, so that names sort as the answers were given."""
    entry = DecidedEntry(dossier=dossier_id, at=at, decisions=tuple(decisions))
    digest = hashlib.sha256(_bytes(entry)).hexdigest()
    moment = at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%f")
    _put(store, f"{PREFIX}{dossier_id}/decided-{moment}-{digest}.json", entry)


def filed(
    store: ObjectStore, dossier_id: str, filings: Sequence[Filing], files: dict[str, str], events: Sequence[Event]
) -> None:
    """Raises `StoreError`. One filing of one signed PDF is entered once."""
    entry = FiledEntry(dossier=dossier_id, filings=tuple(filings), files=files, events=tuple(events))
    signed = next(filing.sha256 for filing in filings if filing.kind == "archive_pdf")
    key = f"{PREFIX}{dossier_id}/filed-{signed}.json"
    if store.stat(key) is None:
        _put(store, key, entry)


def act(store: ObjectStore, kind: str, subject: str, payload: Mapping[str, JsonValue], at: datetime) -> Act:
    """Enters an act; equal acts are one object. Write the row after this, from what this returns.

    `kind` is up to 40 of `a-z0-9_.`, `subject` up to 80 of `A-Za-z0-9._-`, without a run of nine digits outside a UUID
    or digest. Raises `ValueError` for other names or a time without a zone, and `StoreError`.
    """
    if _KIND.fullmatch(kind) is None or _SUBJECT.fullmatch(subject) is None:
        raise ValueError(f"not the name of a kind and a subject of acts: {kind!r}")
    if _NUMBER.search(_HEXADECIMAL.sub("", subject)):
        raise ValueError(f"the subject of an act of kind {kind!r} may be a person's number")
    entry = Act(kind=kind, subject=subject, at=_utc(at), payload=dict(payload))
    store.put_new(f"{_start(kind, subject, at)}{entry.id}.json", entry.line(), "application/json")
    return entry


def acted(store: ObjectStore, kind: str, subject: str, at: datetime) -> Act | None:
    """The act of this kind on this subject at exactly this moment, or None: whoever was cut off goes on with it.

    Raises `StoreError`, `ValueError`.
    """
    key = next(iter(store.keys(_start(kind, subject, at))), None)
    return None if key is None else read_act(store, key)


def act_keys(store: ObjectStore) -> Iterator[str]:
    """Keys of all acts in the order in which they were done. Raises `StoreError`."""
    return store.keys(ACTS)


def read_act(store: ObjectStore, key: str) -> Act:
    """An act. Raises `StoreError`, and `ValueError` for an object that is none."""
    return Act.model_validate_json(store.get(key))


def _start(kind: str, subject: str, at: datetime) -> str:
    return f"{ACTS}{_utc(at):%Y%m%d/%H%M%S.%f}-{kind}-{subject}-"


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC)


def dossiers(store: ObjectStore) -> Iterator[str]:
    """Ids of the dossiers that have a journal, each once."""
    last = ""
    for key in store.keys(PREFIX):
        dossier = key[len(PREFIX) :].partition("/")[0]
        if dossier != last:
            last = dossier
            yield dossier


def entries(store: ObjectStore, dossier_id: str) -> Iterator[Entry]:
    """A dossier's entries: received, then answers in their order, then filings. Raises `StoreError`, `ValueError`."""
    found = sorted(store.keys(f"{PREFIX}{dossier_id}/"), key=lambda key: (not key.endswith("/received.json"), key))
    for key in found:
        yield _ENTRY.validate_json(store.get(key))


def _put(store: ObjectStore, key: str, entry: Entry) -> None:
    store.put_new(key, _bytes(entry), "application/json")


def _bytes(entry: Entry) -> bytes:
    return rfc8785.dumps(entry.model_dump(mode="json"))
