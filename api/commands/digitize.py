"""`hoso digitize`: one dossier through every stage in this process, or followed where another process has it.

The originals are stored before anything else starts. The exit code is the dossier's status, nothing else.
Giving the same files again finds the same dossier and takes it up where it stands.
"""

from __future__ import annotations

import contextlib
import sys
import time
from typing import TYPE_CHECKING

from api import words
from api.commands.common import look, open_house, print_json, print_screen
from pipeline.catalogue.lanes import Lane
from pipeline.errors import Exit
from pipeline.record import Status
from pipeline.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from models.child_start import Spare
    from pipeline.composition import House
    from pipeline.record import Dossier
    from pipeline.stages import Progress

EXITS = {
    Status.FILED: Exit.FILED,
    Status.WAITS: Exit.WAITS,
    Status.REFUSED: Exit.REFUSED,
    Status.HELD: Exit.HELD,
}
_FOLLOW_PAUSE = 0.3


def run(
    paths: Sequence[Path],
    procedure: str | None,
    out: Path | None,
    *,
    lane: str = "desk",
    as_json: bool,
    spare: Spare | None = None,
) -> int:
    """Digitizes and prints; returns the exit code of the dossier's status. Pages are read by the `spare` process.

    `lane` says who waits, should this process end before the dossier does and a worker take it up.
    """
    started = time.monotonic()
    with open_house(spare) as house, _stage_bars() as bars:
        received = house.conductor.receive(paths, procedure, lane=Lane(lane))
        dossier = house.conductor.dossier(received.dossier_id)
        if dossier.status is not Status.FILED:
            dossier = _run(house, received.dossier_id, bars)
        folder = out or house.settings.home / "out" / dossier.id
        files = house.conductor.export(dossier.id, folder.absolute())
        look(house, dossier.id, "record")
    seconds = time.monotonic() - started
    if as_json:
        print_json(dossier.model_copy(update={"files": {name: str(path) for name, path in files.items()}}))
    else:
        from api.screens import dossier_screen

        print_screen(dossier_screen(dossier, files, seconds))
    return EXITS.get(dossier.status, Exit.FAULT)


def _run(house: House, dossier_id: str, bars: StageBars) -> Dossier:
    house.reader()
    from flows.runner import Runner, leased, worker_name
    from flows.server import server_for_command
    from flows.session import prepare

    prepare(house.settings)
    me = worker_name()
    while True:
        with leased(house, dossier_id, me) as held:
            if held is not None:
                with server_for_command(house.settings) as server, contextlib.closing(Runner(house, server)) as runner:
                    return runner.run(dossier_id, held, bars)
        # A worker of this home, or a command started before us, has the dossier: show what it does.
        bars.follow(house, dossier_id)
        dossier = house.conductor.dossier(dossier_id)
        if dossier.status in {*EXITS, Status.FAULT}:
            return dossier
        time.sleep(_FOLLOW_PAUSE)


class StageBars:
    """One line per stage on stderr while it runs; silent where stderr is no terminal."""

    def __init__(self, bars: Bars | None) -> None:
        self._bars = bars
        self._rows: dict[str, TaskID] = {}
        self._seen = 0

    def __call__(self, progress: Progress) -> None:
        """Shows how far a stage is."""
        self._show(progress.stage, progress.done, progress.total)

    def follow(self, house: House, dossier_id: str) -> None:
        """Shows what another process has done since the last call."""
        for event in house.catalogue.events_after(dossier_id, self._seen):
            self._seen = event.seq
            if event.stage in STAGES:
                done = event.data.get("done", 0 if event.state == "started" else 1)
                self._show(event.stage, done, event.data.get("total", 1))

    def _show(self, stage: str, done: int, total: int) -> None:
        if self._bars is None:
            return
        if stage not in self._rows:
            # Stages run one after the other: a new one means that those before it are done.
            for row in self._rows.values():
                self._bars.update(row, completed=self._bars.tasks[row].total)
            self._rows[stage] = self._bars.add_task(words.STAGE[stage], total=total or 1)
        self._bars.update(self._rows[stage], completed=done, total=total or 1)


@contextlib.contextmanager
def _stage_bars() -> Iterator[StageBars]:
    if not sys.stderr.isatty():
        yield StageBars(None)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from api.screens import console

    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description:<26}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(sys.stderr), transient=True) as bars:
        yield StageBars(bars)
