"""When a dossier's result is due, with the days on which it was the citizen's turn left out.

The limit runs from receipt (`pipeline.rules.deadlines`: working days, holidays as data, the 15:00 rule). While papers
or fees were asked of the citizen (statuses 5 and 6) it stands still: each working day after the day of asking, up to
and with the day on which work went on, moves the due day by one. `HOSO_OVERVIEW__AFTER_SUPPLEMENT=anew` lets the whole
limit run again from that day instead, as Decree 61/2018/NĐ-CP (art. 19) is understood to word it; which of the two
Decree 118/2025/NĐ-CP means was not found in its text and is the agency's to confirm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from pipeline.clock import local
from pipeline.rules.deadlines import calendar, due_date

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.catalogue.moves_door import Move
    from pipeline.record import Dossier
    from pipeline.rules.deadlines import Calendar, Limit
    from pipeline.tools import Tools

TURNS = frozenset({5, 6})
"""Statuses in which it is the citizen's turn."""


@dataclass(frozen=True, slots=True)
class Due:
    """The last day for a result, as things stand."""

    day: date
    certain: bool
    note: str
    waiting: bool
    """It is the citizen's turn now."""
    stood_still: int
    """Working days so far that did not count."""
    since: date | None = None
    """The day of the last asking, while waiting."""
    before: date | None = None
    """The due day as it was when the citizen was asked, while waiting."""

    def late_on(self, day: date) -> bool:
        """Whether nothing done by the end of the day before is too late: who waits for the citizen is not late."""
        if self.waiting:
            return self.since is not None and self.before is not None and self.since > self.before
        return day > self.day


def due_of(tools: Tools, dossier: Dossier, moves: Sequence[Move]) -> Due | None:
    """When the result is due; None where the procedure has no limit, or there is none."""
    if dossier.procedure is None:
        return None
    limit = tools.procedures().get(dossier.procedure, dossier.received_at.date()).time_limit
    if limit is None:
        return None
    anew = tools.settings.overview.after_supplement == "anew"
    return due(dossier.received_at, limit, [(move.status, move.at) for move in moves], tools.clock(), anew=anew)


def due(
    received_at: datetime,
    limit: Limit,
    moves: Sequence[tuple[int, datetime]],
    now: datetime,
    *,
    anew: bool = False,
    days: Calendar | None = None,
) -> Due:
    """The same from its parts: `moves` are statuses and moments in order; `anew` says which rule counts."""
    known = days or calendar()
    first = due_date(local(received_at), limit, days=known)
    last, note, still = first.day, first.note, 0
    for start, end in _turns(moves):
        before, asked = last, local(start).date()
        back = local(end or now).date()
        between = _working(known, asked, back)
        still += between
        if anew:
            again = due_date(local(end or now), limit, days=known)
            last, note = again.day, again.note
        else:
            for _ in range(between):
                last = _next(known, last)
            note = known.doubt(local(received_at).date(), last)
        if end is None:
            return Due(last, not note, note, waiting=True, stood_still=still, since=asked, before=before)
    return Due(last, not note, note, waiting=False, stood_still=still)


def _turns(moves: Sequence[tuple[int, datetime]]) -> list[tuple[datetime, datetime | None]]:
    """When it was the citizen's turn, and until when; None for now."""
    found: list[tuple[datetime, datetime | None]] = []
    for status, at in moves:
        if status in TURNS and (not found or found[-1][1] is not None):
            found.append((at, None))
        elif status not in TURNS and found and found[-1][1] is None:
            found[-1] = (found[-1][0], at)
    return found


def _working(known: Calendar, first: date, last: date) -> int:
    """Working days after the first, up to and with the last."""
    return sum(known.works(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def _next(known: Calendar, day: date) -> date:
    day += timedelta(days=1)
    while not known.works(day):
        day += timedelta(days=1)
    return day
