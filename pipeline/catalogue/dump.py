"""The whole catalogue as lines of JSON, and back: the same file for SQLite and PostgreSQL, and from one to the other.

First a line with the schema's revision, then every row under its table's name, tables in the order in which their keys
point. One consistent view is written; one transaction reads it in, into an empty catalogue of that revision, which is
then brought to today's. Times are ISO 8601 in UTC, bytes base64; SHA-256 and counts are the caller's to keep.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, LargeBinary, func, insert, inspect, select, text

from pipeline.catalogue import schema
from pipeline.catalogue.all_tables import metadata
from pipeline.catalogue.errors import CatalogueNotEmptyError, DumpUnreadableError
from pipeline.catalogue.tables import UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Column, Connection, Table

    from pipeline.catalogue.session import Database

_GONE = {("fields", "value_text")}
"""Columns of older schemas that today's has not; what they said is derived from elsewhere."""
FORMAT = "hoso-catalogue-1"
_BATCH = 500


def dump(database: Database) -> Iterator[str]:
    """Lines without their newline. Raises `CatalogueUnreachableError`."""
    with database.snapshot() as connection:
        yield json.dumps({"format": FORMAT, "revision": schema.revision(database)})
        for table in metadata.sorted_tables:
            rows = connection.execution_options(yield_per=_BATCH).execute(select(table).order_by(*table.primary_key))
            for row in rows.mappings():
                values = {column.name: _written(row[column.name]) for column in table.columns}
                yield json.dumps({"table": table.name, "row": values}, ensure_ascii=False)


def load(database: Database, lines: Iterable[str]) -> dict[str, int]:
    """Fills an empty catalogue; returns how many rows each table got.

    Raises `CatalogueNotEmptyError`, `DumpUnreadableError`; nothing is left behind then.
    """
    incoming = iter(lines)
    revision = _revision(next(incoming, ""))
    schema.migrate(database, revision)
    counts = dict.fromkeys((table.name for table in metadata.sorted_tables), 0)
    with database.writing() as connection:
        # A copy of an older revision is read into its own tables, which the newer ones join afterwards.
        there = set(inspect(connection).get_table_names())
        for table in metadata.sorted_tables:
            if table.name in there and connection.execute(select(func.count()).select_from(table)).scalar_one():
                raise CatalogueNotEmptyError(None, table.name)
        for name, rows in _batches(incoming):
            table = metadata.tables[name]
            connection.execute(insert(table), rows)
            counts[name] += len(rows)
        _continue_numbers(connection, there)
    schema.migrate(database)
    return counts


def _revision(line: str) -> str:
    try:
        head = json.loads(line)
        found = head["revision"] if head["format"] == FORMAT else None
    except (ValueError, KeyError, TypeError):
        found = None
    if not isinstance(found, str):
        raise DumpUnreadableError(None, "not a catalogue of this format")
    if not schema.knows(found):
        raise DumpUnreadableError(None, f"revision {found} is newer than this software")
    return found


def _batches(lines: Iterator[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Rows of one table together, some hundreds at a time."""
    name, rows = "", list[dict[str, Any]]()
    for line in lines:
        table, row = _row(line)
        if rows and (table.name != name or len(rows) == _BATCH):
            yield name, rows
            rows = []
        name = table.name
        rows.append(row)
    if rows:
        yield name, rows


def _row(line: str) -> tuple[Table, dict[str, Any]]:
    try:
        item = json.loads(line)
        table = metadata.tables[item["table"]]
        row = {name: value for name, value in item["row"].items() if (table.name, name) not in _GONE}
        return table, {name: _read(table.columns[name], value) for name, value in row.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DumpUnreadableError(None, type(error).__name__) from None


def _written(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _read(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value, validate=True)
    return datetime.fromisoformat(value) if isinstance(column.type, UtcDateTime) else value


def _continue_numbers(connection: Connection, there: set[str]) -> None:
    """PostgreSQL counts rows apart from the table: the next number must come after the highest that came in."""
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        key = list(table.primary_key)
        if table.name in there and len(key) == 1 and isinstance(key[0].type, BigInteger) and key[0].autoincrement:
            names = {"table": table.name, "column": key[0].name}
            highest = connection.execute(select(func.max(key[0]))).scalar_one()
            if highest is not None:
                statement = text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)")
                connection.execute(statement, names | {"highest": highest})
