"""Follow every step.

Two more steps (kit shipped, installed), whose word a step is, the path of the connection, and the day service ends for who leaves.
Downgrade: what was shipped or installed counts as ordered, newer reasons as "other".
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_EARLIER = "'eligible', 'contacted', 'code_issued', 'ordered', 'active', 'suspended', 'ended'"
_STATUSES = (
    "'eligible', 'contacted', 'code_issued', 'ordered', 'kit_shipped', 'installed', 'active', 'suspended', 'ended'"
)
_EARLIER_REASONS = "'graduated', 'left_district', 'moved', 'opted_out', 'not_installed', 'duplicate', 'other'"
_REASONS = (
    "'graduated', 'city_colleges', 'left_district', 'moved', 'opted_out', 'not_eligible', 'not_installed', 'cancelled', "
    "'duplicate', 'other'"
)
_SAID_BY = "said_by IN ('staff', 'family', 'partner', 'provider', 'district', 'program')"


def upgrade() -> None:
    with op.batch_alter_table("enrollment") as batch_op:
        batch_op.add_column(sa.Column("service_type", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("holder_student_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("leaving_reason", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("service_until", sa.Date(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_enrollment_holder_student_id"), "student", ["holder_student_id"], ["id"], ondelete="SET NULL"
        )
        _replace(batch_op, "enrollment", "status", _STATUSES)
        batch_op.create_check_constraint(
            op.f("ck_enrollment_service_type_known"), "service_type IN ('wired', 'hotspot', 'smartphone')"
        )
        batch_op.create_check_constraint(op.f("ck_enrollment_leaving_reason_known"), f"leaving_reason IN ({_REASONS})")
        batch_op.create_check_constraint(
            op.f("ck_enrollment_leaving_means_reason_and_day"), "(leaving_reason IS NULL) = (service_until IS NULL)"
        )
    op.execute(
        "UPDATE enrollment SET service_type = (SELECT service_type FROM plan WHERE plan.id = enrollment.plan_id)"
    )
    with op.batch_alter_table("plan") as batch_op:
        _replace(batch_op, "plan", "service_type", "'wired', 'hotspot', 'smartphone'")
    with op.batch_alter_table("enrollment_event") as batch_op:
        batch_op.add_column(sa.Column("said_by", sa.String(), nullable=False, server_default="staff"))
        _replace(batch_op, "enrollment_event", "status", _STATUSES)
        _replace(batch_op, "enrollment_event", "reason", _REASONS)
        batch_op.create_check_constraint(op.f("ck_enrollment_event_said_by_known"), _SAID_BY)
    with op.batch_alter_table("enrollment_event") as batch_op:
        batch_op.alter_column("said_by", server_default=None)


def downgrade() -> None:
    for table in ("enrollment", "enrollment_event"):
        op.execute(f"UPDATE {table} SET status = 'ordered' WHERE status IN ('kit_shipped', 'installed')")  # noqa: S608
    op.execute(f"UPDATE enrollment_event SET reason = 'other' WHERE reason NOT IN ({_EARLIER_REASONS})")  # noqa: S608
    with op.batch_alter_table("enrollment_event") as batch_op:
        batch_op.drop_constraint(op.f("ck_enrollment_event_said_by_known"), type_="check")
        _replace(batch_op, "enrollment_event", "reason", _EARLIER_REASONS)
        _replace(batch_op, "enrollment_event", "status", _EARLIER)
        batch_op.drop_column("said_by")
    op.execute("UPDATE plan SET service_type = 'hotspot' WHERE service_type = 'smartphone'")
    with op.batch_alter_table("plan") as batch_op:
        _replace(batch_op, "plan", "service_type", "'wired', 'hotspot'")
    with op.batch_alter_table("enrollment") as batch_op:
        for name in ("leaving_means_reason_and_day", "leaving_reason_known", "service_type_known"):
            batch_op.drop_constraint(op.f(f"ck_enrollment_{name}"), type_="check")
        batch_op.drop_constraint(op.f("fk_enrollment_holder_student_id"), type_="foreignkey")
        _replace(batch_op, "enrollment", "status", _EARLIER)
        for name in ("service_until", "leaving_reason", "holder_student_id", "service_type"):
            batch_op.drop_column(name)


def _replace(batch_op: object, table: str, column: str, words: str) -> None:
    name = op.f(f"ck_{table}_{column}_known")
    batch_op.drop_constraint(name, type_="check")  # type: ignore[attr-defined]
    batch_op.create_check_constraint(name, f"{column} IN ({words})")  # type: ignore[attr-defined]
