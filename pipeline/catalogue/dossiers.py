"""Dossiers in and out of their tables. The record is kept whole; the derived rows are rewritten beside it.

What is a person's is sealed column by column (`pipeline.catalogue.seals`); fields are found by their keyed index.

A save counts the version up in the same statement that checks it, so of two savers who read the same version one
gets `ConflictError` and nothing of his is written.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from pipeline.catalogue import tables as t
from pipeline.catalogue.errors import ConflictError, DossierExistsError, DossierNotFoundError, RecordUnreadableError
from pipeline.catalogue.rows import DossierSummary
from pipeline.catalogue.seals import SEALED_COLUMNS, field_index
from pipeline.catalogue.session import nfc
from pipeline.keys import original_key
from pipeline.record import Dossier, Severity, Status

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Table

    from pipeline.catalogue.seals import Seals

_SUMMARY = tuple(t.dossiers.c[name] for name in DossierSummary.model_fields)


def create(connection: Connection, seals: Seals, dossier: Dossier, code: str | None, now: datetime) -> None:
    """Adds a dossier as version 1. Raises `DossierExistsError`."""
    row = {"id": dossier.id, "code": nfc(code), "created_at": now, "version": 1} | _columns(seals, dossier, now)
    try:
        connection.execute(insert(t.dossiers).values(**row))
    except IntegrityError:
        raise DossierExistsError(dossier.id) from None
    derive(connection, seals, dossier)


def save(connection: Connection, seals: Seals, dossier: Dossier, expected: int | None, now: datetime) -> int:
    """Replaces a dossier and its rows; returns the new version. Raises `ConflictError`, `DossierNotFoundError`."""
    mine = t.dossiers.c.id == dossier.id
    found = mine if expected is None else mine & (t.dossiers.c.version == expected)
    statement = (
        update(t.dossiers).where(found).values(version=t.dossiers.c.version + 1, **_columns(seals, dossier, now))
    )
    version = connection.execute(statement.returning(t.dossiers.c.version)).scalar_one_or_none()
    if version is None:
        actual = connection.execute(select(t.dossiers.c.version).where(mine)).scalar_one_or_none()
        if actual is None:
            raise DossierNotFoundError(dossier.id)
        raise ConflictError(dossier.id, f"version {actual}, expected {expected}")
    clear(connection, dossier.id)
    derive(connection, seals, dossier)
    return int(version)


def clear(connection: Connection, dossier_id: str) -> None:
    """Takes a dossier's derived rows away."""
    for table in (t.originals, t.pages, t.fields, t.documents, t.findings):
        connection.execute(delete(table).where(table.c.dossier_id == dossier_id))


def load(connection: Connection, seals: Seals, dossier_id: str) -> tuple[Dossier, int] | None:
    """A dossier and its version. Raises `RecordUnreadableError`, `KeyDestroyedError`."""
    row = connection.execute(
        select(t.dossiers.c.record, t.dossiers.c.version).where(t.dossiers.c.id == dossier_id)
    ).one_or_none()
    if row is None:
        return None
    try:
        return Dossier.model_validate(seals.opened("dossiers.record", row.record), strict=False), row.version
    except ValidationError as error:
        # The values are people's data: only where and what kind.
        places = [f"{'.'.join(map(str, item['loc']))}: {item['type']}" for item in error.errors(include_input=False)]
        raise RecordUnreadableError(dossier_id, "; ".join(places[:3])) from None


def summaries(
    connection: Connection, status: Status | None, limit: int, offset: int, agencies: Sequence[str] | None = None
) -> list[DossierSummary]:
    """The newest first."""
    statement = select(*_SUMMARY).order_by(t.dossiers.c.received_at.desc(), t.dossiers.c.id)
    if status is not None:
        statement = statement.where(t.dossiers.c.status == status.value)
    if agencies is not None:
        statement = statement.where(t.dossiers.c.agency.in_(agencies))
    rows = connection.execute(statement.limit(limit).offset(offset)).mappings()
    return [DossierSummary.model_validate(dict(row)) for row in rows]


