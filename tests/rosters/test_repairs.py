"""Rows that were not taken in: repaired in the page, left out, or sent back corrected; each is checked as the file was."""

import csv
import io
import re
from html import unescape

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.register import AuditEvent, ImportState, RosterImport, RosterProblem, RosterRow, Student
from tests.conftest import PolicedClient
from tests.rosters.conftest import Upload, apply_newest, newest, plain
from tests.rosters.districts import csv_bytes, outcomes, row


@pytest.fixture
def wrong(session: Session, upload: Upload) -> RosterImport:
    """Rows: 2 good; 3 with a damaged ID; 4 with two faults; 5 with too many cells."""
    good = row(session)
    damaged = row(session, cps_student_id="1.50163E+13", student_first_name="Ana")
    faults = row(session, cps_student_id="60000004", student_first_name="Mia", birth_date="1899-05-05", grade="17")
    upload(csv_bytes([good, damaged, faults]) + b"60000005,Rey,Eva,2015-03-14,5,610001,a,b,c,d,e,f,g,h,i,j,k\r\n")
    made = newest(session)
    assert outcomes(session, made) == {2: "new", 3: "rejected", 4: "rejected", 5: "rejected"}
    return made


def fields(text: str) -> dict[str, str]:
    """The cells of the form as it is shown."""
    inputs = re.findall(r'<input [^>]*name="([a-z_0-9]+)"(?: required)? type="text" value="([^"]*)"', text)
    return {name: unescape(value) for name, value in inputs}


def test_the_form_has_the_cells_as_written_and_each_problem_at_its_field(
    staff: PolicedClient, wrong: RosterImport
) -> None:
    text = staff.get(f"/rosters/{wrong.id}/rows/4/repair").text
    assert fields(text)["birth_date"] == "1899-05-05"
    assert fields(text)["address"] == "1135 W Wilson Ave"
    errors = re.findall(r'<div id="(\w+)-error">', text)
    assert errors == ["birth_date", "grade"]
    assert "cps_student_id" in text  # the file's own heading


def save(client: PolicedClient, roster: RosterImport, number: int, **cells: str) -> str:
    path = f"/rosters/{roster.id}/rows/{number}/repair"
    return client.send(path, {**fields(client.get(path).text), **cells}, follow_redirects=True).text


def test_a_repaired_row_waits_until_the_plan_is_checked_again(
    session: Session, staff: PolicedClient, wrong: RosterImport
) -> None:
    words = plain(save(staff, wrong, 3, student_id="60000003"))
    assert "Row 3 is repaired. Check the plan again when you are done (1 repaired or decided)." in words
    assert outcomes(session, newest(session))[3] == "waiting"
    assert session.scalar(select(func.count()).where(RosterProblem.number == 3)) == 0
    path = f"/rosters/{wrong.id}"
    assert "1 row was repaired or decided since this plan was made. Check again" in plain(staff.get(path).text)
    staff.send(f"{path}/check-again", page=path)
    assert outcomes(session, newest(session))[3] == "new"
    assert newest(session).counts["new"] == 2


def test_a_repaired_student_is_taken_in_as_repaired(
    session: Session, staff: PolicedClient, wrong: RosterImport
) -> None:
    save(staff, wrong, 4, birth_date="5/5/2016", grade="4")
    path = f"/rosters/{wrong.id}"
    staff.send(f"{path}/check-again", page=path)
    apply_newest(session, staff)
    session.rollback()
    student = session.scalars(select(Student).where(Student.district_id == "60000004")).one()
    assert (student.birth_date.isoformat(), student.grade) == ("2016-05-05", "4")


def test_a_row_that_is_still_wrong_says_what_is_wrong_now(
    session: Session, staff: PolicedClient, wrong: RosterImport
) -> None:
    text = save(staff, wrong, 4, birth_date="2016-05-05", grade="18")
    assert "Row 4 is saved, but something is still wrong." in plain(text)
    assert re.findall(r'<div id="(\w+)-error">', text) == ["grade"]
    assert fields(text)["birth_date"] == "2016-05-05"  # what was repaired stays repaired
    assert outcomes(session, newest(session))[4] == "rejected"


