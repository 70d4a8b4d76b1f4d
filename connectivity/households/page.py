"""What the household page shows, gathered in a handful of queries however long the history is."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from connectivity.casework.determinations import found_not_eligible
from connectivity.casework.program_years import years_to_start
from connectivity.casework.trail import sought
from connectivity.households.absorbed import Absorbed, absorbed, merges_of
from connectivity.households.history import Entry, history
from connectivity.households.linked import RosterLink, roster_links
from connectivity.households.questions import open_about
from connectivity.households.service_address import current_service_address
from connectivity.households.small_map import SmallMap, draw
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
    YearExtension,
)
from connectivity.rules.service_states import N_, NEXT_STEP, ServiceType, Status, may_follow

STALE_AFTER_DAYS = 365
NOT_ELIGIBLE = N_("Determined not eligible: end the enrollment, or ask the eligibility office")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One program year of the household: where it stands, what comes next, which steps may follow."""

    enrollment: Enrollment
    over: bool  # the program year has ended: nothing is left to do in it
    next_step: str
    may_follow: tuple[Status, ...]
    extended: YearExtension | None  # the newest extension of that year


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
        standings=tuple(_standings(session, household, today)),
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


def _standings(session: Session, household: Household, today: dt.date) -> list[Standing]:
    enrollments = household.enrollments
    newest_first = sorted(enrollments, key=lambda one: one.program_year.starts_on, reverse=True)
    years = [one.program_year_id for one in enrollments]
    rows = session.scalars(
        select(YearExtension)
        .where(YearExtension.program_year_id.in_(years), YearExtension.taken_back_at.is_(None))
        .order_by(YearExtension.id)
    )
    extended = {one.program_year_id: one for one in rows}  # the last of a year stays
    refused = _not_eligible(session, household, today)
    return [
        Standing(
            enrollment=one,
            over=one.program_year.ends_on < today,
            next_step=_next_step(one, refused),
            may_follow=may_follow(Status(one.status), ServiceType(one.service_type) if one.service_type else None),
            extended=extended.get(one.program_year_id),
        )
        for one in newest_first
    ]


def _next_step(enrollment: Enrollment, refused: set[int]) -> str:
    if enrollment.status != Status.ENDED and enrollment.program_year_id in refused:
        return NOT_ELIGIBLE
    return NEXT_STEP[Status(enrollment.status)]


def _not_eligible(session: Session, household: Household, today: dt.date) -> set[int]:
    """Program years (ids) for which the household is found not eligible."""
    refused = found_not_eligible(Enrollment.household_id, Enrollment.program_year_id, on=today)
    years = select(Enrollment.program_year_id).where(Enrollment.household_id == household.id, refused)
    return set(session.scalars(years))
