"""Finds papers and owners in the catalogue: by keyed digests, days, types, and words; never by an open value.

The rarest word leads, and each paper that has it is asked for the others; the newest come first and a number says where
to go on, so that no page costs more for coming later. What an agency may not see is left out here, not afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, or_, select

from pipeline.catalogue import tables_owners as t

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Table

_COUNTED = 20_000
"""How far a word is counted: beyond it is simply frequent."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; None and empty do not restrict."""

    tokens: tuple[int, ...] = ()
    owners: tuple[str, ...] | None = None
    type: str | None = None
    component: str | None = None
    dossier: str | None = None
    symbol_index: str | None = None
    code_index: str | None = None
    issued_from: str | None = None
    issued_to: str | None = None
    filed_from: datetime | None = None
    filed_to: datetime | None = None
    agency: str | None = None
    """Whose papers, among those that the asker may see."""


def visible(agency: str, now: datetime) -> ColumnElement[bool]:
    """Papers that an agency may see: its own, and those that a citizen shares with it at this moment."""
    shares, papers = t.shares.c, t.papers.c
    shared = exists().where(
        (shares.owner_id == papers.owner_id)
        & (shares.recipient == agency)
        & shares.revoked_at.is_(None)
        & (shares.until > now)
        & (shares.paper_id.is_(None) | (shares.paper_id == papers.id))
    )
    return or_(papers.agency == agency, shared)


def papers(
    connection: Connection, asked: Asked, viewer: str, now: datetime, *, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Papers that are all that is asked, the newest first, numbered below `before`."""
    conditions = [*_restrictions(asked), visible(viewer, now)]
    if asked.tokens:
        first, *others = _rarest_first(connection, t.words, asked.tokens)
        lead = t.words.alias("lead")
        statement = select(t.papers).join(lead, t.papers.c.number == lead.c.paper).where(lead.c.token == first)
        for token in others:
            other = t.words.alias()
            statement = statement.where(exists().where((other.c.token == token) & (other.c.paper == lead.c.paper)))
        number: ColumnElement[int] = lead.c.paper
    else:
        statement, number = select(t.papers), t.papers.c.number
    if before is not None:
        statement = statement.where(number < before)
    rows = connection.execute(statement.where(*conditions).order_by(number.desc()).limit(limit)).mappings()
    return [dict(row) for row in rows]


def owners(
    connection: Connection, tokens: Sequence[int], viewer: str, now: datetime, limit: int
) -> list[dict[str, Any]]:
    """Owner records that have all words and of whom the asker may see a paper; records as they were made."""
    if not tokens:
        return []
    first, *others = _rarest_first(connection, t.owner_words, tokens)
    lead = t.owner_words.alias("lead")
    statement = select(t.owners).join(lead, t.owners.c.id == lead.c.owner_id).where(lead.c.token == first)
    for token in others:
        other = t.owner_words.alias()
        statement = statement.where(exists().where((other.c.token == token) & (other.c.owner_id == lead.c.owner_id)))
    seen = exists().where((t.papers.c.linked_id == t.owners.c.id) & visible(viewer, now))
    rows = connection.execute(statement.where(seen).order_by(t.owners.c.created_at.desc()).limit(limit)).mappings()
    return [dict(row) for row in rows]


def owners_by(connection: Connection, viewer: str, now: datetime, **indexes: str) -> list[dict[str, Any]]:
    """Owner records with exactly these digests, of whom the asker may see a paper."""
    asked = [t.owners.c[name] == value for name, value in indexes.items()]
    seen = exists().where((t.papers.c.linked_id == t.owners.c.id) & visible(viewer, now))
    rows = connection.execute(select(t.owners).where(*asked, seen).order_by(t.owners.c.created_at)).mappings()
    return [dict(row) for row in rows]


def _rarest_first(connection: Connection, table: Table, tokens: Sequence[int]) -> list[int]:
    if len(tokens) == 1:
        return list(tokens)
    counts = {}
    for token in dict.fromkeys(tokens):
        some = select(table.c.token).where(table.c.token == token).limit(_COUNTED).subquery()
        counts[token] = int(connection.execute(select(func.count()).select_from(some)).scalar_one())
    return sorted(counts, key=lambda token: counts[token])


def _restrictions(asked: Asked) -> list[ColumnElement[bool]]:
    c = t.papers.c
    said: list[ColumnElement[bool]] = []
    if asked.owners is not None:
        said.append(c.owner_id.in_(asked.owners))
    for column, value in (
        (c.type, asked.type),
        (c.component, asked.component),
        (c.dossier_id, asked.dossier),
        (c.symbol_index, asked.symbol_index),
        (c.code_index, asked.code_index),
        (c.agency, asked.agency),
    ):
        if value is not None:
            said.append(column == value)
    if asked.issued_from is not None:
        said.append(c.issued_on >= asked.issued_from)
    if asked.issued_to is not None:
        said.append(c.issued_on <= asked.issued_to)
    if asked.filed_from is not None:
        said.append(c.filed_at >= asked.filed_from)
    if asked.filed_to is not None:
        said.append(c.filed_at < asked.filed_to)
    return said
