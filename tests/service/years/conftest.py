"""The accounts of these tests are those of the households, and an administrator."""

import pytest
from sqlalchemy.orm import Session

from connectivity.register import Account, Role
from tests import factories
from tests.households.conftest import staff

__all__ = ["admin", "staff"]


@pytest.fixture
def admin(session: Session) -> Account:
    return factories.account(session, Role.ADMIN)
