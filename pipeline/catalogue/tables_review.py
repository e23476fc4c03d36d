"""The workbench's tables: what waits for a clerk, what was answered, what is being typed, and what was asked.

An item names a field or a finding of a dossier and says nothing of a person; what was shown and what was keyed are
people's data and lie sealed in `review_answers` and `review_drafts`. A field may have several items, one per slot: 1 is
the first keying, 2 a blind second one by somebody else (`withheld_from`), 3 whoever settles where two differ; `purpose`
tells a doubt of the machine from a planted or sampled item. Answers only grow: one is taken back by `undone_at`.
"""

from __future__ import annotations

from sqlalchemy import (
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

from pipeline.catalogue.tables import DossierId, Serial, UtcDateTime, metadata

items = Table(
    "review_items",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("dossier_id", DossierId, ForeignKey("dossiers.id", ondelete="CASCADE"), nullable=False),
    Column("agency", String(40), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("slot", Integer, nullable=False),
    Column("target", String(16), nullable=False),
    Column("document_id", String(100), nullable=False),
    Column("key", String(200), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("reason", String(64)),
    Column("probability", Float),
    Column("content", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("position", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("again", Boolean, nullable=False),
    Column("taken_by", String(64)),
    Column("taken_until", UtcDateTime, nullable=False),
    Column("reserved_for", String(64)),
    Column("withheld_from", String(64)),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_review_items_next", "agency", "state", "lane", "queued_at", "dossier_id", "position"),
    Index("ix_review_items_next_of_kind", "agency", "state", "kind", "lane", "queued_at", "dossier_id", "position"),
    Index("ix_review_items_dossier_id", "dossier_id", "state"),
    Index("ix_review_items_taken_by", "taken_by", "state"),
)

followed = Table(
    "review_dossiers",
    metadata,
    Column("dossier_id", DossierId, ForeignKey("dossiers.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("last_answer_at", UtcDateTime, index=True),
)

answers = Table(
    "review_answers",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("item_id", String(32), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("dossier_id", DossierId, nullable=False),
    Column("agency", String(40), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("slot", Integer, nullable=False),
    Column("target", String(16), nullable=False),
    Column("document_id", String(100), nullable=False),
    Column("key", String(200), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("reason", String(64)),
    Column("probability", Float),
    Column("verdict", String(16), nullable=False),
    Column("why", String(32)),
    Column("changed", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("who", String(64), nullable=False),
    Column("who_name", String(200), nullable=False),
    Column("ms", Integer, nullable=False),
    Column("keys", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
    Column("undone_why", String(16)),
    Column("passed_at", UtcDateTime),
    Column("told_at", UtcDateTime),
    UniqueConstraint("item_id", "revision"),
    Index("ix_review_answers_who_at", "who", "at"),
    Index("ix_review_answers_dossier_id", "dossier_id"),
    Index("ix_review_answers_kind_at", "kind", "at"),
)

drafts = Table(
    "review_drafts",
    metadata,
    Column("item_id", String(32), ForeignKey("review_items.id", ondelete="CASCADE"), primary_key=True),
    Column("who", String(64), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

questions = Table(
    "review_questions",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("item_id", String(32), ForeignKey("review_items.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("agency", String(40), nullable=False),
    Column("asker", String(64), nullable=False),
    Column("asker_name", String(200), nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("answerer_name", String(200)),
    Column("answer", LargeBinary),
    Column("answered_at", UtcDateTime),
    Column("seen_at", UtcDateTime),
    Index("ix_review_questions_asker", "asker", "seen_at"),
)
