"""The households of a program year on one day, each once: how far they came, where they stood, where they lived. Subqueries, no figures."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, SQLColumnExpression, Subquery, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from connectivity.register import Enrollment, EnrollmentEvent, Household, Residence
from connectivity.rules.service_stages import STAGE_OF, Stage
from connectivity.rules.service_states import EndReason, Status

Day = SQLColumnExpression[dt.date] | dt.date


def of_year(program_year_id: int, as_of: dt.date) -> Subquery:
    """One row a household: household_id, enrollment_id, service_type, reached (Stage), last_id and status of the step it stood at,
    coded_on and active_on (first days, or NULL).

    Left out are households that were merged into another one, which stands for them, and those whose enrollment then stood as ended
    for being a duplicate. A skipped stage counts as reached, as in the funnel. Of two steps on one day the later recorded one stands.
    """
    far, last = _far(program_year_id, as_of), aliased(EnrollmentEvent)
    return (
        select(*far.c, last.status)
        .join(last, last.id == far.c.last_id)
        .where(far.c.reached >= Stage.ELIGIBLE, or_(last.reason.is_(None), last.reason != EndReason.DUPLICATE))
        .subquery("of_year")
    )


def _far(program_year_id: int, as_of: dt.date) -> Subquery:
    """How far each enrollment came by the end of the day. Read from the index of the steps alone."""
    step = EnrollmentEvent
    stage = case({status.value: int(reached) for status, reached in STAGE_OF.items()}, value=step.status)
    return (
        select(
            Enrollment.household_id,
            Enrollment.id.label("enrollment_id"),
            Enrollment.service_type,
            func.max(stage).label("reached"),
            last_step(Enrollment.id, as_of).label("last_id"),
            func.min(case((stage == Stage.CODE_ISSUED, step.happened_on))).label("coded_on"),
            func.min(case((stage == Stage.ACTIVE, step.happened_on))).label("active_on"),
        )
        .join(Enrollment, Enrollment.id == step.enrollment_id)
        .join(Household, Household.id == Enrollment.household_id)
        .where(
            Enrollment.program_year_id == program_year_id,
            Household.merged_into_id.is_(None),
            step.happened_on <= as_of,
        )
        .group_by(Enrollment.id)
        .subquery("far")
    )


def area_on(household_id: SQLColumnExpression[int], as_of: dt.date) -> ScalarSelect[int | None]:
    """The area in which a household lived on the day; NULL where its home is not placed or not known.

    A home that ends on the day of a move is left that day: the next one begins on it. Where two overlap, the one begun later counts.
    Asked home by home, through the index: joined as a table, a wrong estimate would have it read once a household.
    """
    home = aliased(Residence)
    return (
        select(home.community_area)
        .where(
            home.household_id == household_id,
            home.starts_on <= as_of,
            or_(home.ends_on.is_(None), home.ends_on > as_of),
        )
        .order_by(home.starts_on.desc(), home.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def number_of_each(session: Session, kinds: Select[*tuple[Any, ...]]) -> Iterable[Sequence[Any]]:
    """How many rows are alike: their columns, then the number."""
    each = kinds.subquery("each_row")
    return session.execute(select(*each.c, func.count()).group_by(*each.c)).all()


def duplicates(as_of: dt.date) -> Select[int]:
    """Ids of the enrollments, of every program year, that at the end of the day stood as ended for being a duplicate."""
    ended = aliased(EnrollmentEvent)
    return select(ended.enrollment_id).where(
        ended.reason == EndReason.DUPLICATE,
        ended.happened_on <= as_of,
        ended.id == last_step(ended.enrollment_id, as_of),
    )


def last_step(enrollment_id: SQLColumnExpression[int], day: Day) -> ScalarSelect[int]:
    """The id of the step at which one enrollment stood at the end of a day; NULL before its first."""
    step = aliased(EnrollmentEvent)
    return _newest(select(step.id), step, enrollment_id, day)


def standing(enrollment_id: SQLColumnExpression[int], day: Day) -> ScalarSelect[str]:
    """The status of that step."""
    step = aliased(EnrollmentEvent)
    return _newest(select(step.status), step, enrollment_id, day)


def _newest(what: Select[Any], step: Any, enrollment_id: SQLColumnExpression[int], day: Day) -> ScalarSelect[Any]:
    of_it = what.where(step.enrollment_id == enrollment_id, step.happened_on <= day)
    return of_it.order_by(*newest_first(step)).limit(1).scalar_subquery()


def newest_first(step: Any) -> tuple[ColumnElement[Any], ...]:
    """By day, then by entry."""
    return step.happened_on.desc(), step.id.desc()


def is_active(households: Subquery) -> ColumnElement[bool]:
    """Whether a household of `of_year` had active service."""
    return households.c.status == Status.ACTIVE
