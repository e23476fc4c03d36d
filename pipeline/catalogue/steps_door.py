"""The catalogue's door to the steps of procedures: the history of each dossier, worklists, numbers of books.

`acting` is one transaction that may look, give a number, enter the act into the journal and write it down; those who
work on the same dossier or the same book wait for each other. What is replayed is written by the same code. Of two acts
with the same number of a dossier the later one counts: the earlier was entered into the journal and never came further.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import Field
from sqlalchemy import delete, func, insert, or_, select, text, update

from pipeline.catalogue import audit, history
from pipeline.catalogue import tables as base
from pipeline.catalogue import tables_steps as t
from pipeline.catalogue.owners_door import Acting, hashed
from pipeline.catalogue.rows import Filing
from pipeline.catalogue.session import add_if_new, nfc
from pipeline.record import Model, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydantic import JsonValue
    from sqlalchemy import Connection

    from pipeline.catalogue.session import Database
    from pipeline.journal import Act


class Done(Model):
    """An act as it was done."""

    dossier: str
    seq: int
    act: str
    verb: str
    step: str
    next_step: str
    next_state: str
    agency: str
    who: str
    who_name: str
    sealed: str = ""
    data: dict[str, Any] = Field(default_factory=dict)
    at: datetime


class Standing(Model):
    """Where a dossier stands."""

    dossier: str
    agency: str
    seq: int
    step: str
    state: str
    accepted: bool
    assignee: str | None
    due: str | None
    since: datetime


class Listed(Model):
    """A line of a worklist."""

    dossier: str
    procedure: str | None
    procedure_name: str
    received_at: datetime
    step: str
    state: str
    assignee: str | None = None
    due: str | None = None
    since: datetime


class Numbered(Model):
    """A number of a book."""

    book: str
    year: int
    number: int
    subject: str
    item: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StepsActing:
    """A transaction in which a step is done."""

    connection: Connection
    now: datetime

    @property
    def moving(self) -> Acting:
        """The same transaction for status moves, at this moment."""
        return Acting(self.connection, self.now)

    def done(self, dossier_id: str) -> list[Done]:
        """The history of a dossier, in order."""
        return _done(self.connection, dossier_id)

    def next_number(self, agency: str, year: int, book: str) -> int:
        """The next free number; wait for the book first (`acting`)."""
        c = t.numbers.c
        mine = (c.agency == agency) & (c.year == year) & (c.book == book)
        last = self.connection.execute(select(func.max(c.number)).where(mine)).scalar_one()
        return int(last or 0) + 1

    def write(self, act: Act, what: dict[str, JsonValue], who: str) -> None:
        """Writes an act that is in the journal, and the ledger's entry."""
        _apply(self.connection, act)
        audit.append(self.connection, "step", act.subject, what, now=self.now, who=who)

    def copy_seq(self, copy_id: str) -> int:
        """How often a certified copy has changed; 0 where there is none."""
        found = self.connection.execute(select(t.copies.c.seq).where(t.copies.c.id == copy_id)).scalar_one_or_none()
        return int(found or 0)

    def put_copy(self, row: dict[str, Any]) -> None:
        """A certified copy as it is now; rows of an earlier `seq` are replaced."""
        _put_copy(self.connection, row)

    def log(self, subject: str, what: dict[str, JsonValue], who: str) -> None:
        """An entry of the ledger."""
        audit.append(self.connection, "step", subject, what, now=self.now, who=who)


