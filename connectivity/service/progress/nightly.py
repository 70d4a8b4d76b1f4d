"""Ends, night by night, the enrollments whose last day of service has passed. The program's own step: nobody takes it by hand."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from connectivity.bulk import slices, table_of, write
from connectivity.register import Enrollment, EnrollmentEvent, Household, MembershipCode
from connectivity.rules.service_states import CodeState, SaidBy, Status
from connectivity.service.codes import ledger
from connectivity.service.codes.release import release_held
from connectivity.service.progress.recorded import record_all

NOTE = "The last day of service has passed"


@dataclass(frozen=True, kw_only=True)
class _Due:
    enrollment_id: int
    household_id: int
    status: str
    reason: str
    code_id: int | None
    ends_on: dt.date  # the last day of service, or the day of a step that was recorded after it


def end_due(session: Session, *, today: dt.date) -> int:
    """Ends every open enrollment whose last day of service lies before `today`. Returns how many. A second run finds none.

    Its code goes with it: a used one expires, an unused one is revoked, one that was only held is free again.
    """
    due = _due(session, today)
    if not due:
        return 0
    by_day: dict[dt.date, list[_Due]] = defaultdict(list)
    for one in due:
        by_day[one.ends_on].append(one)
    for day, ending in sorted(by_day.items()):
        _end(session, ending, day)
    _write_steps(session, due)
    session.expire_all()
    changes = {one.household_id: {"status": [one.status, Status.ENDED.value]} for one in due}
    record_all(session, account=None, action="enrollment.stepped", changes=changes)
    return len(due)


def _due(session: Session, today: dt.date) -> list[_Due]:
    """Held until the transaction ends, households first."""
    which = (Enrollment.service_until < today, Enrollment.status != Status.ENDED)
    rows = session.execute(
        select(
            Enrollment.id,
            Enrollment.household_id,
            Enrollment.status,
            Enrollment.leaving_reason,
            Enrollment.membership_code_id,
            Enrollment.service_until,
            Enrollment.status_on,
        )
        .join(Household, Household.id == Enrollment.household_id)
        .where(*which)
        .order_by(Enrollment.household_id, Enrollment.id)
        .with_for_update(of=(Household, Enrollment))
    )
    return [
        _Due(
            enrollment_id=row.id,
            household_id=row.household_id,
            status=row.status,
            reason=row.leaving_reason,
            code_id=row.membership_code_id,
            ends_on=max(row.service_until, row.status_on),
        )
        for row in rows
    ]


def _end(session: Session, ending: Sequence[_Due], day: dt.date) -> None:
    codes = [one.code_id for one in ending if one.code_id is not None]
    for before, after in ((CodeState.REDEEMED, CodeState.EXPIRED), (CodeState.ISSUED, CodeState.REVOKED)):
        for some in slices(codes):
            which = MembershipCode.id.in_(some) & (MembershipCode.state == before)
            ledger.turn_all(session, account=None, which=which, after=after, on=day, note=NOTE)
    for some in slices([one.enrollment_id for one in ending]):
        held_for = exists().where(
            Enrollment.id.in_(some),
            Enrollment.household_id == MembershipCode.household_id,
            Enrollment.program_year_id == MembershipCode.program_year_id,
        )
        release_held(session, account=None, which=held_for, on=day, note=NOTE)
        session.execute(
            update(Enrollment)
            .where(Enrollment.id.in_(some))
            .values(status=Status.ENDED.value, status_on=day)
            .execution_options(synchronize_session=False)
        )


def _write_steps(session: Session, due: Sequence[_Due]) -> None:
    count = len(due)
    columns: dict[str, Sequence[Any]] = {
        "enrollment_id": [one.enrollment_id for one in due],
        "status": [Status.ENDED.value] * count,
        "happened_on": [one.ends_on.isoformat() for one in due],
        "reason": [one.reason for one in due],
        "said_by": [SaidBy.PROGRAM.value] * count,
        "note": [NOTE] * count,
        "recorded_by": [None] * count,
        "recorded_at": [ledger.instant(session)] * count,
    }
    write(session, table_of(EnrollmentEvent), columns)
