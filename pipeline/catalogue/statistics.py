"""Figures for whoever watches the house: how many dossiers stand where, how long the oldest waits, what stages took.

Counts and times only: nothing here can say anything of a person. Events are read once, by their time, so that a look
costs what is new and not what ever was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from pipeline.catalogue import tables as t
from pipeline.record import Status

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Standing:
    """Dossiers of one status."""

    status: Status
    count: int
    oldest: datetime
    """When the one that has waited longest last changed."""


@dataclass(frozen=True, slots=True)
class StageEnd:
    """A stage came to an end."""

    dossier: str
    seq: int
    stage: str
    state: str
    code: str
    """Why it was held or failed; empty otherwise."""
    seconds: float | None
    at: datetime


def standings(connection: Connection) -> list[Standing]:
    """By status; statuses with none are left out."""
    statement = select(t.dossiers.c.status, func.count(), func.min(t.dossiers.c.updated_at)).group_by(
        t.dossiers.c.status
    )
    return [Standing(Status(status), count, oldest) for status, count, oldest in connection.execute(statement)]


def stage_ends(connection: Connection, since: datetime) -> list[StageEnd]:
    """Ends of stages at or after a moment, in the order of their times."""
    events = t.events.c
    statement = select(t.events).where((events.at >= since) & (events.state != "started")).order_by(events.at)
    return [
        StageEnd(
            dossier=row["dossier_id"],
            seq=row["seq"],
            stage=row["stage"],
            state=row["state"],
            code=row["code"] or "",
            seconds=row["data"].get("seconds"),
            at=row["at"],
        )
        for row in connection.execute(statement).mappings()
    ]


def server_time(connection: Connection) -> datetime:
    """The database's own clock; of a file, this machine's, in whole seconds."""
    now: datetime = connection.execute(select(func.current_timestamp(type_=t.UtcDateTime()))).scalar_one()
    return now
