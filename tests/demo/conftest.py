"""One small demo program on each database, made once for all tests that only look."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy.orm import Session

from connectivity.database import make_engine, make_sessions
from tests.conftest import BACKENDS
from tests.demo.programs import HOUSEHOLDS, make


@pytest.fixture(scope="session", params=BACKENDS)
def demo(request: pytest.FixtureRequest, templates: Callable[[str], Any]) -> Iterator[Session]:
    """A session on a database with a demo program. Not to be changed."""
    databases = templates(request.param)
    url = databases.clone("loaded")
    with ExitStack() as stack:
        stack.callback(databases.drop, url)
        engine = make_engine(url)
        stack.callback(engine.dispose)
        session = stack.enter_context(make_sessions(engine)())
        make(session, households=HOUSEHOLDS)
        yield session


@pytest.fixture
def another(templates: Callable[[str], Any]) -> Iterator[Session]:
    """An empty register on SQLite, while `demo` is on each database in turn."""
    url = templates("sqlite").clone("loaded")
    with ExitStack() as stack:
        stack.callback(templates("sqlite").drop, url)
        engine = make_engine(url)
        stack.callback(engine.dispose)
        yield stack.enter_context(make_sessions(engine)())