@dataclass(frozen=True, slots=True)
class StepsDoor:
    """Every method is one transaction; all raise `CatalogueUnreachableError`."""

    database: Database
    clock: Callable[[], datetime]

    @contextmanager
    def acting(self, locks: Sequence[str] = ()) -> Iterator[StepsActing]:
        """One transaction; those that name the same thing in `locks` wait for each other."""
        with self.database.writing() as connection:
            if connection.dialect.name == "postgresql":
                for number in sorted({int(hashed(lock)) for lock in locks}):
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": number})
            yield StepsActing(connection, self.clock())

    def replay(self, act: Act) -> bool:
        """Puts an act of the journal back; whether it was missing."""
        with self.database.writing() as connection:
            return _apply(connection, act)

    def replay_copy(self, row: dict[str, Any], numbers: Sequence[dict[str, Any]], filings: Sequence[Filing]) -> bool:
        """Puts a certified copy back as an act says it is; whether that was news."""
        with self.database.writing() as connection:
            if not _put_copy(connection, row):
                return False
            for number in numbers:
                add_number(connection, number)
            for filing in filings:
                history.record_filing(connection, filing)
            return True

    def of(self, dossier_id: str) -> list[Done]:
        """The history of a dossier, in order."""
        with self.database.reading() as connection:
            return _done(connection, dossier_id)

    def standing(self, dossier_id: str) -> Standing | None:
        """Where a dossier stands; None before anything was done."""
        with self.database.reading() as connection:
            row = connection.execute(select(t.standing).where(t.standing.c.dossier_id == dossier_id)).mappings()
            found = row.one_or_none()
        return None if found is None else Standing.model_validate(_named(dict(found)))

    def listed(
        self, agency: str, steps: Sequence[str], states: Sequence[str], *, who: str | None = None, limit: int = 200
    ) -> list[Listed]:
        """What waits at these steps in these states, the soonest due first; with `who` theirs and nobody's only."""
        s, d = t.standing.c, base.dossiers.c
        wanted = (s.agency == agency) & s.step.in_(steps) & s.state.in_(states)
        if who is not None:
            wanted &= or_(s.assignee.is_(None), s.assignee == who)
        statement = (
            select(s.dossier_id, d.procedure, d.procedure_name, d.received_at)
            .add_columns(s.step, s.state, s.assignee, s.due, s.since)
            .join_from(t.standing, base.dossiers, s.dossier_id == d.id)
            .where(wanted)
            .order_by(s.due.is_(None), s.due, s.since)
            .limit(limit)
        )
        with self.database.reading() as connection:
            rows = connection.execute(statement).mappings().all()
        return [Listed.model_validate(_named(dict(row))) for row in rows]

    def not_begun(self, agencies: Sequence[str], limit: int = 200) -> list[Listed]:
        """Filed dossiers on which no step was done yet, the oldest first."""
        d = base.dossiers.c
        begun = select(t.standing.c.dossier_id)
        statement = (
            select(d.id.label("dossier_id"), d.procedure, d.procedure_name, d.received_at, d.updated_at.label("since"))
            .where((d.status == Status.FILED.value) & d.agency.in_(agencies) & d.id.not_in(begun))
            .where(d.procedure.is_not(None))
            .order_by(d.received_at)
            .limit(limit)
        )
        with self.database.reading() as connection:
            rows = connection.execute(statement).mappings().all()
        return [Listed.model_validate(_named(dict(row)) | {"step": "receive", "state": "open"}) for row in rows]

    def counts(self, agency: str) -> dict[tuple[str, str], int]:
        """How many dossiers stand at which step in which state."""
        s = t.standing.c
        statement = select(s.step, s.state, func.count()).where(s.agency == agency).group_by(s.step, s.state)
        with self.database.reading() as connection:
            return {(step, state): int(count) for step, state, count in connection.execute(statement)}

    def numbered(self, agency: str, year: int, book: str) -> list[Numbered]:
        """A book of a year, in order."""
        c = t.numbers.c
        statement = select(c.book, c.year, c.number, c.subject, c.item, c.at).order_by(c.number)
        statement = statement.where((c.agency == agency) & (c.year == year) & (c.book == book))
        with self.database.reading() as connection:
            rows = connection.execute(statement).mappings().all()
        return [Numbered.model_validate(dict(row)) for row in rows]

    def copy(self, copy_id: str) -> dict[str, Any] | None:
        """A certified copy's row."""
        with self.database.reading() as connection:
            row = connection.execute(select(t.copies).where(t.copies.c.id == copy_id)).mappings().one_or_none()
        return None if row is None else dict(row)

    def copies_of(self, dossier_id: str) -> list[dict[str, Any]]:
        """Certified copies of a dossier's papers."""
        mine = select(t.copies).where(t.copies.c.dossier_id == dossier_id).order_by(t.copies.c.id)
        with self.database.reading() as connection:
            return [dict(row) for row in connection.execute(mine).mappings()]

    def copies(self, agency: str, states: Sequence[str], limit: int = 200) -> list[dict[str, Any]]:
        """Certified copies of an agency, the newest first."""
        c = t.copies.c
        statement = select(t.copies).where((c.agency == agency) & c.state.in_(states))
        with self.database.reading() as connection:
            rows = connection.execute(statement.order_by(c.changed_at.desc(), c.id).limit(limit)).mappings().all()
        return [dict(row) for row in rows]


