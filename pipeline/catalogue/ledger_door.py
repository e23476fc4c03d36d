"""The catalogue's door to the audit ledger: its lines, its state, its seals, and its way back from the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.audit.merkle import inclusion_proof
from pipeline.catalogue import audit, looks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from pydantic import JsonValue

    from pipeline.access.principal import Principal, Purpose
    from pipeline.audit.entries import Entry
    from pipeline.audit.export import Seal
    from pipeline.catalogue.session import Database


@dataclass(frozen=True, slots=True)
class Proved:
    """An entry with its path to the root over the first `size` entries."""

    entry: Entry
    size: int
    path: tuple[str, ...]
    """Sibling hashes in hexadecimal, from the leaf up."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every method is one transaction; all raise `CatalogueUnreachableError`."""

    database: Database
    clock: Callable[[], datetime]

    def lines(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Entries `start` (from 0) up to `stop`, as they were hashed; one consistent view."""
        with self.database.snapshot() as connection:
            yield from audit.lines(connection, start, stop)

    def state(self) -> tuple[int, str]:
        """How many entries there are, and the root over them, in hexadecimal."""
        with self.database.snapshot() as connection:
            return audit.state(connection)

    def size(self) -> int:
        """How many entries there are."""
        with self.database.reading() as connection:
            return audit.size(connection)

    def seals(self) -> list[Seal]:
        """All seals, the oldest first."""
        with self.database.reading() as connection:
            return audit.seals(connection)

    def add_seal(self, seal: Seal) -> None:
        """Keeps a seal."""
        with self.database.writing() as connection:
            audit.add_seal(connection, seal)

    def proofs(self, dossier_id: str, size: int) -> list[Proved]:
        """The dossier's entries among the first `size`, each with its proof."""
        with self.database.snapshot() as connection:
            leaves = list(audit.leaves(connection, size))
            mine = [entry for entry in audit.entries_of(connection, dossier_id) if entry.seq <= size]
        paths = (inclusion_proof(leaves, entry.seq - 1) for entry in mine)
        return [
            Proved(entry, len(leaves), tuple(node.hex() for node in path))
            for entry, path in zip(mine, paths, strict=True)
        ]

    def read(self, who: Principal, purpose: Purpose, dossier: str, what: str) -> bool:
        """Somebody looks at a person's data; returns whether this became an entry.

        `what` is a stable code (`record`, `page`, `archive_pdf`, `owner`, ...). The same person looking at the same
        thing of the same dossier for the same purpose within `SAME_LOOK` of an entry adds none.
        """
        now = self.clock()
        key = looks.key_of(who.id, purpose, dossier, what)
        with self.database.reading() as connection:
            if looks.recent(connection, key, now):
                return False
        with self.database.writing() as connection:
            # Two looks at once are one: only whoever marks the look writes the entry.
            if not looks.mark(connection, key, now):
                return False
            said: dict[str, JsonValue] = {"purpose": purpose.value, "what": what, "agency": who.agency}
            audit.append(connection, "read", dossier, said, now=now, who=who.id)
        return True

    def access(self, who: str, subject: str, what: dict[str, JsonValue]) -> None:
        """An account or key changed, or somebody came in: `subject` is its id, `who` the id of whoever did it."""
        with self.database.writing() as connection:
            audit.append(connection, "access", subject, what, now=self.clock(), who=who)

    def key(self, who: str, name: str, what: dict[str, JsonValue]) -> None:
        """A key of the vault ended, or the master changed: `name` is the id of a dossier or owner, or `house`."""
        with self.database.writing() as connection:
            audit.append(connection, "key", name, what, now=self.clock(), who=who)

    def bring_back(self, entries: Sequence[Entry], seals: Sequence[Seal]) -> int:
        """Puts entries back that an empty ledger had; returns how many. A ledger with entries keeps its own."""
        with self.database.writing() as connection:
            return audit.bring_back(connection, entries, seals)
