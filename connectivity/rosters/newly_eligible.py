"""The registered households that a roster would enroll in its program year: the same ones that its apply enrolls."""

from sqlalchemy import ColumnElement, Select, Subquery, and_, exists, func, select, union_all
from sqlalchemy.orm import Session, aliased

from connectivity.register import (
    Enrollment,
    EnrollmentEvent,
    Outcome,
    ProgramYear,
    RosterHome,
    RosterImport,
    RosterRow,
    Student,
)
from connectivity.rosters.rows_of import of_import
from connectivity.rules.service_states import Status


def count(session: Session, roster: RosterImport) -> int:
    """How many they are."""
    found = rows_of(roster)
    return session.scalar(select(func.count(func.distinct(found.c.household_id)))) or 0


def rows_of(roster: RosterImport) -> Subquery:
    """(household_id, number): the eligible rows of known students, and of new ones who join a registered household."""
    known = (
        select(Student.household_id, RosterRow.number)
        .join(RosterRow, RosterRow.student_id == Student.id)
        .where(of_import(roster.id, Outcome.UNCHANGED, Outcome.CHANGED))
    )
    at_home = and_(RosterHome.import_id == RosterRow.import_id, RosterHome.number == RosterRow.home)
    joining = (
        select(RosterHome.household_id, RosterRow.number)
        .join(RosterRow, at_home)
        .where(of_import(roster.id, Outcome.NEW), RosterHome.reference.is_(None), RosterHome.household_id.is_not(None))
    )
    said = union_all(*(one.where(RosterRow.eligible.is_not(False)) for one in (known, joining))).subquery()
    return select(said).where(may_enroll(said.c.household_id, roster.program_year)).subquery()


def may_enroll(household_id: ColumnElement[int], year: ProgramYear) -> ColumnElement[bool]:
    """A WHERE condition: the household has no enrollment in the year, and if the year is closed to new ones, had service in an earlier one."""
    of_year = aliased(Enrollment)
    enrolled = exists().where(of_year.household_id == household_id, of_year.program_year_id == year.id)
    return ~enrolled if year.open_to_new else and_(~enrolled, household_id.in_(_had_service(year)))


def _had_service(year: ProgramYear) -> Select[int]:
    return (
        select(Enrollment.household_id)
        .join(EnrollmentEvent, EnrollmentEvent.enrollment_id == Enrollment.id)
        .join(ProgramYear, ProgramYear.id == Enrollment.program_year_id)
        .where(EnrollmentEvent.status == Status.ACTIVE, ProgramYear.starts_on < year.starts_on)
    )
