"""The database behind the catalogue: engine, transactions, and what its failures mean.

SQLite: WAL, foreign keys, and our own BEGIN: the driver's implicit one would start transactions as readers and fail
when they turn into writers. A write begins IMMEDIATE and waits its turn; a read never waits and never blocks.
PostgreSQL: read committed; rows that must not move are locked by the statement that needs them.
Whatever the driver reports (gone, locked, full, read-only) becomes one held error; what waiting will not
mend (a broken constraint, a missing table) is a fault.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
import unicodedata
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, make_url
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    NotSupportedError,
    ProgrammingError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from pipeline.catalogue.errors import (
    CatalogueCorruptError,
    CatalogueError,
    CatalogueOptionsError,
    CatalogueUnreachableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import URL, Connection, Engine, Table

LOCK_SECONDS = 30
"""How long a writer waits for another before the catalogue counts as out of reach."""

_WRITE = "hoso_write"


def sqlite_url(path: Path) -> str:
    """The URL of a database in a file."""
    return f"sqlite:///{path.absolute()}"


class Database:
    """An engine with its pool. Safe for threads; not to be carried through a fork."""

    def __init__(self, url: str) -> None:
        """Opens nothing yet but a SQLite file's folder. Raises `CatalogueOptionsError`."""
        # Parameters are people's data: they stay out of messages. Letters stay letters, for whoever reads the table.
        common: dict[str, Any] = {
            "pool_timeout": LOCK_SECONDS,
            "hide_parameters": True,
            "json_serializer": partial(json.dumps, ensure_ascii=False),
        }
        try:
            self._url = _completed(make_url(url))
            if self.is_sqlite:
                _prepare_file(self._url)
                self.engine = create_engine(self._url, connect_args={"timeout": LOCK_SECONDS}, **common)
                _teach_sqlite(self.engine)
            else:
                self.engine = create_engine(
                    self._url, pool_pre_ping=True, connect_args={"connect_timeout": 5}, **common
                )
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            # The URL may hold a password: the error's text is not repeated.
            raise CatalogueOptionsError(None, type(error).__name__) from None
        except OSError as error:
            raise CatalogueUnreachableError(None, type(error).__name__) from error

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of our own."""
        return self._url.get_backend_name() == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view. Raises `CatalogueUnreachableError`."""
        with _typed(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One consistent view for many statements, on PostgreSQL too. Raises `CatalogueUnreachableError`."""
        with _typed(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901 - the same
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of it or nothing. Raises `CatalogueUnreachableError`."""
        with _typed(), self.engine.connect().execution_options(**{_WRITE: True}) as connection, connection.begin():
            yield connection

    def rewrite(self) -> None:
        """Writes a SQLite file anew without what was deleted from it; on a server that is its administrator's."""
        if not self.is_sqlite:
            return
        with _typed(), self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            raw = connection.connection.driver_connection
            if raw is not None:
                raw.execute("VACUUM")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Closes the pool."""
        self.engine.dispose()


def add_if_new(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Inserts unless a unique key is taken; whether it did. Waits for a rival's transaction where there is one."""
    make = sqlite_dialect.insert if connection.dialect.name == "sqlite" else postgresql.insert
    # Not the row count: PostgreSQL's driver does not tell it here.
    statement = make(table).values(**row).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return connection.execute(statement).first() is not None


def nfc(value: Any) -> Any:
    """Text in NFC, inside lists and objects too.

    What databases refuse in text is taken out: NUL is dropped, half a surrogate pair (a file name in no encoding)
    becomes a question mark.
    """
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value).replace("\0", "")
        return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {nfc(key): nfc(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [nfc(item) for item in value]
    return value


def _completed(url: URL) -> URL:
    if url.drivername in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise ArgumentError("known databases: sqlite, postgresql")
    if url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}:
        raise ArgumentError("a catalogue in memory would be lost with its first connection")
    return url


def _prepare_file(url: URL) -> None:
    """The file holds personal data: it is made for its owner only, and its WAL inherits that."""
    path = Path(str(url.database))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def _teach_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(raw: Any, _record: Any) -> None:
        raw.isolation_level = None
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000}")
        _write_ahead(cursor)
        # A filed dossier must not be forgotten by a power cut: every commit reaches the disk.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        write = connection.get_execution_options().get(_WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Turns a new file to WAL. Two that do so at once would wait for each other: SQLite refuses one without a wait."""
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


@contextmanager
def _typed() -> Iterator[None]:
    try:
        yield
    except (StatementError, PoolTimeoutError) as error:
        # The statement's parameters hold people's data, so only the driver's own first line goes on.
        cause = getattr(error, "orig", None) or error
        raise _meaning(error, cause)(None, f"{type(cause).__name__}: {str(cause).splitlines()[0]}") from None


def _meaning(error: Exception, cause: BaseException) -> type[CatalogueError]:
    name = getattr(cause, "sqlite_errorname", "")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return CatalogueCorruptError
    # A missing table, a broken constraint or a value that cannot be stored will not go away by waiting.
    lasting = DataError | IntegrityError | ProgrammingError | NotSupportedError
    if name == "SQLITE_ERROR" or isinstance(error, lasting) or not isinstance(error, DBAPIError | PoolTimeoutError):
        return CatalogueError
    return CatalogueUnreachableError
