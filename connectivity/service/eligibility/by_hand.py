"""What people decide about one household: overrides with a reason and an expiry, and appeals. Both outrank runs."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from connectivity.access.scope import in_scope
from connectivity.casework.trail import record_change
from connectivity.formats import day
from connectivity.register import (
    Account,
    Appeal,
    AppealState,
    Determination,
    Enrollment,
    Household,
    ProgramYear,
    Source,
)
from connectivity.service import enrollments

LONGEST = 1000  # letters of a reason
FIRST_DAY = dt.date(2015, 1, 1)  # nobody appealed before there was a program
AFTER_THE_YEAR = dt.timedelta(days=366)  # how long an override may stand against runs after its program year
WRITTEN = (
    "\n\t\u200c\u200d"  # signs without a shape that writing needs: lines, and the joiners of Persian and other scripts
)


class DecisionRefused(ValueError):
    """It cannot be recorded. `problems`: field -> a sentence for the person."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems.values()))


@dataclass(frozen=True)
class Decided:
    """What was decided. `enrolled`: an enrollment was started with it; `why_not`: why none could be, in a sentence."""

    determination: Determination
    enrolled: bool = False
    why_not: str = ""


def override(
    session: Session,
    *,
    account: Account,
    household: Household,
    year: ProgramYear,
    eligible: bool,
    reason: str,
    expires_on: dt.date | None,
    today: dt.date,
) -> Decided:
    """A person's own decision, in force against runs to the end of `expires_on`. The household is held. Raises DecisionRefused."""
    reason = _seen(reason)
    problems = _year_problem(year, today) | _text_problem(
        "reason", reason, "Enter the reason: why does the program decide otherwise?"
    )
    if expires_on is None:
        problems["expires_on"] = "Enter the last day on which this decision stands against a run."
    elif expires_on < today:
        problems["expires_on"] = f"{day(expires_on)} is in the past. Enter today or a later day."
    elif expires_on > (latest := _later(year.ends_on, AFTER_THE_YEAR)):
        problems["expires_on"] = (
            f"A decision for {year.label} stands until {day(latest)} at most, a year after it ends. Enter an earlier day."
        )
    if problems:
        raise DecisionRefused(problems)
    before = current(session, household, year)
    if before is not None and (before.source, before.eligible, before.reason, before.expires_on) == (
        Source.OVERRIDE,
        eligible,
        reason,
        expires_on,
    ):
        return Decided(before)  # sent twice
    word = "Eligible" if eligible else "Not eligible"
    made = Determination(
        eligible=eligible,
        source=Source.OVERRIDE,
        explanation=f"{word}: decided by the program for this household, until {day(expires_on)}.",
        reason=reason,
        expires_on=expires_on,
    )
    return _determine(session, account, household, year, made, today)


def open_appeal(
    session: Session,
    *,
    account: Account,
    household: Household,
    year: ProgramYear,
    ground: str,
    on: dt.date,
    today: dt.date,
) -> Appeal:
    """A family appeals. Raises DecisionRefused, also for a second one while the first is open."""
    ground = _seen(ground)
    problems = _year_problem(year, today) | _text_problem("ground", ground, "Enter what the family says.")
    if on > today:
        problems["opened_on"] = "This date is in the future. Enter the day the family appealed."
    elif on < FIRST_DAY:
        problems["opened_on"] = f"The program began after {day(FIRST_DAY)}. Check the year of this day."
    still_open = select(Appeal.id).where(
        Appeal.household_id == household.id, Appeal.program_year_id == year.id, Appeal.state == AppealState.OPEN
    )
    if session.scalar(still_open):
        problems["program_year"] = f"An appeal for {year.label} is open already. Decide that one first."
    if problems:
        raise DecisionRefused(problems)
    made = Appeal(
        household_id=household.id,
        program_year_id=year.id,
        opened_on=on,
        ground=ground,
        state=AppealState.OPEN,
        opened_by=account.id,
    )
    session.add(made)
    record_change(
        session,
        account=account,
        action="appeal.opened",
        household=household,
        changes={"program_year": [None, year.label]},
    )
    return made


def decide_appeal(
    session: Session,
    *,
    account: Account,
    household: Household,
    appeal: Appeal,
    granted: bool,
    reason: str,
    on: dt.date,
    today: dt.date,
) -> Decided | None:
    """Grants or denies; a granted appeal makes the household eligible for the year. Raises DecisionRefused."""
    reason = _seen(reason)
    problems = _text_problem("reason", reason, "Enter the reason of the decision.")
    if on > today:
        problems["decided_on"] = "This date is in the future. Enter the day of the decision."
    elif on < appeal.opened_on:
        problems["decided_on"] = f"The appeal was opened on {day(appeal.opened_on)}. The decision cannot be earlier."
    if appeal.state != AppealState.OPEN:
        problems["outcome"] = f"This appeal was {appeal.state} on {day(appeal.decided_on)}. Nothing was changed."
    if problems:
        raise DecisionRefused(problems)
    appeal.state = AppealState.GRANTED if granted else AppealState.DENIED
    appeal.decided_on, appeal.reason, appeal.decided_by = on, reason, account.id
    year = appeal.program_year
    record_change(
        session,
        account=account,
        action="appeal.decided",
        household=household,
        changes={"program_year": [None, year.label], "appeal": [AppealState.OPEN.value, appeal.state]},
    )
    if not granted:
        return None
    made = Determination(
        eligible=True,
        source=Source.APPEAL,
        explanation=f"Eligible: the family’s appeal was granted on {day(on)}.",
        reason=reason,
    )
    return _determine(session, account, household, year, made, today)


