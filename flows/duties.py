"""The duties that one worker does for all, each under a lease of its own in the catalogue.

Whoever finds a duty due and free does it; a worker that died in the middle gives way when its lease ends. How it ended
is kept with it, for `hoso doctor`, health and metrics. An error ends a duty badly, never the worker; it comes again at
its time, sooner after a bad end.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from flows.reconcile import reconcile, tidy_here
from pipeline.errors import HosoError
from pipeline.upkeep import Done, Duty, duties

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from pipeline.catalogue.workers import DutyRow
    from pipeline.composition import House
    from pipeline.tools import Tools

LEASE = timedelta(minutes=2)
_LOOK_SECONDS = 5.0
_SOON = timedelta(minutes=5)
"""After a bad end a duty comes again in this time at the latest."""
_LOG = logging.getLogger("hoso.flows")


class Duties:
    """Does what is due. One per worker."""

    def __init__(self, house: House, worker: str, prefect_url: Callable[[], str | None]) -> None:
        self._house = house
        self._worker = worker

        def look(_tools: Tools, _before: Mapping[str, Any]) -> Done:
            return Done(ok=True, result=reconcile(house, prefect_url()).model_dump())

        every = timedelta(seconds=house.settings.flows.reconcile_seconds)
        self._duties = (Duty("reconcile", every, look), *duties(house.settings))

    def run(self, over: Callable[[], bool]) -> None:
        """Looks for what is due until it is over."""
        pause = threading.Event()
        while not over():
            try:
                tidy_here(self._house)
                for duty in self._duties:
                    if over():
                        return
                    self.look(duty)
            except HosoError as error:
                _LOG.warning("duties: %s", error)
            waited = 0.0
            while waited < min(_LOOK_SECONDS, self._house.settings.flows.reconcile_seconds) and not over():
                pause.wait(0.25)
                waited += 0.25

    def look(self, duty: Duty) -> bool:
        """Does the duty where it is due and free; whether it did. Raises catalogue errors."""
        queue = self._house.catalogue.queue()
        row = queue.take_duty(duty.name, self._worker, LEASE)
        if row is None:
            return False
        done = self._do(duty, row)
        every = duty.every if done.ok else min(duty.every, _SOON)
        queue.end_duty(row, every, ok=done.ok, result=done.result)
        return True

    def _do(self, duty: Duty, row: DutyRow) -> Done:
        done = threading.Event()
        keeping = threading.Thread(target=self._keep, args=(row, done), name="duty", daemon=True)
        keeping.start()
        try:
            return duty.run(self._house.tools, row.result)
        except Exception as error:
            code = error.code if isinstance(error, HosoError) else HosoError.code
            _LOG.warning("duty %s: %s", duty.name, code, exc_info=not isinstance(error, HosoError))
            return Done(ok=False, result={**row.result, "code": code})
        finally:
            done.set()
            keeping.join()

    def _keep(self, row: DutyRow, done: threading.Event) -> None:
        while not done.wait(LEASE.total_seconds() / 4):
            try:
                self._house.catalogue.queue().keep_duty(row, LEASE)
            except HosoError as error:
                _LOG.warning("duty %s: %s", row.name, error)
