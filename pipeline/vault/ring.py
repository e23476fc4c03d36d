"""The key ring: every key but the master, wrapped, in a small database of its own that can really forget.

`keys` has one row a key, under a name (a dossier's id, an owner's id, `content/SHA-256`, `house...`), and keeps it as a
tombstone after the key was destroyed. `wraps` has the key itself, once for each holder: another key's id or
`master:ID`. Whoever can open one of the holders can open the key; with its last wrap a key is gone, and with it every
key that nothing else holds. On SQLite deleted bytes are written over (`secure_delete`) and the write-ahead log is cut.
Nothing here can open anything: rows are ciphertext, and ids are random.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    delete,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy import text as sql

from pipeline.catalogue.errors import CatalogueError, CatalogueUnreachableError
from pipeline.catalogue.session import Database, add_if_new
from pipeline.catalogue.tables import UtcDateTime
from pipeline.vault.errors import RingUnreachableError, VaultError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

SCHEMA = "hoso_vault"
"""On PostgreSQL, where the ring may share a database with the catalogue."""
MASTER = "master:"
_LOCK = 4_107_662_313
"""Any number but the migrations' and the ledger's will do."""

metadata = MetaData(schema=SCHEMA)
masters = Table(
    "masters",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("state", String(20), nullable=False),  # current, former, removed
    Column("made_at", UtcDateTime, nullable=False),
)
keys = Table(
    "keys",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(200), nullable=False, index=True),
    # The name once more for the one key of a name that seals what is new. A key that another one took this place of,
    # as where two rings were put together, still opens what it sealed.
    Column("living", String(200), unique=True),
    Column("made_at", UtcDateTime, nullable=False),
    Column("destroyed_at", UtcDateTime),
    Column("reason", Text),
)
wraps = Table(
    "wraps",
    metadata,
    Column("key_id", String(32), primary_key=True),
    Column("holder", String(80), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Index(None, "holder"),
)


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key without the key."""

    id: str
    name: str
    destroyed: bool
    wraps: dict[str, bytes]
    """Wrapped key by holder."""


@dataclass(frozen=True, slots=True)
class MasterRow:
    """A master as the ring knows it."""

    id: str
    kind: str
    state: str
    """`current`, `former` or `removed`."""
    made_at: datetime
    held: int
    """Keys that it wraps."""


