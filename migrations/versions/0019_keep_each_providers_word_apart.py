"""Keep each provider's word apart.

An account belongs to the provider that reported it: a household may change its provider within a year. A bill that is alike every month
is a bill of each month.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_STANDS = sa.text("state NOT IN ('refused', 'discarded')")
_TO_PROVIDER = "fk_provider_account_provider_id"


def upgrade() -> None:
    with op.batch_alter_table("provider_account") as table:
        table.add_column(sa.Column("provider_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE provider_account SET provider_id = "
        "(SELECT provider_id FROM provider_file WHERE provider_file.id = provider_account.provider_file_id)"
    )
    with op.batch_alter_table("provider_account") as table:
        table.alter_column("provider_id", existing_type=sa.Integer(), nullable=False)
        table.create_foreign_key(_TO_PROVIDER, "provider", ["provider_id"], ["id"])
        table.drop_constraint("pk_provider_account", type_="primary")
        table.create_primary_key("pk_provider_account", ["enrollment_id", "provider_id"])
    _unique(["provider_id", "month", "file_sha256"])


def downgrade() -> None:
    op.execute(  # one file of two months was two bills: without the month only the first can stand
        "UPDATE bill SET state = 'discarded' WHERE state NOT IN ('refused', 'discarded') AND EXISTS (SELECT 1 FROM bill first WHERE "
        "first.provider_id = bill.provider_id AND first.file_sha256 = bill.file_sha256 AND first.id < bill.id "
        "AND first.state NOT IN ('refused', 'discarded'))"
    )
    _unique(["provider_id", "file_sha256"])
    op.execute(  # of an enrollment's accounts the newest stays
        "DELETE FROM provider_account WHERE EXISTS (SELECT 1 FROM provider_account newer WHERE "
        "newer.enrollment_id = provider_account.enrollment_id AND newer.provider_file_id > provider_account.provider_file_id)"
    )
    with op.batch_alter_table("provider_account") as table:
        table.drop_constraint("pk_provider_account", type_="primary")
        table.drop_constraint(_TO_PROVIDER, type_="foreignkey")
        table.drop_column("provider_id")
        table.create_primary_key("pk_provider_account", ["enrollment_id"])


def _unique(columns: list[str]) -> None:
    op.drop_index("uq_bill_file", "bill")
    op.create_index("uq_bill_file", "bill", columns, unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS)
