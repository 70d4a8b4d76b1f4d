"""A household that changes its provider: service ends, the enrollment begins anew, and a code of the other provider is given."""

import datetime as dt

from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import Account, Enrollment, Role
from connectivity.rules.service_states import EndReason, Status
from connectivity.service.enrollments import Step, step
from tests import factories


def take(session: Session, one: Enrollment, status: Status, on: dt.date, **given: object) -> None:
    """One step, as staff record it."""
    account = session.query(Account).first() or factories.account(session, Role.STAFF)
    session.commit()
    with transaction(session):
        found = session.get_one(Enrollment, one.id, populate_existing=True)
        taken = Step(status=status, happened_on=on, **given)  # type: ignore[arg-type]
        step(
            session,
            account=account,
            household=found.household,
            enrollment=found,
            taken=taken,
            today=dt.date(2027, 6, 1),
        )


def switch(
    session: Session,
    one: Enrollment,
    *,
    ended: dt.date,
    given: dt.date,
    to: str = "Astound",
    reaches: Status | None = None,
) -> str:
    """To the other provider: its code, given on a day, and active from that day on if so wanted. Returns the code."""
    provider = factories.provider(session, to)
    code = factories.membership_code(session, provider_id=provider.id).code
    take(session, one, Status.ENDED, ended, reason=EndReason.OTHER)
    take(session, one, Status.ELIGIBLE, ended)
    take(session, one, Status.CODE_ISSUED, given, plan=provider.plans[0], code=code)
    if reaches:
        take(session, one, reaches, given)
    return code
