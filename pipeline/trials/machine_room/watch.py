"""Watches a stack from outside: when stages end, when the API answers, what processes cost and hold.

Progress is read from the catalogue by a connection of its own; a catalogue that does not answer is no progress. After
each harm it notes the seconds until the next stage of any dossier ended and until the API answered again.
"""

from __future__ import annotations

import statistics
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pipeline.catalogue.catalogue import Catalogue
    from pipeline.trials.machine_room.stack import Stack

EVERY_S: Final = 0.5
QUIET_S: Final = 10.0
"""Longer than this without the end of a stage counts as time lost."""
_STEPS: Final = frozenset({"receive", "intake", "read", "separate", "extract", "validate", "archive", "sign", "file"})


@dataclass(slots=True)
class _Harmed:
    kind: str
    begun: float
    ended: float
    progress_s: float | None = None
    answered_s: float | None = None


class Watcher:
    """Run it in a thread of its own; `harmed` is called from another."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._lock = threading.Lock()
        self._harmed: list[_Harmed] = []
        self._seen: set[tuple[str, int]] = set()
        self._moves: list[float] = []
        self.filed = 0

    def harmed(self, kind: str, begun: float, ended: float) -> None:
        """Something was done to the stack, at these monotonic times."""
        with self._lock:
            self._harmed.append(_Harmed(kind, begun, ended))

    def run(self, over: threading.Event) -> None:
        """Looks until `over` is set."""
        from pipeline.catalogue.catalogue import Catalogue

        with Catalogue(self._stack.settings.database) as catalogue:
            while not over.wait(EVERY_S):
                self._look(catalogue)

    def by_kind(self) -> dict[str, dict[str, Any]]:
        """How often each kind was done, and how long it took until something went on."""
        with self._lock:
            harmed = list(self._harmed)
        found: dict[str, dict[str, Any]] = {}
        for kind in sorted({one.kind for one in harmed}):
            mine = [one for one in harmed if one.kind == kind]
            found[kind] = {
                "times": len(mine),
                "progress_s": _figures([one.progress_s for one in mine]),
                "api_s": _figures([one.answered_s for one in mine]),
            }
        return found

    def quiet_seconds(self) -> float:
        """Time lost: the sum of all pauses between ends of stages over `QUIET_S`, less that."""
        pauses = (later - one for one, later in zip(self._moves, self._moves[1:], strict=False))
        return round(sum(pause - QUIET_S for pause in pauses if pause > QUIET_S), 1)

    def _look(self, catalogue: Catalogue) -> None:
        moved = self._moved(catalogue)
        now = time.monotonic()
        if moved:
            self._moves.append(now)
        with self._lock:
            waiting = [one for one in self._harmed if one.progress_s is None or one.answered_s is None]
        if any(one.answered_s is None for one in waiting) and self._stack.answers():
            answered = time.monotonic()
            for one in waiting:
                one.answered_s = answered - one.begun if one.answered_s is None else one.answered_s
        for one in waiting:
            if moved and one.progress_s is None:
                one.progress_s = now - one.begun

    def _moved(self, catalogue: Catalogue) -> int:
        """How many stages ended since the last look."""
        from pipeline.errors import HosoError

        since = datetime.now(UTC) - timedelta(seconds=90)
        try:
            ends = catalogue.stage_ends(since)
        except HosoError:
            return 0
        new = [end for end in ends if (end.dossier, end.seq) not in self._seen and end.stage in _STEPS]
        self._seen |= {(end.dossier, end.seq) for end in new}
        moved = [end for end in new if end.state not in {"progress", "held", "failed"}]
        self.filed += sum(end.stage == "file" and end.state == "continue" for end in moved)
        return len(moved)


def _figures(values: list[float | None]) -> dict[str, float | int]:
    known = [value for value in values if value is not None]
    if not known:
        return {"never": len(values)}
    return {
        "median": round(statistics.median(known), 1),
        "most": round(max(known), 1),
        "never": len(values) - len(known),
    }
