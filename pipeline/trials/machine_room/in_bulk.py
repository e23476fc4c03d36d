"""Dossiers brought into a running stack in bulk, and how far they are: what the benches of throughput share.

They are handed in over the HTTP API as anybody's are and put into the backlog lane; a clerk who agrees with everything
answers what is asked, so that each goes the whole way to the kho. His work is not the product's and is not counted.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from pipeline.trials.machine_room.desk import Desk, sign_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.composition import House
    from pipeline.trials.machine_room.pages import Papers


class NotFiledError(RuntimeError):
    """The system under trial cannot file a dossier."""


class Running(Protocol):
    """What a client must know of a running system."""

    @property
    def url(self) -> str:
        """Of the API."""
        ...

    @property
    def credentials(self) -> Mapping[str, str]:
        """For `desk.sign_in`."""
        ...


_ENDS: Final = frozenset({"filed", "refused", "fault"})
_MOST_ANSWERS: Final = 5
"""A dossier that asks on and on after this many answers is left to a person and counted as such."""


@dataclass(slots=True)
class Backlog:
    """The dossiers in one stack's backlog."""

    stack: Running
    house: House
    """Over the stack's catalogue: lanes and standings are read there."""
    asked: Counter[str] = field(default_factory=Counter)

    def bring(self, papers: Sequence[Papers]) -> list[str]:
        """Hands them in; their ids."""
        from pipeline.catalogue.lanes import Lane

        desk = self._desk()
        found = [desk.hand_in(paper, lane=Lane.BACKLOG).dossier for paper in papers]
        desk.close()
        return found

    def pour(self, papers: Sequence[Papers]) -> list[str]:
        """Takes them in as `hoso backlog` does, in this process; their ids."""
        from pipeline.catalogue.lanes import Lane

        found = []
        with tempfile.TemporaryDirectory() as scratch:
            for paper in papers:
                folder = Path(scratch) / paper.name
                folder.mkdir()
                for name, data in paper.files:
                    (folder / name).write_bytes(data)
                received = self.house.conductor.receive([folder], None, lane=Lane.BACKLOG, batch="machine-room")
                found.append(received.dossier_id)
        return found

    def warm(self, papers: Papers) -> None:
        """One dossier that does not count: models are loaded and networks compiled once per machine, not per page.

        Raises `NotFiledError` where it does not get to the kho: there is nothing to measure then.
        """
        (dossier_id,) = self.bring([papers])
        self.finish([dossier_id], 600)
        dossier = self.house.catalogue.load(dossier_id)
        if dossier is None or dossier.status.value != "filed":
            raise NotFiledError(f"the first dossier is {dossier.status.value if dossier else 'gone'}, not filed")

    def finish(self, dossiers: Sequence[str], seconds: float, *, open_: int = 0) -> list[str]:
        """Answers and waits until all but `open_` have come to their end, `seconds` at most; those that have not."""
        desk = self._desk()
        left = list(dossiers)
        until = time.monotonic() + seconds
        while len(left) > open_ and time.monotonic() < until:
            still = []
            for dossier_id in left:
                dossier = self.house.catalogue.load(dossier_id)
                status = dossier.status.value if dossier else "unknown"
                if status in _ENDS or self.asked[dossier_id] >= _MOST_ANSWERS:
                    continue
                if status == "waits_for_person" and desk.answer(dossier_id):
                    self.asked[dossier_id] += 1
                still.append(dossier_id)
            left = still
            time.sleep(0.25)
        desk.close()
        return left

    def _desk(self) -> Desk:
        return Desk(self.stack.url, sign_in(self.stack.credentials))
