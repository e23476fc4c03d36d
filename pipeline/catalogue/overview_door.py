"""The catalogue's door to the overview: what changed since it was last counted, the rows that count, and the counts.

`overview_cases` has one row a dossier (`pipeline.overview.cases` makes them); all counts are one pass over an index or
the table, so a hundred thousand dossiers are counted in well under a second. No agencies given means all of them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, and_, case, cast, delete, func, insert, or_, select

from pipeline.catalogue import tables as t
from pipeline.catalogue import tables_owners as o
from pipeline.catalogue import tables_queue as q
from pipeline.catalogue.lanes import Lane
from pipeline.catalogue.tables_citizens import cases, supplements
from pipeline.record import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

    from pipeline.catalogue.session import Database

_PENDING = ("received", "processing", "waits_for_person", "held")


class Case(Model):
    """A dossier as it counts. Days are days in Vietnam."""

    dossier_id: str
    agency: str
    procedure: str
    lane: str
    status: str
    portal: int | None
    received_on: date
    due_on: date | None
    certain: bool
    waiting: bool
    stood_still: int
    asked: int
    """How often the citizen was asked for papers."""
    ended_on: date | None
    filed_on: date | None
    straight: bool
    """Filed without a person."""
    digitised: bool
    reused: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Raw:
    """What a case is made of; nothing of a person."""

    id: str
    agency: str
    procedure: str
    lane: str
    status: str
    received_at: datetime
    filed_at: datetime | None
    moves: tuple[tuple[int, datetime], ...]
    straight: bool
    papers: bool
    """Whether a component has a file."""
    result: bool
    reused: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over cases; `received` and the like are of the days asked for, the rest as of today."""

    procedure: str
    received: int
    filed: int
    straight: int
    ended: int
    """With a due day."""
    on_time: int
    closed: int
    """With or without one."""
    digitised: int
    reused: int
    open: int
    due_today: int
    due_soon: int
    late: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Lining:
    """What a lane holds that is not read and checked to its end."""

    lane: str
    status: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """Days asked for, both included, and today."""

    first: date
    last: date
    today: date
    soon: date
    """Up to and with this day a due day is soon."""


