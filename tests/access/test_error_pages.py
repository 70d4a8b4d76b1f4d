"""What people read when something goes wrong: its own words each, the right status, and no need of the database to say it."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from app import create_app
from connectivity import schema
from connectivity.access import demo_accounts
from connectivity.access.request_session import db
from connectivity.database import make_engine
from connectivity.register import Role
from connectivity.settings import Settings
from tests.conftest import PolicedClient

SignIn = Callable[..., PolicedClient]


def client_of(app: Flask) -> PolicedClient:
    app.testing = True
    app.test_client_class = PolicedClient
    client = app.test_client()
    assert isinstance(client, PolicedClient)
    return client


def test_a_page_that_is_not_there_says_so(visitor: PolicedClient) -> None:
    answer = visitor.get("/nothing/here")
    assert answer.status_code == 404
    assert "We cannot find this page" in answer.text


def test_a_page_of_another_role_says_whom_to_ask(signed_in: SignIn) -> None:
    answer = signed_in(Role.COUNCIL).get("/accounts")
    assert answer.status_code == 403
    assert "ask an administrator of the program" in answer.text


def test_a_page_used_the_wrong_way_says_nothing_was_saved(signed_in: SignIn) -> None:
    answer = signed_in(Role.ADMIN).get("/school/students.csv")
    assert answer.status_code == 405
    assert "Nothing was saved" in answer.text


def test_a_form_too_large_says_so(app: Flask, visitor: PolicedClient) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = visitor.post("/sign-in", data={"email": "x" * 2000})
    assert answer.status_code == 413
    assert "This file is too large" in answer.text


@pytest.mark.parametrize("token", ["", "made-up"])
def test_an_expired_or_foreign_form_says_what_to_do(visitor: PolicedClient, token: str) -> None:
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", data={"email": "a@example.org", "password": "x", "csrf_token": token})
    assert answer.status_code == 400
    assert "This form was open for too long" in answer.text
    assert "Nothing was saved" in answer.text


def test_what_was_typed_into_an_expired_form_is_given_back_to_be_sent_again(signed_in: SignIn, app: Flask) -> None:
    client = signed_in(Role.STAFF)
    typed = {
        "guardian_first_name": "Rosa",
        "guardian_last_name": "<b>Muñoz",
        "new_password": "hush",
        "csrf_token": "old",
    }
    answer = client.post("/households/new", data=typed, headers={"Origin": "http://localhost"})
    assert answer.status_code == 400
    assert 'name="guardian_last_name" value="&lt;b&gt;Muñoz"' in answer.text
    assert "hush" not in answer.text
    token = answer.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert (
        client.post("/households/new", data={**typed, "csrf_token": token}).status_code == 422
    )  # read, and judged by its fields


def test_another_sites_form_is_never_offered_for_sending_again(signed_in: SignIn) -> None:
    for headers in ({"Origin": "https://elsewhere.example"}, {}):
        answer = signed_in(Role.STAFF).post("/households/new", data={"guardian_first_name": "Rosa"}, headers=headers)
        assert answer.status_code == 400
        assert "Rosa" not in answer.text


@pytest.mark.parametrize(
    "path", ["/households/X/students/99999999999999999999", "/areas/99999999999999999999", "/accounts/4294967296"]
)
def test_a_number_no_database_holds_is_no_page(signed_in: SignIn, path: str) -> None:
    assert signed_in(Role.ADMIN).get(path).status_code == 404


def test_json_and_files_are_refused_where_a_form_is_expected(signed_in: SignIn) -> None:
    client = signed_in(Role.STAFF)
    headers = {"X-CSRFToken": client.token("/households/new")}
    assert client.post("/households/new", json={"guardian_first_name": 5}, headers=headers).status_code == 415
    file = {"guardian_first_name": (io.BytesIO(b"x"), "x.txt")}
    assert client.post("/households/new", data=file, headers=headers).status_code == 415


def test_a_form_older_than_its_hours_is_expired(app: Flask, visitor: PolicedClient) -> None:
    token = visitor.token("/sign-in")
    app.config["WTF_CSRF_TIME_LIMIT"] = -1
    answer = visitor.post("/sign-in", data={"email": "a@example.org", "password": "x", "csrf_token": token})
    assert "This form was open for too long" in answer.text


@pytest.mark.parametrize(
    "url",
    ["postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1", "sqlite:////nonexistent/folder/file.sqlite"],
)
def test_a_database_that_is_down_says_so_and_what_to_do(tmp_path: Path, url: str) -> None:
    app = create_app(_settings(tmp_path, url))
    answer = client_of(app).get("/sign-in")
    assert answer.status_code == 503
    assert "The database does not answer" in answer.text
    assert "nobody" not in answer.text


@pytest.mark.parametrize("migrated", [True, False])
def test_the_sign_in_page_of_a_demo_says_what_is_wrong_with_its_database(tmp_path: Path, migrated: bool) -> None:
    url = "sqlite:////nonexistent/folder/file.sqlite" if migrated else f"sqlite:///{tmp_path / 'old.sqlite'}"
    app = create_app(replace(_settings(tmp_path, url), mode="demo"))
    answer = client_of(app).get("/sign-in")
    assert answer.status_code == 503
    assert ("does not answer" if migrated else "flask database upgrade") in answer.text
    with app.app_context():
        db.engine.dispose()


def test_a_file_that_is_no_database_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "broken.sqlite").write_text("this is no database " * 100)
    answer = client_of(create_app(_settings(tmp_path, f"sqlite:///{tmp_path / 'broken.sqlite'}"))).get("/sign-in")
    assert answer.status_code == 503
    assert "The database does not answer" in answer.text


def test_a_database_that_goes_down_later_still_answers_signed_in_people_in_words(
    app: Flask, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(Role.ADMIN)
    assert client.get("/accounts").status_code == 200

    def down(*_given: object, **_more: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    monkeypatch.setattr(Engine, "connect", down)
    answer = client.get("/accounts")
    assert answer.status_code == 503
    assert "The database does not answer" in answer.text
    missing = client.get("/nothing/here")
    assert missing.status_code in (404, 503)


def test_a_database_behind_its_migrations_names_the_command(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    app = create_app(_settings(tmp_path, url))
    client = client_of(app)
    for path in ("/", "/sign-in", "/accounts"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "flask database upgrade" in answer.text
    engine = make_engine(url)
    schema.upgrade(engine)
    engine.dispose()
    assert client.get("/sign-in").status_code == 200  # no restart needed
    with app.app_context():
        db.engine.dispose()


def test_demo_data_outside_demo_mode_is_refused_in_words(
    app: Flask, visitor: PolicedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectivity.error_pages.holds_demo_data", lambda _session: True)
    answer = visitor.get("/sign-in")
    assert answer.status_code == 503
    assert "This database holds demo data" in answer.text
    assert demo_accounts.DEMO_PASSWORD not in answer.text


def test_a_fault_of_ours_shows_no_inside(app: Flask, visitor: PolicedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    app.testing = False

    def fault() -> str:
        raise RuntimeError("Muñoz, 1135 W WILSON AVE")

    monkeypatch.setitem(app.view_functions, "security.login", fault)
    monkeypatch.setattr("connectivity.access.gate.LIBRARY_PAGES", {"security.login": "anyone"})
    answer = visitor.get("/sign-in")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "Muñoz" not in answer.text


def _settings(folder: Path, url: str) -> Settings:
    return replace(
        Settings(
            mode="development",
            secret_key="a-secret-key-that-only-the-tests-use-0123456789",
            password_salt="a-password-salt-that-only-the-tests-use-0123456",
            instance_folder=folder,
        ),
        database_url=url,
    )
