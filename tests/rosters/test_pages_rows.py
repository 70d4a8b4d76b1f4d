"""The groups of a plan: what each line says, page by page, and the same as a file."""

import csv
import io
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.register import (
    Account,
    Disclosure,
    Household,
    Role,
    RosterDoubt,
    RosterImport,
    RosterRow,
    School,
    Student,
)
from connectivity.rosters import routes_rows
from connectivity.rosters.row_groups import Group, all_lines, total
from tests.conftest import PolicedClient
from tests.rosters.conftest import OKAFOR, REYES, Upload, apply_newest, before, newest, plain
from tests.rosters.districts import csv_bytes, row, schools

# Groups of the plan in conftest that are not empty, and those of other tests; the figure of a group has its name, but for one.
COUNTED = [group for group in Group if group not in (Group.STAYED, Group.JOINED)]


def words_of(client: PolicedClient, roster: RosterImport, group: str) -> str:
    return plain(client.get(f"/rosters/{roster.id}/rows/{group}").text)


def file_of(client: PolicedClient, roster: RosterImport, group: str) -> list[dict[str, str]]:
    answer = client.send(f"/rosters/{roster.id}/rows/{group}.csv", page=f"/rosters/{roster.id}/rows/{group}")
    assert answer.status_code == 200, answer.status
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def test_new_students_come_with_their_household_and_the_evidence(
    session: Session, staff: PolicedClient, planned: RosterImport
) -> None:
    words = words_of(staff, planned, "new")
    munoz = session.scalar(select(Household.reference).where(Household.guardian_last_name == "Muñoz"))
    assert f"Muñoz, Mia 60000004 May 2, 2018, 5, {school_name(session, 0)} Joins {munoz} same address and unit" in words
    assert "Okafor, Ada 60000005" in words
    assert "New household, 2 new students together same" in words


def school_name(session: Session, at: int) -> str:
    return session.get_one(School, schools(session)[at]).name


def test_those_who_join_a_registered_household_are_a_group_of_their_own(
    staff: PolicedClient, planned: RosterImport
) -> None:
    words = words_of(staff, planned, "joined")
    assert "Mia" in words
    assert "Okafor" not in words


def test_a_change_is_shown_before_and_after(session: Session, staff: PolicedClient, planned: RosterImport) -> None:
    words = words_of(staff, planned, "changed")
    assert "Grade: 5 → 6" in words
    assert f"School: {school_name(session, 0)} → {school_name(session, 1)}" in words
    assert "Address: 4600 N MAGNOLIA AVE APT 1 → 1139 W WILSON AVE APT 1" in words
    assert "Phones: (312) 555-0102 → (312) 555-0104, (312) 555-0102" in words


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ("unchanged", "Muñoz, Ana 60000002"),
        ("vanished", "Nowak, Jan 60000003"),
        ("moved_school", "Muñoz, Luz 60000001"),
        ("moved_house", "Reyes, Tom 60000007"),
        ("repeated", "10 Reyes, Tom 60000007"),
        ("unplaced", "PO Box 12, Chicago, IL 60640 A post office box cannot be connected."),
        ("warnings", "address_line1 “PO Box 12, Chicago, IL 60640”: A post office box cannot be connected."),
        ("rejected", "Okafor, Uju"),
        ("rejected", "cps_student_id “12”:"),
    ],
)
def test_a_group_lists_its_lines(staff: PolicedClient, planned: RosterImport, group: str, said: str) -> None:
    assert said in words_of(staff, planned, group)


@pytest.mark.parametrize("group", COUNTED)
def test_lines_and_file_are_as_many_as_the_figure_says(
    session: Session, staff: PolicedClient, planned: RosterImport, group: Group
) -> None:
    expected = planned.counts[group.value]
    assert len(list(all_lines(session, planned, group, size=1))) == expected
    if expected:
        assert len(file_of(staff, planned, group.value)) == expected


@pytest.mark.parametrize("group", Group)
def test_a_page_of_a_group_knows_how_many_there_are(session: Session, planned: RosterImport, group: Group) -> None:
    assert total(session, planned, group) == len(list(all_lines(session, planned, group)))


