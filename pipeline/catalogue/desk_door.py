"""The catalogue's door to the desk: acts that count once, tickets of phones, screens, answers, visitors, queue.

A secret is looked up by its SHA-256 and never kept. What has run out is treated as not there; rows of earlier days
are swept when new ones are made. Every method is one transaction and raises `CatalogueUnreachableError`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from pipeline.catalogue import desk_queue
from pipeline.catalogue import tables as t
from pipeline.catalogue import tables_desk as d
from pipeline.catalogue.session import add_if_new, nfc

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import RowMapping

    from pipeline.catalogue.desk_queue import Measured, Queued
    from pipeline.catalogue.session import Database

KEPT = timedelta(days=2)
"""How long acts and what belongs to a visit are remembered: longer than any browser keeps trying."""
OPEN, TAKEN, DONE = "open", "taken", "done"


def hashed(secret: str) -> str:
    """How a secret, or a key that a browser made up, stands in a table."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Ticket:
    """A phone's way to one dossier."""

    dossier: str
    nickname: str
    state: str
    photos: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Screen:
    """A citizen's screen beside a desk."""

    owner: str
    agency: str
    dossier: str | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What the citizen said of one item, and of which value (its SHA-256)."""

    document: str
    key: str
    right: bool
    shown: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has a dossier open."""

    tab: str
    owner: str
    name: str


