"""The catalogue's table of the vault: which of its parts hold nothing plain any more.

Keys are in the ring, never here: whoever has the catalogue has nothing that opens it.
"""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from pipeline.catalogue.tables import UtcDateTime, metadata

sealing = Table(
    "sealing",
    metadata,
    Column("part", String(40), primary_key=True),
    Column("done_at", UtcDateTime, nullable=False),
)
