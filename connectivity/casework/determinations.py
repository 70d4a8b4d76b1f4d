"""The one condition for “found not eligible”: what the last determination that still counts says of a household in a program year."""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from connectivity.register import Determination, Source


def found_not_eligible(household_id: Any, program_year_id: Any, *, on: dt.date) -> ColumnElement[bool]:
    """A WHERE condition; takes columns or ids. Without any determination a household is not found not eligible.

    An override whose last day has passed says nothing any more: what stood before it counts again, as in a run.
    """
    one = aliased(Determination)
    last = (
        select(one.eligible)
        .where(
            one.household_id == household_id,
            one.program_year_id == program_year_id,
            or_(one.source != Source.OVERRIDE, one.expires_on >= on),
        )
        .order_by(one.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return last.is_(False)


def is_found_not_eligible(session: Session, household_id: int, program_year_id: int, *, on: dt.date) -> bool:
    """The same of one household."""
    return bool(session.scalar(select(found_not_eligible(household_id, program_year_id, on=on))))
