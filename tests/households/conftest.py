"""What several tests of this room begin with: accounts, a form as a browser would send it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from connectivity.households.homes import Home, TypedAddress, read_home
from connectivity.register import Account, Role
from connectivity.rules.calendar import city_today
from tests import factories
from tests.conftest import PolicedClient

TODAY = city_today()
SignedIn = Callable[..., PolicedClient]
A_SCHOOL = "610394"  # UPLIFT HS, in Uptown


@pytest.fixture
def staff(session: Session) -> Account:
    return factories.account(session, Role.STAFF)


@pytest.fixture
def partner(session: Session) -> Account:
    """A partner whose organization works in Uptown."""
    return factories.account(session, Role.PARTNER, organization_id=factories.organization(session, areas=[3]).id)


@pytest.fixture
def filled() -> Callable[..., dict[str, Any]]:
    """A registration form that may be saved as it is; keywords change it (`__` for `-`)."""

    def form(**changes: str) -> dict[str, Any]:
        values = {
            "guardian_first_name": "Rosa",
            "guardian_last_name": "Muñoz",
            "language": "es",
            "phone_1": "(773) 555-0123",
            "line": "1135 West Wilson Avenue",
            "unit": "Apt 2B",
            "city": "Chicago",
            "state": "IL",
            "zip": "60640",
            "students-0-district_id": "00123456",
            "students-0-first_name": "Luz",
            "students-0-last_name": "Muñoz",
            "students-0-birth_date": f"{TODAY.year - 11}-03-14",
            "students-0-grade": "5",
            "students-0-school": A_SCHOOL,
        }
        return values | {name.replace("__", "-"): value for name, value in changes.items()}

    return form


def home_at(session: Session, line: str, **more: Any) -> Home:
    """A home, read and placed."""
    return read_home(session, TypedAddress(line=line, **more))


def errors_of(html: str) -> dict[str, str]:
    """Field id -> the problems said at that field."""
    blocks = re.findall(r'<div id="([\w-]+)-error">(.*?)</div>', html, re.DOTALL)
    return {field: " ".join(re.sub(r"<[^>]+>", " ", text).split()) for field, text in blocks}
