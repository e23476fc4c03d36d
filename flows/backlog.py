"""One Prefect flow over many dossiers: for a backlog a flow run each would cost more than it tells.

The flow's body is a worker's `drain`, which takes dossiers from the catalogue one after the other, several at once;
Prefect sees one run, a progress artifact that moves, and a table at the end. Its parameters and artifacts hold counts
only. Where the server does not answer, or goes away, the same work is done without it.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import Counter
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flows.session import session

if TYPE_CHECKING:
    from collections.abc import Callable

    from prefect import Flow

    Drain = Callable[[int, "OnTally"], "Tally"]
    OnTally = Callable[["Tally"], None]

TELL_SECONDS = 5.0
"""Between two updates of the progress artifact: each is a request to the server."""
_LOG = logging.getLogger("hoso.flows")


@dataclass
class Tally:
    """What came of a chunk of the backlog so far. Safe for threads."""

    total: int
    """Dossiers that waited when it began, at most the chunk."""
    begun: int = 0
    working: int = 0
    done: int = 0
    pages: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def begin(self, most: int) -> bool:
        """Whether one more may be begun; it then counts as begun."""
        with self._lock:
            if self.begun >= most:
                return False
            self.begun += 1
            self.working += 1
            return True

    def not_begun(self) -> None:
        """There was none."""
        with self._lock:
            self.begun -= 1
            self.working -= 1

    def idle(self) -> bool:
        """Whether nobody works on one."""
        with self._lock:
            return self.working == 0

    def add(self, status: str, pages: int) -> None:
        """One came out of hand."""
        with self._lock:
            self.working -= 1
            self.done += 1
            self.pages += pages
            self.by_status[status] += 1

    @property
    def percent(self) -> float:
        """How far it is."""
        return 100.0 * min(1.0, self.done / self.total) if self.total else 100.0

    def row(self) -> dict[str, Any]:
        """Counts for a table."""
        seconds = max(time.monotonic() - self.started, 1e-3)
        rate = round(60 * self.pages / seconds, 1)
        return {"dossiers": self.done, "pages": self.pages, "seconds": round(seconds, 1), "pages_per_minute": rate} | (
            dict(self.by_status)
        )

    def __copy__(self) -> Tally:
        with self._lock:
            return Tally(
                self.total, self.begun, self.working, self.done, self.pages, Counter(self.by_status), self.started
            )


def silent_tally(_tally: Tally) -> None:
    """A listener for those who do not care."""


def build_backlog_flow(drain: Drain) -> Flow[[str, int], dict[str, Any]]:
    """The flow `backlog(worker, most)`; it returns the counts. Importing Prefect takes two seconds; it happens here."""
    from prefect import flow
    from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact

    @flow(name="backlog", flow_run_name="{worker}", persist_result=False, validate_parameters=False)
    def backlog(worker: str, most: int) -> dict[str, Any]:
        key = "backlog-" + (re.sub(r"[^a-z0-9]+", "-", worker.lower()).strip("-") or "worker")
        progress: Any = create_progress_artifact(0.0, key=key, description="Hồ sơ của lô đã qua tay bộ xử lý")
        told = time.monotonic()

        def tell(tally: Tally) -> None:
            nonlocal told
            if time.monotonic() - told >= TELL_SECONDS:
                told = time.monotonic()
                _quietly(lambda: update_progress_artifact(progress, tally.percent))

        tally = drain(most, tell)
        _quietly(lambda: update_progress_artifact(progress, 100.0))
        _quietly(lambda: create_table_artifact([tally.row()], key=f"{key}-table"))
        return tally.row()

    return backlog


def through_prefect(url: str, worker: str, drain: Drain, most: int) -> dict[str, Any] | None:
    """Drains a chunk as a flow run of this server, and gives its counts; None where Prefect did not even begin it."""
    last: list[Tally] = []

    def noted(number: int, on_tally: OnTally) -> Tally:
        last.append(Tally(total=0))
        last.append(drain(number, on_tally))
        return last[-1]

    def run() -> None:
        with session(url):
            build_backlog_flow(noted)(worker, most)

    try:
        copy_context().run(run)
    except Exception as error:
        # The catalogue says where each dossier stands: a server that went away has lost a picture, nothing else.
        _LOG.warning("Prefect stumbled over a backlog: %s", type(error).__name__)
    return last[-1].row() if last else None


def _quietly(tell: Callable[[], object]) -> None:
    try:
        tell()
    except Exception as error:
        _LOG.debug("an artifact was not told: %s", type(error).__name__)
