"""A home for which two enrollments of a program year go on, because two households were merged: one ends, the other one goes on."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from connectivity.casework.merged import absorbed_ids, goes_on_here
from connectivity.casework.trail import record_change
from connectivity.register import Account, Enrollment, Household
from connectivity.rules.service_states import Status
from connectivity.service.enrollments import Step, step


class Ends(StrEnum):
    """Which of the two ends."""

    THEIRS = "theirs"  # of the household that was merged
    OWN = "own"  # of the household itself: the other one takes its place


@dataclass(frozen=True)
class Two:
    """The household's own enrollment and that of a household merged into it, which has not ended."""

    own: Enrollment
    theirs: Enrollment

    @property
    def stood(self) -> str:
        """Where both stand, for a form to remember."""
        return f"{self.own.status} {self.theirs.status}"


def two_of(session: Session, household: Household, year_id: int, part: str) -> Two | None:
    """Those of a program year; None if there are no two, or the one of the merged household (`part`: its reference) has ended."""
    rows = session.scalars(
        select(Enrollment)
        .options(joinedload(Enrollment.household))
        .where(
            Enrollment.household_id.in_([household.id, *absorbed_ids(session, household.id)]),
            Enrollment.program_year_id == year_id,
        )
        .execution_options(populate_existing=True)
    )
    found = {one.household.reference: one for one in rows}
    own, theirs = found.pop(household.reference, None), found.get(part)
    if own is None or theirs is None or theirs.status == Status.ENDED:
        return None
    return Two(own, theirs)


def end_one(
    session: Session, *, account: Account, household: Household, two: Two, ends: Ends, taken: Step, today: dt.date
) -> None:
    """Ends it by the same step as any other; both households are held. The household's own, if it ends or has ended, gives its place to the other.

    Raises StepRefused.
    """
    ending = two.theirs if ends is Ends.THEIRS else two.own
    if ending.status != Status.ENDED:
        step(session, account=account, household=household, enrollment=ending, taken=taken, today=today)
    if ends is Ends.THEIRS:
        return
    came_from, year = two.theirs.household.reference, two.theirs.program_year.label
    goes_on_here(session, household, two.theirs)
    record_change(
        session,
        account=account,
        action="enrollment.changed_places",
        household=household,
        changes={"household": [None, came_from], "program_year": [None, year]},
    )
