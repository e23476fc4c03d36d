"""The catalogue's door to measured quality: cases, tallies, switches, releases and batches.

Every method is one transaction. A case has an item in the review queue for each key that it needs (`items_of` makes
their names), so that clerks meet samples where they meet doubts. A dossier is drawn from once; counts are made from the
cases themselves, never kept beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, insert, select, update

from pipeline.catalogue import quality_rows as rows
from pipeline.catalogue import tables as t
from pipeline.catalogue import tables_quality as q
from pipeline.catalogue import tables_review as r
from pipeline.clock import start_of_day
from pipeline.quality.rows import CaseKind, FieldKind, KindState, Mode, Verdict
from pipeline.record import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime

    from pipeline.catalogue.quality_rows import Act, NewCase
    from pipeline.catalogue.session import Database
    from pipeline.quality.rows import Batch, Case, Switch
    from pipeline.review.rows import Item

_COUNTED = (Verdict.RIGHT.value, Verdict.WRONG.value)


@dataclass(frozen=True, slots=True)
class QualityDoor:
    """Every method is one transaction; all raise `CatalogueUnreachableError`."""

    database: Database
    clock: Callable[[], datetime]

    # Kinds and their switches

    def switched(self, agency: str) -> tuple[int, tuple[str, ...]]:
        """The version of an agency's switches, 0 for none yet, and the codes of the kinds under full review."""
        with self.database.reading() as connection:
            count = select(func.count()).select_from(q.switches).where(q.switches.c.agency == agency)
            mine = (q.kinds.c.agency == agency) & (q.kinds.c.mode == Mode.FULL.value)
            full = connection.execute(select(q.kinds.c.kind, q.kinds.c.key_field).where(mine)).all()
            version = int(connection.execute(count).scalar_one())
        return version, tuple(sorted(FieldKind(agency, *row).code for row in full))

    def states(self, agency: str) -> list[KindState]:
        """How all kinds of an agency stand."""
        with self.database.reading() as connection:
            return rows.states(connection, q.kinds.c.agency == agency)

    def state(self, kind: FieldKind) -> KindState | None:
        """How a kind stands; None for one that was never seen."""
        with self.database.reading() as connection:
            return next(iter(rows.states(connection, rows.one_kind(kind))), None)

    def tally(self, kind: FieldKind, cycle: int | None = None) -> tuple[int, int]:
        """Wrong ones and all that were judged, of the samples of a cycle, or of all since measuring began."""
        c = q.cases.c
        mine = (c.agency == kind.agency) & (c.kind == kind.kind) & (c.key_field == kind.key_field)
        mine &= (c.purpose == CaseKind.SAMPLE.value) & c.verdict.in_(_COUNTED)
        if cycle is not None:
            mine &= c.cycle == cycle
        with self.database.reading() as connection:
            found = connection.execute(select(c.verdict, func.count()).where(mine).group_by(c.verdict))
            counted = {row[0]: int(row[1]) for row in found}
        return counted.get(Verdict.WRONG.value, 0), sum(counted.values())

    def full_tally(self, kind: FieldKind, reason: str, since: datetime) -> tuple[int, int]:
        """Corrected ones and all, of what clerks answered under full review since a moment."""
        c = r.answers.c
        mine = (c.agency == kind.agency) & (c.kind == kind.kind) & (c.reason == reason) & (c.at >= since)
        mine &= (c.purpose == "doubt") & c.undone_at.is_(None) & c.verdict.in_(("accept", "correct", "blank"))
        with self.database.reading() as connection:
            found = connection.execute(select(c.changed, func.count()).where(mine).group_by(c.changed))
            counted = {bool(row[0]): int(row[1]) for row in found}
        return counted.get(True, 0), sum(counted.values())

    def switch(self, switch: Switch, what: Mapping[str, Any]) -> bool:
        """Changes a kind's mode and begins a cycle, with a ledger entry; False where that was done before."""
        with self.database.writing() as connection:
            return rows.switch(connection, switch, what)

    def switches(self, agency: str, limit: int = 100) -> list[Switch]:
        """The newest first."""
        with self.database.reading() as connection:
            return rows.switches(connection, agency, limit)

    def to_ask(self) -> list[tuple[str, int]]:
        """Agencies with switches after which open dossiers were not yet asked about, with the highest number."""
        c = q.switches.c
        with self.database.reading() as connection:
            found = connection.execute(select(c.agency, func.max(c.id)).where(c.asked_at.is_(None)).group_by(c.agency))
            return [(row[0], row[1]) for row in found]

    def asked(self, agency: str, number: int) -> None:
        """Open dossiers were asked about, up to this switch."""
        mine = (q.switches.c.agency == agency) & (q.switches.c.id <= number) & q.switches.c.asked_at.is_(None)
        with self.database.writing() as connection:
            connection.execute(update(q.switches).where(mine).values(asked_at=self.clock()))

    def waiting(self, agency: str) -> list[str]:
        """Dossiers of an agency that wait for a person."""
        with self.database.reading() as connection:
            # Dossiers from before there were agencies name none: the caller sees whose they are.
            mine = t.dossiers.c.agency.in_((agency, "")) & (t.dossiers.c.status == Status.WAITS.value)
            return list(connection.execute(select(t.dossiers.c.id).where(mine).order_by(t.dossiers.c.id)).scalars())

    def next_cycle(self, kind: FieldKind, cycle: int, rate: float) -> None:
        """Ends a cycle; what was said of another one changes nothing."""
        values = {"cycle": cycle + 1, "since": self.clock(), "rate": rate, "accepted": 0}
        with self.database.writing() as connection:
            mine = rows.one_kind(kind) & (q.kinds.c.cycle == cycle)
            connection.execute(update(q.kinds).where(mine).values(**values))

    # Drawing

    def undrawn(self, limit: int = 100) -> list[str]:
        """Filed dossiers from which nothing was drawn yet."""
        joined = t.dossiers.outerjoin(q.drawn, q.drawn.c.dossier_id == t.dossiers.c.id)
        fresh = and_(t.dossiers.c.status == Status.FILED.value, q.drawn.c.dossier_id.is_(None))
        statement = select(t.dossiers.c.id).select_from(joined).where(fresh).order_by(t.dossiers.c.updated_at)
        with self.database.reading() as connection:
            return list(connection.execute(statement.limit(limit)).scalars())

    def draw(self, dossier_id: str, accepted: Mapping[FieldKind, int], cases: Sequence[NewCase]) -> bool:
        """Counts what the machine accepted and adds its samples; False where the dossier was drawn from before."""
        now = self.clock()
        with self.database.writing() as connection:
            if not rows.mark_drawn(connection, dossier_id, now):
                return False
            for kind, count in accepted.items():
                more = {"accepted": q.kinds.c.accepted + count}
                connection.execute(update(q.kinds).where(rows.one_kind(kind)).values(**more))
            for case in cases:
                rows.add_case(connection, case, now)
        return True

    def meet(self, kinds: Mapping[FieldKind, float]) -> dict[FieldKind, KindState]:
        """The kinds with how they stand; those never seen begin, each at its rate."""
        with self.database.writing() as connection:
            return rows.meet(connection, kinds, self.clock())

    def add(self, case: NewCase, slot: int = 1) -> bool:
        """Adds a case with its item; False where it is there."""
        with self.database.writing() as connection:
            return rows.add_case(connection, case, self.clock(), slot=slot)

    def further(self, case: Case, slot: int) -> bool:
        """Asks for another key of a case's value; False where it was asked for."""
        with self.database.writing() as connection:
            return rows.add_item(connection, case.id, slot, self.clock())

    # Judging

    def acts(self, before: datetime, limit: int = 200) -> list[Act]:
        """Answers on samples and planted values that nobody judged, given before a moment, the oldest first."""
        with self.database.reading() as connection:
            return rows.acts(connection, before, limit)

    def case(self, name: str) -> Case | None:
        """A case, or None."""
        with self.database.reading() as connection:
            return next(iter(rows.cases(connection, q.cases.c.id == name)), None)

    def cases(self, agency: str, **wanted: Any) -> list[Case]:
        """Cases of an agency by equal columns, the newest first; at most 20,000."""
        condition = and_(q.cases.c.agency == agency, *(q.cases.c[name] == value for name, value in wanted.items()))
        with self.database.reading() as connection:
            return rows.cases(connection, condition)

    def keys_of(self, case: str) -> list[Act]:
        """The answers on a case's items that count, in the order of their slots."""
        with self.database.reading() as connection:
            return rows.keys_of(connection, case)

    def close(self, case: str, verdict: Verdict, *, who: str | None, slipped: bool = False) -> None:
        """Puts on record what came of a case; its answers can be taken back no more."""
        with self.database.writing() as connection:
            rows.close(connection, case, verdict, who, slipped=slipped, now=self.clock())

    def judged(self, answer: int) -> None:
        """An answer was looked at, though its case goes on: it can be taken back no more."""
        with self.database.writing() as connection:
            rows.pass_answers(connection, [answer], self.clock())

    def items_of_dossier(self, dossier: str) -> list[Item]:
        """Second keys of a dossier's doubts."""
        with self.database.reading() as connection:
            return rows.second_items(connection, dossier)

    # People, batches

    def release(self, who: str, name: str, agency: str) -> None:
        """A clerk lets leaders see their figures."""
        with self.database.writing() as connection:
            rows.take_release(connection, who)
            values = {"who": who, "name": name, "agency": agency, "at": self.clock()}
            connection.execute(insert(q.releases).values(**values))

    def take_back(self, who: str) -> None:
        """A clerk lets nobody see their figures."""
        with self.database.writing() as connection:
            rows.take_release(connection, who)

    def released(self, agency: str) -> dict[str, str]:
        """Clerks of an agency who let leaders see their figures: names by id."""
        with self.database.reading() as connection:
            found = connection.execute(select(q.releases.c.who, q.releases.c.name).where(q.releases.c.agency == agency))
            return {row.who: row.name for row in found}

    def put_batch(self, batch: Batch) -> None:
        """Adds or replaces a batch."""
        with self.database.writing() as connection:
            rows.put_batch(connection, batch)

    def batches(self, agency: str) -> list[Batch]:
        """The newest first."""
        with self.database.reading() as connection:
            return rows.batches(connection, agency)

    def filed_between(self, agency: str, first: date, last: date) -> list[str]:
        """Filed dossiers received from one day to another, by the desk's calendar; at most 100,000."""
        received, status = t.dossiers.c.received_at, t.dossiers.c.status
        mine = t.dossiers.c.agency.in_((agency, "")) & (status == Status.FILED.value)
        mine &= (received >= start_of_day(first)) & (received < start_of_day(last + timedelta(days=1)))
        with self.database.reading() as connection:
            found = connection.execute(select(t.dossiers.c.id).where(mine).order_by(received).limit(100_000))
            return list(found.scalars())

    def corrections(self, agency: str) -> list[Mapping[str, Any]]:
        """Values that people corrected, sealed, the oldest first."""
        c = r.answers.c
        mine = (c.agency == agency) & (c.verdict == "correct") & c.changed & c.undone_at.is_(None)
        mine &= (c.target == "field") & c.purpose.in_(("doubt", "sample"))
        names = ("dossier_id", "document_id", "key", "kind", "sealed")
        with self.database.reading() as connection:
            found = connection.execute(select(r.answers).where(mine).order_by(c.id)).mappings()
            return [{name: row[name] for name in names} for row in found]

    def worked(self, agency: str, since: datetime, who: str | None = None) -> list[Mapping[str, Any]]:
        """Answers of people since a moment, without values: who, at, ms, keys, kind, verdict, changed, purpose."""
        with self.database.reading() as connection:
            return rows.worked(connection, agency, since, who)
