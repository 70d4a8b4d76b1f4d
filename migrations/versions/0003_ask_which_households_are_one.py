"""Ask which households are one.

Questions that evidence could not settle, merges that can be undone, and the household that another turned out to be part of.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "household_merge",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("folded_id", sa.Integer(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("merged_by", sa.Integer(), nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_reason", sa.String(), nullable=False),
        sa.CheckConstraint("kept_id <> folded_id", name=op.f("ck_household_merge_two_households")),
        sa.ForeignKeyConstraint(["folded_id"], ["household.id"], name=op.f("fk_household_merge_folded_id")),
        sa.ForeignKeyConstraint(["kept_id"], ["household.id"], name=op.f("fk_household_merge_kept_id")),
        sa.ForeignKeyConstraint(["merged_by"], ["account.id"], name=op.f("fk_household_merge_merged_by")),
        sa.ForeignKeyConstraint(["undone_by"], ["account.id"], name=op.f("fk_household_merge_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_merge")),
    )
    op.create_index(op.f("ix_household_merge_folded_id"), "household_merge", ["folded_id"], unique=False)
    op.create_index(op.f("ix_household_merge_kept_id"), "household_merge", ["kept_id"], unique=False)
    op.create_table(
        "household_question",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("student_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("evidence", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'left_home') = (student_id IS NOT NULL)", name=op.f("ck_household_question_left_has_student")
        ),
        sa.CheckConstraint(
            "(kind = 'same_household') = (other_id IS NOT NULL)", name=op.f("ck_household_question_pair_has_two")
        ),
        sa.CheckConstraint("kind IN ('same_household', 'left_home')", name=op.f("ck_household_question_kind_known")),
        sa.CheckConstraint(
            "state IN ('open', 'same', 'separate', 'withdrawn')", name=op.f("ck_household_question_state_known")
        ),
        sa.CheckConstraint(
            "other_id IS NULL OR household_id < other_id", name=op.f("ck_household_question_pair_ordered")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_household_question_decided_by")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_household_question_household_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["import_id"], ["roster_import.id"], name=op.f("fk_household_question_import_id")),
        sa.ForeignKeyConstraint(
            ["other_id"], ["household.id"], name=op.f("fk_household_question_other_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_household_question_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_question")),
    )
    op.create_index(op.f("ix_household_question_import_id"), "household_question", ["import_id"], unique=False)
    op.create_index(op.f("ix_household_question_household_id"), "household_question", ["household_id"], unique=False)
    op.create_index("ix_household_question_other_id", "household_question", ["other_id"], unique=False)
    op.create_index(op.f("ix_household_question_student_id"), "household_question", ["student_id"], unique=False)
    op.create_index("ix_household_question_state", "household_question", ["state", "id"], unique=False)
    op.create_index(
        "uq_household_question_pair",
        "household_question",
        ["household_id", "other_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'same_household'"),
        postgresql_where=sa.text("kind = 'same_household'"),
    )
    op.create_index(
        "uq_household_question_student",
        "household_question",
        ["student_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'left_home' AND state = 'open'"),
        postgresql_where=sa.text("kind = 'left_home' AND state = 'open'"),
    )
    with op.batch_alter_table("household") as batch_op:
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_household_merged_into_id"), "household", ["merged_into_id"], ["id"])
    merged = sa.text("merged_into_id IS NOT NULL")
    op.create_index(
        op.f("ix_household_merged_into_id"),
        "household",
        ["merged_into_id"],
        sqlite_where=merged,
        postgresql_where=merged,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_household_merged_into_id"), "household")
    with op.batch_alter_table("household") as batch_op:
        batch_op.drop_constraint(op.f("fk_household_merged_into_id"), type_="foreignkey")
        batch_op.drop_column("merged_into_id")

    op.drop_table("household_merge")
    op.drop_table("household_question")
