"""Place by address points.

A county's open table of address points, and homes placed by it. Downgrade keeps the places, as given coordinates.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "address_point",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("street", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("zip", sa.String(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_point")),
    )
    op.create_index("ix_address_point_street", "address_point", ["street", "direction", "kind", "number"], unique=False)
    with op.batch_alter_table("residence") as batch_op:
        batch_op.drop_constraint(op.f("ck_residence_method_known"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_residence_method_known"), "method IN ('coordinates', 'address_point', 'grid', 'hand', 'none')"
        )


def downgrade() -> None:
    op.execute("UPDATE residence SET method = 'coordinates' WHERE method = 'address_point'")
    with op.batch_alter_table("residence") as batch_op:
        batch_op.drop_constraint(op.f("ck_residence_method_known"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_residence_method_known"), "method IN ('coordinates', 'grid', 'hand', 'none')"
        )

    op.drop_table("address_point")
