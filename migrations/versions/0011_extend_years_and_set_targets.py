"""Extend years and set targets.

Targets and extensions of program years; whether an enrollment's last day of service is the year's and moves with it; indexes for the list of
stalled enrollments, for those that end, for codes with a last day of their own, and one that holds every step. Downgrade forgets targets and extensions, and that a last day was the year's; no day changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_STALLED = sa.text("status IN ('code_issued', 'ordered', 'kit_shipped', 'installed', 'suspended')")
_LEAVING = sa.text("service_until IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "program_target",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("program_year_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("counted", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("vintage", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("unit IN ('households', 'students')", name=op.f("ck_program_target_unit_known")),
        sa.CheckConstraint(
            "counted IN ('contacted', 'code_issued', 'ordered', 'connected', 'connected_now')",
            name=op.f("ck_program_target_counted_known"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_program_target_number_positive")),
        sa.ForeignKeyConstraint(
            ["program_year_id"], ["program_year.id"], name=op.f("fk_program_target_program_year_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program_target")),
    )
    op.create_index(op.f("ix_program_target_program_year_id"), "program_target", ["program_year_id"])
    op.create_table(
        "year_extension",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("program_year_id", sa.Integer(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("open_enrollments", sa.Integer(), nullable=False),
        sa.Column("moved_days", sa.Integer(), nullable=False),
        sa.Column("moved_codes", sa.Integer(), nullable=False),
        sa.Column("code_batches", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_by", sa.Integer(), nullable=True),
        sa.Column("taken_back_reason", sa.String(), nullable=True),
        sa.CheckConstraint("ends_on > ended_on", name=op.f("ck_year_extension_goes_on")),
        sa.CheckConstraint(
            "(taken_back_at IS NULL) = (taken_back_reason IS NULL)",
            name=op.f("ck_year_extension_taken_back_means_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["program_year_id"], ["program_year.id"], name=op.f("fk_year_extension_program_year_id")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_year_extension_account_id")),
        sa.ForeignKeyConstraint(["taken_back_by"], ["account.id"], name=op.f("fk_year_extension_taken_back_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_year_extension")),
    )
    op.create_index(op.f("ix_year_extension_program_year_id"), "year_extension", ["program_year_id"])
    with op.batch_alter_table("enrollment") as batch_op:
        batch_op.add_column(sa.Column("until_year_end", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_enrollment_stalled",
        "enrollment",
        ["program_year_id", "status_on", "id", "status", "household_id", "membership_code_id"],
        sqlite_where=_STALLED,
        postgresql_where=_STALLED,
    )
    op.drop_index("ix_enrollment_event_enrollment_id", table_name="enrollment_event")
    op.create_index("ix_enrollment_event_steps", "enrollment_event", ["enrollment_id", "id", "status", "happened_on"])
    op.create_index(
        "ix_enrollment_service_until",
        "enrollment",
        ["service_until"],
        sqlite_where=_LEAVING,
        postgresql_where=_LEAVING,
    )


def downgrade() -> None:
    op.drop_index("ix_enrollment_service_until", table_name="enrollment")
    op.drop_index("ix_enrollment_event_steps", table_name="enrollment_event")
    op.create_index("ix_enrollment_event_enrollment_id", "enrollment_event", ["enrollment_id"])
    op.drop_index("ix_enrollment_stalled", table_name="enrollment")
    with op.batch_alter_table("enrollment") as batch_op:
        batch_op.drop_column("until_year_end")
    op.drop_table("year_extension")
    op.drop_table("program_target")
