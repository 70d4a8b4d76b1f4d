"""Letters with membership codes that were made together, for one print run: which households, which codes, in which language."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, Instant, identity, one_of, recorded_at
from connectivity.register.account import Account
from connectivity.register.community_area import CommunityArea
from connectivity.register.program_year import ProgramYear
from connectivity.register.school import School


class LetterState(StrEnum):
    QUEUED = "queued"
    PRINTING = "printing"
    READY = "ready"
    FAILED = "failed"
    GONE = "gone"  # the file was deleted: it holds names, addresses and codes, and is kept a few days only


class LetterRun(Base):
    """One print run. Whom it is for is in its letters, and does not change after it was made."""

    __tablename__ = "letter_run"
    __table_args__ = (one_of("state", LetterState),)

    id: Mapped[identity]
    program_year_id: Mapped[int] = mapped_column(ForeignKey("program_year.id"))
    community_area: Mapped[int | None] = mapped_column(ForeignKey("community_area.number"))
    school_id: Mapped[str | None] = mapped_column(ForeignKey("school.id"))
    language: Mapped[str] = mapped_column(default="")  # of the families; "" for all
    in_english: Mapped[bool] = mapped_column(Boolean)  # those whose language has no letter get English
    again: Mapped[bool] = mapped_column(Boolean)  # those too whose letter was made before
    state: Mapped[str] = mapped_column(default=LetterState.QUEUED.value)
    letters: Mapped[int] = mapped_column(Integer, default=0)
    # Whom the run passed over, as counts: language -> households, and "" -> those whose name or address has letters we cannot set.
    left_out: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sha256: Mapped[str | None]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[recorded_at]
    finished_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    program_year: Mapped[ProgramYear] = relationship()
    account: Mapped[Account] = relationship()
    area: Mapped[CommunityArea | None] = relationship()
    school: Mapped[School | None] = relationship()


class Letter(Base):
    """One letter of a run: this code, to this household, in this language."""

    __tablename__ = "letter"
    __table_args__ = (Index("ix_letter_code_id", "code_id"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("letter_run.id", ondelete="CASCADE"), primary_key=True)
    code_id: Mapped[int] = mapped_column(ForeignKey("membership_code.id", ondelete="CASCADE"), primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    language: Mapped[str]
