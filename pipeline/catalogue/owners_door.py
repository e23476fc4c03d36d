"""The catalogue's door to citizens' data stores: what is known of owners, papers, versions, shares; and acts on them.

Reading methods are one transaction each. `acting` is one that may look, decide, enter the act into the journal and
apply it: two who file papers of one person wait for each other, so that one of them makes the owner and the other finds
it. All raise `CatalogueUnreachableError`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text

from pipeline.catalogue import audit, owners_rows
from pipeline.catalogue import tables_owners as t

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from pydantic import JsonValue
    from sqlalchemy import ColumnElement, Connection, Table

    from pipeline.audit.entries import Entry, Kind
    from pipeline.catalogue.owners_rows import Tokens
    from pipeline.catalogue.session import Database
    from pipeline.journal import Act

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Acting:
    """A transaction in which something is decided and done."""

    connection: Connection
    now: datetime

    def owners_with(self, **values: str) -> list[Row]:
        """Owner records with exactly these columns, merged ones too, the oldest first."""
        owners = t.owners
        asked = [owners.c[name] == value for name, value in values.items()]
        statement = select(owners).where(*asked)
        rows = self.connection.execute(statement.order_by(owners.c.created_at, owners.c.id)).mappings()
        return [dict(row) for row in rows]

    def papers_with(self, *asked: ColumnElement[bool]) -> list[Row]:
        """Papers, the oldest first."""
        rows = self.connection.execute(select(t.papers).where(*asked).order_by(t.papers.c.number)).mappings()
        return [dict(row) for row in rows]

    def one(self, table: Table, row_id: str) -> Row | None:
        """A row by its id."""
        row = self.connection.execute(select(table).where(table.c.id == row_id)).mappings().one_or_none()
        return None if row is None else dict(row)

    def root(self, owner_id: str) -> str:
        """The owner record that counts for this one."""
        return owners_rows.root(self.connection, owner_id)

    def members(self, owner_id: str) -> list[str]:
        """The record and all that were merged into it."""
        return owners_rows.members(self.connection, owner_id)

    def status(self, dossier_id: str) -> int | None:
        """Where a dossier stands on the national portal."""
        mine = select(t.moves.c.status).where(t.moves.c.dossier_id == dossier_id)
        found = self.connection.execute(mine.order_by(t.moves.c.seq.desc()).limit(1)).scalar_one_or_none()
        return None if found is None else int(found)

    def applied(self, act: Act) -> bool:
        """Whether an act is in the catalogue."""
        return self.connection.execute(select(t.acts.c.id).where(t.acts.c.id == act.id)).first() is not None

    def apply(
        self, act: Act, tokens: Tokens, *, who: str = audit.SYSTEM, what: Mapping[str, JsonValue] | None = None
    ) -> bool:
        """Writes an act with its events, and the ledger's entry; whether it was missing."""
        if not owners_rows.apply(self.connection, act, tokens, replayed=False):
            return False
        kind: Kind = "moved" if act.kind == owners_rows.MOVED else "kho"
        said: dict[str, JsonValue] = {"act": act.kind, **(what or {})}
        audit.append(self.connection, kind, act.subject, said, now=self.now, who=who)
        return True


@dataclass(frozen=True, slots=True)
class Owners:
    """See the module's first lines."""

    database: Database
    clock: Callable[[], datetime]

    @contextmanager
    def acting(self, locks: Sequence[str] = ()) -> Iterator[Acting]:
        """One transaction; those that name the same thing in `locks` wait for each other."""
        with self.database.writing() as connection:
            if connection.dialect.name == "postgresql":
                for number in sorted({int(hashed(lock)) for lock in locks}):
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": number})
            yield Acting(connection, self.clock())

    @contextmanager
    def looking(self) -> Iterator[Acting]:
        """One consistent view, for several questions."""
        with self.database.snapshot() as connection:
            yield Acting(connection, self.clock())

    def replay(self, act: Act, tokens: Tokens) -> bool:
        """Puts an act of the journal back; whether it was missing."""
        with self.database.writing() as connection:
            return owners_rows.apply(connection, act, tokens, replayed=True)

    def owner(self, owner_id: str) -> Row | None:
        """An owner record."""
        with self.looking() as view:
            return view.one(t.owners, owner_id)

    def paper(self, paper_id: str) -> Row | None:
        """A paper."""
        with self.looking() as view:
            return view.one(t.papers, paper_id)

    def papers_of(self, owner_id: str) -> list[Row]:
        """All papers of the owner that counts for this one, the oldest first."""
        with self.looking() as view:
            return view.papers_with(t.papers.c.owner_id == view.root(owner_id))

    def papers_of_dossier(self, dossier_id: str) -> list[Row]:
        """Papers that came with a dossier, the oldest first."""
        with self.looking() as view:
            return view.papers_with(t.papers.c.dossier_id == dossier_id)

    def versions_of(self, paper_id: str) -> list[Row]:
        """The oldest first."""
        return self._rows(t.versions, t.versions.c.paper_id == paper_id, "number")

    def versions_of_dossier(self, dossier_id: str) -> list[Row]:
        """Versions that a dossier brought."""
        return self._rows(t.versions, t.versions.c.dossier_id == dossier_id, "paper_id", "number")

    def shares_of(self, owner_id: str) -> list[Row]:
        """All shares of the owner that counts for this one, ended ones too, the oldest first."""
        with self.looking() as view:
            top = view.root(owner_id)
        return self._rows(t.shares, t.shares.c.owner_id == top, "granted_at", "id")

    def share(self, share_id: str) -> Row | None:
        """A share."""
        with self.looking() as view:
            return view.one(t.shares, share_id)

    def reuses_of(self, dossier_id: str) -> list[Row]:
        """What a dossier refers to instead of a new scan, by component."""
        return self._rows(t.reuses, t.reuses.c.dossier_id == dossier_id, "component")

    def merges_of(self, owner_id: str) -> list[Row]:
        """Merges from and into a record, the oldest first."""
        mine = (t.merges.c.owner_id == owner_id) | (t.merges.c.into_id == owner_id)
        return self._rows(t.merges, mine, "at", "id")

    def history(self, subjects: Sequence[str]) -> list[Entry]:
        """The ledger's entries on these owners, papers, shares: who did and who saw what, the oldest first."""
        with self.looking() as view:
            found = [entry for subject in subjects for entry in audit.entries_of(view.connection, subject)]
        return sorted(found, key=lambda entry: entry.seq)

    def waiting(self, agency: str, limit: int = 50) -> list[Row]:
        """Papers of an agency whose owner a person must say, the oldest first."""
        with self.looking() as view:
            papers = t.papers
            statement = select(papers).where((papers.c.state == "waits") & (papers.c.agency == agency))
            rows = view.connection.execute(statement.order_by(papers.c.number).limit(limit)).mappings()
            return [dict(row) for row in rows]

    def _rows(self, table: Table, asked: ColumnElement[bool], *order: str) -> list[Row]:
        with self.looking() as view:
            statement = select(table).where(asked).order_by(*(table.c[name] for name in order))
            return [dict(row) for row in view.connection.execute(statement).mappings()]


def hashed(lock: str) -> int:
    """A number for a name, as PostgreSQL's advisory locks want it; the same in every process."""
    from hashlib import sha256

    return int.from_bytes(sha256(b"hoso kho " + lock.encode()).digest()[:8], "big", signed=True)
