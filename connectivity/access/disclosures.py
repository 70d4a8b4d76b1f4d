"""The log of files of personal data that left: opened before the first byte, closed after the last (34 CFR 99.32)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.database import now
from connectivity.register import Account, Disclosure


def open_disclosure(
    session: Session, *, account: Account, kind: str, basis: str, scope: dict[str, Any], columns: Sequence[str]
) -> Disclosure:
    """Writes down that a file is about to leave. `scope` holds ids only. Not finished until `close_disclosure`."""
    opened = Disclosure(
        account_id=account.id,
        finished_at=None,
        kind=kind,
        basis=basis,
        scope={"role": account.role, **scope},  # the role as it was then: an account's role may change
        columns=list(columns),
        row_count=None,
        sha256=None,
    )
    session.add(opened)
    session.flush()
    return opened


def close_disclosure(session: Session, disclosure_id: int, *, row_count: int, sha256: str) -> Disclosure:
    """The last byte has left."""
    closed = session.get_one(Disclosure, disclosure_id)
    closed.finished_at, closed.row_count, closed.sha256 = now(), row_count, sha256
    session.flush()
    return closed


def disclosures_of(session: Session, account: Account, *, newest: int) -> Sequence[Disclosure]:
    """An account's own files, newest first."""
    statement = select(Disclosure).where(Disclosure.account_id == account.id).order_by(Disclosure.id.desc())
    return session.scalars(statement.limit(newest)).all()
