"""Two real schools and a fixed day."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import School
from connectivity.school_exports import routes

TODAY = dt.date(2026, 10, 5)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> dt.date:
    """A day in the program year of the factories."""
    monkeypatch.setattr(routes, "_today", lambda: TODAY)
    return TODAY


@pytest.fixture
def schools(session: Session) -> list[str]:
    """Two school ids of the reference data."""
    return list(session.scalars(select(School.id).order_by(School.id).limit(2)))
