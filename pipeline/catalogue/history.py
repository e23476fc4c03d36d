"""What only grows: events of progress, filings, decisions of people; and the uploads that come before a dossier.

Event numbers are given while the dossier's row is locked, so that they have no gaps and a reader who asks for what
came after number N never misses an event that was committed late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import ColumnElement, func, insert, select, update

from pipeline.catalogue import tables as t
from pipeline.catalogue.errors import DossierNotFoundError, FilingConflictError
from pipeline.catalogue.rows import Decision, Filing, RecordedDecision, StoredEvent, Upload
from pipeline.catalogue.seals import SEALED_COLUMNS
from pipeline.catalogue.session import add_if_new, nfc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

    from pipeline.catalogue.seals import Seals


class EventDraft(NamedTuple):
    """An event before it has a number and a time."""

    stage: str
    state: str
    code: str | None
    data: dict[str, Any]


def append_event(connection: Connection, seals: Seals, dossier_id: str, event: EventDraft, now: datetime) -> int:
    """Adds an event; returns its number. Raises `DossierNotFoundError`."""
    _lock(connection, dossier_id)
    last = connection.execute(select(func.max(t.events.c.seq)).where(t.events.c.dossier_id == dossier_id)).scalar_one()
    seq = int(last or 0) + 1
    row = nfc(event._asdict())
    row["data"] = seals.parts(dossier_id, "events.data", row["data"])
    connection.execute(insert(t.events).values(**row, dossier_id=dossier_id, seq=seq, at=now))
    return seq


def events_after(connection: Connection, seals: Seals, dossier_id: str, seq: int, limit: int) -> list[StoredEvent]:
    """Events with a higher number, in order."""
    statement = select(t.events).where((t.events.c.dossier_id == dossier_id) & (t.events.c.seq > seq))
    rows = connection.execute(statement.order_by(t.events.c.seq).limit(limit)).mappings()
    named = [_renamed(row) for row in rows]
    return [StoredEvent.model_validate(row | {"data": seals.opened_parts("events.data", row["data"])}) for row in named]


def record_filing(connection: Connection, filing: Filing) -> Filing:
    """Puts a filing on record and returns it; the same again returns the first record.

    Raises `FilingConflictError` where other content is on record under the key, `DossierNotFoundError`.
    """
    _lock(connection, filing.dossier)
    row = nfc(filing.model_dump(exclude={"dossier"})) | {"dossier_id": filing.dossier}
    if add_if_new(connection, t.filings, row):
        return filing
    known = _filings(connection, t.filings.c.object_key == filing.object_key)[0]
    if (known.dossier, known.sha256, known.size) != (filing.dossier, filing.sha256, filing.size):
        raise FilingConflictError(filing.object_key)
    return known


def filing_by_sha256(connection: Connection, sha256: str) -> Filing | None:
    """The first filing of exactly this content."""
    found = _filings(connection, t.filings.c.sha256 == sha256)
    return found[0] if found else None


def filings_of(connection: Connection, dossier_id: str) -> list[Filing]:
    """All filings of a dossier, the oldest first."""
    return _filings(connection, t.filings.c.dossier_id == dossier_id)


def add_decisions(
    connection: Connection, seals: Seals, dossier_id: str, decisions: Sequence[Decision], now: datetime
) -> None:
    """Adds what a person decided. Raises `DossierNotFoundError`."""
    _lock(connection, dossier_id)
    for decision in decisions:
        connection.execute(insert(t.decisions).values(**decision_row(seals, dossier_id, decision, now)))


def decision_row(seals: Seals, dossier_id: str, decision: Decision, now: datetime) -> dict[str, Any]:
    """A decision as it is written down: the value is a person's; the note is the kind."""
    row = nfc(decision.model_dump(mode="json"))
    row["document_id"] = row.pop("document")
    return seals.row(dossier_id, "decisions", row | {"dossier_id": dossier_id, "at": now}, SEALED_COLUMNS["decisions"])


def decisions_of(connection: Connection, seals: Seals, dossier_id: str) -> list[RecordedDecision]:
    """All decisions on a dossier in the order in which they were made; of two on one field the later one counts."""
    statement = select(t.decisions).where(t.decisions.c.dossier_id == dossier_id).order_by(t.decisions.c.id)
    rows = [_renamed(row) for row in connection.execute(statement).mappings()]
    for row in rows:
        row["document"] = row.pop("document_id")
        for name in SEALED_COLUMNS["decisions"]:
            row[name] = seals.opened(f"decisions.{name}", row[name])
    return [RecordedDecision.model_validate(row) for row in rows]


def put_upload(connection: Connection, seals: Seals, upload: Upload) -> None:
    """Adds an upload, or brings the one of this dossier and name up to date.

    Names of files are people's data: the column has the name's keyed index, and the name is sealed with the path.
    """
    row = nfc(upload.model_dump(exclude={"dossier"})) | {"dossier_id": upload.dossier}
    if seals.on:
        row["path"] = seals.json(upload.dossier, "uploads.path", [row["name"], row["path"]])
        row["name"] = seals.index("upload", row["name"])
    if not add_if_new(connection, t.uploads, row):
        same = (t.uploads.c.dossier_id == row["dossier_id"]) & (t.uploads.c.name == row["name"])
        connection.execute(update(t.uploads).where(same).values(**row))


def uploads_of(connection: Connection, seals: Seals, dossier_id: str) -> list[Upload]:
    """The uploads of a dossier in the order of their arrival."""
    statement = select(t.uploads).where(t.uploads.c.dossier_id == dossier_id).order_by(t.uploads.c.id)
    rows = [_renamed(row) for row in connection.execute(statement).mappings()]
    for row in rows:
        opened = seals.opened("uploads.path", row["path"])
        if isinstance(opened, list):
            row["name"], row["path"] = opened
    return [Upload.model_validate({key: item for key, item in row.items() if key != "id"}) for row in rows]


def _lock(connection: Connection, dossier_id: str) -> None:
    """Makes rivals on this dossier wait until the transaction ends; SQLite has one writer anyway."""
    found = connection.execute(select(t.dossiers.c.id).where(t.dossiers.c.id == dossier_id).with_for_update())
    if found.one_or_none() is None:
        raise DossierNotFoundError(dossier_id)


def _filings(connection: Connection, condition: ColumnElement[bool]) -> list[Filing]:
    rows = connection.execute(select(t.filings).where(condition).order_by(t.filings.c.id)).mappings()
    return [Filing.model_validate({key: item for key, item in _renamed(row).items() if key != "id"}) for row in rows]


def _renamed(row: RowMapping) -> dict[str, Any]:
    """A row under the names of the records."""
    named: dict[str, Any] = {str(column): value for column, value in row.items()}
    named["dossier"] = named.pop("dossier_id")
    return named
