"""What people did to pages, and the stack as it was scanned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes them."""
    op.create_table(
        "page_events",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("edit", sa.JSON(), nullable=False),
        sa.Column("brought", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_events")),
    )
    op.create_index(op.f("ix_page_events_dossier_id_at"), "page_events", ["dossier_id", "at"])
    op.create_table(
        "page_scans",
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("scan", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_page_scans")),
    )


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError
