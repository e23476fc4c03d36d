"""Acts on citizens' data stores as rows: one way for what is done now and for what a rebuild replays.

Each act is applied once (`kho_acts`), in the transaction of whoever calls; what it says is written as it says it, so
that a catalogue made again is equal. Events for downstream systems are rows of the same transaction.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import LargeBinary, delete, func, insert, select, update

from pipeline.catalogue import tables_owners as t
from pipeline.catalogue.session import add_if_new, nfc
from pipeline.catalogue.tables import UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import Connection, Table

    from pipeline.journal import Act

    Tokens = Mapping[str, Iterable[int]]
    """Words by the id of the paper or owner that they find."""
    Event = dict[str, Any]

FILED, RENEWED, LINKED = "kho.filed", "kho.renewed", "kho.linked"
MERGED, UNMERGED = "kho.merged", "kho.unmerged"
SHARED, REVOKED, MOVED = "kho.shared", "kho.revoked", "kho.moved"
REUSED = "kho.reused"


def as_json(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as an act carries it."""
    said: dict[str, Any] = {}
    for name, value in row.items():
        kind = table.columns[name].type
        if value is not None and isinstance(kind, LargeBinary):
            said[name] = base64.b64encode(value).decode("ascii")
        else:
            said[name] = value.isoformat() if isinstance(value, datetime) else value
    return said


def as_row(table: Table, said: Mapping[str, Any]) -> dict[str, Any]:
    """A row out of an act. Raises `ValueError`, `KeyError` for what is none of this table."""
    row: dict[str, Any] = {}
    for name, value in said.items():
        kind = table.columns[name].type
        if value is None:
            row[name] = None
        elif isinstance(kind, LargeBinary):
            row[name] = base64.b64decode(value, validate=True)
        else:
            row[name] = datetime.fromisoformat(value) if isinstance(kind, UtcDateTime) else nfc(value)
    return row


def apply(connection: Connection, act: Act, tokens: Tokens, *, replayed: bool) -> bool:
    """Writes what an act says, with its events, unless it is there; whether it was missing.

    Events of what is replayed are addressed to nobody: their recipients may have had them long ago.
    """
    if not add_if_new(connection, t.acts, {"id": act.id, "kind": act.kind, "at": act.at}):
        return False
    for number, event in enumerate(_APPLY[act.kind](connection, act, tokens)):
        event_id = str(uuid5(NAMESPACE_URL, f"hoso:{act.id}:{number}"))
        add_if_new(connection, t.outbox, event | {"id": event_id, "at": act.at, "addressed": replayed})
    return True


def _event(kind: str, agency: str, data: dict[str, Any]) -> Event:
    return {"type": kind, "agency": agency, "data": data}


def _filed(connection: Connection, act: Act, tokens: Tokens) -> list[Event]:
    payload: Any = act.payload
    _add_owners(connection, payload["owners"], tokens)
    numbers: dict[str, str] = {}
    for said in payload["papers"]:
        add_if_new(connection, t.papers, as_row(t.papers, said))
        numbers[said["id"]] = said["type"]
        index_paper(connection, said["id"], tokens.get(said["id"], ()))
    agency = payload["agency"]
    events = [
        _event("dossier.filed", agency, {"dossier": act.subject, "procedure": payload["procedure"]}),
    ]
    return events + _add_versions(connection, payload["versions"], agency, numbers)


def _renewed(connection: Connection, act: Act, _tokens: Tokens) -> list[Event]:
    payload: Any = act.payload
    return _add_versions(connection, payload["versions"], payload["agency"], {})


def _add_owners(connection: Connection, said: Iterable[Mapping[str, Any]], tokens: Tokens) -> None:
    for owner in said:
        if add_if_new(connection, t.owners, as_row(t.owners, owner)):
            words = [{"token": token, "owner_id": owner["id"]} for token in set(tokens.get(owner["id"], ()))]
            if words:
                connection.execute(insert(t.owner_words), words)


def index_paper(connection: Connection, paper_id: str, tokens: Iterable[int]) -> None:
    """Makes these the words by which a paper is found."""
    number = connection.execute(select(t.papers.c.number).where(t.papers.c.id == paper_id)).scalar_one()
    connection.execute(delete(t.words).where(t.words.c.paper == number))
    rows = [{"token": token, "paper": number} for token in set(tokens)]
    if rows:
        connection.execute(insert(t.words), rows)


def _add_versions(
    connection: Connection, said: Iterable[Mapping[str, Any]], agency: str, types: Mapping[str, str]
) -> list[Event]:
    events = []
    for version in said:
        row = as_row(t.versions, version)
        mine = t.versions.c.paper_id == row["paper_id"]
        known = connection.execute(select(t.versions.c.number).where(mine & (t.versions.c.sha256 == row["sha256"])))
        if known.first() is not None:
            continue
        last = connection.execute(select(func.max(t.versions.c.number)).where(mine)).scalar_one()
        row["number"] = int(last or 0) + 1
        connection.execute(insert(t.versions).values(**row))
        data = {"paper": row["paper_id"], "version": row["number"], "dossier": row["dossier_id"]}
        data |= {"origin": row["origin"], "sha256": row["sha256"]}
        if row["paper_id"] in types:
            data["type"] = types[row["paper_id"]]
        events.append(_event("paper.version", agency, data))
    return events