@dataclass(frozen=True, slots=True)
class OverviewDoor:
    """Every method is one transaction; all raise `CatalogueUnreachableError`."""

    database: Database
    clock: Callable[[], datetime]

    # Counting anew

    def as_of(self) -> datetime | None:
        """Up to when everything is counted; None where nothing ever was."""
        with self.database.reading() as connection:
            found: datetime | None = connection.execute(select(func.max(cases.c.seen_at))).scalar_one()
        return found

    def changed(self, since: datetime | None, today: datetime) -> list[tuple[str, datetime]]:
        """Dossiers that changed at or after a moment, with when, the oldest change first.

        Who waits for a citizen and was not counted since `today` began is among them: each day moves its due day.
        """
        dossiers = select(t.dossiers.c.id, t.dossiers.c.updated_at)
        # Not grouped: the few that are new are found by their time.
        moves = select(o.moves.c.dossier_id, o.moves.c.at)
        still = select(cases.c.dossier_id, cases.c.seen_at).where(cases.c.waiting & (cases.c.seen_at < today))
        if since is not None:
            dossiers = dossiers.where(t.dossiers.c.updated_at >= since)
            moves = moves.where(o.moves.c.at >= since)
        found: dict[str, datetime] = {}
        with self.database.snapshot() as connection:
            for statement in (dossiers, moves):
                for dossier, at in connection.execute(statement):
                    found[dossier] = max(at, found.get(dossier, at))
            for dossier, at in connection.execute(still):
                found.setdefault(dossier, at)
        return sorted(found.items(), key=lambda item: (item[1], item[0]))

    def raw(self, ids: Sequence[str], handing_out: str, result: str) -> list[Raw]:
        """What these dossiers' cases are made of.

        `handing_out` is the rule whose findings a person accepts without judging what was read, `result` the kind of
        filing that is a result. What citizens sent for a dossier is part of its case and has none of its own.
        """
        with self.database.snapshot() as connection:
            return _raw(connection, ids, handing_out, result)

    def put(self, ids: Sequence[str], rows: Sequence[Case]) -> None:
        """Replaces the cases of these dossiers."""
        with self.database.writing() as connection:
            connection.execute(delete(cases).where(cases.c.dossier_id.in_(list(ids))))
            if rows:
                connection.execute(insert(cases), [row.model_dump() for row in rows])

    # Counts

    def counts(self, agencies: Sequence[str], span: Span) -> list[Counts]:
        """By procedure, in the order of their codes."""
        c = cases.c
        received, filed, ended = (
            column.between(span.first, span.last) for column in (c.received_on, c.filed_on, c.ended_on)
        )
        limited, still = c.due_on.is_not(None), and_(c.ended_on.is_(None), c.due_on.is_not(None))
        shown = {
            "received": received,
            "filed": filed,
            "straight": and_(filed, c.straight),
            "ended": and_(ended, limited),
            "on_time": and_(ended, c.ended_on <= c.due_on, c.asked <= 1),
            "closed": ended,
            "digitised": and_(ended, c.digitised),
            "reused": and_(ended, c.reused),
            "open": still,
            "due_today": and_(still, ~c.waiting, c.due_on == span.today),
            "due_soon": and_(still, ~c.waiting, c.due_on > span.today, c.due_on <= span.soon),
            "late": and_(still, ~c.waiting, c.due_on < span.today),
            "waiting": and_(still, c.waiting),
        }
        statement = select(c.procedure, *(_sum(one) for one in shown.values())).group_by(c.procedure)
        # An old dossier that ended, was filed and came in outside of the days counts nowhere.
        statement = statement.where(or_(received, filed, ended, c.ended_on.is_(None)), *_of(agencies))
        with self.database.reading() as connection:
            rows = connection.execute(statement.order_by(c.procedure)).all()
        return [Counts(row[0], *(int(value or 0) for value in row[1:])) for row in rows]

    def days(self, agencies: Sequence[str], span: Span) -> dict[date, tuple[int, int, int]]:
        """Day by day: received, ended, of these too late; days without any are left out."""
        c = cases.c
        late = and_(c.due_on.is_not(None), or_(c.ended_on > c.due_on, c.asked > 1))
        came = select(c.received_on, func.count()).where(c.received_on.between(span.first, span.last), *_of(agencies))
        went = select(c.ended_on, func.count(), _sum(late)).where(
            c.ended_on.between(span.first, span.last), *_of(agencies)
        )
        found: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
        with self.database.reading() as connection:
            for day, count in connection.execute(came.group_by(c.received_on)):
                found[day][0] = int(count)
            for day, count, slow in connection.execute(went.group_by(c.ended_on)):
                found[day][1:] = [int(count), int(slow or 0)]
        return {day: (row[0], row[1], row[2]) for day, row in sorted(found.items())}

    def late(self, agencies: Sequence[str], today: date, limit: int) -> list[Case]:
        """Dossiers that are late now, the latest first."""
        c = cases.c
        mine = and_(c.ended_on.is_(None), c.due_on < today, ~c.waiting)
        statement = select(cases).where(mine, *_of(agencies)).order_by(c.due_on, c.dossier_id).limit(limit)
        with self.database.reading() as connection:
            return [Case.model_validate(dict(row)) for row in connection.execute(statement).mappings()]

    def lines(self, agencies: Sequence[str], home: str) -> list[Lining]:
        """What stands in which lane, and since when the oldest of it; `home` is the agency of old records."""
        lane = q.queue.c.lane
        statement = (
            select(lane, t.dossiers.c.status, func.count(), func.min(t.dossiers.c.received_at))
            .select_from(t.dossiers.outerjoin(q.queue, q.queue.c.dossier_id == t.dossiers.c.id))
            .where(t.dossiers.c.status.in_(_PENDING))
            .group_by(lane, t.dossiers.c.status)
        )
        if agencies:
            named = [*agencies, *([""] if home in agencies else [])]
            statement = statement.where(t.dossiers.c.agency.in_(named))
        found: dict[tuple[str, str], Lining] = {}
        with self.database.reading() as connection:
            for place, status, count, oldest in connection.execute(statement):
                # A dossier without a row in the queue is the desk's.
                key = (place or Lane.DESK.value, status)
                before = found.get(key, Lining(*key, 0, oldest))
                found[key] = Lining(*key, before.count + int(count), min(before.oldest, oldest))
        return [found[key] for key in sorted(found)]


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(cast(case((condition, 1), else_=0), Integer))


