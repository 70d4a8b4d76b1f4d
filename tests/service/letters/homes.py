"""Households with a code, and the enrollment that goes with it."""

from typing import Any

from sqlalchemy.orm import Session

from connectivity.register import Household
from tests import factories
from tests.service.codes import programs
from tests.service.codes.programs import TODAY

STATUS = {
    "held": "eligible",
    "issued": "code_issued",
    "redeemed": "active",
    "expired": "code_issued",
    "revoked": "ended",
}


def home(session: Session, code: str, state: str = "issued", *, line: str = "", **given: Any) -> Household:
    """A household with this code of the present year; its language is Spanish unless told otherwise.

    `status`: where its enrollment stands, by default where a household with such a code does.
    """
    of_code = {name: given.pop(name) for name in ("expires_on",) if name in given}
    status = given.pop("status", STATUS[state])
    made = factories.household(session, **given)
    if line:
        made.residences[0].line = line
    made_code = factories.membership_code(
        session,
        code=code,
        state=state,
        program_year_id=programs.year(session).id,
        household_id=made.id,
        issued_on=TODAY if state == "issued" else None,
        **of_code,
    )
    factories.enrollment(session, made, status, on=TODAY, membership_code_id=None if state == "held" else made_code.id)
    return made
