"""A dossier's place in the queue: its lane, when it may be worked on, why it waits.

Two lanes: the citizen in the chair (`desk`) comes before what was brought in bulk (`backlog`), always. A dossier that
nothing is known of is the desk's and due now. Which is next is asked of the database, so that any number of held
dossiers in front costs nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, select, update

from pipeline.catalogue import tables as t
from pipeline.catalogue import tables_queue as q
from pipeline.catalogue.session import add_if_new
from pipeline.record import Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection


class Lane(StrEnum):
    """Who waits."""

    DESK = "desk"
    BACKLOG = "backlog"


QUEUE = (Status.RECEIVED, Status.PROCESSING, Status.HELD)
"""Dossiers that something must be done for by itself."""

_PLACED = t.dossiers.outerjoin(q.queue, q.queue.c.dossier_id == t.dossiers.c.id)


def put(
    connection: Connection,
    dossier_id: str,
    *,
    lane: Lane | None = None,
    batch: str | None = None,
    due_at: datetime | None = None,
    code: str | None = None,
) -> None:
    """Sets when the dossier is due and why; its lane and batch only where they are given."""
    row = {"dossier_id": dossier_id, "lane": (lane or Lane.DESK).value, "batch": batch, "due_at": due_at, "code": code}
    if add_if_new(connection, q.queue, row):
        return
    values: dict[str, object] = {"due_at": due_at, "code": code}
    if lane is not None:
        values |= {"lane": lane.value, "batch": batch}
    connection.execute(update(q.queue).where(q.queue.c.dossier_id == dossier_id).values(**values))


def waiting(connection: Connection, lane: Lane | None, limit: int, now: datetime) -> list[str]:
    """Ids of dossiers that are due and that nobody works on, the longest waiting first; None: the desk's first."""
    statement = select(t.dossiers.c.id).select_from(_PLACED).where(_due(lane, now))
    order = (_lane() == Lane.BACKLOG.value, t.dossiers.c.updated_at, t.dossiers.c.id)
    return list(connection.execute(statement.order_by(*order).limit(limit)).scalars())


def count(connection: Connection, lane: Lane, now: datetime) -> tuple[int, datetime | None]:
    """How many are due that nobody works on, and when the oldest of them came or was last touched."""
    columns = select(func.count(), func.min(t.dossiers.c.updated_at))
    found, oldest = connection.execute(columns.select_from(_PLACED).where(_due(lane, now))).one()
    return int(found), oldest


def backlog_among(connection: Connection, dossier_ids: Sequence[str]) -> set[str]:
    """Those of the dossiers that are in the backlog."""
    mine = q.queue.c.dossier_id.in_(list(dossier_ids)) & (q.queue.c.lane == Lane.BACKLOG.value)
    return set(connection.execute(select(q.queue.c.dossier_id).where(mine)).scalars())


def code_of(connection: Connection, dossier_id: str) -> str | None:
    """Why it waits, or was set aside."""
    mine = select(q.queue.c.code).where(q.queue.c.dossier_id == dossier_id)
    found: str | None = connection.execute(mine).scalar_one_or_none()
    return found


def in_statuses(connection: Connection, batch: str) -> dict[str, int]:
    """How many dossiers of a batch stand where."""
    joined = t.dossiers.join(q.queue, q.queue.c.dossier_id == t.dossiers.c.id)
    statement = select(t.dossiers.c.status, func.count()).select_from(joined).where(q.queue.c.batch == batch)
    return {row[0]: row[1] for row in connection.execute(statement.group_by(t.dossiers.c.status))}


def after(connection: Connection, dossier_id: str, limit: int) -> list[str]:
    """Ids in their order after this one, for whoever goes through all dossiers in slices."""
    statement = select(t.dossiers.c.id).where(t.dossiers.c.id > dossier_id).order_by(t.dossiers.c.id).limit(limit)
    return list(connection.execute(statement).scalars())


def in_hand(connection: Connection, dossier_id: str, now: datetime) -> bool:
    """Whether somebody holds a living lease on it."""
    mine = (t.leases.c.dossier_id == dossier_id) & (t.leases.c.expires_at > now)
    return connection.execute(select(t.leases.c.dossier_id).where(mine)).first() is not None


def free(connection: Connection, worker: str, now: datetime) -> int:
    """Ends the living leases of a worker that is gone; returns how many."""
    mine = (t.leases.c.worker == worker) & (t.leases.c.expires_at > now)
    return connection.execute(update(t.leases).where(mine).values(expires_at=now)).rowcount


def _lane() -> ColumnElement[str]:
    return func.coalesce(q.queue.c.lane, Lane.DESK.value)


def _due(lane: Lane | None, now: datetime) -> ColumnElement[bool]:
    living = exists().where((t.leases.c.dossier_id == t.dossiers.c.id) & (t.leases.c.expires_at > now))
    open_now = t.dossiers.c.status.in_([status.value for status in QUEUE]) & ~living
    found = open_now & (q.queue.c.due_at.is_(None) | (q.queue.c.due_at <= now))
    return found if lane is None else found & (_lane() == lane.value)
