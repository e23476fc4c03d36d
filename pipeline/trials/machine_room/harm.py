"""What happens to a machine room: parts killed with SIGKILL, one by one or all at once, or starved for a while.

A harm is done, lasts for its time, and is taken away again; who repairs is the product itself and, for what a service
manager starts, the keeper. Kinds come in a bag that is shuffled and refilled, so that a long run has each of them often
and a short one few of them twice; the same seed gives the same order.
"""

from __future__ import annotations

import contextlib
import signal
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

import psutil

from pipeline.trials.machine_room import disk, processes

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    from pipeline.trials.machine_room.stack import Stack

HOLD_S: Final = 8.0
"""How long a starved part is starved."""
EMBEDDED: Final = ("worker", "worker_child", "prefect", "api", "supervisor", "everything", "disk_full")
FULL: Final = (*EMBEDDED, "store", "store_parent", "database", "tsa", "store_unreachable", "tsa_down", "database_stops")


@dataclass(frozen=True, slots=True)
class Harm:
    """One harm as it was done."""

    kind: str
    hit: int
    """Processes killed or stopped; bytes taken, for a full disk."""


def kinds(stack: Stack) -> tuple[str, ...]:
    """What can be done to this stack on this machine."""
    able = EMBEDDED if stack.plan.kind == "embedded" else FULL
    return tuple(kind for kind in able if kind != "disk_full" or not stack.no_disk)


def bag(able: tuple[str, ...], seed: int) -> Iterator[str]:
    """Kinds without end."""
    rng = Random(seed)  # noqa: S311 - an order, not a secret
    while True:
        yield from rng.sample(able, len(able))


class Doer:
    """Does harm to one stack."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self._stack = stack
        self._rng = Random(seed)  # noqa: S311 - an order, not a secret

    def do(self, kind: str, stop: threading.Event) -> Harm:
        """Does it, and undoes what has to be undone; a starving lasts `HOLD_S`, or until `stop` is set."""
        starving: dict[str, Callable[[threading.Event], int]] = {
            "disk_full": self._disk_full,
            "store_unreachable": lambda wait: self._stopped("store", wait),
            "database_stops": lambda wait: self._stopped("database", wait),
            "tsa_down": self._tsa_down,
            "everything": self._everything,
        }
        if kind in starving:
            return Harm(kind, starving[kind](stop))
        found = self._stack.role(kind)
        if kind in {"worker", "worker_child"} and found:
            found = [self._rng.choice(found)]
        return Harm(kind, len(processes.kill(found)))

    def _everything(self, _stop: threading.Event) -> int:
        return len(processes.kill(self._stack.processes()))

    def _disk_full(self, stop: threading.Event) -> int:
        with disk.full(self._stack.home) as taken:
            stop.wait(HOLD_S)
        return taken

    def _tsa_down(self, stop: threading.Event) -> int:
        self._stack.keeper.rest("tsa")
        try:
            hit = len(processes.kill(self._stack.role("tsa")))
            stop.wait(HOLD_S)
        finally:
            self._stack.keeper.rest("tsa", resting=False)
        return hit

    def _stopped(self, role: str, stop: threading.Event) -> int:
        """Processes that are there and say nothing: what a cut cable looks like from the other side."""
        found = self._stack.role(role)
        if role == "database":
            # Its backends hold the open connections.
            found = [one for parent in found for one in [parent, *_children(parent)]]
        try:
            for process in found:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(signal.SIGSTOP)
            stop.wait(HOLD_S)
        finally:
            for process in found:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(signal.SIGCONT)
        return len(found)


def _children(process: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return list(process.children(recursive=True))
    return []
