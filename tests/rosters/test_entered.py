"""What a person entered at a registration counts as entered: a roster that names the household for the first time keeps to it."""

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectivity.households import edit
from connectivity.households.homes import TypedAddress, read_home
from connectivity.households.register import Contact, StudentFacts, register
from connectivity.register import (
    Account,
    AuditEvent,
    ChangeState,
    Covers,
    Household,
    Role,
    RosterChange,
    RosterImport,
    Student,
)
from tests import factories
from tests.rosters import districts
from tests.rosters.districts import csv_bytes, dump, family, plan, row, take_in


@pytest.fixture
def account(session: Session) -> Account:
    made = factories.account(session, Role.STAFF)
    session.commit()
    return made


def facts(session: Session, **given: object) -> StudentFacts:
    """Luz as a person of the office writes her down."""
    values = {
        "district_id": "60000001",
        "first_name": "Lucía",
        "last_name": "Muñoz Díaz",
        "birth_date": dt.date(2015, 3, 15),
        "grade": "4",
        "school_id": districts.schools(session)[1],
        **given,
    }
    return StudentFacts(**values)  # type: ignore[arg-type]


def by_hand(session: Session, account: Account, *, email: str | None = "r@example.org") -> Household:
    """A household that differs from the district's row in everything."""
    phones = ("+13125550111",) if email else ()
    contact = Contact(
        guardian_first_name="Rosa Elena", guardian_last_name="Muñoz", language="en", email=email, phones=phones
    )
    home = read_home(session, TypedAddress(line="900 W Leland Ave", zip="60640"))
    made = register(
        session,
        account=account,
        contact=contact,
        home=home,
        students=[facts(session)],
        starts_on=dt.date(2026, 8, 1),
    )
    session.commit()
    return made


def states(session: Session, roster: RosterImport) -> dict[str, str]:
    """Field -> what becomes of it."""
    found = session.execute(select(RosterChange.field, RosterChange.state).where(RosterChange.import_id == roster.id))
    return {name: ChangeState(state).value for name, state in found}


KEPT = ("first_name", "last_name", "birth_date", "guardian", "email", "language", "phones", "address")


def test_what_was_entered_at_the_registration_stays_and_grade_and_school_are_the_districts(
    session: Session, tmp_path: Path, account: Account
) -> None:
    by_hand(session, account)
    before = dump(session)
    planned = plan(session, tmp_path, csv_bytes([row(session)]))
    assert states(session, planned) == dict.fromkeys(KEPT, "kept") | {"grade": "planned", "school_id": "planned"}
    assert planned.counts["kept"] == len(KEPT)
    roster = districts.apply(session, planned, account)
    session.expire_all()
    student = session.scalars(select(Student)).one()
    assert (student.first_name, student.grade, student.school_id) == ("Lucía", "5", districts.schools(session)[0])
    applied = dump(session)
    again = take_in(session, tmp_path, [row(session)], again=True)
    assert (again.counts["unchanged"], states(session, again)) == (1, {})
    assert dump(session) == applied
    districts.undo(session, again, account)
    districts.undo(session, roster, account)
    session.expire_all()
    assert dump(session) == before


def test_what_was_left_empty_at_the_registration_is_filled_by_the_roster(
    session: Session, tmp_path: Path, account: Account
) -> None:
    household = by_hand(session, account, email=None)
    roster = take_in(session, tmp_path, [row(session)])
    assert {name for name, state in states(session, roster).items() if state == "applied"} >= {"email", "phones"}
    session.expire_all()
    assert (household.email, [phone.number for phone in household.phones]) == ("rosa@example.org", ["+17735550123"])


def test_an_email_that_a_person_took_away_after_the_registration_stays_away(
    session: Session, tmp_path: Path, account: Account
) -> None:
    household = by_hand(session, account)
    without = edit.contact_of(household).values() | {"email": None}
    contact = Contact(
        **{name: without[name] for name in ("guardian_first_name", "guardian_last_name", "language", "email")},  # type: ignore[arg-type]
        phones=(),
    )
    edit.edit_contact(session, account=account, household=household, contact=contact)
    session.commit()
    assert states(session, plan(session, tmp_path, csv_bytes([row(session)])))["email"] == "kept"


def test_a_grade_that_a_person_edited_after_the_registration_stays(
    session: Session, tmp_path: Path, account: Account
) -> None:
    household = by_hand(session, account)
    student = session.scalars(select(Student)).one()
    edit.edit_student(session, account=account, household=household, student=student, facts=facts(session, grade="3"))
    session.commit()
    found = states(session, plan(session, tmp_path, csv_bytes([row(session)])))
    assert (found["grade"], found["school_id"]) == ("kept", "planned")


def test_where_roster_and_registration_agreed_the_next_roster_is_followed(
    session: Session, tmp_path: Path, account: Account
) -> None:
    by_hand(session, account)
    take_in(session, tmp_path, [row(session, guardian_email="r@example.org")])
    planned = plan(session, tmp_path, csv_bytes([row(session, guardian_email="new@example.org")]))
    assert states(session, planned) == {"email": "planned"}


def test_a_household_that_a_roster_registered_is_not_entered_by_the_person_who_applied_it(
    session: Session, tmp_path: Path, account: Account
) -> None:
    first = districts.apply(session, plan(session, tmp_path, csv_bytes(family(session)[:1])), account)
    luz = session.scalars(select(Student)).one()
    luz.first_name, luz.household.email = "Lucía", "r@example.org"  # nobody's word is in the trail
    session.commit()
    planned = plan(
        session, tmp_path, csv_bytes([row(session, student_first_name="Lucy", guardian_email="n@example.org")])
    )
    assert first.applied_by == account.id
    assert states(session, planned) == {"first_name": "planned", "email": "planned"}


def test_a_registration_without_an_account_is_nobodys_word(session: Session, tmp_path: Path, account: Account) -> None:
    by_hand(session, account)
    session.execute(update(AuditEvent).values(account_id=None))
    session.commit()
    planned = plan(session, tmp_path, csv_bytes([row(session)]))
    assert set(states(session, planned).values()) == {"planned"}


def test_a_student_whom_a_person_added_to_a_rosters_household_stays_as_entered(
    session: Session, tmp_path: Path, account: Account
) -> None:
    take_in(session, tmp_path, family(session)[:1])
    household = session.scalars(select(Household)).one()
    edit.add_student(session, account=account, household=household, facts=facts(session, district_id="60000002"))
    session.commit()
    planned = plan(session, tmp_path, csv_bytes(family(session)[:2]))
    assert states(session, planned) == {
        "first_name": "kept",
        "last_name": "kept",
        "birth_date": "kept",
        "grade": "planned",
        "school_id": "planned",
    }


def test_a_student_whom_a_roster_brought_to_a_registered_household_follows_the_roster(
    session: Session, tmp_path: Path, account: Account
) -> None:
    by_hand(session, account)
    ana = {
        **family(session)[1],
        "guardian_name": "Rosa Elena Muñoz",
        "guardian_email": "r@example.org",
        "guardian_phone": "312-555-0111",
        "address_line1": "900 W Leland Ave",
        "unit": "",
        "home_language": "English",
    }
    joined = take_in(session, tmp_path, [ana], covers=Covers.PART)
    assert joined.counts["joined_households"] == 1
    brought = session.scalars(select(Student).where(Student.district_id == "60000002")).one()
    brought.first_name = "Anna"
    session.commit()
    planned = plan(session, tmp_path, csv_bytes([{**ana, "student_first_name": "Anne"}]), covers=Covers.PART)
    assert states(session, planned) == {"first_name": "planned"}
