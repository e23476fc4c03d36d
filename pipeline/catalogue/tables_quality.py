"""Tables of measured quality: what is sampled and planted, how each kind of field stands, and every switch.

Nothing of a person is here but the sealed column of `quality_cases` (planted values, groups' values), under the
dossier's key. The version of an agency's switches is how many there were: records name it, and it survives a rebuild.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table

from pipeline.catalogue.tables import DossierId, Serial, UtcDateTime, metadata

kinds = Table(
    "quality_kinds",
    metadata,
    Column("agency", String(40), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("key_field", Boolean, primary_key=True),
    Column("mode", String(16), nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("rate", Float, nullable=False),
    Column("accepted", Integer, nullable=False),
)

drawn = Table(
    "quality_drawn",
    metadata,
    Column("dossier_id", DossierId, ForeignKey("dossiers.id", ondelete="CASCADE"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

cases = Table(
    "quality_cases",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("agency", String(40), nullable=False),
    Column("dossier_id", DossierId, ForeignKey("dossiers.id", ondelete="CASCADE"), nullable=False),
    Column("document_id", String(100), nullable=False),
    Column("key", String(200), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("key_field", Boolean, nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("cycle", Integer, nullable=False),
    Column("batch", String(32)),
    Column("verdict", String(16), nullable=False),
    Column("sealed", LargeBinary),
    Column("who", String(64)),
    Column("slipped", Boolean, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Index("ix_quality_cases_kind", "agency", "kind", "key_field", "purpose", "cycle"),
    Index("ix_quality_cases_dossier_id", "dossier_id"),
    Index("ix_quality_cases_batch", "batch"),
    Index("ix_quality_cases_who", "who", "done_at"),
)

switches = Table(
    "quality_switches",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("agency", String(40), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("key_field", Boolean, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("wrong", Integer, nullable=False),
    Column("samples", Integer, nullable=False),
    Column("bound", Float, nullable=False),
    Column("who", String(64), nullable=False),
    Column("why", String(1000), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("asked_at", UtcDateTime),
)

releases = Table(
    "quality_releases",
    metadata,
    Column("who", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("agency", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

batches = Table(
    "quality_batches",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("agency", String(40), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("dossiers", Integer, nullable=False),
    Column("sample", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("who", String(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
)
