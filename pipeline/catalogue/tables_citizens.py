"""Tables of citizens' receipts and of the overview.

A receipt's secret is kept as a keyed digest, a visit's cookie as SHA-256. A rating has no dossier, no person and no
day: what was rated knows only that it was. `overview_cases` is derived, one row a dossier without a value of a
person, so that what is due and late can be asked of the database; it can be emptied and is filled again.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, String, Table, Text

from pipeline.catalogue.tables import DossierId, Sha256, UtcDateTime, metadata

tickets = Table(
    "citizen_tickets",
    metadata,
    Column("dossier_id", DossierId, primary_key=True),
    # Counts the prints of a dossier's slips; the highest is the one that opens.
    Column("serial", Integer, primary_key=True, autoincrement=False),
    Column("digest", Sha256, nullable=False),
    Column("printed_by", String(100), nullable=False),
    Column("printed_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

visits = Table(
    "citizen_visits",
    metadata,
    Column("cookie", Sha256, primary_key=True),
    Column("dossier_id", DossierId, nullable=False, index=True),
    Column("serial", Integer, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

supplements = Table(
    "citizen_supplements",
    metadata,
    Column("dossier_id", DossierId, primary_key=True),
    Column("sha256", Sha256, primary_key=True),
    # The dossier as which the file is read.
    Column("supplement_id", DossierId, nullable=False),
    Column("agency", String(40), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("taken_by", String(100)),
    Column("taken_at", UtcDateTime),
    Index(None, "agency", "taken_at"),
)

ratings = Table(
    "citizen_ratings",
    metadata,
    # By chance: a number that counts would tell the order.
    Column("id", String(36), primary_key=True),
    Column("agency", String(40), nullable=False),
    Column("procedure", String(100), nullable=False),
    Column("month", String(7), nullable=False),
    Column("score", Integer, nullable=False),
    Column("sealed", Text, nullable=False),
    Index(None, "agency", "month"),
)

rated = Table("citizen_rated", metadata, Column("dossier_id", DossierId, primary_key=True))

cases = Table(
    "overview_cases",
    metadata,
    Column("dossier_id", DossierId, primary_key=True),
    Column("agency", String(40), nullable=False),
    Column("procedure", String(100), nullable=False),
    Column("lane", String(20), nullable=False),
    Column("status", String(40), nullable=False),
    # Status of the national portal, 1 to 10.
    Column("portal", Integer),
    # Days are days in Vietnam.
    Column("received_on", Date, nullable=False),
    Column("due_on", Date),
    Column("certain", Boolean, nullable=False),
    # The citizen's turn: time stands still.
    Column("waiting", Boolean, nullable=False, index=True),
    Column("stood_still", Integer, nullable=False),
    Column("asked", Integer, nullable=False),
    Column("ended_on", Date),
    Column("filed_on", Date),
    Column("straight", Boolean, nullable=False),
    Column("digitised", Boolean, nullable=False),
    Column("reused", Boolean, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False, index=True),
    Index(None, "agency", "received_on"),
    Index(None, "agency", "ended_on"),
    Index(None, "agency", "filed_on"),
)
