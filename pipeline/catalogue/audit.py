"""The audit ledger's rows. An entry is added in the transaction of the act itself: both are there, or neither.

Appending is one at a time, on PostgreSQL by a lock that ends with the transaction: a chain has no branches. Rows cannot
be changed or deleted, triggers see to that; whoever gets round them breaks the chain that `pipeline.audit` checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, text

from pipeline.audit.entries import FIRST, Entry
from pipeline.audit.export import Seal
from pipeline.audit.merkle import root
from pipeline.catalogue import tables as t

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from pydantic import JsonValue
    from sqlalchemy import Connection

    from pipeline.audit.entries import Kind

SYSTEM = "system"
# Any number but the migrations' will do, as long as all our processes use the same one.
_APPEND_LOCK = 4_107_662_311
_BATCH = 1000


def append(
    connection: Connection, kind: Kind, dossier_id: str, what: dict[str, JsonValue], *, now: datetime, who: str = SYSTEM
) -> Entry:
    """Adds an entry to the end of the ledger."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _APPEND_LOCK})
    last = connection.execute(
        select(t.audit.c.seq, t.audit.c.leaf).order_by(t.audit.c.seq.desc()).limit(1)
    ).one_or_none()
    entry = Entry(
        seq=last.seq + 1 if last else 1,
        prev=last.leaf if last else FIRST,
        at=now,
        kind=kind,
        dossier=dossier_id,
        who=who,
        what=what,
    )
    line = entry.line()
    row = {"seq": entry.seq, "dossier_id": dossier_id, "entry": line.decode(), "leaf": entry.leaf()}
    connection.execute(insert(t.audit).values(**row))
    return entry


def lines(connection: Connection, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """Entries `start` (from 0) up to `stop` in their order, as they were hashed."""
    statement = select(t.audit.c.entry).where(t.audit.c.seq > start).order_by(t.audit.c.seq)
    if stop is not None:
        statement = statement.where(t.audit.c.seq <= stop)
    for entry in connection.execution_options(yield_per=_BATCH).execute(statement).scalars():
        yield entry.encode()


def leaves(connection: Connection, size: int | None = None) -> Iterator[bytes]:
    """Leaf hashes of the first `size` entries, or of all, in their order."""
    statement = select(t.audit.c.leaf).order_by(t.audit.c.seq)
    if size is not None:
        statement = statement.where(t.audit.c.seq <= size)
    for leaf in connection.execution_options(yield_per=_BATCH).execute(statement).scalars():
        yield bytes.fromhex(leaf)


def size(connection: Connection) -> int:
    """How many entries there are: their numbers have no gaps."""
    return int(connection.execute(select(func.max(t.audit.c.seq))).scalar_one() or 0)


def state(connection: Connection) -> tuple[int, str]:
    """How many entries there are, and the root over them."""
    count = 0

    def counted() -> Iterator[bytes]:
        nonlocal count
        for leaf in leaves(connection):
            count += 1
            yield leaf

    found = root(counted()).hex()
    return count, found


def entries_of(connection: Connection, dossier_id: str) -> list[Entry]:
    """The entries of a dossier in their order."""
    statement = select(t.audit.c.entry).where(t.audit.c.dossier_id == dossier_id).order_by(t.audit.c.seq)
    return [Entry.model_validate_json(entry) for entry in connection.execute(statement).scalars()]


def add_seal(connection: Connection, seal: Seal) -> None:
    """Keeps a seal."""
    connection.execute(insert(t.audit_seals).values(**seal.model_dump()))


def seals(connection: Connection) -> list[Seal]:
    """All seals, the oldest first."""
    rows = connection.execute(select(t.audit_seals).order_by(t.audit_seals.c.id)).mappings()
    return [Seal(size=row["size"], root=row["root"], at=row["at"], token=row["token"]) for row in rows]


def bring_back(connection: Connection, entries: Sequence[Entry], kept: Sequence[Seal]) -> int:
    """Fills an empty ledger; returns how many entries came back."""
    if not entries or connection.execute(select(t.audit.c.seq).limit(1)).first() is not None:
        return 0
    rows = [{"seq": e.seq, "dossier_id": e.dossier, "entry": e.line().decode(), "leaf": e.leaf()} for e in entries]
    connection.execute(insert(t.audit), rows)
    for seal in kept:
        add_seal(connection, seal)
    return len(rows)
