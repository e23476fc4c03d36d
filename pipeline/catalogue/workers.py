"""What workers say of themselves, and the duties that one of them does for all: reconciling, fixity, renewal, seals.

A duty is claimed as a dossier is: one statement that checks and sets, an epoch that grows, an end that gives way. Its
row also keeps when it is due next and how it ended last, so that every door can show it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from pipeline.catalogue import tables_queue as q
from pipeline.catalogue.session import add_if_new
from pipeline.record import Model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


class WorkerRow(Model):
    """A worker as it last said it was."""

    name: str
    host: str
    pid: int
    since: datetime
    beat_at: datetime
    state: str
    """`starting`, `idle`, `busy`, `recycling` or `stopping`."""
    desk: int
    """Desk dossiers in hand."""
    backlog: int
    dossiers: int
    """Brought to an end since it started."""
    pages: int
    memory: int
    """Bytes of the process and its children."""
    note: str = ""
    """Why it begins no dossiers, such as `disk_low`; empty where it does."""


class DutyRow(Model):
    """A duty: who has it, when it is due, how it ended last."""

    name: str
    holder: str | None
    epoch: int
    expires_at: datetime | None
    due_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    ok: bool | None
    result: dict[str, Any]
    """What came of it last; what the next run has to know is in it, too."""


def beat(connection: Connection, row: WorkerRow) -> None:
    """Adds or renews a worker."""
    values = row.model_dump()
    if not add_if_new(connection, q.workers, values):
        connection.execute(update(q.workers).where(q.workers.c.name == row.name).values(**values))


def forget(connection: Connection, names: list[str]) -> int:
    """Takes workers off the list; returns how many there were."""
    return connection.execute(delete(q.workers).where(q.workers.c.name.in_(names))).rowcount


def workers(connection: Connection) -> list[WorkerRow]:
    """All of them, the longest running first."""
    rows = connection.execute(select(q.workers).order_by(q.workers.c.since, q.workers.c.name)).mappings()
    return [WorkerRow.model_validate(dict(row)) for row in rows]


def take(connection: Connection, name: str, holder: str, ttl: timedelta, now: datetime) -> DutyRow | None:
    """The duty where it is due and nobody has it, else None."""
    row: dict[str, Any] = {"name": name, "holder": None, "epoch": 0, "result": {}}
    add_if_new(connection, q.duties, row)
    free = q.duties.c.expires_at.is_(None) | (q.duties.c.expires_at <= now)
    due = q.duties.c.due_at.is_(None) | (q.duties.c.due_at <= now)
    statement = (
        update(q.duties)
        .where((q.duties.c.name == name) & free & due)
        .values(holder=holder, epoch=q.duties.c.epoch + 1, expires_at=now + ttl, started_at=now)
    )
    found = connection.execute(statement.returning(*q.duties.c)).mappings().one_or_none()
    return None if found is None else DutyRow.model_validate(dict(found))


def keep(connection: Connection, duty: DutyRow, ttl: timedelta, now: datetime) -> bool:
    """Renews the right to do a duty; False where somebody else has it by now."""
    values = {"expires_at": now + ttl}
    return connection.execute(update(q.duties).where(_is(duty)).values(**values)).rowcount == 1


def end(
    connection: Connection, duty: DutyRow, due_at: datetime, now: datetime, *, ok: bool, result: Mapping[str, Any]
) -> bool:
    """Puts down how it ended and when it is due again; False where somebody else has it by now."""
    values = {"expires_at": None, "holder": None, "due_at": due_at, "ended_at": now, "ok": ok, "result": dict(result)}
    return connection.execute(update(q.duties).where(_is(duty)).values(**values)).rowcount == 1


def duties(connection: Connection) -> list[DutyRow]:
    """All that were ever taken, by name."""
    rows = connection.execute(select(q.duties).order_by(q.duties.c.name)).mappings()
    return [DutyRow.model_validate(dict(row)) for row in rows]


def _is(duty: DutyRow) -> Any:
    return (q.duties.c.name == duty.name) & (q.duties.c.epoch == duty.epoch) & (q.duties.c.holder == duty.holder)
