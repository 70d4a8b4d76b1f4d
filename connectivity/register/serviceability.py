"""What reaches an address: the requests sent to providers, and their dated answers. An answer belongs to the address, not to a household.

An address is its normalized line, its unit and the five digits of its ZIP code. Nothing here points to a household, so that a merge, a
split, a move or an undo of one leaves all of it as it is.
"""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, Instant, identity, one_of, recorded_at
from connectivity.register.account import Account
from connectivity.register.provider import Provider
from connectivity.rules.serviceability_words import ExistingService, MatchResult, Serviceable


class AnswersState(StrEnum):
    """Where a file of answers stands. The last two are final."""

    QUEUED = "queued"
    READING = "reading"
    COLUMNS = "columns"  # waits for a person to say which column is which
    TAKEN = "taken"
    REFUSED = "refused"  # could not be read; `refusal` says why


class AnswerFate(StrEnum):
    """What became of a row that was not taken. Rows left blank and rows that say what we know already are counted only."""

    IGNORED = "ignored"
    REFUSED = "refused"


class ServiceabilityBatch(Base):
    """One file of addresses for one provider."""

    __tablename__ = "serviceability_batch"

    id: Mapped[identity]
    reference: Mapped[str] = mapped_column(unique=True)  # random, as the provider sees it
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    asked_on: Mapped[dt.date]
    chosen: Mapped[dict[str, Any]] = mapped_column(JSON)  # what was asked for: area, addresses without an answer only
    addresses: Mapped[int] = mapped_column(Integer)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[recorded_at]

    provider: Mapped[Provider] = relationship()
    maker: Mapped[Account | None] = relationship()


class ServiceabilityRequest(Base):
    """One address of a batch. The provider sees `reference`, which is random and says nothing of a household."""

    __tablename__ = "serviceability_request"
    __table_args__ = (
        UniqueConstraint("batch_id", "line", "unit", "zip"),
        Index("ix_serviceability_request_address", "line", "unit", "zip", "batch_id"),
    )

    id: Mapped[identity]
    reference: Mapped[str] = mapped_column(unique=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("serviceability_batch.id", ondelete="CASCADE"))
    line: Mapped[str]
    unit: Mapped[str]
    city: Mapped[str]
    state: Mapped[str]
    zip: Mapped[str]  # five digits, or empty

    batch: Mapped[ServiceabilityBatch] = relationship()


_STANDS = text("state <> 'refused'")


class ServiceabilityFile(Base):
    """A file of answers as it was handed in. `stored_as`: its name in the folder of uploads until it is taken."""

    __tablename__ = "serviceability_file"
    __table_args__ = (
        one_of("state", AnswersState),
        # The same file a second time finds the first.
        Index(
            "uq_serviceability_file_file",
            "provider_id",
            "file_sha256",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[identity]
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    received_on: Mapped[dt.date]
    file_name: Mapped[str]
    file_bytes: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str]
    stored_as: Mapped[str]
    state: Mapped[str]
    refusal: Mapped[str] = mapped_column(default="")
    read_as: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    named: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # heading -> our column, as a person said
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    submitted_at: Mapped[recorded_at]
    taken_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    provider: Mapped[Provider] = relationship()
    submitter: Mapped[Account | None] = relationship()


class ServiceabilityRow(Base):
    """A row that was not taken, with its own cells, what is wrong and what was expected."""

    __tablename__ = "serviceability_row"
    __table_args__ = (one_of("fate", AnswerFate),)

    file_id: Mapped[int] = mapped_column(ForeignKey("serviceability_file.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)  # the spreadsheet's
    fate: Mapped[str]
    message: Mapped[str]
    expected: Mapped[str]
    cells: Mapped[list[str]] = mapped_column(JSON)


_NEWEST, _NO, _WAITS = "stands", "serviceable = 'no'", "match_result = 'corrected' AND accepted IS NULL"


def _where(*conditions: str) -> dict[str, Any]:
    """Of a partial index. SQLite has no booleans and takes an index only for the very words of a query: `stands = 1`."""
    words = " AND ".join(conditions)
    return {"sqlite_where": text(words.replace(_NEWEST, "stands = 1", 1)), "postgresql_where": text(words)}


class ServiceabilityAnswer(Base):
    """A provider's answer about an address on a day. Added, never rewritten, except for what a person decides of a corrected address.

    `stands`: the newest of this provider for this address; the database holds to one. `serviceable` of a corrected address counts only
    once a person accepted that it is the same place.
    """

    __tablename__ = "serviceability_answer"
    __table_args__ = (
        one_of("match_result", MatchResult),
        one_of("serviceable", Serviceable),
        one_of("existing_service", ExistingService),
        CheckConstraint("max_down_mbps >= 0", name="speed_not_negative"),
        CheckConstraint(
            "serviceable = 'unknown' OR match_result IN ('exact', 'corrected')", name="not_found_means_unknown"
        ),
        CheckConstraint("accepted IS NULL OR match_result = 'corrected'", name="only_corrected_accepted"),
        Index(
            "uq_serviceability_answer_stands",
            "line",
            "unit",
            "zip",
            "provider_id",
            unique=True,
            **_where(_NEWEST),
        ),
        Index("ix_serviceability_answer_no", "line", "unit", "zip", **_where(_NEWEST, _NO)),
        Index("ix_serviceability_answer_waits", "id", **_where(_NEWEST, _WAITS)),
    )

    id: Mapped[identity]
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    line: Mapped[str]
    unit: Mapped[str]
    zip: Mapped[str]
    request_id: Mapped[int] = mapped_column(ForeignKey("serviceability_request.id"), index=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("serviceability_file.id"), index=True)
    match_result: Mapped[str]
    found_address: Mapped[str]  # the address as the provider has it, where it corrected ours
    accepted: Mapped[bool | None] = mapped_column(Boolean)  # of a corrected one: whether it is the same place
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    serviceable: Mapped[str]
    existing_service: Mapped[str]
    technology: Mapped[str]
    max_down_mbps: Mapped[int | None] = mapped_column(Integer)
    checked_on: Mapped[dt.date]
    note: Mapped[str]
    stands: Mapped[bool] = mapped_column(Boolean)
    recorded_at: Mapped[recorded_at]

    provider: Mapped[Provider] = relationship()
    file: Mapped[ServiceabilityFile] = relationship()
