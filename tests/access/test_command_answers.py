"""A database that is behind or down, asked from the command line: one line each."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from app import create_app
from connectivity.access.request_session import db
from connectivity.database import make_engine
from connectivity.settings import Settings

BEHIND = "Error: The database is behind this version of the program. Run: flask database upgrade"
COMMANDS = [
    ["account", "list"],
    ["account", "create-admin", "ada@example.org", "--password-stdin"],
    ["reference", "load"],
    ["equity", "compute"],
    ["demo", "create", "--households", "10"],
]
DOWN = "postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1"


def run(app: Flask, words: list[str]) -> Result:
    result = app.test_cli_runner().invoke(args=words, input="marble kettle orchard\n")
    with app.app_context():
        db.engine.dispose()
    app.extensions["connectivity.sessions"].kw["bind"].dispose()
    return result


def one_line(result: Result) -> str:
    """All that it says, with nothing of a traceback. (A progress bar that is taken away leaves an empty line.)"""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert "SELECT" not in result.output
    return result.output.strip()


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))
def test_a_database_without_its_migrations_names_the_command(
    settings: Settings, words: list[str], tmp_path: Path, backend: str
) -> None:
    engine = make_engine(settings.database_url)
    with engine.begin() as connection:
        if backend == "postgresql":
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    url = settings.database_url if backend == "postgresql" else f"sqlite:///{tmp_path / 'empty.sqlite'}"
    app = create_app(replace(settings, mode="demo", database_url=url))
    assert one_line(run(app, words)) == BEHIND


@pytest.mark.parametrize("url", [DOWN, "sqlite:////nonexistent/folder/file.sqlite"])
@pytest.mark.parametrize("words", COMMANDS[:3], ids=lambda words: " ".join(words[:2]))
def test_a_database_that_is_down_is_named_by_its_kind_alone(tmp_path: Path, url: str, words: list[str]) -> None:
    said = one_line(run(create_app(_settings(tmp_path, url)), words))
    assert said == "Error: The database does not answer: OperationalError. Check CONNECTIVITY_DATABASE_URL."


@pytest.mark.parametrize("url", [DOWN, "sqlite:////nonexistent/folder/file.sqlite"])
def test_an_upgrade_of_a_database_that_is_down_says_so(tmp_path: Path, url: str) -> None:
    settings = _settings(tmp_path, url)
    assert "The database does not answer: OperationalError." in one_line(
        run(create_app(settings), ["database", "upgrade"])
    )


def test_an_upgrade_of_a_database_of_a_newer_version_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'newer.sqlite'}"
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('9999')"))
    engine.dispose()
    said = one_line(run(create_app(_settings(tmp_path, url)), ["database", "upgrade"]))
    assert "does not belong to this version" in said


def test_a_statement_that_the_database_refuses_shows_no_value(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_session: object) -> None:
        raise ProgrammingError("SELECT name", {"name": "Muñoz"}, Exception("Muñoz"))

    monkeypatch.setattr("connectivity.access.accounts.all_accounts", refused)
    said = one_line(run(app, ["account", "list"]))
    assert "The database refused" in said
    assert "Muñoz" not in said


def _settings(folder: Path, url: str) -> Settings:
    return Settings(
        mode="demo",
        database_url=url,
        secret_key="a-secret-key-that-only-the-tests-use-0123456789",
        password_salt="a-password-salt-that-only-the-tests-use-0123456",
        instance_folder=folder,
    )
