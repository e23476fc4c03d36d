"""One row a dossier that can be counted: when it is due, when it ended, whether a person was needed.

Derived, and brought up to date by what changed since the last count, so that neither a save nor a move has to know of
the overview. Rows are stamped with the moment up to which they are right; a count that was cut off goes on there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from pipeline.catalogue.lanes import Lane
from pipeline.catalogue.overview_door import Case
from pipeline.clock import local
from pipeline.desk.questions import AT_DESK
from pipeline.kho.moves import RESULT_PDF, Portal
from pipeline.overview.due import Due, due
from pipeline.procedures.book import UnknownProcedureError
from pipeline.record import Status

if TYPE_CHECKING:
    from datetime import date

    from pipeline.catalogue.overview_door import Raw
    from pipeline.procedures.terms import TimeLimit
    from pipeline.tools import Tools

BATCH = 500
ENDED = frozenset({Portal.NOT_ACCEPTED, Portal.STOPPED, Portal.DONE, Portal.RETURNED})
_OVERLAP = timedelta(minutes=1)
"""A change of another process may be written a moment after its time."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a count came to."""

    counted: int
    left: int
    """Dossiers that changed and are not counted yet."""


class Counter:
    """Makes cases; remembers limits and due days of one round."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._book = tools.procedures()
        self._anew = tools.settings.overview.after_supplement == "anew"
        self._limits: dict[tuple[str, date], TimeLimit | None] = {}
        self._dues: dict[tuple[str, date, bool], Due] = {}

    def case(self, raw: Raw, now: datetime, seen_at: datetime) -> Case:
        """The case of a dossier as of `now`."""
        today, received = local(now).date(), local(raw.received_at)
        status = raw.moves[-1][0] if raw.moves else None
        found = self._due(raw, now)
        due_on, waiting = (found.day, found.waiting) if found else (None, False)
        if found and found.waiting and found.late_on(today) and found.before:
            # It was late before the citizen was asked; asking does not mend that.
            due_on, waiting = found.before, False
        filed = local(raw.filed_at).date() if raw.filed_at else None
        ended = next((local(at).date() for to, at in raw.moves if to in ENDED), None)
        if not raw.moves and raw.status == Status.FILED.value:
            ended = filed
        return Case(
            dossier_id=raw.id,
            agency=raw.agency or self._tools.settings.agency_code,
            procedure=raw.procedure,
            lane=raw.lane,
            status=raw.status,
            portal=status,
            received_on=received.date(),
            due_on=due_on,
            certain=found.certain if found else True,
            waiting=waiting,
            stood_still=found.stood_still if found else 0,
            asked=sum(to == Portal.SUPPLEMENT_ASKED for to, _ in raw.moves),
            ended_on=ended,
            filed_on=filed,
            straight=filed is not None and raw.straight,
            digitised=raw.papers and raw.result,
            reused=raw.reused,
            seen_at=seen_at,
        )

    def _due(self, raw: Raw, now: datetime) -> Due | None:
        """None where nobody waits: what comes out of an archive has no limit."""
        if raw.lane != Lane.DESK.value and not raw.moves:
            return None
        received = local(raw.received_at)
        limit = self._limit(raw.procedure, received.date())
        if limit is None:
            return None
        if any(to in {Portal.SUPPLEMENT_ASKED, Portal.PAYMENT_ASKED} for to, _ in raw.moves):
            return due(raw.received_at, limit, raw.moves, now, anew=self._anew)
        cutoff = time.fromisoformat(limit.cutoff) if limit.cutoff else time.max
        key = (raw.procedure, received.date(), received.time() > cutoff)
        if key not in self._dues:
            self._dues[key] = due(raw.received_at, limit, (), now)
        return self._dues[key]

    def _limit(self, procedure: str, day: date) -> TimeLimit | None:
        if (procedure, day) not in self._limits:
            try:
                found = self._book.get(procedure, day).time_limit if procedure else None
            except UnknownProcedureError:
                found = None
            self._limits[procedure, day] = found
        return self._limits[procedure, day]


def refresh(tools: Tools, most: int | None = None) -> Refreshed:
    """Counts what changed; with `most` nothing where it is more than that. Raises `CatalogueUnreachableError`."""
    door = tools.catalogue.overview()
    now = tools.clock()
    since = door.as_of()
    midnight = local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    changed = door.changed(since - _OVERLAP if since else None, midnight)
    if most is not None and len(changed) > most:
        return Refreshed(0, len(changed))
    counter = Counter(tools)
    for start in range(0, len(changed), BATCH):
        batch = changed[start : start + BATCH]
        # Only the last batch is up to now: a round that is cut off goes on after what it did.
        seen_at = now if start + BATCH >= len(changed) else batch[-1][1]
        ids = [dossier for dossier, _ in batch]
        raws = door.raw(ids, AT_DESK, RESULT_PDF)
        door.put(ids, [counter.case(raw, now, seen_at) for raw in raws])
    return Refreshed(len(changed), 0)
