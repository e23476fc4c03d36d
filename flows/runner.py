"""Runs one dossier under a lease: the same few lines for the command line, a worker and a test.

The lease in the catalogue says who works on a dossier; it is renewed by a thread of its own, so that a long stage does
not lose it, and a process that was killed gives way within `LEASE`. Losing the lease stops the work at the next step
of progress. Progress goes into the catalogue's events as well, so that every door can show it.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import secrets
import socket
import threading
import time
from contextvars import copy_context
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flows.digitize import RETRY_SECONDS, Stages, build_flow, transient
from flows.server import PrefectUnavailableError
from flows.session import session
from pipeline.catalogue.errors import LeaseLostError
from pipeline.errors import HosoError
from pipeline.record import Status
from pipeline.stages import STAGES, Outcome, Progress, silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flows.server import PrefectServer
    from pipeline.catalogue.catalogue import Catalogue
    from pipeline.catalogue.rows import Lease
    from pipeline.composition import House
    from pipeline.record import Dossier
    from pipeline.stages import OnProgress

LEASE = timedelta(seconds=30)
AHEAD = ("intake", "read")
"""Stages worth running while a server starts: costly, and quick to pass through once their work is done."""
EVENTS_EVERY = 0.25
"""Seconds between two events of progress of one stage; a page may take less."""

_LOG = logging.getLogger("hoso.flows")


class LeaseLost(BaseException):
    """Another worker may have the dossier: stop without writing anything more.

    Not an `Exception`: a stage's border must not turn it into a status that would be saved over the other's work.
    """


def worker_name() -> str:
    """A name for this process in leases, unique among restarts of one machine."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


def first_stage(stages: Stages, dossier_id: str) -> str:
    """Where to take a dossier up; one that was refused before it had a page starts anew."""
    return stages.next_stage(dossier_id) if stages.dossier(dossier_id).pages else STAGES[0]


class Held:
    """A lease that renews itself until it is released or lost."""

    def __init__(self, catalogue: Catalogue, lease: Lease, ttl: timedelta) -> None:
        self._catalogue = catalogue
        self._lease = lease
        self._ttl = ttl
        self._done = threading.Event()
        self._lost = threading.Event()
        self._ends = time.monotonic() + ttl.total_seconds()
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)
        self._thread.start()

    @property
    def dossier_id(self) -> str:
        """Whose it is."""
        return self._lease.dossier

    def check(self) -> None:
        """Raises `LeaseLost` where another worker may have taken over: also before a cut-off database can say so."""
        if self._lost.is_set() or time.monotonic() > self._ends:
            raise LeaseLost(self._lease.dossier)

    def close(self) -> None:
        """Stops renewing and gives the dossier free."""
        self._done.set()
        self._thread.join()
        with contextlib.suppress(HosoError):
            self._catalogue.release(self._lease)

    def _renew(self) -> None:
        while not self._done.wait(self._ttl.total_seconds() / 3):
            asked = time.monotonic()
            try:
                self._lease = self._catalogue.heartbeat(self._lease, self._ttl)
                self._ends = asked + self._ttl.total_seconds()
            except LeaseLostError:
                self._lost.set()
                return
            except HosoError as error:
                # The database may come back before the lease ends; if not, the next beat finds it lost.
                _LOG.warning("heartbeat of %s: %s", self._lease.dossier, error)


@contextlib.contextmanager
def leased(house: House, dossier_id: str, worker: str, ttl: timedelta = LEASE) -> Iterator[Held | None]:
    """The right to work on a dossier for the time of a `with` block, or None where somebody has it."""
    lease = house.catalogue.claim(dossier_id, worker, ttl)
    if lease is None:
        yield None
        return
    held = Held(house.catalogue, lease, ttl)
    try:
        yield held
    finally:
        held.close()


