"""Find what a student holds.

Deleting a student asks every enrollment whether it is held by that student: without an index, taking back a roster of 43,000 took four minutes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    held = sa.text("holder_student_id IS NOT NULL")
    op.create_index(
        "ix_enrollment_holder_student_id", "enrollment", ["holder_student_id"], sqlite_where=held, postgresql_where=held
    )


def downgrade() -> None:
    op.drop_index("ix_enrollment_holder_student_id", "enrollment")
