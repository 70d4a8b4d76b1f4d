"""Check the books of codes.

A code may have a last day of its own; each look at the books is kept; and so is each print run of letters that carry codes.
Downgrade loses codes' own last days, looks and print runs, never a code.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_OWN_DAY = sa.text("expires_on IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("membership_code") as batch_op:
        batch_op.add_column(sa.Column("expires_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_membership_code_own_day",
        "membership_code",
        ["program_year_id", "expires_on"],
        sqlite_where=_OWN_DAY,
        postgresql_where=_OWN_DAY,
    )
    op.create_table(
        "code_check",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("imported", "free", "held", "issued", "redeemed", "void", "faults")
        ),
        sa.Column("balanced", sa.Boolean(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "balanced = (imported = free + held + issued + redeemed + void AND faults = 0)",
            name=op.f("ck_code_check_balanced_means_even"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_code_check_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_check")),
    )
    op.create_table(
        "letter_run",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("program_year_id", sa.Integer(), nullable=False),
        sa.Column("community_area", sa.Integer(), nullable=True),
        sa.Column("school_id", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("in_english", sa.Boolean(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'printing', 'ready', 'failed', 'gone')", name=op.f("ck_letter_run_state_known")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_letter_run_account_id")),
        sa.ForeignKeyConstraint(
            ["community_area"], ["community_area.number"], name=op.f("fk_letter_run_community_area")
        ),
        sa.ForeignKeyConstraint(["program_year_id"], ["program_year.id"], name=op.f("fk_letter_run_program_year_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_letter_run_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_run")),
    )
    op.create_table(
        "letter",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("code_id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["code_id"], ["membership_code.id"], name=op.f("fk_letter_code_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_letter_household_id")),
        sa.ForeignKeyConstraint(["run_id"], ["letter_run.id"], name=op.f("fk_letter_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "code_id", name=op.f("pk_letter")),
    )
    op.create_index("ix_letter_code_id", "letter", ["code_id"])
    op.create_index(op.f("ix_letter_household_id"), "letter", ["household_id"])


def downgrade() -> None:
    op.drop_table("letter")
    op.drop_table("letter_run")
    op.drop_table("code_check")
    op.drop_index("ix_membership_code_own_day", table_name="membership_code")
    with op.batch_alter_table("membership_code") as batch_op:
        batch_op.drop_column("expires_on")
