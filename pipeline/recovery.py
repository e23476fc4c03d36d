"""The catalogue again, out of the store alone: the journal says what happened, the signed records say what was found.

A filed dossier comes back with its whole record; one that was on its way comes back as received, with its originals
and every answer that people gave, and goes through its stages again. Then every other act is replayed in its order.
Nothing that the catalogue has is taken from it, so the same command also completes a catalogue that an older backup
gave back.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import Field, ValidationError

from pipeline import journal
from pipeline.audit import sealing
from pipeline.catalogue.errors import CatalogueUnreachableError
from pipeline.catalogue.ledger import StepKey
from pipeline.catalogue.recovery import PutBack, Remembered
from pipeline.errors import HosoError
from pipeline.receive import RECEIVE_STEP, RECEIVE_VERSION
from pipeline.record import Dossier, Model, Status
from pipeline.replayers import replayers
from pipeline.store.errors import CorruptError, NotFoundError, StoreUnreachableError
from pipeline.vault.errors import KeyDestroyedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pipeline.catalogue.rows import Decision
    from pipeline.replayers import Replayer
    from pipeline.store.protocol import ObjectStore
    from pipeline.tools import Tools


class Unrecovered(Model):
    """A dossier, or the subject of an act, that could not be put back, and why."""

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
    erased: int = 0
    """Dossiers whose keys were destroyed: what the store has of them can never be opened again."""
    acts: int = 0
    """Acts of the journal that were looked at."""
    acts_added: int = 0
    """Those among them that the catalogue did not have."""
    unknown_acts: dict[str, int] = Field(default_factory=dict)
    """Acts that this version of the software cannot replay, by kind; they stay in the store."""


def rebuild(tools: Tools, on_dossier: Callable[[int], None] = lambda _: None) -> RecoveryReport:
    """Puts back every dossier that the store remembers. Raises `StoreUnreachableError` and catalogue errors.

    Killed anywhere, it can be started again: what was put back is found unchanged.
    """
    counts = dict.fromkeys(PutBack, 0)
    lost = erased = 0
    entries = sealing.bring_back(tools)
    unrecovered: list[Unrecovered] = []
    for dossier_id in journal.dossiers(tools.store):
        try:
            remembered = remember(tools.store, dossier_id)
        except KeyDestroyedError:
            erased += 1
            continue
        except (CorruptError, NotFoundError, ValueError) as error:
            unrecovered.append(Unrecovered(dossier=dossier_id, reason=_reason(error)))
            lost += 1
            continue
        counts[tools.catalogue.put_back(remembered)] += 1
        on_dossier(sum(counts.values()))
    replayed = _replay(tools, unrecovered)
    return RecoveryReport(
        dossiers=sum(counts.values()) + lost + erased,
        added=counts[PutBack.ADDED],
        brought_forward=counts[PutBack.BROUGHT_FORWARD],
        completed=counts[PutBack.COMPLETED],
        unchanged=counts[PutBack.UNCHANGED],
        ledger_entries=entries,
        unrecovered=tuple(unrecovered),
        erased=erased,
        acts=replayed.acts,
        acts_added=replayed.added,
        unknown_acts=dict(sorted(replayed.unknown.items())),
    )


@dataclass(slots=True)
class _Replayed:
    acts: int = 0
    added: int = 0
    unknown: Counter[str] = field(default_factory=Counter)


def _replay(tools: Tools, unrecovered: list[Unrecovered]) -> _Replayed:
    """Every act in its order; what cannot be replayed is named, and stays in the store for a newer version."""
    counts, known = _Replayed(), replayers()
    failed: list[tuple[Replayer, journal.Act]] = []
    for key in journal.act_keys(tools.store):
        counts.acts += 1
        try:
            act = journal.read_act(tools.store, key)
        except (CorruptError, NotFoundError, ValueError) as error:
            unrecovered.append(Unrecovered(dossier=key, reason=_reason(error)))
            continue
        replayer = known.get(act.kind)
        if replayer is None:
            counts.unknown[act.kind] += 1
            continue
        try:
            counts.added += replayer(tools, act)
        except (CatalogueUnreachableError, StoreUnreachableError):
            raise
        except (HosoError, ValueError, KeyError):
            failed.append((replayer, act))
    # Clocks of several machines differ a little: what came too early has what it needs now.
    for replayer, act in failed:
        try:
            counts.added += replayer(tools, act)
        except (CatalogueUnreachableError, StoreUnreachableError):
            raise
        except (HosoError, ValueError, KeyError) as error:
            unrecovered.append(Unrecovered(dossier=act.subject, reason=f"{act.kind}: {_reason(error)}"))
    return counts


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
    return Remembered(dossier, step, decisions, tuple(filings.values()), received.lane, received.batch)


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
