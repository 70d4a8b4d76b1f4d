"""The same file once more: what was repaired in it before is offered, and used again if somebody says so."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import AuditEvent, RosterImport, RosterRow, Student
from connectivity.rosters import imports, repairs
from connectivity.tabular.roster_rows import fingerprints
from tests.conftest import PolicedClient
from tests.rosters import districts
from tests.rosters.conftest import Upload, apply_newest, newest, plain
from tests.rosters.districts import csv_bytes, outcomes, row
from tests.rosters.test_repairs import save

OFFER = "rows of this file were repaired before, in roster 1 . Use those repairs"


@pytest.fixture
def content(session: Session) -> bytes:
    """Rows: 2 good; 3 with a damaged ID; 4 with a wrong grade; 5 with too many cells."""
    damaged = row(session, cps_student_id="1.50163E+13", student_first_name="Ana")
    graded = row(session, cps_student_id="60000004", student_first_name="Mia", grade="17")
    rows = csv_bytes([row(session), damaged, graded])
    return rows + b"60000005,Rey,Eva,2015-03-14,5,610001,a,b,c,d,e,f,g,h,i,j,k\r\n"


@pytest.fixture
def again(session: Session, staff: PolicedClient, upload: Upload, content: bytes) -> RosterImport:
    """Rows 3 and 4 were repaired, the roster applied and taken back, and the same file handed in again."""
    upload(content)
    first = newest(session)
    save(staff, first, 3, student_id="60000003")
    save(staff, first, 4, grade="7")
    staff.send(f"/rosters/{first.id}/check-again", page=f"/rosters/{first.id}")
    apply_newest(session, staff)
    session.rollback()
    districts.undo(session, newest(session))
    upload(content)
    made = newest(session)
    assert (made.id, outcomes(session, made)) == (2, {2: "new", 3: "rejected", 4: "rejected", 5: "rejected"})
    return made


def use(client: PolicedClient, roster: RosterImport) -> str:
    path = f"/rosters/{roster.id}"
    return plain(client.send(f"{path}/earlier-repairs", page=path, follow_redirects=True).text)


def test_repairs_of_the_same_file_are_offered_and_used_again(
    session: Session, staff: PolicedClient, again: RosterImport
) -> None:
    path = f"/rosters/{again.id}"
    assert f"2 {OFFER}" in plain(staff.get(path).text)
    assert "Good now: 2. Still wrong: 0." in use(staff, again)
    assert outcomes(session, newest(session)) == {2: "new", 3: "waiting", 4: "waiting", 5: "rejected"}
    events = select(AuditEvent.changes).where(
        AuditEvent.action == "roster.rows_repaired", AuditEvent.subject_id == again.id
    )
    assert session.scalars(events).all() == [{"rows": [None, 2]}]
    assert OFFER not in plain(staff.get(path).text)
    staff.send(f"{path}/check-again", page=path)
    apply_newest(session, staff)
    session.rollback()
    students = dict(session.execute(select(Student.district_id, Student.grade)).all())
    assert students == {"60000001": "5", "60000003": "5", "60000004": "7"}


def test_a_second_click_repairs_nothing_twice(session: Session, staff: PolicedClient, again: RosterImport) -> None:
    use(staff, again)
    assert "These repairs are in the plan already, or there are none." in use(staff, again)
    session.rollback()
    events = select(AuditEvent.id).where(AuditEvent.action == "roster.rows_repaired", AuditEvent.subject_id == again.id)
    assert len(session.scalars(events).all()) == 1


def test_a_row_that_was_left_out_or_repaired_here_is_not_offered(
    session: Session, staff: PolicedClient, again: RosterImport
) -> None:
    save(staff, again, 4, grade="8")
    assert "1 row of this file was repaired before, in roster 1 . Use that repair" in plain(
        staff.get(f"/rosters/{again.id}").text
    )
    staff.send(f"/rosters/{again.id}/rows/3/leave-out", page=f"/rosters/{again.id}")
    assert "repaired before" not in plain(staff.get(f"/rosters/{again.id}").text)
    use(staff, again)
    session.rollback()
    rows = dict(session.execute(select(RosterRow.number, RosterRow.grade).where(RosterRow.import_id == again.id)).all())
    assert (rows[4], outcomes(session, newest(session))[3]) == ("8", "rejected")


def test_an_earlier_repair_goes_through_the_same_checks_and_is_not_offered_twice(
    session: Session, staff: PolicedClient, again: RosterImport
) -> None:
    then = session.get_one(RosterRow, (1, 4))
    then.cells = {**(then.cells or {}), "grade": "18"}  # as if it had been good then
    then.fingerprint = fingerprints({name: [cell] for name, cell in then.cells.items()})[0]
    session.commit()
    assert "Good now: 1. Still wrong: 1." in use(staff, again)
    assert outcomes(session, newest(session))[4] == "rejected"
    assert "repaired before" not in plain(staff.get(f"/rosters/{again.id}").text)


def test_a_repair_that_was_still_wrong_is_not_offered(
    session: Session, staff: PolicedClient, upload: Upload, content: bytes
) -> None:
    upload(content)
    save(staff, newest(session), 4, grade="18")
    apply_newest(session, staff)
    session.rollback()
    districts.undo(session, newest(session))
    upload(content)
    assert newest(session).id == 2
    assert "repaired before" not in plain(staff.get("/rosters/2").text)


def leave_out(client: PolicedClient, import_id: int, number: int) -> None:
    path = f"/rosters/{import_id}"
    client.send(f"{path}/rows/{number}/leave-out", page=f"{path}/rows/{number}/repair")


def taken_back_and_handed_in_again(
    session: Session, client: PolicedClient, upload: Upload, content: bytes
) -> RosterImport:
    """The newest roster is checked again, applied and taken back, and its file handed in once more."""
    path = f"/rosters/{newest(session).id}"
    client.send(f"{path}/check-again", page=path)
    apply_newest(session, client)
    session.rollback()
    districts.undo(session, newest(session))
    upload(content)
    return newest(session)


def test_a_row_that_was_left_out_is_left_out_again(
    session: Session, staff: PolicedClient, upload: Upload, content: bytes
) -> None:
    upload(content)
    leave_out(staff, 1, 5)
    made = taken_back_and_handed_in_again(session, staff, upload, content)
    assert (made.id, made.counts["rejected"], made.counts["left_out"]) == (2, 3, 0)
    assert "1 row of this file was left out before, in roster 1 . Leave it out again" in plain(
        staff.get("/rosters/2").text
    )
    words = use(staff, made)
    assert "1 row is left out again." in words
    assert "Good now" not in words
    assert "left out before" not in words
    assert newest(session).counts["left_out"] == 1
    row_5 = session.get_one(RosterRow, (2, 5), populate_existing=True)
    assert (row_5.outcome, row_5.decision) == ("rejected", "left_out")
    assert "Left out by Ana First." in plain(staff.get("/rosters/2/rows/left_out").text)


def test_repairs_of_every_earlier_import_are_used_and_the_newest_word_on_a_row_wins(
    session: Session, staff: PolicedClient, upload: Upload, content: bytes
) -> None:
    upload(content)
    save(staff, newest(session), 3, student_id="60000003")
    save(staff, newest(session), 4, grade="7")
    leave_out(staff, 1, 5)
    second = taken_back_and_handed_in_again(session, staff, upload, content)
    save(staff, second, 3, student_id="60000033")
    third = taken_back_and_handed_in_again(session, staff, upload, content)
    assert third.id == 3
    assert (
        "2 rows of this file were repaired before, in roster 2 , roster 1 . "
        "1 row of this file was left out before, in roster 1 . Repair and leave out as before"
    ) in plain(staff.get("/rosters/3").text)
    words = use(staff, third)
    assert "1 row is left out again." in words
    assert "Good now: 2. Still wrong: 0." in words
    session.rollback()
    rows = select(RosterRow.number, RosterRow.district_id, RosterRow.grade, RosterRow.decision).where(
        RosterRow.import_id == 3, RosterRow.number > 2
    )
    found = [tuple(one) for one in session.execute(rows.order_by(RosterRow.number))]
    assert found == [(3, "60000033", "5", None), (4, "60000004", "7", None), (5, None, None, "left_out")]


def test_a_row_that_was_repaired_after_it_was_left_out_is_repaired_again(
    session: Session, staff: PolicedClient, upload: Upload, content: bytes
) -> None:
    upload(content)
    leave_out(staff, 1, 3)
    second = taken_back_and_handed_in_again(session, staff, upload, content)
    save(staff, second, 3, student_id="60000003")
    third = taken_back_and_handed_in_again(session, staff, upload, content)
    use(staff, third)
    assert outcomes(session, newest(session))[3] == "waiting"


def test_a_row_left_out_of_a_plan_that_was_overtaken_is_offered_too(
    session: Session, staff: PolicedClient, upload: Upload, content: bytes
) -> None:
    upload(content)
    leave_out(staff, 1, 4)
    upload([row(session, grade="6")])
    apply_newest(session, staff)
    upload(content)
    assert newest(session).id == 3
    assert "1 row of this file was left out before, in roster 1 ." in plain(staff.get("/rosters/3").text)


def test_another_file_is_offered_nothing(
    session: Session, staff: PolicedClient, again: RosterImport, upload: Upload, content: bytes
) -> None:
    upload(content + b"\r\n")
    assert newest(session).id == 3
    assert "repaired before" not in plain(staff.get("/rosters/3").text)


def test_cells_that_were_read_under_other_columns_are_not_offered(
    session: Session, staff: PolicedClient, again: RosterImport
) -> None:
    first = session.get_one(RosterImport, 1)
    first.columns = {name: heading for name, heading in first.columns.items() if name != "email"}
    session.commit()
    assert "repaired before" not in plain(staff.get(f"/rosters/{again.id}").text)


def test_repairs_of_a_roster_that_is_applied_are_offered_when_its_file_is_taken_in_again(
    session: Session, staff: PolicedClient, upload: Upload, content: bytes
) -> None:
    upload(content)
    save(staff, newest(session), 3, student_id="60000003")
    staff.send("/rosters/1/check-again", page="/rosters/1")
    apply_newest(session, staff)
    upload([row(session, grade="6")])
    apply_newest(session, staff)
    upload(content, again="y")
    assert newest(session).id == 3
    assert "1 row of this file was repaired before, in roster 1 ." in plain(staff.get("/rosters/3").text)


@pytest.mark.parametrize("step", ["apply", "discard"])
def test_a_roster_without_an_open_plan_takes_no_earlier_repairs(
    session: Session, staff: PolicedClient, again: RosterImport, step: str
) -> None:
    steps: dict[str, Callable[[], object]] = {
        "apply": lambda: apply_newest(session, staff),
        "discard": lambda: staff.send("/rosters/2/discard", page="/rosters/2"),
    }
    steps[step]()
    page = staff.post("/rosters/2/earlier-repairs", data={"csrf_token": staff.token("/rosters")}, follow_redirects=True)
    assert "This roster has no plan that waits" in plain(page.text)


def test_a_repair_of_many_rows_at_once_is_found_again_in_portions(
    session: Session, staff: PolicedClient, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectivity.bulk.IDS_A_STATEMENT", 2)
    wrong = csv_bytes([row(session, cps_student_id=str(7000_0000 + at), grade="17") for at in range(5)])
    upload(wrong)
    with transaction(session):
        roster = imports.locked(session, 1)
        cells = {number: repairs.cells_of(roster, session.get_one(RosterRow, (1, number))) for number in range(2, 7)}
        good = {number: {**(one or {}), "grade": "7"} for number, one in cells.items()}
        assert roster.submitter is not None
        repairs.repair(session, account=roster.submitter, roster=roster, cells=good)
    staff.send("/rosters/1/check-again", page="/rosters/1")
    apply_newest(session, staff)
    session.rollback()
    districts.undo(session, newest(session))
    upload(wrong)
    assert "Good now: 5. Still wrong: 0." in use(staff, newest(session))
