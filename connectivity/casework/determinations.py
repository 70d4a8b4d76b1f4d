"""The one condition for “found not eligible”: what the last determination that still counts says of a household in a program year."""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from connectivity.register import Determination, Source


def counts(one: type[Determination], *, on: dt.date) -> ColumnElement[bool]:
    """A WHERE condition: whether a determination has a say on that day; the last that has one decides.

    An override has its say to its last day, unless somebody decides anew before: then never again, not even once the later decision has
    expired. What stood before them, a run’s, the district’s or an appeal’s determination, counts again, or nothing.
    """
    return or_(one.source != Source.OVERRIDE, and_(one.ended_on.is_(None), one.expires_on >= on))


def found_not_eligible(household_id: Any, program_year_id: Any, *, on: dt.date) -> ColumnElement[bool]:
    """A WHERE condition; takes columns or ids. Without any determination a household is not found not eligible."""
    one = aliased(Determination)
    last = (
        select(one.eligible)
        .where(one.household_id == household_id, one.program_year_id == program_year_id, counts(one, on=on))
        .order_by(one.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return last.is_(False)


def is_found_not_eligible(session: Session, household_id: int, program_year_id: int, *, on: dt.date) -> bool:
    """The same of one household."""
    return bool(session.scalar(select(found_not_eligible(household_id, program_year_id, on=on))))


def deciding(session: Session, household_id: int, *, on: dt.date) -> set[int]:
    """Ids of the household’s determinations that decide on that day: at most one a program year."""
    last = select(func.max(Determination.id)).where(
        Determination.household_id == household_id, counts(Determination, on=on)
    )
    return set(session.scalars(last.group_by(Determination.program_year_id)))
