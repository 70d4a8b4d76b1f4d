"""Deletes the households, students and enrollments that a roster made, unless people have worked with them since."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, false, func, insert, or_, select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, slices, table_of
from connectivity.register import (
    AuditEvent,
    EligibilityOutcome,
    Enrollment,
    EnrollmentEvent,
    Household,
    HouseholdPhone,
    HouseholdQuestion,
    ImportState,
    Outcome,
    QuestionState,
    Residence,
    RosterHome,
    RosterImport,
    RosterRow,
    SearchTerm,
    Student,
    StudentFactors,
)
from connectivity.rosters.apply_homes import created_with
from connectivity.rosters.hanging import GOES_ALONG, hung_on
from connectivity.rosters.rows_of import of_import

SINCE = {
    "changed": "people changed the household since",
    "enrolled": "its enrollment went on",
    "filled": "a student was added to it by hand",
    "edited": "the student was edited since",
}


@dataclass(frozen=True)
class Held:
    """What stays: new household -> (its reference, why), and of students and enrollments that the roster made, those that others hang on."""

    homes: Mapping[int, tuple[str, str]]
    students: Mapping[int, str]
    enrollments: Mapping[int, str]


def take_back(session: Session, roster: RosterImport, kept: list[list[str]]) -> set[int]:
    """Takes enrollments, students and households back. Returns the older households that lose something; what stays goes to `kept`."""
    made = select(RosterHome.household_id).where(*_new_homes(roster))
    held = _held(session, roster, made)
    kept += [[reference, why] for reference, why in held.homes.values()]
    houses = {household for (household,) in fetch(session, made)}
    lost = _take_back_enrollments(session, roster, held, kept)
    return (lost | _take_back_homes(session, roster, houses, held, kept)) - houses


def _take_back_enrollments(session: Session, roster: RosterImport, held: Held, kept: list[list[str]]) -> set[int]:
    begun = fetch(session, select(Enrollment.id, Enrollment.household_id).where(_begun(roster), _idle()))
    gone = [(one, home) for one, home in begun if home not in held.homes and one not in held.enrollments]
    for noun, key in ((EnrollmentEvent, EnrollmentEvent.enrollment_id), (Enrollment, Enrollment.id)):
        _delete_all(session, noun, key, [one for one, _ in gone])
    went_on = select(Household.id, Household.reference, Enrollment.id).join(
        Enrollment, Enrollment.household_id == Household.id
    )
    left = fetch(session, went_on.where(_begun(roster)))
    kept += [
        [reference, held.enrollments.get(enrollment, SINCE["enrolled"])]
        for one, reference, enrollment in left
        if one not in held.homes
    ]
    return {household for _, household in gone}


def _begun(roster: RosterImport) -> ColumnElement[bool]:
    assert roster.applied_at is not None  # noqa: S101 - an undo follows an apply
    return created_with(roster, roster.applied_at)


def _idle() -> ColumnElement[bool]:
    """A WHERE condition: enrollments that stand at their first step, and of which nobody has said anything yet."""
    steps = select(func.count()).where(EnrollmentEvent.enrollment_id == Enrollment.id).scalar_subquery()
    return and_(steps <= 1, *(column.is_(None) for column in table_of(Enrollment).columns if column.nullable))


def _new_homes(roster: RosterImport) -> tuple[ColumnElement[bool], ...]:
    return RosterHome.import_id == roster.id, RosterHome.reference.is_not(None), RosterHome.household_id.is_not(None)


def _take_back_homes(
    session: Session, roster: RosterImport, houses: set[int], held: Held, kept: list[list[str]]
) -> set[int]:
    stays, edited = held.homes, _edited(session, roster)
    staying = {one: (district_id, home, SINCE["edited"]) for one, (district_id, home) in edited.items()}
    new = fetch(session, _new_students(roster))
    staying |= {one: (named, home, held.students[one]) for one, home, named in new if one in held.students}
    kept += [[district_id, why] for district_id, home, why in staying.values() if home not in stays]
    leaving = [(one, home) for one, home, _ in new if home not in stays and one not in staying]
    emptied = sorted(houses - stays.keys() - {home for _, home, _ in staying.values()})
    _delete_all(session, Student, Student.id, [student for student, _ in leaving])
    for noun in (SearchTerm, HouseholdPhone, Residence, HouseholdQuestion):
        _delete_all(session, noun, noun.household_id, emptied)
    _delete_all(session, HouseholdQuestion, HouseholdQuestion.other_id, emptied)
    _delete_all(session, Household, Household.id, emptied)
    return {household for _, household in leaving}


def _new_students(roster: RosterImport) -> Select[int, int, str]:
    return (
        select(Student.id, Student.household_id, Student.district_id)
        .join(RosterRow, RosterRow.student_id == Student.id)
        .where(of_import(roster.id, Outcome.NEW))
    )


def _held(session: Session, roster: RosterImport, made: Select[Any]) -> Held:
    new = select(RosterRow.student_id).where(of_import(roster.id, Outcome.NEW), RosterRow.student_id.is_not(None))
    begun = select(Enrollment.id).where(_begun(roster))
    students = hung_on(session, table_of(Student), new, own_of_students(roster))
    enrollments = hung_on(session, table_of(Enrollment), begun, own_of_enrollments())
    homes = select(Residence.id).where(Residence.household_id.in_(made))
    houses = _stay(session, roster, made)
    for noun, found in (
        (Student, students),
        (Enrollment, enrollments),
        (Residence, hung_on(session, table_of(Residence), homes, {})),
    ):
        houses = _households_of(session, noun, found) | houses
    named: dict[int, tuple[str, str]] = {}
    for some in slices(sorted(houses)):
        references = select(Household.id, Household.reference).where(Household.id.in_(some), Household.id.in_(made))
        named |= {one: (reference, houses[one]) for one, reference in fetch(session, references)}
    return Held(named, students, enrollments)


def _households_of(session: Session, noun: Any, found: Mapping[int, str]) -> dict[int, str]:
    whose: dict[int, str] = {}
    for some in slices(sorted(found)):
        rows = fetch(session, select(noun.id, noun.household_id).where(noun.id.in_(some)))
        whose |= {household: found[one] for one, household in rows}
    return whose


def _open_here(roster: RosterImport) -> ColumnElement[bool]:
    """A WHERE condition: questions about which nobody has decided, and that go with the roster."""
    raised_here = and_(HouseholdQuestion.import_id == roster.id, HouseholdQuestion.state == QuestionState.OPEN)
    return func.coalesce(or_(raised_here, HouseholdQuestion.state == QuestionState.WITHDRAWN), false())


def own_of_households(roster: RosterImport) -> dict[str, ColumnElement[bool] | None]:
    """What goes with a household that the roster made. Its students, and whether people changed it, are looked at by themselves."""
    return {
        "household_phone.household_id": GOES_ALONG,
        **dict.fromkeys(("residence.household_id", "student.household_id", "roster_home.household_id"), GOES_ALONG),
        "enrollment.household_id": and_(_begun(roster), _idle()),
        "household_question.household_id": _open_here(roster),
        "household_question.other_id": _open_here(roster),
        # A preview of an assessment says of whom it was made; what was applied stays.
        "eligibility_outcome.household_id": ~EligibilityOutcome.written,
    }


def own_of_students(roster: RosterImport) -> dict[str, ColumnElement[bool] | None]:
    """What goes with a student whom the roster brought."""
    return {
        **dict.fromkeys(("roster_row.student_id", "student_factors.student_id"), GOES_ALONG),
        "household_question.student_id": _open_here(roster),
    }


def own_of_enrollments() -> dict[str, ColumnElement[bool] | None]:
    """What goes with an enrollment that the roster began."""
    return {"enrollment_event.enrollment_id": GOES_ALONG}


def _stay(session: Session, roster: RosterImport, made: Select[Any]) -> dict[int, str]:
    """New household -> why it stays, for those that people have worked with."""
    by_hand = and_(
        Student.household_id.in_(made),
        ~exists().where(RosterRow.import_id == roster.id, RosterRow.student_id == Student.id),
    )
    filled = fetch(session, select(Student.household_id).where(by_hand).distinct())
    found = dict.fromkeys((one for (one,) in filled), SINCE["filled"])
    found |= dict.fromkeys(_changed_by_people(session, made), SINCE["changed"])
    merged = select(Household.id).where(Household.id.in_(made), Household.merged_into_id.is_not(None))
    found |= dict.fromkeys((one for (one,) in fetch(session, merged)), SINCE["changed"])
    return found | hung_on(session, table_of(Household), made, own_of_households(roster))


def _changed_by_people(session: Session, made: Select[Any]) -> list[int]:
    """Households whose version rose more often than rosters (applied or undone) raised it."""
    risen = fetch(session, select(Household.id, Household.version).where(Household.id.in_(made), Household.version > 1))
    versions = dict(risen)
    by_rosters = Counter[int]()
    for some in slices(sorted(versions)):
        events = select(AuditEvent.subject_id, AuditEvent.changes).where(
            AuditEvent.subject == "household", AuditEvent.action == "household.edited", AuditEvent.subject_id.in_(some)
        )
        by_rosters.update(one for one, changes in session.execute(events) if one is not None and "roster" in changes)
    return [one for one, version in versions.items() if version - 1 != by_rosters[one]]


def _edited(session: Session, roster: RosterImport) -> dict[int, tuple[str, int]]:
    """New student -> its ID and household, where it is no longer what the roster said."""
    names = ("district_id", "first_name", "last_name", "birth_date", "grade", "school_id")
    differs = or_(*(getattr(Student, name) != getattr(RosterRow, name) for name in names))
    elsewhere = and_(
        RosterHome.import_id == RosterRow.import_id,
        RosterHome.number == RosterRow.home,
        or_(differs, RosterHome.household_id != Student.household_id),
    )
    statement = (
        select(Student.id, Student.district_id, Student.household_id)
        .join(RosterRow, RosterRow.student_id == Student.id)
        .join(RosterHome, elsewhere)
        .where(of_import(roster.id, Outcome.NEW))
    )
    return {one: (district_id, household) for one, district_id, household in fetch(session, statement)}


def restore_factors(session: Session, roster: RosterImport) -> None:
    """Sealed factors are again those of the rosters before."""
    _delete(session, StudentFactors, StudentFactors.import_id == roster.id)
    said = and_(
        RosterImport.state == ImportState.APPLIED,
        RosterImport.program_year_id == roster.program_year_id,
        RosterRow.factors.is_not(None),
        RosterRow.outcome.in_((Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)),
    )
    last = (
        select(RosterRow.student_id, func.max(RosterRow.import_id).label("import_id"))
        .join(RosterImport, RosterImport.id == RosterRow.import_id)
        .where(said)
        .group_by(RosterRow.student_id)
        .subquery()
    )
    held = exists().where(
        StudentFactors.student_id == RosterRow.student_id,
        StudentFactors.program_year_id == roster.program_year_id,
    )
    before = (
        select(
            RosterRow.student_id,
            RosterImport.program_year_id,
            RosterRow.factors,
            RosterRow.import_id,
            RosterImport.applied_at,
        )
        .join(RosterImport, RosterImport.id == RosterRow.import_id)
        .join(last, and_(last.c.student_id == RosterRow.student_id, last.c.import_id == RosterRow.import_id))
        .where(said, ~held)
    )
    names = ["student_id", "program_year_id", "sealed", "import_id", "recorded_at"]
    session.execute(insert(StudentFactors).from_select(names, before, include_defaults=False))


def _delete(session: Session, noun: Any, where: ColumnElement[bool]) -> None:
    session.execute(delete(noun).where(where).execution_options(synchronize_session=False))


def _delete_all(session: Session, noun: Any, key: Any, ids: list[int]) -> None:
    for at in range(0, len(ids), 5000):
        _delete(session, noun, key.in_(ids[at : at + 5000]))
