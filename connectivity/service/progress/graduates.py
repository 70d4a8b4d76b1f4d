"""The yearly run for graduates: households whose only students are in grade 12 will leave; they keep service three more months."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, exists, func, select, update
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, slices
from connectivity.formats import day
from connectivity.register import Account, Enrollment, Household, ProgramYear, Student
from connectivity.rules.service_states import EndReason, SaidBy, Status, outside_year, service_until
from connectivity.service.progress.leaving import GRADUATING
from connectivity.service.progress.recorded import hold_all, record_all

NAMED = 50  # households that the preview lists


class RunRefused(ValueError):
    """The run cannot be made. `problems`: field (graduated_on, end_tonight) -> a sentence for the person."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__()


class Changed(RunRefused):
    """Since the preview, other households graduate than were shown."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What the run would write, or wrote. Units: households, students."""

    graduated_on: dt.date
    until: dt.date
    households: int
    students: int
    ends_tonight: bool  # the last day of service is today or has passed
    left_out: int  # their only students graduate, but it is recorded already that they leave
    first: Sequence[tuple[str, str, str]]  # reference, guardian's last and first name, by name


def preview(session: Session, year: ProgramYear, graduated_on: dt.date, *, today: dt.date) -> Run:
    """Counts and names the first NAMED; writes nothing. Raises RunRefused."""
    outside = outside_year(graduated_on, label=year.label, starts_on=year.starts_on, ends_on=year.ends_on)
    if outside:
        raise RunRefused({"graduated_on": outside})
    if graduated_on < year.starts_on:
        raise RunRefused(
            {
                "graduated_on": f"{year.label} starts on {day(year.starts_on)}. Enter a day in it, or choose the program year "
                "that these students graduated in."
            }
        )
    until = service_until(EndReason.GRADUATED, graduated_on)
    graduating = _graduating(year, until).subquery()
    first = session.execute(
        select(Household.reference, Household.guardian_last_name, Household.guardian_first_name)
        .join(graduating, graduating.c.household_id == Household.id)
        .order_by(Household.guardian_last_name, Household.guardian_first_name, Household.id)
        .limit(NAMED)
    )
    students = (
        select(func.count()).select_from(Student).join(graduating, graduating.c.household_id == Student.household_id)
    )
    return Run(
        graduated_on=graduated_on,
        until=until,
        ends_tonight=until <= today,
        households=session.scalar(select(func.count()).select_from(graduating)) or 0,
        students=session.scalar(students) or 0,
        left_out=session.scalar(select(func.count()).select_from(_leaving_already(year).subquery())) or 0,
        first=[(reference, last, given) for reference, last, given in first],
    )


def apply(
    session: Session,
    *,
    account: Account,
    year: ProgramYear,
    graduated_on: dt.date,
    seen: int,
    today: dt.date,
    end_tonight: bool = False,
) -> int:
    """Writes it for every household of the preview. Raises RunRefused, Changed. Returns households.

    `seen`: how many it showed. `end_tonight`: the person knows that the last day of service has passed, so that the night ends them all.
    """
    until = service_until(EndReason.GRADUATED, graduated_on)
    graduating = _graduating(year, until)
    hold_all(session, select(graduating.subquery().c.household_id))
    run = preview(session, year, graduated_on, today=today)
    if run.households != seen:
        raise Changed(
            {
                "graduated_on": f"When you looked there were {seen:,} households, now there are {run.households:,}. Look again."
            }
        )
    if run.ends_tonight and not end_tonight:
        raise RunRefused(
            {
                "end_tonight": f"Their service ends tonight: the last day that follows is {day(until)}. Confirm that, or check the day."
            }
        )
    rows = fetch(session, graduating)
    for some in slices([enrollment_id for enrollment_id, _ in rows]):
        session.execute(
            update(Enrollment)
            .where(Enrollment.id.in_(some))
            .values(leaving_reason=EndReason.GRADUATED.value, service_until=until, until_year_end=False)
            .execution_options(synchronize_session=False)
        )
    session.expire_all()
    changes: dict[str, list[Any]] = {
        "program_year": [None, year.label],
        "leaving_reason": [None, EndReason.GRADUATED.value],
        "left_on": [None, graduated_on.isoformat()],
        "service_until": [None, until.isoformat()],
        "said_by": [None, SaidBy.PROGRAM.value],
    }
    ids = [household_id for _, household_id in rows]
    record_all(session, account=account, action="enrollment.leaving", changes=dict.fromkeys(ids, changes))
    return len(ids)


def _graduating(year: ProgramYear, until: dt.date) -> Select[int, int]:
    """(enrollment, household) of those who will leave. One whose last step lies after the last day of service is left to people."""
    return _of_graduates(year).where(Enrollment.leaving_reason.is_(None), Enrollment.status_on <= until)


def _leaving_already(year: ProgramYear) -> Select[int, int]:
    return _of_graduates(year).where(Enrollment.leaving_reason.is_not(None))


def _of_graduates(year: ProgramYear) -> Select[int, int]:
    of_household = Student.household_id == Enrollment.household_id
    return select(Enrollment.id, Enrollment.household_id).where(
        Enrollment.program_year_id == year.id,
        Enrollment.status != Status.ENDED,
        exists().where(and_(of_household, Student.grade == GRADUATING)),
        ~exists().where(and_(of_household, Student.grade != GRADUATING)),
    )
