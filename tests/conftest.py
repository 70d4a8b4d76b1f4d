"""Databases, the application, and clients that police every page they fetch. Data comes from factories.py."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app import create_app
from connectivity import schema
from connectivity.database import make_engine, make_sessions
from connectivity.reference.load import load
from connectivity.register import Account, Role
from connectivity.settings import ROOT, Settings
from tests import databases, factories
from tests.policing import problems

# A busy machine is no failed property.
hypothesis_settings.register_profile("house", deadline=None)
hypothesis_settings.load_profile("house")

BACKENDS = ("sqlite", "postgresql")
LEFT_OUT: dict[str, str] = {}

if databases.postgresql_programs() is None:
    LEFT_OUT["postgresql"] = "every test on PostgreSQL (its server is not installed: apt-get install postgresql)"
if not (shutil.which("chromium") or shutil.which("google-chrome")):
    LEFT_OUT["browser"] = "every test in a browser (Chromium is not installed: apt-get install chromium)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves out what this machine cannot run; the summary says so in plain words."""
    for item in items:
        if "postgresql" in item.nodeid.rpartition("[")[2].rstrip("]").split("-"):
            item.add_marker(pytest.mark.postgresql)
        for marker, reason in LEFT_OUT.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"left out: {reason}"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says plainly which parts were left out."""
    for reason in LEFT_OUT.values():
        terminalreporter.write_line(f"LEFT OUT on this machine: {reason}", yellow=True)


Templates = databases.SqliteTemplates | databases.PostgresqlTemplates


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Templates]]:
    """Backend -> its template databases: `empty` (migrated) and `loaded` (migrated, with all reference data)."""
    made: dict[str, Templates] = {}
    with ExitStack() as stack:

        def of(backend: str) -> Templates:
            if backend not in made:
                made[backend] = (
                    databases.SqliteTemplates(tmp_path_factory.mktemp("sqlite"))
                    if backend == "sqlite"
                    else databases.PostgresqlTemplates(stack.enter_context(databases.postgresql_server()))
                )
                for name in ("empty", "loaded"):
                    _prepare(made[backend].create(name), loaded=name == "loaded")
            return made[backend]

        yield of


def _prepare(url: str, *, loaded: bool) -> None:
    engine = make_engine(url)
    schema.upgrade(engine)
    if loaded:
        with make_sessions(engine).begin() as session:
            load(session, ROOT / "data")
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Runs the test once on each database."""
    return str(request.param)


@pytest.fixture
def database_url(backend: str, templates: Callable[[str], Templates]) -> Iterator[str]:
    """A fresh database with all reference data, of this test's own."""
    url = templates(backend).clone("loaded")
    yield url
    templates(backend).drop(url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on the test's own database, for arranging and for looking."""
    with make_sessions(engine)() as made:
        yield made


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        mode="development",
        database_url=database_url,
        secret_key="a-secret-key-that-only-the-tests-use-0123456789",
        password_salt="a-password-salt-that-only-the-tests-use-0123456",
        instance_folder=tmp_path,
    )


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Every app of the tests reads the same templates: compiled once, not once a test."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: Settings, compiled_templates: BytecodeCache) -> Iterator[Flask]:
    made = create_app(settings)
    made.testing = True
    made.jinja_env.bytecode_cache = compiled_templates
    yield made
    made.extensions["connectivity.sessions"].kw["bind"].dispose()


class PolicedClient(FlaskClient):
    """Fails the test on any HTML page that breaks a house rule. `get(...)` and `post(...)` fill in the CSRF token by themselves."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code not in (301, 302, 303, 307, 308):
            found = problems(response.text)
            assert not found, f"{response.request.path}: " + "; ".join(found)
            assert "Content-Security-Policy" in response.headers
        return response

    def send(
        self, path: str, data: dict[str, Any] | None = None, *, page: str | None = None, **kwargs: Any
    ) -> TestResponse:
        """Posts a form as a browser would: opens `page` (default: the same path) for its token first."""
        return self.post(path, data={**(data or {}), "csrf_token": self.token(page or path)}, **kwargs)

    def token(self, page: str) -> str:
        """The CSRF token of a page."""
        text = self.get(page, follow_redirects=True).text
        return text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]


@pytest.fixture
def visitor(app: Flask) -> PolicedClient:
    """Somebody who is not signed in."""
    app.test_client_class = PolicedClient
    client = app.test_client()
    assert isinstance(client, PolicedClient)
    return client


@pytest.fixture
def signed_in(app: Flask, session: Session) -> Callable[..., PolicedClient]:
    """`signed_in(Role.SCHOOL, schools=["610001"])` -> a client of a new account with that role and scope."""
    app.test_client_class = PolicedClient

    def of(role: Role | Account, **scope: Any) -> PolicedClient:
        account = role if isinstance(role, Account) else factories.account(session, role, **scope)
        session.commit()
        client = app.test_client()
        assert isinstance(client, PolicedClient)
        with client.session_transaction() as cookie:
            cookie["_user_id"] = account.fs_uniquifier
            cookie["_fresh"] = True
        return client

    return of