@dataclass(frozen=True, slots=True)
class DeskDoor:
    """All of it; safe to use from several threads."""

    database: Database
    clock: Callable[[], datetime]

    # Acts that count once

    def act(self, key: str, what: str, subject: str) -> str | None:
        """None where the act is new and now on record; else the subject of the first one under this key."""
        now = self.clock()
        row = {"key": hashed(key), "what": what, "subject": subject, "at": now}
        with self.database.writing() as connection:
            connection.execute(delete(d.desk_acts).where(d.desk_acts.c.at < now - KEPT))
            if add_if_new(connection, d.desk_acts, row):
                return None
            statement = select(d.desk_acts.c.subject).where(d.desk_acts.c.key == row["key"])
            return str(connection.execute(statement).scalar_one())

    def subject(self, key: str) -> str | None:
        """The subject of the act under this key, or None."""
        statement = select(d.desk_acts.c.subject).where(d.desk_acts.c.key == hashed(key))
        with self.database.reading() as connection:
            return connection.execute(statement).scalar_one_or_none()

    def undo_act(self, key: str) -> None:
        """The act came to nothing and may be tried again."""
        with self.database.writing() as connection:
            connection.execute(delete(d.desk_acts).where(d.desk_acts.c.key == hashed(key)))

    def done(self, what: str, subjects: Sequence[str]) -> set[str]:
        """Of these subjects those that have had such an act."""
        statement = select(d.desk_acts.c.subject).where(
            (d.desk_acts.c.what == what) & d.desk_acts.c.subject.in_(list(subjects))
        )
        with self.database.reading() as connection:
            return set(connection.execute(statement).scalars())

    # Phones

    def add_ticket(self, token: str, ticket: Ticket, made_by: str) -> None:
        """A new way for a phone; older ones to the same dossier end, open or not."""
        now = self.clock()
        with self.database.writing() as connection:
            connection.execute(delete(d.desk_tickets).where(d.desk_tickets.c.expires_at < now - KEPT))
            mine = d.desk_tickets.c.dossier_id == ticket.dossier
            connection.execute(update(d.desk_tickets).where(mine).values(expires_at=now))
            connection.execute(
                d.desk_tickets.insert().values(
                    token=hashed(token),
                    dossier_id=ticket.dossier,
                    nickname=ticket.nickname,
                    made_by=made_by,
                    state=OPEN,
                    photos=0,
                    made_at=now,
                    expires_at=ticket.expires_at,
                )
            )

    def redeem(self, token: str, phone: str) -> Ticket | None:
        """The ticket, now bound to this phone; None where it is unknown, used or run out. Of two, one gets it."""
        c = d.desk_tickets.c
        statement = (
            update(d.desk_tickets)
            .where((c.token == hashed(token)) & (c.state == OPEN) & (c.expires_at > self.clock()))
            .values(state=TAKEN, phone=hashed(phone))
        )
        with self.database.writing() as connection:
            if connection.execute(statement).rowcount != 1:
                return None
        return self.of_phone(phone)

    def of_phone(self, phone: str) -> Ticket | None:
        """The ticket of a phone while it lasts."""
        c = d.desk_tickets.c
        statement = select(d.desk_tickets).where(
            (c.phone == hashed(phone)) & (c.state == TAKEN) & (c.expires_at > self.clock())
        )
        with self.database.reading() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        return None if row is None else _ticket(row)

    def photo_taken(self, phone: str) -> None:
        """One more photo came from this phone."""
        c = d.desk_tickets.c
        with self.database.writing() as connection:
            connection.execute(update(d.desk_tickets).where(c.phone == hashed(phone)).values(photos=c.photos + 1))

    def phone_done(self, phone: str) -> None:
        """The phone has sent all it wants to."""
        with self.database.writing() as connection:
            connection.execute(update(d.desk_tickets).where(d.desk_tickets.c.phone == hashed(phone)).values(state=DONE))

    def ticket_of(self, dossier_id: str) -> Ticket | None:
        """The newest ticket to a dossier that has not run out."""
        c = d.desk_tickets.c
        statement = (
            select(d.desk_tickets)
            .where((c.dossier_id == dossier_id) & (c.expires_at > self.clock()))
            .order_by(c.made_at.desc())
            .limit(1)
        )
        with self.database.reading() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        return None if row is None else _ticket(row)

    # Screens and answers

    def open_screen(self, secret: str, owner: str, agency: str, lasts: timedelta) -> None:
        """A screen of this owner; the ones before it end."""
        now = self.clock()
        with self.database.writing() as connection:
            connection.execute(
                delete(d.desk_screens).where((d.desk_screens.c.owner == owner) | (d.desk_screens.c.expires_at < now))
            )
            connection.execute(
                d.desk_screens.insert().values(
                    secret=hashed(secret), owner=owner, agency=agency, changed_at=now, expires_at=now + lasts
                )
            )

    def screen(self, secret: str) -> Screen | None:
        """The screen with this secret while it lasts."""
        c = d.desk_screens.c
        statement = select(d.desk_screens).where((c.secret == hashed(secret)) & (c.expires_at > self.clock()))
        with self.database.reading() as connection:
            row = connection.execute(statement).mappings().one_or_none()
        if row is None:
            return None
        return Screen(row["owner"], row["agency"], row["dossier_id"], row["changed_at"])

    def show(self, owner: str, dossier_id: str | None) -> bool:
        """What the owner's screen shows from now on; whether there is a screen."""
        now = self.clock()
        c = d.desk_screens.c
        statement = (
            update(d.desk_screens)
            .where((c.owner == owner) & (c.expires_at > now))
            .values(dossier_id=dossier_id, changed_at=now)
        )
        with self.database.writing() as connection:
            return connection.execute(statement).rowcount > 0

    def shown_by(self, owner: str) -> Screen | None:
        """The owner's screen while it lasts."""
        c = d.desk_screens.c
        statement = select(d.desk_screens).where((c.owner == owner) & (c.expires_at > self.clock()))
        with self.database.reading() as connection:
            row = connection.execute(statement).mappings().first()
        return None if row is None else Screen(row["owner"], row["agency"], row["dossier_id"], row["changed_at"])

    def answer(self, dossier_id: str, answers: Sequence[Answer]) -> None:
        """Keeps the last word on each item."""
        now = self.clock()
        c = d.desk_answers.c
        with self.database.writing() as connection:
            for one in answers:
                place = (c.dossier_id == dossier_id) & (c.document == one.document) & (c.key == one.key)
                connection.execute(delete(d.desk_answers).where(place))
                connection.execute(
                    d.desk_answers.insert().values(
                        dossier_id=dossier_id,
                        document=one.document,
                        key=one.key,
                        right=one.right,
                        shown=one.shown,
                        at=now,
                    )
                )

    def answers(self, dossier_id: str) -> list[Answer]:
        """What the citizen said so far."""
        statement = select(d.desk_answers).where(d.desk_answers.c.dossier_id == dossier_id)
        with self.database.reading() as connection:
            rows = connection.execute(statement).mappings().all()
        return [Answer(row["document"], row["key"], row["right"], row["shown"], row["at"]) for row in rows]

    # Visitors and cards

    def visit(self, dossier_id: str, visitor: Visitor, fresh: timedelta) -> list[Visitor]:
        """Says that somebody has the dossier open; returns the others who were here a moment ago."""
        now = self.clock()
        c = d.desk_visitors.c
        row = {"dossier_id": dossier_id, "tab": visitor.tab, "owner": visitor.owner, "name": nfc(visitor.name)}
        with self.database.writing() as connection:
            connection.execute(delete(d.desk_visitors).where(c.seen_at < now - KEPT))
            mine = (c.dossier_id == dossier_id) & (c.tab == visitor.tab)
            connection.execute(delete(d.desk_visitors).where(mine))
            connection.execute(d.desk_visitors.insert().values(**row, seen_at=now))
            others = select(d.desk_visitors).where(
                (c.dossier_id == dossier_id) & (c.tab != visitor.tab) & (c.seen_at > now - fresh)
            )
            found = connection.execute(others.order_by(c.seen_at)).mappings().all()
        return [Visitor(one["tab"], one["owner"], one["name"]) for one in found]

    def leave(self, dossier_id: str, tab: str) -> None:
        """Somebody has closed the dossier."""
        c = d.desk_visitors.c
        with self.database.writing() as connection:
            connection.execute(delete(d.desk_visitors).where((c.dossier_id == dossier_id) & (c.tab == tab)))

    def keep_card(self, dossier_id: str, sealed: bytes) -> None:
        """The card that was read for a dossier, sealed; the last one counts."""
        now = self.clock()
        c = d.desk_cards.c
        with self.database.writing() as connection:
            connection.execute(delete(d.desk_cards).where((c.dossier_id == dossier_id) | (c.at < now - KEPT)))
            connection.execute(d.desk_cards.insert().values(dossier_id=dossier_id, sealed=sealed, at=now))

    def card(self, dossier_id: str) -> bytes | None:
        """The sealed card, or None."""
        with self.database.reading() as connection:
            statement = select(d.desk_cards.c.sealed).where(d.desk_cards.c.dossier_id == dossier_id)
            return connection.execute(statement).scalar_one_or_none()

    def pulse(self, dossier_id: str) -> tuple[object, ...]:
        """Something that changes whenever what the desk shows of a dossier may have changed; cheap to ask."""
        with self.database.reading() as connection:
            version = connection.execute(
                select(t.dossiers.c.version, t.dossiers.c.status).where(t.dossiers.c.id == dossier_id)
            ).one_or_none()
            seq = connection.execute(
                select(func.max(t.events.c.seq)).where(t.events.c.dossier_id == dossier_id)
            ).scalar()
            ticket = connection.execute(
                select(func.max(d.desk_tickets.c.made_at), func.sum(d.desk_tickets.c.photos)).where(
                    d.desk_tickets.c.dossier_id == dossier_id
                )
            ).one()
            states = tuple(
                connection.execute(
                    select(d.desk_tickets.c.state).where(d.desk_tickets.c.dossier_id == dossier_id)
                ).scalars()
            )
            said = connection.execute(
                select(func.max(d.desk_answers.c.at), func.count()).where(d.desk_answers.c.dossier_id == dossier_id)
            ).one()
        return (tuple(version) if version else None, seq, tuple(ticket), states, tuple(said))

    # The queue

    def measured(self, limit: int = 40) -> list[Measured]:
        """How long the last dossiers took to be read and checked, the newest first."""
        with self.database.reading() as connection:
            return desk_queue.measured(connection, limit)

    def queue(self) -> list[Queued]:
        """What waits for a worker or is in its hands, in the order in which workers take it."""
        with self.database.reading() as connection:
            return desk_queue.queue(connection, self.clock())

    def used(self, since: timedelta) -> dict[str, int]:
        """How many dossiers of each procedure came in lately."""
        with self.database.reading() as connection:
            return desk_queue.used(connection, self.clock() - since)

    def arrivals(self, stage: str, since: timedelta) -> list[str]:
        """Ids of dossiers that came by the watched folder lately, the newest first."""
        with self.database.reading() as connection:
            return desk_queue.arrivals(connection, stage, self.clock() - since)


def _ticket(row: RowMapping) -> Ticket:
    return Ticket(row["dossier_id"], row["nickname"], row["state"], row["photos"], row["expires_at"])
