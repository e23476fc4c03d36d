"""Watches over one worker from a thread of its own: heartbeat, memory, stages that do not end, others that are free.

A heartbeat is a row of the catalogue; that it stays away says that a worker is gone, and margins are wide (twelve
beats). A stage over its limit stops at its next page; one that reaches none (a native call that hangs) is abandoned,
and the worker ends, since nothing but the end of the process ends such a thread.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pipeline import pressure
from pipeline.catalogue.lanes import Lane
from pipeline.catalogue.workers import WorkerRow
from pipeline.errors import HosoError

if TYPE_CHECKING:
    from types import TracebackType

    from flows.worker import Worker
    from pipeline.composition import House

_SHARE = 0.7
"""Of the machine's memory, for one worker, where nothing else is set."""
_LOOK_SECONDS = 1.0
_LOG = logging.getLogger("hoso.flows")


def here() -> str:
    """Name of this machine, told apart from others that share its name but not its processes (containers)."""
    try:
        space = Path("/proc/self/ns/pid").readlink().name.strip("pid:[]")
    except OSError:
        space = "0"
    return f"{socket.gethostname()}/{space}"


def memory_of(pid: int) -> int:
    """Bytes of a process and its children, as resident; shared pages count once a process."""
    import psutil

    total = 0
    try:
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            try:
                total += one.memory_info().rss
            except psutil.NoSuchProcess:
                continue
    except psutil.NoSuchProcess:
        return 0
    return total


class Keeper:
    """Keeps one worker."""

    def __init__(self, worker: Worker, house: House) -> None:
        self._worker = worker
        self._house = house
        self._flows = house.settings.flows
        self._since = house.tools.clock()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self._most = (self._flows.memory_mb or 0) << 20 or self._share()

    def start(self) -> None:
        """Begins to watch."""
        self._thread.start()

    def close(self) -> None:
        """Ends watching, and takes the worker off the list."""
        self._done.set()
        self._thread.join(5.0)
        try:
            self._house.catalogue.queue().forget([self._worker.name])
        except HosoError as error:
            _LOG.warning("not signed off: %s", error)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _share(self) -> int:
        import psutil

        return int(psutil.virtual_memory().total * _SHARE)

    def _keep(self) -> None:
        beaten = -self._flows.beat_seconds
        while not self._done.is_set():
            try:
                self._limits()
                if time.monotonic() - beaten >= self._flows.beat_seconds:
                    beaten = time.monotonic()
                    self._beat()
            except HosoError as error:
                # The database may come back; a worker that beats again is alive again.
                _LOG.warning("heartbeat: %s", error)
            self._done.wait(min(_LOOK_SECONDS, self._flows.beat_seconds))

    def _limits(self) -> None:
        for hand, held in self._worker.hands():
            _, seconds, limit = hand.clock()
            if limit is not None and seconds > limit + self._flows.cut_off_seconds:
                self._worker.abandon(hand, held)

    def _beat(self) -> None:
        worker = self._worker
        lanes = [hand.lane for hand, _ in worker.hands()]
        memory = memory_of(os.getpid())
        if not worker.recycling and (memory > self._most or worker.pages >= self._flows.recycle_pages):
            _LOG.info("recycled after %d pages at %d MB", worker.pages, memory >> 20)
            worker.recycle()
        queue = self._house.catalogue.queue()
        now = self._house.tools.clock()
        room = pressure.look(self._house.settings, self._house.catalogue)
        row = WorkerRow(
            name=worker.name,
            host=here(),
            pid=os.getpid(),
            since=self._since,
            beat_at=now,
            state=_state(worker, busy=bool(lanes)),
            desk=lanes.count(Lane.DESK),
            backlog=lanes.count(Lane.BACKLOG),
            dossiers=worker.dossiers,
            pages=worker.pages,
            memory=memory,
            note=pressure.objection(self._flows, room, Lane.DESK)
            or pressure.objection(self._flows, room, Lane.BACKLOG),
        )
        queue.beat(row)
        fresh = now - timedelta(seconds=self._flows.silent_seconds)
        others = [one for one in queue.workers() if one.name != worker.name and one.beat_at > fresh]
        worker.free_elsewhere = any(one.state == "idle" and not one.note for one in others)


def _state(worker: Worker, *, busy: bool) -> str:
    if worker.recycling:
        return "recycling"
    if not worker.ready:
        return "starting"
    return "busy" if busy else "idle"
