"""Keep a ledger of codes.

Batches that codes come in, and every move of every code. Codes that are there already become one batch a provider and program year,
each with one opening entry. Downgrade loses the history of moves, never a code.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_STATES = "'free', 'held', 'issued', 'redeemed', 'expired', 'revoked'"


def upgrade() -> None:
    op.create_table(
        "code_batch",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("program_year_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("imported", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("source IN ('file', 'generated', 'typed')", name=op.f("ck_code_batch_source_known")),
        sa.CheckConstraint("imported >= 0", name=op.f("ck_code_batch_imported_not_negative")),
        sa.CheckConstraint(
            "(source = 'file') = (sha256 IS NOT NULL)", name=op.f("ck_code_batch_file_means_fingerprint")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_code_batch_account_id")),
        sa.ForeignKeyConstraint(["program_year_id"], ["program_year.id"], name=op.f("fk_code_batch_program_year_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_code_batch_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_batch")),
    )
    op.create_index("uq_code_batch_file", "code_batch", ["provider_id", "program_year_id", "sha256"], unique=True)
    op.create_index(
        "uq_code_batch_typed",
        "code_batch",
        ["provider_id", "program_year_id"],
        unique=True,
        sqlite_where=sa.text("source = 'typed'"),
        postgresql_where=sa.text("source = 'typed'"),
    )
    op.execute(
        "INSERT INTO code_batch (provider_id, program_year_id, source, file_name, imported, received_on, created_at) "
        "SELECT provider_id, program_year_id, 'typed', 'before the ledger', count(*), max(program_year.starts_on), "
        "max(membership_code.created_at) FROM membership_code JOIN program_year ON program_year.id = program_year_id "
        "GROUP BY provider_id, program_year_id"
    )
    with op.batch_alter_table("membership_code") as batch_op:
        batch_op.add_column(sa.Column("batch_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_membership_code_batch_id"), "code_batch", ["batch_id"], ["id"])
        batch_op.create_index("ix_membership_code_batch_id", ["batch_id", "state"])
    op.execute(
        "UPDATE membership_code SET batch_id = (SELECT id FROM code_batch "
        "WHERE code_batch.provider_id = membership_code.provider_id "
        "AND code_batch.program_year_id = membership_code.program_year_id)"
    )
    _live("'held', 'issued', 'redeemed'")
    with op.batch_alter_table("membership_code") as batch_op:
        batch_op.alter_column("batch_id", nullable=False)
    op.create_table(
        "code_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("code_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_code_event_state_known")),
        sa.CheckConstraint(f"before IN ({_STATES})", name=op.f("ck_code_event_before_known")),
        sa.CheckConstraint("before IS NULL OR before <> state", name=op.f("ck_code_event_goes_on")),
        sa.ForeignKeyConstraint(
            ["code_id"], ["membership_code.id"], name=op.f("fk_code_event_code_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_code_event_household_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_code_event_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_event")),
    )
    op.create_index(op.f("ix_code_event_code_id"), "code_event", ["code_id"])
    op.create_index(op.f("ix_code_event_household_id"), "code_event", ["household_id"])
    op.execute(
        "INSERT INTO code_event (code_id, state, happened_on, household_id, note, recorded_at) "
        "SELECT membership_code.id, state, coalesce(issued_on, program_year.starts_on), household_id, 'before the ledger', "
        "created_at FROM membership_code JOIN program_year ON program_year.id = membership_code.program_year_id"
    )


def downgrade() -> None:
    op.drop_table("code_event")
    # Before the ledger a held code was not counted as live.
    _live("'issued', 'redeemed'")
    with op.batch_alter_table("membership_code") as batch_op:
        batch_op.drop_index("ix_membership_code_batch_id")
        batch_op.drop_constraint(op.f("fk_membership_code_batch_id"), type_="foreignkey")
        batch_op.drop_column("batch_id")
    op.drop_table("code_batch")


def _live(states: str) -> None:
    where = sa.text(f"state IN ({states})")
    op.drop_index("uq_membership_code_live", table_name="membership_code")
    op.create_index(
        "uq_membership_code_live",
        "membership_code",
        ["household_id", "program_year_id"],
        unique=True,
        sqlite_where=where,
        postgresql_where=where,
    )
