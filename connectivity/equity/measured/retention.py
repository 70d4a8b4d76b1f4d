"""Who still had service 90 and 365 days after it began, by area. One query."""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, Subquery, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from connectivity.equity.measured.cells import Tables, area_cell, empty
from connectivity.equity.measured.households import area_on, duplicates, number_of_each, of_year, standing
from connectivity.equity.measured.later import days_after
from connectivity.register import Enrollment, EnrollmentEvent, Household, ProgramYear
from connectivity.rules.service_stages import Stage, at_or_beyond
from connectivity.rules.service_states import LATEST_AFTER, Status

IN_YEAR, EVER = 90, 365  # days


def retention(session: Session, *, program_year_id: int, as_of: dt.date) -> Tables:
    """Households whose service began at least so many days before, and those of them that had service on that very day after."""
    # Found once: within the search for a renewal, PostgreSQL would otherwise read every step for every household.
    left_out = select(duplicates(as_of).cte("duplicates").c.enrollment_id)
    began = union_all(_in_year(program_year_id, as_of), _ever(as_of, left_out)).subquery("began")
    each = _each(began, as_of, left_out)
    kinds = select(area_on(each.c.household_id, as_of).label("area"), each.c.days, each.c.kept)
    tables = empty(*(f"{what}_{days}" for days in (IN_YEAR, EVER) for what in ("started", "kept")))
    for area, days, still, number in number_of_each(session, kinds):
        for what in ("started", "kept")[: 1 + still]:
            tables[f"{what}_{days}"][area_cell(area)] += number
    return tables


def _in_year(program_year_id: int, as_of: dt.date) -> Select[Any]:
    """Households whose service in the program year began at least 90 days before: household_id, days, and the 90th day after."""
    found = of_year(program_year_id, as_of)
    return select(
        found.c.household_id,
        literal(IN_YEAR).label("days"),
        days_after(found.c.active_on, IN_YEAR).label("on_day"),
    ).where(found.c.active_on <= as_of - dt.timedelta(days=IN_YEAR))


def _ever(as_of: dt.date, left_out: Select[int]) -> Select[int, int, dt.date]:
    """Households whose service began at least 365 days before, in whichever program year: those who left since count too."""
    step, first = EnrollmentEvent, func.min(EnrollmentEvent.happened_on, type_=Date)
    return (
        select(Enrollment.household_id, literal(EVER).label("days"), days_after(first, EVER).label("on_day"))
        .join(Enrollment, Enrollment.id == step.enrollment_id)
        .join(Household, Household.id == Enrollment.household_id)
        .where(
            step.status.in_(at_or_beyond(Stage.ACTIVE)),
            step.happened_on <= as_of,
            Household.merged_into_id.is_(None),
            Enrollment.id.not_in(left_out),
        )
        .group_by(Enrollment.household_id)
        .having(first <= as_of - dt.timedelta(days=EVER))
    )


def _each(began: Subquery, as_of: dt.date, left_out: Select[int]) -> Subquery:
    """Each household once for each number of days; `kept`: 1 if any enrollment of it shows service at the end of its day, else 0.

    Nobody ends an enrollment when its program year ends. After that day it shows service only where the family was renewed: active in
    another enrollment later, within the months in which steps of the ended year are still taken.
    """
    day = began.c.on_day
    served = and_(
        standing(Enrollment.id, day) == Status.ACTIVE,
        or_(day <= ProgramYear.ends_on, _renewed(day, as_of, left_out)),
    )
    return (
        select(began.c.household_id, began.c.days, func.max(case((served, 1), else_=0)).label("kept"))
        .join(Enrollment, Enrollment.household_id == began.c.household_id)
        .join(ProgramYear, ProgramYear.id == Enrollment.program_year_id)
        .where(Enrollment.id.not_in(left_out))
        .group_by(began.c.household_id, began.c.days)
        .subquery("each_one")
    )


def _renewed(day: ColumnElement[dt.date], as_of: dt.date, left_out: Select[int]) -> ColumnElement[bool]:
    other, step = aliased(Enrollment), aliased(EnrollmentEvent)
    until = days_after(ProgramYear.ends_on, LATEST_AFTER.days)
    return (
        select(step.id)
        .join(other, other.id == step.enrollment_id)
        .where(
            other.household_id == Enrollment.household_id,
            other.id != Enrollment.id,
            other.id.not_in(left_out),
            and_(step.status == Status.ACTIVE, step.happened_on > day, step.happened_on <= as_of),
            step.happened_on <= until,
        )
        .exists()
    )
