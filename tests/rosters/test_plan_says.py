"""What a plan must not keep to itself: another ZIP code, a word that is not taken, a determination that turned."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.register import (
    Account,
    AuditEvent,
    ChangeState,
    Covers,
    Enrollment,
    Household,
    Outcome,
    Residence,
    Role,
    RosterChange,
    RosterImport,
    RosterProblem,
    RosterRow,
    SearchTerm,
    Student,
)
from connectivity.rosters import steps
from connectivity.rosters.row_groups import Group, all_lines
from tests import factories
from tests.conftest import PolicedClient
from tests.rosters import districts
from tests.rosters.conftest import Upload, apply_newest, newest, plain
from tests.rosters.districts import csv_bytes, dump, family, outcomes, plan, row, take_in

OTHER_ZIP = "60613"


def changes(session: Session, roster: RosterImport) -> set[tuple[str, str | None, str | None, str]]:
    found = session.scalars(select(RosterChange).where(RosterChange.import_id == roster.id))
    return {(one.field, one.before, one.after, one.state) for one in found}


def warnings(session: Session, roster: RosterImport) -> list[tuple[int, str, str, str]]:
    found = session.scalars(
        select(RosterProblem).where(RosterProblem.import_id == roster.id).order_by(RosterProblem.id)
    )
    return [(one.number, one.heading, one.value, one.message) for one in found]


def edited(session: Session, household_id: int, **fields: list[str]) -> None:
    """A person edited these fields of the household."""
    account = session.scalars(select(Account)).first() or factories.account(session, Role.STAFF)
    factories.audit_event(session, account, household_id, {**fields, "version": ["1", "2"]})
    session.commit()


# -- another ZIP code on the same line


def test_another_zip_at_the_same_house_is_a_correction_and_no_move(session: Session, tmp_path: Path) -> None:
    account = factories.account(session, Role.STAFF)
    session.commit()
    rows = family(session)[:2]
    take_in(session, tmp_path, rows)
    before = dump(session)
    home = session.scalars(select(Residence)).one()
    place = (home.original, home.line, home.community_area, home.method, home.lon, home.lat, home.starts_on)
    planned = plan(session, tmp_path, csv_bytes([{**one, "zip": OTHER_ZIP} for one in rows]))
    assert changes(session, planned) == {("zip", "60640", OTHER_ZIP, ChangeState.PLANNED)}
    assert (planned.counts["moved_house"], planned.counts["fields"], planned.counts["changed"]) == (0, 1, 1)
    roster = districts.apply(session, planned, account)
    session.expire_all()
    home = session.scalars(select(Residence)).one()
    assert home.zip == OTHER_ZIP
    assert place == (home.original, home.line, home.community_area, home.method, home.lon, home.lat, home.starts_on)
    assert OTHER_ZIP in set(session.scalars(select(SearchTerm.term)))
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "household.edited")).one()
    assert (event.account_id, event.changes["zip"]) == (account.id, ["60640", OTHER_ZIP])
    again = plan(session, tmp_path, csv_bytes([{**one, "zip": OTHER_ZIP} for one in rows]) + b"\r\n")
    assert (again.counts["unchanged"], changes(session, again)) == (2, set())
    assert districts.undo(session, roster, account).kept == []
    session.expire_all()
    assert dump(session) == before


@pytest.mark.parametrize("field", ["line", "unit", "zip"])
def test_a_zip_stays_where_a_person_entered_the_address(session: Session, tmp_path: Path, field: str) -> None:
    take_in(session, tmp_path, [row(session)])
    home = session.scalars(select(Residence)).one()
    home.zip = "60614"
    edited(session, home.household_id, **{field: ["x", "y"]})
    planned = take_in(session, tmp_path, [row(session, zip=OTHER_ZIP)])
    assert changes(session, planned) == {("zip", "60614", OTHER_ZIP, ChangeState.KEPT)}
    session.expire_all()
    assert home.zip == "60614"


def test_a_zip_that_the_roster_only_repeats_changes_nothing(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, [row(session)])
    session.scalars(select(Residence)).one().zip = "60614"
    session.commit()
    planned = plan(session, tmp_path, csv_bytes([row(session, guardian_email="new@example.org")]))
    assert {name for name, *_ in changes(session, planned)} == {"email"}


def test_a_zip_that_was_not_known_is_filled_in(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, [row(session, zip="")])
    planned = take_in(session, tmp_path, [row(session)])
    assert changes(session, planned) == {("zip", None, "60640", ChangeState.APPLIED)}
    assert session.scalars(select(Residence.zip)).all() == ["60640"]
    districts.undo(session, planned)
    session.expire_all()
    assert session.scalars(select(Residence.zip)).all() == [""]


def test_four_more_digits_are_no_other_zip(session: Session, tmp_path: Path) -> None:
    factories.household(session, students=[{"district_id": "60000001"}])  # at 1135 W Wilson Ave
    session.scalars(select(Residence)).one().zip = "60640-1234"
    session.commit()
    planned = plan(session, tmp_path, csv_bytes([row(session)]))
    assert "zip" not in {name for name, *_ in changes(session, planned)}


def test_siblings_who_disagree_on_the_zip_change_nothing_and_the_plan_says_so(session: Session, tmp_path: Path) -> None:
    luz, ana = family(session)[:2]
    take_in(session, tmp_path, [luz, ana])
    planned = take_in(session, tmp_path, [luz, {**ana, "zip": OTHER_ZIP}])
    assert changes(session, planned) == set()
    assert [one[:3] for one in warnings(session, planned)] == [(3, "zip", OTHER_ZIP)]
    assert session.scalars(select(Residence.zip)).all() == ["60640"]


def test_a_move_takes_the_zip_along_and_tells_it_once(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, family(session)[:1])
    moved = {**family(session)[0], "address_line1": "900 W Leland Ave", "unit": "", "zip": OTHER_ZIP}
    planned = plan(session, tmp_path, csv_bytes([moved]))
    assert {name for name, *_ in changes(session, planned)} == {"address"}


def test_a_sibling_whose_row_names_no_unit_moves_along_and_corrects_no_zip(session: Session, tmp_path: Path) -> None:
    luz, ana = family(session)[0], {**family(session)[1], "unit": ""}
    take_in(session, tmp_path, [luz, ana])
    planned = plan(
        session, tmp_path, csv_bytes([{**luz, "unit": "Apt 3", "zip": OTHER_ZIP}, {**ana, "zip": OTHER_ZIP}])
    )
    assert planned.counts["known_households"] == 1
    assert {name for name, *_ in changes(session, planned)} == {"address"}


def test_a_home_that_staff_moved_the_family_to_after_the_plan_keeps_its_zip(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, [row(session)])
    planned = plan(session, tmp_path, csv_bytes([row(session, zip=OTHER_ZIP)]))
    home = session.scalars(select(Residence)).one()
    home.line, home.unit = "1139 W WILSON AVE", ""
    session.commit()
    districts.apply(session, planned)
    session.expire_all()
    assert home.zip == "60640"
    assert {state for *_, state in changes(session, planned)} == {ChangeState.KEPT}


def test_a_zip_of_a_home_that_was_changed_since_is_not_taken_back(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, [row(session)])
    roster = take_in(session, tmp_path, [row(session, zip=OTHER_ZIP)])
    household = session.scalars(select(Household)).one()
    session.scalars(select(Residence)).one().zip = "60614"
    session.commit()
    assert districts.undo(session, roster).kept == [[household.reference, "the ZIP code was changed again since"]]
    session.expire_all()
    assert session.scalars(select(Residence.zip)).all() == ["60614"]


# -- what one of two siblings' rows says

NEW_WORD = [
    ("guardian_name", "Elena Cruz", "Elena Cruz", "guardian"),
    ("guardian_email", "elena@example.org", "elena@example.org", "e-mail"),
    ("home_language", "Polish", "pl", "home language"),
]


@pytest.mark.parametrize(("heading", "written", "value", "words"), NEW_WORD)
def test_a_new_word_that_a_siblings_row_contradicts_is_told_and_not_taken(
    session: Session, tmp_path: Path, heading: str, written: str, value: str, words: str
) -> None:
    luz, ana = family(session)[:2]
    take_in(session, tmp_path, [luz, ana])
    before = dump(session)
    planned = plan(session, tmp_path, csv_bytes([luz, {**ana, heading: written}]))
    said = f"This {words} is new. Another student of the same household still has the one that is registered, "
    assert warnings(session, planned) == [(3, heading, value, said + "so nothing is changed.")]
    assert (outcomes(session, planned)[3], changes(session, planned)) == ("unchanged", set())
    assert planned.counts["warnings"] == 1
    steps.compare_again(session, planned.id, rules=districts.RULES, report=districts.silent)
    assert len(warnings(session, planned)) == 1
    roster = districts.apply(session, planned)
    assert dump(session) == before
    districts.undo(session, roster)
    assert dump(session) == before


def test_a_contradicted_word_is_told_once_and_not_by_every_later_roster(session: Session, tmp_path: Path) -> None:
    luz, ana = family(session)[:2]
    take_in(session, tmp_path, [luz, ana])
    ana["guardian_email"] = "elena@example.org"
    assert len(warnings(session, take_in(session, tmp_path, [luz, ana]))) == 1
    assert warnings(session, take_in(session, tmp_path, [ana, luz])) == []
    assert warnings(session, take_in(session, tmp_path, [{**luz, "grade": "6"}, {**ana, "grade": "9"}])) == []
    agreed = take_in(session, tmp_path, [{**luz, "guardian_email": "elena@example.org"}, ana])
    assert warnings(session, agreed) == []
    assert session.scalars(select(Household.email)).all() == ["elena@example.org"]


EMPTIED = [
    ("guardian_name", "Ola Nowak", "guardian"),
    ("guardian_phone", "(312) 555-0199", "phone"),
    ("guardian_email", "ola@example.org", "e-mail"),
    ("home_language", "pl", "home language"),
    ("zip", "60640", "ZIP code"),
]


@pytest.mark.parametrize(("heading", "value", "words"), EMPTIED)
def test_a_cell_that_became_empty_takes_nothing_away_and_is_told_once(
    session: Session, tmp_path: Path, heading: str, value: str, words: str
) -> None:
    luz, _, jan = family(session)
    jan["guardian_email"] = "ola@example.org"
    take_in(session, tmp_path, [luz, jan])
    before = dump(session)
    planned = plan(session, tmp_path, csv_bytes([luz, {**jan, heading: ""}]))
    said = f"The last roster had this {words}, and now the cell is empty. An empty cell takes nothing away."
    assert warnings(session, planned) == [(3, heading, value, said)]
    assert (outcomes(session, planned)[3], changes(session, planned)) == ("unchanged", set())
    assert planned.counts["warnings"] == 1
    districts.apply(session, planned)
    assert dump(session) == before
    later = take_in(session, tmp_path, [{**luz, "grade": "6"}, {**jan, heading: "", "grade": "6"}])
    assert warnings(session, later) == []


def test_an_address_that_became_empty_is_told_without_its_zip(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, [row(session)])
    without = dict.fromkeys(("address_line1", "unit", "city", "state", "zip"), "")
    (told,) = warnings(session, plan(session, tmp_path, csv_bytes([row(session, **without)])))
    assert told[:3] == (2, "address_line1", "1135 W Wilson Ave, Apt 2, Chicago, IL 60640")
    assert told[3].startswith("The last roster had this address,")


def test_a_cell_that_cannot_be_read_or_whose_column_is_gone_did_not_become_empty(
    session: Session, tmp_path: Path
) -> None:
    take_in(session, tmp_path, [row(session)])
    unread = warnings(session, plan(session, tmp_path, csv_bytes([row(session, guardian_phone="12")])))
    assert [(number, heading, value) for number, heading, value, _ in unread] == [(2, "guardian_phone", "12")]
    less = row(session)
    del less["guardian_phone"], less["guardian_email"]
    assert warnings(session, plan(session, tmp_path, csv_bytes([less], list(less)))) == []


def test_what_people_changed_since_is_not_missed_in_the_file(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, [row(session)])
    household = session.scalars(select(Household)).one()
    household.email = "new@example.org"
    session.commit()
    assert warnings(session, plan(session, tmp_path, csv_bytes([row(session, guardian_email="")]))) == []


def test_of_two_new_words_the_first_is_taken_and_the_other_told(session: Session, tmp_path: Path) -> None:
    luz, ana = family(session)[:2]
    take_in(session, tmp_path, [luz, ana])
    rows = [{**luz, "guardian_email": "one@example.org"}, {**ana, "guardian_email": "two@example.org"}]
    planned = plan(session, tmp_path, csv_bytes(rows))
    assert changes(session, planned) == {("email", "rosa@example.org", "one@example.org", ChangeState.PLANNED)}
    assert warnings(session, planned) == [
        (
            3,
            "guardian_email",
            "two@example.org",
            "Another student of the same household has another new e-mail in this file. That one is taken.",
        )
    ]


def test_a_sibling_without_an_email_does_not_stand_against_a_new_one(session: Session, tmp_path: Path) -> None:
    luz, ana = ({**one, "guardian_email": ""} for one in family(session)[:2])
    take_in(session, tmp_path, [luz, ana])
    planned = plan(session, tmp_path, csv_bytes([{**luz, "guardian_email": "rosa@example.org"}, ana]))
    assert changes(session, planned) == {("email", None, "rosa@example.org", ChangeState.PLANNED)}
    assert warnings(session, planned) == []


def test_a_name_in_two_columns_is_told_under_both_headings(session: Session, tmp_path: Path) -> None:
    rows = family(session)[:2]
    for one in rows:
        del one["guardian_name"]
        one |= {"guardian_first_name": "Rosa", "guardian_last_name": "Muñoz"}
    districts.apply(session, plan(session, tmp_path, csv_bytes(rows, list(rows[0]))))
    rows[1]["guardian_first_name"] = "Elena"
    found = warnings(session, plan(session, tmp_path, csv_bytes(rows, list(rows[0]))))
    assert [one[1:3] for one in found] == [("guardian_first_name, guardian_last_name", "Elena Muñoz")]


# -- the district's determination turns to no


@pytest.mark.parametrize("said", ["yes", ""])
def test_a_student_who_is_no_longer_eligible_is_counted_listed_and_stays_enrolled(
    session: Session, tmp_path: Path, said: str
) -> None:
    rows = [{**one, "eligible": said} for one in family(session)]
    take_in(session, tmp_path, rows)
    before = dump(session)
    rows[1]["eligible"] = "no"
    planned = plan(session, tmp_path, csv_bytes(rows))
    assert (planned.counts["no_longer_eligible"], planned.counts["unchanged"]) == (1, 3)

    def listed(roster: RosterImport) -> list[tuple[int | None, str]]:
        return [(one.number, one.district_id) for one in all_lines(session, roster, Group.NO_LONGER_ELIGIBLE)]

    assert listed(planned) == [(3, "60000002")]
    roster = districts.apply(session, planned)
    assert listed(roster) == [(3, "60000002")]
    assert dump(session) == before
    assert session.scalar(select(func.count()).select_from(Enrollment)) == 2
    districts.undo(session, roster)
    assert dump(session) == before
    again = plan(session, tmp_path, csv_bytes(rows))  # the determination turns again
    assert again.counts["no_longer_eligible"] == 1


def test_a_no_that_the_roster_only_repeats_and_a_new_no_are_no_turn(session: Session, tmp_path: Path) -> None:
    luz, ana, jan = ({**one, "eligible": "no"} for one in family(session))
    take_in(session, tmp_path, [luz, ana])
    planned = take_in(session, tmp_path, [{**luz, "grade": "6"}, ana, jan])
    assert planned.counts["no_longer_eligible"] == 0
    assert list(all_lines(session, planned, Group.NO_LONGER_ELIGIBLE)) == []


def test_a_determination_turns_in_a_file_that_covers_a_part_and_under_a_corrected_id(
    session: Session, tmp_path: Path
) -> None:
    take_in(session, tmp_path, family(session))
    session.scalars(select(Student).where(Student.district_id == "60000001")).one().district_id = "60000009"
    session.commit()
    luz = {**family(session)[0], "cps_student_id": "60000009", "eligible": "no"}
    planned = plan(session, tmp_path, csv_bytes([luz]), covers=Covers.PART)
    assert planned.counts["no_longer_eligible"] == 1
    assert session.scalar(select(RosterRow.outcome).where(RosterRow.import_id == planned.id)) == Outcome.UNCHANGED


# -- the pages


def test_the_page_says_who_is_no_longer_eligible_before_and_after_it_is_applied(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    rows = [{**one, "eligible": "yes"} for one in family(session)]
    upload(rows)
    apply_newest(session, staff)
    rows[1]["eligible"] = "no"
    upload(rows)
    path = f"/rosters/{newest(session).id}"
    said = "1 student is no longer eligible, the district says. A roster ends no enrollment: open the households and decide."
    for page in (staff.get(path), apply_newest(session, staff)):
        assert said in plain(page.text)
        assert f'href="{path}/rows/no_longer_eligible"' in page.text
    listed = plain(staff.get(f"{path}/rows/no_longer_eligible").text)
    assert "Muñoz, Ana 60000002 H" in listed
    assert "Luz" not in listed
    file = staff.send(f"{path}/rows/no_longer_eligible.csv", page=path).text
    assert [line.split(",")[1] for line in file.splitlines()] == ["Student ID", "60000002"]


def test_the_page_shows_another_zip_as_a_change_and_a_word_not_taken_as_a_warning(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    luz, ana, jan = family(session)
    upload([luz, ana, jan])
    apply_newest(session, staff)
    upload([luz, {**ana, "guardian_email": "elena@example.org"}, {**jan, "zip": OTHER_ZIP}])
    path = f"/rosters/{newest(session).id}"
    assert "ZIP code: 60640 → 60613" in plain(staff.get(f"{path}/rows/changed").text)
    page = plain(staff.get(f"{path}/rows/warnings").text)
    assert "guardian_email “elena@example.org”: This e-mail is new." in page
    assert "Open the household’s page" in page
    assert "rosa@example.org" not in page
    file = staff.send(f"{path}/rows/changed.csv", page=path).text
    assert "ZIP code: 60640 → 60613" in file
