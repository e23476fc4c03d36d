"""Tables of citizens' data stores: owners, papers, versions, shares, status moves, words to search, the outbox.

What tells who somebody is lies sealed (`sealed`, JSON under the owner's key); columns named `..._index` are keyed
digests for exact look-up, words are the first 64 bits of such digests. `linked_id` is the owner record that a row was
linked to, `owner_id` the record that counts since two records were found to be one person: undoing that is possible.
Rows point at dossiers and objects by their ids; nothing here is a foreign key of the dossiers' own rows, except moves.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from pipeline.catalogue.tables import DossierId, Serial, Sha256, UtcDateTime, metadata

Uuid = String(36)
Digest = String(64)
Account = String(100)
Agency = String(40)

# Acts of the journal that are in these tables: each is applied once.
acts = Table(
    "kho_acts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

owners = Table(
    "kho_owners",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("number_index", Digest, index=True),
    Column("name_index", Digest, index=True),
    Column("sealed", LargeBinary, nullable=False),
    # The record that counts instead, since both were found to be one person.
    Column("merged_into", Uuid, index=True),
    Column("created_at", UtcDateTime, nullable=False),
)

papers = Table(
    "kho_papers",
    metadata,
    Column("number", Serial, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("owner_id", Uuid),
    Column("linked_id", Uuid, index=True),
    # `linked`, `waits` for a person to say whose it is, `nobody`: a person said that it is no citizen's.
    Column("state", String(20), nullable=False),
    # The owner that the machine would have linked, and why it did not dare.
    Column("candidate_id", Uuid),
    Column("reason", String(60), nullable=False),
    Column("confidence", Float, nullable=False),
    Column("agency", Agency, nullable=False),
    Column("dossier_id", DossierId, nullable=False, index=True),
    Column("document_id", String(100), nullable=False),
    Column("procedure", String(100)),
    Column("type", String(100), nullable=False),
    Column("component", String(100)),
    # ISO 8601 days.
    Column("issued_on", String(10)),
    Column("valid_until", String(10)),
    Column("permanent", Boolean, nullable=False),
    Column("symbol_index", Digest, index=True),
    Column("code_index", Digest, index=True),
    # By which a new scan of the same paper finds it.
    Column("identity_index", Digest, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("filed_at", UtcDateTime, nullable=False),
    Index(None, "owner_id", "type"),
    Index(None, "agency", "number"),
    Index(None, "state", "agency"),
)

versions = Table(
    "kho_versions",
    metadata,
    Column("paper_id", Uuid, ForeignKey("kho_papers.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("dossier_id", DossierId, nullable=False, index=True),
    Column("document_id", String(100), nullable=False),
    Column("object_key", String(700), nullable=False),
    Column("sha256", Sha256, nullable=False),
    Column("pages", JSON, nullable=False),
    # `scan`, or `renewal` of the signature over the same pages.
    Column("origin", String(20), nullable=False),
    Column("level", String(40)),
    # `valid`, `invalid`, `indeterminate`, as judged when it was filed.
    Column("signature", String(20), nullable=False),
    Column("filed_at", UtcDateTime, nullable=False),
    UniqueConstraint("paper_id", "sha256"),
)

words = Table(
    "kho_words",
    metadata,
    Column("token", BigInteger, primary_key=True, autoincrement=False),
    Column("paper", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

owner_words = Table(
    "kho_owner_words",
    metadata,
    Column("token", BigInteger, primary_key=True, autoincrement=False),
    Column("owner_id", Uuid, primary_key=True),
    sqlite_with_rowid=False,
)

shares = Table(
    "kho_shares",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False, index=True),
    Column("linked_id", Uuid, nullable=False, index=True),
    # None: all papers of the owner.
    Column("paper_id", Uuid),
    Column("recipient", Agency, nullable=False, index=True),
    Column("purpose", String(60), nullable=False),
    # How the citizen said yes: `signed_paper`, `in_person`, `vneid`. Never assumed.
    Column("consent", String(40), nullable=False),
    # Where that is on record: a dossier or a number of the book of consents; not a person's number.
    Column("evidence", String(200), nullable=False),
    Column("agency", Agency, nullable=False),
    Column("granted_by", Account, nullable=False),
    Column("granted_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("revoked_by", Account),
    Column("revoked_at", UtcDateTime),
)

merges = Table(
    "kho_merges",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner_id", Uuid, nullable=False, index=True),
    Column("into_id", Uuid, nullable=False, index=True),
    Column("why", String(500), nullable=False),
    Column("who", Account, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("undone_by", Account),
    Column("undone_at", UtcDateTime),
)

moves = Table(
    "kho_moves",
    metadata,
    Column("dossier_id", DossierId, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    # Status of the national portal, 1 to 10; `origin` is None for the first.
    Column("origin", Integer),
    Column("status", Integer, nullable=False, index=True),
    Column("agency", Agency, nullable=False),
    Column("who", Account, nullable=False),
    Column("why", String(500), nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

# A dossier refers to a version that is held already instead of having the paper scanned again.
reuses = Table(
    "kho_reuses",
    metadata,
    Column("dossier_id", DossierId, primary_key=True),
    Column("component", String(100), primary_key=True),
    Column("paper_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sha256", Sha256, nullable=False),
    Column("share_id", Uuid),
    Column("who", Account, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

outbox = Table(
    "kho_outbox",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("type", String(60), nullable=False),
    Column("agency", Agency, nullable=False),
    # Ids, codes and types; no value of a person.
    Column("data", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    # Whether it was decided who gets it.
    Column("addressed", Boolean, nullable=False, index=True),
)

deliveries = Table(
    "kho_deliveries",
    metadata,
    Column("event_id", Uuid, ForeignKey("kho_outbox.id", ondelete="CASCADE"), primary_key=True),
    Column("recipient", String(100), primary_key=True),
    # `due`, `sent`, `dead`; a lease is a `due` one whose time lies ahead.
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("lease", Uuid),
    Column("reason", String(300), nullable=False),
    Column("sent_at", UtcDateTime),
    Index(None, "state", "next_at"),
)
