"""Changes to a registered household: contact, students, a corrected address, a move. Nothing is deleted."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.casework.terms import refresh
from connectivity.casework.trail import differences, record_change
from connectivity.households.homes import Home
from connectivity.households.register import Contact, StudentFacts, place_columns, refuse_taken, residence_of
from connectivity.register import Account, Household, HouseholdPhone, Residence, Student
from connectivity.rules.calendar import city_today


class MoveRefused(ValueError):
    """The move does not fit the residence before it. `field` is the form's field at fault; the message is for the person."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


def contact_of(household: Household) -> Contact:
    """The household's contact as it stands."""
    return Contact(
        guardian_first_name=household.guardian_first_name,
        guardian_last_name=household.guardian_last_name,
        language=household.language,
        email=household.email,
        phones=tuple(phone.number for phone in household.phones),
    )


def edit_contact(
    session: Session, *, account: Account, household: Household, contact: Contact
) -> dict[str, list[object]]:
    """Returns what changed, field -> [before, after]; writes nothing if nothing did."""
    changes = differences(contact_of(household).values(), contact.values())
    if not changes:
        return {}
    household.guardian_first_name = contact.guardian_first_name
    household.guardian_last_name = contact.guardian_last_name
    household.language = contact.language
    household.email = contact.email
    _replace_phones(household, contact.phones)
    refresh(session, household)
    record_change(session, account=account, action="household.edited", household=household, changes=changes)
    return changes


def _replace_phones(household: Household, numbers: tuple[str, ...]) -> None:
    for phone, number in zip(household.phones, numbers, strict=False):
        phone.number = number
    for position in range(len(household.phones) + 1, len(numbers) + 1):
        household.phones.append(HouseholdPhone(position=position, number=numbers[position - 1]))
    del household.phones[len(numbers) :]


def facts_of(student: Student) -> StudentFacts:
    """The student as it stands."""
    return StudentFacts(
        district_id=student.district_id,
        first_name=student.first_name,
        last_name=student.last_name,
        birth_date=student.birth_date,
        grade=student.grade,
        school_id=student.school_id,
    )


def student_field(student_id: int, field: str) -> str:
    """How the audit trail names a field of one student: `student.17.grade`."""
    return f"student.{student_id}.{field}"


def add_student(session: Session, *, account: Account, household: Household, facts: StudentFacts) -> Student:
    """Raises StudentIdTaken."""
    refuse_taken(session, account, facts.district_id)
    student = Student(household_id=household.id, **vars(facts))
    session.add(student)
    refresh(session, household)
    changes = {student_field(student.id, "student"): [None, f"{facts.first_name} {facts.last_name}"]}
    record_change(session, account=account, action="household.edited", household=household, changes=changes)
    return student


def edit_student(
    session: Session, *, account: Account, household: Household, student: Student, facts: StudentFacts
) -> dict[str, list[object]]:
    """Returns what changed; writes nothing if nothing did. Raises StudentIdTaken."""
    refuse_taken(session, account, facts.district_id, but=student.id)
    changes = differences(facts_of(student).values(), facts.values())
    if not changes:
        return {}
    for field, value in vars(facts).items():
        setattr(student, field, value)
    refresh(session, household)
    named = {student_field(student.id, field): change for field, change in changes.items()}
    record_change(session, account=account, action="household.edited", household=household, changes=named)
    return changes


def current_residence(session: Session, household: Household) -> Residence | None:
    """Where the household lives now."""
    return session.scalar(select(Residence).where(Residence.household_id == household.id, Residence.ends_on.is_(None)))


ADDRESS_FIELDS = ("line", "unit", "zip", "area", "method", "certainty")


def address_values(residence: Residence | None) -> dict[str, object]:
    """The address and its placement as the audit trail holds them."""
    if residence is None:
        return dict.fromkeys(ADDRESS_FIELDS)
    return {
        "line": residence.line,
        "unit": residence.unit,
        "zip": residence.zip,
        "area": residence.community_area,
        "method": residence.method,
        "certainty": residence.certainty,
        "lon": residence.lon,
        "lat": residence.lat,
    }


def correct_address(session: Session, *, account: Account, household: Household, home: Home) -> dict[str, list[object]]:
    """Mends how the present address was written; the family has not moved. The first writing stays in `original`.

    Returns what changed; writes nothing if nothing did.
    """
    residence = current_residence(session, household)
    if residence is None:
        move(session, account=account, household=household, home=home, on=city_today())
        return {"line": [None, home.address.line]}
    before = address_values(residence)
    for column, value in place_columns(home).items():
        setattr(residence, column, value)
    changes = differences(before, address_values(residence))
    if changes:
        refresh(session, household)
        record_change(session, account=account, action="household.edited", household=household, changes=changes)
    return changes


def refuse_same_home(before: Residence | None, home: Home) -> None:
    """Raises MoveRefused for a move to where the household lives: sent twice, or entered by two people."""
    if before is None or (before.line, before.unit) != (home.address.line, home.address.unit):
        return
    zips = {code[:5] for code in (before.zip, home.address.zip) if code}
    if len(zips) < 2:
        where = f"{before.line} {before.unit}".rstrip()
        raise MoveRefused(
            "line",
            f"The household lives there already since {_since(before)}: {where}. The move is recorded, or the address is not new.",
        )


def _since(residence: Residence) -> str:
    return f"{residence.starts_on:%b} {residence.starts_on.day}, {residence.starts_on.year}"


def move(session: Session, *, account: Account, household: Household, home: Home, on: dt.date) -> Residence:
    """Ends the present residence on the day of the move and begins the new one. Raises MoveRefused."""
    before = current_residence(session, household)
    refuse_same_home(before, home)
    if before is not None:
        if on < before.starts_on:
            raise MoveRefused(
                "moved_on", f"The family has lived at {before.line} since {_since(before)}. The move cannot be earlier."
            )
        before.ends_on = on
        session.flush()  # before the new one: a household lives in one place at a time, and the database holds to it
    after = residence_of(household.id, home, account=account, starts_on=on)
    session.add(after)
    refresh(session, household)
    changes = differences(address_values(before), address_values(after))
    record_change(session, account=account, action="household.moved", household=household, changes=changes)
    return after
