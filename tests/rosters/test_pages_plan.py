"""A plan and a receipt on their page: figures, what needs somebody, applying, holding, taking back."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.database import now
from connectivity.jobs import Jobs, Progress
from connectivity.register import AuditEvent, Household, ImportState, RosterImport, Student
from tests.conftest import PolicedClient
from tests.rosters.conftest import NOWAK, Upload, apply_newest, before, compared, newest, plain
from tests.rosters.districts import csv_bytes, row


def test_a_plan_says_every_figure_in_words(staff: PolicedClient, planned: RosterImport) -> None:
    words = plain(staff.get(f"/rosters/{planned.id}").text)
    for said in (
        "Plan for october.csv Plan ready · roster 2 · program year 2026-27 · the whole roster",
        "3 New students in 1 new household 1 registered household gets a student",
        "2 Students with changes 1 student changes schools 1 household moves",
        "1 Student not in this roster flagged, never deleted",
        "1 Student without changes",
        "1 Row not taken in 1 row needs a decision",
        "1 row may be a student who is registered under another ID. Decide who it is",
        "2 warnings about something that is not taken in as the file has it. See all warnings",
        "1 home could not be placed on the map",
        "Rows that repeat another row 1",
        "Homes that could not be placed 1",
        "Row 9: cps_student_id “12”: ",
        "Name and size october.csv,",
        "Read as Eligible roster (eligible_roster.csv), UTF-8",
    ):
        assert said in words, said


def test_what_a_person_must_know_stands_before_the_button(staff: PolicedClient, planned: RosterImport) -> None:
    words = plain(staff.get(f"/rosters/{planned.id}").text)
    button = words.index("I have looked at these figures, and they are right.")
    for said in ("Row 9: cps_student_id “12”: ", "Row 5: address_line1 “PO Box 12", "1 home could not be placed"):
        assert words.index(said) < button, said
        assert words.count(said) == 1, said


def test_the_first_of_many_problems_say_how_many_there_are(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    wrong = [row(session, cps_student_id=str(number), guardian_phone="x") for number in range(1, 5)]
    good = [row(session, guardian_phone="12"), row(session, cps_student_id="60000002", student_first_name="Ana")]
    text = upload([*wrong, *good]).text
    words = plain(text)
    assert "4 rows cannot be taken in as they are. See and repair them The first 3 of 4: Row 2: " in words
    assert ("Row 4: cps_student_id" in words, "Row 5: cps_student_id" in words) == (True, False)
    assert (
        "5 warnings about something that is not taken in as the file has it. See all warnings The first 3 of 5: Row 2: "
        in words
    )
    path = f"/rosters/{newest(session).id}/rows"
    assert f'href="{path}/rejected"' in text
    assert f'href="{path}/warnings"' in text


def test_a_heading_row_in_the_middle_of_the_sheet_is_one_problem(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    two = csv_bytes([row(session), row(session, cps_student_id="60000002", student_first_name="Ana")])
    headings, *rows = two.splitlines(keepends=True)
    words = plain(upload(b"".join([headings, rows[0], headings, rows[1]])).text)
    assert "Row 3: The headings stand here again. Leave this row out." in words
    counts = newest(session).counts
    assert {name: counts[name] for name in ("new", "rejected", "problems", "warnings")} == {
        "new": 2,
        "rejected": 1,
        "problems": 1,
        "warnings": 0,
    }
    path = f"/rosters/{newest(session).id}/rows/3"
    assert "Leave this row out" in plain(staff.get(f"{path}/repair").text)
    page = staff.send(f"{path}/leave-out", page=f"{path}/repair", follow_redirects=True)
    assert "Row 3 is left out." in plain(page.text)


def test_homes_that_could_not_be_placed_lead_to_the_queue_where_people_place_them(
    session: Session, staff: PolicedClient, planned: RosterImport
) -> None:
    path = f"/rosters/{planned.id}"
    queue = ': it waits under <a href="/households/unplaced">Homes to place</a>'
    assert queue in staff.get(path).text
    assert queue in apply_newest(session, staff).text
    assert 'href="/households/unplaced"' in staff.get(f"{path}/rows/unplaced").text


@pytest.mark.parametrize(
    "group",
    ["new", "joined", "changed", "moved_school", "moved_house", "vanished", "ambiguous", "rejected", "unplaced"],
)
def test_each_figure_leads_to_its_group(staff: PolicedClient, planned: RosterImport, group: str) -> None:
    text = staff.get(f"/rosters/{planned.id}").text
    assert f'href="/rosters/{planned.id}/rows/{group}"' in text


def test_a_plan_is_not_applied_before_somebody_says_that_the_figures_are_right(
    session: Session, staff: PolicedClient, planned: RosterImport
) -> None:
    path = f"/rosters/{planned.id}"
    page = staff.send(f"{path}/apply", {"plan": compared(planned)}, page=path)
    assert page.status_code == 422
    assert "Look at the figures above and tick this box first." in plain(page.text)
    assert newest(session).state == ImportState.PLANNED


def test_a_plan_that_was_made_anew_since_the_page_was_opened_is_not_applied(
    session: Session, staff: PolicedClient, planned: RosterImport
) -> None:
    path = f"/rosters/{planned.id}"
    staff.send(f"{path}/check-again", page=path)
    page = staff.send(f"{path}/apply", {"sure": "y", "plan": compared(planned)}, page=path, follow_redirects=True)
    assert "The plan was made anew since you opened this page." in plain(page.text)
    assert newest(session).state == ImportState.PLANNED


def test_an_applied_plan_is_a_receipt_with_who_when_file_and_hash(
    session: Session, staff: PolicedClient, planned: RosterImport
) -> None:
    words = plain(apply_newest(session, staff).text)
    for said in (
        "Receipt for october.csv Applied",
        "by Ana First.",
        planned.file_sha256,
        "Take this roster back",
        "What is left to do 1 row may be a student who is registered under another ID. See who it is",
        "1 row was not taken in. See and correct it Row 9: ",
    ):
        assert said in words, said
    assert "Download them, correct them in a spreadsheet, and hand that file in as a part." in plain(
        staff.get(f"/rosters/{planned.id}/rows/rejected").text
    )
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Student)) == 4 + 3


def test_a_second_click_applies_nothing_twice(session: Session, staff: PolicedClient, planned: RosterImport) -> None:
    apply_newest(session, staff)
    page = apply_newest(session, staff)
    assert "it has been applied already" in plain(page.text)
    assert session.scalar(select(func.count()).where(AuditEvent.action == "roster.applied")) == 2  # one a roster


def test_a_roster_is_put_aside_and_may_be_handed_in_again(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    rows = [row(session)]
    upload(rows)
    first = newest(session).id
    page = staff.send(f"/rosters/{first}/discard", page=f"/rosters/{first}", follow_redirects=True)
    assert "The roster is put aside. The register was not changed." in plain(page.text)
    upload(rows)
    assert newest(session).id != first


def test_a_roster_that_waits_for_its_columns_can_be_put_aside(
    session: Session, staff: PolicedClient, upload: Upload, app: Flask
) -> None:
    one = row(session)
    one["born"] = one.pop("birth_date")
    upload(csv_bytes([one], list(one)))
    path = f"/rosters/{newest(session).id}"
    words = plain(staff.send(f"{path}/discard", page=path, follow_redirects=True).text)
    assert "This roster was put aside. Nothing was changed." in words


@pytest.fixture
def held(session: Session, staff: PolicedClient, upload: Upload) -> RosterImport:
    """A plan in which 25 of 30 students vanish, handed in by the first person."""
    many = [
        row(
            session,
            cps_student_id=f"7000{number:04}",
            student_first_name=f"Child{number}",
            student_last_name=f"Family{number}",
            guardian_name=f"Ada Family{number}",
            guardian_phone=f"312-555-{1000 + number}",
            guardian_email="",
            unit=f"Apt {number}",
        )
        for number in range(30)
    ]
    upload(many)
    apply_newest(session, staff)
    upload(many[:5])
    made = newest(session)
    assert made.state == ImportState.HELD
    return made


def test_a_held_plan_says_why_and_does_not_let_its_sender_approve_it(staff: PolicedClient, held: RosterImport) -> None:
    text = staff.get(f"/rosters/{held.id}").text
    words = plain(text)
    assert "25 of 30 students of the last roster (83%) are not in this one. The limit is 10%." in words
    assert "somebody else of the office must approve it" in words
    assert "/apply" not in text
    assert "/approve" not in text


def test_a_held_plan_is_refused_to_its_sender_whatever_is_sent(
    session: Session, staff: PolicedClient, held: RosterImport
) -> None:
    path = f"/rosters/{held.id}"
    given = {"reason": "It is right.", "plan": compared(held)}
    page = staff.send(f"{path}/approve", given, page=path, follow_redirects=True)
    assert "You handed this roster in." in plain(page.text)
    page = staff.send(f"{path}/apply", {"sure": "y", "plan": compared(held)}, page=path, follow_redirects=True)
    assert "waits for a second person" in plain(page.text)
    assert newest(session).state == ImportState.HELD


def test_a_second_person_approves_with_a_reason_and_the_receipt_keeps_it(
    session: Session, staff: PolicedClient, second: PolicedClient, held: RosterImport
) -> None:
    path = f"/rosters/{held.id}"
    page = second.send(f"{path}/approve", {"reason": " ", "plan": compared(held)}, page=path)
    assert page.status_code == 422
    assert "Say why so large a change is right." in plain(page.text)
    given = {"reason": "The grade left for high school.", "plan": compared(held)}
    page = second.send(f"{path}/approve", given, page=path, follow_redirects=True)
    assert "The plan is approved. It can be applied now." in plain(page.text)
    words = plain(apply_newest(session, staff).text)
    assert "Ben Second: The grade left for high school." in words


def test_an_approval_does_not_hold_for_a_plan_that_is_made_anew(
    session: Session, second: PolicedClient, held: RosterImport
) -> None:
    path = f"/rosters/{held.id}"
    second.send(f"{path}/approve", {"reason": "It is right.", "plan": compared(held)}, page=path)
    assert newest(session).state == ImportState.PLANNED
    second.send(f"{path}/check-again", page=path)
    assert newest(session).state == ImportState.HELD
    assert newest(session).approved_by is None


def test_a_roster_is_taken_back_with_a_reason_and_the_receipt_says_so(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    upload(before(session))
    apply_newest(session, staff)
    path = f"/rosters/{newest(session).id}"
    assert staff.send(f"{path}/undo", {"reason": ""}, page=path).status_code == 422
    words = plain(staff.send(f"{path}/undo", {"reason": "A wrong file."}, page=path, follow_redirects=True).text)
    assert "Taken back" in words
    assert ": A wrong file." in words
    assert "Nothing stayed: what this roster made is gone, and what it changed is again as it was before." in words
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Household)) == 0


def test_the_receipt_of_a_roster_taken_back_does_not_promise_what_people_did_beside_it(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    upload(before(session))
    apply_newest(session, staff)
    upload([{**one, "grade": "6"} for one in before(session)])
    apply_newest(session, staff)
    session.rollback()
    nowak = session.scalars(select(Household).where(Household.guardian_last_name == "Nowak")).one()
    nowak.email = "nowak@example.org"  # the roster said nothing of it
    session.commit()
    path = f"/rosters/{newest(session).id}"
    words = plain(staff.send(f"{path}/undo", {"reason": "Wrong."}, page=path, follow_redirects=True).text)
    assert (newest(session).kept, nowak.email) == ([], "nowak@example.org")
    assert "Nothing stayed: what this roster made is gone, and what it changed is again as it was before." in words
    assert "What people entered since, apart from this roster, is as they left it." in words
    assert "the register is as it was" not in words


def test_what_people_changed_stays_and_the_receipt_says_so_row_by_row(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    upload(before(session))
    apply_newest(session, staff)
    session.rollback()
    nowak = session.scalars(select(Household).where(Household.guardian_last_name == "Nowak")).one()
    nowak.email = "nowak@example.org"  # a person's edit: its version rises
    session.commit()
    path = f"/rosters/{newest(session).id}"
    words = plain(staff.send(f"{path}/undo", {"reason": "Wrong."}, page=path, follow_redirects=True).text)
    assert "1 thing stayed, because people worked with it since" in words
    words = plain(staff.get(f"{path}/rows/stayed").text)
    assert f"{nowak.reference} people changed the household since" in words
    file = staff.send(f"{path}/rows/stayed.csv", page=path).text
    assert f"{nowak.reference},people changed the household since" in file


def test_an_earlier_roster_says_which_must_be_taken_back_first(
    session: Session, staff: PolicedClient, upload: Upload, planned: RosterImport
) -> None:
    apply_newest(session, staff)
    text = staff.get("/rosters/1").text
    assert "take the one that was applied after it back first: october.csv (roster 2)" in plain(text)
    assert "/undo" not in text
    page = staff.send("/rosters/1/undo", {"reason": "Wrong."}, page="/rosters/1", follow_redirects=True)
    assert "Roster 2 was applied after this one. Take that one back first." in plain(page.text)


def test_a_plan_that_another_roster_overtook_is_put_aside_so_that_its_file_can_be_handed_in_again(
    session: Session, staff: PolicedClient, upload: Upload
) -> None:
    upload([row(session)], name="one.csv")
    one = newest(session)
    upload([row(session, cps_student_id="60000003", **NOWAK)], name="two.csv")
    apply_newest(session, staff)
    path = f"/rosters/{one.id}"
    page = staff.send(f"{path}/apply", {"sure": "y", "plan": compared(one)}, page=path, follow_redirects=True)
    assert "Hand the file in again." in plain(page.text)
    upload([row(session)], name="one.csv")
    assert newest(session).id > one.id + 1


@pytest.fixture
def working(session: Session, app: Flask, upload: Upload) -> RosterImport:
    """A roster that a worker is just reading."""
    upload([row(session, student_last_name="Zebrowski")])
    made = newest(session)
    made.state = ImportState.READING
    session.commit()
    return made


def reports(monkeypatch: pytest.MonkeyPatch, *, runs: bool = True) -> None:
    said = Progress("Reading and checking rows", 20_000, 0, dt.datetime(2026, 9, 30, tzinfo=dt.UTC))
    monkeypatch.setattr(Jobs, "progress", lambda *_: said)
    monkeypatch.setattr(Jobs, "worker_seen", lambda *_: now() if runs else None)


def test_a_working_roster_shows_its_progress_and_may_be_left(
    staff: PolicedClient, working: RosterImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports(monkeypatch)
    text = staff.get(f"/rosters/{working.id}").text
    assert "Reading and checking rows: 20,000" in plain(text)
    assert "You can close this page." in plain(text)
    assert "></progress>" in text
    assert " hidden></progress>" not in text
    assert f'href="/rosters/{working.id}"' in text  # without a script


def test_progress_is_counts_and_stages_and_nobodys_values(
    staff: PolicedClient, working: RosterImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports(monkeypatch)
    answer = staff.get(f"/rosters/{working.id}/progress")
    assert answer.json == {
        "state": "reading",
        "stage": "Reading and checking rows",
        "done": 20_000,
        "total": 0,
        "worker": True,
        "words": "Reading and checking rows: 20,000",
    }
    assert "Zebrowski" not in answer.text


def test_a_page_says_when_no_worker_runs(
    staff: PolicedClient, working: RosterImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports(monkeypatch, runs=False)
    words = "No worker is running. Ask whoever runs the server to start it: flask jobs run"
    text = staff.get(f"/rosters/{working.id}").text
    assert words in plain(text)
    assert " hidden></progress>" in text  # a bar that moves would say that work goes on
    assert staff.get(f"/rosters/{working.id}/progress").json["words"] == words  # type: ignore[index]


def test_a_healed_letter_is_shown(upload: Upload, session: Session) -> None:
    content = csv_bytes([row(session, student_last_name="MuÃ±oz")])
    assert "We read “MuÃ±oz” as “Muñoz”." in plain(upload(content).text)


def test_a_roster_that_does_not_exist_is_no_page(staff: PolicedClient) -> None:
    assert staff.get("/rosters/999").status_code == 404
    assert staff.get("/rosters/999/progress").status_code == 404
