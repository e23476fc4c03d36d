"""Tables of page operations: what was done to pages, and the stack as it was scanned.

An event names pages by number and says nothing of a person; pages brought from another dossier, whose files have names,
lie sealed, and so does the stack. Events only grow; the stack is derived and can be made again from the originals.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, String, Table, Text

from pipeline.catalogue.tables import DossierId, UtcDateTime, metadata

page_events = Table(
    "page_events",
    metadata,
    Column("id", String(32), primary_key=True),
    # No foreign key: a replayed act may come before its dossier.
    Column("dossier_id", DossierId, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(100), nullable=False),
    Column("name", Text, nullable=False),
    Column("edit", JSON, nullable=False),
    Column("brought", Text),
    Index(None, "dossier_id", "at"),
)

page_scans = Table(
    "page_scans",
    metadata,
    Column("dossier_id", DossierId, primary_key=True),
    Column("scan", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
