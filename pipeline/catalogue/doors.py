"""The doors of the catalogue's areas: each an object of its own, over the same database and clock.

`Catalogue` inherits them, so that callers ask it for `catalogue.review()`; an area adds one method here. A door is a
frozen object of two references and costs nothing to make.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.catalogue import statistics
from pipeline.catalogue.access_door import AccessDoor
from pipeline.catalogue.citizen_door import CitizenDoor
from pipeline.catalogue.desk_door import DeskDoor
from pipeline.catalogue.keeping_door import KeepingDoor
from pipeline.catalogue.ledger_door import Ledger
from pipeline.catalogue.moves_door import MovesDoor
from pipeline.catalogue.outbox_door import OutboxDoor
from pipeline.catalogue.overview_door import OverviewDoor
from pipeline.catalogue.owners_door import Owners
from pipeline.catalogue.pages_door import PagesDoor
from pipeline.catalogue.quality_door import QualityDoor
from pipeline.catalogue.queue_door import Queue
from pipeline.catalogue.review_door import ReviewQueue
from pipeline.catalogue.steps_door import StepsDoor

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pipeline.catalogue.session import Database


class Doors:
    """What every area has of the catalogue."""

    _database: Database
    _clock: Callable[[], datetime]

    def server_time(self) -> datetime:
        """The database's own clock, aware."""
        with self._database.reading() as connection:
            return statistics.server_time(connection)

    def review(self) -> ReviewQueue:
        """The workbench's queue."""
        return ReviewQueue(self._database, self._clock)

    def ledger(self) -> Ledger:
        """The audit ledger of this catalogue."""
        return Ledger(self._database, self._clock)

    def access(self) -> AccessDoor:
        """Accounts, sessions and keys of this catalogue."""
        return AccessDoor(self._database, self._clock)

    def desk(self) -> DeskDoor:
        """What belongs to visits at the desk."""
        return DeskDoor(self._database, self._clock)

    def citizens(self) -> CitizenDoor:
        """Receipts, and what citizens give by them."""
        return CitizenDoor(self._database, self._clock)

    def overview(self) -> OverviewDoor:
        """Cases that can be counted."""
        return OverviewDoor(self._database, self._clock)

    def queue(self) -> Queue:
        """Lanes, workers and duties."""
        return Queue(self._database, self._clock)

    def keeping(self) -> KeepingDoor:
        """Retention, legal holds, citizens' requests about their data."""
        return KeepingDoor(self._database, self._clock)

    def owners(self) -> Owners:
        """Citizens' data stores."""
        return Owners(self._database, self._clock)

    def moves(self) -> MovesDoor:
        """Where dossiers stand on the national portal; `pipeline.kho.moves` moves them."""
        return MovesDoor(self._database, self._clock)

    def steps(self) -> StepsDoor:
        """The five steps of procedures."""
        return StepsDoor(self._database, self._clock)

    def pages(self) -> PagesDoor:
        """What people did to pages."""
        return PagesDoor(self._database, self._clock)

    def outbox(self) -> OutboxDoor:
        """What downstream systems are to be told."""
        return OutboxDoor(self._database, self._clock)

    def quality(self) -> QualityDoor:
        """Samples, promises and switches."""
        return QualityDoor(self._database, self._clock)
