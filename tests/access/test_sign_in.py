"""Signing in, staying signed in, changing the password, and signing out."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access import session_rules
from connectivity.access.demo_accounts import DEMO_PASSWORD, create_demo_accounts
from connectivity.register import Account, AuditEvent, Role
from tests import factories
from tests.conftest import PolicedClient

SignIn = Callable[..., PolicedClient]
PASSWORD = "marble kettle orchard"
GENERIC = "We do not know this e-mail and password together"


@pytest.fixture
def account(app: Flask, session: Session) -> Account:
    """A council account with a password."""
    with app.app_context():
        made = factories.account(session, Role.COUNCIL, email="cora@example.org", password=hash_password(PASSWORD))
    session.commit()
    return made


def sign_in(visitor: PolicedClient, email: str, password: str):
    return visitor.send("/sign-in", {"email": email, "password": password})


def test_the_right_password_leads_to_the_first_page_and_leaves_a_trace(
    visitor: PolicedClient, account: Account, session: Session
) -> None:
    answer = sign_in(visitor, "Cora@Example.org", PASSWORD)
    assert answer.headers["Location"] == "/start"
    assert visitor.get("/start").headers["Location"] == "/equity"
    assert session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == account.id)).all() == [
        "account.signed_in"
    ]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("cora@example.org", "marble kettle orchards"),
        ("nobody@example.org", PASSWORD),
        ("cora@example.org", ""),
        ("", ""),
        ("no mail", PASSWORD),
    ],
)
def test_every_wrong_sign_in_gets_the_same_answer_and_keeps_the_email(
    visitor: PolicedClient, account: Account, email: str, password: str
) -> None:
    answer = sign_in(visitor, email, password)
    assert answer.text.count(GENERIC) == 1
    assert f'value="{email}"' in answer.text
    assert visitor.get("/start").headers["Location"].startswith("/sign-in")


def test_a_closed_account_gets_the_same_answer_as_a_wrong_password(
    visitor: PolicedClient, account: Account, session: Session
) -> None:
    account.active = False
    session.commit()
    assert GENERIC in sign_in(visitor, account.email, PASSWORD).text


def test_after_too_many_tries_the_page_asks_to_wait(visitor: PolicedClient, account: Account) -> None:
    token = visitor.token("/sign-in")
    answers = [
        visitor.post("/sign-in", data={"email": "a@example.org", "password": "", "csrf_token": token})
        for _ in range(21)
    ]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert "Too many tries" in answers[-1].text


def test_after_sign_in_a_person_returns_to_the_page_they_asked_for_but_never_to_another_host(
    visitor: PolicedClient, account: Account
) -> None:
    asked = visitor.get("/equity")
    assert asked.status_code == 302
    answer = visitor.send(asked.headers["Location"], {"email": account.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/equity"
    visitor.send("/sign-out", page="/password")
    away = visitor.send("/sign-in?next=//evil.example/", {"email": account.email, "password": PASSWORD})
    assert "leads away from this site" in away.text
    assert "evil" not in away.text


def test_a_token_in_a_header_or_an_address_opens_nothing(
    app: Flask, visitor: PolicedClient, account: Account, session: Session
) -> None:
    with app.app_context():
        token = session.get_one(Account, account.id).get_auth_token()
    assert visitor.get("/start", headers={"Authentication-Token": token}).headers["Location"].startswith("/sign-in")
    assert visitor.get(f"/start?auth_token={token}").headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("busy", [True, False])
def test_a_session_ends_after_ten_hours_however_busy(
    visitor: PolicedClient, account: Account, monkeypatch: pytest.MonkeyPatch, busy: bool
) -> None:
    sign_in(visitor, account.email, PASSWORD)
    began = dt.datetime.now(dt.UTC).timestamp()
    monkeypatch.setattr(session_rules.time, "time", lambda: began + 9.9 * 3600)
    assert visitor.get("/password").status_code == 200
    if busy:
        with visitor.session_transaction() as cookie:
            cookie["changed"] = "so a fresh cookie is sent"
    monkeypatch.setattr(session_rules.time, "time", lambda: began + 10.1 * 3600)
    answer = visitor.get("/password", follow_redirects=True)
    assert answer.request.path == "/sign-in"
    assert ("You were signed out after 10 hours" in answer.text) is busy


def test_pages_of_signed_in_people_stay_out_of_caches_and_sign_out_clears_the_browser(signed_in: SignIn) -> None:
    client = signed_in(Role.ADMIN)
    assert client.get("/accounts").headers["Cache-Control"] == "no-store"
    answer = client.send("/sign-out", page="/password")
    assert answer.headers["Clear-Site-Data"] == '"storage"'
    assert client.get_cookie("session") is None
    assert client.get("/accounts").headers["Location"].startswith("/sign-in")


def test_a_copied_cookie_opens_nothing_after_sign_out(app: Flask, signed_in: SignIn, session: Session) -> None:
    account = factories.account(session, Role.COUNCIL)
    client = signed_in(account)
    client.get("/equity")
    cookie = client.get_cookie("session")
    assert cookie
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    assert thief.get("/start").headers["Location"] == "/equity"
    answer = client.send("/sign-out", page="/password", follow_redirects=True)
    assert "You are signed out on every device." in answer.text
    assert "every device" not in client.get("/").text
    thief.set_cookie("session", cookie.value)
    assert thief.get("/start").headers["Location"].startswith("/sign-in")
    trace = session.scalars(select(AuditEvent).where(AuditEvent.action == "account.signed_out")).one()
    assert (trace.account_id, trace.subject_id) == (account.id, account.id)


def test_a_sign_out_without_its_token_signs_nobody_out(signed_in: SignIn) -> None:
    client = signed_in(Role.COUNCIL)
    assert client.post("/sign-out").status_code == 400
    assert client.get("/start").headers["Location"] == "/equity"


def test_a_sign_in_that_succeeds_is_not_asked_to_wait(visitor: PolicedClient, account: Account) -> None:
    assert "Retry-After" not in sign_in(visitor, account.email, PASSWORD).headers
    token = visitor.token("/password")
    for _ in range(20):
        last = visitor.post("/sign-in", data={"csrf_token": token})
    assert last.status_code == 429
    assert "Retry-After" in last.headers


def test_an_answer_that_changes_nothing_in_the_session_sends_no_cookie(signed_in: SignIn) -> None:
    client = signed_in(Role.ADMIN)
    client.get("/accounts")
    assert "Set-Cookie" not in client.get("/accounts").headers
    with client.get("/static/theme.css") as picture:
        assert "Set-Cookie" not in picture.headers


def test_a_new_password_works_keeps_this_session_and_ends_the_others(
    app: Flask, visitor: PolicedClient, account: Account, session: Session
) -> None:
    other = app.test_client()
    assert isinstance(other, PolicedClient)
    for client in (visitor, other):
        sign_in(client, account.email, PASSWORD)
    new = "velvet canyon rooster"
    answer = visitor.send("/password", {"password": PASSWORD, "new_password": new, "new_password_confirm": new})
    assert answer.headers["Location"] == "/start"
    assert visitor.get("/start").headers["Location"] == "/equity"
    assert other.get("/start").headers["Location"].startswith("/sign-in")
    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == account.id)).all()
    assert actions.count("account.password_changed") == 1
    visitor.send("/sign-out", page="/password")
    assert sign_in(visitor, account.email, new).status_code == 302


@pytest.mark.parametrize(
    ("now", "new", "again", "words"),
    [
        ("marble", "velvet canyon rooster", "velvet canyon rooster", "This is not your present password"),
        (PASSWORD, "short", "short", "at least 12 characters"),
        (PASSWORD, "ChicagoConnected2026!", "ChicagoConnected2026!", "words that belong to this program"),
        (PASSWORD, "velvet canyon rooster", "velvet canyon roaster", "The two new passwords differ"),
        (PASSWORD, PASSWORD, PASSWORD, "Choose a new one"),
    ],
)
def test_a_password_that_cannot_be_taken_says_why_at_its_field(
    visitor: PolicedClient, account: Account, now: str, new: str, again: str, words: str
) -> None:
    sign_in(visitor, account.email, PASSWORD)
    answer = visitor.send("/password", {"password": now, "new_password": new, "new_password_confirm": again})
    assert answer.status_code == 200
    assert words in answer.text
    assert "field-error" in answer.text


def test_a_new_password_hears_all_its_problems_at_once(visitor: PolicedClient, account: Account) -> None:
    sign_in(visitor, account.email, PASSWORD)
    assert "(optional)" not in visitor.get("/password").text
    answer = visitor.send("/password", {"password": "marble", "new_password": "short", "new_password_confirm": "shirt"})
    for words in ("not your present password", "Use at least 12 characters", "The two new passwords differ"):
        assert answer.text.count(words) == 2  # at the field and in the summary
    empty = visitor.send("/password", {"password": "", "new_password": "", "new_password_confirm": ""})
    assert empty.text.count('class="field-error"') == 3


def test_the_page_that_asks_for_the_password_again_is_ours(visitor: PolicedClient, account: Account) -> None:
    sign_in(visitor, account.email, PASSWORD)
    assert "Enter your password again" in visitor.get("/verify").text
    assert "field-error" in visitor.send("/verify", {"password": "wrong one here"}).text
    assert visitor.send("/verify", {"password": PASSWORD}).status_code == 302


def test_a_demo_account_cannot_sign_in_outside_demo_mode(app: Flask, visitor: PolicedClient, session: Session) -> None:
    visitor.get("/sign-in")  # the database was fit when the program started
    with app.app_context():
        create_demo_accounts(session)
    session.commit()
    answer = sign_in(visitor, "admin@example.org", DEMO_PASSWORD)
    assert GENERIC in answer.text
    assert DEMO_PASSWORD not in visitor.get("/sign-in").text
