"""Households by the dozen for the council's tests: an area gets so many eligible ones, of which so many are active."""

import datetime as dt
import itertools

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from connectivity.equity import releases
from connectivity.register import CommunityArea, Enrollment, EnrollmentEvent, Household, Release, Residence
from tests import factories

_numbers = itertools.count(1)
AS_OF = dt.date(2026, 10, 1)
NAMES = [
    "original",
    "line",
    "unit",
    "city",
    "state",
    "zip",
    "community_area",
    "method",
    "certainty",
    "edge_feet",
    "lon",
    "lat",
    "reason",
    "starts_on",
]


def enroll(session: Session, area: int | None, *, eligible: int, active: int) -> None:
    """Adds households to `area` (None: not placed) in the open program year, in four statements."""
    if not eligible:
        return
    year = factories.program_year(session)
    people = {"guardian_first_name": "Ana", "guardian_last_name": "Lee", "language": "en"}
    homes = session.scalars(
        insert(Household).returning(Household.id),
        [{"reference": f"E{next(_numbers):07d}", **people} for _ in range(eligible)],
    ).all()
    states = ["active" if at < active else "eligible" for at in range(eligible)]
    lives = factories.residence(0, area)
    session.execute(
        insert(Residence), [{**{name: getattr(lives, name) for name in NAMES}, "household_id": home} for home in homes]
    )
    enrollments = session.execute(
        insert(Enrollment).returning(Enrollment.id, Enrollment.status),
        [
            {"household_id": home, "program_year_id": year.id, "status": state, "status_on": factories.DAY}
            for home, state in zip(homes, states, strict=True)
        ],
    ).all()
    steps = [(number, step) for number, state in enrollments for step in dict.fromkeys(("eligible", state))]
    session.execute(
        insert(EnrollmentEvent),
        [{"enrollment_id": number, "status": step, "happened_on": factories.DAY, "note": ""} for number, step in steps],
    )


def everywhere(session: Session, *, eligible: int, active: int, but: dict[int, tuple[int, int]] | None = None) -> None:
    """The same in every area, except in those of `but`: number -> (eligible, active)."""
    for number in session.scalars(select(CommunityArea.number).order_by(CommunityArea.number)).all():
        own = (but or {}).get(number, (eligible, active))
        enroll(session, number, eligible=own[0], active=own[1])


def released(session: Session) -> Release:
    """A release of what stands, committed."""
    made = releases.compute(session, program_year=factories.program_year(session), as_of=AS_OF, account=None)
    session.commit()
    return made
