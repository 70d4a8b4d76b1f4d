"""Which plans codes are given for: those on sale in the program year, of providers that are still with the program."""

import datetime as dt

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from connectivity.register import Plan, ProgramYear, Provider


def sold_in(year: ProgramYear, on: dt.date) -> tuple[ColumnElement[bool], ...]:
    """WHERE conditions over Plan joined with Provider: as for one household's step, and not taken off sale before `on`."""
    return (
        Provider.active.is_(True),
        Plan.starts_on <= year.ends_on,
        or_(Plan.ends_on.is_(None), Plan.ends_on >= max(year.starts_on, on)),
    )


def is_sold(session: Session, plan: Plan, year: ProgramYear, on: dt.date) -> bool:
    """Whether codes may be given for the plan on this day."""
    found = select(Plan.id).join(Plan.provider).where(Plan.id == plan.id, *sold_in(year, on))
    return session.scalar(found) is not None
