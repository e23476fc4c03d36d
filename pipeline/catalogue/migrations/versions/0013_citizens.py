"""The desk's own tables: acts sent once, phones, citizens' screens and answers, visitors, cards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes them."""
    _desk()


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError


def _desk() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "desk_acts",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_desk_acts")),
    )
    op.create_index(op.f("ix_desk_acts_what_subject"), "desk_acts", ["what", "subject"])
    op.create_index(op.f("ix_desk_acts_at"), "desk_acts", ["at"])
    op.create_table(
        "desk_tickets",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("nickname", sa.String(100), nullable=False),
        sa.Column("made_by", sa.String(100), nullable=False),
        sa.Column("phone", sa.String(64), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("photos", sa.Integer(), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_desk_tickets")),
        sa.UniqueConstraint("phone", name=op.f("uq_desk_tickets_phone")),
    )
    op.create_index(op.f("ix_desk_tickets_dossier_id"), "desk_tickets", ["dossier_id"])
    op.create_table(
        "desk_screens",
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(100), nullable=False),
        sa.Column("dossier_id", sa.String(100), nullable=True),
        sa.Column("changed_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("secret", name=op.f("pk_desk_screens")),
    )
    op.create_index(op.f("ix_desk_screens_owner"), "desk_screens", ["owner"])
    op.create_table(
        "desk_answers",
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("document", sa.String(100), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.String(64), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("dossier_id", "document", "key", name=op.f("pk_desk_answers")),
    )
    op.create_table(
        "desk_visitors",
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("tab", sa.String(64), nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("dossier_id", "tab", name=op.f("pk_desk_visitors")),
    )
    op.create_table(
        "desk_cards",
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_desk_cards")),
    )
