"""`hoso up`: keeps the parts of one machine running, and ends them all within seconds.

The supervisor owns the listening sockets, so a part that is restarted keeps its address and its callers only wait.
A part that dies is started again, at once the first time, then with a doubling pause; one that runs but does not
answer for a while is ended and started again. One supervisor per home: a file lock says so, and a lock cannot be stale.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from flows import child
from pipeline.errors import HosoError

if TYPE_CHECKING:
    import socket
    import subprocess
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

BACKOFF_MOST = 30.0
STEADY = 60.0
"""Seconds of good running after which an earlier failure is forgotten."""
SILENT = 60.0
"""Seconds without an answer after which a part is started again; a first start may take that long."""


class AlreadyRunningError(HosoError):
    """Another supervisor runs in this home."""

    code = "already_running"
    message_vi = "Hệ thống đang chạy sẵn với thư mục dữ liệu này."
    remedy_vi = "Hãy dùng hệ thống đang chạy, hoặc dừng nó trước; nơi khác thì đặt HOSO_HOME khác."


class State(StrEnum):
    """How a part is. Stable codes; words live in the interface."""

    STARTING = "starting"
    RUNNING = "running"
    SILENT = "silent"
    WAITING = "waiting"
    """Died; the pause before the next start runs."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Part:
    """One child process to keep running."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    listener: socket.socket | None = None
    """Handed down; its descriptor's number must be in `command`."""
    health: str | None = None
    """URL that answers 200 when the part is well; without one, running is enough."""
    address: str = ""
    """What people type to reach it."""


@dataclass(frozen=True, slots=True)
class PartStatus:
    """A part as shown on the screen."""

    name: str
    state: State
    pid: int | None
    restarts: int
    seconds: float
    address: str
    log: Path


class _Kept:
    """A part, its process and its history."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.process: subprocess.Popen[bytes] | None = None
        self.state = State.STOPPED
        self.restarts = 0
        self._started = 0.0
        self._answered = 0.0
        self._failures = 0
        self._again = 0.0

    def start(self) -> None:
        part = self.part
        sockets = [part.listener] if part.listener else []
        self.process = child.spawn(part.command, log=part.log, env=part.env, sockets=sockets)
        self.state = State.STARTING
        self._started = self._answered = time.monotonic()

    def look(self) -> None:
        now = time.monotonic()
        if self.process is None:
            if now >= self._again:
                self.restarts += 1
                self.start()
            return
        if self.process.poll() is not None:
            self._fail(now)
        elif self.part.health is None or _answers(self.part.health):
            self.state = State.RUNNING
            self._answered = now
            if now - self._started > STEADY:
                self._failures = 0
        elif now - self._answered > SILENT:
            child.stop([self.process], grace=1.0)
            self._fail(now)
        elif self.state is State.RUNNING:
            self.state = State.SILENT

    def status(self) -> PartStatus:
        alive = self.process is not None
        return PartStatus(
            name=self.part.name,
            state=self.state,
            pid=self.process.pid if self.process else None,
            restarts=self.restarts,
            seconds=time.monotonic() - self._started if alive else 0.0,
            address=self.part.address,
            log=self.part.log,
        )

    def _fail(self, now: float) -> None:
        self.process = None
        self.state = State.WAITING
        self._again = now + (0.0 if self._failures == 0 else min(2.0 ** (self._failures - 1), BACKOFF_MOST))
        self._failures += 1


class Supervisor:
    """Keeps parts running until `stop` is set."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self._kept = [_Kept(part) for part in parts]

    def run(self, stop: threading.Event, show: Callable[[list[PartStatus]], None], pause: float = 0.5) -> None:
        """Starts all parts, watches them, and ends them all. Call it in the main thread."""
        try:
            for kept in self._kept:
                kept.start()
            while not stop.is_set():
                for kept in self._kept:
                    kept.look()
                show(self.status())
                stop.wait(pause)
        finally:
            child.stop([kept.process for kept in self._kept if kept.process], grace=2.5)
            for kept in self._kept:
                kept.process, kept.state = None, State.STOPPED
            show(self.status())

    def status(self) -> list[PartStatus]:
        """How the parts are now, in the order in which they were given."""
        return [kept.status() for kept in self._kept]


@contextlib.contextmanager
def sole_supervisor(folder: Path, facts: Mapping[str, str | int]) -> Iterator[None]:
    """Holds the home's lock and leaves `facts` in `up.json`. Raises `AlreadyRunningError`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunningError(str(folder.parent)) from error
        path = folder / "up.json"
        path.write_text(json.dumps({"pid": os.getpid(), **facts}))
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C or SIGTERM sets, for the time of a `with` block. Main thread only."""
    stop = threading.Event()
    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {kind: signal.signal(kind, lambda *_: stop.set()) for kind in kinds}
    try:
        yield stop
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def _answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=0.5) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False
