"""The students of a school (or of all schools in scope) with where their household stands in a program year."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, tuple_
from sqlalchemy.orm import Session

from connectivity.register import Enrollment, Household, ProgramYear, Residence, School, Student
from connectivity.school_exports.filters import NOT_IN_PROGRAM, STATUSES, Filters

# The index ix_student_school_id has this order: a page is read from it without sorting.
ORDER = (Student.school_id, Student.sort_name, Student.id)
COLUMNS = (
    *ORDER,
    Student.last_name,
    Student.first_name,
    Student.district_id,
    Student.grade,
    Household.reference,
    Household.language,
    Enrollment.status,
    Enrollment.status_on,
    Enrollment.plan_id,
    Residence.community_area,
)
ROWS_A_QUERY = 2000

Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Which students: those the account may see, narrowed by filters, in a program year (None: none has begun)."""

    visible: ColumnElement[bool]
    filters: Filters
    year_id: int | None


def current_program_year(session: Session, today: dt.date) -> ProgramYear | None:
    """The program year that contains `today`, else the latest that has started, else None."""
    return session.scalar(
        select(ProgramYear)
        .where(ProgramYear.starts_on <= today)
        .order_by((ProgramYear.ends_on >= today).desc(), ProgramYear.starts_on.desc())
        .limit(1)
    )


def count_by_status(session: Session, listing: Listing) -> dict[str, int]:
    """Every status word (with `not_in_program`) -> students. The status filter is left out: each count is what that filter would list."""
    statement = _joined(select(Enrollment.status, func.count()).select_from(Student), listing, with_status=False)
    found = {
        status or NOT_IN_PROGRAM: number for status, number in session.execute(statement.group_by(Enrollment.status))
    }
    return {status: found.get(status, 0) for status in STATUSES}


def count_students(session: Session, listing: Listing, *, up_to: Student | None = None) -> int:
    """Students in the listing, or those of them up to and with `up_to` in the list's order."""
    statement = _joined(select(func.count()).select_from(Student), listing)
    if up_to is not None:
        statement = statement.where(tuple_(*ORDER) <= tuple_(*_key(up_to)))
    return int(session.execute(statement).scalar_one())


def page_of_students(
    session: Session, listing: Listing, *, after: Student | None, size: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Up to `size` rows of COLUMNS that follow `after` (None: from the beginning)."""
    return session.execute(_page(listing, _key(after) if after else None, size)).all()


def all_students(session: Session, listing: Listing) -> Iterator[tuple[Any, ...]]:
    """Every row of COLUMNS, fetched page by page so that memory stays at one page. Dates come as the driver gives them."""
    # The driver's own rows: at a district's size each layer above them costs a tenth of the time.
    connection, key = session.connection(), None
    while rows := connection.execute(_page(listing, key, ROWS_A_QUERY)).cursor.fetchall():
        yield from rows
        key = rows[-1][: len(ORDER)]


def student_in(session: Session, listing: Listing, student_id: int) -> Student | None:
    """A student by internal id, if the account may see it."""
    return session.scalar(select(Student).where(Student.id == student_id, listing.visible))


def languages_in(session: Session, visible: ColumnElement[bool]) -> list[str]:
    """Codes of the languages that the visible students' families are addressed in."""
    statement = select(Household.language).join(Student, Student.household_id == Household.id).where(visible)
    return sorted(session.scalars(statement.distinct()))


def visible_schools(session: Session, visible: ColumnElement[bool]) -> Sequence[School]:
    """Schools by name."""
    return session.scalars(select(School).where(visible).order_by(School.name, School.id)).all()


def _key(student: Student) -> tuple[str, str, int]:
    return student.school_id, student.sort_name, student.id


def _page(listing: Listing, key: tuple[Any, ...] | None, size: int) -> Rows:
    statement = _joined(select(*COLUMNS), listing).outerjoin(
        Residence, and_(Residence.household_id == Student.household_id, Residence.ends_on.is_(None))
    )
    if key is not None:
        statement = statement.where(tuple_(*ORDER) > tuple_(*key))
    return statement.order_by(*ORDER).limit(size)


def _joined(statement: Rows, listing: Listing, *, with_status: bool = True) -> Rows:
    in_year = and_(Enrollment.household_id == Student.household_id, Enrollment.program_year_id == listing.year_id)
    return (
        statement.join(Household, Household.id == Student.household_id)
        .outerjoin(Enrollment, in_year)
        .where(listing.visible, *listing.filters.conditions(with_status=with_status))
    )
