"""A long-lived worker: models loaded once, one dossier at a time, the catalogue as its queue.

Any number of workers may share a catalogue; the lease makes sure that each dossier has one. What a killed worker left
in processing is taken up when its lease ends. A dossier that ends its worker again and again is set aside as a fault
after `ATTEMPTS` starts without an end, so that one bad file cannot stop the queue. Held dossiers are tried again,
first soon, then less and less often.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from flows.runner import LEASE, LeaseLost, Runner, leased, worker_name
from pipeline.audit.sealing import Sealer
from pipeline.errors import HeldError, HosoError
from pipeline.record import Status

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from flows.server import PrefectServer
    from pipeline.catalogue.rows import StoredEvent
    from pipeline.composition import House

ATTEMPTS = 3
QUEUE = (Status.RECEIVED, Status.PROCESSING, Status.HELD)
"""Dossiers that something must be done for."""
HELD_FIRST = timedelta(seconds=15)
HELD_MOST = timedelta(minutes=30)
STAGE = "worker"
"""Events of this stage are the worker's own: `claimed` and `ended`."""

_LOG = logging.getLogger("hoso.flows")


def attempts(events: Sequence[StoredEvent]) -> int:
    """How often a worker began this dossier since one last came to an end with it."""
    count = 0
    for event in events:
        if event.stage == STAGE:
            count = count + 1 if event.state == "claimed" else 0
    return count


def held_until(events: Sequence[StoredEvent]) -> datetime | None:
    """When a held dossier is tried again: the pause doubles with each time in a row, up to `HELD_MOST`."""
    held = 0
    last: datetime | None = None
    for event in events:
        if event.state == "held":
            held, last = held + 1, event.at
        elif event.state == "done" or (event.state == "continue" and event.stage in {"sign", "file"}):
            held = 0
    if last is None or held == 0:
        return last
    return last + min(HELD_FIRST * (1 << min(held - 1, 20)), HELD_MOST)


class Worker:
    """Takes dossiers from the catalogue until told to stop."""

    def __init__(
        self,
        house: House,
        server: PrefectServer | None,
        *,
        name: str = "",
        lease: timedelta = LEASE,
        pause: float = 0.5,
    ) -> None:
        """`pause` is the time in seconds between two looks into an empty queue."""
        self._house = house
        self._runner = Runner(house, server)
        self._name = name or worker_name()
        self._lease = lease
        self._pause = pause
        self._sealer = Sealer(house.tools, timedelta(minutes=house.settings.ledger.seal_minutes), time.monotonic)

    def run(self, stop: threading.Event) -> None:
        """Works until `stop` is set; the dossier in hand is finished first. Loads the models before the first one."""
        self._house.reader()
        try:
            self._serve(stop)
        finally:
            self._runner.close()

    def _serve(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                worked = self.work_once()
            except HosoError as error:
                # The database or store went away: nothing is lost, the next look may find it again.
                _LOG.warning("queue: %s", error)
                worked = False
            if not worked:
                self._seal()
                stop.wait(self._pause)

    def _seal(self) -> None:
        try:
            sealed = self._sealer.look()
        except HosoError as error:
            # Nothing is lost: the next seal covers the same entries.
            _LOG.warning("ledger not sealed: %s", error)
        else:
            if sealed is not None and sealed.new:
                _LOG.info("ledger sealed: %d entries, %d of them new", sealed.size, sealed.new)

    def work_once(self) -> bool:
        """Runs one dossier, if there is one to run; whether there was."""
        catalogue = self._house.catalogue
        waiting = catalogue.claimable(QUEUE)
        return any(self._due(dossier_id) and self._work(dossier_id) for dossier_id in waiting)

    def _due(self, dossier_id: str) -> bool:
        dossier = self._house.conductor.dossier(dossier_id)
        if dossier.status is not Status.HELD:
            return True
        until = held_until(self._house.catalogue.events_after(dossier_id))
        return until is None or datetime.now(UTC) >= until

    def _work(self, dossier_id: str) -> bool:
        with leased(self._house, dossier_id, self._name, self._lease) as held:
            if held is None:
                return False
            catalogue = self._house.catalogue
            dossier = self._house.conductor.dossier(dossier_id)
            if dossier.status not in QUEUE:
                # Another worker ended it between our look into the queue and our claim.
                return False
            if attempts(catalogue.events_after(dossier_id)) >= ATTEMPTS:
                catalogue.save(dossier.model_copy(update={"status": Status.FAULT}))
                catalogue.append_event(dossier_id, STAGE, "ended", code="given_up")
                _LOG.error("%s was begun %d times without an end and is set aside", dossier_id, ATTEMPTS)
                return True
            catalogue.append_event(dossier_id, STAGE, "claimed")
            code = ""
            try:
                self._runner.run(dossier_id, held)
            except LeaseLost:
                # Another worker has it by now: not a word more from us into its history.
                _LOG.warning("%s: lease lost", dossier_id)
                return True
            except HeldError as error:
                code = error.code
                _LOG.warning("%s: %s", dossier_id, error)
            except Exception as error:
                # The conductor has written the fault into the catalogue; the queue goes on with the next dossier.
                code = error.code if isinstance(error, HosoError) else HosoError.code
                _LOG.exception("%s ended with an error", dossier_id)
            catalogue.append_event(dossier_id, STAGE, "ended", code=code or None)
            return True
