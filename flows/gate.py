"""Whose page is read next: of all dossiers in one worker's hand the desk's first, then in the order of their claims.

While a desk dossier is in hand the backlog stands aside between two pages or stages: it keeps its lease and what it has
read, and goes on when the desk is done. It never starves: however busy the desk, one step of the backlog (a page or a
stage) goes first once in `trickle` seconds. Pages ask for one of the reader's streams; a page in work is never cut off.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

from pipeline.catalogue.lanes import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from models.reading import Defect, Image, PageReader, ReadPage
    from models.reading import Turn as PageTurn


class Gate:
    """The streams of one reader and who waits for them. One per worker."""

    def __init__(self, streams: int, trickle: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`streams` pages at once; `trickle` seconds between two steps of the backlog beside a busy desk."""
        self._free = streams
        self._trickle = trickle
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._waiting: list[Turn] = []
        self._desk = 0
        self._desk_since = 0.0
        self._desk_seconds = 0.0
        self._count = 0
        self._last_step = monotonic()
        self._open = True

    @property
    def desk(self) -> int:
        """Desk dossiers in hand."""
        with self._changed:
            return self._desk

    def join(self, lane: Lane) -> Turn:
        """A dossier comes into hand; call `leave` when it is out again."""
        with self._changed:
            self._count += 1
            self._desk += lane is Lane.DESK
            if self._desk == 1 and lane is Lane.DESK:
                # From here on the backlog counts its time beside the desk.
                self._last_step = self._desk_since = self._monotonic()
            return Turn(self, lane, self._count)

    def close(self) -> None:
        """Nobody stands aside any more: whoever waits goes on, to where it may stop."""
        with self._changed:
            self._open = False
            self._changed.notify_all()

    def leave(self, turn: Turn) -> None:
        """The dossier is out of hand; a second call does nothing."""
        with self._changed:
            if turn.joined:
                turn.joined = False
                self._desk -= turn.lane is Lane.DESK
                if turn.lane is Lane.DESK and not self._desk:
                    self._desk_seconds += self._monotonic() - self._desk_since
                self._changed.notify_all()

    def desk_seconds(self) -> tuple[float, float]:
        """Seconds for which the desk was busy: since the worker began, and of those without a break until now."""
        with self._changed:
            now = self._monotonic() - self._desk_since if self._desk else 0.0
            return self._desk_seconds + now, now

    def stand_aside(self, turn: Turn) -> None:
        """A step of the backlog ends; waits until the next may begin."""
        with self._changed:
            turn.hurried = False
            while not self._may_go(turn):
                self._changed.wait(0.5)

    @contextlib.contextmanager
    def stream(self, turn: Turn) -> Iterator[None]:
        """The right to one stream, in the order of the gate."""
        self._enter(turn)
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    def _enter(self, turn: Turn) -> None:
        with self._changed:
            self._waiting.append(turn)
            try:
                while not (self._may_go(turn) and self._first(turn)):
                    self._changed.wait(0.5)
                self._free -= 1
            finally:
                self._waiting.remove(turn)
                self._changed.notify_all()

    def _may_go(self, turn: Turn) -> bool:
        if turn.lane is Lane.DESK or not self._desk or not self._open:
            return True
        if turn.hurried:
            return True
        now = self._monotonic()
        if now - self._last_step < self._trickle:
            return False
        self._last_step = now
        turn.hurried = True
        return True

    def _first(self, turn: Turn) -> bool:
        if self._free <= 0:
            return False
        mine = turn.rank
        return all(mine <= other.rank for other in self._waiting if self._desk == 0 or other.asks)


class Turn:
    """One dossier at the gate."""

    def __init__(self, gate: Gate, lane: Lane, number: int) -> None:
        self._gate = gate
        self.lane = lane
        self.number = number
        self.joined = True
        self.hurried = False
        """Whether it goes before the desk for one step, so that it does not starve."""

    @property
    def aside(self) -> float:
        """Seconds that do not count for it, because the desk was busy."""
        return self._gate.desk_seconds()[0] if self.lane is Lane.BACKLOG else 0.0

    @property
    def aside_now(self) -> float:
        """Seconds for which it has stood aside up to now, without a break."""
        return self._gate.desk_seconds()[1] if self.lane is Lane.BACKLOG else 0.0

    @property
    def rank(self) -> tuple[int, int]:
        """The lowest goes first."""
        return (0 if self.hurried else 1 if self.lane is Lane.DESK else 2, self.number)

    @property
    def asks(self) -> bool:
        """Whether it may go while the desk is busy."""
        return self.hurried or self.lane is Lane.DESK

    def step(self) -> None:
        """Between two pages or stages: the backlog stands aside here."""
        if self.lane is Lane.BACKLOG:
            self._gate.stand_aside(self)

    def leave(self) -> None:
        """Out of hand."""
        self._gate.leave(self)

    def stream(self) -> contextlib.AbstractContextManager[None]:
        """The right to one stream of the reader."""
        return self._gate.stream(self)


class GatedReader:
    """A page reader whose pages wait for their turn. A `models.reading.PageReader`."""

    def __init__(self, reader: PageReader, turn: Turn) -> None:
        self._reader = reader
        self._turn = turn

    @property
    def name(self) -> str:
        """The reader's own."""
        return self._reader.name

    def turn(self, image: Image) -> PageTurn:
        """How the page lies."""
        with self._turn.stream():
            return self._reader.turn(image)

    def inspect(self, image: Image) -> tuple[Defect, ...]:
        """The page's defects."""
        with self._turn.stream():
            return self._reader.inspect(image)

    def read(self, image: Image) -> ReadPage:
        """What the page says."""
        with self._turn.stream():
            return self._reader.read(image)
