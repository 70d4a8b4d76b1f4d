"""A family's appeal against being found not eligible in a program year."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import KEEPS_IDS, Base, identity, one_of, recorded_at
from connectivity.register.account import Account
from connectivity.register.household import Household
from connectivity.register.program_year import ProgramYear


class AppealState(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    DENIED = "denied"


class Appeal(Base):
    __tablename__ = "appeal"
    __table_args__ = (
        one_of("state", AppealState),
        CheckConstraint("(state = 'open') = (decided_on IS NULL)", name="decided_means_day"),
        CheckConstraint("state = 'open' OR reason <> ''", name="decided_means_reason"),
        CheckConstraint("decided_on IS NULL OR decided_on >= opened_on", name="decided_after_opened"),
        Index(
            "uq_appeal_open",
            "household_id",
            "program_year_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_appeal_household_id", "household_id"),
        KEEPS_IDS,
    )

    id: Mapped[identity]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id", ondelete="CASCADE"))
    program_year_id: Mapped[int] = mapped_column(ForeignKey("program_year.id"))
    opened_on: Mapped[dt.date]
    ground: Mapped[str]  # what the family says; for the eligibility office
    state: Mapped[str]
    decided_on: Mapped[dt.date | None]
    reason: Mapped[str] = mapped_column(default="")
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[recorded_at]

    household: Mapped[Household] = relationship()
    program_year: Mapped[ProgramYear] = relationship()
    opener: Mapped[Account | None] = relationship(foreign_keys=[opened_by])
    decider: Mapped[Account | None] = relationship(foreign_keys=[decided_by])
