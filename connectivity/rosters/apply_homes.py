"""The new households of a plan with their homes, phones, students and enrollments, each table in one statement; and the moves."""

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Date,
    Integer,
    String,
    and_,
    delete,
    exists,
    insert,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, table_of, write
from connectivity.bulk import update as update_rows
from connectivity.database import Instant
from connectivity.register import (
    AuditEvent,
    ChangeState,
    Enrollment,
    EnrollmentEvent,
    Household,
    HouseholdPhone,
    Outcome,
    Residence,
    RosterChange,
    RosterHome,
    RosterImport,
    RosterRow,
    Student,
    StudentFactors,
)
from connectivity.rosters.newly_eligible import may_enroll
from connectivity.rosters.places import PLACE_COLUMNS
from connectivity.rosters.rows_of import of_import
from connectivity.rules.service_states import SaidBy, Status


def make_households(session: Session, roster: RosterImport, *, moment: dt.datetime, on: dt.date) -> None:
    """Households, residences and phones of the plan's new homes, with one audit event each."""
    new = and_(RosterHome.import_id == roster.id, RosterHome.reference.is_not(None))
    at, one = literal(moment, Instant), literal(1, Integer)
    _insert(
        session,
        Household,
        {
            "reference": RosterHome.reference,
            "guardian_first_name": RosterHome.guardian_first_name,
            "guardian_last_name": RosterHome.guardian_last_name,
            "language": RosterHome.language,
            "email": RosterHome.email,
            "created_at": at,
            "updated_at": at,
            "version": one,
        },
        lambda columns: select(*columns).where(new).order_by(RosterHome.number),
    )
    made = select(Household.id).where(Household.reference == RosterHome.reference).scalar_subquery()
    _change(session, update(RosterHome).where(new).values(household_id=made))
    _insert(
        session,
        Residence,
        _residence(roster, at, RosterHome.household_id, literal(on, Date)),
        lambda columns: select(*columns).where(new, RosterHome.original.is_not(None)),
    )
    _write_phones(session, new)
    changes = {"version": [None, 1], "roster": [None, roster.id]}
    _insert(
        session,
        AuditEvent,
        {
            "at": at,
            "account_id": _account(roster),
            "action": literal("household.registered", String),
            "subject": literal("household", String),
            "subject_id": RosterHome.household_id,
            "changes": literal(changes, JSON),
        },
        lambda columns: select(*columns).where(new),
    )


def _residence(roster: RosterImport, at: Any, household: Any, starts_on: Any) -> dict[str, Any]:
    return {
        "household_id": household,
        "starts_on": starts_on,
        "recorded_by": _account(roster),
        "recorded_at": at,
        **{name: getattr(RosterHome, name) for name in PLACE_COLUMNS},
    }


def _account(roster: RosterImport) -> Any:
    return literal(roster.applied_by, Integer) if roster.applied_by else null()


