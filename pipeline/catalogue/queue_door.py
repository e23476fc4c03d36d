"""The catalogue's door to the queue: lanes and places, workers, duties. Every method is one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.catalogue import lanes, workers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, timedelta

    from pipeline.catalogue.lanes import Lane
    from pipeline.catalogue.session import Database
    from pipeline.catalogue.workers import DutyRow, WorkerRow


@dataclass(frozen=True, slots=True)
class LaneStand:
    """How many dossiers of a lane are due that nobody works on, and for how long (s) the oldest has waited."""

    count: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Queue:
    """All methods raise `CatalogueUnreachableError`."""

    database: Database
    clock: Callable[[], datetime]

    def put(
        self,
        dossier_id: str,
        *,
        lane: Lane | None = None,
        batch: str | None = None,
        due_at: datetime | None = None,
        code: str | None = None,
    ) -> None:
        """Gives a dossier its place; a lane that is not given stays as it is. `due_at` None: now."""
        with self.database.writing() as connection:
            lanes.put(connection, dossier_id, lane=lane, batch=batch, due_at=due_at, code=code)

    def waiting(self, lane: Lane | None = None, limit: int = 20) -> list[str]:
        """Ids of dossiers that are due and that nobody works on; without a lane the desk's come first."""
        with self.database.reading() as connection:
            return lanes.waiting(connection, lane, limit, self.clock())

    def stand(self, lane: Lane) -> LaneStand:
        """How long the lane is."""
        now = self.clock()
        with self.database.reading() as connection:
            count, oldest = lanes.count(connection, lane, now)
        return LaneStand(count, max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)

    def backlog_among(self, dossier_ids: Sequence[str]) -> set[str]:
        """Those of the dossiers that are in the backlog."""
        with self.database.reading() as connection:
            return lanes.backlog_among(connection, dossier_ids)

    def code_of(self, dossier_id: str) -> str | None:
        """Why the dossier waits, or was set aside."""
        with self.database.reading() as connection:
            return lanes.code_of(connection, dossier_id)

    def batch(self, name: str) -> dict[str, int]:
        """How many dossiers of a batch stand where, by status."""
        with self.database.reading() as connection:
            return lanes.in_statuses(connection, name)

    def dossiers_after(self, dossier_id: str, limit: int) -> list[str]:
        """Ids in their order after this one, whatever their status."""
        with self.database.reading() as connection:
            return lanes.after(connection, dossier_id, limit)

    def in_hand(self, dossier_id: str) -> bool:
        """Whether somebody works on the dossier."""
        with self.database.reading() as connection:
            return lanes.in_hand(connection, dossier_id, self.clock())

    def free_leases_of(self, worker: str) -> int:
        """Ends the leases of a worker that is known to be gone; returns how many lived."""
        with self.database.writing() as connection:
            return lanes.free(connection, worker, self.clock())

    def beat(self, row: WorkerRow) -> None:
        """A worker says how it is."""
        with self.database.writing() as connection:
            workers.beat(connection, row)

    def forget(self, names: Sequence[str]) -> int:
        """Takes workers off the list."""
        with self.database.writing() as connection:
            return workers.forget(connection, list(names))

    def workers(self) -> list[WorkerRow]:
        """All workers, with when each was last heard of."""
        with self.database.reading() as connection:
            return workers.workers(connection)

    def take_duty(self, name: str, holder: str, ttl: timedelta) -> DutyRow | None:
        """The right to do a duty now, or None where it is not due or somebody has it."""
        with self.database.writing() as connection:
            return workers.take(connection, name, holder, ttl, self.clock())

    def keep_duty(self, duty: DutyRow, ttl: timedelta) -> bool:
        """Renews the right; False where it was lost."""
        with self.database.writing() as connection:
            return workers.keep(connection, duty, ttl, self.clock())

    def end_duty(self, duty: DutyRow, every: timedelta, *, ok: bool, result: Mapping[str, Any]) -> bool:
        """Puts down how it ended; it is due again after `every`. False where the right was lost."""
        now = self.clock()
        with self.database.writing() as connection:
            return workers.end(connection, duty, now + every, now, ok=ok, result=result)

    def duties(self) -> list[DutyRow]:
        """All duties, with how each ended last."""
        with self.database.reading() as connection:
            return workers.duties(connection)
