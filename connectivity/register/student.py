"""A student of a household, by the district's own id (text)."""

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Connection, ForeignKey, Index, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from connectivity.database import KEEPS_IDS, Base, byte_order, identity, recorded_at
from connectivity.register.school import School
from connectivity.rules.names import sort_name

if TYPE_CHECKING:
    from connectivity.register.household import Household

GRADES = ("PK", "K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")


class Student(Base):
    __tablename__ = "student"
    __table_args__ = (
        CheckConstraint(f"grade IN ({', '.join(repr(grade) for grade in GRADES)})", name="grade_known"),
        # The order of a school's list; the columns after the id let its file be read from the index alone.
        Index(
            "ix_student_school_id",
            "school_id",
            "sort_name",
            "id",
            "last_name",
            "first_name",
            "district_id",
            "grade",
            "household_id",
        ),
        KEEPS_IDS,
    )

    id: Mapped[identity]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    district_id: Mapped[str] = mapped_column(unique=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    # One order on both databases, accents and case folded: Álvarez before Baker. Follows the names by itself, except in a bulk
    # insert or update, which must pass rules.names.sort_name.
    sort_name: Mapped[str] = mapped_column(byte_order)
    birth_date: Mapped[dt.date]
    grade: Mapped[str]
    school_id: Mapped[str] = mapped_column(ForeignKey("school.id"))
    created_at: Mapped[recorded_at]

    household: Mapped["Household"] = relationship(back_populates="students")
    school: Mapped[School] = relationship()


@event.listens_for(Student, "before_insert")
@event.listens_for(Student, "before_update")
def _follow_the_names(_mapper: Mapper[Student], _connection: Connection, student: Student) -> None:
    student.sort_name = sort_name(student.last_name, student.first_name)
