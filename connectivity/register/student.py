"""A student of a household, by the district's own id (text)."""

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from connectivity.database import Base, identity, recorded_at
from connectivity.register.school import School

if TYPE_CHECKING:
    from connectivity.register.household import Household

GRADES = ("PK", "K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")


class Student(Base):
    __tablename__ = "student"
    __table_args__ = (
        CheckConstraint(f"grade IN ({', '.join(repr(grade) for grade in GRADES)})", name="grade_known"),
        # The order of a school's list; the last three columns let its file be read from the index alone.
        Index(
            "ix_student_school_id",
            "school_id",
            "last_name",
            "first_name",
            "id",
            "district_id",
            "grade",
            "household_id",
        ),
    )

    id: Mapped[identity]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    district_id: Mapped[str] = mapped_column(unique=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    birth_date: Mapped[dt.date]
    grade: Mapped[str]
    school_id: Mapped[str] = mapped_column(ForeignKey("school.id"))
    created_at: Mapped[recorded_at]

    household: Mapped["Household"] = relationship(back_populates="students")
    school: Mapped[School] = relationship()
