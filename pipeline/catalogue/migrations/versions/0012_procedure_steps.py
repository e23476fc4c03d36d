"""Steps of a procedure, certified copies and their book."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Makes them."""
    op.create_table(
        "steps_done",
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("verb", sa.String(20), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("next_step", sa.String(20), nullable=False),
        sa.Column("next_state", sa.String(20), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("who_name", sa.String(200), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("dossier_id", "seq", name=op.f("pk_steps_done")),
        sa.UniqueConstraint("act", name=op.f("uq_steps_done_act")),
    )
    op.create_index(op.f("ix_steps_done_who_at"), "steps_done", ["who", "at"])
    op.create_table(
        "steps_standing",
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("assignee", sa.String(100)),
        sa.Column("due", sa.String(10)),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_steps_standing")),
    )
    op.create_index(
        op.f("ix_steps_standing_agency_state_step_due"), "steps_standing", ["agency", "state", "step", "due"]
    )
    op.create_table(
        "steps_numbers",
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("book", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("agency", "year", "book", "number", name=op.f("pk_steps_numbers")),
        sa.UniqueConstraint("subject", "item", "book", name=op.f("uq_steps_numbers_subject_item_book")),
    )
    op.create_table(
        "steps_copies",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("dossier_id", sa.String(100)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(100), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps_copies")),
    )
    op.create_index(op.f("ix_steps_copies_agency_state_changed_at"), "steps_copies", ["agency", "state", "changed_at"])


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError
