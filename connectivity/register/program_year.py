"""A funding year of the program: when it runs, who pays, and whether new households may join."""

import datetime as dt

from sqlalchemy import Boolean, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from connectivity.database import Base, identity


class ProgramYear(Base):
    __tablename__ = "program_year"
    __table_args__ = (CheckConstraint("ends_on > starts_on", name="ends_after_start"),)

    id: Mapped[identity]
    label: Mapped[str] = mapped_column(unique=True)  # "2025-26"
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    funding: Mapped[str]
    open_to_new: Mapped[bool] = mapped_column(Boolean)
