"""The catalogue's door to the outbox: what is due is leased to one relay, and marked when its recipient has it.

An event is inserted in the transaction of its act, so that it is there exactly where the act is; who is to get it is
decided when a relay first meets it, so that no wrong setting can keep anybody from acting. A relay that is killed
after it sent and before it marked leaves a lease that runs out, and the event is sent again: at least once, under the
same id. What was refused too often is set aside with its reason, until somebody puts it back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import func, select, update

from pipeline.catalogue import tables_owners as t
from pipeline.catalogue.session import add_if_new

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement

    from pipeline.catalogue.session import Database

    Addressees = Callable[[str, Sequence[str]], Sequence[str]]
    """Names of those who are to get an event of a type that concerns these agencies."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to one recipient."""

    event_id: str
    recipient: str
    lease: str
    attempts: int
    """Before this one."""
    type: str
    agency: str
    data: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Dead:
    """A delivery that was given up."""

    event_id: str
    recipient: str
    type: str
    attempts: int
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OutboxDoor:
    """Every method is one transaction; all raise `CatalogueUnreachableError`."""

    database: Database
    clock: Callable[[], datetime]

    def lease(self, recipients: Sequence[str], span: timedelta, limit: int = 20) -> list[Delivery]:
        """The oldest due deliveries to these recipients, taken for a time; nobody else gets them until it is over."""
        d, now, token = t.deliveries, self.clock(), str(uuid4())
        with self.database.writing() as connection:
            due = (
                select(d.c.event_id, d.c.recipient)
                .join(t.outbox, t.outbox.c.id == d.c.event_id)
                .where((d.c.state == "due") & (d.c.next_at <= now) & d.c.recipient.in_(recipients))
                .order_by(t.outbox.c.seq)
                .limit(limit)
                .with_for_update(of=d, skip_locked=True)
            )
            taken = connection.execute(due).all()
            for event_id, recipient in taken:
                mine = (d.c.event_id == event_id) & (d.c.recipient == recipient)
                connection.execute(update(d).where(mine).values(lease=token, next_at=now + span))
            rows = connection.execute(
                select(d.c.event_id, d.c.recipient, d.c.attempts, t.outbox.c.type, t.outbox.c.agency)
                .add_columns(t.outbox.c.data, t.outbox.c.at)
                .join(t.outbox, t.outbox.c.id == d.c.event_id)
                .where(d.c.lease == token)
                .order_by(t.outbox.c.seq)
            ).mappings()
            return [Delivery(lease=token, **row) for row in rows]

    def sent(self, delivery: Delivery) -> bool:
        """Its recipient has it; False where the lease was lost meanwhile."""
        return self._end(delivery, state="sent", sent_at=self.clock(), reason="")

    def failed(self, delivery: Delivery, reason: str, again_after: timedelta | None) -> bool:
        """To be tried again after a time, or, without one, given up; False where the lease was lost meanwhile."""
        now = self.clock()
        if again_after is None:
            return self._end(delivery, state="dead", reason=reason[:300])
        return self._end(delivery, next_at=now + again_after, reason=reason[:300])

    def dead(self, limit: int = 100) -> list[Dead]:
        """What was given up, the oldest first."""
        d = t.deliveries
        statement = (
            select(d.c.event_id, d.c.recipient, t.outbox.c.type, d.c.attempts, d.c.reason, t.outbox.c.at)
            .join(t.outbox, t.outbox.c.id == d.c.event_id)
            .where(d.c.state == "dead")
            .order_by(t.outbox.c.seq)
            .limit(limit)
        )
        with self.database.reading() as connection:
            return [Dead(**row) for row in connection.execute(statement).mappings()]

    def retry(self, event_id: str | None = None, recipient: str | None = None) -> int:
        """Puts what was given up back, with all its attempts before it; returns how many."""
        d = t.deliveries
        asked = d.c.state == "dead"
        if event_id is not None:
            asked &= d.c.event_id == event_id
        if recipient is not None:
            asked &= d.c.recipient == recipient
        with self.database.writing() as connection:
            changed = update(d).where(asked).values(state="due", attempts=0, next_at=self.clock(), lease=None)
            return len(connection.execute(changed.returning(d.c.event_id)).all())

    def address(self, recipients: Addressees, limit: int = 500) -> int:
        """Decides for the oldest new events who is to get them; returns how many events that were."""
        now = self.clock()
        with self.database.writing() as connection:
            new = select(t.outbox).where(t.outbox.c.addressed.is_(False)).order_by(t.outbox.c.seq).limit(limit)
            rows = connection.execute(new.with_for_update(skip_locked=True)).mappings().all()
            for row in rows:
                for name in recipients(row["type"], _agencies(dict(row))):
                    add_if_new(connection, t.deliveries, _fresh(row["id"], name, now))
            done = t.outbox.c.seq.in_([row["seq"] for row in rows])
            connection.execute(update(t.outbox).where(done).values(addressed=True))
            return len(rows)

    def resend(self, since: datetime, recipients: Addressees) -> int:
        """Makes every event since a moment due again for whoever is to get it: for a recipient that lost its data.

        Also after a catalogue was made anew from the store: then nobody knows what had been sent. Returns how many.
        """
        d, now, count = t.deliveries, self.clock(), 0
        with self.database.writing() as connection:
            found = select(t.outbox).where(t.outbox.c.at >= since).order_by(t.outbox.c.seq)
            for row in connection.execute(found).mappings().all():
                for name in recipients(row["type"], _agencies(dict(row))):
                    fresh = _fresh(row["id"], name, now)
                    if not add_if_new(connection, d, fresh):
                        mine = (d.c.event_id == row["id"]) & (d.c.recipient == name)
                        connection.execute(update(d).where(mine).values(**fresh))
                    count += 1
        return count

    def events(self, after: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
        """Events as they were made, for whoever asks instead of being told: numbered above `after`, in order."""
        statement = select(t.outbox).where(t.outbox.c.seq > after).order_by(t.outbox.c.seq).limit(limit)
        with self.database.reading() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    def counts(self) -> Mapping[str, int]:
        """Deliveries by state."""
        statement = select(t.deliveries.c.state, func.count()).group_by(t.deliveries.c.state)
        with self.database.reading() as connection:
            return {str(state): int(count) for state, count in connection.execute(statement)}

    def _end(self, delivery: Delivery, **values: Any) -> bool:
        d = t.deliveries
        mine: ColumnElement[bool] = (d.c.event_id == delivery.event_id) & (d.c.recipient == delivery.recipient)
        ended = update(d).where(mine & (d.c.lease == delivery.lease) & (d.c.state == "due"))
        with self.database.writing() as connection:
            done = connection.execute(
                ended.values(lease=None, attempts=d.c.attempts + 1, **values).returning(d.c.event_id)
            )
            return done.first() is not None


def _fresh(event_id: str, recipient: str, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {"event_id": event_id, "recipient": recipient, "state": "due", "attempts": 0}
    return row | {"next_at": now, "lease": None, "reason": "", "sent_at": None}


def _agencies(event: Mapping[str, Any]) -> list[str]:
    """Whom an event concerns: a share also the agency that it is for."""
    other = event["data"].get("recipient")
    return [event["agency"], *([other] if other else [])]
