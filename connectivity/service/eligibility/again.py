"""Households that a run makes eligible again while their enrollment of that year stands at “ended”: no run starts it anew, a person does."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from connectivity.access.scope import in_scope
from connectivity.register import (
    Account,
    Change,
    Determination,
    EligibilityOutcome,
    EligibilityRun,
    Enrollment,
    EnrollmentEvent,
    Household,
    RunState,
)
from connectivity.rules.service_states import Status


@dataclass(frozen=True, kw_only=True)
class Ended:
    """One of them. `reason`: why its enrollment ended."""

    household_id: int
    reference: str
    guardian: str
    enrollment: Enrollment
    reason: str | None


def count_ended(session: Session, account: Account, run: EligibilityRun) -> int:
    """How many in the account's scope wait to be started anew, as they stand now."""
    found = _ended(account, run, select(Household.id)).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def ended(session: Session, account: Account, run: EligibilityRun, *, after: int, size: int) -> list[Ended]:
    """Those behind `after` (an id), at most `size`."""
    why = (
        select(EnrollmentEvent.reason)
        .where(EnrollmentEvent.enrollment_id == Enrollment.id)
        .order_by(EnrollmentEvent.id.desc())
        .limit(1)
        .correlate(Enrollment)
        .scalar_subquery()
    )
    rows = _ended(account, run, select(Household, Enrollment, why)).where(Household.id > after)
    return [
        Ended(
            household_id=household.id,
            reference=household.reference,
            guardian=f"{household.guardian_first_name} {household.guardian_last_name}",
            enrollment=enrollment,
            reason=reason,
        )
        for household, enrollment, reason in session.execute(rows.order_by(Household.id).limit(size))
    ]


def _ended(account: Account, run: EligibilityRun, wanted: Select[Any]) -> Select[Any]:
    found = (
        wanted.select_from(EligibilityOutcome)
        .join(Household, Household.id == EligibilityOutcome.household_id)
        .join(Enrollment, Enrollment.household_id == Household.id)
        .where(
            EligibilityOutcome.run_id == run.id,
            EligibilityOutcome.change == Change.GAINS,
            Enrollment.program_year_id == run.program_year_id,
            Enrollment.status == Status.ENDED,
            Household.merged_into_id.is_(None),
            in_scope(Household, account),
        )
    )
    if run.state != RunState.APPLIED:
        return found
    stands = exists().where(
        Determination.household_id == EligibilityOutcome.household_id,
        Determination.program_year_id == run.program_year_id,
        Determination.ended_on.is_(None),
        Determination.eligible,
    )
    return found.where(stands)
