"""Editing a household: nothing is overwritten in silence, whoever else is editing it."""

import datetime as dt
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from connectivity.casework.trail import for_change
from connectivity.database import make_sessions, transaction
from connectivity.households import edit
from connectivity.households.find import find
from connectivity.register import Account, AuditEvent, Household, Residence, Role, Student
from connectivity.rules.names import sort_name
from tests import factories
from tests.conftest import PolicedClient
from tests.households.conftest import A_SCHOOL, TODAY, SignedIn, errors_of, home_at

CONTACT = {"guardian_first_name": "Rosa", "guardian_last_name": "Muñoz", "language": "es", "phone_1": "773-555-0123"}


def made(session: Session, **given: Any) -> Household:
    return factories.household(
        session, guardian_last_name="Muñoz", phones=["+17735550123"], students=[{"last_name": "Muñoz"}], **given
    )


def version_in(client: PolicedClient, path: str) -> str:
    return client.get(path).text.partition('name="version"')[2].partition('value="')[2].partition('"')[0]


def reloaded(session: Session, household: Household) -> Household:
    session.rollback()
    session.expire_all()
    return session.get_one(Household, household.id)


def last_changes(session: Session) -> dict[str, Any]:
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    return {field: values for field, values in event.changes.items() if field != "version"}


def test_contacts_are_edited_with_before_and_after_in_the_trail(session: Session, signed_in: SignedIn) -> None:
    household = made(session)
    path = f"/households/{household.reference}/edit"
    client = signed_in(Role.STAFF)
    changed = CONTACT | {"guardian_last_name": "Núñez", "phone_2": "312-555-0100", "version": version_in(client, path)}
    assert client.send(path, changed).status_code == 302
    household = reloaded(session, household)
    assert [phone.number for phone in household.phones] == ["+17735550123", "+13125550100"]
    assert household.version > 1
    assert last_changes(session) == {"guardian_last_name": ["Muñoz", "Núñez"], "phone_2": [None, "+13125550100"]}
    account = factories.account(session, Role.STAFF)
    assert [one.reference for one in find(session, account, "nunez 3125550100").households] == [household.reference]


def test_phones_are_taken_away_and_change_places(session: Session, staff: Account) -> None:
    household = factories.household(session, phones=["+17735550123", "+13125550100", "+13125550101"])
    contact = edit.contact_of(household)
    for phones in (("+13125550100", "+17735550123"), (), ("+13125550101",)):
        wanted = type(contact)(**{**vars(contact), "phones": phones})
        edit.edit_contact(session, account=staff, household=household, contact=wanted)
        session.commit()
        assert edit.contact_of(reloaded(session, household)).phones == phones


def test_saving_without_a_change_writes_nothing(session: Session, signed_in: SignedIn) -> None:
    household = made(session)
    path = f"/households/{household.reference}/edit"
    client = signed_in(Role.STAFF)
    assert client.send(path, CONTACT | {"version": version_in(client, path)}).status_code == 302
    assert reloaded(session, household).version == 1
    assert session.scalars(select(AuditEvent)).all() == []


def test_the_second_editor_is_told_what_the_first_changed_and_loses_nothing(
    session: Session, signed_in: SignedIn
) -> None:
    household = made(session)
    path = f"/households/{household.reference}/edit"
    first, second = signed_in(Role.STAFF, name="Ana First"), signed_in(Role.STAFF)
    opened = version_in(second, path)
    first.send(path, CONTACT | {"language": "pl", "phone_1": "312-555-0100", "version": version_in(first, path)})
    typed = CONTACT | {"guardian_first_name": "Rosalía", "phone_1": "773-555-0199", "version": opened}
    told = second.send(path, typed)
    assert told.status_code == 409
    assert "Ana First changed this household while you were working" in told.text
    assert "(312) 555-0100" in told.text  # theirs
    assert 'value="773-555-0199"' in told.text  # mine, in the field
    assert 'value="Rosalía"' in told.text
    assert '<option selected value="pl">' in told.text  # the field I had not touched follows theirs
    household = reloaded(session, household)
    assert (household.guardian_first_name, household.language) == ("Rosa", "pl")
    again = typed | {"language": "pl", "version": version_of(told.text)}
    assert second.send(path, again).status_code == 302
    household = reloaded(session, household)
    assert (household.guardian_first_name, household.language) == ("Rosalía", "pl")
    assert [phone.number for phone in household.phones] == ["+17735550199"]


def version_of(html: str) -> str:
    return html.partition('name="version"')[2].partition('value="')[2].partition('"')[0]


def test_a_change_elsewhere_in_the_household_does_not_stop_an_editor(session: Session, signed_in: SignedIn) -> None:
    household = made(session)
    path = f"/households/{household.reference}"
    first, second = signed_in(Role.STAFF), signed_in(Role.STAFF)
    opened = version_in(second, f"{path}/edit")
    student = household.students[0]
    first.send(
        f"{path}/students/{student.id}",
        student_form(student) | {"grade": "6", "version": version_in(first, f"{path}/students/{student.id}")},
    )
    assert second.send(f"{path}/edit", CONTACT | {"language": "en", "version": opened}).status_code == 302
    household = reloaded(session, household)
    assert (household.language, household.students[0].grade) == ("en", "6")


def test_a_form_without_its_version_counts_as_stale(session: Session, signed_in: SignedIn) -> None:
    household = made(session)
    path = f"/households/{household.reference}/edit"
    client = signed_in(Role.STAFF)
    client.send(path, CONTACT | {"language": "pl", "version": "1"})
    for version in ("", "x", "-1", "9" * 30):
        assert client.send(path, CONTACT | {"language": "en", "version": version}).status_code == 409
    assert reloaded(session, household).language == "pl"


def test_two_writers_at_once_cannot_both_win(session: Session, engine: Any, staff: Account) -> None:
    """Even past the form: the second, who read before the first wrote, is stopped by the version."""
    household = made(session)
    session.commit()
    sessions = make_sessions(engine)
    with sessions() as slow:
        seen = slow.get_one(Household, household.id)
        slow.commit()  # keeps the object as it was read
        with sessions() as quick, transaction(quick):
            fresh = for_change(quick, quick.get_one(Account, staff.id), household.reference)
            assert fresh is not None
            fresh.language = "pl"
        seen.language = "en"
        with pytest.raises(StaleDataError):
            slow.flush()
    assert reloaded(session, household).language == "pl"


def student_form(student: Student) -> dict[str, str]:
    return {
        "district_id": student.district_id,
        "first_name": student.first_name,
        "last_name": student.last_name,
        "birth_date": student.birth_date.isoformat(),
        "grade": student.grade,
        "school": student.school_id,
    }


def test_a_student_is_added_and_edited(session: Session, signed_in: SignedIn) -> None:
    household = made(session)
    path = f"/households/{household.reference}/students"
    client = signed_in(Role.STAFF)
    new = {
        "district_id": "00999999",
        "first_name": "Ana",
        "last_name": "Muñoz",
        "birth_date": f"{TODAY.year - 6}-01-02",
    }
    assert client.send(f"{path}/new", new | {"grade": "K", "school": A_SCHOOL}).status_code == 302
    ana = session.scalars(select(Student).where(Student.district_id == "00999999")).one()
    assert ana.household_id == household.id
    values = student_form(ana) | {"grade": "1", "version": version_in(client, f"{path}/{ana.id}")}
    assert client.send(f"{path}/{ana.id}", values).status_code == 302
    session.rollback()
    session.expire_all()
    assert session.get_one(Student, ana.id).grade == "1"
    assert last_changes(session) == {f"student.{ana.id}.grade": ["K", "1"]}


@pytest.mark.parametrize(
    ("field", "name", "sorted_as"),
    [("last_name", "Álvarez", ("Álvarez", "Luz")), ("first_name", "Zoë", ("Muñoz", "Zoë"))],
)
def test_a_renamed_student_takes_the_place_of_the_new_name(
    session: Session, signed_in: SignedIn, field: str, name: str, sorted_as: tuple[str, str]
) -> None:
    household = made(session)
    student = household.students[0]
    path = f"/households/{household.reference}/students/{student.id}"
    client = signed_in(Role.STAFF)
    values = student_form(student) | {field: name, "version": version_in(client, path)}
    assert client.send(path, values).status_code == 302
    assert session.scalars(select(Student.sort_name)).one() == sort_name(*sorted_as)
    changed = {f"student.{student.id}.{field}": [getattr(student, field), name]}
    assert last_changes(session) == changed


def test_a_student_keeps_the_id_but_cannot_take_another_ones(session: Session, signed_in: SignedIn) -> None:
    household, other = made(session), made(session)
    student, taken = household.students[0], other.students[0].district_id
    path = f"/households/{household.reference}/students/{student.id}"
    client = signed_in(Role.STAFF)
    form = student_form(student) | {"version": version_in(client, path)}
    assert client.send(path, form | {"grade": "6"}).status_code == 302
    refused = client.send(path, form | {"district_id": taken})
    assert refused.status_code == 422
    assert other.reference in errors_of(refused.text)["district_id"]


def test_two_editors_of_one_student_compare_schools_by_name(session: Session, signed_in: SignedIn) -> None:
    household = made(session)
    student = household.students[0]
    path = f"/households/{household.reference}/students/{student.id}"
    first, second = signed_in(Role.STAFF), signed_in(Role.STAFF)
    opened = second.get(path).text
    form = student_form(student) | {"version": version_of(opened)}
    assert first.send(path, form | {"school": A_SCHOOL, "grade": "7"}).status_code == 302
    told = second.send(path, form | {"grade": "8"})
    assert told.status_code == 409
    assert 'value="UPLIFT HS (610394)"' in told.text  # untouched: follows
    assert '<option selected value="8">' in told.text  # touched: mine


