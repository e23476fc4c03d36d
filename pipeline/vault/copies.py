"""The key ring as lines of text, and back: wrapped keys only, useless without the master.

Reading a copy in joins the two rings. Nothing that was destroyed here comes back to life; a name that has a key in both
keeps the copy's for what is new (so that keyed indexes fit the catalogue that came with it), and the other one still
opens what it sealed. The same copy again changes nothing.
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import LargeBinary, insert, select, update

from pipeline.catalogue.session import add_if_new
from pipeline.catalogue.tables import UtcDateTime
from pipeline.errors import Exit
from pipeline.vault import ring as r
from pipeline.vault.errors import VaultError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

    from pipeline.vault.ring import Ring

FORMAT = "hoso-ring-1"
_TABLES = {table.name: table for table in (r.masters, r.keys, r.wraps)}


class RingCopyError(VaultError):
    """What should be a copy of a key ring is none, or is newer than this software."""

    code = "ring_copy_unreadable"
    exit_code = Exit.REFUSED
    message_vi = "Bản sao vòng khóa không đọc được hoặc do phiên bản mới hơn ghi."
    remedy_vi = "Hãy chọn bản sao lưu khác, hoặc cập nhật phần mềm."


def ring_lines(ring: Ring) -> Iterator[str]:
    """Lines without their newline; one consistent view."""
    with ring.reading() as connection:
        yield json.dumps({"format": FORMAT})
        for name, table in _TABLES.items():
            for row in connection.execute(select(table).order_by(*table.primary_key)).mappings():
                yield json.dumps({"table": name, "row": {key: _written(value) for key, value in row.items()}})


def load_ring(ring: Ring, lines: Iterable[str]) -> int:
    """Joins a copy to the ring, in one transaction; returns how many keys it brought. Raises `RingCopyError`."""
    incoming = iter(lines)
    try:
        if json.loads(next(incoming, "null"))["format"] != FORMAT:
            raise RingCopyError(None, "another format")
        rows = [_row(line) for line in incoming]
    except (ValueError, KeyError, TypeError):
        raise RingCopyError(None, "not a copy of a key ring") from None
    brought = 0
    with ring.writing() as connection:
        for name, row in rows:
            if name == "keys":
                brought += _join_key(connection, row)
            elif name == "masters":
                _join_master(connection, row)
            elif r.is_living(connection, row["key_id"]):
                add_if_new(connection, _TABLES[name], row)
    return brought


def _join_key(connection: Connection, row: dict[str, Any]) -> bool:
    known = connection.execute(select(r.keys.c.destroyed_at).where(r.keys.c.id == row["id"])).one_or_none()
    if known is not None:
        if known.destroyed_at is None and row["destroyed_at"] is not None:
            # The copy knows of an end that this ring does not.
            r.destroy(connection, row["id"], row["reason"] or "", row["destroyed_at"])
        return False
    if row["living"] is not None:
        connection.execute(update(r.keys).where(r.keys.c.living == row["living"]).values(living=None))
    connection.execute(insert(r.keys).values(**row))
    return True


def _join_master(connection: Connection, row: dict[str, Any]) -> None:
    if r.current_master(connection) is not None:
        row = row | {"state": "former"}
    add_if_new(connection, r.masters, row)


def _row(line: str) -> tuple[str, dict[str, Any]]:
    item = json.loads(line)
    table = _TABLES[item["table"]]
    row = {}
    for column in table.columns:
        value = item["row"][column.name]
        if value is not None and isinstance(column.type, LargeBinary):
            value = base64.b64decode(value, validate=True)
        elif value is not None and isinstance(column.type, UtcDateTime):
            value = datetime.fromisoformat(value)
        row[column.name] = value
    return item["table"], row


def _written(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value.isoformat() if isinstance(value, datetime) else value
