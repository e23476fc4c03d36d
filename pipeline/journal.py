"""What must not be lost with the catalogue: each lasting act is also a small object in the store, beside the papers.

`journal/DOSSIER/received.json` when files became ours, `decided-TIME-SUM.json` for a person's answers, and
`filed-SUM.json` for what was filed, with the names of its objects. They are written before the catalogue is, so the
store never knows less; written again they are the same bytes. `pipeline.recovery` makes a catalogue out of them.
Progress, leases and what was read are not here: those can be made again.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import rfc8785
from pydantic import Field, TypeAdapter

from pipeline.catalogue.rows import Decision, Filing
from pipeline.record import Dossier, Event, Model
from pipeline.store.errors import KeyTakenError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.store.protocol import ObjectStore

PREFIX = "journal/"


class ReceivedEntry(Model):
    """Files became ours: the dossier as it was opened."""

    kind: Literal["received"] = "received"
    dossier: Dossier
    content_hash: str
    """By which the same files find this dossier again."""


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


def received(store: ObjectStore, dossier: Dossier, content_hash: str) -> Dossier:
    """Returns the dossier that counts: the one entered first under this id. Raises `StoreError`."""
    key = f"{PREFIX}{dossier.id}/received.json"
    try:
        _put(store, key, ReceivedEntry(dossier=dossier, content_hash=content_hash))
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
