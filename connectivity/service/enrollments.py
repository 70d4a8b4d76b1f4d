"""Starts an enrollment in a program year and takes it from step to step. Steps are added, never rewritten."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.casework.determinations import is_found_not_eligible
from connectivity.casework.program_years import continues
from connectivity.casework.terms import refresh
from connectivity.casework.trail import record_change
from connectivity.formats import day
from connectivity.register import (
    Account,
    Enrollment,
    EnrollmentEvent,
    Household,
    MembershipCode,
    Plan,
    ProgramYear,
    Student,
)
from connectivity.rules.service_states import (
    CODE_NEXT,
    CodeState,
    EndReason,
    SaidBy,
    ServiceType,
    Status,
    outside_year,
    step_problems,
)
from connectivity.service.codes import ledger, pool
from connectivity.service.codes.release import release_held


class EnrollmentRefused(ValueError):
    """The enrollment cannot start. The message is for the person."""


class YearClosed(EnrollmentRefused):
    """The program year takes no new households."""


class AlreadyEnrolled(EnrollmentRefused):
    """The household has an enrollment in this program year."""


class StepRefused(ValueError):
    """The step cannot be taken. `problems`: field -> a sentence for the person."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__()


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step as it was reported. `plan` and `code` belong to “code issued”; an empty code asks for the next free one.

    `holder`: the unaccompanied student who holds a smartphone; every other benefit is the home's.
    """

    status: Status
    happened_on: dt.date
    reason: EndReason | None = None
    said_by: SaidBy = SaidBy.STAFF
    note: str = ""
    plan: Plan | None = None
    code: str = ""
    holder: Student | None = None


def start(
    session: Session, *, account: Account, household: Household, year: ProgramYear, on: dt.date, today: dt.date
) -> Enrollment:
    """Begins at “eligible”. Raises YearClosed, AlreadyEnrolled or StepRefused."""
    if session.scalar(
        select(Enrollment.id).where(Enrollment.household_id == household.id, Enrollment.program_year_id == year.id)
    ):
        raise AlreadyEnrolled(f"This household is already in {year.label}. Go on with its next step.")
    if not year.open_to_new and not continues(session, household, year):
        raise YearClosed(
            f"{year.label} takes no new households: it pays only for families who already had service. "
            "Choose an open program year."
        )
    problems = step_problems(before=None, after=Status.ELIGIBLE, on=on, last_on=None, today=today, reason=None)
    _hold_to_year(problems, on, year)
    if problems:
        raise StepRefused(problems)
    enrollment = Enrollment(
        household_id=household.id, program_year_id=year.id, status=Status.ELIGIBLE, status_on=on, program_year=year
    )
    enrollment.events = [EnrollmentEvent(status=Status.ELIGIBLE, happened_on=on, recorded_by=account.id)]
    session.add(enrollment)
    session.flush()
    record_change(
        session,
        account=account,
        action="enrollment.started",
        household=household,
        changes={"program_year": [None, year.label]},
    )
    return enrollment


def step(
    session: Session, *, account: Account, household: Household, enrollment: Enrollment, taken: Step, today: dt.date
) -> EnrollmentEvent:
    """Takes one step; with “code issued” the household gets its code, with “active” the code is redeemed, with “ended” it dies.

    Raises StepRefused with every problem, by field (status, happened_on, reason, plan, code).
    """
    before = Status(enrollment.status)
    _refuse(session, before, enrollment, taken, today)
    changes: dict[str, list[object]] = {"status": [before, taken.status]}
    if taken.status is Status.CODE_ISSUED:
        _issue(session, account, enrollment, taken)
        assert enrollment.membership_code is not None  # noqa: S101 - for the reader and the type checker
        changes["membership_code"] = [None, enrollment.membership_code.code]
    _follow_with_code(session, account, enrollment, before, taken)
    enrollment.status, enrollment.status_on = taken.status, taken.happened_on
    event = EnrollmentEvent(
        enrollment_id=enrollment.id,
        status=taken.status,
        happened_on=taken.happened_on,
        reason=taken.reason,
        said_by=taken.said_by,
        note=taken.note,
        recorded_by=account.id,
    )
    session.add(event)
    refresh(session, household)
    record_change(session, account=account, action="enrollment.stepped", household=household, changes=changes)
    return event


def _refuse(session: Session, before: Status, enrollment: Enrollment, taken: Step, today: dt.date) -> None:
    problems = step_problems(
        before=before,
        after=taken.status,
        on=taken.happened_on,
        last_on=enrollment.status_on,
        today=today,
        reason=taken.reason,
        service_type=ServiceType(enrollment.service_type) if enrollment.service_type else None,
    )
    _hold_to_year(problems, taken.happened_on, enrollment.program_year, enrollment.service_until)
    if before is Status.ENDED and not enrollment.program_year.open_to_new:
        problems["status"] = f"{enrollment.program_year.label} is closed: an ended enrollment cannot begin anew in it."
    if taken.status is Status.CODE_ISSUED:
        problems |= _of_issuing(session, enrollment, taken, today)
    if taken.status is not Status.CODE_ISSUED and taken.code:
        problems["code"] = "A code is given with the step “code issued”. Clear it."
    by_phone = taken.plan is not None and taken.plan.service_type == ServiceType.SMARTPHONE
    if by_phone and (taken.holder is None or taken.holder.household_id != enrollment.household_id):
        problems["holder"] = "A smartphone is one student’s own. Choose the student who holds it."
    if taken.holder is not None and not by_phone:
        problems["holder"] = "Only a smartphone is held by one student. Clear this, or choose a smartphone plan."
    if problems:
        raise StepRefused(problems)


def _of_issuing(session: Session, enrollment: Enrollment, taken: Step, today: dt.date) -> dict[str, str]:
    """What is wrong with giving this household a code for this plan, by field."""
    problems = {}
    if is_found_not_eligible(session, enrollment.household_id, enrollment.program_year_id, on=today):
        problems["status"] = pool.NOT_ELIGIBLE.format(enrollment.program_year.label)
    plan = taken.plan
    if plan is None:
        problems["plan"] = "Choose the provider and plan the code is for."
    elif plan.ends_on is not None and plan.ends_on < taken.happened_on:
        problems["plan"] = (
            f"{plan.provider.name}, {plan.name} was taken off sale on {day(plan.ends_on)}. Choose a plan that is still sold."
        )
    return problems


def _hold_to_year(
    problems: dict[str, str], on: dt.date, year: ProgramYear, service_until: dt.date | None = None
) -> None:
    outside = outside_year(
        on, label=year.label, starts_on=year.starts_on, ends_on=year.ends_on, service_until=service_until
    )
    if outside:
        problems.setdefault("happened_on", outside)


def _issue(session: Session, account: Account, enrollment: Enrollment, taken: Step) -> None:
    plan = taken.plan
    assert plan is not None  # noqa: S101 - _refuse has seen to it
    try:
        if taken.code:
            code = pool.typed(
                session,
                account=account,
                enrollment=enrollment,
                provider=plan.provider,
                text=taken.code,
                on=taken.happened_on,
            )
        else:
            code = pool.next_free(
                session, account=account, enrollment=enrollment, provider=plan.provider, on=taken.happened_on
            )
    except pool.CodeRefused as refused:
        raise StepRefused({"code": str(refused)}) from refused
    enrollment.provider, enrollment.plan, enrollment.membership_code = plan.provider, plan, code
    enrollment.service_type = plan.service_type
    enrollment.holder_student_id = taken.holder.id if taken.holder else None


def _follow_with_code(session: Session, account: Account, enrollment: Enrollment, before: Status, taken: Step) -> None:
    """Redeems the code of a household that is online, ends that of one whose enrollment ends, and frees what was held for it."""
    code = enrollment.membership_code
    if before is Status.ENDED:  # begun anew: the old code stays with the household's history, a new one is to come
        enrollment.membership_code = enrollment.provider = enrollment.plan = None
        enrollment.leaving_reason, enrollment.service_until, enrollment.until_year_end = None, None, False
        return
    if taken.status is Status.ENDED:
        held_for = (MembershipCode.household_id == enrollment.household_id) & (
            MembershipCode.program_year_id == enrollment.program_year_id
        )
        release_held(session, account=account, which=held_for, on=taken.happened_on, note="enrollment ended")
    if code is None or taken.status not in (Status.ACTIVE, Status.ENDED):
        return
    stands = CodeState(code.state)
    used = stands is CodeState.REDEEMED
    ended = CodeState.EXPIRED if used else CodeState.REVOKED
    after = CodeState.REDEEMED if taken.status is Status.ACTIVE else ended
    if after is not stands and after in CODE_NEXT[stands]:
        ledger.turn(session, account=account, code_id=code.id, before=stands, after=after, on=taken.happened_on)
        session.refresh(code)
