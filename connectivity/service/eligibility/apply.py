"""Applies a run that a person has approved: determinations and the enrollments of who is new, in one transaction, by a few statements."""

import datetime as dt
import json
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    and_,
    cast,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from connectivity.access.audit import record
from connectivity.bulk import fetch, table_of, widen_cache
from connectivity.database import Instant, now, transaction
from connectivity.jobs import Report
from connectivity.register import (
    AuditEvent,
    Change,
    Determination,
    EligibilityOutcome,
    EligibilityRun,
    Enrollment,
    EnrollmentEvent,
    Household,
    ProgramYear,
    RunState,
    Source,
)
from connectivity.rules.eligibility import Mode
from connectivity.rules.service_states import SaidBy, Status
from connectivity.service.eligibility import runs

DECIDED = (Change.GAINS, Change.LOSES, Change.STAYS_ELIGIBLE, Change.STAYS_OUT)
ELIGIBLE = (Change.GAINS, Change.STAYS_ELIGIBLE)


def apply(session: Session, run_id: int, *, today: dt.date, report: Report) -> bool:
    """Applies a claimed run. False, and nothing is changed, if it does not wait for that (any more)."""
    with transaction(session):
        # Runs of one year take turns: the second sees what the first has determined. `key_share`: whoever decides by hand holds the
        # household and then refers to the year; waiting for the year here, while this run waits for the household, they would lock.
        year_of = select(EligibilityRun.program_year_id).where(EligibilityRun.id == run_id).scalar_subquery()
        session.execute(select(ProgramYear.id).where(ProgramYear.id == year_of).with_for_update(key_share=True))
        run = runs.locked(session, run_id)
        if run.state != RunState.APPLYING:
            return False
        widen_cache(session)
        report("Holding the households", 0, 0)
        _hold_households(session, run)
        report("Writing determinations", 0, 0)
        written = _determine(session, run, today)
        report("Starting enrollments", 0, 0)
        enrolled = _enroll(session, run, today)
        run.state, run.applied_at = RunState.APPLIED, now()
        run.counts = {**run.counts, "written": written, "enrolled": enrolled, "left_alone": _left_alone(session, run)}
        applier = run.applied_by
        record(
            session,
            account=None,
            action="eligibility_run.applied",
            subject="eligibility_run",
            subject_id=run.id,
            changes={"counts": [None, run.counts], "applied_by": [None, applier]},
        )
    return True


def _of_run(run: EligibilityRun, *changes: Change) -> ColumnElement[bool]:
    return and_(EligibilityOutcome.run_id == run.id, EligibilityOutcome.change.in_(changes))


def _hold_households(session: Session, run: EligibilityRun) -> None:
    """In the order of their ids, as everybody holds them: whoever decides about one by hand waits."""
    held = select(Household.id).join(EligibilityOutcome, EligibilityOutcome.household_id == Household.id)
    fetch(session, held.where(_of_run(run, *DECIDED)).order_by(Household.id).with_for_update(of=Household))


def _fits(run: EligibilityRun) -> ColumnElement[bool]:
    """The household stands as the run saw it: nobody has determined anything since, and it was not merged into another one."""
    other = aliased(Determination)
    since = exists().where(
        other.household_id == EligibilityOutcome.household_id,
        other.program_year_id == run.program_year_id,
        other.ended_on.is_(None),
        or_(EligibilityOutcome.determination_id.is_(None), other.id != EligibilityOutcome.determination_id),
    )
    stands = exists().where(Household.id == EligibilityOutcome.household_id, Household.merged_into_id.is_(None))
    return and_(~since, stands)


def _says_the_same(run: EligibilityRun) -> ColumnElement[bool]:
    """What is in force says the same of the same policy: there is nothing to write. Sealed words cannot be compared."""
    return exists().where(
        Determination.id == EligibilityOutcome.determination_id,
        Determination.policy_id == run.policy_id,
        Determination.eligible == EligibilityOutcome.eligible,
        Determination.explanation == EligibilityOutcome.explanation,
        EligibilityOutcome.sealed.is_(None),
    )


def _determine(session: Session, run: EligibilityRun, today: dt.date) -> int:
    news = and_(_of_run(run, *DECIDED), _fits(run), ~_says_the_same(run))
    session.execute(_quietly(update(EligibilityOutcome).where(news).values(written=True)))
    written = and_(EligibilityOutcome.run_id == run.id, EligibilityOutcome.written)
    ended = select(EligibilityOutcome.determination_id).where(written)
    session.execute(_quietly(update(Determination).where(Determination.id.in_(ended)).values(ended_on=today)))
    source = Source.DISTRICT if run.policy.mode == Mode.DISTRICT else Source.POLICY
    columns: dict[str, Any] = {
        "household_id": EligibilityOutcome.household_id,
        "program_year_id": literal(run.program_year_id, Integer),
        "eligible": EligibilityOutcome.eligible,
        "source": literal(source.value, String),
        "policy_id": literal(run.policy_id, Integer),
        "run_id": literal(run.id, Integer),
        "score": EligibilityOutcome.score,
        "threshold": literal(run.policy.threshold, Integer),
        "explanation": EligibilityOutcome.explanation,
        "sealed": EligibilityOutcome.sealed,
        "reason": literal("", String),
        "decided_on": literal(today, Date),
        "account_id": literal(run.applied_by, Integer),
        "recorded_at": literal(now(), Instant),
    }
    _insert(session, Determination, columns, select(*columns.values()).where(written))
    runs.look_at(session, Determination)
    return session.scalar(select(func.count()).select_from(EligibilityOutcome).where(written)) or 0


