"""The catalogue's door to what citizens hold and give: receipts, visits, supplements, ratings.

The newest ticket of a dossier is the one that opens; visits of older ones end with it. Every method is one transaction
and raises `CatalogueUnreachableError`. Printing and supplementing are entries of the audit ledger.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, case, cast, delete, func, select, update

from pipeline.catalogue import audit
from pipeline.catalogue import tables as t
from pipeline.catalogue import tables_citizens as c
from pipeline.catalogue.session import add_if_new
from pipeline.record import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import timedelta

    from pydantic import JsonValue
    from sqlalchemy import Select

    from pipeline.catalogue.session import Database


class Ticket(Model):
    """A printed slip by which a citizen comes back."""

    dossier: str
    serial: int
    digest: str
    printed_by: str
    """Id of an account or key."""
    printed_at: datetime
    expires_at: datetime


class Supplement(Model):
    """A file that a citizen sent for a dossier."""

    dossier: str
    sha256: str
    supplement: str
    """Id of the dossier as which it is read."""
    agency: str
    size: int
    at: datetime
    taken_by: str | None = None
    taken_at: datetime | None = None


class Rating(Model):
    """What somebody thought of the service; of whom and when is not kept, but for the month."""

    id: str
    agency: str
    procedure: str
    month: str
    """`2026-11`."""
    score: int
    sealed: str
    """Their words, sealed under the house's key; empty where they said none."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Ratings of one procedure."""

    procedure: str
    counts: tuple[int, int, int, int, int]
    """Of 1, 2, 3, 4, 5."""