def test_after_the_apply_the_groups_are_still_what_the_receipt_counts(
    session: Session, staff: PolicedClient, planned: RosterImport
) -> None:
    apply_newest(session, staff)
    applied = newest(session)
    counted = {group: len(list(all_lines(session, applied, group))) for group in COUNTED}
    del counted[Group.NEWLY_ELIGIBLE]
    assert counted == {group: applied.counts[group.value] for group in counted}
    okafor = session.scalar(select(Household.reference).where(Household.guardian_last_name == "Okafor"))
    assert f"In {okafor} , 2 new students together" in words_of(staff, applied, "new")


def test_pages_of_a_group_follow_each_other_without_gap_or_repeat(
    staff: PolicedClient, planned: RosterImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes_rows, "LINES_A_PAGE", 2)
    path, seen = f"/rosters/{planned.id}/rows/new", []
    while path:
        text = staff.get(path).text
        seen.append([name for name in ("Mia", "Ada", "Obi") if name in plain(text)])
        assert f"{len(seen[-1])} of 3 shown, in the order of the file" in plain(text)
        path = text.partition('btn-outline-primary" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert seen == [["Mia", "Ada"], ["Obi"]]


@pytest.mark.parametrize("after", ["x", "1", "1-2-3", "-", "99999999999-1", "1-x"])
def test_a_page_that_we_did_not_write_begins_at_the_beginning(
    staff: PolicedClient, planned: RosterImport, after: str
) -> None:
    assert "Mia" in plain(staff.get(f"/rosters/{planned.id}/rows/new?after={after}").text)


def test_no_address_of_a_page_holds_a_name_or_an_id(staff: PolicedClient, planned: RosterImport) -> None:
    for group in Group:
        text = staff.get(f"/rosters/{planned.id}/rows/{group}").text
        links = " ".join(part.partition('"')[0] for part in text.split('href="')[1:])
        assert not any(value in links for value in ("6000000", "Okafor", "Mu"))


def test_a_group_that_nobody_knows_is_no_page(staff: PolicedClient, planned: RosterImport) -> None:
    assert staff.get(f"/rosters/{planned.id}/rows/nothing").status_code == 404
    assert staff.send(f"/rosters/{planned.id}/rows/nothing.csv", page="/rosters").status_code == 404


def test_what_people_entered_stays_and_is_listed(
    session: Session, staff: PolicedClient, upload: Upload, account: Account
) -> None:
    upload(before(session))
    apply_newest(session, staff)
    session.rollback()
    student = session.scalars(select(Student).where(Student.district_id == "60000007")).one()
    household = student.household
    page = f"/households/{household.reference}/students/{student.id}"
    fields = {
        "district_id": "60000007",
        "first_name": "Tom",
        "last_name": "Reyes",
        "birth_date": "2015-03-14",
        "grade": "7",
    }
    staff.send(page, {**fields, "school": student.school_id, "version": household.version})
    upload([*before(session)[:3], row(session, cps_student_id="60000007", **{**REYES, "grade": "6"})])
    roster = newest(session)
    assert roster.counts["kept"] == 1
    assert "Reyes, Tom 60000007" in words_of(staff, roster, "kept")
    assert "Grade: 7 → 6" in words_of(staff, roster, "kept")
    assert file_of(staff, roster, "kept")[0]["Field"] == "Grade"
    counts = {name: roster.counts[name] for name in ("changed", "unchanged", "overruled")}
    assert counts == {"changed": 0, "unchanged": 4, "overruled": 1}
    assert "Nothing is left here." in words_of(staff, roster, "changed")
    text = staff.get(f"/rosters/{roster.id}").text
    said = "4 Students without changes 1 of them has news in the roster, but what people entered stays"
    assert said in plain(text)
    assert f'href="/rosters/{roster.id}/rows/kept"' in text


def test_warnings_stand_in_the_order_of_the_file_whoever_found_them(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    """The comparison writes its warnings after those of the reading, and a page ends between two of one row."""
    upload([row(session), row(session, cps_student_id="60000002", student_first_name="Ana")])
    apply_newest(session, staff)
    news = {"guardian_email": "new@example.org", "guardian_phone": "12"}
    upload(
        [
            row(session, **news),
            row(session, cps_student_id="60000002", student_first_name="Ana", guardian_phone="13"),
        ]
    )
    roster = newest(session)
    assert [one["Row"] for one in file_of(staff, roster, "warnings")] == ["2", "2", "3"]
    by_one = [one.number for one in all_lines(session, roster, Group.WARNINGS, size=1)]
    assert by_one == [2, 2, 3]


def test_those_whom_the_file_says_are_leaving_are_listed(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    upload(before(session))
    apply_newest(session, staff)
    upload([{**one, "leaving": "yes" if one["cps_student_id"] == "60000003" else "no"} for one in before(session)])
    roster = newest(session)
    assert roster.counts["leaving"] == 1
    assert "Nowak, Jan 60000003" in words_of(staff, roster, "leaving")


def test_registered_households_that_become_eligible_are_listed(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    rows = [{**one, "eligible": "no"} for one in before(session)]
    upload(rows)
    apply_newest(session, staff)
    upload([{**rows[0], "eligible": "yes"}, *rows[1:]])
    roster = newest(session)
    assert roster.counts["newly_eligible"] == 1
    assert "Muñoz, Rosa" in words_of(staff, roster, "newly_eligible")
    assert file_of(staff, roster, "newly_eligible")[0]["Guardian last name"] == "Muñoz"


def test_questions_of_the_plan_are_listed_with_the_evidence(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    upload(before(session))
    apply_newest(session, staff)
    rows = before(session)
    moved_out = {**rows[1], "address_line1": "4520 N Sheridan Rd", "unit": ""}
    upload([rows[0], moved_out, *rows[2:]])
    roster = newest(session)
    assert session.scalar(select(func.count()).select_from(RosterDoubt).where(RosterDoubt.import_id == roster.id)) == 1
    words = words_of(staff, roster, "questions")
    assert "Muñoz, Ana" in words
    assert "Has this student left? The roster says: 4520 N Sheridan Rd" in words
    path = f"/rosters/{roster.id}/rows"
    assert f'<a href="{path}/questions">Only the address: see the questions</a>' in staff.get(f"{path}/changed").text


def test_a_file_is_logged_before_it_leaves_and_closed_after_its_last_byte(
    session: Session, staff: PolicedClient, planned: RosterImport, account: Account
) -> None:
    rows = file_of(staff, planned, "new")
    session.rollback()
    logged = session.scalars(select(Disclosure)).one()
    assert (logged.account_id, logged.kind, logged.row_count) == (account.id, "roster_group_csv", len(rows))
    assert (logged.scope["roster"], logged.scope["group"]) == (planned.id, "new")
    assert logged.columns == list(rows[0])
    assert logged.finished_at is not None


def test_the_list_of_own_downloads_still_opens_after_such_a_file(staff: PolicedClient, planned: RosterImport) -> None:
    file_of(staff, planned, "new")
    assert staff.get("/school/downloads").status_code == 200


def test_rejected_rows_leave_as_they_came_with_their_row_and_what_is_wrong(
    session: Session, staff: PolicedClient, planned: RosterImport
) -> None:
    (line,) = file_of(staff, planned, "rejected")
    assert list(line)[-2:] == ["Row", "Problem"]
    assert (line["cps_student_id"], line["student_first_name"], line["Row"]) == ("12", "Uju", "9")
    assert line["address_line1"] == "'=1+1"  # a spreadsheet must not run it
    assert line["Problem"].startswith("cps_student_id: ")


def test_the_cells_to_repair_stand_before_the_others_of_the_row(staff: PolicedClient, planned: RosterImport) -> None:
    wrong, _, rest = staff.get(f"/rosters/{planned.id}/rows/9/repair").text.partition("The other cells of the row")
    assert (wrong.count('aria-invalid="true"'), rest.count("aria-invalid")) == (2, 0)  # the ID, and a formula
    assert "student_last_name" in rest


def test_rows_that_contradict_each_other_leave_with_what_was_read_of_them(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    upload([row(session), row(session, grade="6")])
    lines = file_of(staff, newest(session), "rejected")
    assert [(one["cps_student_id"], one["grade"], one["guardian_name"]) for one in lines] == [
        ("60000001", "5", "Rosa Muñoz"),
        ("60000001", "6", "Rosa Muñoz"),
    ]
    assert all("they differ: grade" in one["Problem"] for one in lines)


def test_no_sensitive_value_is_on_a_page_or_in_a_file(session: Session, staff: PolicedClient, upload: Upload) -> None:
    upload(csv_bytes([row(session, cps_student_id="12", frl="ZQX-FREE", stls="ZQX-SHELTER"), row(session, stls="ZQX")]))
    roster = newest(session)
    path = f"/rosters/{roster.id}"
    everything = [staff.get(path).text, staff.get(f"{path}/rows/2/repair").text]
    for group in Group:
        everything.append(staff.get(f"{path}/rows/{group}").text)
        everything.append(staff.send(f"{path}/rows/{group}.csv", page=path).text)
    assert not any("ZQX" in one for one in everything)
    assert "Sensitive columns frl, stls: not taken in" in plain(everything[0])


@pytest.mark.parametrize("role", [Role.PARTNER, Role.COUNCIL, Role.SCHOOL, Role.ELIGIBILITY])
def test_nobody_outside_the_office_sees_a_roster_that_exists(
    signed_in: Callable[..., PolicedClient], planned: RosterImport, role: Role
) -> None:
    client = signed_in(role)
    path = f"/rosters/{planned.id}"
    for page in (path, f"{path}/progress", f"{path}/columns", f"{path}/rows/new", f"{path}/rows/9/repair"):
        assert client.get(page).status_code == 403, page
    assert client.send(f"{path}/rows/new.csv", page="/password").status_code == 403


def test_an_ambiguous_row_stands_beside_the_registered_student(
    session: Session, staff: PolicedClient, planned: RosterImport
) -> None:
    words = words_of(staff, planned, "ambiguous")
    assert "Row 7: Jan Nowak The roster says Student ID 61111111" in words
    assert "The register has Student ID 60000003" in words
    assert "It is the same student , row 7 It is another child , row 7" in words


def decide(client: PolicedClient, roster: RosterImport, number: int, decision: str) -> str:
    path = f"/rosters/{roster.id}/rows"
    answer = client.send(
        f"{path}/{number}/decide", {"decision": decision}, page=f"{path}/ambiguous", follow_redirects=True
    )
    return plain(answer.text)


@pytest.mark.parametrize(("decision", "students"), [("same", 7), ("another", 8)])
def test_a_decision_comes_into_the_next_plan(
    session: Session, staff: PolicedClient, planned: RosterImport, decision: str, students: int
) -> None:
    assert "Row 7 is decided. Check the plan again" in decide(staff, planned, 7, decision)
    path = f"/rosters/{planned.id}"
    assert "/apply" not in staff.get(path).text
    staff.send(f"{path}/check-again", page=path)
    assert newest(session).counts["ambiguous"] == 0
    apply_newest(session, staff)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Student)) == students
    same = session.scalar(select(Student.first_name).where(Student.district_id == "60000003"))
    assert same == (None if decision == "same" else "Jan")


def test_a_plan_with_a_decision_that_is_not_in_it_yet_is_not_applied(
    session: Session, staff: PolicedClient, planned: RosterImport
) -> None:
    decide(staff, planned, 7, "same")
    assert "Check the plan again first." in plain(apply_newest(session, staff).text)
    assert session.scalar(select(func.count()).select_from(Student)) == 4


def test_a_row_that_needs_no_decision_takes_none(staff: PolicedClient, planned: RosterImport) -> None:
    assert "This row needs no decision any more." in decide(staff, planned, 2, "same")
    path = f"/rosters/{planned.id}/rows"
    assert staff.send(f"{path}/7/decide", {"decision": "maybe"}, page=f"{path}/ambiguous").status_code == 400
    assert staff.send(f"{path}/777/decide", {"decision": "same"}, page=f"{path}/ambiguous").status_code == 404


def test_a_home_that_got_a_household_is_linked_from_the_queue_of_homes(
    session: Session, staff: PolicedClient, planned: RosterImport
) -> None:
    apply_newest(session, staff)
    session.rollback()
    reference = session.scalar(select(Household.reference).where(Household.guardian_last_name == "Okafor"))
    assert f'href="/households/{reference}"' in staff.get(f"/rosters/{planned.id}/rows/unplaced").text


def test_the_twins_of_a_new_household_are_in_one_home(session: Session, planned: RosterImport) -> None:
    twins = select(RosterRow.home).where(
        RosterRow.import_id == planned.id, RosterRow.last_name == OKAFOR["student_last_name"]
    )
    assert len(set(session.scalars(twins.where(RosterRow.home.is_not(None))))) == 1


def test_a_row_of_another_office_account_is_the_same_page(second: PolicedClient, planned: RosterImport) -> None:
    assert "Mia" in words_of(second, planned, "new")
