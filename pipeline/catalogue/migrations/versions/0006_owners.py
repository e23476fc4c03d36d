"""Owners of papers, their papers in versions, shares with consent, status moves, the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ONLY_GROW = ("kho_moves",)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables, and what keeps moves from being changed."""
    op.create_table(
        "kho_acts",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kho_acts")),
    )
    op.create_table(
        "kho_owners",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("number_index", sa.String(64), nullable=True),
        sa.Column("name_index", sa.String(64), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("merged_into", sa.String(36), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kho_owners")),
    )
    op.create_index(op.f("ix_kho_owners_merged_into"), "kho_owners", ["merged_into"])
    op.create_index(op.f("ix_kho_owners_name_index"), "kho_owners", ["name_index"])
    op.create_index(op.f("ix_kho_owners_number_index"), "kho_owners", ["number_index"])
    op.create_table(
        "kho_papers",
        sa.Column("number", SERIAL, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner_id", sa.String(36), nullable=True),
        sa.Column("linked_id", sa.String(36), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("candidate_id", sa.String(36), nullable=True),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("document_id", sa.String(100), nullable=False),
        sa.Column("procedure", sa.String(100), nullable=True),
        sa.Column("type", sa.String(100), nullable=False),
        sa.Column("component", sa.String(100), nullable=True),
        sa.Column("issued_on", sa.String(10), nullable=True),
        sa.Column("valid_until", sa.String(10), nullable=True),
        sa.Column("permanent", sa.Boolean(), nullable=False),
        sa.Column("symbol_index", sa.String(64), nullable=True),
        sa.Column("code_index", sa.String(64), nullable=True),
        sa.Column("identity_index", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_kho_papers")),
        sa.UniqueConstraint("id", name=op.f("uq_kho_papers_id")),
    )
    op.create_index(op.f("ix_kho_papers_agency_number"), "kho_papers", ["agency", "number"])
    op.create_index(op.f("ix_kho_papers_code_index"), "kho_papers", ["code_index"])
    op.create_index(op.f("ix_kho_papers_dossier_id"), "kho_papers", ["dossier_id"])
    op.create_index(op.f("ix_kho_papers_identity_index"), "kho_papers", ["identity_index"])
    op.create_index(op.f("ix_kho_papers_linked_id"), "kho_papers", ["linked_id"])
    op.create_index(op.f("ix_kho_papers_owner_id_type"), "kho_papers", ["owner_id", "type"])
    op.create_index(op.f("ix_kho_papers_state_agency"), "kho_papers", ["state", "agency"])
    op.create_index(op.f("ix_kho_papers_symbol_index"), "kho_papers", ["symbol_index"])
    op.create_table(
        "kho_versions",
        sa.Column("paper_id", sa.String(36), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("document_id", sa.String(100), nullable=False),
        sa.Column("object_key", sa.String(700), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("level", sa.String(40), nullable=True),
        sa.Column("signature", sa.String(20), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["kho_papers.id"], name=op.f("fk_kho_versions_paper_id_kho_papers")),
        sa.PrimaryKeyConstraint("paper_id", "number", name=op.f("pk_kho_versions")),
        sa.UniqueConstraint("paper_id", "sha256", name=op.f("uq_kho_versions_paper_id_sha256")),
    )
    op.create_index(op.f("ix_kho_versions_dossier_id"), "kho_versions", ["dossier_id"])
    op.create_table(
        "kho_words",
        sa.Column("token", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("paper", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("token", "paper", name=op.f("pk_kho_words")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kho_owner_words",
        sa.Column("token", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("owner_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("token", "owner_id", name=op.f("pk_kho_owner_words")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "kho_shares",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner_id", sa.String(36), nullable=False),
        sa.Column("linked_id", sa.String(36), nullable=False),
        sa.Column("paper_id", sa.String(36), nullable=True),
        sa.Column("recipient", sa.String(40), nullable=False),
        sa.Column("purpose", sa.String(60), nullable=False),
        sa.Column("consent", sa.String(40), nullable=False),
        sa.Column("evidence", sa.String(200), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("granted_by", sa.String(100), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by", sa.String(100), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kho_shares")),
    )
    op.create_index(op.f("ix_kho_shares_linked_id"), "kho_shares", ["linked_id"])
    op.create_index(op.f("ix_kho_shares_owner_id"), "kho_shares", ["owner_id"])
    op.create_index(op.f("ix_kho_shares_recipient"), "kho_shares", ["recipient"])
    op.create_table(
        "kho_merges",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("owner_id", sa.String(36), nullable=False),
        sa.Column("into_id", sa.String(36), nullable=False),
        sa.Column("why", sa.String(500), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.String(100), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kho_merges")),
    )
    op.create_index(op.f("ix_kho_merges_into_id"), "kho_merges", ["into_id"])
    op.create_index(op.f("ix_kho_merges_owner_id"), "kho_merges", ["owner_id"])
    op.create_table(
        "kho_moves",
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.Integer(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("why", sa.String(500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dossier_id", "seq", name=op.f("pk_kho_moves")),
    )
    op.create_index(op.f("ix_kho_moves_at"), "kho_moves", ["at"])
    op.create_index(op.f("ix_kho_moves_status"), "kho_moves", ["status"])
    op.create_table(
        "kho_reuses",
        sa.Column("dossier_id", sa.String(100), nullable=False),
        sa.Column("component", sa.String(100), nullable=False),
        sa.Column("paper_id", sa.String(36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("share_id", sa.String(36), nullable=True),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dossier_id", "component", name=op.f("pk_kho_reuses")),
    )
    op.create_table(
        "kho_outbox",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("type", sa.String(60), nullable=False),
        sa.Column("agency", sa.String(40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("addressed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_kho_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_kho_outbox_id")),
    )
    op.create_index(op.f("ix_kho_outbox_addressed"), "kho_outbox", ["addressed"])
    op.create_index(op.f("ix_kho_outbox_at"), "kho_outbox", ["at"])
    op.create_table(
        "kho_deliveries",
        sa.Column("event_id", sa.String(36), nullable=False),
        sa.Column("recipient", sa.String(100), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.String(36), nullable=True),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["kho_outbox.id"], name=op.f("fk_kho_deliveries_event_id_kho_outbox"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "recipient", name=op.f("pk_kho_deliveries")),
    )
    op.create_index(op.f("ix_kho_deliveries_state_next_at"), "kho_deliveries", ["state", "next_at"])
    if op.get_bind().dialect.name == "sqlite":
        for table in ONLY_GROW:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} only grow'); END"
                )
        return
    for table in ONLY_GROW:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION only_grows()"
        )


def downgrade() -> None:
    """There is no way back: restore the backup instead."""
    raise NotImplementedError
