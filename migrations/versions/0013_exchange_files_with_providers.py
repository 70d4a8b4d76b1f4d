"""Exchange files with providers.

Files that providers send back, their word about each enrollment, names of providers and versions of plans by day. A former name had no
day: it becomes the name before the provider's first plan. Downgrade: the earlier names are one text again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_FIRST_PLAN = "coalesce((SELECT min(starts_on) FROM plan WHERE plan.provider_id = provider.id), {launch})"


def upgrade() -> None:
    op.create_table(
        "provider_name",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_provider_name_provider_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_provider_name_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_name")),
        sa.UniqueConstraint("provider_id", "starts_on", name=op.f("uq_provider_name_provider_id_starts_on")),
    )
    op.create_table(
        "plan_version",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("down_mbps", sa.Integer(), nullable=False),
        sa.Column("up_mbps", sa.Integer(), nullable=False),
        sa.Column("monthly_cents", sa.Integer(), nullable=True),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("down_mbps > 0 AND up_mbps > 0", name=op.f("ck_plan_version_speed_positive")),
        sa.CheckConstraint("monthly_cents >= 0", name=op.f("ck_plan_version_price_not_negative")),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_version_plan_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_plan_version_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_version")),
        sa.UniqueConstraint("plan_id", "starts_on", name=op.f("uq_plan_version_plan_id_starts_on")),
    )
    op.create_table(
        "provider_file",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("program_year_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("stored_as", sa.String(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.Column("read_as", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_by", sa.Integer(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'checking', 'columns', 'planned', 'applying', 'applied', 'refused', 'discarded')",
            name=op.f("ck_provider_file_state_known"),
        ),
        sa.ForeignKeyConstraint(["applied_by"], ["account.id"], name=op.f("fk_provider_file_applied_by")),
        sa.ForeignKeyConstraint(
            ["program_year_id"], ["program_year.id"], name=op.f("fk_provider_file_program_year_id")
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_provider_file_provider_id")),
        sa.ForeignKeyConstraint(["submitted_by"], ["account.id"], name=op.f("fk_provider_file_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_file")),
    )
    op.create_index(
        "uq_provider_file_file",
        "provider_file",
        ["provider_id", "program_year_id", "file_sha256"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('refused', 'discarded')"),
        postgresql_where=sa.text("state NOT IN ('refused', 'discarded')"),
    )
    op.create_table(
        "provider_file_row",
        sa.Column("provider_file_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=True),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("expected", sa.String(), nullable=False),
        sa.Column("enrollment_id", sa.Integer(), nullable=True),
        sa.Column("word", sa.String(), nullable=True),
        sa.Column("step", sa.String(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("updated_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("account_last4", sa.String(), nullable=True),
        sa.Column("before_status", sa.String(), nullable=True),
        sa.Column("before_on", sa.Date(), nullable=True),
        sa.Column("household_version", sa.Integer(), nullable=True),
        sa.CheckConstraint("fate IN ('updated', 'ignored', 'refused')", name=op.f("ck_provider_file_row_fate_known")),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name=op.f("fk_provider_file_row_enrollment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["provider_file_id"],
            ["provider_file.id"],
            name=op.f("fk_provider_file_row_provider_file_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("provider_file_id", "number", name=op.f("pk_provider_file_row")),
    )
    op.create_index(op.f("ix_provider_file_row_enrollment_id"), "provider_file_row", ["enrollment_id"])
    op.create_index("ix_provider_file_row_fate", "provider_file_row", ["provider_file_id", "fate", "number"])
    op.create_table(
        "provider_word",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("enrollment_id", sa.Integer(), nullable=False),
        sa.Column("provider_file_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("updated_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "word IN ('in_progress', 'kit_shipped', 'installed', 'active', 'suspended', 'cancelled', 'ended', 'code_not_found', 'code_already_used', 'name_mismatch', 'address_mismatch', 'address_not_serviceable', 'could_not_reach_family', 'existing_account_must_be_converted', 'duplicate', 'other')",
            name=op.f("ck_provider_word_word_known"),
        ),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name=op.f("fk_provider_word_enrollment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["provider_file_id"], ["provider_file.id"], name=op.f("fk_provider_word_provider_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_word")),
    )
    op.create_index("ix_provider_word_enrollment_id", "provider_word", ["enrollment_id", "id"])
    op.create_index(op.f("ix_provider_word_provider_file_id"), "provider_word", ["provider_file_id"])
    op.create_table(
        "provider_account",
        sa.Column("enrollment_id", sa.Integer(), nullable=False),
        sa.Column("last4", sa.String(), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("provider_file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name=op.f("fk_provider_account_enrollment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["provider_file_id"], ["provider_file.id"], name=op.f("fk_provider_account_provider_file_id")
        ),
        sa.PrimaryKeyConstraint("enrollment_id", name=op.f("pk_provider_account")),
    )
    op.create_table(
        "provider_profile",
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_provider_profile_made_by")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_provider_profile_provider_id")),
        sa.PrimaryKeyConstraint("provider_id", name=op.f("pk_provider_profile")),
    )
    _date_names()
    with op.batch_alter_table("provider") as batch_op:
        batch_op.drop_column("former_names")


def _date_names() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    first = _FIRST_PLAN.format(launch="'2020-06-25'" if sqlite else "date '2020-06-25'")
    before = f"date({first}, '-1 day')" if sqlite else f"({first} - 1)"
    for name, day in (("former_names", before), ("name", first)):
        op.execute(
            "INSERT INTO provider_name (provider_id, name, starts_on, recorded_at) "  # noqa: S608 - names of our own columns
            f"SELECT id, {name}, {day}, CURRENT_TIMESTAMP FROM provider WHERE former_names <> '' ORDER BY id"
        )


def downgrade() -> None:
    with op.batch_alter_table("provider") as batch_op:
        batch_op.add_column(sa.Column("former_names", sa.String(), nullable=False, server_default=""))
    names = "group_concat(name, '; ')" if op.get_bind().dialect.name == "sqlite" else "string_agg(name, '; ')"
    op.execute(
        f"UPDATE provider SET former_names = coalesce((SELECT {names} FROM provider_name "  # noqa: S608 - as above
        "WHERE provider_name.provider_id = provider.id AND provider_name.name <> provider.name), '')"
    )
    with op.batch_alter_table("provider") as batch_op:
        batch_op.alter_column("former_names", server_default=None)
    op.drop_table("provider_profile")
    op.drop_table("provider_account")
    op.drop_table("provider_word")
    op.drop_table("provider_file_row")
    op.drop_table("provider_file")
    op.drop_table("plan_version")
    op.drop_table("provider_name")
