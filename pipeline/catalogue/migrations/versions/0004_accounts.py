"""Accounts, sessions, keys of machines, and the agency of each dossier."""

from __future__ import annotations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes them."""


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError
