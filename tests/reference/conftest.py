"""A database without reference data, and a copy of data/ to damage."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from connectivity.database import make_engine, make_sessions
from connectivity.settings import ROOT

DATA = ROOT / "data"


@pytest.fixture
def empty_url(backend: str, templates: Callable[[str], object]) -> Iterator[str]:
    """A migrated database of this test's own, nothing in it."""
    made = templates(backend)
    url: str = made.clone("empty")
    yield url
    made.drop(url)


@pytest.fixture
def empty_session(empty_url: str) -> Iterator[Session]:
    engine = make_engine(empty_url)
    with make_sessions(engine)() as made:
        yield made
    engine.dispose()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of data/."""
    copy = tmp_path / "data"
    shutil.copytree(DATA, copy)
    return copy
