"""Files that providers send back: what each row said, what became of it, and the provider's own word about each enrollment."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, Instant, identity, one_of, recorded_at
from connectivity.register.account import Account
from connectivity.register.program_year import ProgramYear
from connectivity.register.provider import Provider
from connectivity.rules.provider_words import Said


class FileState(StrEnum):
    """Where a provider's file stands. The last three are final."""

    QUEUED = "queued"
    CHECKING = "checking"
    COLUMNS = "columns"  # waits for a person to say which column is which
    PLANNED = "planned"  # waits for a person to look
    APPLYING = "applying"
    APPLIED = "applied"
    REFUSED = "refused"  # could not be read; `refusal` says why
    DISCARDED = "discarded"


class RowFate(StrEnum):
    """What becomes of a row. Rows that say what we know already are counted only."""

    UPDATED = "updated"
    IGNORED = "ignored"
    REFUSED = "refused"


_STANDS = text("state NOT IN ('refused', 'discarded')")


class ProviderFile(Base):
    __tablename__ = "provider_file"
    __table_args__ = (
        one_of("state", FileState),
        # The same file a second time finds the first.
        Index(
            "uq_provider_file_file",
            "provider_id",
            "program_year_id",
            "file_sha256",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[identity]
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    program_year_id: Mapped[int] = mapped_column(ForeignKey("program_year.id"))
    file_name: Mapped[str]
    file_bytes: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str]
    stored_as: Mapped[str] = mapped_column(
        default=""
    )  # its name in the folder of uploads, until it is applied or put aside
    received_on: Mapped[dt.date]
    state: Mapped[str]
    refusal: Mapped[str] = mapped_column(default="")
    read_as: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # encoding, headings, what was left aside
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: the command line
    submitted_at: Mapped[recorded_at]
    checked_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    applied_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    applied_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    provider: Mapped[Provider] = relationship()
    program_year: Mapped[ProgramYear] = relationship()
    submitter: Mapped[Account | None] = relationship(foreign_keys=[submitted_by])
    applier: Mapped[Account | None] = relationship(foreign_keys=[applied_by])


class ProviderFileRow(Base):
    """One row that changes something, or that was not taken. `before_*` and `household_version` are what the plan was made from."""

    __tablename__ = "provider_file_row"
    __table_args__ = (
        # Word, step and reason are held to their words where they end, in `provider_word` and `enrollment_event`: SQLite
        # builds each list anew for every row that it inserts one by one, which took half of the time of staging.
        one_of("fate", RowFate),
        Index("ix_provider_file_row_fate", "provider_file_id", "fate", "number"),
    )

    provider_file_id: Mapped[int] = mapped_column(ForeignKey("provider_file.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)  # as the spreadsheet numbers it
    fate: Mapped[str]
    cells: Mapped[list[str] | None] = mapped_column(JSON)  # as they came, of a row that was not taken
    message: Mapped[str] = mapped_column(default="")
    expected: Mapped[str] = mapped_column(default="")
    enrollment_id: Mapped[int | None] = mapped_column(ForeignKey("enrollment.id", ondelete="CASCADE"), index=True)
    word: Mapped[str | None]  # None: only the account is new
    step: Mapped[str | None]  # None: the enrollment stays where it is
    happened_on: Mapped[dt.date | None]
    updated_on: Mapped[dt.date | None]
    reason: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
    account_last4: Mapped[str | None]  # None: nothing new
    before_status: Mapped[str | None]
    before_on: Mapped[dt.date | None]
    household_version: Mapped[int | None]


class ProviderWord(Base):
    """What the provider of a file said of an enrollment, added and never rewritten. Its newest stands; a problem that stands is open."""

    __tablename__ = "provider_word"
    __table_args__ = (one_of("word", Said), Index("ix_provider_word_enrollment_id", "enrollment_id", "id"))

    id: Mapped[identity]
    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id", ondelete="CASCADE"))
    provider_file_id: Mapped[int] = mapped_column(ForeignKey("provider_file.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)  # of the row
    word: Mapped[str]
    said_on: Mapped[dt.date]
    updated_on: Mapped[dt.date | None]  # the provider's own “last updated”
    note: Mapped[str] = mapped_column(default="")


class ProviderAccount(Base):
    """The last four digits of the account a provider serves an enrollment under: its bills are matched by it where a code is missing."""

    __tablename__ = "provider_account"

    enrollment_id: Mapped[int] = mapped_column(ForeignKey("enrollment.id", ondelete="CASCADE"), primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), primary_key=True)
    last4: Mapped[str]
    said_on: Mapped[dt.date]  # what is older does not replace it
    provider_file_id: Mapped[int] = mapped_column(ForeignKey("provider_file.id"))


class ProviderProfile(Base):
    """Which of our columns each heading of a provider's file stands for, as staff said once."""

    __tablename__ = "provider_profile"

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), primary_key=True)
    headings: Mapped[dict[str, str]] = mapped_column(JSON)  # heading as written -> our column
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[recorded_at]
