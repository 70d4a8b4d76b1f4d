"""Providers' bills, the homes as they stood on the first of the month, and what somebody decides where the two do not agree."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, Instant, identity, one_of, recorded_at
from connectivity.register.account import Account
from connectivity.register.provider import Provider
from connectivity.rules.billing import Bucket, MatchedBy

_STANDS = text("state NOT IN ('refused', 'discarded')")


class BillState(StrEnum):
    """Where a bill stands. The last two are final."""

    QUEUED = "queued"
    READING = "reading"
    RECONCILED = "reconciled"
    REFUSED = "refused"  # could not be read; `refusal` says why
    DISCARDED = "discarded"


class Decision(StrEnum):
    """What somebody decided about a finding."""

    PAY = "pay"  # the bill is right, or it is let pass
    DISPUTE = "dispute"  # it goes into the letter to the provider
    OURS = "ours"  # our own record was wrong and is mended


class ServiceSnapshot(Base):
    """One provider's homes on the first of a month, frozen when the first bill of the month is reconciled."""

    __tablename__ = "service_snapshot"
    __table_args__ = (UniqueConstraint("provider_id", "month"),)

    id: Mapped[identity]
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    month: Mapped[dt.date]  # its first day
    taken_at: Mapped[recorded_at]
    active: Mapped[int] = mapped_column(Integer)


class SnapshotHome(Base):
    """One enrollment on that day, with what a bill's line is held against."""

    __tablename__ = "snapshot_home"

    snapshot_id: Mapped[int] = mapped_column(ForeignKey("service_snapshot.id", ondelete="CASCADE"), primary_key=True)
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id"), primary_key=True, index=True)
    active: Mapped[bool] = mapped_column(Boolean)
    status: Mapped[str]
    ended_on: Mapped[dt.date | None]
    last_name: Mapped[str]
    line: Mapped[str]
    unit: Mapped[str]
    account_last4: Mapped[str]
    month_cents: Mapped[int | None] = mapped_column(Integer)  # the plan's price that month, where it is known


class Bill(Base):
    """One file of one provider for one month."""

    __tablename__ = "bill"
    __table_args__ = (
        one_of("state", BillState),
        # The same file a second time finds the first; for another month it is another bill, as a flat one is alike every month.
        Index(
            "uq_bill_file",
            "provider_id",
            "month",
            "file_sha256",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        Index("ix_bill_month", "provider_id", "month"),
    )

    id: Mapped[identity]
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    month: Mapped[dt.date]  # its first day
    file_name: Mapped[str]
    file_bytes: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str]
    stored_as: Mapped[str] = mapped_column(default="")  # its name in the folder of uploads, until it is read
    state: Mapped[str]
    refusal: Mapped[str] = mapped_column(default="")
    read_as: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # lines, cents, by bucket
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: the command line
    submitted_at: Mapped[recorded_at]
    reconciled_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    provider: Mapped[Provider] = relationship()
    submitter: Mapped[Account | None] = relationship()


class BillLine(Base):
    """One line as it was read. `refused`: what is wrong with it; it then takes no part."""

    __tablename__ = "bill_line"
    __table_args__ = (
        one_of("matched_by", MatchedBy),
        Index("ix_bill_line_enrollment_id", "enrollment_id", "service_to"),
    )

    bill_id: Mapped[int] = mapped_column(ForeignKey("bill.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)  # as the spreadsheet numbers it
    invoice: Mapped[str]
    code: Mapped[str]
    account_last4: Mapped[str]
    last_name: Mapped[str]
    line: Mapped[str]
    unit: Mapped[str]
    service_from: Mapped[dt.date | None]
    service_to: Mapped[dt.date | None]
    plan: Mapped[str]
    charge_cents: Mapped[int] = mapped_column(Integer)
    tax_cents: Mapped[int] = mapped_column(Integer)
    credit_cents: Mapped[int] = mapped_column(Integer)
    total_cents: Mapped[int] = mapped_column(Integer)
    enrollment_id: Mapped[int | None] = mapped_column(ForeignKey("enrollment.id"))
    matched_by: Mapped[str | None]
    refused: Mapped[str] = mapped_column(default="")
    cells: Mapped[list[str] | None] = mapped_column(JSON)  # as they came, of a refused line


class BillFinding(Base):
    """Where bill and snapshot do not agree, and what was decided."""

    __tablename__ = "bill_finding"
    __table_args__ = (
        one_of("bucket", Bucket),
        one_of("decision", Decision),
        CheckConstraint("(bucket = 'not_billed') = (number IS NULL)", name="not_billed_means_no_line"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_means_when"),
        Index("ix_bill_finding_bucket", "bill_id", "bucket", "id"),
    )

    id: Mapped[identity]
    bill_id: Mapped[int] = mapped_column(ForeignKey("bill.id", ondelete="CASCADE"))
    bucket: Mapped[str]
    number: Mapped[int | None] = mapped_column(Integer)
    enrollment_id: Mapped[int | None] = mapped_column(ForeignKey("enrollment.id"), index=True)
    cents: Mapped[int] = mapped_column(Integer)
    reason: Mapped[str]
    decision: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(Instant)
