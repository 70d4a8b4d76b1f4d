"""The students of the eligible and of the active households, by area and by grade. One query."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.equity.measured.base import GRADE_BANDS
from connectivity.equity.measured.cells import Tables, area_cell, empty
from connectivity.equity.measured.households import area_on, is_active, number_of_each, of_year
from connectivity.register import Student

BAND_OF = {grade: band for band, grades in GRADE_BANDS.items() for grade in grades}


def students(session: Session, *, program_year_id: int, as_of: dt.date) -> Tables:
    """The register holds neither a student's grade nor the household of an earlier day: both are as they are now."""
    found = of_year(program_year_id, as_of)
    area = area_on(found.c.household_id, as_of).label("area")
    kinds = select(area, Student.grade, is_active(found).label("active")).join(
        Student, Student.household_id == found.c.household_id
    )
    tables = empty("eligible_students", "active_students", "eligible_students_by_grade", "active_students_by_grade")
    for area, grade, is_online, number in number_of_each(session, kinds):
        for which in ("eligible", "active")[: 1 + bool(is_online)]:
            tables[f"{which}_students"][area_cell(area)] += number
            tables[f"{which}_students_by_grade"][BAND_OF[grade]] += number
    return tables
