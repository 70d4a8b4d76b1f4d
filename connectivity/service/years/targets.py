"""What a program year wants to reach, and how far it has come."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from connectivity.access.audit import record
from connectivity.register import (
    Account,
    Counted,
    Enrollment,
    EnrollmentEvent,
    Household,
    ProgramTarget,
    ProgramYear,
    Student,
    Unit,
)
from connectivity.rules.service_stages import Stage, at_or_beyond
from connectivity.rules.service_states import Status

CUMULATIVE: dict[Counted, Stage] = {
    Counted.CONTACTED: Stage.CONTACTED,
    Counted.CODE_ISSUED: Stage.CODE_ISSUED,
    Counted.ORDERED: Stage.ORDERED,
    Counted.CONNECTED: Stage.ACTIVE,
}


class TargetRefused(ValueError):
    """The target cannot be like this. `problems`: field -> a sentence for the person."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A target as a person entered it."""

    number: int
    unit: Unit
    counted: Counted
    due_on: dt.date
    basis: str
    vintage: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A target with the count of today, or of its day once that has passed, in the target's unit."""

    target: ProgramTarget
    present: int
    counted_on: dt.date

    @property
    def share(self) -> float:
        """Of the target, 0-1; may be more."""
        return self.present / self.target.number

    @property
    def times(self) -> str:
        """How many times the target was reached: `113.6`."""
        return f"{self.share:,.1f}"

    @property
    def cumulative(self) -> bool:
        """Whether whoever came so far counts, wherever they stand now."""
        return Counted(self.target.counted) in CUMULATIVE


def add(session: Session, *, account: Account, year: ProgramYear, wanted: Wanted) -> ProgramTarget:
    """A new target. Raises TargetRefused."""
    _refuse(year, wanted)
    target = ProgramTarget(program_year_id=year.id, **asdict(wanted))
    session.add(target)
    session.flush()
    _record(session, account, year, "program_target.added", {}, asdict(wanted))
    return target


def change(session: Session, *, account: Account, target: ProgramTarget, wanted: Wanted) -> bool:
    """False if everything was so already. Raises TargetRefused."""
    _refuse(target.program_year, wanted)
    before = {field: getattr(target, field) for field in asdict(wanted)}
    if before == asdict(wanted):
        return False
    for field, value in asdict(wanted).items():
        setattr(target, field, value)
    session.flush()
    _record(session, account, target.program_year, "program_target.changed", before, asdict(wanted))
    return True


def remove(session: Session, *, account: Account, target: ProgramTarget) -> None:
    """Takes the target away; the trail keeps what it was."""
    fields = ("number", "unit", "counted", "due_on", "basis", "vintage")
    before = {field: getattr(target, field) for field in fields}
    _record(session, account, target.program_year, "program_target.removed", before, {})
    session.delete(target)
    session.flush()


def standings(session: Session, year: ProgramYear, *, today: dt.date) -> list[Standing]:
    """Each target of the year with its count, until its day at most; the earliest due first."""
    targets = session.scalars(
        select(ProgramTarget)
        .where(ProgramTarget.program_year_id == year.id)
        .order_by(ProgramTarget.due_on, ProgramTarget.id)
    )
    return [
        Standing(
            target=one,
            present=count(
                session, year, Counted(one.counted), Unit(one.unit), until=one.due_on if one.due_on < today else None
            ),
            counted_on=min(one.due_on, today),
        )
        for one in targets
    ]


def count(session: Session, year: ProgramYear, counted: Counted, unit: Unit, *, until: dt.date | None = None) -> int:
    """How many had come so far, or stood there, at the end of a day (None: now), in `unit`.

    A household that was merged into another is not counted beside it.
    """
    which = (Enrollment.program_year_id == year.id, Household.merged_into_id.is_(None), _came_so_far(counted, until))
    found = select(func.count()).select_from(Enrollment).join(Household, Household.id == Enrollment.household_id)
    if unit is Unit.STUDENTS:
        found = found.join(Student, Student.household_id == Household.id)
    return int(session.execute(found.where(*which)).scalar_one())


def _came_so_far(counted: Counted, until: dt.date | None) -> ColumnElement[bool]:
    steps = [EnrollmentEvent.enrollment_id == Enrollment.id]
    if until is not None:
        steps.append(EnrollmentEvent.happened_on <= until)
    if counted is not Counted.CONNECTED_NOW:
        return exists().where(*steps, EnrollmentEvent.status.in_(at_or_beyond(CUMULATIVE[counted])))
    if until is None:
        return Enrollment.status == Status.ACTIVE
    last = select(EnrollmentEvent.status).where(*steps)
    newest_first = (EnrollmentEvent.happened_on.desc(), EnrollmentEvent.id.desc())
    return last.order_by(*newest_first).limit(1).correlate(Enrollment).scalar_subquery() == Status.ACTIVE


def _refuse(year: ProgramYear, wanted: Wanted) -> None:
    if wanted.due_on < year.starts_on:
        starts = f"{year.starts_on:%b} {year.starts_on.day}, {year.starts_on.year}"
        raise TargetRefused({"due_on": f"{year.label} starts on {starts}. Enter a day after that."})


def _record(
    session: Session,
    account: Account,
    year: ProgramYear,
    action: str,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    fields: Iterable[str] = after or before
    changes: dict[str, list[Any]] = {
        field: [_as_json(before.get(field)), _as_json(after.get(field))]
        for field in fields
        if before.get(field) != after.get(field)
    }
    record(session, account=account, action=action, subject="program_year", subject_id=year.id, changes=changes)


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def of_year(session: Session, year_id: int, target_id: int, *, held: bool = False) -> ProgramTarget | None:
    """The target of that year; `held` until the transaction ends."""
    statement = select(ProgramTarget).where(ProgramTarget.id == target_id, ProgramTarget.program_year_id == year_id)
    if held:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.scalar(statement)
