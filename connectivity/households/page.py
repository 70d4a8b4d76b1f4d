"""What the household page shows, gathered in a handful of queries however long the history is."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from connectivity.households.absorbed import Absorbed, absorbed, merges_of
from connectivity.households.enrollments import continues
from connectivity.households.history import Entry, history
from connectivity.households.linked import RosterLink, roster_links
from connectivity.households.questions import open_about
from connectivity.households.service_address import current_service_address
from connectivity.households.small_map import SmallMap, draw
from connectivity.households.trail import sought
from connectivity.reference import store
from connectivity.register import (
    Account,
    CommunityArea,
    ConnectivityResponse,
    Enrollment,
    Household,
    HouseholdMerge,
    HouseholdQuestion,
    ProgramYear,
    Residence,
    ServiceAddress,
    Student,
)
from connectivity.rules.service_states import NEXT, NEXT_STEP, Status

STALE_AFTER_DAYS = 365


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One program year of the household: where it stands, what comes next, which steps may follow."""

    enrollment: Enrollment
    over: bool  # the program year has ended: nothing is left to do in it
    next_step: str
    may_follow: tuple[Status, ...]


@dataclass(frozen=True, kw_only=True)
class HouseholdPage:
    """Everything on the page."""

    household: Household
    home: Residence | None
    area: CommunityArea | None
    map: SmallMap | None
    response: ConnectivityResponse | None  # the newest
    response_stale: bool
    response_student: Student | None
    standings: tuple[Standing, ...]
    open_years: tuple[ProgramYear, ...]  # the household may start in these
    service_address: ServiceAddress | None  # None: the connection goes to the home
    parts: tuple[Absorbed, ...]  # households merged into this one
    merges: tuple[HouseholdMerge, ...]  # newest first, undone ones too
    questions: tuple[HouseholdQuestion, ...]  # open ones
    links: Mapping[int, RosterLink]  # student id -> where the link to this household came from
    history: tuple[Entry, ...]


def household_page(session: Session, account: Account, reference: str, today: dt.date) -> HouseholdPage | None:
    """None: no such household in the account's scope."""
    household = session.scalar(
        sought(account, reference).options(
            selectinload(Household.phones),
            selectinload(Household.students).joinedload(Student.school),
            selectinload(Household.residences),
            selectinload(Household.responses),
            selectinload(Household.enrollments).options(
                joinedload(Enrollment.program_year),
                joinedload(Enrollment.provider),
                joinedload(Enrollment.plan),
                joinedload(Enrollment.membership_code),
            ),
        )
    )
    if household is None:
        return None
    home = next((one for one in household.residences if one.ends_on is None), None)
    response = household.responses[0] if household.responses else None
    parts = absorbed(session, household)
    return HouseholdPage(
        household=household,
        home=home,
        area=session.get(CommunityArea, home.community_area) if home and home.community_area else None,
        map=_map(session, home),
        response=response,
        response_stale=bool(response and (today - response.observed_on).days > STALE_AFTER_DAYS),
        response_student=next((one for one in household.students if response and one.id == response.student_id), None),
        standings=tuple(_standings(household.enrollments, today)),
        open_years=tuple(years_to_start(session, household)),
        service_address=current_service_address(session, household),
        parts=tuple(parts),
        merges=tuple(merges_of(session, household, parts)),
        questions=tuple(open_about(session, household)),
        links=roster_links(session, household.students),
        history=tuple(history(session, household, [one.household for one in parts])),
    )


def _map(session: Session, home: Residence | None) -> SmallMap | None:
    if home is None or (home.community_area is None and home.lon is None):
        return None
    return draw(store.drawing_geojson(session), area=home.community_area, lon=home.lon, lat=home.lat)


def _standings(enrollments: Sequence[Enrollment], today: dt.date) -> list[Standing]:
    newest_first = sorted(enrollments, key=lambda one: one.program_year.starts_on, reverse=True)
    return [
        Standing(
            enrollment=one,
            over=one.program_year.ends_on < today,
            next_step=NEXT_STEP[Status(one.status)],
            may_follow=NEXT[Status(one.status)],
        )
        for one in newest_first
    ]


def years_to_start(session: Session, household: Household) -> list[ProgramYear]:
    """Program years, newest first, that this household is not in and may join."""
    taken = select(Enrollment.program_year_id).where(Enrollment.household_id == household.id)
    years = session.scalars(
        select(ProgramYear).where(ProgramYear.id.not_in(taken)).order_by(ProgramYear.starts_on.desc())
    )
    return [year for year in years if year.open_to_new or continues(session, household, year)]
