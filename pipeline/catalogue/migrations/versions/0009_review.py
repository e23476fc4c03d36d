"""The review queue and what clerks keyed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes them."""
    op.create_index(op.f("ix_dossiers_updated_at"), "dossiers", ["updated_at"])
    op.create_table(
        "review_answers",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("item_id", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.String(length=100), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=16), nullable=False),
        sa.Column("document_id", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=64)),
        sa.Column("probability", sa.Float()),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("why", sa.String(length=32)),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("who_name", sa.String(length=200), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("keys", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.Column("undone_why", sa.String(length=16)),
        sa.Column("passed_at", MOMENT),
        sa.Column("told_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_answers")),
        sa.UniqueConstraint("item_id", "revision", name=op.f("uq_review_answers_item_id_revision")),
    )
    op.create_index("ix_review_answers_dossier_id", "review_answers", ["dossier_id"], unique=False)
    op.create_index("ix_review_answers_kind_at", "review_answers", ["kind", "at"], unique=False)
    op.create_index("ix_review_answers_who_at", "review_answers", ["who", "at"], unique=False)
    op.create_table(
        "review_dossiers",
        sa.Column("dossier_id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("last_answer_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossiers.id"], name=op.f("fk_review_dossiers_dossier_id_dossiers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_review_dossiers")),
    )
    op.create_index(op.f("ix_review_dossiers_last_answer_at"), "review_dossiers", ["last_answer_at"], unique=False)
    op.create_table(
        "review_items",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("dossier_id", sa.String(length=100), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=16), nullable=False),
        sa.Column("document_id", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=64)),
        sa.Column("probability", sa.Float()),
        sa.Column("content", sa.String(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("taken_by", sa.String(length=64)),
        sa.Column("taken_until", MOMENT, nullable=False),
        sa.Column("reserved_for", sa.String(length=64)),
        sa.Column("withheld_from", sa.String(length=64)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossiers.id"], name=op.f("fk_review_items_dossier_id_dossiers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_items")),
    )
    op.create_index("ix_review_items_dossier_id", "review_items", ["dossier_id", "state"], unique=False)
    op.create_index(
        "ix_review_items_next",
        "review_items",
        ["agency", "state", "lane", "queued_at", "dossier_id", "position"],
        unique=False,
    )
    op.create_index(
        "ix_review_items_next_of_kind",
        "review_items",
        ["agency", "state", "kind", "lane", "queued_at", "dossier_id", "position"],
        unique=False,
    )
    op.create_index("ix_review_items_taken_by", "review_items", ["taken_by", "state"], unique=False)
    op.create_table(
        "review_drafts",
        sa.Column("item_id", sa.String(length=32), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["review_items.id"], name=op.f("fk_review_drafts_item_id_review_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", "who", name=op.f("pk_review_drafts")),
    )
    op.create_table(
        "review_questions",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("item_id", sa.String(length=32), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("asker", sa.String(length=64), nullable=False),
        sa.Column("asker_name", sa.String(length=200), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answerer_name", sa.String(length=200)),
        sa.Column("answer", sa.LargeBinary()),
        sa.Column("answered_at", MOMENT),
        sa.Column("seen_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["item_id"], ["review_items.id"], name=op.f("fk_review_questions_item_id_review_items"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_questions")),
    )
    op.create_index("ix_review_questions_asker", "review_questions", ["asker", "seen_at"], unique=False)
    op.create_index(op.f("ix_review_questions_item_id"), "review_questions", ["item_id"], unique=False)


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError
