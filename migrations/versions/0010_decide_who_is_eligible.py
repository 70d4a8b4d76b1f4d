"""Decide who is eligible.

Policies with their versions, yearly runs with what they found, determinations of each household and year, and appeals.
Downgrade forgets them; enrollments that a run began stay.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "eligibility_policy",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=True),
        sa.Column("alone_from", sa.Integer(), nullable=True),
        sa.Column("hardship_vintage", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("mode IN ('district', 'weights')", name=op.f("ck_eligibility_policy_mode_known")),
        sa.CheckConstraint("threshold > 0", name=op.f("ck_eligibility_policy_threshold_positive")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_eligibility_policy_version_from_1")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_eligibility_policy_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_policy")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_eligibility_policy_name_version")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "eligibility_weight",
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("factor", sa.String(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=True),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "factor IN ('hardship_index', 'frl', 'medicaid', 'diverse_learner', 'english_learner', 'stls', 'unaccompanied_youth')",
            name=op.f("ck_eligibility_weight_factor_known"),
        ),
        sa.CheckConstraint("weight > 0", name=op.f("ck_eligibility_weight_weight_positive")),
        sa.CheckConstraint("weight IS NOT NULL OR alone", name=op.f("ck_eligibility_weight_counts_for_something")),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["eligibility_policy.id"], name=op.f("fk_eligibility_weight_policy_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("policy_id", "factor", name=op.f("pk_eligibility_weight")),
    )
    op.create_table(
        "eligibility_run",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("program_year_id", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("refusal", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("by_area", sa.JSON(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("sealed_groups", sa.LargeBinary(), nullable=True),
        sa.Column("started_by", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_by", sa.Integer(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'applied') = (applied_at IS NOT NULL)", name=op.f("ck_eligibility_run_applied_means_moment")
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'assessing', 'planned', 'applying', 'applied', 'discarded')",
            name=op.f("ck_eligibility_run_state_known"),
        ),
        sa.ForeignKeyConstraint(["applied_by"], ["account.id"], name=op.f("fk_eligibility_run_applied_by")),
        sa.ForeignKeyConstraint(["policy_id"], ["eligibility_policy.id"], name=op.f("fk_eligibility_run_policy_id")),
        sa.ForeignKeyConstraint(
            ["program_year_id"], ["program_year.id"], name=op.f("fk_eligibility_run_program_year_id")
        ),
        sa.ForeignKeyConstraint(["started_by"], ["account.id"], name=op.f("fk_eligibility_run_started_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_run")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_eligibility_run_policy_id"), "eligibility_run", ["policy_id"])
    op.create_index(op.f("ix_eligibility_run_program_year_id"), "eligibility_run", ["program_year_id"])
    op.create_table(
        "eligibility_outcome",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("eligible", sa.Boolean(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("community_area", sa.Integer(), nullable=True),
        sa.Column("determination_id", sa.Integer(), nullable=True),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "change IN ('gains', 'loses', 'stays_eligible', 'stays_out', 'undecided', 'held')",
            name=op.f("ck_eligibility_outcome_change_known"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_eligibility_outcome_household_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["eligibility_run.id"], name=op.f("fk_eligibility_outcome_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "household_id", name=op.f("pk_eligibility_outcome")),
    )
    op.create_index("ix_eligibility_outcome_household_id", "eligibility_outcome", ["household_id"])
    op.create_index("ix_eligibility_outcome_run_id_change", "eligibility_outcome", ["run_id", "change", "household_id"])
    op.create_table(
        "determination",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("program_year_id", sa.Integer(), nullable=False),
        sa.Column("eligible", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("threshold", sa.Integer(), nullable=True),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(source = 'override') = (expires_on IS NOT NULL)", name=op.f("ck_determination_override_means_expiry")
        ),
        sa.CheckConstraint(
            "(source IN ('policy', 'district')) = (policy_id IS NOT NULL)",
            name=op.f("ck_determination_run_means_policy"),
        ),
        sa.CheckConstraint(
            "source IN ('policy', 'district', 'override', 'appeal')", name=op.f("ck_determination_source_known")
        ),
        sa.CheckConstraint(
            "source NOT IN ('override', 'appeal') OR reason <> ''", name=op.f("ck_determination_person_means_reason")
        ),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on >= decided_on", name=op.f("ck_determination_ends_after_start")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_determination_account_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_determination_household_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["policy_id"], ["eligibility_policy.id"], name=op.f("fk_determination_policy_id")),
        sa.ForeignKeyConstraint(
            ["program_year_id"], ["program_year.id"], name=op.f("fk_determination_program_year_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["eligibility_run.id"], name=op.f("fk_determination_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_determination")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_determination_household_id", "determination", ["household_id", "program_year_id"])
    op.create_index("ix_determination_program_year_id", "determination", ["program_year_id"])
    op.create_index(
        "uq_determination_current",
        "determination",
        ["household_id", "program_year_id"],
        unique=True,
        sqlite_where=sa.text("ended_on IS NULL"),
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "appeal",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("program_year_id", sa.Integer(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_by", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'open') = (decided_on IS NULL)", name=op.f("ck_appeal_decided_means_day")),
        sa.CheckConstraint("state = 'open' OR reason <> ''", name=op.f("ck_appeal_decided_means_reason")),
        sa.CheckConstraint("state IN ('open', 'granted', 'denied')", name=op.f("ck_appeal_state_known")),
        sa.CheckConstraint(
            "decided_on IS NULL OR decided_on >= opened_on", name=op.f("ck_appeal_decided_after_opened")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_appeal_decided_by")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_appeal_household_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["account.id"], name=op.f("fk_appeal_opened_by")),
        sa.ForeignKeyConstraint(["program_year_id"], ["program_year.id"], name=op.f("fk_appeal_program_year_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_appeal_household_id", "appeal", ["household_id"])
    op.create_index(
        "uq_appeal_open",
        "appeal",
        ["household_id", "program_year_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    # What holds until somebody makes another policy.
    op.execute(
        sa.text(
            "INSERT INTO eligibility_policy (name, version, mode, note, created_at) "
            "VALUES ('The district’s own determination', 1, 'district', '', CURRENT_TIMESTAMP)"
        )
    )


def downgrade() -> None:
    for table in (
        "appeal",
        "determination",
        "eligibility_outcome",
        "eligibility_run",
        "eligibility_weight",
        "eligibility_policy",
    ):
        op.drop_table(table)
