"""How far the households of a program year came: by area, by language, by brake, and by days from code to active. One query."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, or_, select
from sqlalchemy.orm import Session, aliased

from connectivity.equity.measured.base import DAY_BANDS, LANGUAGES, OTHER, OVER, UNKNOWN
from connectivity.equity.measured.brakes import brake
from connectivity.equity.measured.cells import Tables, area_cell, empty
from connectivity.equity.measured.households import area_on, is_active, number_of_each, of_year
from connectivity.equity.measured.later import days_after
from connectivity.register import EnrollmentEvent, Household
from connectivity.rules.service_stages import Stage
from connectivity.rules.service_states import Status

STAGES = {
    "eligible": Stage.ELIGIBLE,
    "contacted": Stage.CONTACTED,
    "code_issued": Stage.CODE_ISSUED,
    "ordered": Stage.ORDERED,
    "ever_active": Stage.ACTIVE,
}
PATHS = ("active_wired", "active_hotspot", "active_smartphone", "active_unknown")
CITY = ("eligible_by_language", "active_by_language", "not_taking_part_by_brake", "ever_active_by_days")


def reach(session: Session, *, program_year_id: int, as_of: dt.date) -> Tables:
    """Households: the stages, the paths of the active, and the citywide tables by language, brake and days."""
    found = of_year(program_year_id, as_of)
    kinds = (
        select(
            area_on(found.c.household_id, as_of).label("area"),
            _language().label("language"),
            found.c.reached,
            _path(found, as_of).label("path"),
            brake().label("brake"),
            _days(found).label("days"),
        )
        .select_from(found)
        .join(Household, Household.id == found.c.household_id)
        .join(EnrollmentEvent, EnrollmentEvent.id == found.c.last_id)
    )
    return _tables(number_of_each(session, kinds))


def _tables(rows: Iterable[Sequence[Any]]) -> Tables:
    """From the number of households of each kind."""
    tables = empty(*STAGES, "active", *PATHS, *CITY)
    for area, language, reached, path, held_by, days, number in rows:
        cell = area_cell(area)
        for key, stage in STAGES.items():
            tables[key][cell] += number * (reached >= stage)
        tables["eligible_by_language"][language] += number
        if path:
            for key in ("active", f"active_{path}"):
                tables[key][cell] += number
            tables["active_by_language"][language] += number
        if held_by:
            tables["not_taking_part_by_brake"][held_by] += number
        if days:
            tables["ever_active_by_days"][days] += number
    return tables


def _language() -> ColumnElement[str]:
    return case((Household.language.in_(LANGUAGES), Household.language), else_=OTHER)


def _path(found: Subquery, as_of: dt.date) -> ColumnElement[str]:
    """How an active household was connected; NULL for the others.

    The register holds the last path alone. Where a code was issued after the day, perhaps of another path, nobody can say any more.
    """
    step = aliased(EnrollmentEvent)
    issued_since = (
        select(step.id)
        .where(
            step.enrollment_id == found.c.enrollment_id,
            step.status == Status.CODE_ISSUED,
            step.happened_on > as_of,
        )
        .exists()
    )
    return case(
        (~is_active(found), None),
        (or_(found.c.service_type.is_(None), issued_since), UNKNOWN),
        else_=found.c.service_type,
    )


def _days(found: Subquery) -> ColumnElement[str]:
    """The band of days from the first code to active service; NULL for a household that never had it.

    A code that was not recorded, or only after service began, tells nothing about waiting.
    """
    coded, active = found.c.coded_on, found.c.active_on
    told = and_(coded.is_not(None), coded <= active)
    bands = ((active <= days_after(coded, most), cell) for cell, most in DAY_BANDS.items())
    return case((active.is_(None), None), (~told, UNKNOWN), *bands, else_=OVER)
