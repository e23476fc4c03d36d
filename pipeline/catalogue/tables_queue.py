"""Tables of the queue: a dossier's place in it, the workers that live, and the duties that one of them does for all.

A dossier without a row in `queue` is the desk's and may be worked on now; rows are made when there is more to say.
Nothing here has to last: lost, it is made again by whoever works.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table

from pipeline.catalogue.tables import DossierId, UtcDateTime, metadata

queue = Table(
    "queue",
    metadata,
    Column("dossier_id", DossierId, ForeignKey("dossiers.id", ondelete="CASCADE"), primary_key=True, nullable=False),
    Column("lane", String(20), nullable=False),
    # People's name for what came in together; never a person's.
    Column("batch", String(100)),
    # Not before this moment; empty: now.
    Column("due_at", UtcDateTime),
    # Why it waits, or was set aside.
    Column("code", String(100)),
    Index(None, "lane"),
)

workers = Table(
    "workers",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("host", String(200), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("beat_at", UtcDateTime, nullable=False, index=True),
    Column("state", String(20), nullable=False),
    Column("desk", Integer, nullable=False),
    Column("backlog", Integer, nullable=False),
    Column("dossiers", BigInteger, nullable=False),
    Column("pages", BigInteger, nullable=False),
    Column("memory", BigInteger, nullable=False),
    Column("note", String(100), nullable=False),
)

duties = Table(
    "duties",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("holder", String(200)),
    Column("epoch", Integer, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("due_at", UtcDateTime),
    Column("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("ok", Boolean),
    Column("result", JSON, nullable=False),
)
