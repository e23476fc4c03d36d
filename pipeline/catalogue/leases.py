"""Leases: of all workers, one at a time works on a dossier, and a worker that died gives way when its time is up.

A claim is one statement that checks and sets, so two claims can never both succeed. The epoch grows with each claim:
a worker that slept past its lease holds an old epoch, and its heartbeat and release are refused.
A living lease is not given twice, not even to the same worker name: two threads may share a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select, update

from pipeline.catalogue import tables as t
from pipeline.catalogue.errors import DossierNotFoundError, LeaseLostError
from pipeline.catalogue.rows import Lease
from pipeline.catalogue.session import add_if_new

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement, Connection

    from pipeline.record import Status


def claim(connection: Connection, dossier_id: str, worker: str, ttl: timedelta, now: datetime) -> Lease | None:
    """The lease, or None where another one lives. Raises `DossierNotFoundError`."""
    if connection.execute(select(t.dossiers.c.id).where(t.dossiers.c.id == dossier_id)).one_or_none() is None:
        raise DossierNotFoundError(dossier_id)
    until = now + ttl
    row = {"dossier_id": dossier_id, "worker": worker, "epoch": 1, "claimed_at": now, "expires_at": until}
    if add_if_new(connection, t.leases, row):
        return Lease(dossier=dossier_id, worker=worker, epoch=1, expires_at=until)
    statement = (
        update(t.leases)
        .where((t.leases.c.dossier_id == dossier_id) & (t.leases.c.expires_at <= now))
        .values(worker=worker, epoch=t.leases.c.epoch + 1, claimed_at=now, expires_at=until)
    )
    epoch = connection.execute(statement.returning(t.leases.c.epoch)).scalar_one_or_none()
    return None if epoch is None else Lease(dossier=dossier_id, worker=worker, epoch=epoch, expires_at=until)


def heartbeat(connection: Connection, lease: Lease, ttl: timedelta, now: datetime) -> Lease:
    """The lease with a new end. Raises `LeaseLostError`, also where it merely ran out: somebody may be claiming."""
    until = now + ttl
    alive = _is(lease) & (t.leases.c.expires_at > now)
    if connection.execute(update(t.leases).where(alive).values(expires_at=until)).rowcount != 1:
        raise LeaseLostError(lease.dossier)
    return lease.model_copy(update={"expires_at": until})


def release(connection: Connection, lease: Lease, now: datetime) -> bool:
    """Ends the lease; whether it was still ours. The row stays, so that epochs never come again."""
    return connection.execute(update(t.leases).where(_is(lease)).values(expires_at=now)).rowcount == 1


def claimable(connection: Connection, statuses: Sequence[Status], limit: int, now: datetime) -> list[str]:
    """Ids of dossiers that stand there and that nobody works on, the longest waiting first."""
    living = exists().where((t.leases.c.dossier_id == t.dossiers.c.id) & (t.leases.c.expires_at > now))
    statement = (
        select(t.dossiers.c.id)
        .where(t.dossiers.c.status.in_([status.value for status in statuses]) & ~living)
        .order_by(t.dossiers.c.updated_at, t.dossiers.c.id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def _is(lease: Lease) -> ColumnElement[bool]:
    return (
        (t.leases.c.dossier_id == lease.dossier)
        & (t.leases.c.worker == lease.worker)
        & (t.leases.c.epoch == lease.epoch)
    )