def _linked(connection: Connection, act: Act, tokens: Tokens) -> list[Event]:
    payload: Any = act.payload
    if payload.get("owner"):
        _add_owners(connection, [payload["owner"]], tokens)
    values = as_row(t.papers, payload["paper"])
    if values.get("linked_id"):
        values["owner_id"] = root(connection, values["linked_id"])
    connection.execute(update(t.papers).where(t.papers.c.id == act.subject).values(**values))
    index_paper(connection, act.subject, tokens.get(act.subject, ()))
    return []


def root(connection: Connection, owner_id: str) -> str:
    """The owner record that counts for this one."""
    seen = {owner_id}
    while True:
        into = connection.execute(select(t.owners.c.merged_into).where(t.owners.c.id == owner_id)).scalar_one_or_none()
        if into is None or into in seen:
            return owner_id
        seen.add(into)
        owner_id = into


def members(connection: Connection, owner_id: str) -> list[str]:
    """The record, and all that were merged into it, at any depth."""
    found, fresh = [owner_id], [owner_id]
    while fresh:
        rows = connection.execute(select(t.owners.c.id).where(t.owners.c.merged_into.in_(fresh))).scalars()
        fresh = [row for row in rows if row not in found]
        found += fresh
    return found


def _merged(connection: Connection, act: Act, _tokens: Tokens) -> list[Event]:
    payload: Any = act.payload
    row = as_row(t.merges, payload["merge"])
    add_if_new(connection, t.merges, row)
    connection.execute(update(t.owners).where(t.owners.c.id == row["owner_id"]).values(merged_into=row["into_id"]))
    _settle(connection, row["owner_id"])
    return []


def _unmerged(connection: Connection, act: Act, _tokens: Tokens) -> list[Event]:
    payload: Any = act.payload
    undone = {"undone_by": payload["who"], "undone_at": act.at}
    connection.execute(update(t.merges).where(t.merges.c.id == payload["merge"]).values(**undone))
    connection.execute(update(t.owners).where(t.owners.c.id == act.subject).values(merged_into=None))
    _settle(connection, act.subject)
    return []


def _settle(connection: Connection, owner_id: str) -> None:
    """Papers and shares of a record and of what is below it go to the record that counts."""
    top, mine = root(connection, owner_id), members(connection, owner_id)
    for table in (t.papers, t.shares):
        connection.execute(update(table).where(table.c.linked_id.in_(mine)).values(owner_id=top))


def _shared(connection: Connection, act: Act, _tokens: Tokens) -> list[Event]:
    payload: Any = act.payload
    row = as_row(t.shares, payload["share"])
    row["owner_id"] = root(connection, row["linked_id"])
    add_if_new(connection, t.shares, row)
    return [_share_event("share.granted", row)]


def _revoked(connection: Connection, act: Act, _tokens: Tokens) -> list[Event]:
    payload: Any = act.payload
    mine = t.shares.c.id == act.subject
    values = {"revoked_by": payload["who"], "revoked_at": act.at}
    connection.execute(update(t.shares).where(mine & t.shares.c.revoked_at.is_(None)).values(**values))
    row = connection.execute(select(t.shares).where(mine)).mappings().one()
    return [_share_event("share.revoked", dict(row))]


def _share_event(kind: str, row: Mapping[str, Any]) -> Event:
    data = {name: row[name] for name in ("recipient", "purpose")} | {"share": row["id"], "paper": row["paper_id"]}
    return _event(kind, row["agency"], data)


def _moved(connection: Connection, act: Act, _tokens: Tokens) -> list[Event]:
    payload: Any = act.payload
    mine = t.moves.c.dossier_id == act.subject
    last = connection.execute(select(func.max(t.moves.c.seq)).where(mine)).scalar_one()
    row = as_row(t.moves, payload["move"]) | {"dossier_id": act.subject, "seq": int(last or 0) + 1, "at": act.at}
    connection.execute(insert(t.moves).values(**row))
    data = {"dossier": act.subject, "from": row["origin"], "status": row["status"]}
    return [_event("dossier.moved", row["agency"], data)]


def _reused(connection: Connection, act: Act, _tokens: Tokens) -> list[Event]:
    payload: Any = act.payload
    row = as_row(t.reuses, payload["reuse"]) | {"dossier_id": act.subject, "at": act.at}
    mine = (t.reuses.c.dossier_id == act.subject) & (t.reuses.c.component == row["component"])
    connection.execute(delete(t.reuses).where(mine))
    connection.execute(insert(t.reuses).values(**row))
    data = {"dossier": act.subject, "component": row["component"], "paper": row["paper_id"], "version": row["version"]}
    return [_event("paper.reused", payload["agency"], data)]


_APPLY: Mapping[str, Callable[[Connection, Act, Tokens], list[Event]]] = {
    FILED: _filed,
    RENEWED: _renewed,
    LINKED: _linked,
    MERGED: _merged,
    UNMERGED: _unmerged,
    SHARED: _shared,
    REVOKED: _revoked,
    MOVED: _moved,
    REUSED: _reused,
}
KINDS = tuple(_APPLY)
