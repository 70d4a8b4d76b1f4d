"""Demo accounts: one a role, ready in demo mode, and refused everywhere else."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import create_app
from connectivity.access import passwords
from connectivity.access.demo_accounts import DEMO_PASSWORD, create_demo_accounts
from connectivity.access.request_session import db
from connectivity.error_pages import DemoDataRefused
from connectivity.register import Account, Role
from connectivity.settings import Settings
from tests.conftest import PolicedClient


@pytest.fixture
def demo_data(app: Flask, session: Session) -> list[Account]:
    with app.app_context():
        made = create_demo_accounts(session)
    session.commit()
    return made


def client_of(app: Flask) -> PolicedClient:
    app.testing = True
    app.test_client_class = PolicedClient
    client = app.test_client()
    assert isinstance(client, PolicedClient)
    return client


def close(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


def test_there_is_one_for_each_role_and_a_second_run_adds_none(
    app: Flask, session: Session, demo_data: list[Account]
) -> None:
    assert {account.role for account in demo_data} == set(Role)
    schools = [account for account in demo_data if account.role == Role.SCHOOL]
    assert [[one.name for one in account.schools] for account in schools] == [["COURTENAY"], ["DISNEY", "UPLIFT HS"]]
    assert all(one.community_area == 3 for account in schools for one in account.schools)
    with app.app_context():
        assert create_demo_accounts(session) == []
    assert passwords.problems(DEMO_PASSWORD) == []


def test_in_demo_mode_the_sign_in_page_lists_them_and_each_gets_in(
    settings: Settings, demo_data: list[Account]
) -> None:
    app = create_app(replace(settings, mode="demo"))
    page = client_of(app).get("/sign-in").text
    for account in demo_data:
        assert account.email in page
        client = client_of(app)
        answer = client.send("/sign-in", {"email": account.email, "password": DEMO_PASSWORD})
        assert answer.headers["Location"] == "/start"
        assert client.get("/start").status_code == 302
    close(app)


def test_outside_demo_mode_no_page_opens_on_a_database_that_holds_them(
    settings: Settings, demo_data: list[Account]
) -> None:
    app = create_app(settings)
    for path in ("/", "/sign-in", "/start"):
        answer = client_of(app).get(path)
        assert answer.status_code == 503
        assert "This database holds demo data" in answer.text
    close(app)


def test_a_production_start_ends_in_words_on_a_database_that_holds_them(
    settings: Settings, demo_data: list[Account]
) -> None:
    with pytest.raises(DemoDataRefused, match="this database holds demo data"):
        create_app(replace(settings, mode="production"))


def test_a_production_start_on_the_programs_own_database_opens(settings: Settings, session: Session) -> None:
    assert session.scalars(select(Account)).all() == []
    app = create_app(replace(settings, mode="production"))
    assert client_of(app).get("/sign-in", base_url="https://localhost").status_code == 200
    close(app)
