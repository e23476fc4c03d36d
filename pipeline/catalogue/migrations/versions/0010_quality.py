"""Samples, planted answers, promises and how they stand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes them."""
    op.create_table(
        "quality_kinds",
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key_field", sa.Boolean(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("agency", "kind", "key_field", name=op.f("pk_quality_kinds")),
    )
    op.create_table(
        "quality_drawn",
        sa.Column("dossier_id", sa.String(length=100), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossiers.id"], name=op.f("fk_quality_drawn_dossier_id_dossiers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_quality_drawn")),
    )
    op.create_table(
        "quality_cases",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("dossier_id", sa.String(length=100), nullable=False),
        sa.Column("document_id", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key_field", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("batch", sa.String(length=32)),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("who", sa.String(length=64)),
        sa.Column("slipped", sa.Boolean(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossiers.id"], name=op.f("fk_quality_cases_dossier_id_dossiers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_cases")),
    )
    op.create_index("ix_quality_cases_kind", "quality_cases", ["agency", "kind", "key_field", "purpose", "cycle"])
    op.create_index("ix_quality_cases_dossier_id", "quality_cases", ["dossier_id"])
    op.create_index("ix_quality_cases_batch", "quality_cases", ["batch"])
    op.create_index("ix_quality_cases_who", "quality_cases", ["who", "done_at"])
    op.create_table(
        "quality_switches",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key_field", sa.Boolean(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("bound", sa.Float(), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=1000), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("asked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_switches")),
    )
    op.create_index(op.f("ix_quality_switches_agency"), "quality_switches", ["agency"])
    op.create_table(
        "quality_releases",
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("who", name=op.f("pk_quality_releases")),
    )
    op.create_table(
        "quality_batches",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("agency", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("dossiers", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_batches")),
    )
    op.create_index(op.f("ix_quality_batches_agency"), "quality_batches", ["agency"])


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError
