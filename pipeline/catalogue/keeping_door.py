"""The catalogue's door to keeping: rows of retention, holds, requests and corrections, each with its ledger entry.

An act's row is written once, however often its act is met: the act's id is the row's key. The first writing adds an
entry to the audit ledger in the same transaction; replaying from the journal adds none, because the ledger has its own
way back. All raise `CatalogueUnreachableError`. Texts come and go sealed; opening them is not the catalogue's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select, update

from pipeline.catalogue import audit
from pipeline.catalogue import tables_keeping as t
from pipeline.catalogue.session import add_if_new

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from pydantic import JsonValue
    from sqlalchemy import ColumnElement, Connection, Table

    from pipeline.audit.entries import Entry
    from pipeline.catalogue.session import Database

    _Entry = tuple[str, str, str, Mapping[str, JsonValue]]
    """What was done, to what, by whom, and what else the ledger says."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeepingDoor:
    """Every method is one transaction."""

    database: Database
    clock: Callable[[], datetime]

    def put_kept(self, row: Mapping[str, Any]) -> None:
        """How long a dossier is kept: made, or computed anew. What was destroyed stays as it is."""
        with self.database.writing() as connection:
            if not add_if_new(connection, t.keeping, row):
                mine = (t.keeping.c.dossier_id == row["dossier_id"]) & t.keeping.c.destroyed_at.is_(None)
                connection.execute(update(t.keeping).where(mine).values(**row))

    def kept(self, dossier_id: str) -> Row | None:
        """How long a dossier is kept."""
        rows = self._rows(t.keeping, t.keeping.c.dossier_id == dossier_id)
        return rows[0] if rows else None

    def kept_of_agency(self, agency: str, *, over: date | None = None, limit: int = 1000) -> list[Row]:
        """Rows of an agency that were not destroyed; with `over` those whose last day lies before it."""
        asked = (t.keeping.c.agency == agency) & t.keeping.c.destroyed_at.is_(None)
        if over is not None:
            asked &= t.keeping.c.keep_until.is_not(None) & (t.keeping.c.keep_until < over.isoformat())
        return self._rows(t.keeping, asked, "keep_until", "dossier_id", limit=limit)

    def missing(self, limit: int = 1000) -> list[str]:
        """Ids of filed dossiers that have no row yet: filed by an older version, or put back from the store."""
        from pipeline.catalogue import tables

        known = select(t.keeping.c.dossier_id)
        filings = tables.filings
        statement = select(filings.c.dossier_id).where(filings.c.dossier_id.not_in(known)).distinct().limit(limit)
        with self.database.reading() as connection:
            return list(connection.execute(statement).scalars())

    def agencies_of(self, dossiers: Iterable[str]) -> dict[str, str]:
        """Which agency received each of these dossiers; empty text for what came before agencies did."""
        from pipeline.catalogue import tables

        columns = (tables.dossiers.c.id, tables.dossiers.c.agency)
        statement = select(*columns).where(tables.dossiers.c.id.in_(list(dossiers)))
        with self.database.reading() as connection:
            return {row.id: row.agency for row in connection.execute(statement)}

    def destroyed(self, dossier_id: str, act: str, who: str, at: datetime) -> None:
        """A dossier was destroyed; the first act that says so counts."""
        with self.database.writing() as connection:
            mine = (t.keeping.c.dossier_id == dossier_id) & t.keeping.c.destroyed_at.is_(None)
            values = {"destroyed_act": act, "destroyed_by": who, "destroyed_at": at}
            connection.execute(update(t.keeping).where(mine).values(**values))

    # Holds

    def add_hold(self, row: Mapping[str, Any], *, replayed: bool = False) -> bool:
        """Whether it was missing."""
        entry = ("hold_set", row["subject"], row["set_by"], {"hold": row["id"]})
        return self._add(t.holds, row, None if replayed else entry)

    def lift_hold(self, hold_id: str, values: Mapping[str, Any], *, replayed: bool = False) -> bool:
        """Whether it was on. `values`: `lifted_act`, `lifted_by`, `lifted_at`, `lift_reason`."""
        with self.database.writing() as connection:
            mine = (t.holds.c.id == hold_id) & t.holds.c.lifted_at.is_(None)
            subject = connection.execute(select(t.holds.c.subject).where(mine)).scalar_one_or_none()
            if subject is None:
                return False
            connection.execute(update(t.holds).where(mine).values(**values))
            if not replayed:
                self._entry(connection, "hold_lifted", subject, values["lifted_by"], {"hold": hold_id})
        return True

    def hold(self, hold_id: str) -> Row | None:
        """A hold, lifted or not."""
        rows = self._rows(t.holds, t.holds.c.id == hold_id)
        return rows[0] if rows else None

    def holds(self, agency: str, *, lifted: bool = False) -> list[Row]:
        """Holds of an agency, the oldest first; with `lifted` those that ended, too."""
        asked = t.holds.c.agency == agency
        return self._rows(t.holds, asked if lifted else asked & t.holds.c.lifted_at.is_(None), "set_at", "id")

    def holds_on(self, subjects: Iterable[str]) -> list[Row]:
        """Holds that are on, of any of these dossiers and owners."""
        asked = t.holds.c.subject.in_(list(subjects)) & t.holds.c.lifted_at.is_(None)
        return self._rows(t.holds, asked, "set_at", "id")

    # Requests

    def add_request(self, row: Mapping[str, Any], *, replayed: bool = False) -> bool:
        """Whether it was missing."""
        what: dict[str, JsonValue] = {"request": row["id"], "kind": row["kind"], "due_on": row["due_on"]}
        entry = ("request_opened", row["owner_id"], row["opened_by"], what)
        return self._add(t.requests, row, None if replayed else entry)

    def answer(self, request_id: str, values: Mapping[str, Any], *, replayed: bool = False) -> bool:
        """Whether it was open. `values`: `state`, `answered_act`, `answered_by`, `answered_at`, `answer`."""
        with self.database.writing() as connection:
            mine = (t.requests.c.id == request_id) & (t.requests.c.state == "open")
            owner = connection.execute(select(t.requests.c.owner_id).where(mine)).scalar_one_or_none()
            if owner is None:
                return False
            connection.execute(update(t.requests).where(mine).values(**values))
            if not replayed:
                what: dict[str, JsonValue] = {"request": request_id, "state": values["state"]}
                self._entry(connection, "request_answered", owner, values["answered_by"], what)
        return True

    def request(self, request_id: str) -> Row | None:
        """A request."""
        rows = self._rows(t.requests, t.requests.c.id == request_id)
        return rows[0] if rows else None

    def requests(self, agency: str, *, answered: bool = False) -> list[Row]:
        """Requests of an agency, the first due first; with `answered` the others, too."""
        asked = t.requests.c.agency == agency
        asked = asked if answered else asked & (t.requests.c.state == "open")
        return self._rows(t.requests, asked, "due_on", "opened_at", "id")

    def open_requests(self, today: date) -> tuple[int, int]:
        """How many requests wait for an answer, and how many of them are late, in all agencies."""
        late = func.sum(case((t.requests.c.due_on < today.isoformat(), 1), else_=0))
        with self.database.reading() as connection:
            row = connection.execute(select(func.count(), late).where(t.requests.c.state == "open")).one()
        return int(row[0]), int(row[1] or 0)

    # Corrections

    def next_version(self, dossier_id: str, document: str, field: str) -> int:
        """The version that the next correction of a field gets; the filed value is version 1."""
        mine = (
            (t.corrections.c.dossier_id == dossier_id)
            & (t.corrections.c.document_id == document)
            & (t.corrections.c.field == field)
        )
        with self.database.reading() as connection:
            return int(connection.execute(select(func.max(t.corrections.c.version)).where(mine)).scalar_one() or 1) + 1

    def add_correction(self, row: Mapping[str, Any], *, replayed: bool = False) -> bool:
        """Whether it was missing."""
        what: dict[str, JsonValue] = {
            "document": row["document_id"],
            "field": row["field"],
            "version": row["version"],
            "request": row["request_id"],
        }
        entry = ("corrected", row["dossier_id"], row["who"], what)
        return self._add(t.corrections, row, None if replayed else entry)

    def corrections_of(self, dossier_id: str) -> list[Row]:
        """All corrections of a dossier, the oldest first."""
        return self._rows(t.corrections, t.corrections.c.dossier_id == dossier_id, "at", "version", "id")

    # Inside the ledger

    def entries(self, subject: str) -> list[Entry]:
        """The ledger's entries on a dossier or owner, in their order."""
        with self.database.reading() as connection:
            return audit.entries_of(connection, subject)

    def enter(self, act: str, subject: str, who: str, what: Mapping[str, JsonValue]) -> None:
        """An entry of the ledger that has no row of its own."""
        with self.database.writing() as connection:
            self._entry(connection, act, subject, who, what)

    def _add(self, table: Table, row: Mapping[str, Any], entry: _Entry | None) -> bool:
        with self.database.writing() as connection:
            if not add_if_new(connection, table, row):
                return False
            if entry is not None:
                self._entry(connection, *entry)
        return True

    def _entry(self, connection: Connection, act: str, subject: str, who: str, what: Mapping[str, JsonValue]) -> None:
        audit.append(connection, "keep", subject, {"act": act, **what}, now=self.clock(), who=who)

    def _rows(self, table: Table, asked: ColumnElement[bool], *order: str, limit: int | None = None) -> list[Row]:
        columns: Sequence[Any] = [table.c[name] for name in order]
        statement = select(table).where(asked).order_by(*columns)
        with self.database.reading() as connection:
            rows = connection.execute(statement if limit is None else statement.limit(limit)).mappings()
            return [dict(row) for row in rows]
