"""Retention, legal holds, and requests of citizens about their data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes them."""
    op.create_table(
        "keeping",
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("rule", sa.String(60)),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("permanent", sa.Boolean(), nullable=False),
        sa.Column("counted_from", sa.String(10), nullable=False),
        sa.Column("keep_until", sa.String(10)),
        sa.Column("certainty", sa.String(20), nullable=False),
        sa.Column("computed_at", MOMENT, nullable=False),
        sa.Column("medium", sa.String(20), nullable=False),
        sa.Column("medium_until", MOMENT),
        sa.Column("destroyed_act", sa.String(32)),
        sa.Column("destroyed_by", sa.String(100)),
        sa.Column("destroyed_at", MOMENT),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_keeping")),
    )
    op.create_index(op.f("ix_keeping_agency_keep_until"), "keeping", ["agency", "keep_until"])
    op.create_table(
        "keeping_holds",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("subject_kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(100), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("on_medium", sa.Boolean(), nullable=False),
        sa.Column("lifted_act", sa.String(32)),
        sa.Column("lifted_by", sa.String(100)),
        sa.Column("lifted_at", MOMENT),
        sa.Column("lift_reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keeping_holds")),
    )
    op.create_index(op.f("ix_keeping_holds_agency_set_at"), "keeping_holds", ["agency", "set_at"])
    op.create_index(op.f("ix_keeping_holds_subject"), "keeping_holds", ["subject"])
    op.create_table(
        "keeping_requests",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("owner_id", sa.String(36), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.String(100), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("due_on", sa.String(10), nullable=False),
        sa.Column("due_note", sa.Text(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("answered_act", sa.String(32)),
        sa.Column("answered_by", sa.String(100)),
        sa.Column("answered_at", MOMENT),
        sa.Column("answer", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keeping_requests")),
    )
    op.create_index(op.f("ix_keeping_requests_agency_state_due_on"), "keeping_requests", ["agency", "state", "due_on"])
    op.create_index(op.f("ix_keeping_requests_owner_id"), "keeping_requests", ["owner_id"])
    op.create_table(
        "keeping_corrections",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("request_id", sa.String(32), nullable=False),
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("document_id", sa.String(100), nullable=False),
        sa.Column("field", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keeping_corrections")),
        sa.UniqueConstraint(
            "dossier_id",
            "document_id",
            "field",
            "version",
            name=op.f("uq_keeping_corrections_dossier_id_document_id_field_version"),
        ),
    )
    op.create_index(op.f("ix_keeping_corrections_request_id"), "keeping_corrections", ["request_id"])


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError
