"""The steps that the database takes are exactly those of the written machine."""

from itertools import product

import pytest
from sqlalchemy.orm import Session

from connectivity.register import Account
from connectivity.rules.service_states import NOT_ON_PATH, EndReason, ServiceType, Status
from connectivity.service.enrollments import Step, StepRefused, step
from tests import factories
from tests.households.conftest import TODAY
from tests.rules.test_service_states import ALLOWED

PATHS = (None, *ServiceType)


def refused(
    session: Session, staff: Account, before: Status, after: Status, path: ServiceType | None
) -> dict[str, str]:
    """What stands against the step; nothing when it is taken. What it did is undone."""
    undone = session.begin_nested()
    household = factories.household(session)
    enrollment = factories.enrollment(session, household, before, service_type=path)
    wanted = Step(
        status=after,
        happened_on=TODAY,
        reason=EndReason.OTHER if after is Status.ENDED else None,
        plan=factories.provider(session).plans[0] if after is Status.CODE_ISSUED else None,
        code="CC-4F7K-9QX2" if after is Status.CODE_ISSUED else "",
    )
    try:
        step(session, account=staff, household=household, enrollment=enrollment, taken=wanted, today=TODAY)
    except StepRefused as stands:
        return stands.problems
    else:
        return {}
    finally:
        undone.rollback()
        session.expunge_all()


@pytest.mark.parametrize("path", PATHS)
def test_exactly_the_steps_of_the_table_are_taken(session: Session, staff: Account, path: ServiceType | None) -> None:
    factories.provider(session)
    factories.program_year(session)
    session.commit()
    left_out = NOT_ON_PATH[path] if path else ()
    for before, after in product(Status, Status):
        allowed = after.value in ALLOWED[before] and after not in left_out
        assert set(refused(session, staff, before, after, path)) == (set() if allowed else {"status"}), (before, after)
