"""Returns fields and homes that a roster changed to what they were, wherever they still are what the roster made them."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from connectivity.bulk import fetch, slices, table_of
from connectivity.register import ChangeState, Household, Residence, RosterChange, RosterHome, RosterImport, Student
from connectivity.rosters import apply_changes
from connectivity.rosters.apply_changes import BACK
from connectivity.rosters.differences import STUDENT_FIELDS
from connectivity.rosters.hanging import hung_on
from connectivity.rosters.places import PLACE_COLUMNS

STAYED = "{} was changed again since"
TITLES = {
    "district_id": "the student ID",
    "last_name": "the last name",
    "first_name": "the first name",
    "birth_date": "the birth date",
    "grade": "the grade",
    "school_id": "the school",
    "guardian": "the guardian",
    "email": "the e-mail",
    "language": "the language",
    "phones": "the phones",
    "address": "the address",
    "zip": "the ZIP code",
}


def restore_fields(session: Session, roster: RosterImport, kept: list[list[str]]) -> set[int]:
    """Fields of students, contacts and ZIP codes. Returns the households; what stays goes to `kept`."""
    touched = set[int]()
    for field in STUDENT_FIELDS:
        touched |= apply_changes.apply_student_field(session, roster.id, field, BACK)
    for field in ("guardian", "email", "language"):
        touched |= apply_changes.apply_contact(session, roster.id, field, BACK)
    touched |= apply_changes.apply_phones(session, roster.id, BACK)
    touched |= apply_changes.apply_zip(session, roster.id, BACK)
    kept += _stayed(session, roster.id)
    return touched


def _stayed(session: Session, import_id: int) -> Iterable[list[str]]:
    stayed = (RosterChange.import_id == import_id, RosterChange.state == ChangeState.STAYED)
    students = select(Student.district_id, RosterChange.field).join(RosterChange, RosterChange.noun_id == Student.id)
    for district_id, field in fetch(session, students.where(*stayed, RosterChange.noun == "student")):
        yield [district_id, STAYED.format(TITLES[field])]
    households = select(Household.reference, RosterChange.field).join(
        RosterChange, RosterChange.noun_id == Household.id
    )
    for reference, field in fetch(session, households.where(*stayed, RosterChange.noun == "household")):
        yield [reference, STAYED.format(TITLES[field])]


def restore_residences(session: Session, roster: RosterImport, kept: list[list[str]]) -> set[int]:
    """Households that the roster moved live where they lived before, unless they moved or were placed again since."""
    after, before = aliased(Residence), aliased(Residence)
    moved = session.execute(
        select(RosterHome, Household, after)
        .join(Household, Household.id == RosterHome.household_id)
        .join(after, (after.household_id == RosterHome.household_id) & (after.recorded_at == roster.applied_at))
        .where(RosterHome.import_id == roster.id, RosterHome.reference.is_(None), RosterHome.original.is_not(None))
    ).all()
    earlier = _earlier(session, before, [household.id for _, household, _ in moved])
    new = select(after.id).where(after.recorded_at == roster.applied_at)
    hung = hung_on(session, table_of(Residence), new, {})
    back = set[int]()
    for home, household, residence in moved:
        if residence.id in hung:
            kept.append([household.reference, f"{TITLES['address']} stays: {hung[residence.id]}"])
            continue
        same = all(getattr(residence, name) == getattr(home, name) for name in PLACE_COLUMNS)
        if not same or residence.ends_on is not None or household.merged_into_id is not None:
            kept.append([household.reference, STAYED.format(TITLES["address"])])
            continue
        session.delete(residence)
        session.flush()
        if household.id in earlier:
            earlier[household.id].ends_on = None
        back.add(household.id)
    session.flush()
    _mark_moves(session, roster.id, back)
    return back


def _earlier(session: Session, before: Any, households: Sequence[int]) -> dict[int, Residence]:
    """The residence that ended last, by household."""
    found: dict[int, Residence] = {}
    for some in slices(households):
        ended = select(before).where(before.household_id.in_(some), before.ends_on.is_not(None))
        found |= {one.household_id: one for one in session.scalars(ended.order_by(before.id))}
    return found


def _mark_moves(session: Session, import_id: int, back: set[int]) -> None:
    moves = session.scalars(
        select(RosterChange).where(
            RosterChange.import_id == import_id,
            RosterChange.field == "address",
            RosterChange.state == ChangeState.APPLIED,
        )
    )
    for change in moves:
        change.state = ChangeState.UNDONE if change.noun_id in back else ChangeState.STAYED
    session.flush()
