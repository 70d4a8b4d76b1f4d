"""Accounts: who may open them, what is refused in words, and that rights which end, end at once."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.access import accounts as verbs
from connectivity.access import passwords
from connectivity.database import transaction
from connectivity.register import Account, AuditEvent, Role
from tests import factories
from tests.conftest import PolicedClient

SignIn = Callable[..., PolicedClient]
NEW = {"name": "Nora New", "email": "Nora@Example.org", "role": "council", "active": "y"}


def events(session: Session, account: Account) -> list[str]:
    return list(
        session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == account.id).order_by(AuditEvent.id))
    )


def account_with(session: Session, email: str) -> Account:
    session.expire_all()
    return session.scalars(select(Account).where(Account.email == email)).one()


def test_a_new_account_signs_in_with_the_password_shown_once(
    signed_in: SignIn, visitor: PolicedClient, session: Session
) -> None:
    admin = signed_in(Role.ADMIN)
    answer = admin.send("/accounts/new", NEW)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    shown = re.search(r'class="one-time">([^<]+)<', answer.text)
    assert shown
    entered = visitor.send("/sign-in", {"email": "nora@example.org", "password": shown[1]})
    assert entered.headers["Location"] == "/start"
    made = account_with(session, "nora@example.org")
    assert shown[1] not in str(session.scalars(select(AuditEvent.changes)).all())
    assert events(session, made) == ["account.created", "account.signed_in"]
    assert shown[1] not in admin.get(f"/accounts/{made.id}").text


def test_every_problem_of_a_new_account_is_said_at_once_and_nothing_is_saved(
    signed_in: SignIn, session: Session
) -> None:
    factories.account(session, Role.STAFF, email="taken@example.org")
    admin = signed_in(Role.ADMIN)
    before = session.scalar(select(func.count()).select_from(Account))
    answer = admin.send(
        "/accounts/new",
        {
            "name": " ",
            "email": "TAKEN@example.org",
            "role": "school",
            "schools": "123456, 000001",
            "areas": "99",
            "organization": "77",
        },
    )
    assert answer.status_code == 422
    for words in (
        "Enter the person's name",
        "An account with this e-mail exists already",
        "No school has the id 000001, 123456",
        "No community area has the number 99",
        "This organization is not in the list",
    ):
        assert unescape(answer.text).count(words) == 2  # at the field and in the summary
    assert session.scalar(select(func.count()).select_from(Account)) == before


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"email": "nora at example"}, "email", "not an e-mail address"),
        ({"role": "king"}, "role", "Choose one of the roles"),
        ({"role": ""}, "role", "Choose one of the roles"),
        ({"role": "school"}, "schools", "at least one school"),
        ({"role": "partner"}, "organization", "Choose the organization"),
        ({"role": "staff", "schools": "610355"}, "schools", "Schools belong to a school account"),
        ({"role": "council", "areas": "3"}, "areas", "Community areas belong to a partner account"),
        ({"areas": "3;x"}, "areas", "number x"),
        ({"role": "partner", "organization": "99999999999999999999999"}, "organization", "not in the list"),
        ({"name": "No\0ra"}, "name", "a character that cannot be read"),
        ({"name": "N" * 5000}, "name", "at most 100 characters"),
        ({"role": "school", "schools": "6103\x0055"}, "schools", "No school has the id 6103?55"),
        ({"role": "school", "schools": "6" * 5000}, "schools", f"No school has the id {'6' * 20}."),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(
    signed_in: SignIn, given: dict[str, str], field: str, words: str
) -> None:
    answer = signed_in(Role.ADMIN).send("/accounts/new", {**NEW, **given})
    assert answer.status_code == 422
    assert words in unescape(re.search(rf'id="{field}-error">(?:<p[^>]*>)?([^<]+)<', answer.text)[1])  # type: ignore[index]


def test_a_partner_is_narrowed_only_within_the_areas_of_its_organization(signed_in: SignIn, session: Session) -> None:
    organization = factories.organization(session, areas=[3, 77])
    given = {**NEW, "role": "partner", "organization": str(organization.id)}
    admin = signed_in(Role.ADMIN)
    refused = admin.send("/accounts/new", {**given, "areas": "3, 25"})
    assert refused.status_code == 422
    assert (
        "The organization is not assigned to 25: this account would see nothing there. Its areas: 3, 77."
        in refused.text
    )
    assert admin.send("/accounts/new", {**given, "areas": "3"}).status_code == 201


def test_a_change_of_rights_ends_the_accounts_sessions_and_is_written_down(signed_in: SignIn, session: Session) -> None:
    school = factories.account(session, Role.SCHOOL, schools=["610355"], email="sky@example.org", name="Sky")
    client = signed_in(school)
    assert client.get("/school/students").status_code == 200
    admin = signed_in(Role.ADMIN)
    form = {"name": "Sky", "email": "sky@example.org", "role": "school", "schools": "610242", "active": "y"}
    assert admin.send(f"/accounts/{school.id}", form).status_code == 302
    assert client.get("/school/students").headers["Location"].startswith("/sign-in")
    session.expire_all()
    assert [one.id for one in school.schools] == ["610242"]
    change = session.scalars(select(AuditEvent).where(AuditEvent.action == "account.changed")).one()
    assert change.changes == {"schools": [["610355"], ["610242"]]}
    assert events(session, school) == ["account.changed", "account.sessions_ended"]


def test_a_new_name_alone_leaves_the_person_signed_in(signed_in: SignIn, session: Session) -> None:
    council = factories.account(session, Role.COUNCIL, email="cora@example.org")
    client = signed_in(council)
    form = {"name": "Cora Councilor", "email": "cora@example.org", "role": "council", "active": "y"}
    signed_in(Role.ADMIN).send(f"/accounts/{council.id}", form)
    assert client.get("/start").headers["Location"] == "/equity"
    assert account_with(session, "cora@example.org").name == "Cora Councilor"


def test_a_closed_account_is_out_at_once(signed_in: SignIn, session: Session) -> None:
    council = factories.account(session, Role.COUNCIL, email="cora@example.org", name="Cora")
    client = signed_in(council)
    signed_in(Role.ADMIN).send(
        f"/accounts/{council.id}", {"name": "Cora", "email": "cora@example.org", "role": "council"}
    )
    assert client.get("/start").headers["Location"].startswith("/sign-in")
    assert account_with(session, "cora@example.org").active is False


def test_a_new_password_or_sign_out_everywhere_ends_the_sessions(signed_in: SignIn, session: Session) -> None:
    council = factories.account(session, Role.COUNCIL)
    admin = signed_in(Role.ADMIN)
    for path in (f"/accounts/{council.id}/password", f"/accounts/{council.id}/sign-out"):
        session.refresh(council)
        client = signed_in(council)
        assert client.get("/start").headers["Location"] == "/equity"
        assert admin.send(path, page=f"/accounts/{council.id}").status_code in (200, 302)
        assert client.get("/start").headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("form", [{"role": "staff", "active": "y"}, {"role": "admin"}])
def test_the_last_administrator_cannot_be_locked_out(signed_in: SignIn, session: Session, form: dict[str, str]) -> None:
    last = factories.account(session, Role.ADMIN, email="ada@example.org", name="Ada")
    factories.account(session, Role.ADMIN, active=False)
    answer = signed_in(last).send(f"/accounts/{last.id}", {"name": "Ada", "email": "ada@example.org", **form})
    assert answer.status_code == 422
    assert "This is the last administrator" in answer.text
    kept = account_with(session, "ada@example.org")
    assert (kept.role, kept.active) == ("admin", True)


def test_of_two_administrators_one_may_be_closed_and_then_no_more(app: Flask, session: Session) -> None:
    first, second = factories.account(session, Role.ADMIN), factories.account(session, Role.ADMIN)
    session.commit()
    with transaction(session):
        verbs.deactivate(session, first, by=second)
    with pytest.raises(verbs.AccountRefused, match="last administrator"), transaction(session):
        verbs.deactivate(session, second, by=first)


def test_an_account_that_is_not_there_is_not_found(signed_in: SignIn) -> None:
    admin = signed_in(Role.ADMIN)
    assert admin.get("/accounts/9999").status_code == 404
    assert admin.send("/accounts/9999/password", page="/accounts").status_code == 404
    assert admin.send("/accounts/9999/sign-out", page="/accounts").status_code == 404


def test_the_list_shows_each_account_with_its_scope(signed_in: SignIn, session: Session) -> None:
    organization = factories.organization(session, areas=[3, 77])
    factories.account(session, Role.PARTNER, organization_id=organization.id, areas=[77], name="Pat")
    page = unescape(signed_in(Role.ADMIN, name="Ada").get("/accounts").text)
    assert f"{organization.name} (Edgewater)" in page
    assert "Never" in page


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "chicago-connected-2026",
        "Connectivity123",
        "aaaaaaaaaaaa",
        "123456789012",
        "qwertyuiop12",
        "nora@example.org",
        "a" * 129,
    ],
)
def test_guessable_passwords_are_refused(password: str) -> None:
    assert passwords.problems(password, email="nora@example.org")


@pytest.mark.parametrize(
    "password", ["marble kettle orchard", "chicago deep dish lover", "Zażółć gęślą jaźń", "x7!kQ2#pLm9$"]
)
def test_long_passwords_of_ones_own_are_taken(password: str) -> None:
    assert passwords.problems(password, email="nora@example.org") == []


def test_first_passwords_are_good_and_never_the_same() -> None:
    made = {passwords.generate() for _ in range(50)}
    assert len(made) == 50
    assert [problem for one in made for problem in passwords.problems(one)] == []
