"""Which program years a household may join."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from connectivity.casework.merged import absorbed_ids
from connectivity.register import Enrollment, EnrollmentEvent, Household, ProgramYear
from connectivity.rules.service_states import Status


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
    """Program years, newest first, that this household is not in and may join."""
    taken = select(Enrollment.program_year_id).where(Enrollment.household_id == household.id)
    years = session.scalars(
        select(ProgramYear).where(ProgramYear.id.not_in(taken)).order_by(ProgramYear.starts_on.desc())
    )
    return [year for year in years if year.open_to_new or continues(session, household, year)]
