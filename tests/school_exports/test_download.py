"""The file a school takes away: exactly the list, safe to open, and written down."""

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from connectivity.register import Disclosure, Role, School, Student
from connectivity.school_exports import routes, students
from connectivity.school_exports.filters import STATUSES
from connectivity.school_exports.student_file import OFFICE_COLUMNS, SCHOOL_COLUMNS
from connectivity.tabular.write import Profile, read_csv
from tests import factories
from tests.conftest import PolicedClient
from tests.school_exports.test_students_page import counts_in, names_in, walked

SignIn = Callable[..., PolicedClient]
FORBIDDEN_WORDS = (
    "meal",
    "lunch",
    "medicaid",
    "snap",
    "tanf",
    "housing",
    "homeless",
    "stls",
    "debt",
    "address",
    "phone",
    "email",
    "birth",
    "guardian",
)


def download(client: PolicedClient, **filters: str) -> TestResponse:
    answer = client.send("/school/students.csv", filters, page="/school/students")
    assert answer.data  # takes the whole file before anybody looks
    return answer


def rows_of(answer: TestResponse) -> list[dict[str, str]]:
    header, *rows = read_csv(answer.data, profile=Profile.SPREADSHEET)
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.fixture
def people(session: Session, schools: list[str]) -> None:
    """Students of both schools in every status."""
    for at, status in enumerate(STATUSES):
        home = factories.household(
            session, students=[{"school_id": schools[at % 2]}, {"school_id": schools[0], "grade": "9"}]
        )
        if status != "not_in_program":
            factories.enrollment(session, home, status)
    session.commit()


def test_the_file_holds_the_agreed_columns_in_words_with_ids_as_text(
    session: Session, signed_in: SignIn, schools: list[str]
) -> None:
    plan = factories.provider(session).plans[0]
    organization = factories.organization(session, areas=[3])
    home = factories.household(
        session,
        area=3,
        language="pl",
        students=[{"school_id": schools[0], "district_id": "00123456", "last_name": "Łoś"}],
    )
    factories.enrollment(session, home, "ordered", on=dt.date(2026, 9, 9), plan_id=plan.id)
    answer = download(signed_in(Role.SCHOOL, schools=schools[:1]))
    assert rows_of(answer) == [
        {
            "as_of": "2026-10-05",
            "program_year": "2026-27",
            "cps_school_id": schools[0],
            "school_name": session.get_one(School, schools[0]).name,
            "cps_student_id": "00123456",
            "student_last_name": "Łoś",
            "student_first_name": "Luz",
            "grade": "5",
            "household_ref": home.reference,
            "program_status": "Service ordered",
            "status_date": "2026-09-09",
            "service_type": "Wired",
            "next_step": "Check that the equipment came and works",
            "contact_language": "Polish",
            "cbo": organization.name,
        }
    ]


def test_the_file_is_a_safe_attachment(session: Session, signed_in: SignIn, schools: list[str], people: None) -> None:
    answer = download(signed_in(Role.SCHOOL, schools=schools[:1]))
    number = session.scalar(select(Disclosure.id))
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert (
        answer.headers["Content-Disposition"]
        == f"attachment; filename=connectivity_students_{schools[0]}_20261005_d{number}.csv"
    )
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("columns", [SCHOOL_COLUMNS, OFFICE_COLUMNS])
def test_no_column_is_about_meals_benefits_housing_debt_or_contact(columns: tuple[str, ...]) -> None:
    assert [(column, word) for column in columns for word in FORBIDDEN_WORDS if word in column] == []
    assert len(set(columns)) == len(columns)


def test_a_name_that_looks_like_a_formula_arrives_as_text(
    session: Session, signed_in: SignIn, schools: list[str]
) -> None:
    factories.household(
        session, students=[{"school_id": schools[0], "last_name": '=HYPERLINK("http://x","y")', "first_name": "-Ann"}]
    )
    answer = download(signed_in(Role.SCHOOL, schools=schools[:1]))
    raw = next(iter(list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))[1:]))
    assert '\'=HYPERLINK("http://x","y")' in raw
    assert "'-Ann" in raw
    assert rows_of(answer)[0]["student_first_name"] == "-Ann"


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.STAFF, Role.ADMIN])
@pytest.mark.parametrize(
    "filters", [{}, {"status": "active"}, {"grade": "9"}, {"needs": "1"}, {"status": "not_in_program", "grade": "9"}]
)
def test_the_file_has_exactly_the_rows_the_page_counts(
    session: Session, signed_in: SignIn, schools: list[str], people: None, role: Role, filters: dict[str, str]
) -> None:
    client = signed_in(role, schools=schools[:1] if role is Role.SCHOOL else [])
    chosen = filters if role is Role.SCHOOL else {**filters, "school": schools[0]}
    answer = download(client, **chosen)
    counts = counts_in(client.get("/school/students", query_string=chosen).text)
    shown = (
        counts[STATUSES.index(filters["status"])]
        if "status" in filters
        else sum(counts)
        if "needs" not in filters
        else None
    )
    if shown is None:
        shown = sum(
            counts[STATUSES.index(status)] for status in STATUSES if status not in ("active", "ended", "not_in_program")
        )
    assert len(rows_of(answer)) == shown > 0
    assert answer.headers["X-Row-Count"] == str(shown)
    assert {row["cps_school_id"] for row in rows_of(answer)} == {schools[0]}


