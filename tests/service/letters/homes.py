"""Households that hold a code nobody has used yet."""

from typing import Any

from sqlalchemy.orm import Session

from connectivity.register import Household
from tests import factories
from tests.service.codes import programs
from tests.service.codes.programs import TODAY


def home(session: Session, code: str, state: str = "issued", *, line: str = "", **given: Any) -> Household:
    """A household with this code of the present year; its language is Spanish unless told otherwise."""
    of_code = {name: given.pop(name) for name in ("expires_on",) if name in given}
    made = factories.household(session, **given)
    if line:
        made.residences[0].line = line
    factories.membership_code(
        session,
        code=code,
        state=state,
        program_year_id=programs.year(session).id,
        household_id=made.id,
        issued_on=TODAY if state == "issued" else None,
        **of_code,
    )
    return made
