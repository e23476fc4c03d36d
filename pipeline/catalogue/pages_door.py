"""The catalogue's door to page operations: events in their order, and the stack as it was scanned.

An event is added only onto the events that whoever asks has seen, and only while the dossier is not filed; both are
checked in the transaction that adds it, with the dossier's row locked, so that of two people who change pages at once
one is told. Its entry in the audit ledger is part of the same transaction. What is sealed comes and goes sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from pipeline.catalogue import audit, tables
from pipeline.catalogue import tables_pages as t
from pipeline.catalogue.session import add_if_new

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from pipeline.catalogue.session import Database

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PagesDoor:
    """Every method is one transaction; all raise `CatalogueUnreachableError`."""

    database: Database
    clock: Callable[[], datetime]

    def count(self, dossier_id: str) -> int:
        """How many events a dossier has."""
        with self.database.reading() as connection:
            return _count(connection, dossier_id)

    def events(self, dossier_id: str) -> list[Row]:
        """All events of a dossier, the oldest first."""
        statement = select(t.page_events).where(t.page_events.c.dossier_id == dossier_id)
        with self.database.reading() as connection:
            rows = connection.execute(statement.order_by(t.page_events.c.at, t.page_events.c.id))
            return [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name for it

    def add(
        self, rows: Sequence[Mapping[str, Any]], expected: Mapping[str, int], before: Callable[[], object]
    ) -> dict[str, str]:
        """Adds events to one dossier or two; empty where that was done, else what keeps a dossier from it, by id.

        `expected`: how many events each has had. A reason is `changed` (it has others), `filed` or `unknown`. `before`
        is called when nothing is in the way, before a row is written: the journal comes first.
        """
        with self.database.writing() as connection:
            reasons: dict[str, str] = {}
            for dossier_id in sorted(expected):
                mine = tables.dossiers.c.id == dossier_id
                status = connection.execute(
                    select(tables.dossiers.c.status).where(mine).with_for_update()
                ).scalar_one_or_none()
                if status is None or status == "filed":
                    reasons[dossier_id] = "filed" if status else "unknown"
                elif _count(connection, dossier_id) != expected[dossier_id]:
                    reasons[dossier_id] = "changed"
            if reasons:
                return reasons
            before()
            for row in rows:
                connection.execute(insert(t.page_events).values(**row))
                edit = row["edit"]
                what = {
                    "event": row["id"],
                    "kind": edit["kind"],
                    "pages": edit["pages"],
                    **{key: edit[key] for key in ("dossier", "undone") if edit.get(key)},
                }
                audit.append(connection, "pages", row["dossier_id"], what, now=row["at"], who=row["who"])
        return {}

    def put_back(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Events from the journal; whether any was missing."""
        with self.database.writing() as connection:
            missing = [add_if_new(connection, t.page_events, row) for row in rows]
        return any(missing)

    def scan(self, dossier_id: str) -> str | None:
        """The stack as it was scanned, sealed; None while nobody has changed it."""
        statement = select(t.page_scans.c.scan).where(t.page_scans.c.dossier_id == dossier_id)
        with self.database.reading() as connection:
            return connection.execute(statement).scalar_one_or_none()

    def keep_scan(self, dossier_id: str, scan: str) -> None:
        """Keeps it, in place of what was kept before."""
        with self.database.writing() as connection:
            connection.execute(delete(t.page_scans).where(t.page_scans.c.dossier_id == dossier_id))
            connection.execute(insert(t.page_scans).values(dossier_id=dossier_id, scan=scan, at=self.clock()))


def _count(connection: Connection, dossier_id: str) -> int:
    mine = t.page_events.c.dossier_id == dossier_id
    return int(connection.execute(select(func.count()).where(mine)).scalar_one())
