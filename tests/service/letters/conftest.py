"""The accounts and pages of these tests are those of the households."""

from tests.households.conftest import partner, staff

__all__ = ["partner", "staff"]
