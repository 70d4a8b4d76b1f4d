"""Eligible and connected households by community area, counted from the register in one query. Unprotected: for `disclosure` alone."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from connectivity.equity.disclosure.whole_rows import Counts
from connectivity.register import Enrollment, EnrollmentEvent, Household, ProgramYear, Residence
from connectivity.rules.service_states import EndReason, Status


@dataclass(frozen=True, kw_only=True)
class ProgramCounts:
    """One program year on one day: areas with at least one eligible household, and the households not placed on the map."""

    areas: Mapping[int, Counts]
    unplaced: Counts


def count(session: Session, *, program_year: ProgramYear, as_of: dt.date) -> ProgramCounts:
    """Counts each household once, in the area where it lives now.

    Eligible: its enrollment in the year began by `as_of`, however it went on, unless it then stood as ended for being a
    duplicate. Active: the last step by `as_of` was "active". A household that was merged into another one counts as that one: what
    it keeps under its own name are enrollments of years in which the other has one too.
    """
    standing = (
        select(
            EnrollmentEvent.enrollment_id,
            EnrollmentEvent.status,
            EnrollmentEvent.reason,
            func.row_number()
            .over(
                partition_by=EnrollmentEvent.enrollment_id,
                order_by=(EnrollmentEvent.happened_on.desc(), EnrollmentEvent.id.desc()),
            )
            .label("back"),
        )
        .join(Enrollment, Enrollment.id == EnrollmentEvent.enrollment_id)
        .where(Enrollment.program_year_id == program_year.id, EnrollmentEvent.happened_on <= as_of)
        .subquery()
    )
    rows = session.execute(
        select(
            Residence.community_area,
            func.count(),
            func.sum(case((standing.c.status == Status.ACTIVE, 1), else_=0)),
        )
        .select_from(standing)
        .join(Enrollment, Enrollment.id == standing.c.enrollment_id)
        .join(Household, Household.id == Enrollment.household_id)
        .outerjoin(Residence, and_(Residence.household_id == Enrollment.household_id, Residence.ends_on.is_(None)))
        .where(
            standing.c.back == 1,
            or_(standing.c.reason.is_(None), standing.c.reason != EndReason.DUPLICATE),
            Household.merged_into_id.is_(None),
        )
        .group_by(Residence.community_area)
    )
    counted = {area: Counts(eligible=int(eligible), active=int(active)) for area, eligible, active in rows}
    unplaced = counted.pop(None, Counts(eligible=0, active=0))
    return ProgramCounts(areas=counted, unplaced=unplaced)
