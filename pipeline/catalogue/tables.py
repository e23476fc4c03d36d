"""The tables. `dossiers.record` is the truth; originals, pages, documents, fields and findings are derived from it.

Derived rows exist to be queried and are rewritten with every save, so they carry no history. History lives in tables
that only grow: events, decisions, filings and the audit ledger; triggers keep all but the first from being changed.
Times are UTC; text is NFC. Constraints have names, so that a migration can speak of them on every database.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)

if TYPE_CHECKING:
    from sqlalchemy import Dialect

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in, the same moment in UTC out; SQLite, which has no zones, keeps it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses times without a zone: they mean something else on every machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# SQLite counts rows by itself only in a column of exactly this type.
Serial = BigInteger().with_variant(Integer(), "sqlite")
Sha256 = String(64)
DossierId = String(100)


def _of_dossier(*, primary: bool = False) -> Column[str]:
    """What hangs on a dossier goes with it, except what may never go: that keeps the dossier from being deleted."""
    key = ForeignKey("dossiers.id", ondelete="CASCADE" if primary else "RESTRICT")
    return Column("dossier_id", DossierId, key, primary_key=primary, nullable=False)


dossiers = Table(
    "dossiers",
    metadata,
    Column("id", DossierId, primary_key=True),
    Column("code", String(100), unique=True),
    Column("procedure", String(100)),
    Column("procedure_name", Text, nullable=False),
    # Empty for what came before agencies did: the installation's own.
    Column("agency", String(40), nullable=False, server_default=""),
    Column("status", String(40), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("page_count", Integer, nullable=False),
    Column("document_count", Integer, nullable=False),
    Column("open_findings", Integer, nullable=False),
    Column("record", JSON, nullable=False),
    # Whether this dossier's rows were written sealed; those from before there was a vault are sealed at the next start.
    Column("sealed", Boolean, nullable=False, server_default=false()),
    Index(None, "status", "received_at"),
    Index(None, "received_at"),
    Index(None, "agency", "received_at"),
    Index(None, "updated_at"),
)

originals = Table(
    "originals",
    metadata,
    _of_dossier(primary=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("sha256", Sha256, nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", String(200), nullable=False),
    Column("pages", Integer, nullable=False),
    Column("error", String(100)),
    Column("store_key", String(700), nullable=False),
)

pages = Table(
    "pages",
    metadata,
    _of_dossier(primary=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("file", Text, nullable=False),
    Column("file_page", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("dpi", Float, nullable=False),
    Column("image_sha256", Sha256, nullable=False, index=True),
    Column("turned", Integer, nullable=False),
    Column("blank", Boolean, nullable=False),
    Column("defects", JSON, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    _of_dossier(primary=True),
    Column("document_id", String(100), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("type", String(100), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("component", String(100)),
    Column("probability", Float, nullable=False),
    Column("pages", JSON, nullable=False),
)

fields = Table(
    "fields",
    metadata,
    Column("dossier_id", DossierId, primary_key=True),
    Column("document_id", String(100), primary_key=True),
    Column("key", String(100), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("value", JSON, nullable=False),
    # Keyed hash of the value, for exact look-up: the value itself is sealed.
    Column("value_index", String(64)),
    Column("raw", Text, nullable=False),
    Column("probability", Float, nullable=False),
    Column("source", String(40), nullable=False),
    Column("status", String(40), nullable=False),
    Column("reason", Text),
    Column("page", Integer, nullable=False),
    Column("box", JSON, nullable=False),
    ForeignKeyConstraint(
        ["dossier_id", "document_id"], ["documents.dossier_id", "documents.document_id"], ondelete="CASCADE"
    ),
    Index(None, "key", "value_index"),
    Index(None, "status", "key"),
)

findings = Table(
    "findings",
    metadata,
    _of_dossier(primary=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("rule", String(200), nullable=False, index=True),
    Column("severity", String(40), nullable=False),
    Column("message", Text, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("confirmed_by", Text),
)

steps = Table(
    "steps",
    metadata,
    Column("content_hash", Sha256, primary_key=True),
    Column("step", String(100), primary_key=True),
    Column("version", String(200), primary_key=True),
    Column("output", LargeBinary, nullable=False),  # zlib
    Column("size", BigInteger, nullable=False),  # before zlib
    Column("seconds", Float, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)

events = Table(
    "events",
    metadata,
    _of_dossier(primary=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("stage", String(100), nullable=False),
    Column("state", String(40), nullable=False),
    Column("code", String(100)),
    Column("data", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

filings = Table(
    "filings",
    metadata,
    Column("id", Serial, primary_key=True),
    _of_dossier(),
    Column("kind", String(100), nullable=False),
    Column("object_key", String(700), nullable=False, unique=True),
    Column("sha256", Sha256, nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("level", String(40)),
    Column("filed_at", UtcDateTime, nullable=False),
    Index(None, "dossier_id"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Serial, primary_key=True),
    _of_dossier(),
    Column("document_id", String(100)),
    Column("key", String(200), nullable=False),
    Column("value", JSON, nullable=False),
    Column("who", Text, nullable=False),
    Column("note", Text),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "dossier_id"),
)

# No foreign keys: what was done stays on record whatever becomes of the dossier's row.
audit = Table(
    "audit",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("dossier_id", DossierId, nullable=False, index=True),
    Column("entry", Text, nullable=False),  # as it was hashed
    Column("leaf", Sha256, nullable=False),
)

audit_seals = Table(
    "audit_seals",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", Sha256, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("token", LargeBinary),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", Serial, primary_key=True),
    # No foreign key: files arrive before their dossier is one.
    Column("dossier_id", DossierId, nullable=False),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("size", BigInteger),
    Column("sha256", Sha256),
    Column("state", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("dossier_id", "name"),
)

leases = Table(
    "leases",
    metadata,
    _of_dossier(primary=True),
    Column("worker", String(200), nullable=False),
    # Grows with every claim, so that a worker that slept through its lease cannot mistake the next one for its own.
    Column("epoch", Integer, nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
