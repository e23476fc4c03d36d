"""Citizens' receipts, visits, supplements and ratings, and one row a dossier for the overview."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes them."""
    _citizens()
    _overview()


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError


def _citizens() -> None:
    op.create_table(
        "citizen_tickets",
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("printed_by", sa.String(100), nullable=False),
        sa.Column("printed_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("dossier_id", "serial", name=op.f("pk_citizen_tickets")),
    )
    op.create_table(
        "citizen_visits",
        sa.Column("cookie", sa.String(64), nullable=False),
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("cookie", name=op.f("pk_citizen_visits")),
    )
    op.create_index(op.f("ix_citizen_visits_dossier_id"), "citizen_visits", ["dossier_id"])
    op.create_index(op.f("ix_citizen_visits_expires_at"), "citizen_visits", ["expires_at"])
    op.create_table(
        "citizen_supplements",
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("supplement_id", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("taken_by", sa.String(100), nullable=True),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("dossier_id", "sha256", name=op.f("pk_citizen_supplements")),
    )
    op.create_index(op.f("ix_citizen_supplements_agency_taken_at"), "citizen_supplements", ["agency", "taken_at"])
    op.create_table(
        "citizen_ratings",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("procedure", sa.String(100), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizen_ratings")),
    )
    op.create_index(op.f("ix_citizen_ratings_agency_month"), "citizen_ratings", ["agency", "month"])
    op.create_table(
        "citizen_rated",
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_citizen_rated")),
    )


def _overview() -> None:
    op.create_table(
        "overview_cases",
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("procedure", sa.String(100), nullable=False),
        sa.Column("lane", sa.String(20), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("portal", sa.Integer(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("stood_still", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("straight", sa.Boolean(), nullable=False),
        sa.Column("digitised", sa.Boolean(), nullable=False),
        sa.Column("reused", sa.Boolean(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_overview_cases")),
    )
    op.create_index(op.f("ix_overview_cases_agency_received_on"), "overview_cases", ["agency", "received_on"])
    op.create_index(op.f("ix_overview_cases_agency_ended_on"), "overview_cases", ["agency", "ended_on"])
    op.create_index(op.f("ix_overview_cases_agency_filed_on"), "overview_cases", ["agency", "filed_on"])
    op.create_index(op.f("ix_overview_cases_waiting"), "overview_cases", ["waiting"])
    op.create_index(op.f("ix_overview_cases_seen_at"), "overview_cases", ["seen_at"])
