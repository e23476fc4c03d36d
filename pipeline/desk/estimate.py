"""How long until a dossier is read and checked: from what was measured here, and from what stands before it.

Every dossier ahead costs its pages (or, while nobody knows them, the usual number of pages) times the seconds that a
page took lately; one that a worker has in hand is half done. What is ahead is shared by the workers. Said as a span
from the quick quarter to the slow tenth of what was measured; with too little measured nothing is said at all.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from pipeline.record import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.catalogue.desk_queue import Measured, Queued

LEAST = 3
"""Dossiers that must have been measured before a time is named."""
_LATENCY = 1.0
"""Seconds until a free worker notices a dossier."""


class Wait(Model):
    """A span of seconds, and what it rests on."""

    ahead: int
    """Dossiers that are taken before this one."""
    seconds: tuple[int, int] | None
    """From and to; None where too little was measured."""
    measured: int
    """Dossiers that the span rests on."""


def wait_for(
    dossier_id: str,
    queue: Sequence[Queued],
    measured: Sequence[Measured],
    *,
    workers: int,
    pages: int = 0,
    done: int = 0,
) -> Wait:
    """The wait of a dossier in the queue; `pages` and `done` as far as its own reading has come.

    One that is not in the queue is taken last.
    """
    place = next((index for index, one in enumerate(queue) if one.dossier == dossier_id), len(queue))
    own = queue[place] if place < len(queue) else None
    in_hand = own is not None and own.claimed
    before = (
        []
        if in_hand
        else [one for one in queue if one.dossier != dossier_id and (one.claimed or _before(one, queue, place))]
    )
    if len(measured) < LEAST:
        return Wait(ahead=len(before), seconds=None, measured=len(measured))
    rates = sorted(one.seconds / one.pages for one in measured)
    usual = median(one.pages for one in measured)
    mine = max(1.0, (pages or (own.pages if own else 0) or usual) - done)
    ahead = sum((one.pages or usual) * (0.5 if one.claimed else 1.0) for one in before)
    quick, slow = rates[len(rates) // 4], rates[min(len(rates) - 1, (9 * len(rates)) // 10)]
    shared = ahead / max(1, workers)
    low, high = (rate * (shared + mine) + _LATENCY * (not in_hand) for rate in (quick, slow))
    return Wait(ahead=len(before), seconds=(max(1, round(low)), max(2, round(high))), measured=len(measured))


def _before(one: Queued, queue: Sequence[Queued], place: int) -> bool:
    return any(other is one for other in queue[:place])