def _of(agencies: Sequence[str]) -> list[ColumnElement[bool]]:
    return [cases.c.agency.in_(list(agencies))] if agencies else []


def _raw(connection: Connection, ids: Sequence[str], handing_out: str, result: str) -> list[Raw]:
    def rows(statement: Any) -> Sequence[Any]:
        return connection.execute(statement).all()

    def within(column: Any) -> Any:
        return column.in_(list(ids))

    moves: Mapping[str, list[tuple[int, datetime]]] = defaultdict(list)
    m = o.moves.c
    for dossier, status, at in rows(select(m.dossier_id, m.status, m.at).where(within(m.dossier_id)).order_by(m.seq)):
        moves[dossier].append((status, at))
    lanes = dict(rows(select(q.queue.c.dossier_id, q.queue.c.lane).where(within(q.queue.c.dossier_id))))
    reused = set(connection.execute(select(o.reuses.c.dossier_id).where(within(o.reuses.c.dossier_id))).scalars())
    d = t.decisions.c
    said: dict[str, dict[bool, int]] = defaultdict(lambda: {True: 0, False: 0})
    spoken = select(d.dossier_id, d.note, func.count()).where(within(d.dossier_id)).group_by(d.dossier_id, d.note)
    for dossier, note, count in rows(spoken):
        said[dossier][note == "accept_finding"] += int(count)
    f = t.findings.c
    handed = select(f.dossier_id).where(within(f.dossier_id) & (f.rule == handing_out) & f.confirmed_by.is_not(None))
    at_desk = set(connection.execute(handed).scalars())
    filings = select(t.filings.c.dossier_id, t.filings.c.kind, func.min(t.filings.c.filed_at))
    filed = {
        (row[0], row[1]): row[2]
        for row in rows(
            filings.where(within(t.filings.c.dossier_id)).group_by(t.filings.c.dossier_id, t.filings.c.kind)
        )
    }
    sent = set(
        connection.execute(select(supplements.c.supplement_id).where(within(supplements.c.supplement_id))).scalars()
    )
    p = t.documents.c
    papers = set(
        connection.execute(select(p.dossier_id).where(within(p.dossier_id) & p.component.is_not(None)).distinct())
        .scalars()
        .all()
    )
    found = []
    for row in connection.execute(select(t.dossiers).where(within(t.dossiers.c.id))).mappings():
        one = row["id"]
        if one in sent:
            continue
        # Handing out the receipt is one accepted finding; it says nothing of what was read.
        alone = not said[one][False] and said[one][True] <= (one in at_desk)
        found.append(
            Raw(
                id=one,
                agency=row["agency"],
                procedure=row["procedure"] or "",
                lane=lanes.get(one, Lane.DESK.value),
                status=row["status"],
                received_at=row["received_at"],
                filed_at=filed.get((one, "archive_pdf")),
                moves=tuple(moves.get(one, ())),
                straight=alone,
                papers=one in papers,
                result=(one, result) in filed,
                reused=one in reused,
            )
        )
    return found
