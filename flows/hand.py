"""A dossier in a worker's hand: stages run one by one, each within its time, standing aside for the desk where it must.

It looks like the conductor to whoever runs stages (a flow, a loop), and asks at every page and stage: is the lease
still ours, is the time up, should the dossier go to somebody else? The answers are raised as `BaseException`s, because
a stage's border must not turn them into a status: nothing is saved, and what was read stays in the step ledger.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from flows.gate import GatedReader
from pipeline.conductor import Conductor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flows.gate import Turn
    from flows.runner import Held
    from pipeline.catalogue.lanes import Lane
    from pipeline.composition import House
    from pipeline.record import Dossier
    from pipeline.stages import OnProgress, Outcome, Progress


class Yielded(BaseException):
    """The dossier is given back for another worker, or because this one ends."""


class StageLimit(BaseException):
    """The stage took longer than it may; the dossier is tried again later."""

    def __init__(self, stage: str, seconds: float) -> None:
        super().__init__(f"{stage}: {seconds:.0f} s")
        self.stage = stage
        self.seconds = seconds


class Hand:
    """One dossier of one worker. The methods of a conductor that a flow needs, and `check`."""

    def __init__(
        self,
        house: House,
        held: Held,
        turn: Turn,
        limits: Mapping[str, float],
        may_yield: Callable[[Turn], bool],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`limits` are seconds by stage; `may_yield` says whether a dossier is to be given back now."""
        tools = house.tools
        gated = replace(tools, reader=lambda: GatedReader(tools.reader(), turn))
        self._conductor = Conductor(gated)
        self._held = held
        self._limits = limits
        self._may_yield = may_yield
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._stage = ""
        self._begun = 0.0
        self.turn = turn
        self.dossier_id = held.dossier_id

    def run_stage(self, dossier_id: str, stage: str, on_progress: OnProgress) -> Outcome:
        """Runs one stage. Raises what it raises, `LeaseLost`, `Yielded` and `StageLimit`."""
        self.turn.step()
        self._begin(stage)
        try:
            self.check()

            def watched(progress: Progress) -> None:
                self.turn.step()
                self.check()
                on_progress(progress)

            return self._conductor.run_stage(dossier_id, stage, watched)
        finally:
            self._begin("")

    def dossier(self, dossier_id: str) -> Dossier:
        """The dossier as it stands."""
        return self._conductor.dossier(dossier_id)

    def next_stage(self, dossier_id: str) -> str:
        """Where to take the dossier up."""
        return self._conductor.next_stage(dossier_id)

    def check(self) -> None:
        """Raises `LeaseLost`, `Yielded` or `StageLimit`."""
        self._held.check()
        if self._may_yield(self.turn):
            raise Yielded(self.dossier_id)
        stage, seconds, limit = self.clock()
        if limit is not None and seconds > limit:
            raise StageLimit(stage, seconds)

    def clock(self) -> tuple[str, float, float | None]:
        """The stage that runs, its seconds so far without those it stood aside for, and its limit."""
        with self._lock:
            if not self._stage:
                return "", 0.0, None
            seconds = self._monotonic() - self._begun - self.turn.aside
            return self._stage, seconds, self._limits.get(self._stage)

    @property
    def lane(self) -> Lane:
        """Whose dossier it is."""
        return self.turn.lane

    def _begin(self, stage: str) -> None:
        with self._lock:
            self._stage = stage
            self._begun = self._monotonic() - self.turn.aside
