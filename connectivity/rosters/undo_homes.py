"""Deletes the households, students and enrollments that a roster made, unless people have worked with them since."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, slices
from connectivity.register import (
    AuditEvent,
    ConnectivityResponse,
    Enrollment,
    EnrollmentEvent,
    Household,
    HouseholdMerge,
    HouseholdPhone,
    HouseholdQuestion,
    ImportState,
    MembershipCode,
    Outcome,
    QuestionState,
    Residence,
    RosterHome,
    RosterImport,
    RosterRow,
    SearchTerm,
    ServiceAddress,
    Student,
    StudentFactors,
)
from connectivity.rosters.apply_homes import created_with
from connectivity.rosters.rows_of import of_import

SINCE = {
    "changed": "people changed the household since",
    "enrolled": "its enrollment went on",
    "answered": "it has connectivity answers",
    "coded": "it holds a membership code",
    "merged": "it was merged or decided about since",
    "served": "it has a service address",
    "filled": "a student was added to it by hand",
    "edited": "the student was edited since",
}


def take_back(session: Session, roster: RosterImport, kept: list[list[str]]) -> set[int]:
    """Takes enrollments, students and households back. Returns the older households that lose something; what stays goes to `kept`."""
    made = select(RosterHome.household_id).where(*_new_homes(roster))
    stays = _stays(session, roster, made)
    kept += [[reference, SINCE[why]] for reference, why in stays.values()]
    houses = {household for (household,) in fetch(session, made)}
    lost = _take_back_enrollments(session, roster, stays.keys(), kept)
    return (lost | _take_back_homes(session, roster, houses, stays, kept)) - houses


def _take_back_enrollments(
    session: Session, roster: RosterImport, stays: Collection[int], kept: list[list[str]]
) -> set[int]:
    begun = fetch(session, select(Enrollment.id, Enrollment.household_id).where(_begun(roster), _idle()))
    gone = [(one, household) for one, household in begun if household not in stays]
    for noun, key in ((EnrollmentEvent, EnrollmentEvent.enrollment_id), (Enrollment, Enrollment.id)):
        _delete_all(session, noun, key, [one for one, _ in gone])
    went_on = select(Household.id, Household.reference).join(Enrollment, Enrollment.household_id == Household.id)
    left = fetch(session, went_on.where(_begun(roster)))
    kept += [[reference, SINCE["enrolled"]] for one, reference in left if one not in stays]
    return {household for _, household in gone}


def _begun(roster: RosterImport) -> ColumnElement[bool]:
    assert roster.applied_at is not None  # noqa: S101 - an undo follows an apply
    return created_with(roster, roster.applied_at)


def _idle() -> ColumnElement[bool]:
    """A WHERE condition: enrollments that stand at their first step."""
    steps = select(func.count()).where(EnrollmentEvent.enrollment_id == Enrollment.id).scalar_subquery()
    return and_(steps <= 1, Enrollment.membership_code_id.is_(None))


def _new_homes(roster: RosterImport) -> tuple[ColumnElement[bool], ...]:
    return RosterHome.import_id == roster.id, RosterHome.reference.is_not(None), RosterHome.household_id.is_not(None)


def _take_back_homes(
    session: Session, roster: RosterImport, houses: set[int], stays: Mapping[int, object], kept: list[list[str]]
) -> set[int]:
    edited = _edited(session, roster)
    kept += [[district_id, SINCE["edited"]] for district_id, home in edited.values() if home not in stays]
    leaving = [
        (student, household)
        for student, household in fetch(session, _new_students(roster))
        if household not in stays and student not in edited
    ]
    emptied = sorted(houses - stays.keys() - {home for _, home in edited.values()})
    _delete_all(session, Student, Student.id, [student for student, _ in leaving])
    for noun in (SearchTerm, HouseholdPhone, Residence, HouseholdQuestion):
        _delete_all(session, noun, noun.household_id, emptied)
    _delete_all(session, HouseholdQuestion, HouseholdQuestion.other_id, emptied)
    _delete_all(session, Household, Household.id, emptied)
    return {household for _, household in leaving}


def _new_students(roster: RosterImport) -> Select[int, int]:
    return (
        select(Student.id, Student.household_id)
        .join(RosterRow, RosterRow.student_id == Student.id)
        .where(of_import(roster.id, Outcome.NEW))
    )


def _stays(session: Session, roster: RosterImport, made: Select[Any]) -> dict[int, tuple[str, str]]:
    """New household -> its reference and why it stays, for those that people have worked with."""
    by_hand = and_(
        Student.household_id.in_(made),
        ~exists().where(RosterRow.import_id == roster.id, RosterRow.student_id == Student.id),
    )
    open_here = or_(
        and_(HouseholdQuestion.import_id == roster.id, HouseholdQuestion.state == QuestionState.OPEN),
        HouseholdQuestion.state == QuestionState.WITHDRAWN,
    )
    reasons: dict[str, Any] = {
        "filled": select(Student.household_id).where(by_hand),
        "changed": select(Household.id).where(
            or_(Household.id.in_(_changed_by_people(session, made)), Household.merged_into_id.is_not(None))
        ),
        "enrolled": select(Enrollment.household_id).where(~and_(_begun(roster), _idle())),
        "answered": select(ConnectivityResponse.household_id),
        "coded": select(MembershipCode.household_id),
        "served": select(ServiceAddress.household_id),
        "merged": select(HouseholdMerge.kept_id).union_all(
            select(HouseholdMerge.folded_id),
            select(HouseholdQuestion.household_id).where(~open_here),
            select(HouseholdQuestion.other_id).where(~open_here, HouseholdQuestion.other_id.is_not(None)),
        ),
    }
    found: dict[int, tuple[str, str]] = {}
    for why, touched in reasons.items():
        statement = select(Household.id, Household.reference).where(Household.id.in_(made), Household.id.in_(touched))
        found |= {one: (reference, why) for one, reference in fetch(session, statement)}
    return found


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
