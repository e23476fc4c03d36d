"""Real processes of a trial: kept running as an operating system's service manager does, found, killed, cleaned away.

Every process of a run carries the run's token in its environment or the run's folder in its command, and so do its
descendants, whoever started them: what is left over is found by looking, not by remembering. A janitor, a process of
its own, waits at the end of a pipe: when the harness ends in any way, or its deadline passes, nothing of it stays.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

TOKEN: Final = "HOSO_ROOM_RUN"  # noqa: S105 - a variable's name
ROOT: Final = Path(__file__).parents[3]
"""Where the packages lie; children get it as PYTHONPATH."""
PAUSE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Service:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    """Another user to run as; only root can."""
    again_s: float = 0.5
    """Pause before it is started again."""


class Keeper:
    """Starts services and starts them again when they end, until it is closed. Safe to use from several threads."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._lock = threading.Lock()
        self._services: dict[str, Service] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._resting: set[str] = set()
        self._due: dict[str, float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="keeper", daemon=True)
        self._thread.start()

    def add(self, service: Service) -> None:
        """Starts a service and keeps it."""
        with self._lock:
            self._services[service.name] = service
            self._start(service)

    def rest(self, name: str, *, resting: bool = True) -> None:
        """While resting, a service that ends is not started again."""
        with self._lock:
            (self._resting.add if resting else self._resting.discard)(name)

    def pid(self, name: str) -> int | None:
        """The service's own process, where it runs."""
        with self._lock:
            process = self._running.get(name)
        return process.pid if process is not None and process.poll() is None else None

    def close(self, grace: float = 15.0) -> None:
        """Ends all services, the last that came first: SIGTERM, and SIGKILL to what is left after `grace` seconds."""
        self._done.set()
        self._thread.join()
        until = time.monotonic() + grace
        for name in reversed(list(self._running)):
            process = self._running[name]
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT if self._services[name].user else signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.5, until - time.monotonic()))
        for process in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()

    def _watch(self) -> None:
        while not self._done.wait(PAUSE):
            with self._lock:
                for name, service in self._services.items():
                    if name in self._resting or self._running[name].poll() is None:
                        self._due.pop(name, None)
                        continue
                    due = self._due.setdefault(name, time.monotonic() + service.again_s)
                    if time.monotonic() >= due:
                        del self._due[name]
                        self._start(service)

    def _start(self, service: Service) -> None:
        service.log.parent.mkdir(parents=True, exist_ok=True)
        with service.log.open("ab") as log:
            self._running[service.name] = subprocess.Popen(
                list(service.command),
                env=environment(self._token) | dict(service.env),
                cwd="/",
                user=service.user,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def environment(token: str) -> dict[str, str]:
    """What every child gets: no settings but the trial's own, one thread a library, the run's token."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HOSO_", "PREFECT_"))}
    return {**kept, "PYTHONPATH": str(ROOT), "OMP_THREAD_LIMIT": "1", TOKEN: token}


def members(token: str, folder: Path) -> list[psutil.Process]:
    """All living processes of a run but ourselves and the janitor."""
    found = []
    mark = str(folder)
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        with contextlib.suppress(psutil.Error, OSError):
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            command = process.cmdline()
            if "pipeline.trials.machine_room.janitor" in command:
                continue
            inside = any(mark in word for word in command) or process.environ().get(TOKEN) == token
            if inside or process.cwd().startswith(mark):
                found.append(process)
    return found


def kill(processes: Sequence[psutil.Process]) -> list[int]:
    """SIGKILL; the numbers of those that were still there."""
    hit = []
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
            hit.append(process.pid)
    return hit


def clear(token: str, folder: Path, seconds: float = 20.0) -> int:
    """Kills all that is left of a run, again and again until nothing is; how many there were at first."""
    first = members(token, folder)
    left = first
    until = time.monotonic() + seconds
    while left and time.monotonic() < until:
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGCONT)
        kill(left)
        time.sleep(0.2)
        left = members(token, folder)
    return len(first)


def cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    """Processor seconds of processes and of those children that ended and were waited for."""
    total = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def memory(processes: Sequence[psutil.Process]) -> int:
    """Bytes of memory that processes have for themselves or share (proportional where the system says it)."""
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            full = process.memory_full_info()
            total += getattr(full, "pss", full.rss)
    return total


@contextlib.contextmanager
def janitor(token: str, folder: Path, deadline_s: float, undo: Sequence[Sequence[str]] = ()) -> Iterator[None]:
    """Watches over the harness from outside for the time of a `with` block; `undo` are commands that clean up.

    When the block ends, or the harness is killed, or `deadline_s` seconds have passed (then the harness is killed), all
    processes of the run are killed and the commands run.
    """
    import json

    order = {
        "token": token,
        "folder": str(folder),
        "deadline": deadline_s,
        "harness": os.getpid(),
        "undo": [list(command) for command in undo],
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline.trials.machine_room.janitor", json.dumps(order)],
        env=environment(token),
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield
    finally:
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(60)
