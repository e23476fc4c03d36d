"""The catalogue again, out of the store alone: the journal says what happened, the signed records say what was found.

A filed dossier comes back with its whole record; one that was on its way comes back as received, with its originals
and every answer that people gave, and goes through its stages again. Nothing that the catalogue has is taken from it,
so the same command also completes a catalogue that an older backup gave back.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pipeline import journal
from pipeline.audit import sealing
from pipeline.catalogue.ledger import StepKey
from pipeline.catalogue.recovery import PutBack, Remembered
from pipeline.receive import RECEIVE_STEP, RECEIVE_VERSION
from pipeline.record import Dossier, Model, Status
from pipeline.store.errors import CorruptError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pipeline.catalogue.rows import Decision
    from pipeline.store.protocol import ObjectStore
    from pipeline.tools import Tools


class Unrecovered(Model):
    """A dossier that could not be put back, and why."""

    dossier: str
    reason: str


class RecoveryReport(Model):
    """The answer of `hoso kho rebuild`."""

    dossiers: int
    added: int
    brought_forward: int
    completed: int
    unchanged: int
    ledger_entries: int
    """Entries of the audit ledger that came back; 0 where the catalogue still had its ledger."""
    unrecovered: tuple[Unrecovered, ...]


def rebuild(tools: Tools, on_dossier: Callable[[int], None] = lambda _: None) -> RecoveryReport:
    """Puts back every dossier that the store remembers. Raises `StoreUnreachableError` and catalogue errors.

    Killed anywhere, it can be started again: what was put back is found unchanged.
    """
    counts = dict.fromkeys(PutBack, 0)
    entries = sealing.bring_back(tools)
    unrecovered: list[Unrecovered] = []
    for dossier_id in journal.dossiers(tools.store):
        try:
            remembered = remember(tools.store, dossier_id)
        except (CorruptError, NotFoundError, ValueError) as error:
            unrecovered.append(Unrecovered(dossier=dossier_id, reason=_reason(error)))
            continue
        counts[tools.catalogue.put_back(remembered)] += 1
        on_dossier(sum(counts.values()))
    return RecoveryReport(
        dossiers=sum(counts.values()) + len(unrecovered),
        added=counts[PutBack.ADDED],
        brought_forward=counts[PutBack.BROUGHT_FORWARD],
        completed=counts[PutBack.COMPLETED],
        unchanged=counts[PutBack.UNCHANGED],
        ledger_entries=entries,
        unrecovered=tuple(unrecovered),
    )


def remember(store: ObjectStore, dossier_id: str) -> Remembered:
    """What the store says of a dossier. Raises `StoreError`, and `ValueError` for a journal that makes no sense."""
    received: journal.ReceivedEntry | None = None
    decisions: list[tuple[datetime, Decision]] = []
    filed: list[journal.FiledEntry] = []
    for entry in journal.entries(store, dossier_id):
        match entry:
            case journal.ReceivedEntry():
                received = entry
            case journal.DecidedEntry():
                decisions += [(entry.at, decision) for decision in entry.decisions]
            case journal.FiledEntry():
                filed.append(entry)
    if received is None:
        raise ValueError("no receipt")
    filed.sort(key=lambda entry: max(filing.filed_at for filing in entry.filings))
    dossier = _as_filed(store, filed[-1]) if filed else received.dossier
    if dossier.id != dossier_id:
        raise ValueError("the record is another dossier's")
    filings = {filing.object_key: filing for entry in filed for filing in entry.filings}
    step = StepKey(received.content_hash, RECEIVE_STEP, RECEIVE_VERSION)
    return Remembered(dossier, step, decisions, tuple(filings.values()))


def _as_filed(store: ObjectStore, entry: journal.FiledEntry) -> Dossier:
    record = json.loads(store.get(entry.files["data_json"]))
    events = [event.model_dump(mode="json") for event in entry.events]
    return Dossier.model_validate_json(
        json.dumps(record | {"status": Status.FILED.value, "files": entry.files, "events": events})
    )


def _reason(error: Exception) -> str:
    """Without the values of the record, which are people's data."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors(include_input=False)[:3])
    return getattr(error, "code", "") or str(error)
