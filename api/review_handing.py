"""Keeps the workbench's queue true while the server runs: changed dossiers are followed, settled ones handed on.

One step looks for dossiers that changed, brings their questions up to date, and lays the answers of settled ones before
the conductor, under a lease and one clerk after the other, then has the rules run again: the dossier goes on by itself
or asks what is left. A dossier that somebody else works on waits for the next step; one that does not take the answers
any more (it was decided elsewhere) gives them back, and their clerks are told. Several servers may run it at once.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from api.repeating import repeated
from flows.runner import leased, worker_name
from pipeline.conductor import DecisionError, UnknownDossierError
from pipeline.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from fastapi import FastAPI

    from pipeline.composition import House
    from pipeline.review.workbench import Workbench

_LOG = logging.getLogger("hoso.review")


class Handing:
    """Brings the queue and the dossiers together. Safe to call from several threads and processes."""

    def __init__(self, house: House, bench: Workbench) -> None:
        self._house = house
        self._bench = bench
        self._name = f"{worker_name()}-review"

    def step(self) -> int:
        """Follows what changed and hands on what is settled; returns how many dossiers were handed on."""
        self._bench.follow()
        handed = sum(self._hand_on(dossier) for dossier in self._bench.ready())
        if handed:
            self._bench.follow()
        return handed

    def _hand_on(self, dossier_id: str) -> bool:
        conductor = self._house.conductor
        with leased(self._house, dossier_id, self._name) as held:
            if held is None:
                return False
            settled = self._bench.settled(dossier_id)
            if settled is None:
                return False
            numbers, by_clerk = settled
            try:
                for clerk, decisions in by_clerk.items():
                    conductor.decide(dossier_id, decisions, clerk)
            except (DecisionError, UnknownDossierError) as error:
                _LOG.info("answers not taken: %s", error.code)
                self._bench.refused(dossier_id, numbers)
                return False
            self._bench.passed(dossier_id, numbers)
            if by_clerk:
                first, last = STAGES.index(conductor.next_stage(dossier_id)), STAGES.index("validate")
                for stage in STAGES[first : last + 1]:
                    conductor.run_stage(dossier_id, stage)
        return True

    @property
    def running(self) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
        """Steps again and again for the life of a server."""
        return repeated(self.step, self._bench.settings.look_seconds, _LOG)
