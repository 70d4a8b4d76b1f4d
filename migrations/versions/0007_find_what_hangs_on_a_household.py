"""Find what hangs on a household.

Its codes, and the answers of its homes and students: without an index each row taken back would be looked for in all of them.
"""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index(op.f("ix_membership_code_household_id"), "membership_code", ["household_id"])
    op.create_index(op.f("ix_connectivity_response_residence_id"), "connectivity_response", ["residence_id"])
    op.create_index(op.f("ix_connectivity_response_student_id"), "connectivity_response", ["student_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_connectivity_response_student_id"), "connectivity_response")
    op.drop_index(op.f("ix_connectivity_response_residence_id"), "connectivity_response")
    op.drop_index(op.f("ix_membership_code_household_id"), "membership_code")
