"""Codes whose last day has passed become expired. A redeemed one, which a family's service runs on, only when somebody says so.

A code that service was ordered with has done its work: its last day to be used means nothing any more, so it stays issued until the
family is online or the enrollment ends.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from connectivity.register import Account, Enrollment, MembershipCode
from connectivity.rules.service_states import CODE_DID_ITS_WORK, CodeState
from connectivity.service.codes import ledger

UNUSED = (CodeState.FREE, CodeState.HELD, CodeState.ISSUED)


@dataclass(frozen=True, kw_only=True)
class Expired:
    """How many codes became expired, and how many redeemed ones past their day were left alone."""

    count: int
    left_in_service: int


def expire_due(session: Session, *, account: Account | None, today: dt.date, redeemed_too: bool = False) -> Expired:
    """Expires what is past its own last day or its batch's."""
    states = (*UNUSED, CodeState.REDEEMED) if redeemed_too else UNUSED
    due = _due(states, today)
    ledger.hold_households(session, due)
    expired = ledger.turn_all(
        session, account=account, which=due, after=CodeState.EXPIRED, on=today, note="last day passed"
    )
    left = select(func.count()).select_from(MembershipCode).where(_due((CodeState.REDEEMED,), today))
    return Expired(count=len(expired), left_in_service=session.scalar(left) or 0)


def _due(states: tuple[CodeState, ...], today: dt.date) -> ColumnElement[bool]:
    ordered = exists().where(
        Enrollment.membership_code_id == MembershipCode.id, Enrollment.status.in_(CODE_DID_ITS_WORK)
    )
    return MembershipCode.state.in_(states) & ~ledger.usable_on(today) & ~ordered
