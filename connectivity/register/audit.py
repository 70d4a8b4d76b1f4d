"""What was done, by whom, when. Ids and field names; before and after values stay in this table and never reach a log line."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base, identity, recorded_at


class AuditEvent(Base):
    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_subject", "subject", "subject_id"),)

    id: Mapped[identity]
    at: Mapped[recorded_at]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: the command line
    action: Mapped[str]  # household.registered, enrollment.stepped, account.signed_in
    subject: Mapped[str]  # the noun: household, account, release
    subject_id: Mapped[int | None]
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # field -> [before, after]


class Disclosure(Base):
    """A file of personal data that left: to whom, on what basis, how much. Kept as long as the records live (34 CFR 99.32)."""

    __tablename__ = "disclosure"

    id: Mapped[identity]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    started_at: Mapped[recorded_at]
    finished_at: Mapped[dt.datetime | None]  # None: the download was interrupted
    kind: Mapped[str]  # school_roster_csv
    basis: Mapped[str]
    scope: Mapped[dict[str, Any]] = mapped_column(JSON)  # schools and filters, ids only
    columns: Mapped[list[str]] = mapped_column(JSON)
    row_count: Mapped[int | None]
    sha256: Mapped[str | None]
