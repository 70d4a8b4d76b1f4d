"""Writes the audit trail: one line for each thing done, in the transaction that does it."""

from typing import Any

from sqlalchemy.orm import Session

from connectivity.register import Account, AuditEvent


def record(
    session: Session,
    *,
    account: Account | None,
    action: str,
    subject: str,
    subject_id: int | None,
    changes: dict[str, list[Any]] | None = None,
) -> None:
    """Adds one audit event. `changes` maps a field to [before, after], as JSON holds them. `account` None: the command line."""
    session.add(
        AuditEvent(
            account_id=account.id if account else None,
            action=action,
            subject=subject,
            subject_id=subject_id,
            changes=changes or {},
        )
    )
