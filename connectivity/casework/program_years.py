"""Program years: which of them a form begins with, and which a household may join."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from connectivity.casework.merged import absorbed_ids
from connectivity.register import Enrollment, EnrollmentEvent, Household, ProgramYear
from connectivity.rules.calendar import city_today
from connectivity.rules.service_states import Status


def to_begin_with(years: Sequence[ProgramYear], today: dt.date) -> ProgramYear | None:
    """The one of these years that a form begins with: the one that runs today, else the next to come, else the last; None without any.

    Where two run side by side, the one that began last.
    """

    def rank(year: ProgramYear) -> tuple[bool, bool, int]:
        runs, comes = year.starts_on <= today <= year.ends_on, year.starts_on > today
        return runs, comes, -year.starts_on.toordinal() if comes else year.starts_on.toordinal()

    return max(years, key=rank, default=None)


def continues(session: Session, household: Household, year: ProgramYear) -> bool:
    """Whether the household, or one merged into it, had service in an earlier program year: it is then no new household."""
    ids = [household.id, *absorbed_ids(session, household.id)]
    return bool(
        session.scalar(
            select(
                exists()
                .where(
                    Enrollment.household_id.in_(ids),
                    EnrollmentEvent.enrollment_id == Enrollment.id,
                    EnrollmentEvent.status == Status.ACTIVE,
                    ProgramYear.id == Enrollment.program_year_id,
                    ProgramYear.starts_on < year.starts_on,
                )
                .correlate(None)
            )
        )
    )


def years_to_start(session: Session, household: Household) -> list[ProgramYear]:
    """Program years that this household is not in and may join: the one that a form begins with, then the others, the newest first."""
    taken = select(Enrollment.program_year_id).where(Enrollment.household_id == household.id)
    years = session.scalars(
        select(ProgramYear).where(ProgramYear.id.not_in(taken)).order_by(ProgramYear.starts_on.desc())
    )
    may = [year for year in years if year.open_to_new or continues(session, household, year)]
    begins = to_begin_with(may, city_today())
    return sorted(may, key=lambda year: year is not begins)
