"""What the household page shows, gathered in a handful of queries however long the history is."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from connectivity.casework.determinations import found_not_eligible
from connectivity.casework.program_years import years_to_start
from connectivity.casework.trail import sought
from connectivity.households.absorbed import Absorbed, absorbed, merges_of
from connectivity.households.history import Entry, history
from connectivity.households.linked import RosterLink, roster_links
from connectivity.households.merge import NEAREST_TO_SERVICE
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
TWO_GO_ON = N_("Decide first which of the two enrollments goes on")
NOTHING_TO_DO = (Status.ACTIVE, Status.ENDED)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One program year of the household: where it stands, what comes next, which steps may follow, first the one that comes next."""

    enrollment: Enrollment
    over: bool  # the program year has ended: nothing is left to do in it
    next_step: str
    may_follow: tuple[Status, ...]
    stands_out: bool  # the first of these steps is what is to be done now
    extended: YearExtension | None  # the newest extension of that year


@dataclass(frozen=True, kw_only=True)
class TwoGoOn:
    """A program year in which the household and one that was merged into it are both enrolled, and the other’s goes on."""

    own: Enrollment
    theirs: Enrollment
    theirs_is_further: bool  # nearer to a working connection than the household’s own


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
    two_go_on: tuple[TwoGoOn, ...]
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
    two = _two_go_on(household, parts, today)
    return HouseholdPage(
        household=household,
        home=home,
        area=session.get(CommunityArea, home.community_area) if home and home.community_area else None,
        map=_map(session, home),
        response=response,
        response_stale=bool(response and (today - response.observed_on).days > STALE_AFTER_DAYS),
        response_student=next((one for one in household.students if response and one.id == response.student_id), None),
        standings=tuple(_standings(session, household, {one.own for one in two}, today)),
        two_go_on=tuple(two),
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


def _two_go_on(household: Household, parts: Sequence[Absorbed], today: dt.date) -> list[TwoGoOn]:
    own = {one.program_year_id: one for one in household.enrollments if one.program_year.ends_on >= today}
    return [
        TwoGoOn(
            own=own[theirs.program_year_id],
            theirs=theirs,
            theirs_is_further=_from_service(theirs) < _from_service(own[theirs.program_year_id]),
        )
        for part in parts
        for theirs in part.enrollments
        if theirs.status != Status.ENDED and theirs.program_year_id in own
    ]


def _from_service(enrollment: Enrollment) -> int:
    return NEAREST_TO_SERVICE.index(Status(enrollment.status))


def _standings(session: Session, household: Household, doubled: set[Enrollment], today: dt.date) -> list[Standing]:
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
        _standing(
            one,
            extended.get(one.program_year_id),
            today,
            refused=one.program_year_id in refused,
            doubled=one in doubled,
        )
        for one in newest_first
    ]


def _standing(
    enrollment: Enrollment, extended: YearExtension | None, today: dt.date, *, refused: bool, doubled: bool
) -> Standing:
    status, path = Status(enrollment.status), enrollment.service_type
    over, steps = enrollment.program_year.ends_on < today, may_follow(status, ServiceType(path) if path else None)
    to_end = refused and status is not Status.ENDED
    if to_end:
        steps = (Status.ENDED, *(one for one in steps if one is not Status.ENDED))
    return Standing(
        enrollment=enrollment,
        over=over,
        next_step=TWO_GO_ON if doubled else NOT_ELIGIBLE if to_end else NEXT_STEP[status],
        may_follow=steps,
        stands_out=not over and not doubled and (to_end or status not in NOTHING_TO_DO),
        extended=extended,
    )


def _not_eligible(session: Session, household: Household, today: dt.date) -> set[int]:
    """Program years (ids) for which the household is found not eligible."""
    refused = found_not_eligible(Enrollment.household_id, Enrollment.program_year_id, on=today)
    years = select(Enrollment.program_year_id).where(Enrollment.household_id == household.id, refused)
    return set(session.scalars(years))
