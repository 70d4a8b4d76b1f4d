"""A household will leave: why, since when, and until when it keeps its service by the exit rules. May be taken back before that day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.casework.trail import record_change
from connectivity.register import Account, Enrollment, Household, Student
from connectivity.rules.service_states import (
    MONTHS_AFTER_LEAVING,
    EndReason,
    SaidBy,
    Status,
    outside_year,
    service_until,
)

# Why a household leaves. Other reasons end an enrollment at once, as a step.
REASONS = (
    EndReason.GRADUATED,
    EndReason.CITY_COLLEGES,
    EndReason.MOVED,
    EndReason.LEFT_DISTRICT,
    EndReason.OPTED_OUT,
    EndReason.NOT_ELIGIBLE,
    EndReason.OTHER,
)
GRADUATING = "12"


class LeavingRefused(ValueError):
    """This cannot be recorded. `problems`: field (reason, left_on, until_year_end) -> a sentence for the person."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__()


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """As it was reported. `until_year_end`: service goes on to the end of the program year, and moves with an extension of it."""

    reason: EndReason
    left_on: dt.date
    until_year_end: bool = False
    said_by: SaidBy = SaidBy.STAFF
    note: str = ""


def leave(
    session: Session, *, account: Account, household: Household, enrollment: Enrollment, leaving: Leaving
) -> dt.date:
    """Records it, in place of what was recorded before. Returns the last day of service. Raises LeavingRefused."""
    year = enrollment.program_year
    session.refresh(year, with_for_update={"read": True})  # its end stays where it is until this is written
    until = year.ends_on if leaving.until_year_end else service_until(leaving.reason, leaving.left_on)
    problems = _problems(session, enrollment, leaving, until)
    if problems:
        raise LeavingRefused(problems)
    changes: dict[str, list[Any]] = {
        "program_year": [None, year.label],
        "leaving_reason": [enrollment.leaving_reason, leaving.reason.value],
        "left_on": [None, leaving.left_on.isoformat()],
        "service_until": [enrollment.service_until and enrollment.service_until.isoformat(), until.isoformat()],
        "until_year_end": [enrollment.until_year_end, leaving.until_year_end],
        "said_by": [None, leaving.said_by.value],
        "note": [None, leaving.note],
    }
    enrollment.leaving_reason, enrollment.service_until = leaving.reason.value, until
    enrollment.until_year_end = leaving.until_year_end
    record_change(session, account=account, action="enrollment.leaving", household=household, changes=changes)
    return until


def stay(session: Session, *, account: Account, household: Household, enrollment: Enrollment, note: str) -> None:
    """Takes back that the household leaves. Raises LeavingRefused once the enrollment has ended, or if nothing was recorded."""
    if enrollment.status == Status.ENDED:
        raise LeavingRefused(
            {"note": "This enrollment has ended already. Record the step “eligible” to begin it anew."}
        )
    if enrollment.leaving_reason is None or enrollment.service_until is None:
        raise LeavingRefused({"note": "It is not recorded that this household leaves. There is nothing to take back."})
    changes: dict[str, list[Any]] = {
        "program_year": [None, enrollment.program_year.label],
        "leaving_reason": [enrollment.leaving_reason, None],
        "service_until": [enrollment.service_until.isoformat(), None],
        "note": [None, note],
    }
    enrollment.leaving_reason = enrollment.service_until = None
    enrollment.until_year_end = False
    record_change(session, account=account, action="enrollment.stays", household=household, changes=changes)


def students_who_stay(session: Session, household_id: int) -> Sequence[Student]:
    """Students of the household who do not graduate this year."""
    return session.scalars(
        select(Student)
        .where(Student.household_id == household_id, Student.grade != GRADUATING)
        .order_by(Student.birth_date, Student.id)
    ).all()


def _problems(session: Session, enrollment: Enrollment, leaving: Leaving, until: dt.date) -> dict[str, str]:
    problems = dict[str, str]()
    year = enrollment.program_year
    if enrollment.status == Status.ENDED:
        return {"reason": "This enrollment has ended already. There is nothing to record."}
    outside = outside_year(
        leaving.left_on,
        label=year.label,
        starts_on=year.starts_on,
        ends_on=year.ends_on,
        service_until=enrollment.service_until,
    )
    if outside:
        problems["left_on"] = outside
    elif until < enrollment.status_on:
        problems["left_on"] = (
            f"Service would end on {_day(until)}, but the last step was on {_day(enrollment.status_on)}. Check the day."
        )
    if leaving.until_year_end and leaving.reason in MONTHS_AFTER_LEAVING:
        problems["until_year_end"] = "Graduates keep service for a fixed time after they graduate. Clear this box."
    if leaving.reason in MONTHS_AFTER_LEAVING and (others := students_who_stay(session, enrollment.household_id)):
        names = ", ".join(f"{one.first_name} (grade {one.grade})" for one in others)
        problems["reason"] = (
            f"{names} would go on at school, so the household keeps its service. If this is out of date, correct the student first, "
            "or choose another reason."
        )
    return problems


def _day(day: dt.date) -> str:
    return f"{day:%b} {day.day}, {day.year}"