def _write_phones(session: Session, homes: ColumnElement[bool]) -> None:
    listed = fetch(session, select(RosterHome.household_id, RosterHome.phones).where(homes, RosterHome.phones != ""))
    rows = [
        (household, position, number)
        for household, phones in listed
        for position, number in enumerate(phones.split(), start=1)
    ]
    names = ("household_id", "position", "number")
    if rows:
        write(session, table_of(HouseholdPhone), dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def take_in_students(session: Session, roster: RosterImport, *, moment: dt.datetime) -> None:
    """The new students, each in its home; their rows are the district's last word on them."""
    names = ("district_id", "first_name", "last_name", "sort_name", "birth_date", "grade", "school_id")
    new = of_import(roster.id, Outcome.NEW)
    at_home = and_(RosterHome.import_id == RosterRow.import_id, RosterHome.number == RosterRow.home)
    _insert(
        session,
        Student,
        {
            "household_id": RosterHome.household_id,
            "created_at": literal(moment, Instant),
            **{name: getattr(RosterRow, name) for name in names},
        },
        lambda columns: (
            select(*columns).select_from(RosterRow).join(RosterHome, at_home).where(new).order_by(RosterRow.number)
        ),
    )
    made = select(Student.id).where(Student.district_id == RosterRow.district_id).scalar_subquery()
    _change(session, update(RosterRow).where(new).values(student_id=made, current=True))


def move(session: Session, roster: RosterImport, *, moment: dt.datetime, on: dt.date) -> set[int]:
    """Ends the residence of each household that moved and begins the new one. Returns the households."""
    goes = exists().where(
        RosterChange.import_id == roster.id,
        RosterChange.noun_id == RosterHome.household_id,
        RosterChange.field == "address",
        RosterChange.state == ChangeState.APPLIED,
    )
    moved = and_(
        RosterHome.import_id == roster.id, RosterHome.reference.is_(None), RosterHome.original.is_not(None), goes
    )
    households = fetch(session, select(RosterHome.household_id).where(moved))
    lived = and_(Residence.ends_on.is_(None), Residence.household_id.in_(select(RosterHome.household_id).where(moved)))
    before = fetch(session, select(Residence.id, Residence.starts_on).where(lived))
    ends = [max(on.isoformat(), str(starts)) for _, starts in before]
    if before:
        update_rows(session, table_of(Residence), ("id",), {"ends_on": ends, "id": [one for one, _ in before]})
    _insert(
        session,
        Residence,
        _residence(roster, literal(moment, Instant), RosterHome.household_id, literal(on, Date)),
        lambda columns: select(*columns).where(moved),
    )
    return {household for (household,) in households}


def enroll(session: Session, roster: RosterImport, *, moment: dt.datetime, on: dt.date) -> set[int]:
    """Every household with an eligible student in the roster stands at “eligible” in its program year, if it has no enrollment there.

    A year that is closed to new households takes those that had service in an earlier one. Returns the households enrolled that
    were registered before.
    """
    year = roster.program_year
    day = min(max(on, year.starts_on), year.ends_on)
    eligible = and_(
        of_import(roster.id, Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED),
        RosterRow.eligible.is_not(False),
        may_enroll(table_of(Student).c.household_id, year),
    )
    _insert(
        session,
        Enrollment,
        {
            "household_id": Student.household_id,
            "program_year_id": literal(year.id, Integer),
            "status": literal(Status.ELIGIBLE.value, String),
            "status_on": literal(day, Date),
            "created_at": literal(moment, Instant),
        },
        lambda columns: select(*columns).join(RosterRow, RosterRow.student_id == Student.id).where(eligible).distinct(),
    )
    begun = exists().where(EnrollmentEvent.enrollment_id == Enrollment.id)
    _insert(
        session,
        EnrollmentEvent,
        {
            "enrollment_id": Enrollment.id,
            "status": Enrollment.status,
            "happened_on": Enrollment.status_on,
            "said_by": literal(SaidBy.DISTRICT.value, String),
            "note": literal(f"District roster {roster.id}", String),
            "recorded_by": _account(roster),
            "recorded_at": Enrollment.created_at,
        },
        lambda columns: select(*columns).where(created_with(roster, moment), ~begun),
    )
    older = select(Enrollment.household_id).join(Household, Household.id == Enrollment.household_id)
    enrolled_now = fetch(session, older.where(created_with(roster, moment), Household.created_at != moment))
    return {household for (household,) in enrolled_now}


def created_with(roster: RosterImport, moment: dt.datetime) -> ColumnElement[bool]:
    """A WHERE condition: the enrollments that this roster began, by the moment it was applied."""
    return and_(Enrollment.program_year_id == roster.program_year_id, Enrollment.created_at == moment)


def keep_factors(session: Session, roster: RosterImport, *, moment: dt.datetime) -> None:
    """Sealed factors of the rows, where the program holds any: the newest of each student and year."""
    taken_in = of_import(roster.id, Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)
    sealed = and_(taken_in, RosterRow.factors.is_not(None), RosterRow.student_id.is_not(None))
    replaced = select(RosterRow.student_id).where(sealed)
    session.execute(
        delete(StudentFactors).where(
            StudentFactors.program_year_id == roster.program_year_id, StudentFactors.student_id.in_(replaced)
        )
    )
    _insert(
        session,
        StudentFactors,
        {
            "student_id": RosterRow.student_id,
            "program_year_id": literal(roster.program_year_id, Integer),
            "sealed": RosterRow.factors,
            "import_id": RosterRow.import_id,
            "recorded_at": literal(moment, Instant),
        },
        lambda columns: select(*columns).where(sealed),
    )


def _insert(session: Session, noun: Any, columns: dict[str, Any], rows: Any) -> None:
    session.execute(insert(noun).from_select(list(columns), rows(columns.values()), include_defaults=False))


def _change(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))