def _enroll(session: Session, run: EligibilityRun, today: dt.date) -> int:
    """Whoever is eligible now stands at “eligible” in the year, if it has no enrollment there. A closed year takes those that had service."""
    year, moment = run.program_year, now()
    in_year = exists().where(
        Enrollment.household_id == EligibilityOutcome.household_id, Enrollment.program_year_id == year.id
    )
    eligible = exists().where(
        Determination.household_id == EligibilityOutcome.household_id,
        Determination.program_year_id == year.id,
        Determination.ended_on.is_(None),
        Determination.eligible,
    )
    new = and_(_of_run(run, *ELIGIBLE), eligible, ~in_year)
    if not year.open_to_new:
        new = and_(new, EligibilityOutcome.household_id.in_(_had_service(year)))
    columns: dict[str, Any] = {
        "household_id": EligibilityOutcome.household_id,
        "program_year_id": literal(year.id, Integer),
        "status": literal(Status.ELIGIBLE.value, String),
        "status_on": literal(min(today, year.ends_on), Date),
        "until_year_end": literal(False, Boolean),
        "created_at": literal(moment, Instant),
    }
    _insert(session, Enrollment, columns, select(*columns.values()).where(new))
    runs.look_at(session, Enrollment)
    # The moment is this transaction's own, to the microsecond. To ask for those without a step instead took PostgreSQL twenty times as long.
    begun = and_(Enrollment.program_year_id == year.id, Enrollment.created_at == moment)
    said = SaidBy.DISTRICT if run.policy.mode == Mode.DISTRICT else SaidBy.PROGRAM
    first: dict[str, Any] = {
        "enrollment_id": Enrollment.id,
        "status": Enrollment.status,
        "happened_on": Enrollment.status_on,
        "said_by": literal(said.value, String),
        "note": literal(f"Eligibility run {run.id}", String),
        "recorded_by": literal(run.applied_by, Integer),
        "recorded_at": literal(moment, Instant),
    }
    _insert(session, EnrollmentEvent, first, select(*first.values()).where(begun))
    runs.look_at(session, EnrollmentEvent)
    _trace(session, run, select(Enrollment.household_id).where(begun))
    return session.scalar(select(func.count()).select_from(Enrollment).where(begun)) or 0


def _had_service(year: ProgramYear) -> Select[int]:
    """Households that were online in an earlier year, and those they were merged into: as `casework.program_years.continues`."""
    served = (
        select(Enrollment.household_id)
        .join(EnrollmentEvent, EnrollmentEvent.enrollment_id == Enrollment.id)
        .join(ProgramYear, ProgramYear.id == Enrollment.program_year_id)
        .where(EnrollmentEvent.status == Status.ACTIVE, ProgramYear.starts_on < year.starts_on)
        .cte("served", recursive=True)
    )
    merged = select(Household.merged_into_id).join(served, served.c.household_id == Household.id)
    return select(served.union(merged.where(Household.merged_into_id.is_not(None))).c.household_id)


def _trace(session: Session, run: EligibilityRun, households: Select[int]) -> None:
    """As when an enrollment is started by hand: a new version of the household, so that an open form of it is told, and an audit event."""
    version = Household.version
    begins = literal(f'{{"program_year": [null, {json.dumps(run.program_year.label)}], "version": [', String)
    changes: ColumnElement[Any] = begins + cast(version, String) + ", " + cast(version + 1, String) + "]}"
    if session.get_bind().dialect.name == "postgresql":
        changes = cast(changes, JSON)  # SQLite keeps JSON as text, and a cast would make a number of it
    columns: dict[str, Any] = {
        "at": literal(now(), Instant),
        "account_id": literal(run.applied_by, Integer),
        "action": literal("enrollment.started", String),
        "subject": literal("household", String),
        "subject_id": Household.id,
        "changes": changes,
    }
    _insert(
        session,
        AuditEvent,
        columns,
        select(*columns.values()).where(Household.id.in_(households)).order_by(Household.id),
    )
    raised = update(Household).where(Household.id.in_(households)).values(version=version + 1, updated_at=now())
    session.execute(_quietly(raised))


def _left_alone(session: Session, run: EligibilityRun) -> int:
    """Households that somebody decided about after the preview, or merged."""
    news = and_(_of_run(run, *DECIDED), ~EligibilityOutcome.written, EligibilityOutcome.change.in_(DECIDED))
    current = exists().where(
        Determination.household_id == EligibilityOutcome.household_id,
        Determination.program_year_id == run.program_year_id,
        Determination.ended_on.is_(None),
        Determination.id == EligibilityOutcome.determination_id,
    )
    return session.scalar(select(func.count()).select_from(EligibilityOutcome).where(news, ~current)) or 0


def _insert(session: Session, noun: type, columns: dict[str, Any], rows: Select[Any]) -> None:
    session.execute(insert(table_of(noun)).from_select(list(columns), rows, include_defaults=False))


def _quietly(statement: Any) -> Any:
    return statement.execution_options(synchronize_session=False)