def test_a_repaired_row_may_be_repaired_once_more(session: Session, staff: PolicedClient, wrong: RosterImport) -> None:
    save(staff, wrong, 3, student_id="60000001")  # the ID of row 2: they contradict each other
    path = f"/rosters/{wrong.id}"
    staff.send(f"{path}/check-again", page=path)
    assert outcomes(session, newest(session))[3] == "rejected"
    save(staff, wrong, 3, student_id="60000003")
    staff.send(f"{path}/check-again", page=path)
    found = outcomes(session, newest(session))
    assert (found[2], found[3]) == ("new", "new")


def test_a_cell_that_is_too_long_is_said_at_its_field(staff: PolicedClient, wrong: RosterImport) -> None:
    text = save(staff, wrong, 3, last_name="x" * 501)
    assert "Enter at most 500 letters." in plain(text)


def test_a_school_that_does_not_exist_is_found_in_a_repair_too(staff: PolicedClient, wrong: RosterImport) -> None:
    text = save(staff, wrong, 3, student_id="60000003", school_id="999999")
    assert "There is no school with the ID 999999." in plain(text)


def test_a_row_that_is_left_out_stays_out(session: Session, staff: PolicedClient, wrong: RosterImport) -> None:
    path = f"/rosters/{wrong.id}"
    page = staff.send(f"{path}/rows/3/leave-out", page=f"{path}/rows/3/repair", follow_redirects=True)
    assert "Row 3 is left out." in plain(page.text)
    assert "Left out by Ana First." in plain(staff.get(f"{path}/rows/left_out").text)
    staff.send(f"{path}/check-again", page=path)
    assert outcomes(session, newest(session))[3] == "rejected"
    assert "Save it to take it in after all." in plain(staff.get(f"{path}/rows/3/repair").text)
    save(staff, wrong, 3, student_id="60000003")
    assert outcomes(session, newest(session))[3] == "waiting"


def test_a_row_that_is_left_out_is_no_open_problem_any_more_in_plan_receipt_and_files(
    session: Session, staff: PolicedClient, wrong: RosterImport
) -> None:
    path = f"/rosters/{wrong.id}"
    staff.send(f"{path}/rows/4/leave-out", page=f"{path}/rows/4/repair")
    counts = newest(session).counts
    assert (counts["rejected"], counts["left_out"], counts["problems"]) == (2, 1, 2)  # row 4 had two of the four
    text = staff.get(path).text
    assert "2 Rows not taken in 1 row left out on purpose" in plain(text)
    assert "2 rows cannot be taken in as they are." in plain(text)
    assert f'href="{path}/rows/left_out"' in text
    assert ("Row 3: " in plain(text), "Row 4: " in plain(text)) == (True, False)
    assert "Ana" in plain(staff.get(f"{path}/rows/rejected").text)
    assert "Mia" not in plain(staff.get(f"{path}/rows/rejected").text)
    assert [int(one["Row"]) for one in downloaded(staff, wrong)] == [3, 5]
    (line,) = downloaded(staff, wrong, "left_out")
    assert (line["Row"], line["Left out by"], line["student_first_name"]) == ("4", "Ana First", "Mia")
    words = plain(apply_newest(session, staff).text)
    assert "2 Rows not taken in 1 row left out on purpose" in words
    assert "2 rows were not taken in. See and correct them" in words
    assert "Left out by Ana First." in plain(staff.get(f"{path}/rows/left_out").text)


def test_a_plan_says_how_many_of_its_rows_are_repaired_and_wait_to_be_checked(
    session: Session, staff: PolicedClient, wrong: RosterImport
) -> None:
    path = f"/rosters/{wrong.id}"
    save(staff, wrong, 3, student_id="60000003")
    said = "3 rows cannot be taken in as they are. 1 of them is repaired and waits to be checked again. See and repair"
    assert said in plain(staff.get(path).text)
    staff.send(f"{path}/rows/4/leave-out", page=f"{path}/rows/4/repair")
    staff.send(f"{path}/rows/5/leave-out", page=f"{path}/rows/5/repair")
    said = "1 row cannot be taken in as it is. It is repaired and waits to be checked again."
    assert said in plain(staff.get(path).text)
    staff.send(f"{path}/check-again", page=path)
    words = plain(staff.get(path).text)
    assert "0 Rows not taken in 2 rows left out on purpose" in words
    assert "waits to be checked" not in words


def test_one_of_two_rows_that_contradict_each_other_is_left_out_and_the_other_comes_in(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    upload([row(session), row(session, grade="6")])
    roster = newest(session)
    path = f"/rosters/{roster.id}"
    assert fields(staff.get(f"{path}/rows/3/repair").text)["grade"] == "6"
    staff.send(f"{path}/rows/2/leave-out", page=f"{path}/rows/2/repair")
    assert "1 row was repaired or decided" in plain(staff.get(path).text)
    staff.send(f"{path}/check-again", page=path)
    assert outcomes(session, newest(session)) == {2: "rejected", 3: "new"}


def test_a_row_with_too_many_cells_can_be_left_out_or_sent_back_only(staff: PolicedClient, wrong: RosterImport) -> None:
    text = staff.get(f"/rosters/{wrong.id}/rows/5/repair").text
    words = plain(text)
    assert "This row has 17 cells, but there are 15 headings." in words
    assert "Leave this row out" in words
    assert fields(text) == {}


def send_back(client: PolicedClient, roster: RosterImport, content: bytes) -> tuple[int, str]:
    path = f"/rosters/{roster.id}"
    answer = client.send(
        f"{path}/fixed",
        {"file": (io.BytesIO(content), "fixed.csv")},
        page=f"{path}/rows/rejected",
        follow_redirects=True,
    )
    return answer.status_code, plain(answer.text)


def downloaded(client: PolicedClient, roster: RosterImport, group: str = "rejected") -> list[dict[str, str]]:
    path = f"/rosters/{roster.id}/rows/{group}"
    data = client.send(f"{path}.csv", page=path).data
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_the_downloaded_rows_come_back_corrected_and_are_matched_by_their_row(
    session: Session, staff: PolicedClient, wrong: RosterImport
) -> None:
    rows = {int(one["Row"]): one for one in downloaded(staff, wrong)}
    assert sorted(rows) == [3, 4, 5]
    rows[3]["cps_student_id"] = "60000003"
    rows[5] |= {
        **row(session, cps_student_id="60000005", student_first_name="Eva"),
        "Row": "5.0",
    }  # as a spreadsheet may
    status, words = send_back(staff, wrong, csv_bytes([rows[5], rows[4], rows[3]]))
    assert status == 200
    assert "Good now: 2. Still wrong: 1." in words
    assert outcomes(session, newest(session)) == {2: "new", 3: "waiting", 4: "rejected", 5: "waiting"}
    path = f"/rosters/{wrong.id}"
    staff.send(f"{path}/check-again", page=path)
    assert newest(session).counts["new"] == 3


def test_rows_that_do_not_wait_for_a_repair_are_left_aside_and_named(
    session: Session, staff: PolicedClient, wrong: RosterImport
) -> None:
    given = [{**row(session), "Row": number} for number in ("2", "99", "", "three")]
    _, words = send_back(staff, wrong, csv_bytes(given))
    assert "Good now: 0. Still wrong: 0." in words
    assert "they were left aside: (empty); three; 2; 99." in words
    assert outcomes(session, newest(session))[2] == "new"


def test_a_row_of_another_child_and_a_row_sent_back_twice_are_left_aside(
    session: Session, staff: PolicedClient, wrong: RosterImport
) -> None:
    stranger = row(session, cps_student_id="69999999", student_first_name="Ian", student_last_name="Ramos")
    ana = row(session, cps_student_id="60000003", student_first_name="Ana")
    content = csv_bytes([{**stranger, "Row": "4"}, {**ana, "Row": "3"}, {**ana, "Row": "3", "grade": "6"}])
    _, words = send_back(staff, wrong, content)
    assert "Good now: 0." in words
    assert "they were left aside: 3 (more than once); 4." in words
    assert outcomes(session, newest(session)) == {2: "new", 3: "rejected", 4: "rejected", 5: "rejected"}


def test_a_file_without_its_headings_is_refused_with_every_one_that_is_missing(
    session: Session, staff: PolicedClient, wrong: RosterImport
) -> None:
    one = row(session)
    del one["grade"]
    status, words = send_back(staff, wrong, csv_bytes([one], list(one)))
    assert status == 422
    assert "The file has no column “Row”, “grade”." in words


@pytest.mark.parametrize(("content", "said"), [(b"", "The file is empty."), (b"%PDF-1.7 nothing", "is a PDF")])
def test_another_kind_of_file_is_refused_in_words(
    staff: PolicedClient, wrong: RosterImport, content: bytes, said: str
) -> None:
    status, words = send_back(staff, wrong, content)
    assert status == 422
    assert said in words


def test_no_file_is_an_error_of_the_form(staff: PolicedClient, wrong: RosterImport) -> None:
    path = f"/rosters/{wrong.id}"
    page = staff.post(f"{path}/fixed", data={"csrf_token": staff.token(path)})
    assert page.status_code == 422
    assert "Choose the file first." in plain(page.text)


def test_a_guarded_cell_comes_back_as_it_was(session: Session, staff: PolicedClient, upload: Upload) -> None:
    upload([row(session, cps_student_id="12", student_last_name="-Ana")])
    roster = newest(session)
    rows = downloaded(staff, roster)
    assert rows[0]["student_last_name"] == "'-Ana"
    send_back(staff, roster, csv_bytes([{**rows[0], "cps_student_id": "60000001"}]))
    session.rollback()
    assert session.scalars(select(RosterRow)).one().cells["last_name"] == "-Ana"  # type: ignore[index]


@pytest.mark.parametrize("state", [ImportState.APPLIED, ImportState.DISCARDED, ImportState.COMPARING])
def test_rows_of_a_roster_without_an_open_plan_cannot_be_changed(
    session: Session, staff: PolicedClient, wrong: RosterImport, state: ImportState
) -> None:
    wrong.state = state
    session.commit()
    path = f"/rosters/{wrong.id}/rows/3"
    assert staff.get(f"{path}/repair").status_code == 404
    assert staff.send(f"{path}/leave-out", page="/rosters").status_code == 404
    session.rollback()
    assert outcomes(session, wrong)[3] == "rejected"


def test_a_row_that_is_good_has_no_repair(staff: PolicedClient, wrong: RosterImport) -> None:
    assert staff.get(f"/rosters/{wrong.id}/rows/2/repair").status_code == 404
    assert staff.get(f"/rosters/{wrong.id}/rows/99/repair").status_code == 404


def test_a_repair_is_traced_by_its_row_and_without_a_value(
    session: Session, staff: PolicedClient, wrong: RosterImport
) -> None:
    save(staff, wrong, 3, student_id="60000003")
    session.rollback()
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "roster.rows_repaired")).one()
    assert event.changes == {"row": [None, 3]}


def test_the_next_roster_knows_a_repaired_row_again(
    session: Session, staff: PolicedClient, wrong: RosterImport, upload: Upload
) -> None:
    save(staff, wrong, 3, student_id="60000003")
    path = f"/rosters/{wrong.id}"
    staff.send(f"{path}/check-again", page=path)
    apply_newest(session, staff)
    upload([row(session), row(session, cps_student_id="60000003", student_first_name="Ana")])
    assert outcomes(session, newest(session)) == {2: "unchanged", 3: "unchanged"}
