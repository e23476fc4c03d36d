"""Keeps measured quality going while the server runs: draws samples, judges answers, asks about open dossiers.

One step does a bounded piece of each, so that a large backlog slows no clerk. Several servers may run it at once: what
one did the other finds done. A waiting dossier is validated anew under a lease; one that somebody works on waits.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from api.repeating import repeated
from flows.runner import leased, worker_name
from pipeline.quality.asking_again import ask_open_dossiers
from pipeline.quality.judging import Judge
from pipeline.quality.sampling import Sampler
from pipeline.record import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from fastapi import FastAPI

    from pipeline.composition import House

_LOG = logging.getLogger("hoso.quality")


class QualityWatch:
    """Safe to call from several threads and processes."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._sampler = Sampler(house.tools)
        self._judge = Judge(house.tools)
        self._name = f"{worker_name()}-quality"

    def step(self) -> int:
        """One piece of work; returns how many cases were settled."""
        self._sampler.step()
        settled = self._judge.step()
        ask_open_dossiers(self._house.tools, self._validate)
        return settled

    def _validate(self, dossier_id: str) -> bool:
        with leased(self._house, dossier_id, self._name) as held:
            if held is None:
                return False
            if self._house.conductor.dossier(dossier_id).status is Status.WAITS:
                self._house.conductor.run_stage(dossier_id, "validate")
        return True

    @property
    def running(self) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
        """Steps again and again for the life of a server."""
        return repeated(self.step, self._house.settings.quality.look_seconds, _LOG)