def current(session: Session, household: Household, year: ProgramYear) -> Determination | None:
    """The determination in force."""
    return session.scalar(
        select(Determination).where(
            Determination.household_id == household.id,
            Determination.program_year_id == year.id,
            Determination.ended_on.is_(None),
        )
    )


def determinations_of(session: Session, household: Household) -> Sequence[Determination]:
    """All of a household: the newest program year first, and in it the newest determination."""
    return session.scalars(
        select(Determination)
        .join(ProgramYear)
        .options(
            joinedload(Determination.program_year), joinedload(Determination.policy), joinedload(Determination.account)
        )
        .where(Determination.household_id == household.id)
        .order_by(ProgramYear.starts_on.desc(), Determination.id.desc())
    ).all()


def appeals_of(session: Session, household: Household) -> Sequence[Appeal]:
    """All appeals of a household, the newest first."""
    return session.scalars(
        select(Appeal)
        .options(joinedload(Appeal.program_year), joinedload(Appeal.opener), joinedload(Appeal.decider))
        .where(Appeal.household_id == household.id)
        .order_by(Appeal.id.desc())
    ).all()


def open_appeals(session: Session, account: Account) -> Sequence[Appeal]:
    """Every appeal in the account's scope that waits for a decision, the oldest first."""
    return session.scalars(
        select(Appeal)
        .join(Appeal.household)
        .options(contains_eager(Appeal.household), joinedload(Appeal.program_year))
        .where(Appeal.state == AppealState.OPEN, in_scope(Household, account))
        .order_by(Appeal.opened_on, Appeal.id)
    ).all()


def expired_overrides(session: Session, account: Account, today: dt.date) -> Sequence[tuple[Determination, Household]]:
    """Overrides of years that go on, in the account's scope, whose last day has passed and that nothing has followed, the oldest first."""
    rows = session.execute(
        select(Determination, Household)
        .join(Household, Household.id == Determination.household_id)
        .join(Determination.program_year)
        .options(contains_eager(Determination.program_year))
        .where(
            Determination.source == Source.OVERRIDE,
            Determination.ended_on.is_(None),
            Determination.expires_on < today,
            ProgramYear.ends_on >= today,
            Household.merged_into_id.is_(None),
            in_scope(Household, account),
        )
        .order_by(Determination.expires_on, Determination.id)
    )
    return [(one, household) for one, household in rows]


def years_to_decide(session: Session, today: dt.date) -> Sequence[ProgramYear]:
    """Program years that go on or are to come, the current one first."""
    return session.scalars(
        select(ProgramYear).where(ProgramYear.ends_on >= today).order_by(ProgramYear.starts_on)
    ).all()


def _determine(
    session: Session, account: Account, household: Household, year: ProgramYear, made: Determination, today: dt.date
) -> Decided:
    before = current(session, household, year)
    if before is not None:
        before.ended_on = today
        session.flush()  # the database lets one be in force at a time
    made.household_id, made.program_year_id = household.id, year.id
    made.decided_on, made.account_id = today, account.id
    session.add(made)
    record_change(
        session,
        account=account,
        action="eligibility.decided",
        household=household,
        changes={
            "program_year": [None, year.label],
            "eligible": [_word(before), _word(made)],
            "source": [before.source if before else None, made.source],
        },
    )
    return _enroll(session, account, household, year, made, today)


def _enroll(
    session: Session, account: Account, household: Household, year: ProgramYear, made: Determination, today: dt.date
) -> Decided:
    in_year = select(Enrollment.id).where(
        Enrollment.household_id == household.id, Enrollment.program_year_id == year.id
    )
    if not made.eligible or session.scalar(in_year):
        return Decided(made)
    try:
        enrollments.start(session, account=account, household=household, year=year, on=today, today=today)
    except enrollments.EnrollmentRefused as refused:
        return Decided(made, why_not=str(refused))
    except enrollments.StepRefused as refused:
        return Decided(made, why_not=" ".join(refused.problems.values()))
    return Decided(made, enrolled=True)


def _word(one: Determination | None) -> str | None:
    return None if one is None else "yes" if one.eligible else "no"


def _year_problem(year: ProgramYear, today: dt.date) -> dict[str, str]:
    return {"program_year": f"{year.label} has ended. Choose one that goes on."} if year.ends_on < today else {}


def _text_problem(field: str, text: str, empty: str) -> dict[str, str]:
    if not text:
        return {field: empty}
    return {field: f"Enter at most {LONGEST:,} letters."} if len(text) > LONGEST else {}


def _seen(text: str) -> str:
    """What somebody wrote without signs that nobody can see (PostgreSQL refuses NUL); empty if nothing else is there."""
    seen = "".join(sign for sign in text.replace("\r\n", "\n") if sign.isprintable() or sign in WRITTEN).strip()
    return seen if any(sign.isprintable() and not sign.isspace() for sign in seen) else ""


def _later(on: dt.date, by: dt.timedelta) -> dt.date:
    return on + min(by, dt.date.max - on)
