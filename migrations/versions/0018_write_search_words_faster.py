"""Write search words faster.

They are made from the register and hold no fact of their own; checking each against its household took a third of the time of writing them.
"""

from alembic import op

revision = "0018"
down_revision = "0017"

KEY = "fk_search_term_household_id"


def upgrade() -> None:
    with op.batch_alter_table("search_term", table_kwargs={"sqlite_with_rowid": False}) as table:
        table.drop_constraint(KEY, type_="foreignkey")


def downgrade() -> None:
    op.execute("DELETE FROM search_term WHERE household_id NOT IN (SELECT id FROM household)")
    with op.batch_alter_table("search_term", table_kwargs={"sqlite_with_rowid": False}) as table:
        table.create_foreign_key(KEY, "household", ["household_id"], ["id"], ondelete="CASCADE")
