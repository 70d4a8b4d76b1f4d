"""Ask what serves an address.

Requests sent to providers, and their dated answers. Downgrade forgets them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "serviceability_batch",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=False),
        sa.Column("addresses", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_serviceability_batch_made_by")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_serviceability_batch_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serviceability_batch")),
        sa.UniqueConstraint("reference", name=op.f("uq_serviceability_batch_reference")),
    )
    op.create_index(op.f("ix_serviceability_batch_provider_id"), "serviceability_batch", ["provider_id"])
    op.create_table(
        "serviceability_request",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("zip", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["serviceability_batch.id"],
            name=op.f("fk_serviceability_request_batch_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serviceability_request")),
        sa.UniqueConstraint(
            "batch_id", "line", "unit", "zip", name=op.f("uq_serviceability_request_batch_id_line_unit_zip")
        ),
        sa.UniqueConstraint("reference", name=op.f("uq_serviceability_request_reference")),
    )
    op.create_index("ix_serviceability_request_address", "serviceability_request", ["line", "unit", "zip", "batch_id"])
    op.create_table(
        "serviceability_file",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("stored_as", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.Column("read_as", sa.JSON(), nullable=False),
        sa.Column("named", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'reading', 'columns', 'taken', 'refused')",
            name=op.f("ck_serviceability_file_state_known"),
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_serviceability_file_provider_id")),
        sa.ForeignKeyConstraint(["submitted_by"], ["account.id"], name=op.f("fk_serviceability_file_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serviceability_file")),
    )
    op.create_index(
        "uq_serviceability_file_file",
        "serviceability_file",
        ["provider_id", "file_sha256"],
        unique=True,
        sqlite_where=sa.text("state <> 'refused'"),
        postgresql_where=sa.text("state <> 'refused'"),
    )
    op.create_table(
        "serviceability_row",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("expected", sa.String(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.CheckConstraint("fate IN ('ignored', 'refused')", name=op.f("ck_serviceability_row_fate_known")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["serviceability_file.id"], name=op.f("fk_serviceability_row_file_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("file_id", "number", name=op.f("pk_serviceability_row")),
    )
    op.create_table(
        "serviceability_answer",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("zip", sa.String(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("match_result", sa.String(), nullable=False),
        sa.Column("found_address", sa.String(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("serviceable", sa.String(), nullable=False),
        sa.Column("existing_service", sa.String(), nullable=False),
        sa.Column("technology", sa.String(), nullable=False),
        sa.Column("max_down_mbps", sa.Integer(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "existing_service IN ('yes', 'no', 'not_disclosed')",
            name=op.f("ck_serviceability_answer_existing_service_known"),
        ),
        sa.CheckConstraint(
            "match_result IN ('exact', 'corrected', 'ambiguous', 'not_found')",
            name=op.f("ck_serviceability_answer_match_result_known"),
        ),
        sa.CheckConstraint(
            "serviceable = 'unknown' OR match_result IN ('exact', 'corrected')",
            name=op.f("ck_serviceability_answer_not_found_means_unknown"),
        ),
        sa.CheckConstraint(
            "serviceable IN ('yes', 'no', 'unknown')", name=op.f("ck_serviceability_answer_serviceable_known")
        ),
        sa.CheckConstraint(
            "accepted IS NULL OR match_result = 'corrected'",
            name=op.f("ck_serviceability_answer_only_corrected_accepted"),
        ),
        sa.CheckConstraint("max_down_mbps >= 0", name=op.f("ck_serviceability_answer_speed_not_negative")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_serviceability_answer_decided_by")),
        sa.ForeignKeyConstraint(["file_id"], ["serviceability_file.id"], name=op.f("fk_serviceability_answer_file_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_serviceability_answer_provider_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["serviceability_request.id"], name=op.f("fk_serviceability_answer_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serviceability_answer")),
    )
    op.create_index(
        "uq_serviceability_answer_stands",
        "serviceability_answer",
        ["line", "unit", "zip", "provider_id"],
        unique=True,
        sqlite_where=sa.text("stands = 1"),
        postgresql_where=sa.text("stands"),
    )
    op.create_index(
        "ix_serviceability_answer_no",
        "serviceability_answer",
        ["line", "unit", "zip"],
        sqlite_where=sa.text("stands = 1 AND serviceable = 'no'"),
        postgresql_where=sa.text("stands AND serviceable = 'no'"),
    )
    op.create_index(
        "ix_serviceability_answer_waits",
        "serviceability_answer",
        ["id"],
        sqlite_where=sa.text("stands = 1 AND match_result = 'corrected' AND accepted IS NULL"),
        postgresql_where=sa.text("stands AND match_result = 'corrected' AND accepted IS NULL"),
    )
    op.create_index(op.f("ix_serviceability_answer_file_id"), "serviceability_answer", ["file_id"])
    op.create_index(op.f("ix_serviceability_answer_request_id"), "serviceability_answer", ["request_id"])


def downgrade() -> None:
    op.drop_table("serviceability_answer")
    op.drop_table("serviceability_row")
    op.drop_table("serviceability_file")
    op.drop_table("serviceability_request")
    op.drop_table("serviceability_batch")