class Runner:
    """Runs dossiers of one house through the flow. One per process.

    While a server of our own still starts, the costly stages are run ahead; the flow then finds their work done and
    passes through them as through any other. Where there is no server the stages are run directly, in the same order
    and with the same retries: Prefect moves dossiers along, it must never keep one from being filed.
    """

    def __init__(self, house: House, server: PrefectServer | None, *, retry_seconds: float = RETRY_SECONDS) -> None:
        """Without a server the stages are run directly, always."""
        self._house = house
        self._retry_seconds = retry_seconds
        self._server = server
        self._closed = threading.Event()
        self._imported = threading.Event()
        if server is not None:
            self._importer = threading.Thread(target=self._import, args=(server,), name="prefect-import")
            self._importer.start()

    def warm(self) -> None:
        """Waits until the flow can be used. Raises `PrefectUnavailableError`."""
        if self._server is not None:
            self._server.url()
            self._imported.wait()

    def run(
        self,
        dossier_id: str,
        held: Held,
        on_progress: OnProgress = silent,
        *,
        stages: Stages | None = None,
        directly: bool = False,
    ) -> Dossier:
        """Runs the stages from where the dossier stands to the first that does not go on.

        `stages` stands in for the house's conductor; `directly` leaves Prefect out. Raises what a stage raises, and
        `LeaseLost`.
        """
        conductor: Stages = stages or self._house.conductor
        watch = _Watch(self._house.catalogue, dossier_id, held, on_progress)
        begin = first_stage(conductor, dossier_id)
        if directly:
            self._run_directly(conductor, dossier_id, STAGES[STAGES.index(begin) :], held, watch)
            return conductor.dossier(dossier_id)
        if not self._run_ahead(conductor, dossier_id, begin, held, watch):
            # Refused before it had a page, or held: there is nothing for a flow to move along.
            return conductor.dossier(dossier_id)
        if (url := self._answering()) and self._moved_by_prefect(url, conductor, watch, dossier_id, begin):
            return conductor.dossier(dossier_id)
        begin = first_stage(conductor, dossier_id)
        self._run_directly(conductor, dossier_id, STAGES[STAGES.index(begin) :], held, watch)
        return conductor.dossier(dossier_id)

    def prefect_url(self) -> str | None:
        """The server's address where Prefect can be used at once; never waits."""
        return self._server.ready() if self._server is not None and self._imported.is_set() else None

    def close(self) -> None:
        """Ends the import, or waits for its end: a thread in the middle of one must not meet the interpreter's."""
        self._closed.set()
        if self._server is not None:
            self._importer.join()

    def _import(self, server: PrefectServer) -> None:
        # Prefect's two seconds of imports hold up the pages in hand; they are spent only once there is a server.
        while server.ready() is None:
            # A process that ends waits for this thread, whoever forgot to close the runner.
            if self._closed.wait(0.25) or not threading.main_thread().is_alive():
                return
        importlib.import_module("prefect.flows")
        importlib.import_module("prefect.tasks")
        self._imported.set()

    def _run_ahead(self, stages: Stages, dossier_id: str, begin: str, held: Held, watch: OnProgress) -> bool:
        """Whether the dossier goes on."""
        for stage in AHEAD:
            if self._server is None or self._imported.is_set() or STAGES.index(stage) < STAGES.index(begin):
                continue
            held.check()
            if stages.run_stage(dossier_id, stage, watch) is not Outcome.CONTINUE:
                return False
        return True

    def _answering(self) -> str | None:
        if self._server is None:
            return None
        if not self._server.own:
            # A shared server that is gone, or starts, keeps nobody waiting.
            return self.prefect_url()
        try:
            self.warm()
        except PrefectUnavailableError as error:
            _LOG.warning("no Prefect server: %s; the stages are run directly", error)
            return None
        return self._server.ready()

    def _run_directly(
        self, stages: Stages, dossier_id: str, names: tuple[str, ...], held: Held, watch: OnProgress
    ) -> None:
        for stage in names:
            held.check()
            if self._retried(stages, dossier_id, stage, watch) is not Outcome.CONTINUE:
                return

    def _retried(self, stages: Stages, dossier_id: str, stage: str, watch: OnProgress) -> Outcome:
        for _ in range(self._house.settings.flows.stumbles):
            try:
                return stages.run_stage(dossier_id, stage, watch)
            except HosoError as error:
                if not transient(error):
                    raise
                _LOG.warning("%s is tried again: %s", stage, error)
                time.sleep(self._retry_seconds)
        return stages.run_stage(dossier_id, stage, watch)

    def _moved_by_prefect(self, url: str, stages: Stages, watch: OnProgress, dossier_id: str, begin: str) -> bool:
        """Whether Prefect took the dossier along. Stages' errors are raised; Prefect's own leave the rest to us."""

        def flow() -> None:
            with session(url):
                build_flow(stages, watch, retry_seconds=self._retry_seconds)(dossier_id, begin)

        try:
            # A copy of the context keeps Prefect's variables out of this thread's own.
            copy_context().run(flow)
        except HosoError:
            raise
        except Exception as error:
            # Stages raise nothing else: the server went away in the middle.
            _LOG.warning("Prefect stumbled (%s); the stages are run directly", type(error).__name__)
            return False
        return True


class _Watch:
    """Passes progress on to the caller and, now and then, into the catalogue."""

    def __init__(self, catalogue: Catalogue, dossier_id: str, held: Held, on_progress: OnProgress) -> None:
        self._catalogue = catalogue
        self._dossier_id = dossier_id
        self._held = held
        self._on_progress = on_progress
        self._last = 0.0

    def __call__(self, progress: Progress) -> None:
        self._held.check()
        self._on_progress(progress)
        now = time.monotonic()
        whole = progress.done == progress.total and progress.total > 1
        # A page that was read is always told: the desk shows it at once.
        if progress.page is not None or whole or (progress.total > 1 and now - self._last >= EVENTS_EVERY):
            self._last = now
            data: dict[str, Any] = {"done": progress.done, "total": progress.total}
            if progress.page is not None:
                data |= {"page": progress.page.model_dump(mode="json"), "engine": progress.engine}
            self._catalogue.append_event(self._dossier_id, progress.stage, "progress", data=data)


def is_settled(dossier: Dossier) -> bool:
    """Whether nothing more happens to the dossier by itself."""
    return dossier.status in {Status.FILED, Status.WAITS, Status.REFUSED, Status.FAULT}
