"""A long-lived worker: models loaded once, the catalogue as its queue, the citizen in the chair always first.

Threads of one process share one reader: some take desk dossiers and nothing else, some backlog dossiers, more than one
at once, because a stage that needs one core would leave the others idle; `flows.gate` decides whose page is read next.
Any number of workers may share a catalogue; the lease makes sure that each dossier has one. What a killed worker left
is taken up when its lease ends; `flows.retries` says what is tried how often. After so many pages or so much memory the
worker begins nothing more, ends what it has in hand, and is started again by whoever supervises it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections import Counter
from copy import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flows.backlog import Tally, silent_tally, through_prefect
from flows.duties import Duties
from flows.gate import Gate
from flows.hand import Hand, StageLimit, Yielded
from flows.keeper import Keeper
from flows.retries import (
    CLAIMED,
    CUT_OFF,
    ENDED,
    STAGE,
    attempts,
    events_of,
    held_until,
    last_cause,
    pause,
)
from flows.runner import LeaseLost, Runner, leased, worker_name
from pipeline import pressure
from pipeline.catalogue.errors import ConflictError
from pipeline.catalogue.lanes import QUEUE, Lane
from pipeline.errors import HeldError, HosoError
from pipeline.record import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.gate import Turn
    from flows.runner import Held
    from flows.server import PrefectServer
    from pipeline.composition import House
    from pipeline.record import Dossier

_LOOK = 8
"""Dossiers looked at for one claim: several workers may reach for the first."""
_LOG = logging.getLogger("hoso.flows")


class Worker:
    """Takes dossiers from the catalogue until told to stop, or until it is time for a fresh process."""

    def __init__(
        self,
        house: House,
        server: PrefectServer | None,
        *,
        name: str = "",
        lease: timedelta | None = None,
        poll: float | None = None,
    ) -> None:
        """`lease` and `poll` (seconds between two looks into an empty queue) stand in for the settings."""
        flows = house.settings.flows
        self._house = house
        self._flows = flows
        self._runner = Runner(house, server)
        self.name = name or worker_name()
        self._lease = lease or timedelta(seconds=flows.lease_seconds)
        self._poll = poll or flows.poll_seconds
        self._first = timedelta(seconds=flows.held_first_seconds)
        self._most = timedelta(seconds=flows.held_most_seconds)
        self.gate = Gate(house.settings.cores, flows.trickle_seconds)
        self._lock = threading.Lock()
        self._hands: dict[str, tuple[Hand, Held]] = {}
        self._ending = threading.Event()
        self._yielding = threading.Event()
        self.dossiers = 0
        self.pages = 0
        self.broken = False
        """Whether a stage had to be abandoned: its thread may still run, only the end of the process ends it."""
        self.ready = False
        """Whether the models are loaded."""
        self.free_elsewhere = False
        """Whether another worker has nothing in hand, as far as heard of."""

    def run(self, stop: threading.Event) -> None:
        """Works until `stop` is set or the worker is to be recycled; loads the models before the first dossier."""
        with contextlib.closing(self), Keeper(self, self._house):
            self._house.reader()
            self.ready = True
            duties = Duties(self._house, self.name, self._runner.prefect_url)
            work = [lambda: self._desk(stop)] * self._flows.desk_slots
            work += [lambda: self._backlog(stop), lambda: duties.run(self._over(stop))]
            threads = [threading.Thread(target=one, name="work", daemon=True) for one in work]
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads) and not self.broken:
                if stop.wait(0.2):
                    self.give_back()
                    time.sleep(0.1)

    def close(self) -> None:
        """Ends what runs beside the work; `run` and `work_off` do so themselves."""
        self._runner.close()

    def warm(self) -> None:
        """Waits until Prefect can be used. Raises `PrefectUnavailableError`."""
        self._runner.warm()

    def recycle(self) -> None:
        """Begins nothing more; what is in hand is finished."""
        self._ending.set()

    @property
    def recycling(self) -> bool:
        """Whether the worker is about to end."""
        return self._ending.is_set()

    def give_back(self) -> None:
        """What is in hand is given back at its next page or stage."""
        self._ending.set()
        self._yielding.set()
        self.gate.close()

    def let_go(self) -> None:
        """Frees what is still in hand, for a process that ends this moment."""
        for hand, held in self.hands():
            try:
                self._house.catalogue.append_event(hand.dossier_id, STAGE, ENDED, code="stopped")
                held.close()
            except HosoError as error:
                _LOG.warning("%s is left to its lease: %s", hand.dossier_id, error)

    def hands(self) -> list[tuple[Hand, Held]]:
        """What is in hand just now."""
        with self._lock:
            return list(self._hands.values())

    def abandon(self, hand: Hand, held: Held) -> None:
        """A stage does not stop by itself: its dossier is tried again elsewhere, and this process has to end."""
        stage, seconds, _ = hand.clock()
        _LOG.error("%s: %s does not end after %.0f s; the worker is ended", hand.dossier_id, stage, seconds)
        self.broken = True
        self._cut_off(hand.dossier_id, StageLimit(stage, seconds))
        with self._lock:
            self._hands.pop(hand.dossier_id, None)
        held.close()
        self.give_back()

    def work_once(self) -> bool:
        """Runs one dossier, if there is one to run, the desk's first; whether there was."""
        return self._next(Lane.DESK) or self._next(Lane.BACKLOG)

    def work_on(self, dossier_id: str) -> bool:
        """Runs this dossier, whatever its lane; False where somebody else has it."""
        backlog = self._house.catalogue.queue().backlog_among([dossier_id])
        return self._work(dossier_id, Lane.BACKLOG if backlog else Lane.DESK)

    def work_all(self, most: int) -> dict[str, Any]:
        """Runs what is due, the desk's first, then the backlog, at most so many; returns the counts."""
        with Keeper(self, self._house):
            desk = 0
            while desk < most and not self._ending.is_set() and self._tried(lambda: self._next(Lane.DESK)):
                desk += 1
            return {"desk": desk, **self.drain(max(1, most - desk)).row()}

    def work_off(self, stop: threading.Event) -> dict[str, Any]:
        """The whole backlog, chunk by chunk, with the desk beside it, until nothing is due; returns the counts."""
        started, counts = time.monotonic(), Counter[str]()
        with contextlib.closing(self), Keeper(self, self._house):
            desk = threading.Thread(target=self._desk, args=(stop,), name="desk", daemon=True)
            desk.start()
            while not self._over(stop)() and self._tried(self._backlog_waits):
                row = self._chunk()
                counts.update({key: value for key, value in row.items() if isinstance(value, int)})
            self._ending.set()
            desk.join()
        return {**counts, "seconds": round(time.monotonic() - started, 1)}

    def drain(self, most: int, on_tally: Callable[[Tally], None] = silent_tally) -> Tally:
        """Runs backlog dossiers, several at once, until there is none, `most` were begun, or the worker ends."""
        tally = Tally(total=min(most, self._house.catalogue.queue().stand(Lane.BACKLOG).count))
        slots = self._flows.slots or self._house.settings.cores + 1
        threads = [
            threading.Thread(target=self._slot, args=(tally, most), name=f"slot-{number}", daemon=True)
            for number in range(min(slots, most))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.5)
                on_tally(copy(tally))
        return tally

    def _over(self, stop: threading.Event) -> Callable[[], bool]:
        return lambda: stop.is_set() or self._ending.is_set()

    def _desk(self, stop: threading.Event) -> None:
        over = self._over(stop)
        while not over():
            if not self._tried(lambda: self._next(Lane.DESK)):
                stop.wait(self._poll)

    def _backlog(self, stop: threading.Event) -> None:
        over = self._over(stop)
        while not over():
            if not self._tried(self._backlog_waits):
                stop.wait(self._poll)
                continue
            self._tried(lambda: bool(self._chunk()))

    def _chunk(self) -> dict[str, Any]:
        """One chunk of the backlog, as a flow of Prefect's where that can be; its counts."""
        url = self._runner.prefect_url()
        row = through_prefect(url, self.name, self.drain, self._flows.chunk) if url else None
        return self.drain(self._flows.chunk).row() if row is None else row

    def _backlog_waits(self) -> bool:
        return bool(self._house.catalogue.queue().waiting(Lane.BACKLOG, 1)) and not self._objection(Lane.BACKLOG)

    def _slot(self, tally: Tally, most: int) -> None:
        while not self._ending.is_set() and tally.begin(most):
            if self._tried(lambda: self._next(Lane.BACKLOG, tally)):
                continue
            tally.not_begun()
            if tally.idle():
                return
            # Others still work: what they give back, or what comes in, is ours.
            self._ending.wait(self._poll)

    def _tried(self, work: Callable[[], bool]) -> bool:
        try:
            return work()
        except HosoError as error:
            # The database or store went away: nothing is lost, the next look may find it again.
            _LOG.warning("queue: %s", error)
            self._ending.wait(self._poll)
            return False

    def _objection(self, lane: Lane) -> str:
        catalogue = self._house.catalogue if lane is Lane.BACKLOG else None
        return pressure.objection(self._flows, pressure.look(self._house.settings, catalogue), lane)

    def _next(self, lane: Lane, tally: Tally | None = None) -> bool:
        queue = self._house.catalogue.queue()
        waiting = queue.waiting(lane, _LOOK)
        if not waiting or self._objection(lane):
            return False
        if lane is Lane.DESK and self.free_elsewhere and self.hands():
            # A worker with nothing in hand is faster: it gets a moment to take it.
            time.sleep(2 * self._poll)
            waiting = queue.waiting(lane, _LOOK)
        return any(self._work(dossier_id, lane, tally) for dossier_id in waiting)

    def _may_yield(self, turn: Turn) -> bool:
        if self._yielding.is_set():
            return True
        return self.free_elsewhere and turn.aside_now > self._flows.handover_seconds

    def _work(self, dossier_id: str, lane: Lane, tally: Tally | None = None) -> bool:
        with leased(self._house, dossier_id, self.name, self._lease) as held:
            if held is None:
                return False
            catalogue = self._house.catalogue
            found = catalogue.load_with_version(dossier_id)
            if found is None or found[0].status not in QUEUE:
                # Another worker ended it between our look into the queue and our claim.
                return False
            events = events_of(catalogue, dossier_id)
            if attempts(events) >= self._flows.attempts:
                self._set_aside(*found, last_cause(events))
                return True
            catalogue.append_event(dossier_id, STAGE, CLAIMED, data={"lane": lane.value})
            turn = self.gate.join(lane)
            hand = Hand(self._house, held, turn, self._flows.stage_seconds, self._may_yield)
            with self._lock:
                self._hands[dossier_id] = (hand, held)
            try:
                self._through(hand, held, directly=lane is Lane.BACKLOG)
            finally:
                turn.leave()
                with self._lock:
                    self._hands.pop(dossier_id, None)
            self._count(dossier_id, tally)
            return True

    def _through(self, hand: Hand, held: Held, *, directly: bool) -> None:
        code = ""
        try:
            self._runner.run(hand.dossier_id, held, stages=hand, directly=directly)
        except (LeaseLost, ConflictError):
            # Another worker has it by now: not a word more from us into its history. Where it was a person who changed
            # the dossier under a stage, the queue brings it again, as often as it brings one whose worker died.
            _LOG.warning("%s: lease lost, or changed under its stage", hand.dossier_id)
            return
        except StageLimit as limit:
            self._cut_off(hand.dossier_id, limit)
            return
        except Yielded:
            code = "yielded"
        except HeldError as error:
            code = error.code
            _LOG.warning("%s: %s", hand.dossier_id, error)
        except Exception as error:
            # The conductor has written the fault into the catalogue; the queue goes on with the next dossier.
            code = error.code if isinstance(error, HosoError) else HosoError.code
            _LOG.exception("%s ended with an error", hand.dossier_id)
        self._house.catalogue.append_event(hand.dossier_id, STAGE, ENDED, code=code or None)
        self._place(hand.dossier_id, code)

    def _place(self, dossier_id: str, code: str) -> None:
        """When the dossier is due again, and why it waits."""
        queue = self._house.catalogue.queue()
        dossier = self._house.conductor.dossier(dossier_id)
        if dossier.status is Status.HELD and dossier.held is not None:
            until = held_until(events_of(self._house.catalogue, dossier_id), self._first, self._most)
            queue.put(dossier_id, due_at=until, code=dossier.held.code)
        elif dossier.status is Status.FAULT:
            queue.put(dossier_id, code=code or HosoError.code)
        elif queue.code_of(dossier_id):
            queue.put(dossier_id)

    def _cut_off(self, dossier_id: str, limit: StageLimit) -> None:
        catalogue = self._house.catalogue
        data = {"stage": limit.stage, "seconds": round(limit.seconds, 1)}
        catalogue.append_event(dossier_id, STAGE, CUT_OFF, code="stage_limit", data=data)
        times = attempts(events_of(catalogue, dossier_id))
        due = self._house.tools.clock() + pause(times, self._first, self._most)
        catalogue.queue().put(dossier_id, due_at=due, code="stage_limit")
        _LOG.warning("%s: %s was cut off after %.0f s", dossier_id, limit.stage, limit.seconds)

    def _set_aside(self, dossier: Dossier, version: int, cause: str) -> None:
        catalogue = self._house.catalogue
        catalogue.save(dossier.model_copy(update={"status": Status.FAULT}), expected_version=version)
        catalogue.append_event(dossier.id, STAGE, ENDED, code=cause)
        catalogue.queue().put(dossier.id, code=cause)
        _LOG.error("%s was begun %d times without an end and is set aside", dossier.id, self._flows.attempts)

    def _count(self, dossier_id: str, tally: Tally | None) -> None:
        dossier = self._house.conductor.dossier(dossier_id)
        with self._lock:
            self.dossiers += 1
            self.pages += len(dossier.pages)
        if tally is not None:
            tally.add(dossier.status.value, len(dossier.pages))
