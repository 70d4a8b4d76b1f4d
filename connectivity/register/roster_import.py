"""A district's roster as it was handed in: the job that reads it, the plan it makes, and the receipt that stays."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, Instant, identity, one_of, recorded_at
from connectivity.register.account import Account
from connectivity.register.program_year import ProgramYear


class ImportState(StrEnum):
    """Where an import stands. The last four are final; a file that never came to a plan changes nothing and may be sent again."""

    QUEUED = "queued"  # handed in, not read yet
    READING = "reading"
    COLUMNS = "columns"  # waits for a person to say which column is which
    COMPARING = "comparing"
    PLANNED = "planned"  # waits for a person to look
    HELD = "held"  # waits for a second person
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    REFUSED = "refused"  # the file could not be taken, `refusal` says why
    DISCARDED = "discarded"


class Covers(StrEnum):
    """Whether students who are not in the file have left the roster."""

    WHOLE = "whole"
    PART = "part"


GONE = (ImportState.UNDONE, ImportState.REFUSED, ImportState.DISCARDED)
_STANDS = text(f"state NOT IN ({', '.join(repr(state.value) for state in GONE)})")


class RosterImport(Base):
    __tablename__ = "roster_import"
    __table_args__ = (
        one_of("state", ImportState),
        one_of("covers", Covers),
        # A second submit of the same file finds the first. `copy` rises where somebody takes an old file in again on purpose.
        Index(
            "uq_roster_import_file",
            "file_sha256",
            "program_year_id",
            "copy",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[identity]
    program_year_id: Mapped[int] = mapped_column(ForeignKey("program_year.id"))
    file_name: Mapped[str]
    file_bytes: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str]
    stored_as: Mapped[str] = mapped_column(default="")  # its name in the folder of uploads, until it has been read
    copy: Mapped[int] = mapped_column(Integer, default=1)
    covers: Mapped[str]
    state: Mapped[str]
    refusal: Mapped[str] = mapped_column(default="")
    profile: Mapped[str] = mapped_column(default="")  # title of the column profile
    read_as: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict
    )  # encoding, headings, what was healed or left aside
    columns: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # our column -> the file's heading
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    holds: Mapped[list[str]] = mapped_column(JSON, default=list)  # why a second person must look, in sentences
    after_import_id: Mapped[int | None] = mapped_column(
        ForeignKey("roster_import.id")
    )  # the last applied one at the comparison
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))  # None: the command line
    submitted_at: Mapped[recorded_at]
    compared_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    approval_reason: Mapped[str] = mapped_column(default="")
    applied_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    applied_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    undone_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    undo_reason: Mapped[str] = mapped_column(default="")
    kept: Mapped[list[list[str]]] = mapped_column(
        JSON, default=list
    )  # what the undo left: [household reference or student ID, why]

    program_year: Mapped[ProgramYear] = relationship()
    submitter: Mapped[Account | None] = relationship(foreign_keys=[submitted_by])
    approver: Mapped[Account | None] = relationship(foreign_keys=[approved_by])
    applier: Mapped[Account | None] = relationship(foreign_keys=[applied_by])
    undoer: Mapped[Account | None] = relationship(foreign_keys=[undone_by])


class RosterProfile(Base):
    """Which of our columns each heading of a source stands for, as staff said once."""

    __tablename__ = "roster_profile"

    id: Mapped[identity]
    name: Mapped[str] = mapped_column(unique=True)
    headings: Mapped[dict[str, str]] = mapped_column(JSON)  # heading as written -> our column
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[recorded_at]
