"""Sealed factors: in no page, file or database byte but one page of one role, and never seen without a trace."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter

from connectivity.access import factors
from connectivity.access.demo_accounts import create_demo_accounts
from connectivity.access.scope import in_scope
from connectivity.register import AuditEvent, Household, Role, SearchTerm, Student, StudentFactors
from tests import factories
from tests.conftest import PolicedClient

SignIn = Callable[..., PolicedClient]
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
VALUE = "ZQX-FREE-MEAL"


@pytest.fixture
def student(app: Flask, session: Session) -> Student:
    """A student of an enrolled household, with a sealed factor."""
    app.config["FACTOR_KEYS"] = (OLD,)
    household = factories.household(session)
    factories.enrollment(session, household)
    session.add(SearchTerm(household_id=household.id, term="zelda"))
    (made,) = household.students
    seal(app, session, made, {"Meal status": VALUE, "Medicaid": ""})
    return made


def seal(app: Flask, session: Session, student: Student, values: dict[str, str]) -> None:
    with app.app_context():
        sealed = factors.seal(values)
    year = factories.program_year(session)
    session.add(StudentFactors(student_id=student.id, program_year_id=year.id, sealed=sealed))
    session.commit()


def test_the_eligibility_role_reads_them_and_each_view_is_written_down_by_name_alone(
    student: Student, session: Session, signed_in: SignIn
) -> None:
    client = signed_in(Role.ELIGIBILITY)
    for _ in range(2):
        page = client.get(f"/students/{student.id}/factors")
        assert page.status_code == 200
        assert VALUE in page.text
    seen = session.scalars(select(AuditEvent).where(AuditEvent.action == "factors.opened")).all()
    assert [(one.subject, one.subject_id, one.changes) for one in seen] == [
        ("student_factors", student.id, {"2026-27": [None, ["Meal status", "Medicaid"]]})
    ] * 2
    assert VALUE not in str([one.changes for one in session.scalars(select(AuditEvent))])


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ELIGIBILITY])
def test_no_other_role_opens_them_by_page_or_by_call(
    student: Student, app: Flask, session: Session, signed_in: SignIn, role: Role
) -> None:
    assert signed_in(role).get(f"/students/{student.id}/factors").status_code == 403
    with app.app_context(), pytest.raises(factors.FactorsClosed):
        factors.open_factors(session, account=factories.account(session, role), student=student)


def test_a_visitor_and_a_student_nobody_knows_lead_nowhere(
    student: Student, visitor: PolicedClient, signed_in: SignIn
) -> None:
    assert visitor.get(f"/students/{student.id}/factors").headers["Location"].startswith("/sign-in")
    assert signed_in(Role.ELIGIBILITY).get("/students/999999/factors").status_code == 404


def test_no_page_and_no_file_of_any_role_shows_a_factor_but_the_one_page(
    student: Student, app: Flask, session: Session, signed_in: SignIn
) -> None:
    organization = factories.organization(session, areas=[3])
    clients = {
        role: signed_in(
            role,
            schools=[student.school_id] if role == Role.SCHOOL else None,
            **({"organization_id": organization.id} if role == Role.PARTNER else {}),
        )
        for role in Role
    }
    signed_in(Role.ELIGIBILITY).get(f"/students/{student.id}/factors")  # so that a trace of a view exists as well
    opened: set[tuple[Role, str]] = set()
    showing: set[tuple[Role, str]] = set()
    for role, client in clients.items():
        for endpoint, path in addresses(app, student):
            answer = client.get(path, follow_redirects=True)
            opened |= {(role, endpoint)} if answer.status_code == 200 else set()
            showing |= {(role, endpoint)} if VALUE.encode() in answer.data else set()
        token = client.token("/password")
        for path, form in (("/households/search", {"text": "zelda"}), ("/school/students.csv", {})):
            answer = client.post(path, data={"csrf_token": token, **form})
            opened |= {(role, path)} if answer.status_code == 200 else set()
            showing |= {(role, path)} if VALUE.encode() in answer.data else set()
    assert showing == {(Role.ELIGIBILITY, "access.factors")}
    # The crawl reached what matters: otherwise it would prove nothing.
    for role in (Role.ADMIN, Role.STAFF, Role.ELIGIBILITY, Role.PARTNER):
        assert {(role, "households.show"), (role, "/households/search")} <= opened
    for role in (Role.ADMIN, Role.STAFF, Role.SCHOOL):
        assert {(role, "school_exports.students")} <= opened
    assert {(Role.SCHOOL, "/school/students.csv"), (Role.ADMIN, "/school/students.csv")} <= opened


def addresses(app: Flask, student: Student) -> list[tuple[str, str]]:
    """Every address that answers GET, with this student's own household, school and year where it needs one."""
    known: dict[str, Any] = {
        "reference": student.household.reference,
        "student_id": student.id,
        "year_id": student.household.enrollments[0].program_year_id,
        "status": "code_issued",
        "number": 3,
        "filename": "leaflet.css",
        "kind": "csv",
        "group": "new",
    }
    found = []
    urls = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint not in ("static", "bootstrap.static", "security.static"):
            given = {name: known.get(name, 1) for name in rule.arguments}
            for name, converter in rule._converters.items():
                if isinstance(converter, AnyConverter):  # one of a few words
                    given[name] = min(converter.items)
            found.append((rule.endpoint, urls.build(rule.endpoint, given, method="GET")))
    return found


