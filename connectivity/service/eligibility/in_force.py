"""The one condition for “found not eligible”: what a determination in force says of a household in a program year."""

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, exists, or_

from connectivity.register import Determination, Source


def found_not_eligible(household_id: Any, program_year_id: Any, *, on: dt.date) -> ColumnElement[bool]:
    """A WHERE condition: the determination in force on this day says “not eligible”. Takes columns or ids.

    Nobody's word says neither: a household without a determination is not found not eligible. An override whose last day has passed
    is no longer in force; appeals and what a run decided stand until the next determination ends them.
    """
    lasts = or_(Determination.source != Source.OVERRIDE, Determination.expires_on >= on)
    return exists().where(
        Determination.household_id == household_id,
        Determination.program_year_id == program_year_id,
        Determination.ended_on.is_(None),
        Determination.eligible.is_(False),
        lasts,
    )
