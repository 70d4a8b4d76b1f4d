"""Each time the end of a program year was moved on: from which day to which, why, by whom, what it touched, and whether it was taken back."""

import datetime as dt

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, identity, recorded_at
from connectivity.register.account import Account
from connectivity.register.program_year import ProgramYear


class YearExtension(Base):
    __tablename__ = "year_extension"
    __table_args__ = (
        CheckConstraint("ends_on > ended_on", name="goes_on"),
        CheckConstraint("(taken_back_at IS NULL) = (taken_back_reason IS NULL)", name="taken_back_means_reason"),
    )

    id: Mapped[identity]
    program_year_id: Mapped[int] = mapped_column(ForeignKey("program_year.id"), index=True)
    ended_on: Mapped[dt.date]  # the last day before
    ends_on: Mapped[dt.date]  # the last day since
    reason: Mapped[str]
    open_enrollments: Mapped[int] = mapped_column(Integer)  # had not ended, and go on
    moved_days: Mapped[int] = mapped_column(
        Integer
    )  # of these, whose last day of service was the year's and moved with it
    moved_codes: Mapped[int] = mapped_column(Integer, default=0)  # unused ones that can be used until the new day
    # Whose last day of use moved: nothing else tells them from a list that came for the new day already.
    code_batches: Mapped[list[int]] = mapped_column(JSON, default=list)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[recorded_at]
    taken_back_at: Mapped[dt.datetime | None]
    taken_back_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    taken_back_reason: Mapped[str | None]

    program_year: Mapped[ProgramYear] = relationship()
    account: Mapped[Account | None] = relationship(foreign_keys=[account_id])
    taker_back: Mapped[Account | None] = relationship(foreign_keys=[taken_back_by])
