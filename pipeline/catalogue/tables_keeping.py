"""Tables of keeping: how long each record is kept, legal holds, citizens' requests about their data, corrections.

Free text and values of persons lie sealed. Rows are made by acts of the journal, whose ids they carry, so that an act
that is met again finds its row; nothing here is deleted with a dossier, because what was destroyed stays on record.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from pipeline.catalogue.tables import DossierId, UtcDateTime, metadata

_Act = String(32)
_Day = String(10)
"""ISO 8601."""

keeping = Table(
    "keeping",
    metadata,
    Column("dossier_id", DossierId, primary_key=True),
    Column("agency", String(40), nullable=False),
    Column("rule", String(60)),
    Column("source", Text, nullable=False),
    Column("permanent", Boolean, nullable=False),
    Column("counted_from", _Day, nullable=False),
    Column("keep_until", _Day),
    Column("certainty", String(20), nullable=False),
    Column("computed_at", UtcDateTime, nullable=False),
    Column("medium", String(20), nullable=False),
    Column("medium_until", UtcDateTime),
    Column("destroyed_act", _Act),
    Column("destroyed_by", String(100)),
    Column("destroyed_at", UtcDateTime),
    Index(None, "agency", "keep_until"),
)

holds = Table(
    "keeping_holds",
    metadata,
    Column("id", _Act, primary_key=True),
    Column("subject_kind", String(20), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("agency", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_by", String(100), nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    Column("on_medium", Boolean, nullable=False),
    Column("lifted_act", _Act),
    Column("lifted_by", String(100)),
    Column("lifted_at", UtcDateTime),
    Column("lift_reason", Text),
    Index(None, "subject"),
    Index(None, "agency", "set_at"),
)

requests = Table(
    "keeping_requests",
    metadata,
    Column("id", _Act, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("owner_id", String(36), nullable=False, index=True),
    Column("agency", String(40), nullable=False),
    Column("note", Text, nullable=False),
    Column("opened_by", String(100), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("due_on", _Day, nullable=False),
    Column("due_note", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("answered_act", _Act),
    Column("answered_by", String(100)),
    Column("answered_at", UtcDateTime),
    Column("answer", JSON),
    Index(None, "agency", "state", "due_on"),
)

corrections = Table(
    "keeping_corrections",
    metadata,
    Column("id", _Act, primary_key=True),
    Column("request_id", _Act, nullable=False, index=True),
    Column("dossier_id", DossierId, nullable=False),
    Column("document_id", String(100), nullable=False),
    Column("field", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    # JSON with the value, the filed one and the reason, under the dossier's key.
    Column("sealed", Text, nullable=False),
    Column("who", String(100), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("dossier_id", "document_id", "field", "version"),
)
