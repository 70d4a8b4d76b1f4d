"""Seal sensitive factors.

A student's sensitive factors, encrypted, and the role that alone may open them. Downgrade closes the accounts of that role.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "student_factors",
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("program_year_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["roster_import.id"], name=op.f("fk_student_factors_import_id")),
        sa.ForeignKeyConstraint(
            ["program_year_id"], ["program_year.id"], name=op.f("fk_student_factors_program_year_id")
        ),
        sa.ForeignKeyConstraint(
            ["student_id"], ["student.id"], name=op.f("fk_student_factors_student_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("student_id", "program_year_id", name=op.f("pk_student_factors")),
    )
    op.create_index(op.f("ix_student_factors_import_id"), "student_factors", ["import_id"], unique=False)
    with op.batch_alter_table("account") as batch_op:
        batch_op.drop_constraint(op.f("ck_account_role_known"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_account_role_known"), "role IN ('admin', 'staff', 'eligibility', 'partner', 'school', 'council')"
        )


def downgrade() -> None:
    op.execute("UPDATE account SET role = 'council', active = false WHERE role = 'eligibility'")
    with op.batch_alter_table("account") as batch_op:
        batch_op.drop_constraint(op.f("ck_account_role_known"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_account_role_known"), "role IN ('admin', 'staff', 'partner', 'school', 'council')"
        )

    op.drop_table("student_factors")
