"""Seals what an older version of the software wrote plain: at the first start, part by part, a batch a transaction.

Each part is marked when it is done, each dossier by its own mark, so that a start that was cut off goes on where it
was and a start with nothing to do asks one small table. Decisions only grow: their guard is lifted inside the very
transaction that seals them. In the end a SQLite file is written anew, because freed pages keep what was on them; on
PostgreSQL an administrator runs VACUUM FULL once (docs/vault.md).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from sqlalchemy import and_, or_, select, text, update

from pipeline.catalogue import dossiers
from pipeline.catalogue import tables as t
from pipeline.catalogue.seals import PLAIN, SEALED_COLUMNS
from pipeline.catalogue.session import add_if_new
from pipeline.catalogue.tables_vault import sealing
from pipeline.record import Dossier
from pipeline.vault.vault import TEXT, is_sealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Table

    from pipeline.catalogue.seals import Seals
    from pipeline.catalogue.session import Database

_BATCH = 100
_LOCK = 4_107_662_314
"""Any number but the others' will do."""


def seal_old(database: Database, seals: Seals, clock: Callable[[], datetime], on_dossier: Callable[[int], None]) -> int:
    """Returns how many dossiers were sealed. Raises `CatalogueUnreachableError` and the vault's errors."""
    if not seals.on:
        return 0
    parts: dict[str, tuple[Table, Callable[[Connection, Seals, Sequence[Any]], int]]] = {
        "dossiers": (t.dossiers, _dossiers),
        "decisions": (t.decisions, _decisions),
        "events": (t.events, _events),
        "uploads": (t.uploads, _uploads),
        "steps": (t.steps, _steps),
    }
    with database.reading() as connection:
        done = set(connection.execute(select(sealing.c.part)).scalars())
    count = changed = 0
    for part, (table, seal) in parts.items():
        last: Any = None
        while part not in done:
            with database.writing() as connection:
                _alone(connection)
                rows = _next(connection, table, last)
                if not rows:
                    add_if_new(connection, sealing, {"part": part, "done_at": clock()})
                    done.add(part)
                    break
                sealed = seal(connection, seals, rows)
            last = rows[-1]
            changed += sealed
            if table is t.dossiers:
                count += sealed
                on_dossier(count)
    if changed:
        database.rewrite()
    return count


def _dossiers(connection: Connection, seals: Seals, rows: Sequence[Any]) -> int:
    plain = [row for row in rows if not row.sealed]
    for row in plain:
        values: dict[str, Any] = {"sealed": True}
        if not _is_text(row.record):
            values["record"] = seals.json(row.id, "dossiers.record", row.record)
        connection.execute(update(t.dossiers).where(t.dossiers.c.id == row.id).values(**values))
        dossiers.clear(connection, row.id)
        try:
            dossier = Dossier.model_validate(seals.opened("dossiers.record", row.record))
        except ValidationError:
            # Of a newer version, or harmed: it is sealed as it is, and whoever opens it hears of it.
            continue
        seals.take(dossier)
        dossiers.derive(connection, seals, dossier)
    return len(plain)


def _decisions(connection: Connection, seals: Seals, rows: Sequence[Any]) -> int:
    changes = []
    for row in rows:
        told = {name: getattr(row, name) for name in SEALED_COLUMNS["decisions"]}
        plain = {name: value for name, value in told.items() if value is not None and not _is_text(value)}
        if plain:
            changes.append((row.id, seals.row(row.dossier_id, "decisions", plain, plain)))
    if changes:
        with _may_change(connection, t.decisions):
            for number, values in changes:
                connection.execute(update(t.decisions).where(t.decisions.c.id == number).values(**values))
    return len(changes)


def _events(connection: Connection, seals: Seals, rows: Sequence[Any]) -> int:
    count = 0
    for row in rows:
        sealed = seals.parts(row.dossier_id, "events.data", row.data)
        if sealed != row.data:
            mine = (t.events.c.dossier_id == row.dossier_id) & (t.events.c.seq == row.seq)
            connection.execute(update(t.events).where(mine).values(data=sealed))
            count += 1
    return count


def _uploads(connection: Connection, seals: Seals, rows: Sequence[Any]) -> int:
    plain = [row for row in rows if not _is_text(row.path)]
    for row in plain:
        path = seals.json(row.dossier_id, "uploads.path", [row.name, row.path])
        values = {"path": path, "name": seals.index("upload", row.name)}
        connection.execute(update(t.uploads).where(t.uploads.c.id == row.id).values(**values))
    return len(plain)


def _steps(connection: Connection, seals: Seals, rows: Sequence[Any]) -> int:
    count = 0
    c = t.steps.c
    for row in rows:
        made = None if is_sealed(row.output) else PLAIN.opened_output(row.output)
        if made is not None:
            mine = (c.content_hash == row.content_hash) & (c.step == row.step) & (c.version == row.version)
            values = {"output": seals.output(row.content_hash, made)}
            connection.execute(update(t.steps).where(mine).values(**values))
            count += 1
    return count


def _next(connection: Connection, table: Table, last: Any) -> Sequence[Any]:
    """The rows that come after one in the order of their keys, some at a time."""
    key = list(table.primary_key)
    statement = select(table).order_by(*key).limit(_BATCH)
    if last is not None:
        after = [
            and_(*(key[i] == getattr(last, key[i].name) for i in range(n)), key[n] > getattr(last, key[n].name))
            for n in range(len(key))
        ]
        statement = statement.where(or_(*after))
    return connection.execute(statement).all()


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(TEXT)


def _alone(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


@contextmanager
def _may_change(connection: Connection, table: Table) -> Iterator[None]:
    """A table that only grows may be changed until the end of the block; a failure takes all of it back."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
        yield
        connection.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER USER"))
        return
    guards = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name"), {"name": table.name}
    ).all()
    for guard in guards:
        connection.execute(text(f"DROP TRIGGER {guard.name}"))
    yield
    for guard in guards:
        connection.execute(text(guard.sql.replace(":", "\\:")))
