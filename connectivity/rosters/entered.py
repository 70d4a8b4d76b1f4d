"""What people entered of the households that a roster names: it stays even if the district's word is new."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, slices
from connectivity.register import AuditEvent, Outcome, RosterRow, Student
from connectivity.rosters.rows_of import of_import

REGISTERED, SPLIT_OFF = "household.registered", "household.split_off"
ACTIONS = ("household.edited", "household.moved", SPLIT_OFF, REGISTERED)
CONTACT = ("guardian_first_name", "guardian_last_name", "email", "language", "phone_1")
HOME = ("line", "unit")
# Of a student. Grade and school are the district's to say, until a person edits them.
PERSON = ("first_name", "last_name", "birth_date")
Fields = set[tuple[int, str]]


@dataclass
class Entered:
    """(household, field as the audit trail names it): what people changed, and what they gave when they registered it."""

    changed: Fields = field(default_factory=set)
    given: Fields = field(default_factory=set)

    def stays(self, household: int, held: str | None, *fields: str) -> bool:
        """Whether one of the fields is a person's word. Where nothing was given at registration there is nothing to keep."""
        return any(
            (household, one) in self.changed or (bool(held) and (household, one) in self.given) for one in fields
        )


def entered_by_people(session: Session, import_id: int) -> Entered:
    """Of the households of the waiting rows that are linked to a student."""
    households = (
        select(Student.household_id)
        .join(RosterRow, RosterRow.student_id == Student.id)
        .where(of_import(import_id, Outcome.WAITING))
    )
    events = session.execute(
        select(AuditEvent.subject_id, AuditEvent.changes, AuditEvent.action).where(
            AuditEvent.subject == "household",
            AuditEvent.account_id.is_not(None),
            AuditEvent.action.in_(ACTIONS),
            AuditEvent.subject_id.in_(households),
            # Asked of the database: a season of rosters leaves such an event at nearly every household.
            AuditEvent.changes["roster"].as_string().is_(None),
        )
    )
    found, by_hand = Entered(), set[int]()
    for household, changes, action in events:
        if household is None:
            continue
        if action == REGISTERED:
            by_hand.add(household)
            found.given |= {(household, name) for name in (*CONTACT, *HOME)}
        elif action == SPLIT_OFF:
            found.changed |= {(household, name) for name in (*CONTACT, *HOME)}
        else:
            found.changed |= {(household, name) for name in changes}
            found.given |= {(household, name) for added in changes for name in _added_student(added)}
    found.given |= set(_students(session, by_hand))
    return found


def _added_student(name: str) -> Iterator[str]:
    """Of the field by which the trail says that a person added a student (`student.17.student`): the fields that came with it."""
    whose, _, what = name.rpartition(".")
    if what == "student":
        yield from (f"{whose}.{one}" for one in PERSON)


def _students(session: Session, households: Collection[int]) -> Iterator[tuple[int, str]]:
    """The students of households registered by hand, without those that a roster brought there."""
    brought = exists().where(RosterRow.student_id == Student.id, RosterRow.outcome == Outcome.NEW)
    for some in slices(sorted(households)):
        listed = select(Student.household_id, Student.id).where(Student.household_id.in_(some), ~brought)
        for household, student in fetch(session, listed):
            yield from ((household, f"student.{student}.{one}") for one in PERSON)
