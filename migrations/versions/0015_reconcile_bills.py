"""Reconcile bills.

Providers' bills line by line, the homes on the first of the month, and what was decided where they do not agree.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "service_snapshot",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_service_snapshot_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_snapshot")),
        sa.UniqueConstraint("provider_id", "month", name=op.f("uq_service_snapshot_provider_id_month")),
    )
    op.create_table(
        "bill",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("stored_as", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.Column("read_as", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reconciled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'reading', 'reconciled', 'refused', 'discarded')", name=op.f("ck_bill_state_known")
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_bill_provider_id")),
        sa.ForeignKeyConstraint(["submitted_by"], ["account.id"], name=op.f("fk_bill_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill")),
    )
    op.create_index("ix_bill_month", "bill", ["provider_id", "month"], unique=False)
    op.create_index(
        "uq_bill_file",
        "bill",
        ["provider_id", "file_sha256"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('refused', 'discarded')"),
        postgresql_where=sa.text("state NOT IN ('refused', 'discarded')"),
    )
    op.create_table(
        "snapshot_home",
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("enrollment_id", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("last_name", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("account_last4", sa.String(), nullable=False),
        sa.Column("month_cents", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_snapshot_home_enrollment_id")),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["service_snapshot.id"], name=op.f("fk_snapshot_home_snapshot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("snapshot_id", "enrollment_id", name=op.f("pk_snapshot_home")),
    )
    op.create_index(op.f("ix_snapshot_home_enrollment_id"), "snapshot_home", ["enrollment_id"], unique=False)
    op.create_table(
        "bill_line",
        sa.Column("bill_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("invoice", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("account_last4", sa.String(), nullable=False),
        sa.Column("last_name", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_to", sa.Date(), nullable=True),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("charge_cents", sa.Integer(), nullable=False),
        sa.Column("tax_cents", sa.Integer(), nullable=False),
        sa.Column("credit_cents", sa.Integer(), nullable=False),
        sa.Column("total_cents", sa.Integer(), nullable=False),
        sa.Column("enrollment_id", sa.Integer(), nullable=True),
        sa.Column("matched_by", sa.String(), nullable=True),
        sa.Column("refused", sa.String(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=True),
        sa.CheckConstraint("matched_by IN ('code', 'account', 'address')", name=op.f("ck_bill_line_matched_by_known")),
        sa.ForeignKeyConstraint(["bill_id"], ["bill.id"], name=op.f("fk_bill_line_bill_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_bill_line_enrollment_id")),
        sa.PrimaryKeyConstraint("bill_id", "number", name=op.f("pk_bill_line")),
    )
    op.create_index("ix_bill_line_enrollment_id", "bill_line", ["enrollment_id", "service_to"], unique=False)
    op.create_table(
        "bill_finding",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("bill_id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("enrollment_id", sa.Integer(), nullable=True),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(bucket = 'not_billed') = (number IS NULL)", name=op.f("ck_bill_finding_not_billed_means_no_line")
        ),
        sa.CheckConstraint(
            "bucket IN ('billed_twice', 'after_end', 'not_active', 'differs', 'price', 'not_billed')",
            name=op.f("ck_bill_finding_bucket_known"),
        ),
        sa.CheckConstraint("decision IN ('pay', 'dispute', 'ours')", name=op.f("ck_bill_finding_decision_known")),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_bill_finding_decided_means_when")
        ),
        sa.ForeignKeyConstraint(["bill_id"], ["bill.id"], name=op.f("fk_bill_finding_bill_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_bill_finding_decided_by")),
        sa.ForeignKeyConstraint(["enrollment_id"], ["enrollment.id"], name=op.f("fk_bill_finding_enrollment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_finding")),
    )
    op.create_index("ix_bill_finding_bucket", "bill_finding", ["bill_id", "bucket", "id"], unique=False)
    op.create_index(op.f("ix_bill_finding_enrollment_id"), "bill_finding", ["enrollment_id"], unique=False)


def downgrade() -> None:
    for table in ("bill_finding", "bill_line", "snapshot_home", "bill", "service_snapshot"):
        op.drop_table(table)