def add_number(connection: Connection, row: dict[str, Any]) -> None:
    """A number of a book; the later act counts where two claim it."""
    same = (t.numbers.c.agency == row["agency"]) & (t.numbers.c.year == row["year"])
    same &= (t.numbers.c.book == row["book"]) & (t.numbers.c.number == row["number"])
    mine = (t.numbers.c.subject == row["subject"]) & (t.numbers.c.item == row["item"])
    mine &= t.numbers.c.book == row["book"]
    connection.execute(delete(t.numbers).where(or_(same, mine)))
    connection.execute(insert(t.numbers).values(**row))


def _done(connection: Connection, dossier_id: str) -> list[Done]:
    mine = select(t.done).where(t.done.c.dossier_id == dossier_id).order_by(t.done.c.seq)
    return [Done.model_validate(_named(dict(row))) for row in connection.execute(mine).mappings()]


def _named(row: dict[str, Any]) -> dict[str, Any]:
    row["dossier"] = row.pop("dossier_id")
    return row


def _apply(connection: Connection, act: Act) -> bool:
    """Writes an act with its filings and numbers, and the dossier's standing; whether it was missing."""
    payload: Any = act.payload
    row = nfc(payload["row"]) | {"dossier_id": act.subject, "act": act.id, "at": act.at}
    same = (t.done.c.dossier_id == act.subject) & (t.done.c.seq == row["seq"])
    known = connection.execute(select(t.done.c.act, t.done.c.at).where(same)).one_or_none()
    if known is not None:
        if known.act == act.id or known.at >= act.at:
            return False
        connection.execute(update(t.done).where(same).values(**row))
    else:
        connection.execute(insert(t.done).values(**row))
    for filing in payload.get("filings", ()):
        said = filing | {"dossier": act.subject, "filed_at": act.at}
        history.record_filing(connection, Filing.model_validate(said))
    for number in payload.get("numbers", ()):
        add_number(connection, nfc(number) | {"subject": act.subject, "act": act.id, "at": act.at})
    _stand(connection, act.subject)
    return True


def _stand(connection: Connection, dossier_id: str) -> None:
    """Makes the standing anew out of the history."""
    made = _done(connection, dossier_id)
    last = made[-1]
    assignee, due, since = None, None, last.at
    place: tuple[str, str] | None = None
    accepted = False
    for one in made:
        if one.next_step != one.step or place != (one.next_step, one.next_state):
            since = one.at
        if one.next_step != one.step:
            assignee = None
        place = (one.next_step, one.next_state)
        accepted = accepted or one.verb == "accept"
        assignee = one.data.get("assignee", assignee)
        due = one.data.get("due", due)
    row = {
        "dossier_id": dossier_id,
        "agency": last.agency,
        "seq": last.seq,
        "step": last.next_step,
        "state": last.next_state,
        "accepted": accepted,
        "assignee": assignee,
        "due": due,
        "since": since,
    }
    connection.execute(delete(t.standing).where(t.standing.c.dossier_id == dossier_id))
    add_if_new(connection, t.standing, row)


def _put_copy(connection: Connection, row: dict[str, Any]) -> bool:
    mine = t.copies.c.id == row["id"]
    known = connection.execute(select(t.copies.c.seq, t.copies.c.changed_at).where(mine)).one_or_none()
    if known is not None and (known.seq, known.changed_at) >= (row["seq"], row["changed_at"]):
        return False
    connection.execute(delete(t.copies).where(mine))
    connection.execute(insert(t.copies).values(**row))
    return True
