"""A run's way through its states: started, assessed, looked at, applied by a person or put aside."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session, joinedload

from connectivity.access.audit import record
from connectivity.bulk import table_of
from connectivity.database import now
from connectivity.register import (
    Account,
    EligibilityOutcome,
    EligibilityPolicy,
    EligibilityRun,
    ProgramYear,
    Role,
    RunState,
)
from connectivity.service.eligibility.policies import held_newest, rules_of

WORKING = (RunState.QUEUED, RunState.ASSESSING, RunState.APPLYING)
NEWER = "A newer preview of this program year took its place."
# A family may be found eligible a year before its program year begins (rules.service_states).
EARLIEST_BEFORE = dt.timedelta(days=366)


class RunRefused(ValueError):
    """The step cannot be taken now. The message is for the person."""


def start(
    session: Session,
    *,
    account: Account,
    year: ProgramYear,
    policy: EligibilityPolicy,
    holds_factors: bool,
    today: dt.date,
) -> EligibilityRun:
    """Asks for a preview. Raises RunRefused."""
    session.execute(select(ProgramYear.id).where(ProgramYear.id == year.id).with_for_update(key_share=True))
    if year.ends_on < today:
        raise RunRefused(f"{year.label} has ended. Choose a program year that goes on.")
    if year.starts_on - EARLIEST_BEFORE > today:
        raise RunRefused(
            f"{year.label} begins in more than a year. Its run can be made within a year of its first day."
        )
    if held_newest(session, policy.name).id != policy.id:
        raise RunRefused(
            f"Version {policy.version} of “{policy.name}” is not the newest any more. Start the run with the newest."
        )
    if rules_of(policy).sensitive:
        _refuse_sensitive(account, holds_factors=holds_factors)
    _make_way(session, account, year)
    run = EligibilityRun(
        program_year_id=year.id, policy_id=policy.id, state=RunState.QUEUED, started_by=account.id, started_at=now()
    )
    session.add(run)
    session.flush()
    _trace(session, account, "eligibility_run.started", run)
    return run


def _refuse_sensitive(account: Account, *, holds_factors: bool) -> None:
    if not holds_factors:
        raise RunRefused("This policy looks at sensitive factors, and this program holds none.")
    if account.role != Role.ELIGIBILITY:
        raise RunRefused(
            "This policy looks at sensitive factors, which the eligibility office alone may open: its staff start the run. "
            "You can look at its outcome and apply it."
        )


def _make_way(session: Session, account: Account, year: ProgramYear) -> None:
    """One preview a year: a newer one takes the place of the one that waits, and waits for one at work."""
    standing = select(EligibilityRun).where(
        EligibilityRun.program_year_id == year.id,
        EligibilityRun.state.in_((*WORKING, RunState.PLANNED)),
    )
    for run in session.scalars(standing.with_for_update()):
        if run.state in WORKING:
            raise RunRefused(f"Run {run.id} for {year.label} is being worked on. Wait for it, then start the next one.")
        discard(session, account=account, run=run, why=NEWER)


def locked(session: Session, run_id: int) -> EligibilityRun:
    """The run, held until the transaction ends: a second person waits and then sees what the first has done. Raises NoResultFound."""
    held = select(EligibilityRun).where(EligibilityRun.id == run_id).with_for_update()
    return session.scalars(held.execution_options(populate_existing=True)).one()


def claim(session: Session, *, account: Account, run_id: int) -> None:
    """A person says that the preview shall be applied. Raises RunRefused, also when it was applied already."""
    # Policy before run, as everybody holds them. An editor of the policy waits, and then makes the next version.
    name = select(EligibilityPolicy.name).join(EligibilityRun).where(EligibilityRun.id == run_id)
    held_newest(session, session.scalars(name).one())
    run = locked(session, run_id)
    if run.state == RunState.APPLIED:
        raise RunRefused("This run was applied already. Nothing was changed.")
    if run.state == RunState.APPLYING:
        raise RunRefused("This run is being applied. Nothing more to do.")
    if run.state != RunState.PLANNED:
        raise RunRefused("This run has no preview to apply.")
    run.state, run.applied_by, run.refusal = RunState.APPLYING, account.id, ""
    session.flush()


def discard(session: Session, *, account: Account | None, run: EligibilityRun, why: str = "") -> None:
    """Puts a preview aside. Raises RunRefused when it is past that."""
    if run.state != RunState.PLANNED:
        raise RunRefused("Only a preview that waits can be put aside.")
    run.state, run.refusal = RunState.DISCARDED, why
    session.execute(delete(EligibilityOutcome).where(EligibilityOutcome.run_id == run.id))
    _trace(session, account, "eligibility_run.discarded", run)


def stop(session: Session, run_id: int, why: str) -> None:
    """After a fault of ours: back to the preview, or put aside if there is none."""
    run = locked(session, run_id)
    if run.state in WORKING:
        run.state = RunState.PLANNED if run.state == RunState.APPLYING else RunState.DISCARDED
        run.refusal = why


def take_up(session: Session, run_id: int) -> EligibilityRun | None:
    """A worker begins with the preview; None if it was put aside meanwhile, or is done."""
    begun = session.execute(
        update(EligibilityRun)
        .where(EligibilityRun.id == run_id, EligibilityRun.state.in_((RunState.QUEUED, RunState.ASSESSING)))
        .values(state=RunState.ASSESSING)
        .returning(EligibilityRun.id)
    ).one_or_none()
    return locked(session, run_id) if begun else None


def look_at(session: Session, *nouns: type) -> None:
    """Lets PostgreSQL look at tables that have just grown: of new rows it knows nothing, and would go through all of them for each one."""
    if session.get_bind().dialect.name == "postgresql":
        for noun in nouns:
            session.execute(text(f"ANALYZE {table_of(noun).name}"))


def newest_runs(session: Session, most: int) -> Sequence[EligibilityRun]:
    """The newest runs, with whose they are and for which year."""
    names = (
        joinedload(EligibilityRun.program_year),
        joinedload(EligibilityRun.policy),
        joinedload(EligibilityRun.starter),
    )
    return session.scalars(select(EligibilityRun).options(*names).order_by(EligibilityRun.id.desc()).limit(most)).all()


def _trace(session: Session, account: Account | None, action: str, run: EligibilityRun) -> None:
    changes = {"program_year_id": [None, run.program_year_id], "policy_id": [None, run.policy_id]}
    record(session, account=account, action=action, subject="eligibility_run", subject_id=run.id, changes=dict(changes))
