"""What is tried again, when, and how often: read from a dossier's events, so that it survives every process.

| what happened | tried again | bound |
|---|---|---|
| disk or database stumbled | at once, in place | `stumbles` |
| something outside is out of reach (`held`) | after a pause that doubles | none: it waits for the world, not for us |
| the worker died, or a stage took too long | when the lease ends, or after a pause | `attempts`, then set aside |
| a defect of ours (`fault`), given back to the queue | not by itself | a person retries |
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pipeline.catalogue.catalogue import Catalogue
    from pipeline.catalogue.rows import StoredEvent

STAGE = "worker"
"""Events of this stage are the worker's own."""
CLAIMED, ENDED, CUT_OFF = "claimed", "ended", "cut_off"
HELD_FIRST = timedelta(seconds=15)
HELD_MOST = timedelta(minutes=30)
_PAGE = 1000


def events_of(catalogue: Catalogue, dossier_id: str) -> list[StoredEvent]:
    """Every event of a dossier, however many there are."""
    events: list[StoredEvent] = []
    while found := catalogue.events_after(dossier_id, events[-1].seq if events else 0, _PAGE):
        events += found
        if len(found) < _PAGE:
            break
    return events


def attempts(events: Sequence[StoredEvent]) -> int:
    """How often a worker began this dossier since one last came to an end with it."""
    count = 0
    for event in events:
        if event.stage == STAGE and event.state != CUT_OFF:
            count = count + 1 if event.state == CLAIMED else 0
    return count


def last_cause(events: Sequence[StoredEvent]) -> str:
    """Why the last attempts had no end: the code of a stage that was cut off, or that its worker died."""
    for event in reversed(events):
        if event.stage == STAGE and event.state == CUT_OFF:
            return event.code or "stage_limit"
        if event.stage == STAGE and event.state != CLAIMED:
            break
    return "given_up"


def held_until(
    events: Sequence[StoredEvent], first: timedelta = HELD_FIRST, most: timedelta = HELD_MOST
) -> datetime | None:
    """When a held dossier is tried again: the pause doubles with each time in a row, up to `most`."""
    held = 0
    last: datetime | None = None
    for event in events:
        if event.state == "held":
            held, last = held + 1, event.at
        elif event.state == "done" or (event.state == "continue" and event.stage in {"sign", "file"}):
            held = 0
    if last is None or held == 0:
        return last
    return last + pause(held, first, most)


def pause(times: int, first: timedelta, most: timedelta) -> timedelta:
    """The pause after so many times in a row."""
    return min(first * (1 << min(max(times, 1) - 1, 20)), most)
