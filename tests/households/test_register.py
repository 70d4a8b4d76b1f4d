"""Registering a household through its page: everything is kept, and each kind of bad input is answered at its field."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.households.find import find
from connectivity.households.forms_student import taken_words
from connectivity.households.register import StudentIdTaken, refuse_taken
from connectivity.register import Account, AuditEvent, Household, HouseholdPhone, Residence, Role, SearchTerm, Student
from connectivity.rules.names import sort_name
from tests import factories
from tests.households.conftest import TODAY, SignedIn, errors_of

Filled = Callable[..., dict[str, Any]]


def counts(session: Session) -> list[int]:
    session.rollback()
    tables = (Household, HouseholdPhone, Residence, Student, SearchTerm, AuditEvent)
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_a_household_is_registered_placed_and_found(session: Session, signed_in: SignedIn, filled: Filled) -> None:
    client = signed_in(Role.STAFF)
    answer = client.send(
        "/households/new",
        filled(
            email="Rosa@Example.org",
            phone_2="312.555.0199",
            students__1__district_id="50000002",
            students__1__first_name="Ana",
            students__1__last_name="Muñoz",
            students__1__birth_date="09/30/2018",
            students__1__grade="2",
            students__1__school="uplift",
        ),
    )
    assert answer.status_code == 302
    household = session.scalars(select(Household)).one()
    assert answer.location.endswith(f"/households/{household.reference}")
    assert (household.guardian_last_name, household.language, household.email) == ("Muñoz", "es", "Rosa@example.org")
    assert [phone.number for phone in household.phones] == ["+17735550123", "+13125550199"]
    assert [(one.district_id, one.birth_date.year, one.school_id) for one in household.students] == [
        ("00123456", TODAY.year - 11, "610394"),
        ("50000002", 2018, "610394"),
    ]
    assert household.students[1].sort_name == sort_name("Muñoz", "Ana")
    home = household.residences[0]
    assert home.original == "1135 West Wilson Avenue, Apt 2B, Chicago, IL 60640"
    assert (home.line, home.unit, home.zip, home.community_area) == ("1135 W WILSON AVE", "APT 2B", "60640", 3)
    assert (home.method, home.certainty, home.starts_on) == ("grid", "sure", TODAY)
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject, event.subject_id) == ("household.registered", "household", household.id)
    assert event.account_id is not None
    account = session.get_one(Account, event.account_id)
    assert [one.reference for one in find(session, account, "munoz 1135").households] == [household.reference]
    page = client.get(answer.location)
    assert all(words in page.text for words in ("Uptown", "Sure", "From the address, by the city’s street grid"))


def test_given_coordinates_outrank_the_address(session: Session, signed_in: SignedIn, filled: Filled) -> None:
    signed_in(Role.STAFF).send("/households/new", filled(line="1200 S Clark St", zip="", lon="-87.6589", lat="41.9654"))
    home = session.scalars(select(Residence)).one()
    assert (home.method, home.community_area) == ("coordinates", 3)


@pytest.mark.parametrize("street", ["4321 N Lincoln Ave", "12 N Nowhere Special Ave"])
def test_an_address_that_is_read_but_not_placed_is_kept_for_a_person_to_place(
    session: Session, signed_in: SignedIn, filled: Filled, street: str
) -> None:
    client = signed_in(Role.STAFF)
    answer = client.send("/households/new", filled(line=street, zip=""))
    home = session.scalars(select(Residence)).one()
    assert (home.certainty, home.community_area) == ("unplaced", None)
    page = client.get(answer.location).text
    assert "Could not place" in page
    assert "/place" in page


BAD = [
    ({"guardian_first_name": ""}, "guardian_first_name", "Enter the guardian’s first name."),
    ({"guardian_last_name": "R0sa"}, "guardian_last_name", "does not look like a name"),
    ({"guardian_last_name": "x" * 81}, "guardian_last_name", "at most 80"),
    ({"language": ""}, "language", "Choose the language"),
    ({"language": "tlh"}, "language", "Choose one from the list"),
    ({"phone_1": "773 555 012"}, "phone_1", "not a phone number we can call"),
    ({"phone_1": "call me"}, "phone_1", "not a phone number we can call"),
    ({"phone_2": "7735550123"}, "phone_2", "already above"),
    ({"email": "rosa at example"}, "email", "not an e-mail address"),
    ({"line": ""}, "line", "Enter the street address"),
    ({"line": "Wilson Ave"}, "line", "house number"),
    ({"line": "PO Box 12"}, "line", "post office box"),
    ({"city": "Evanston"}, "city", "not Chicago"),
    ({"line": "1135 W Wilson Ave, Evanston"}, "line", "not Chicago"),
    ({"state": "IN"}, "state", "not Illinois"),
    ({"zip": "6064"}, "zip", "not a ZIP code"),
    ({"zip": "60201"}, "zip", "outside Chicago"),
    ({"line": "9900 N Western Ave"}, "line", "beyond the last house number"),
    ({"lon": "-87.69", "lat": "42.05"}, "lon", "outside Chicago"),
    ({"lon": "-87.69"}, "lat", "Enter the latitude too"),
    ({"lon": "nan", "lat": "41.9"}, "lon", "not a number of degrees"),
    ({"lon": "west", "lat": "41.9"}, "lon", "not a number of degrees"),
    ({"students__0__district_id": "12345"}, "students-0-district_id", "6 to 10 digits"),
    ({"students__0__district_id": "12345A7"}, "students-0-district_id", "6 to 10 digits"),
    ({"students__0__district_id": "١٢٣٤٥٦"}, "students-0-district_id", "6 to 10 digits"),
    ({"students__0__first_name": ""}, "students-0-first_name", "Enter the student’s first name."),
    (
        {"students__0__birth_date": (TODAY + dt.timedelta(days=1)).isoformat()},
        "students-0-birth_date",
        "in the future",
    ),
    ({"students__0__birth_date": f"{TODAY.year - 40}-01-01"}, "students-0-birth_date", "years old"),
    ({"students__0__birth_date": f"{TODAY.year - 1}-12-31"}, "students-0-birth_date", "years old"),
    ({"students__0__birth_date": "yesterday"}, "students-0-birth_date", "not a date"),
    ({"students__0__grade": ""}, "students-0-grade", "Choose the grade"),
    ({"students__0__grade": "13"}, "students-0-grade", "Choose"),
    ({"students__0__school": "Hogwarts"}, "students-0-school", "do not know this school"),
    ({"students__0__school": "999999"}, "students-0-school", "do not know this school"),
    ({"students__0__school": "a"}, "students-0-school", "More than one school fits"),
    ({"starts_on": (TODAY + dt.timedelta(days=1)).isoformat()}, "starts_on", "in the future"),
]


def test_bad_input_is_answered_at_its_field_and_nothing_is_written(
    session: Session, signed_in: SignedIn, filled: Filled
) -> None:
    client = signed_in(Role.STAFF)
    before = counts(session)
    otherwise = {}
    for changes, field, words in BAD:
        answer = client.send("/households/new", filled(**changes))
        errors = errors_of(answer.text)
        kept = 'value="Luz"' in answer.text or field == "students-0-first_name"  # what was right is still there
        if not (answer.status_code == 422 and set(errors) == {field} and words in errors[field] and kept):
            otherwise[field, words] = (answer.status_code, errors)
    assert otherwise == {}
    assert counts(session) == before


def test_every_problem_is_told_at_once_those_of_the_database_too(
    session: Session, signed_in: SignedIn, filled: Filled
) -> None:
    factories.household(session, students=[{"district_id": "50000001"}])
    answer = signed_in(Role.STAFF).send(
        "/households/new",
        filled(
            phone_1="1",
            line="PO Box 3",
            students__0__district_id="50000001",
            students__0__school="Hogwarts",
            students__1__district_id="50000001",
        ),
    )
    assert set(errors_of(answer.text)) == {
        "phone_1", "line", "students-0-district_id", "students-0-school", "students-1-district_id",
        "students-1-first_name", "students-1-last_name", "students-1-birth_date", "students-1-grade", "students-1-school",
    }  # fmt: skip
    assert 'href="#students-1-grade"' in answer.text


def test_a_taken_student_id_names_the_household_that_holds_it(
    session: Session, signed_in: SignedIn, filled: Filled
) -> None:
    holder = factories.household(session, students=[{"district_id": "00123456"}])
    answer = signed_in(Role.STAFF).send("/households/new", filled())
    error = errors_of(answer.text)["students-0-district_id"]
    assert "already registered" in error
    assert holder.reference in error
    assert f'href="/households/{holder.reference}"' in answer.text
    assert [one.id for one in session.scalars(select(Household))] == [holder.id]


def test_who_may_not_know_the_household_is_told_whom_to_ask_and_no_more(
    session: Session, app: Any, partner: Account
) -> None:
    holder = factories.household(session, area=8, students=[{"district_id": "00123456"}])
    with pytest.raises(StudentIdTaken) as taken:
        refuse_taken(session, partner, "00123456")
    with app.test_request_context():
        said = str(taken_words(taken.value))
    assert taken.value.holder is None
    assert "already registered" in said
    assert "Ask program staff" in said
    assert holder.reference not in said


def test_one_student_id_twice_in_a_form_is_refused_at_the_second(signed_in: SignedIn, filled: Filled) -> None:
    second = {f"students-1-{name[11:]}": value for name, value in filled().items() if name.startswith("students-0")}
    answer = signed_in(Role.STAFF).send("/households/new", filled() | second)
    assert list(errors_of(answer.text)) == ["students-1-district_id"]


def test_rows_of_students_come_and_go_without_a_script(signed_in: SignedIn, filled: Filled) -> None:
    client = signed_in(Role.STAFF)
    more = client.send("/households/new", filled(add_student="1"))
    assert more.status_code == 200
    assert 'name="students-1-first_name"' in more.text
    assert 'value="Luz"' in more.text
    assert errors_of(more.text) == {}
    two = filled(students__1__first_name="Ana", students__1__grade="2")
    fewer = client.send("/households/new", two | {"remove_student": "students-0"})
    assert 'value="Luz"' not in fewer.text
    assert 'value="Ana"' in fewer.text
    last = client.send("/households/new", filled(remove_student="students-0"))
    assert 'name="students-0-first_name"' in last.text


@pytest.mark.parametrize("alike", ["same home", "same guardian and phone"])
def test_a_look_alike_is_shown_before_saving_and_the_decision_is_kept(
    session: Session, signed_in: SignedIn, filled: Filled, alike: str
) -> None:
    if alike == "same home":
        there = factories.household(session, guardian_last_name="Nowak")
        there.residences[0].unit = "APT 2B"
    else:
        there = factories.household(
            session, area=8, guardian_last_name="MUNOZ", guardian_first_name="ROSA", phones=["+17735550123"]
        )
        there.residences[0].line = "1 S STATE ST"
    client = signed_in(Role.STAFF)
    before = counts(session)
    warned = client.send("/households/new", filled())
    assert warned.status_code == 422
    assert "may already be here" in warned.text
    assert f'href="/households/{there.reference}"' in warned.text
    assert counts(session) == before
    assert client.send("/households/new", filled(separate="y")).status_code == 302
    session.rollback()  # to see what was committed since
    event = session.scalars(select(AuditEvent)).one()
    assert event.changes["kept_separate"] == [None, there.reference]
    assert event.account_id is not None


def test_neighbors_and_namesakes_are_no_look_alikes(session: Session, signed_in: SignedIn, filled: Filled) -> None:
    neighbor = factories.household(session, guardian_last_name="Nowak")
    neighbor.residences[0].unit = "APT 3"
    namesake = factories.household(session, guardian_last_name="Muñoz", phones=["+13125550100"])
    namesake.residences[0].line = "1 S STATE ST"
    assert signed_in(Role.STAFF).send("/households/new", filled()).status_code == 302


def test_a_student_registered_by_two_at_once_is_a_field_error_for_the_second(
    session: Session, signed_in: SignedIn, filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.household(session, students=[{"district_id": "00123456"}])
    for room in ("register", "forms_student"):  # the look before the write saw nothing yet
        monkeypatch.setattr(f"connectivity.households.{room}.refuse_taken", Mock())
    answer = signed_in(Role.STAFF).send("/households/new", filled())
    assert answer.status_code == 422
    assert "registered just now" in errors_of(answer.text)["students-0-district_id"]
    assert session.scalar(select(func.count()).select_from(Household)) == 1