def test_an_administrators_file_of_the_district_has_every_student_once_across_query_pages(
    session: Session, signed_in: SignIn, people: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(students, "ROWS_A_QUERY", 3)
    answer = download(signed_in(Role.ADMIN))
    found = rows_of(answer)
    assert sorted(row["cps_student_id"] for row in found) == sorted(session.scalars(select(Student.district_id)))
    assert tuple(found[0]) == OFFICE_COLUMNS
    assert found[0]["community_area_id"] == "3"
    assert found[0]["community_area_name"] == "Uptown"


def test_page_and_file_order_names_whatever_their_accents_and_capitals_across_page_boundaries(
    session: Session, signed_in: SignIn, schools: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "ROWS_A_PAGE", 2)
    monkeypatch.setattr(students, "ROWS_A_QUERY", 2)
    in_order = ["Álvarez", "Baker", "de la Cruz", "Núñez", "Nunez Ortiz", "Zuniga", "ZÚÑIGA-Baker"]
    factories.household(session, students=[{"school_id": schools[0], "last_name": name} for name in reversed(in_order)])
    client = signed_in(Role.SCHOOL, schools=schools[:1])
    assert [names_in(page) for page in walked(client)] == [in_order[at : at + 2] for at in range(0, len(in_order), 2)]
    assert [row["student_last_name"] for row in rows_of(download(client))] == in_order


def test_students_of_one_last_name_are_ordered_by_first_name_whatever_its_accents(
    session: Session, signed_in: SignIn, schools: list[str]
) -> None:
    people = [("Muñoz", "Zoe"), ("MUNOZ", "Ed"), ("Muñoz", "Élan"), ("Munoz", "Ana"), ("muñoz", "Álvaro")]
    factories.household(
        session, students=[{"school_id": schools[0], "last_name": last, "first_name": first} for last, first in people]
    )
    answer = download(signed_in(Role.SCHOOL, schools=schools[:1]))
    assert [row["student_first_name"] for row in rows_of(answer)] == ["Álvaro", "Ana", "Ed", "Élan", "Zoe"]


def test_a_school_gets_no_file_of_another_school_and_staff_none_of_the_whole_district(
    signed_in: SignIn, schools: list[str], people: None
) -> None:
    assert download(signed_in(Role.SCHOOL, schools=schools[:1]), school=schools[1]).status_code == 404
    answer = download(signed_in(Role.STAFF))
    assert answer.status_code == 400
    assert "Choose a school above" in answer.text


def test_a_file_is_not_handed_out_without_the_forms_token(
    signed_in: SignIn, schools: list[str], people: None, session: Session
) -> None:
    client = signed_in(Role.SCHOOL, schools=schools[:1])
    assert client.post("/school/students.csv").status_code == 400
    assert client.get("/school/students.csv").status_code == 405
    assert session.scalar(select(func.count()).select_from(Disclosure)) == 0


def test_a_finished_download_is_written_down_with_rows_and_hash(
    signed_in: SignIn, schools: list[str], people: None, session: Session
) -> None:
    client = signed_in(Role.SCHOOL, schools=schools[:1])
    answer = download(client, grade="9", language="es")
    written = session.scalars(select(Disclosure)).one()
    assert written.finished_at is not None
    assert written.finished_at >= written.started_at
    assert written.row_count == len(rows_of(answer))
    assert written.sha256 == hashlib.sha256(answer.data).hexdigest()
    assert written.columns == list(SCHOOL_COLUMNS)
    assert written.scope == {
        "role": "school",
        "schools": schools[:1],
        "filters": {"grade": "9", "language": "es"},
        "program_year": "2026-27",
    }
    receipt = client.get("/school/downloads").text
    assert written.sha256 in receipt
    assert "Grade 9" in receipt
    assert "Not complete" not in receipt


def test_an_interrupted_download_is_visibly_incomplete(
    app: Flask, signed_in: SignIn, schools: list[str], people: None, session: Session
) -> None:
    client = signed_in(Role.SCHOOL, schools=schools[:1])
    token = client.token("/school/students")
    answer = client.post("/school/students.csv", data={"csrf_token": token}, buffered=False)
    assert b"as_of" in next(answer.iter_encoded())
    answer.close()
    written = session.scalars(select(Disclosure)).one()
    assert (written.finished_at, written.row_count, written.sha256) == (None, None, None)
    assert "Not complete: download it again" in client.get("/school/downloads").text


def test_an_account_that_asks_for_files_all_day_is_asked_to_wait_and_others_are_not(
    signed_in: SignIn, schools: list[str]
) -> None:
    busy, other = signed_in(Role.SCHOOL, schools=schools[:1]), signed_in(Role.SCHOOL, schools=schools[:1])
    token = busy.token("/password")
    answers = [
        busy.post("/school/students.csv", data={"csrf_token": token, "grade": "none"}).status_code for _ in range(61)
    ]
    assert answers == [400] * 60 + [429]
    assert download(other).status_code == 200


def test_receipts_are_the_accounts_own(signed_in: SignIn, schools: list[str], people: None) -> None:
    download(signed_in(Role.SCHOOL, schools=schools[:1]))
    assert (
        "You have not downloaded a file yet"
        in signed_in(Role.SCHOOL, schools=schools[:1]).get("/school/downloads").text
    )


def test_a_student_added_while_the_file_is_on_its_way_does_not_change_it(
    app: Flask, signed_in: SignIn, schools: list[str], people: None, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(students, "ROWS_A_QUERY", 2)
    client = signed_in(Role.SCHOOL, schools=schools[:1])
    answer = client.post("/school/students.csv", data={"csrf_token": client.token("/school/students")}, buffered=False)
    pieces = answer.iter_encoded()
    taken = next(pieces)
    factories.household(session, students=[{"school_id": schools[0], "last_name": "ZZZ LATE"}])
    session.commit()
    taken += b"".join(pieces)
    answer.close()
    assert b"ZZZ LATE" not in taken
    assert len(read_csv(taken, profile=Profile.SPREADSHEET)) - 1 == int(answer.headers["X-Row-Count"])
