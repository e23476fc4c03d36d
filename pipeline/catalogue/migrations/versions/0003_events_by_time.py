"""Events are found by their time: figures of what is new must not read what ever was."""

from __future__ import annotations

from alembic import op


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the index."""
    op.create_index(op.f("ix_events_at"), "events", ["at"])


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError
