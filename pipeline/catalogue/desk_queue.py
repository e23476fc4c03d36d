"""What a waiting time is worked out from: how long dossiers took, and what stands before one in the queue.

Only sizes and times are read, never what papers say. A dossier's work is the stages up to the checks: those are what
somebody at the desk waits for; signing and filing come after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from pipeline.catalogue import tables as t
from pipeline.catalogue import tables_queue as q
from pipeline.catalogue.lanes import Lane
from pipeline.record import Status

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

WAITED_FOR = ("intake", "read", "separate", "extract", "validate")
"""Stages whose end somebody at the desk waits for."""
_TO_DO = (Status.RECEIVED.value, Status.PROCESSING.value)


@dataclass(frozen=True, slots=True)
class Measured:
    """A dossier that was read and checked."""

    pages: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Queued:
    """A dossier that is not read yet."""

    dossier: str
    bytes: int
    """Of its originals: all that is known before they are opened."""
    pages: int
    """0 while nobody knows."""
    claimed: bool
    """Whether a worker has it in hand."""


def measured(connection: Connection, limit: int) -> list[Measured]:
    """Pages and seconds of the dossiers checked last; those that were only checked again are left out."""
    c, e = t.dossiers.c, t.events.c
    last = (
        select(e.dossier_id, func.max(e.at).label("at"))
        .where((e.stage == "validate") & (e.state != "started"))
        .group_by(e.dossier_id)
        .order_by(func.max(e.at).desc())
        .limit(limit)
    ).subquery()
    statement = (
        select(last.c.dossier_id, c.page_count, e.stage, e.data)
        .join(c.id.table, c.id == last.c.dossier_id)
        .join(e.dossier_id.table, e.dossier_id == last.c.dossier_id)
        .where(e.stage.in_(WAITED_FOR) & (e.state != "started") & (e.state != "progress"))
        .order_by(last.c.at.desc(), e.seq)
    )
    pages: dict[str, int] = {}
    stages: dict[str, dict[str, float]] = {}
    for dossier, count, stage, data in connection.execute(statement):
        seconds = data.get("seconds")
        if isinstance(seconds, int | float):
            pages[dossier] = count
            # The first run of a stage did the work; a later one found most of it done.
            stages.setdefault(dossier, {}).setdefault(stage, float(seconds))
    return [
        Measured(pages[dossier], sum(took.values()))
        for dossier, took in stages.items()
        if pages[dossier] and "intake" in took
    ]


def queue(connection: Connection, now: datetime) -> list[Queued]:
    """In the order in which workers take them: the desk's before the backlog, the longest waiting first."""
    c, o, lease = t.dossiers.c, t.originals.c, t.leases.c
    size = select(func.coalesce(func.sum(o.size), 0)).where(o.dossier_id == c.id).scalar_subquery()
    held = select(func.count()).where((lease.dossier_id == c.id) & (lease.expires_at > now)).scalar_subquery()
    later = func.coalesce(q.queue.c.lane, Lane.DESK.value) == Lane.BACKLOG.value
    statement = (
        select(c.id, size, c.page_count, held)
        .join(q.queue, q.queue.c.dossier_id == c.id, isouter=True)
        .where(c.status.in_(_TO_DO))
        .order_by(later, c.updated_at, c.id)
        .limit(2000)
    )
    return [
        Queued(id_, int(total), pages, bool(claimed)) for id_, total, pages, claimed in connection.execute(statement)
    ]


def arrivals(connection: Connection, stage: str, since: datetime) -> list[str]:
    """Dossiers with an event of this stage since then, the newest first."""
    e = t.events.c
    statement = select(e.dossier_id).where((e.stage == stage) & (e.at >= since)).order_by(e.at.desc()).limit(100)
    return list(dict.fromkeys(connection.execute(statement).scalars()))


def used(connection: Connection, since: datetime) -> dict[str, int]:
    """How many dossiers of each procedure came in since then."""
    c = t.dossiers.c
    statement = select(c.procedure, func.count()).where(c.received_at >= since).group_by(c.procedure)
    return {code: count for code, count in connection.execute(statement) if code}