def test_a_student_of_another_household_is_not_found_there(session: Session, signed_in: SignedIn) -> None:
    household, other = made(session), made(session)
    path = f"/households/{household.reference}/students/{other.students[0].id}"
    assert signed_in(Role.STAFF).get(path).status_code == 404


def test_a_corrected_address_stays_one_residence_and_keeps_its_first_writing(
    session: Session, signed_in: SignedIn, staff: Account
) -> None:
    household = made(session)
    path = f"/households/{household.reference}/address"
    client = signed_in(Role.STAFF)
    form = {"line": "4802 S Pulaski Rd", "unit": "2", "city": "Chicago", "state": "IL", "zip": "60632"}
    assert client.send(path, form | {"version": version_in(client, path)}).status_code == 302
    home = reloaded(session, household).residences[0]
    assert (home.line, home.unit, home.starts_on) == ("4802 S PULASKI RD", "APT 2", factories.DAY)
    assert home.original == "1135 West Wilson Avenue, Chicago, IL 60640"
    assert home.community_area != 3
    assert last_changes(session)["line"] == ["1135 W WILSON AVE", "4802 S PULASKI RD"]
    assert find(session, staff, "1135 wilson").households == ()


def test_a_move_ends_the_old_residence_and_begins_a_new_one(session: Session, signed_in: SignedIn) -> None:
    household = made(session)
    path = f"/households/{household.reference}/move"
    client = signed_in(Role.STAFF)
    form = {"line": "4802 S Pulaski Rd", "city": "Chicago", "state": "IL", "moved_on": "2026-02-03"}
    assert client.send(path, form | {"version": version_in(client, path)}).status_code == 302
    session.rollback()
    homes = session.scalars(select(Residence).order_by(Residence.id)).all()
    assert [(home.line, home.starts_on, home.ends_on) for home in homes] == [
        ("1135 W WILSON AVE", factories.DAY, dt.date(2026, 2, 3)),
        ("4802 S PULASKI RD", dt.date(2026, 2, 3), None),
    ]
    assert homes[0].community_area == 3


def test_a_move_has_a_day_that_can_be(session: Session, signed_in: SignedIn) -> None:
    household = made(session)
    path = f"/households/{household.reference}/move"
    client = signed_in(Role.STAFF)
    form = {"line": "4802 S Pulaski Rd", "city": "Chicago", "state": "IL", "version": version_in(client, path)}
    days = {
        "": "Enter the day",
        (TODAY + dt.timedelta(days=1)).isoformat(): "in the future",
        "2020-01-01": "cannot be earlier",
        "someday": "not a date",
    }
    for day, words in days.items():
        refused = client.send(path, form | {"moved_on": day})
        assert refused.status_code == 422
        assert words in errors_of(refused.text)["moved_on"]
    assert len(reloaded(session, household).residences) == 1


def test_two_editors_of_one_address(session: Session, signed_in: SignedIn) -> None:
    household = made(session)
    path = f"/households/{household.reference}/address"
    first, second = signed_in(Role.STAFF), signed_in(Role.STAFF)
    opened = version_in(second, path)
    form = {"city": "Chicago", "state": "IL", "zip": "60640", "version": opened}
    assert first.send(path, form | {"line": "1137 W Wilson Ave"}).status_code == 302
    told = second.send(path, form | {"line": "1139 W Wilson Ave"})
    assert told.status_code == 409
    assert "1137 W WILSON AVE" in told.text
    assert 'value="1139 W Wilson Ave"' in told.text
    assert second.send(path, form | {"line": "1139 W Wilson Ave", "version": version_of(told.text)}).status_code == 302
    assert reloaded(session, household).residences[0].line == "1139 W WILSON AVE"


def test_every_change_of_a_part_raises_the_households_version(session: Session, staff: Account) -> None:
    household = made(session)
    versions = [household.version]
    facts = edit.facts_of(household.students[0])

    def note() -> None:
        session.flush()
        versions.append(household.version)

    edit.add_student(
        session, account=staff, household=household, facts=type(facts)(**{**vars(facts), "district_id": "00777777"})
    )
    note()
    edit.move(session, account=staff, household=household, home=home_at(session, "4802 S Pulaski Rd"), on=TODAY)
    note()
    edit.correct_address(session, account=staff, household=household, home=home_at(session, "4804 S Pulaski Rd"))
    note()
    assert versions == sorted(set(versions))
    assert len(versions) == 4


def test_an_id_taken_at_the_same_moment_is_a_field_error_too(
    session: Session, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    household, other = made(session), made(session)
    student, taken = household.students[0], other.students[0].district_id
    for room in ("edit", "forms_student"):  # the look before the write saw nothing yet
        monkeypatch.setattr(f"connectivity.households.{room}.refuse_taken", Mock())
    client = signed_in(Role.STAFF)
    for path in ("new", str(student.id)):
        form = student_form(student) | {"district_id": taken, "version": "1"}
        refused = client.send(f"/households/{household.reference}/students/{path}", form)
        assert refused.status_code == 422
        assert "registered just now" in errors_of(refused.text)["district_id"]