def count_by_status(connection: Connection, agencies: Sequence[str] | None = None) -> dict[Status, int]:
    """How many dossiers stand where; statuses with none are left out."""
    statement = select(t.dossiers.c.status, func.count()).group_by(t.dossiers.c.status)
    if agencies is not None:
        statement = statement.where(t.dossiers.c.agency.in_(agencies))
    rows = connection.execute(statement)
    return {Status(status): count for status, count in rows}


def with_original(connection: Connection, sha256: str) -> list[str]:
    """Ids of the dossiers that hold this very file, the oldest first."""
    return _ids(connection, t.originals, t.originals.c.sha256 == sha256)


def with_field(connection: Connection, seals: Seals, key: str, value: str) -> list[str]:
    """Ids of the dossiers where a field has this value, the oldest first; see `Seals.index`."""
    return _ids(
        connection, t.fields, (t.fields.c.key == key) & (t.fields.c.value_index == field_index(seals, key, value))
    )


def _ids(connection: Connection, table: Table, condition: ColumnElement[bool]) -> list[str]:
    inner = select(table.c.dossier_id).where(condition)
    statement = select(t.dossiers.c.id).where(t.dossiers.c.id.in_(inner))
    return list(connection.execute(statement.order_by(t.dossiers.c.received_at, t.dossiers.c.id)).scalars())


def _columns(seals: Seals, dossier: Dossier, now: datetime) -> dict[str, Any]:
    return {
        "procedure": dossier.procedure,
        "procedure_name": nfc(dossier.procedure_name),
        "agency": dossier.agency,
        "status": dossier.status.value,
        "received_at": dossier.received_at,
        "updated_at": now,
        "schema_version": dossier.schema_version,
        "page_count": len(dossier.pages),
        "document_count": len(dossier.documents),
        "open_findings": sum(
            finding.severity is not Severity.INFO and finding.confirmed_by is None for finding in dossier.findings
        ),
        "record": seals.json(dossier.id, "dossiers.record", nfc(dossier.model_dump(mode="json"))),
        "sealed": seals.on,
    }


def derive(connection: Connection, seals: Seals, dossier: Dossier) -> None:
    """Writes the rows of a dossier that has none."""
    for table, rows in (
        (t.originals, _originals(dossier)),
        (t.pages, [page.model_dump(mode="json") for page in dossier.pages]),
        (t.documents, _documents(dossier)),
        (t.fields, _fields(seals, dossier)),
        (t.findings, _findings(dossier)),
    ):
        # A record may know more than its table: what is not there to be queried stays in `dossiers.record` alone.
        names = table.columns.keys()
        columns = SEALED_COLUMNS.get(table.name, ())
        kept = [
            seals.row(
                dossier.id,
                table.name,
                {"dossier_id": dossier.id} | {name: nfc(row[name]) for name in names if name in row},
                columns,
            )
            for row in rows
        ]
        if kept:
            connection.execute(insert(table), kept)


def _originals(dossier: Dossier) -> list[dict[str, Any]]:
    names = operator.attrgetter("name", "sha256", "size", "media_type", "pages", "error")
    keys = ("name", "sha256", "size", "media_type", "pages", "error")
    return [
        {"position": position, "store_key": original_key(original.sha256)}
        | dict(zip(keys, names(original), strict=True))
        for position, original in enumerate(dossier.originals)
    ]


def _documents(dossier: Dossier) -> list[dict[str, Any]]:
    return [
        {
            "document_id": document.id,
            "position": position,
            "type": document.type,
            "title": document.title,
            "component": document.component,
            "probability": document.probability,
            "pages": list(document.pages),
        }
        for position, document in enumerate(dossier.documents)
    ]


def _fields(seals: Seals, dossier: Dossier) -> list[dict[str, Any]]:
    return [
        {
            "document_id": document.id,
            "key": key,
            "position": position,
            "label": field.label,
            "value": field.value,
            "value_index": field_index(seals, key, field.value),
            "raw": field.raw,
            "probability": field.probability,
            "source": field.source.value,
            "status": field.status.value,
            "reason": field.reason,
            "page": field.page,
            "box": field.box,
        }
        for document in dossier.documents
        for position, (key, field) in enumerate(document.fields.items())
    ]


def _findings(dossier: Dossier) -> list[dict[str, Any]]:
    return [
        finding.model_dump(mode="json") | {"position": position} for position, finding in enumerate(dossier.findings)
    ]
