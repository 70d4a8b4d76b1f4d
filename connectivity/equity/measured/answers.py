"""What eligible households said about their connection: who answered, who has internet, how well it works, what stands in the way. One query."""

import datetime as dt

from sqlalchemy import ColumnElement, Subquery, and_, case, select
from sqlalchemy.orm import Session

from connectivity.equity.measured.base import UNKNOWN
from connectivity.equity.measured.cells import Tables, area_cell, empty
from connectivity.equity.measured.households import area_on, number_of_each, of_year
from connectivity.register import ConnectivityResponse, Residence
from connectivity.rules.connectivity_codes import Access, Performance


def answers(session: Session, *, program_year_id: int, as_of: dt.date) -> Tables:
    """Households that answered in the 12 months to the day, each with its newest answer about internet in the home it lived in then."""
    found, answer = _newest(of_year(program_year_id, as_of), as_of), ConnectivityResponse
    kinds = (
        select(
            area_on(found.c.household_id, as_of).label("area"),
            _access(as_of).label("access"),
            answer.barrier,
            answer.performance,
        )
        .select_from(found)
        .join(answer, answer.id == found.c.answer_id)
        .outerjoin(Residence, Residence.id == answer.residence_id)
    )
    tables = empty("responded", "access_known", "access_yes", "adequate", "unconnected_by_barrier")
    for area, access, barrier, performance, number in number_of_each(session, kinds):
        for key in _shown(access, performance):
            tables[key][area_cell(area)] += number
        if access == Access.NO:
            tables["unconnected_by_barrier"][barrier or UNKNOWN] += number
    return tables


def _shown(access: str | None, performance: str | None) -> tuple[str, ...]:
    """The tables by area that an answer counts in. “Unknown” and “Declined” are answers that leave access unknown."""
    if access not in (Access.YES, Access.NO):
        return ("responded",)
    if access == Access.NO:
        return ("responded", "access_known")
    adequate = ("adequate",) if performance == Performance.YES else ()
    return ("responded", "access_known", "access_yes", *adequate)


def _newest(found: Subquery, as_of: dt.date) -> Subquery:
    """Each household with the newest answer of the 12 months in which the question about internet was answered, else with the newest."""
    answer, access = ConnectivityResponse, _access(as_of)
    newest = (
        select(answer.id)
        .outerjoin(Residence, Residence.id == answer.residence_id)
        .where(
            answer.household_id == found.c.household_id,
            answer.observed_on > a_year_before(as_of),
            answer.observed_on <= as_of,
        )
        .order_by(case((access.is_(None), 1), else_=0), answer.observed_on.desc(), answer.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(found.c.household_id, newest.label("answer_id")).subquery("newest")


def _access(as_of: dt.date) -> ColumnElement[str | None]:
    """What an answer (ConnectivityResponse, with its Residence if any) says about internet at home.

    A connection belongs to a home: of one that the household had left by then, only that it answered counts.
    """
    answer = ConnectivityResponse
    left = and_(Residence.household_id == answer.household_id, Residence.ends_on <= as_of)
    return case((left, None), else_=answer.access)


def a_year_before(day: dt.date) -> dt.date:
    """The same day of the year before; for February 29 the 28th."""
    if (day.month, day.day) == (2, 29):
        return day.replace(year=day.year - 1, day=28)
    return day.replace(year=day.year - 1)