def test_the_database_holds_no_plain_value(student: Student, session: Session, backend: str) -> None:
    sealed = bytes(session.scalars(select(StudentFactors.sealed)).one())
    assert VALUE.encode() not in sealed
    assert b"Meal" not in sealed
    if backend == "sqlite":
        file = str(session.connection().engine.url.database)
        session.rollback()
        for ending in ("", "-wal"):
            with open(file + ending, "rb") as bytes_of:  # noqa: PTH123
                assert VALUE.encode() not in bytes_of.read()


def test_without_a_key_nothing_is_held_and_the_page_says_so(
    student: Student, app: Flask, signed_in: SignIn, session: Session
) -> None:
    app.config["FACTOR_KEYS"] = ()
    assert not factors.holds_factors(app)
    with app.app_context(), pytest.raises(factors.FactorsNotHeld):
        factors.seal({"Meal status": "F"})
    page = signed_in(Role.ELIGIBILITY).get(f"/students/{student.id}/factors")
    assert page.status_code == 200
    assert "This program holds no sensitive factors" in page.text


def test_a_factor_whose_key_is_gone_says_so_and_the_try_is_written_down(
    student: Student, app: Flask, signed_in: SignIn, session: Session
) -> None:
    app.config["FACTOR_KEYS"] = (NEW,)
    page = signed_in(Role.ELIGIBILITY).get(f"/students/{student.id}/factors")
    assert page.status_code == 200
    assert "sealed with a key that is not in use any more" in page.text
    assert VALUE not in page.text
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "factors.opened")).one()
    assert event.changes == {"2026-27": [None, []]}


def test_a_student_without_factors_says_so(student: Student, signed_in: SignIn, session: Session) -> None:
    session.execute(text("DELETE FROM student_factors"))
    session.commit()
    page = signed_in(Role.ELIGIBILITY).get(f"/students/{student.id}/factors")
    assert "No sensitive factor of this student was taken in." in page.text


def test_after_rotation_the_first_key_alone_opens_every_row(
    student: Student, app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factors, "BATCH", 2)
    others = [one for _ in range(4) for one in factories.household(session, students=[{"first_name": "Ana"}]).students]
    for number, one in enumerate(others):
        seal(app, session, one, {"Meal status": f"status {number}"})
    app.config["FACTOR_KEYS"] = (NEW, OLD)
    answer = app.test_cli_runner().invoke(args=["account", "rotate-factors"])
    assert answer.exit_code == 0, answer.output
    assert "5 sealed with the first key" in answer.output
    app.config["FACTOR_KEYS"] = (NEW,)
    session.expire_all()
    reader = factories.account(session, Role.ELIGIBILITY)
    with app.app_context():
        opened = [factors.open_factors(session, account=reader, student=one)[0].values for one in [student, *others]]
    assert opened == [
        {"Meal status": VALUE, "Medicaid": ""},
        *({"Meal status": f"status {number}"} for number in range(4)),
    ]


def test_rotation_leaves_what_no_key_opens_and_counts_it(student: Student, app: Flask, session: Session) -> None:
    before = session.scalars(select(StudentFactors.sealed)).one()
    session.rollback()
    app.config["FACTOR_KEYS"] = (NEW,)
    answer = app.test_cli_runner().invoke(args=["account", "rotate-factors"])
    assert answer.exit_code == 1
    assert "1 could not be opened by any key" in answer.output
    session.expire_all()
    assert session.scalars(select(StudentFactors.sealed)).one() == before


def test_rotation_without_a_key_says_what_to_set(app: Flask, session: Session) -> None:
    answer = app.test_cli_runner().invoke(args=["account", "rotate-factors"])
    assert answer.exit_code == 1
    assert "Set CONNECTIVITY_FACTOR_KEYS" in answer.output


def test_the_eligibility_role_reads_every_household_and_changes_none(
    student: Student, app: Flask, session: Session, signed_in: SignIn
) -> None:
    client = signed_in(Role.ELIGIBILITY)
    assert client.get("/start").headers["Location"] == "/households"
    page = client.get(f"/households/{student.household.reference}")
    assert page.status_code == 200
    assert "Add a student" not in page.text
    found = client.post("/households/search", data={"text": "zelda", "csrf_token": client.token("/password")})
    assert student.household.reference in found.text
    account = factories.account(session, Role.ELIGIBILITY)
    assert session.scalars(select(Household.id).where(in_scope(Household, account))).all() == [student.household_id]


def test_an_administrator_opens_an_eligibility_account_and_a_demo_has_one(
    app: Flask, session: Session, signed_in: SignIn
) -> None:
    client = signed_in(Role.ADMIN)
    form = {"name": "Eli", "email": "eli@example.org", "role": "eligibility", "active": "y"}
    assert client.send("/accounts/new", form).status_code == 201
    assert "All households, to read; sealed sensitive factors" in client.get("/accounts").text
    with app.app_context():
        assert "eligibility@example.org" in {one.email for one in create_demo_accounts(session)}


def test_the_household_page_leads_the_eligibility_role_to_the_factors_and_nobody_else(
    signed_in: SignIn, student: Student
) -> None:
    page = f"/households/{student.household.reference}"
    link = f"/students/{student.id}/factors"
    assert link in signed_in(Role.ELIGIBILITY).get(page).text
    assert link not in signed_in(Role.ADMIN).get(page).text
