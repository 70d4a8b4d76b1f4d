"""Create the register.

Every noun of the first journeys: reference data, accounts, households and their people, enrollments, codes, answers, traces, releases.
Downgrade drops every table: there is nothing before it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "community_area",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("area_sq_mi", sa.Float(), nullable=False),
        sa.Column("label_lon", sa.Float(), nullable=False),
        sa.Column("label_lat", sa.Float(), nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 77", name=op.f("ck_community_area_number_1_to_77")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_community_area")),
        sa.UniqueConstraint("name", name=op.f("uq_community_area_name")),
    )
    op.create_table(
        "household",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("guardian_first_name", sa.String(), nullable=False),
        sa.Column("guardian_last_name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
        sa.UniqueConstraint("reference", name=op.f("uq_household_reference")),
    )
    op.create_table(
        "indicator",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("vintage", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("numerator", sa.String(), nullable=True),
        sa.Column("denominator", sa.String(), nullable=True),
        sa.Column("publisher", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint("key", "vintage", name=op.f("uq_indicator_key_vintage")),
    )
    op.create_table(
        "organization",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization")),
        sa.UniqueConstraint("name", name=op.f("uq_organization_name")),
    )
    op.create_table(
        "program_year",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("funding", sa.String(), nullable=False),
        sa.Column("open_to_new", sa.Boolean(), nullable=False),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_program_year_ends_after_start")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program_year")),
        sa.UniqueConstraint("label", name=op.f("uq_program_year_label")),
    )
    op.create_table(
        "provider",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("former_names", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("name", name=op.f("uq_provider_name")),
    )
    op.create_table(
        "reference_file",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("publisher", sa.String(), nullable=False),
        sa.Column("vintage", sa.String(), nullable=False),
        sa.Column("license", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_reference_file")),
    )
    op.create_table(
        "street_axis",
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("runs", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("grid_number", sa.Integer(), nullable=False),
        sa.Column("grid_side", sa.String(), nullable=False),
        sa.Column("sites", sa.Integer(), nullable=True),
        sa.Column("deviation", sa.Integer(), nullable=True),
        sa.Column("flag", sa.String(), nullable=False),
        sa.CheckConstraint("runs IN ('NS', 'EW')", name=op.f("ck_street_axis_runs_known")),
        sa.PrimaryKeyConstraint("street", "runs", "source", name=op.f("pk_street_axis")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('admin', 'staff', 'partner', 'school', 'council')", name=op.f("ck_account_role_known")
        ),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_account_organization_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_account_fs_uniquifier")),
    )
    op.create_table(
        "community_area_alias",
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("community_area", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_area"],
            ["community_area.number"],
            name=op.f("fk_community_area_alias_community_area"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_community_area_alias")),
    )
    op.create_table(
        "household_phone",
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_household_phone_position_from_1")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_household_phone_household_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("household_id", "position", name=op.f("pk_household_phone")),
    )
    with op.batch_alter_table("household_phone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_household_phone_number"), ["number"], unique=False)

    op.create_table(
        "indicator_value",
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("community_area", sa.Integer(), nullable=False),
        sa.Column("numerator", sa.Integer(), nullable=True),
        sa.Column("denominator", sa.Integer(), nullable=True),
        sa.Column("value", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_area"], ["community_area.number"], name=op.f("fk_indicator_value_community_area")
        ),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_indicator_value_indicator_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("indicator_id", "community_area", name=op.f("pk_indicator_value")),
    )
    op.create_table(
        "membership_code",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("program_year_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state IN ('free', 'expired', 'revoked')) OR household_id IS NOT NULL",
            name=op.f("ck_membership_code_given_means_household"),
        ),
        sa.CheckConstraint(
            "state IN ('free', 'held', 'issued', 'redeemed', 'expired', 'revoked')",
            name=op.f("ck_membership_code_state_known"),
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_membership_code_household_id")),
        sa.ForeignKeyConstraint(
            ["program_year_id"], ["program_year.id"], name=op.f("fk_membership_code_program_year_id")
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_membership_code_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership_code")),
        sa.UniqueConstraint("code", name=op.f("uq_membership_code_code")),
    )
    with op.batch_alter_table("membership_code", schema=None) as batch_op:
        batch_op.create_index("ix_membership_code_pool", ["provider_id", "program_year_id", "state"], unique=False)
        batch_op.create_index(
            "uq_membership_code_live",
            ["household_id", "program_year_id"],
            unique=True,
            sqlite_where=sa.text("state IN ('issued', 'redeemed')"),
            postgresql_where=sa.text("state IN ('issued', 'redeemed')"),
        )

    op.create_table(
        "organization_area",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("community_area", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_organization_area_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["community_area"], ["community_area.number"], name=op.f("fk_organization_area_community_area")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_area_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_area")),
        sa.UniqueConstraint(
            "organization_id",
            "community_area",
            "starts_on",
            name=op.f("uq_organization_area_organization_id_community_area_starts_on"),
        ),
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("service_type", sa.String(), nullable=False),
        sa.Column("down_mbps", sa.Integer(), nullable=False),
        sa.Column("up_mbps", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.CheckConstraint("service_type IN ('wired', 'hotspot')", name=op.f("ck_plan_service_type_known")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_plan_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("provider_id", "name", name=op.f("uq_plan_provider_id_name")),
    )
    op.create_table(
        "school",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("zip", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("grades", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("governance", sa.String(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("community_area", sa.Integer(), nullable=False),
        sa.Column("vintage", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["community_area"], ["community_area.number"], name=op.f("fk_school_community_area")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school")),
    )
    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_school_community_area"), ["community_area"], unique=False)

    op.create_table(
        "search_term",
        sa.Column("term", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_search_term_household_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("term", "household_id", name=op.f("pk_search_term")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("search_term", schema=None) as batch_op:
        batch_op.create_index("ix_search_term_household_id", ["household_id", "term"], unique=False)

    op.create_table(
        "zip_area",
        sa.Column("zip", sa.String(), nullable=False),
        sa.Column("community_area", sa.Integer(), nullable=False),
        sa.Column("share_of_zip_area", sa.Float(), nullable=False),
        sa.Column("share_of_community_area", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["community_area"], ["community_area.number"], name=op.f("fk_zip_area_community_area")),
        sa.PrimaryKeyConstraint("zip", "community_area", name=op.f("pk_zip_area")),
    )
    op.create_table(
        "account_area",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("community_area", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_area_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["community_area"], ["community_area.number"], name=op.f("fk_account_area_community_area")
        ),
        sa.PrimaryKeyConstraint("account_id", "community_area", name=op.f("pk_account_area")),
    )
    op.create_table(
        "account_school",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_school_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_account_school_school_id")),
        sa.PrimaryKeyConstraint("account_id", "school_id", name=op.f("pk_account_school")),
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_audit_event_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index("ix_audit_event_subject", ["subject", "subject_id"], unique=False)

    op.create_table(
        "disclosure",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_disclosure_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    with op.batch_alter_table("disclosure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disclosure_account_id"), ["account_id"], unique=False)

    op.create_table(
        "enrollment",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("program_year_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_on", sa.Date(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("membership_code_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('eligible', 'contacted', 'code_issued', 'ordered', 'active', 'suspended', 'ended')",
            name=op.f("ck_enrollment_status_known"),
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_enrollment_household_id")),
        sa.ForeignKeyConstraint(
            ["membership_code_id"], ["membership_code.id"], name=op.f("fk_enrollment_membership_code_id")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_enrollment_plan_id")),
        sa.ForeignKeyConstraint(["program_year_id"], ["program_year.id"], name=op.f("fk_enrollment_program_year_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_enrollment_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment")),
        sa.UniqueConstraint("household_id", "program_year_id", name=op.f("uq_enrollment_household_id_program_year_id")),
        sa.UniqueConstraint("membership_code_id", name=op.f("uq_enrollment_membership_code_id")),
    )
    with op.batch_alter_table("enrollment", schema=None) as batch_op:
        batch_op.create_index(
            "ix_enrollment_program_year_id_status", ["program_year_id", "status", "household_id"], unique=False
        )

    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("program_year_id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("computed_by", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("city_eligible", sa.Integer(), nullable=True),
        sa.Column("city_active", sa.Integer(), nullable=True),
        sa.Column("unplaced_eligible", sa.Integer(), nullable=True),
        sa.Column("unplaced_active", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(city_eligible IS NULL) = (city_active IS NULL)", name=op.f("ck_release_city_withheld_whole")
        ),
        sa.CheckConstraint(
            "(unplaced_eligible IS NULL) = (unplaced_active IS NULL)", name=op.f("ck_release_unplaced_withheld_whole")
        ),
        sa.ForeignKeyConstraint(["computed_by"], ["account.id"], name=op.f("fk_release_computed_by")),
        sa.ForeignKeyConstraint(["program_year_id"], ["program_year.id"], name=op.f("fk_release_program_year_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
    )
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_program_year_id"), ["program_year_id"], unique=False)

    op.create_table(
        "residence",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("original", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("zip", sa.String(), nullable=False),
        sa.Column("community_area", sa.Integer(), nullable=True),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("certainty", sa.String(), nullable=False),
        sa.Column("edge_feet", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(certainty = 'unplaced') = (community_area IS NULL)", name=op.f("ck_residence_placed_means_area")
        ),
        sa.CheckConstraint("certainty IN ('sure', 'near_edge', 'unplaced')", name=op.f("ck_residence_certainty_known")),
        sa.CheckConstraint("method IN ('coordinates', 'grid', 'hand', 'none')", name=op.f("ck_residence_method_known")),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_residence_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["community_area"], ["community_area.number"], name=op.f("fk_residence_community_area")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_residence_household_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_residence_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residence")),
    )
    with op.batch_alter_table("residence", schema=None) as batch_op:
        batch_op.create_index(
            "ix_residence_current_area",
            ["community_area", "household_id"],
            unique=False,
            sqlite_where=sa.text("ends_on IS NULL"),
            postgresql_where=sa.text("ends_on IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_residence_household_id"), ["household_id"], unique=False)
        batch_op.create_index("ix_residence_line", ["line"], unique=False)
        batch_op.create_index(
            "uq_residence_current",
            ["household_id"],
            unique=True,
            sqlite_where=sa.text("ends_on IS NULL"),
            postgresql_where=sa.text("ends_on IS NULL"),
        )

    op.create_table(
        "student",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.String(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=False),
        sa.Column("last_name", sa.String(), nullable=False),
        sa.Column("sort_name", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("school_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "grade IN ('PK', 'K', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12')",
            name=op.f("ck_student_grade_known"),
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_student_household_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_student_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student")),
        sa.UniqueConstraint("district_id", name=op.f("uq_student_district_id")),
    )
    with op.batch_alter_table("student", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_student_household_id"), ["household_id"], unique=False)
        batch_op.create_index(
            "ix_student_school_id",
            ["school_id", "sort_name", "id", "last_name", "first_name", "district_id", "grade", "household_id"],
            unique=False,
        )

    op.create_table(
        "connectivity_response",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("residence_id", sa.Integer(), nullable=True),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("respondent", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("access", sa.String(), nullable=True),
        sa.Column("barrier", sa.String(), nullable=True),
        sa.Column("access_type", sa.String(), nullable=True),
        sa.Column("performance", sa.String(), nullable=True),
        sa.Column("device", sa.String(), nullable=True),
        sa.Column("device_access", sa.String(), nullable=True),
        sa.Column("device_provider", sa.String(), nullable=True),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(device_access IS NULL AND device_provider IS NULL) OR COALESCE(device, 'None') <> 'None'",
            name=op.f("ck_connectivity_response_device_before_its_details"),
        ),
        sa.CheckConstraint(
            "access IN ('Yes', 'No', 'Unknown', 'Declined')", name=op.f("ck_connectivity_response_access_known")
        ),
        sa.CheckConstraint(
            "access_type IN ('ResidentialBroadband', 'CellularNetwork', 'HotSpot', 'CommunityProvidedWi-Fi', 'Satellite', 'Dialup', 'Other', 'None', 'Unknown')",
            name=op.f("ck_connectivity_response_access_type_known"),
        ),
        sa.CheckConstraint(
            "access_type IS NULL OR COALESCE(access, '') = CASE access_type WHEN 'None' THEN 'No' ELSE 'Yes' END",
            name=op.f("ck_connectivity_response_type_with_access"),
        ),
        sa.CheckConstraint(
            "barrier IN ('NotAvailable', 'NotAffordable', 'NotDesired', 'Other')",
            name=op.f("ck_connectivity_response_barrier_known"),
        ),
        sa.CheckConstraint(
            "barrier IS NULL OR COALESCE(access, '') = 'No'",
            name=op.f("ck_connectivity_response_barrier_without_access"),
        ),
        sa.CheckConstraint(
            "device IN ('DesktopComputer', 'LaptopComputer', 'Tablet', 'Chromebook', 'Smartphone', 'None', 'Other')",
            name=op.f("ck_connectivity_response_device_known"),
        ),
        sa.CheckConstraint(
            "device_access IN ('Shared', 'NotShared', 'Unknown')",
            name=op.f("ck_connectivity_response_device_access_known"),
        ),
        sa.CheckConstraint(
            "device_provider IN ('Personal', 'School', 'Other')",
            name=op.f("ck_connectivity_response_device_provider_known"),
        ),
        sa.CheckConstraint(
            "mode IN ('phone', 'in_person', 'paper', 'online')", name=op.f("ck_connectivity_response_mode_known")
        ),
        sa.CheckConstraint(
            "performance IN ('Yes', 'Sometimes', 'No')", name=op.f("ck_connectivity_response_performance_known")
        ),
        sa.CheckConstraint(
            "performance IS NULL OR COALESCE(access, '') = 'Yes'",
            name=op.f("ck_connectivity_response_performance_with_access"),
        ),
        sa.CheckConstraint(
            "respondent IN ('guardian', 'student', 'staff', 'partner')",
            name=op.f("ck_connectivity_response_respondent_known"),
        ),
        sa.CheckConstraint(
            "access IS NOT NULL OR device IS NOT NULL", name=op.f("ck_connectivity_response_something_answered")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_connectivity_response_household_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_connectivity_response_recorded_by")),
        sa.ForeignKeyConstraint(["residence_id"], ["residence.id"], name=op.f("fk_connectivity_response_residence_id")),
        sa.ForeignKeyConstraint(["student_id"], ["student.id"], name=op.f("fk_connectivity_response_student_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connectivity_response")),
    )
    with op.batch_alter_table("connectivity_response", schema=None) as batch_op:
        batch_op.create_index("ix_connectivity_response_household_id", ["household_id", "observed_on"], unique=False)

    op.create_table(
        "enrollment_event",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("enrollment_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'ended') = (reason IS NOT NULL)", name=op.f("ck_enrollment_event_ended_means_reason")
        ),
        sa.CheckConstraint(
            "reason IN ('graduated', 'left_district', 'moved', 'opted_out', 'not_installed', 'duplicate', 'other')",
            name=op.f("ck_enrollment_event_reason_known"),
        ),
        sa.CheckConstraint(
            "status IN ('eligible', 'contacted', 'code_issued', 'ordered', 'active', 'suspended', 'ended')",
            name=op.f("ck_enrollment_event_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["enrollment_id"], ["enrollment.id"], name=op.f("fk_enrollment_event_enrollment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["account.id"], name=op.f("fk_enrollment_event_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment_event")),
    )
    with op.batch_alter_table("enrollment_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrollment_event_enrollment_id"), ["enrollment_id"], unique=False)

    op.create_table(
        "release_count",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("community_area", sa.Integer(), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("eligible", sa.Integer(), nullable=True),
        sa.Column("active", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(withheld AND eligible IS NULL AND active IS NULL) OR (NOT withheld AND eligible IS NOT NULL AND active IS NOT NULL AND eligible >= active AND active >= 0)",
            name=op.f("ck_release_count_withheld_whole_row"),
        ),
        sa.ForeignKeyConstraint(
            ["community_area"], ["community_area.number"], name=op.f("fk_release_count_community_area")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["release.id"], name=op.f("fk_release_count_release_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release_id", "community_area", name=op.f("pk_release_count")),
    )


def downgrade() -> None:
    op.drop_table("release_count")
    with op.batch_alter_table("enrollment_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrollment_event_enrollment_id"))

    op.drop_table("enrollment_event")
    with op.batch_alter_table("connectivity_response", schema=None) as batch_op:
        batch_op.drop_index("ix_connectivity_response_household_id")

    op.drop_table("connectivity_response")
    with op.batch_alter_table("student", schema=None) as batch_op:
        batch_op.drop_index("ix_student_school_id")
        batch_op.drop_index(batch_op.f("ix_student_household_id"))

    op.drop_table("student")
    with op.batch_alter_table("residence", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_residence_current", sqlite_where=sa.text("ends_on IS NULL"), postgresql_where=sa.text("ends_on IS NULL")
        )
        batch_op.drop_index("ix_residence_line")
        batch_op.drop_index(batch_op.f("ix_residence_household_id"))
        batch_op.drop_index(
            "ix_residence_current_area",
            sqlite_where=sa.text("ends_on IS NULL"),
            postgresql_where=sa.text("ends_on IS NULL"),
        )

    op.drop_table("residence")
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_program_year_id"))

    op.drop_table("release")
    with op.batch_alter_table("enrollment", schema=None) as batch_op:
        batch_op.drop_index("ix_enrollment_program_year_id_status")

    op.drop_table("enrollment")
    with op.batch_alter_table("disclosure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disclosure_account_id"))

    op.drop_table("disclosure")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_subject")

    op.drop_table("audit_event")
    op.drop_table("account_school")
    op.drop_table("account_area")
    op.drop_table("zip_area")
    with op.batch_alter_table("search_term", schema=None) as batch_op:
        batch_op.drop_index("ix_search_term_household_id")

    op.drop_table("search_term")
    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_school_community_area"))

    op.drop_table("school")
    op.drop_table("plan")
    op.drop_table("organization_area")
    with op.batch_alter_table("membership_code", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_membership_code_live",
            sqlite_where=sa.text("state IN ('issued', 'redeemed')"),
            postgresql_where=sa.text("state IN ('issued', 'redeemed')"),
        )
        batch_op.drop_index("ix_membership_code_pool")

    op.drop_table("membership_code")
    op.drop_table("indicator_value")
    with op.batch_alter_table("household_phone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_household_phone_number"))

    op.drop_table("household_phone")
    op.drop_table("community_area_alias")
    op.drop_table("account")
    op.drop_table("street_axis")
    op.drop_table("reference_file")
    op.drop_table("provider")
    op.drop_table("program_year")
    op.drop_table("organization")
    op.drop_table("indicator")
    op.drop_table("household")
    op.drop_table("community_area")
