"""Puts back what the store remembers of a dossier: into an empty catalogue, or one that an older backup gave back.

One transaction a dossier. What is there already stays; a dossier that the store knows as filed and the catalogue does
not is brought forward; answers and filings that are missing are added under their own times.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from pipeline.catalogue import audit, dossiers, history, lanes, ledger
from pipeline.catalogue import tables as t
from pipeline.record import Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from pipeline.catalogue.lanes import Lane
    from pipeline.catalogue.rows import Decision, Filing
    from pipeline.catalogue.seals import Seals
    from pipeline.record import Dossier


class PutBack(StrEnum):
    """What became of a dossier."""

    ADDED = "added"
    BROUGHT_FORWARD = "brought_forward"
    COMPLETED = "completed"
    """Answers or filings were missing."""
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Remembered:
    """All that the store says of a dossier."""

    dossier: Dossier
    """As filed, or as it was received."""
    step: ledger.StepKey
    """By which the same files find it again."""
    decisions: Sequence[tuple[datetime, Decision]]
    filings: Sequence[Filing]
    lane: Lane
    batch: str | None
    """As it was received."""


def put_back(connection: Connection, seals: Seals, remembered: Remembered, now: datetime) -> PutBack:
    """See the module's first lines."""
    dossier = remembered.dossier
    found = dossiers.load(connection, seals, dossier.id)
    state = PutBack.UNCHANGED
    if found is None:
        dossiers.create(connection, seals, dossier, None, now)
        if remembered.lane is not lanes.Lane.DESK or remembered.batch:
            lanes.put(connection, dossier.id, lane=remembered.lane, batch=remembered.batch)
        state = PutBack.ADDED
    elif dossier.status is Status.FILED and found[0].status is not Status.FILED:
        dossiers.save(connection, seals, dossier, None, now)
        state = PutBack.BROUGHT_FORWARD
    ledger.remember(connection, seals, remembered.step, dossier.id.encode(), seconds=0.0, now=now)
    added = _add_decisions(connection, seals, remembered) + _add_filings(connection, remembered)
    if added and state is PutBack.UNCHANGED:
        state = PutBack.COMPLETED
    if state is not PutBack.UNCHANGED:
        audit.append(connection, "recovered", dossier.id, {"state": state.value}, now=now)
    return state


def _add_decisions(connection: Connection, seals: Seals, remembered: Remembered) -> int:
    dossier_id = remembered.dossier.id
    known = {(row.at, row.document, row.key) for row in history.decisions_of(connection, seals, dossier_id)}
    rows = []
    for at, decision in remembered.decisions:
        if (at, decision.document, decision.key) not in known:
            rows.append(history.decision_row(seals, dossier_id, decision, at))
    if rows:
        connection.execute(insert(t.decisions), rows)
    return len(rows)


def _add_filings(connection: Connection, remembered: Remembered) -> int:
    mine = t.filings.c.dossier_id == remembered.dossier.id
    known = set(connection.execute(select(t.filings.c.object_key).where(mine)).scalars())
    missing = [filing for filing in remembered.filings if filing.object_key not in known]
    for filing in missing:
        history.record_filing(connection, filing)
    return len(missing)
