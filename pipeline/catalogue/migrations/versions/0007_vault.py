"""Values of fields are found by a keyed index instead of their text; marks of what is sealed already.

The text goes; the index is written when the rows are sealed, at the first start with this version.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes them."""
    op.drop_index(op.f("ix_fields_key_value_text"), table_name="fields")
    op.drop_column("fields", "value_text")
    op.add_column("fields", sa.Column("value_index", sa.String(64), nullable=True))
    op.create_index(op.f("ix_fields_key_value_index"), "fields", ["key", "value_index"])
    op.add_column("dossiers", sa.Column("sealed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "sealing",
        sa.Column("part", sa.String(40), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("part", name=op.f("pk_sealing")),
    )


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError
