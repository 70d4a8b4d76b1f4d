"""Handing a roster in: the list, the form, the columns, and what happens with the same file twice."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.access import uploads
from connectivity.register import Account, Covers, Household, ImportState, Role, RosterImport, RosterProfile
from connectivity.rosters import pages
from tests import factories
from tests.conftest import PolicedClient
from tests.rosters.conftest import Upload, apply_newest, newest, plain
from tests.rosters.districts import csv_bytes, row


def test_an_empty_list_says_what_to_do(session: Session, staff: PolicedClient) -> None:
    factories.program_year(session)
    session.commit()
    words = plain(staff.get("/rosters").text)
    assert "No roster was handed in yet. Choose the district’s file above" in words


def test_without_a_program_year_the_page_says_who_adds_one(staff: PolicedClient) -> None:
    assert "There is no program year yet." in plain(staff.get("/rosters").text)


def test_a_roster_handed_in_comes_to_its_plan_and_changes_nothing(
    session: Session, upload: Upload, account: Account
) -> None:
    page = upload([row(session)])
    words = plain(page.text)
    assert words.startswith("← Rosters Plan for roster.csv Plan ready")
    assert "1 New student in 1 new household" in words
    assert session.scalar(select(func.count()).select_from(Household)) == 0
    roster = newest(session)
    assert (roster.submitted_by, roster.covers, roster.counts["rows"]) == (account.id, Covers.WHOLE, 1)


def test_the_list_names_file_state_year_rows_and_who(session: Session, upload: Upload, staff: PolicedClient) -> None:
    upload([row(session)], name="sept.csv", covers="part")
    words = plain(staff.get("/rosters").text)
    for said in ("sept.csv", "Plan ready", "2026-27, a part", "Ana First"):
        assert said in words


def test_a_list_that_leaves_older_rosters_out_says_so(
    session: Session, upload: Upload, staff: PolicedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload([row(session)], name="one.csv")
    upload([row(session, grade="6")], name="two.csv")
    assert "The newest first" in plain(staff.get("/rosters").text)
    monkeypatch.setattr(pages, "MOST_LISTED", 1)
    words = plain(staff.get("/rosters").text)
    assert "The newest 1 of 2" in words
    assert "one.csv" not in words


def test_a_form_without_its_answers_is_shown_again_with_every_error(upload: Upload, staff: PolicedClient) -> None:
    page = staff.send("/rosters", {"year": "999999", "covers": ""})
    assert page.status_code == 422
    words = plain(page.text)
    for said in ("Choose the file first.", "Choose one from the list.", "Say whether this is the whole roster"):
        assert said in words


def test_an_empty_file_is_an_error_of_the_form_and_leaves_nothing_behind(
    session: Session, upload: Upload, app: Flask
) -> None:
    page = upload(b"")
    assert page.status_code == 422
    assert "The file is empty. Export the roster again" in plain(page.text)
    assert list(uploads.folder_of(app).iterdir()) == []
    assert session.scalar(select(func.count()).select_from(RosterImport)) == 0


def test_a_file_that_is_no_roster_says_why_and_where_to_go_on(upload: Upload) -> None:
    words = plain(upload(b"\x89PNG\r\n\x1a\n" + b"\0" * 100).text)
    assert "is a picture" in words
    assert "Hand in another file" in words


def test_the_same_file_again_finds_its_plan_and_keeps_one_copy(session: Session, upload: Upload, app: Flask) -> None:
    rows = [row(session)]
    upload(rows)
    first = newest(session).id
    page = upload(rows)
    assert "This file was handed in before: this is its plan." in plain(page.text)
    assert newest(session).id == first
    assert list(uploads.folder_of(app).iterdir()) == []


def test_the_same_file_after_it_was_applied_finds_its_receipt(
    session: Session, upload: Upload, staff: PolicedClient
) -> None:
    rows = [row(session)]
    upload(rows)
    apply_newest(session, staff)
    page = upload(rows)
    assert "this is its receipt. Nothing was changed." in plain(page.text)
    assert "Take the same file in again" not in page.text  # it is the last word already


def test_an_old_file_may_be_taken_in_again_after_another_roster(
    session: Session, upload: Upload, staff: PolicedClient
) -> None:
    old, new = [row(session)], [row(session, grade="6")]
    upload(old)
    apply_newest(session, staff)
    first = newest(session).id
    upload(new)
    apply_newest(session, staff)
    assert "Take the same file in again" in upload(old).text
    form = staff.get(f"/rosters?again={first}").text
    assert 'name="again"' in form
    assert "checked" in form
    page = upload(old, again="y")
    assert newest(session).copy == 2
    assert "1 Student with changes" in plain(page.text)


def unknown(session: Session) -> bytes:
    """A file whose birth dates have a heading that nobody knows."""
    one = row(session)
    one["born"] = one.pop("birth_date")
    return csv_bytes([one], list(one))


def columns_path(session: Session) -> str:
    return f"/rosters/{newest(session).id}/columns"


def test_unknown_headings_are_asked_for_with_samples_guesses_and_the_nearest(
    session: Session, upload: Upload, staff: PolicedClient
) -> None:
    words = plain(upload(unknown(session)).text)
    assert "Needs you: which column is which" in words
    text = staff.get(columns_path(session)).text
    words = plain(text)
    assert "Missing: Birth date." in words
    assert "born 2015-03-14" in words
    assert '<option selected value="student_id">Student ID *</option>' in text


def test_every_problem_of_the_columns_is_said_at_once(session: Session, upload: Upload, staff: PolicedClient) -> None:
    upload(unknown(session))
    fields = choices(session, born="grade")
    words = plain(staff.send(columns_path(session), fields).text)
    assert "Two headings are given to Grade. Choose one of them." in words
    assert "No heading is given to Birth date, which every student needs." in words
    assert "Give this source a name" in words
    assert newest(session).state == ImportState.COLUMNS


def choices(session: Session, **given: str) -> dict[str, str]:
    """The form as it is shown, with other choices for some headings."""
    said = newest(session).read_as
    return {
        f"c{at}": given.get(heading, said["guesses"].get(heading, "")) for at, heading in enumerate(said["headings"])
    }


def test_columns_said_once_are_known_for_the_next_file_of_the_source(
    session: Session, upload: Upload, staff: PolicedClient, account: Account
) -> None:
    upload(unknown(session))
    page = staff.send(
        columns_path(session), {**choices(session, born="birth_date"), "name": "The district"}, follow_redirects=True
    )
    assert "Plan for roster.csv" in plain(page.text)
    assert "Read as The district" in plain(page.text)
    session.rollback()
    profile = session.scalars(select(RosterProfile)).one()
    assert (profile.headings["born"], profile.made_by) == ("birth_date", account.id)
    other = unknown(session).replace(b"Luz", b"Ana")
    assert "Plan for roster.csv" in plain(upload(other).text)


def test_two_sources_cannot_have_one_name(session: Session, upload: Upload, staff: PolicedClient) -> None:
    session.add(RosterProfile(name="The district", headings={"a": "grade"}))
    session.commit()
    upload(unknown(session))
    page = staff.send(columns_path(session), {**choices(session, born="birth_date"), "name": "The district"})
    assert "Another source has this name. Choose another one." in plain(page.text)


def test_sensitive_headings_show_no_samples_and_offer_no_choice(
    session: Session, upload: Upload, staff: PolicedClient
) -> None:
    one = {**row(session), "frl": "ZQX-FREE", "Lunch code": "ZQX-F"}
    one["born"] = one.pop("birth_date")
    upload(csv_bytes([one], list(one)))
    text = staff.get(columns_path(session)).text
    assert "ZQX" not in text
    assert "Lunch code Not shown: it sounds sensitive" in plain(text)
    assert "frl – Sensitive: not taken in" in plain(text)
    assert 'value="frl"' not in text


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_template_has_our_headings(staff: PolicedClient, kind: str) -> None:
    answer = staff.get(f"/rosters/template.{kind}")
    assert f"roster_template.{kind}" in answer.headers["Content-Disposition"]
    if kind == "csv":
        assert answer.data.decode("utf-8-sig").startswith("Student ID,Last name,First name")
    else:
        assert (
            CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_name("Roster").to_python()[0][0]
            == "Student ID"
        )


def test_the_data_dictionary_names_columns_and_sources(staff: PolicedClient) -> None:
    words = plain(staff.get("/rosters/format").text)
    for said in ("CPS Aspen export", "Clever", "OneRoster 1.1 or 1.2", "Birth date Yes"):
        assert said in words
    assert "Sensitive columns are not taken in: Meal status, Medicaid," in words
    assert words.count("Meal status") == 1


def test_the_header_leads_the_office_to_rosters_and_questions(
    staff: PolicedClient, signed_in: Callable[..., PolicedClient]
) -> None:
    text = staff.get("/rosters").text
    assert '<a href="/rosters" aria-current="page">Rosters</a>' in text
    assert 'href="/households/questions"' in text
    assert 'href="/rosters"' not in signed_in(Role.PARTNER).get("/households").text
