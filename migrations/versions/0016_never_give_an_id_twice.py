"""Never give an id twice.

SQLite gives the id of a deleted row to the next one, unless the table says AUTOINCREMENT. Taking a roster back deletes rows whose ids
stand in the audit trail: the next family must not inherit that history. PostgreSQL's sequences never go back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

TABLES = ("household", "student", "residence", "enrollment", "household_question")


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in TABLES:
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass
        op.execute(
            sa.text(
                "INSERT INTO sqlite_sequence (name, seq) SELECT :name, 0 "
                "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :name)"
            ).bindparams(name=table)
        )
    # What was deleted before today left its id in the trail.
    op.execute(
        "UPDATE sqlite_sequence SET seq = max(seq, (SELECT coalesce(max(subject_id), 0) FROM audit_event "
        "WHERE subject = 'household')) WHERE name = 'household'"
    )
    op.execute(
        "UPDATE sqlite_sequence SET seq = max(seq, (SELECT coalesce(max(subject_id), 0) FROM audit_event "
        "WHERE subject = 'student_factors')) WHERE name = 'student'"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in TABLES:
        with op.batch_alter_table(table, recreate="always"):
            pass
