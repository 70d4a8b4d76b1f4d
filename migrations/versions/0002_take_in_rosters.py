"""Take in rosters.

The import with its plan and receipt, its rows, homes, doubts, changes and problems, and the column profiles that staff save.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "roster_import",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("program_year_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("stored_as", sa.String(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("covers", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("read_as", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("holds", sa.JSON(), nullable=False),
        sa.Column("after_import_id", sa.Integer(), nullable=True),
        sa.Column("submitted_by", sa.Integer(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approval_reason", sa.String(), nullable=False),
        sa.Column("applied_by", sa.Integer(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_reason", sa.String(), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.CheckConstraint("covers IN ('whole', 'part')", name=op.f("ck_roster_import_covers_known")),
        sa.CheckConstraint(
            "state IN ('queued', 'reading', 'columns', 'comparing', 'planned', 'held', 'applying', 'applied', 'undoing', 'undone', 'refused', 'discarded')",
            name=op.f("ck_roster_import_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["after_import_id"], ["roster_import.id"], name=op.f("fk_roster_import_after_import_id")
        ),
        sa.ForeignKeyConstraint(["applied_by"], ["account.id"], name=op.f("fk_roster_import_applied_by")),
        sa.ForeignKeyConstraint(["approved_by"], ["account.id"], name=op.f("fk_roster_import_approved_by")),
        sa.ForeignKeyConstraint(
            ["program_year_id"], ["program_year.id"], name=op.f("fk_roster_import_program_year_id")
        ),
        sa.ForeignKeyConstraint(["submitted_by"], ["account.id"], name=op.f("fk_roster_import_submitted_by")),
        sa.ForeignKeyConstraint(["undone_by"], ["account.id"], name=op.f("fk_roster_import_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_import")),
    )
    op.create_index(
        "uq_roster_import_file",
        "roster_import",
        ["file_sha256", "program_year_id", "copy"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('undone', 'refused', 'discarded')"),
        postgresql_where=sa.text("state NOT IN ('undone', 'refused', 'discarded')"),
    )
    op.create_table(
        "roster_profile",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=op.f("fk_roster_profile_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_profile")),
        sa.UniqueConstraint("name", name=op.f("uq_roster_profile_name")),
    )
    op.create_table(
        "roster_change",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("noun", sa.String(), nullable=False),
        sa.Column("noun_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'kept', 'applied', 'undone', 'stayed')", name=op.f("ck_roster_change_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["roster_import.id"], name=op.f("fk_roster_change_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_change")),
    )
    op.create_index(
        "ix_roster_change_import_id", "roster_change", ["import_id", "noun", "field", "number"], unique=False
    )
    op.create_table(
        "roster_doubt",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("home", sa.Integer(), nullable=False),
        sa.Column("other_home", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("evidence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["roster_import.id"], name=op.f("fk_roster_doubt_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_doubt")),
    )
    op.create_index("ix_roster_doubt_import_id", "roster_doubt", ["import_id"], unique=False)
    op.create_table(
        "roster_home",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("guardian_first_name", sa.String(), nullable=False),
        sa.Column("guardian_last_name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phones", sa.String(), nullable=False),
        sa.Column("eligible", sa.Boolean(), nullable=False),
        sa.Column("original", sa.String(), nullable=True),
        sa.Column("line", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("zip", sa.String(), nullable=True),
        sa.Column("community_area", sa.Integer(), nullable=True),
        sa.Column("method", sa.String(), nullable=True),
        sa.Column("certainty", sa.String(), nullable=True),
        sa.Column("edge_feet", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_roster_home_household_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["roster_import.id"], name=op.f("fk_roster_home_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_roster_home")),
    )
    op.create_index("ix_roster_home_household_id", "roster_home", ["household_id"], unique=False)
    op.create_table(
        "roster_problem",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("column", sa.String(), nullable=False),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("advice", sa.String(), nullable=False),
        sa.Column("stops", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["roster_import.id"], name=op.f("fk_roster_problem_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_problem")),
    )
    op.create_index("ix_roster_problem_import_id", "roster_problem", ["import_id", "stops", "number"], unique=False)
    op.create_table(
        "roster_row",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("district_id", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("last_name", sa.String(), nullable=True),
        sa.Column("first_name", sa.String(), nullable=True),
        sa.Column("sort_name", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("school_id", sa.String(), nullable=True),
        sa.Column("guardian_first_name", sa.String(), nullable=True),
        sa.Column("guardian_last_name", sa.String(), nullable=True),
        sa.Column("phones", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("original", sa.String(), nullable=True),
        sa.Column("line", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("zip", sa.String(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("eligible", sa.Boolean(), nullable=True),
        sa.Column("factors", sa.LargeBinary(), nullable=True),
        sa.Column("cells", sa.JSON(), nullable=True),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.Column("home", sa.Integer(), nullable=True),
        sa.Column("evidence", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("until_import_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('waiting', 'unchanged', 'new', 'changed', 'ambiguous', 'leaving', 'rejected', 'repeated')",
            name=op.f("ck_roster_row_outcome_known"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["roster_import.id"], name=op.f("fk_roster_row_import_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_roster_row_student_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["until_import_id"], ["roster_import.id"], name=op.f("fk_roster_row_until_import_id")),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_roster_row")),
    )
    op.create_index("ix_roster_row_district_id", "roster_row", ["district_id", "import_id"], unique=False)
    op.create_index(
        "ix_roster_row_home",
        "roster_row",
        ["import_id", "home"],
        unique=False,
        sqlite_where=sa.text("home IS NOT NULL"),
        postgresql_where=sa.text("home IS NOT NULL"),
    )
    op.create_index("ix_roster_row_import_id_outcome", "roster_row", ["import_id", "outcome", "number"], unique=False)
    op.create_index(
        "ix_roster_row_student_id",
        "roster_row",
        ["student_id"],
        unique=False,
        sqlite_where=sa.text("student_id IS NOT NULL"),
        postgresql_where=sa.text("student_id IS NOT NULL"),
    )
    op.create_index(
        "ix_roster_row_until_import_id",
        "roster_row",
        ["until_import_id"],
        unique=False,
        sqlite_where=sa.text("until_import_id IS NOT NULL"),
        postgresql_where=sa.text("until_import_id IS NOT NULL"),
    )
    op.create_index(
        "uq_roster_row_current",
        "roster_row",
        ["district_id"],
        unique=True,
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )


def downgrade() -> None:
    op.drop_table("roster_row")
    op.drop_table("roster_problem")
    op.drop_table("roster_home")
    op.drop_table("roster_doubt")
    op.drop_table("roster_change")
    op.drop_table("roster_profile")
    op.drop_table("roster_import")