class Ring:
    """Every method is one transaction. Raises `RingUnreachableError`, `VaultError`."""

    def __init__(self, url: str) -> None:
        """Makes what is missing; a SQLite file is mode 0600."""
        with _typed():
            self._database = Database(url)
            if self._database.is_sqlite:
                event.listen(self._database.engine, "connect", _forgetting)
                self._database.engine = self._database.engine.execution_options(schema_translate_map={SCHEMA: None})
            self._make()

    def _make(self) -> None:
        with self._database.writing() as connection:
            if not self._database.is_sqlite:
                connection.execute(sql("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                connection.execute(sql(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            metadata.create_all(connection)

    def close(self) -> None:
        """Closes the pool."""
        self._database.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction of several steps below."""
        with _typed(), self._database.writing() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view."""
        with _typed(), self._database.snapshot() as connection:
            yield connection

    def forget(self) -> None:
        """After rows were deleted: their bytes leave the files as far as the database can see to it."""
        with _typed():
            if self._database.is_sqlite:
                raw = self._database.engine.raw_connection()
                try:
                    # Not inside a transaction, which SQLAlchemy would begin.
                    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
                finally:
                    raw.close()
                return
            with self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for table in (keys, wraps):
                    connection.execute(sql(f"VACUUM {SCHEMA}.{table.name}"))


def current_master(connection: Connection, *, lock: bool = False) -> str | None:
    """The id of the master that wraps what is new; locked, it stays the current one until the transaction ends."""
    statement = select(masters.c.id).where(masters.c.state == "current")
    if lock:
        statement = statement.with_for_update()
    found = connection.execute(statement).scalar_one_or_none()
    return None if found is None else str(found)


def set_master(connection: Connection, master_id: str, kind: str, now: datetime) -> None:
    """From now on this master wraps; the others are former ones."""
    connection.execute(update(masters).where(masters.c.state == "current").values(state="former"))
    if not add_if_new(connection, masters, {"id": master_id, "kind": kind, "state": "current", "made_at": now}):
        connection.execute(update(masters).where(masters.c.id == master_id).values(state="current"))


def all_masters(connection: Connection) -> list[MasterRow]:
    """Every master that ever wrapped here, the oldest first, with how many keys it wraps now."""
    held = select(func.count()).where(wraps.c.holder == MASTER + masters.c.id).scalar_subquery()
    rows = connection.execute(select(masters, held.label("held")).order_by(masters.c.made_at, masters.c.id))
    return [MasterRow(row.id, row.kind, row.state, row.made_at, int(row.held)) for row in rows]


def master_removed(connection: Connection, master_id: str) -> None:
    """A former master is gone for good."""
    connection.execute(update(masters).where(masters.c.id == master_id).values(state="removed"))


def wrapped_by(connection: Connection, holder: str, limit: int) -> dict[str, bytes]:
    """Some of the keys that a holder holds, wrapped, by id."""
    statement = select(wraps.c.key_id, wraps.c.wrapped).where(wraps.c.holder == holder).order_by(wraps.c.key_id)
    return {str(key_id): bytes(wrapped) for key_id, wrapped in connection.execute(statement.limit(limit))}


def only_held_by(connection: Connection, holder: str, before: datetime) -> list[str]:
    """Ids of the keys made before a moment that a holder alone holds."""
    others = select(wraps.c.key_id).where(wraps.c.holder != holder)
    statement = (
        select(keys.c.id)
        .join(wraps, wraps.c.key_id == keys.c.id)
        .where((wraps.c.holder == holder) & (keys.c.made_at < before) & keys.c.id.not_in(others))
    )
    return list(connection.execute(statement).scalars())


def add(connection: Connection, key_id: str, name: str, wrapped: dict[str, bytes], now: datetime) -> bool:
    """Adds a living key; False where the name has one."""
    row = {"id": key_id, "name": name, "living": name, "made_at": now}
    if not add_if_new(connection, keys, row):
        return False
    for holder, item in wrapped.items():
        connection.execute(insert(wraps).values(key_id=key_id, holder=holder, wrapped=item))
    return True


def by_id(connection: Connection, key_id: str) -> KeyRow | None:
    """A key, living or not."""
    return _row(connection, keys.c.id == key_id)


def by_name(connection: Connection, name: str) -> KeyRow | None:
    """The living key of a name, else its last destroyed one, else None."""
    living = _row(connection, keys.c.living == name)
    return living or _row(connection, keys.c.name == name)


def is_living(connection: Connection, key_id: str) -> bool | None:
    """None where the ring does not know the key."""
    row = connection.execute(select(keys.c.destroyed_at).where(keys.c.id == key_id)).one_or_none()
    return None if row is None else row.destroyed_at is None


def living(connection: Connection, names: Iterable[str]) -> dict[str, str]:
    """Ids of the living keys of some names."""
    rows = connection.execute(select(keys.c.living, keys.c.id).where(keys.c.living.in_(list(names))))
    return {str(name): str(key_id) for name, key_id in rows}


def ended(connection: Connection, names: Iterable[str]) -> list[str]:
    """Those among some names whose keys were destroyed and that have no living one."""
    wanted = list(names)
    alive = living(connection, wanted)
    gone = connection.execute(select(keys.c.name).where(keys.c.name.in_(wanted) & keys.c.destroyed_at.is_not(None)))
    return sorted({str(name) for name in gone.scalars()} - alive.keys())


def held_by(connection: Connection, holder: str) -> list[str]:
    """Ids of the keys that a holder holds."""
    return list(connection.execute(select(wraps.c.key_id).where(wraps.c.holder == holder)).scalars())


def holders_of(connection: Connection, key_ids: Sequence[str]) -> dict[str, set[str]]:
    """Holders by key id."""
    found: dict[str, set[str]] = {key_id: set() for key_id in key_ids}
    for key_id, holder in connection.execute(
        select(wraps.c.key_id, wraps.c.holder).where(wraps.c.key_id.in_(list(key_ids)))
    ):
        found[key_id].add(holder)
    return found


def wrap_for(connection: Connection, key_id: str, holder: str, wrapped: bytes) -> None:
    """Adds a holder; one that is there stays as it is, and a destroyed key gets none."""
    # Locked: a key that is being destroyed in another transaction must not come back through a wrap.
    alive = select(keys.c.id).where((keys.c.id == key_id) & keys.c.destroyed_at.is_(None)).with_for_update()
    if connection.execute(alive).first() is None:
        return
    add_if_new(connection, wraps, {"key_id": key_id, "holder": holder, "wrapped": wrapped})


def unwrap_from(connection: Connection, key_id: str, holder: str) -> None:
    """Takes a holder away."""
    connection.execute(delete(wraps).where((wraps.c.key_id == key_id) & (wraps.c.holder == holder)))


def destroy(connection: Connection, key_id: str, reason: str, now: datetime) -> list[str]:
    """Destroys a key and every key that nothing else holds; returns the names of all of them."""
    gone = []
    waiting = [key_id]
    while waiting:
        one = waiting.pop()
        name = connection.execute(
            update(keys)
            .where((keys.c.id == one) & keys.c.destroyed_at.is_(None))
            .values(living=None, destroyed_at=now, reason=reason)
            .returning(keys.c.name)
        ).scalar_one_or_none()
        if name is not None:
            gone.append(str(name))
        connection.execute(delete(wraps).where(wraps.c.key_id == one))
        held = held_by(connection, one)
        connection.execute(delete(wraps).where(wraps.c.holder == one))
        waiting += [other for other, left in holders_of(connection, held).items() if not left]
    return gone


def would_go(connection: Connection, key_id: str) -> list[str]:
    """Names of the keys that nothing would hold any more if this one were destroyed."""
    gone = {key_id}
    waiting = [key_id]
    while waiting:
        held = [other for other in held_by(connection, waiting.pop()) if other not in gone]
        for other, left in holders_of(connection, held).items():
            if left <= gone:
                gone.add(other)
                waiting.append(other)
    gone.discard(key_id)
    return [str(name) for name in connection.execute(select(keys.c.name).where(keys.c.id.in_(gone))).scalars()]


def names(connection: Connection) -> list[str]:
    """Of the keys that live."""
    return list(connection.execute(select(keys.c.name).where(keys.c.destroyed_at.is_(None))).scalars())


def counts(connection: Connection) -> tuple[int, int]:
    """How many keys live, and how many were destroyed."""
    gone = keys.c.destroyed_at.is_not(None)
    alive = connection.execute(select(func.count()).select_from(keys).where(~gone)).scalar_one()
    return int(alive), int(connection.execute(select(func.count()).select_from(keys).where(gone)).scalar_one())


def _row(connection: Connection, condition: Any) -> KeyRow | None:
    found = connection.execute(
        select(keys.c.id, keys.c.name, keys.c.destroyed_at)
        .where(condition)
        .order_by(keys.c.made_at.desc(), keys.c.id)
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    rows = connection.execute(select(wraps.c.holder, wraps.c.wrapped).where(wraps.c.key_id == found.id))
    return KeyRow(found.id, found.name, found.destroyed_at is not None, {str(h): bytes(w) for h, w in rows})


def _forgetting(raw: Any, _record: Any) -> None:
    cursor = raw.cursor()
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


@contextmanager
def _typed() -> Iterator[None]:
    """The database's errors speak of the catalogue; here it is the ring."""
    try:
        yield
    except CatalogueUnreachableError as error:
        raise RingUnreachableError(None, error.detail) from None
    except CatalogueError as error:
        raise VaultError(None, f"key ring: {error.code} {error.detail}") from None
