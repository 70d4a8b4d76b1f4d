"""What a program year wants to reach: how many, of what, by when, and where the number comes from."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, identity, one_of, recorded_at
from connectivity.register.program_year import ProgramYear


class Unit(StrEnum):
    HOUSEHOLDS = "households"
    STUDENTS = "students"


class Counted(StrEnum):
    """What a target counts. All but the last are cumulative: whoever came so far in the year, wherever they stand now."""

    CONTACTED = "contacted"
    CODE_ISSUED = "code_issued"
    ORDERED = "ordered"
    CONNECTED = "connected"
    CONNECTED_NOW = "connected_now"


class ProgramTarget(Base):
    __tablename__ = "program_target"
    __table_args__ = (
        one_of("unit", Unit),
        one_of("counted", Counted),
        CheckConstraint("number > 0", name="number_positive"),
    )

    id: Mapped[identity]
    program_year_id: Mapped[int] = mapped_column(ForeignKey("program_year.id"), index=True)
    number: Mapped[int] = mapped_column(Integer)
    unit: Mapped[str]
    counted: Mapped[str]
    due_on: Mapped[dt.date]
    basis: Mapped[str]  # in words: "children in homes without broadband"
    vintage: Mapped[str]  # of the basis: "ACS 2018, 5-year"
    created_at: Mapped[recorded_at]

    program_year: Mapped[ProgramYear] = relationship()
