"""Tables of the desk: what stands between a chair, a phone and a screen for the length of one visit.

Nothing here outlives the catalogue: acts that are sent once, tickets of phones, citizens' screens, who looks at what.
Secrets are kept as SHA-256; a card that a scanner read is kept sealed. Values of fields never stand here: a citizen's
answer is right or not right, beside the place of the field.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from pipeline.catalogue.tables import DossierId, Sha256, UtcDateTime, metadata

desk_acts = Table(
    "desk_acts",
    metadata,
    Column("key", Sha256, primary_key=True),
    Column("what", String(40), nullable=False),
    # No foreign key: a draft is no dossier yet.
    Column("subject", DossierId, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "what", "subject"),
    Index(None, "at"),
)

desk_tickets = Table(
    "desk_tickets",
    metadata,
    Column("token", Sha256, primary_key=True),
    Column("dossier_id", DossierId, nullable=False, index=True),
    Column("nickname", String(100), nullable=False),
    Column("made_by", String(100), nullable=False),
    Column("phone", Sha256, unique=True),
    Column("state", String(40), nullable=False),
    Column("photos", Integer, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

desk_screens = Table(
    "desk_screens",
    metadata,
    Column("secret", Sha256, primary_key=True),
    Column("owner", String(100), nullable=False, index=True),
    Column("agency", String(100), nullable=False),
    Column("dossier_id", DossierId),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

desk_answers = Table(
    "desk_answers",
    metadata,
    Column("dossier_id", DossierId, primary_key=True),
    Column("document", String(100), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("right", Boolean, nullable=False),
    # Of the value that was shown: an answer says nothing of a value that came later.
    Column("shown", Sha256, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

desk_visitors = Table(
    "desk_visitors",
    metadata,
    Column("dossier_id", DossierId, primary_key=True),
    Column("tab", String(64), primary_key=True),
    Column("owner", String(100), nullable=False),
    Column("name", Text, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

desk_cards = Table(
    "desk_cards",
    metadata,
    Column("dossier_id", DossierId, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
