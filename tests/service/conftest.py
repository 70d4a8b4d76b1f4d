"""The pages of one household are opened in these tests as in those of the households."""

from tests.households.conftest import partner, staff

__all__ = ["partner", "staff"]