def hashed(cookie: str) -> str:
    """How a visit's cookie stands in the table."""
    return hashlib.sha256(cookie.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class CitizenDoor:
    """Receipts and what comes by them."""

    database: Database
    clock: Callable[[], datetime]

    # Tickets

    def add_ticket(self, ticket: Ticket) -> bool:
        """The ticket that opens from now on; False where its number is there already. Visits of older ones end."""
        row = ticket.model_dump(exclude={"dossier"}) | {"dossier_id": ticket.dossier}
        with self.database.writing() as connection:
            if not add_if_new(connection, c.tickets, row):
                return False
            older = (c.visits.c.dossier_id == ticket.dossier) & (c.visits.c.serial < ticket.serial)
            connection.execute(delete(c.visits).where(older))
            what: dict[str, JsonValue] = {"act": "printed", "serial": ticket.serial}
            audit.append(connection, "citizen", ticket.dossier, what, now=self.clock(), who=ticket.printed_by)
        return True

    def ticket(self, dossier_id: str) -> Ticket | None:
        """The newest ticket of a dossier, whether or not it has run out."""
        found = select(c.tickets).where(c.tickets.c.dossier_id == dossier_id).order_by(c.tickets.c.serial.desc())
        with self.database.reading() as connection:
            row = connection.execute(found.limit(1)).mappings().one_or_none()
        return None if row is None else Ticket(dossier=row["dossier_id"], **_without(dict(row)))

    # Visits

    def open_visit(self, cookie: str, ticket: Ticket, lasts: timedelta) -> None:
        """A browser that knew the secret. Visits that have run out are swept."""
        now = self.clock()
        row = {"cookie": hashed(cookie), "dossier_id": ticket.dossier, "serial": ticket.serial}
        with self.database.writing() as connection:
            connection.execute(delete(c.visits).where(c.visits.c.expires_at < now))
            connection.execute(c.visits.insert().values(**row, expires_at=min(now + lasts, ticket.expires_at)))

    def visited(self, cookie: str) -> tuple[str, int] | None:
        """Dossier and number of the ticket of a visit while it lasts."""
        newest = select(func.max(c.tickets.c.serial)).where(c.tickets.c.dossier_id == c.visits.c.dossier_id)
        statement = select(c.visits.c.dossier_id, c.visits.c.serial).where(
            (c.visits.c.cookie == hashed(cookie))
            & (c.visits.c.expires_at > self.clock())
            & (c.visits.c.serial == newest.scalar_subquery())
        )
        with self.database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else (str(row.dossier_id), int(row.serial))

    def end_visit(self, cookie: str) -> None:
        """The browser goes."""
        with self.database.writing() as connection:
            connection.execute(delete(c.visits).where(c.visits.c.cookie == hashed(cookie)))

    # Supplements

    def add_supplement(self, supplement: Supplement, who: str) -> bool:
        """A file that came for a dossier; False where the same file came before."""
        row = supplement.model_dump(exclude={"dossier", "supplement"})
        row |= {"dossier_id": supplement.dossier, "supplement_id": supplement.supplement}
        with self.database.writing() as connection:
            if not add_if_new(connection, c.supplements, row):
                return False
            what: dict[str, JsonValue] = {
                "act": "supplemented",
                "sha256": supplement.sha256,
                "as": supplement.supplement,
            }
            audit.append(connection, "citizen", supplement.dossier, what, now=self.clock(), who=who)
        return True

    def supplements(self, dossier_id: str) -> list[Supplement]:
        """What came for a dossier, the oldest first."""
        statement = select(c.supplements).where(c.supplements.c.dossier_id == dossier_id)
        return self._supplements(statement.order_by(c.supplements.c.at))

    def waiting(self, agency: str, limit: int = 100) -> list[Supplement]:
        """What came and nobody has seen to yet, the oldest first."""
        mine = (c.supplements.c.agency == agency) & c.supplements.c.taken_at.is_(None)
        return self._supplements(select(c.supplements).where(mine).order_by(c.supplements.c.at).limit(limit))

    def take(self, dossier_id: str, sha256: str, who: str, at: datetime) -> bool:
        """Somebody has seen to it; False where somebody had."""
        mine = (c.supplements.c.dossier_id == dossier_id) & (c.supplements.c.sha256 == sha256)
        statement = update(c.supplements).where(mine & c.supplements.c.taken_at.is_(None))
        with self.database.writing() as connection:
            return connection.execute(statement.values(taken_by=who, taken_at=at)).rowcount == 1

    def _supplements(self, statement: Select[Any]) -> list[Supplement]:
        with self.database.reading() as connection:
            rows = [dict(row) for row in connection.execute(statement).mappings()]
        return [Supplement(dossier=r.pop("dossier_id"), supplement=r.pop("supplement_id"), **r) for r in rows]

    # Ratings

    def rate(self, rating: Rating, dossier_id: str | None) -> bool:
        """Keeps a rating; False where the dossier was rated before. Replayed without a dossier."""
        with self.database.writing() as connection:
            if dossier_id is not None and not add_if_new(connection, c.rated, {"dossier_id": dossier_id}):
                return False
            return add_if_new(connection, c.ratings, rating.model_dump())

    def is_rated(self, dossier_id: str) -> bool:
        """Whether a dossier was rated."""
        statement = select(c.rated.c.dossier_id).where(c.rated.c.dossier_id == dossier_id)
        with self.database.reading() as connection:
            return connection.execute(statement).first() is not None

    def scores(self, agencies: Sequence[str], first: str, last: str) -> list[Scores]:
        """Ratings of these agencies in the months `first` to `last`, by procedure. No agencies: of all."""
        counts = [func.sum(cast(case((c.ratings.c.score == s, 1), else_=0), Integer)) for s in range(1, 6)]
        statement = (
            select(c.ratings.c.procedure, *counts)
            .where(c.ratings.c.month.between(first, last))
            .group_by(c.ratings.c.procedure)
            .order_by(c.ratings.c.procedure)
        )
        if agencies:
            statement = statement.where(c.ratings.c.agency.in_(agencies))
        with self.database.reading() as connection:
            rows = connection.execute(statement).all()
        return [Scores(row[0], (int(row[1]), int(row[2]), int(row[3]), int(row[4]), int(row[5]))) for row in rows]

    def words(self, agencies: Sequence[str], first: str, last: str) -> list[str]:
        """What was said, sealed, in an order that tells nothing."""
        mine = c.ratings.c.month.between(first, last) & (c.ratings.c.sealed != "")
        statement = select(c.ratings.c.sealed).where(mine).order_by(c.ratings.c.id).limit(500)
        if agencies:
            statement = statement.where(c.ratings.c.agency.in_(agencies))
        with self.database.reading() as connection:
            return list(connection.execute(statement).scalars())

    def knows(self, dossier_id: str) -> bool:
        """Whether there is such a dossier: a draft has no ticket."""
        with self.database.reading() as connection:
            return connection.execute(select(t.dossiers.c.id).where(t.dossiers.c.id == dossier_id)).first() is not None


def _without(row: dict[str, Any]) -> dict[str, Any]:
    row.pop("dossier_id")
    return row
