"""What the list of the stalled and the funnel are narrowed to: within the account's scope, by area, school, organization, language, path."""

import datetime as dt
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from connectivity.access.scope import in_scope
from connectivity.register import (
    Account,
    CommunityArea,
    Enrollment,
    Household,
    Organization,
    OrganizationArea,
    Residence,
    Role,
    School,
    Student,
)

UNKNOWN_PATH = "unknown"


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """Empty text: not narrowed. No personal value among them, so they may stand in a page's address."""

    area: str = ""
    school: str = ""
    organization: str = ""
    language: str = ""
    service_type: str = ""

    def chosen(self) -> dict[str, str]:
        """What is set, by name."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, kw_only=True)
class Offered:
    """What an account may narrow to: code -> name."""

    areas: dict[str, str]
    schools: dict[str, str]
    organizations: dict[str, str]


def conditions(account: Account, narrowing: Narrowing, *, today: dt.date) -> list[ColumnElement[bool]]:
    """WHERE conditions over Enrollment joined with Household: the account's scope first, then what was chosen."""
    found = [in_scope(Household, account, today=today)]
    if narrowing.area:
        found.append(_living_in(Residence.community_area == int(narrowing.area)))
    if narrowing.organization:
        found.append(_living_in(Residence.community_area.in_(_areas_of(int(narrowing.organization), today))))
    if narrowing.school:
        found.append(Household.id.in_(select(Student.household_id).where(Student.school_id == narrowing.school)))
    if narrowing.language:
        found.append(Household.language == narrowing.language)
    if narrowing.service_type == UNKNOWN_PATH:
        found.append(Enrollment.service_type.is_(None))
    elif narrowing.service_type:
        found.append(Enrollment.service_type == narrowing.service_type)
    return found


def offered(session: Session, account: Account, *, today: dt.date) -> Offered:
    """Areas by number, schools by name, organizations by name. A partner is offered its own areas and no organization."""
    areas = session.execute(select(CommunityArea.number, CommunityArea.name).order_by(CommunityArea.name)).all()
    organizations = session.execute(select(Organization.id, Organization.name).order_by(Organization.name)).all()
    if account.role == Role.PARTNER:
        own = _own_areas(session, account, today)
        areas, organizations = [one for one in areas if one.number in own], []
    schools = session.execute(select(School.id, School.name).order_by(School.name, School.id)).all()
    return Offered(
        areas={str(number): name for number, name in areas},
        schools={code: name for code, name in schools},  # noqa: C416 - rows are no plain pairs
        organizations={str(number): name for number, name in organizations},
    )


def _living_in(where: ColumnElement[bool]) -> ColumnElement[bool]:
    return Household.id.in_(select(Residence.household_id).where(Residence.ends_on.is_(None), where))


def _areas_of(organization_id: int, today: dt.date) -> Select[int]:
    """Areas assigned to the organization on that day."""
    return select(OrganizationArea.community_area).where(
        OrganizationArea.organization_id == organization_id,
        OrganizationArea.starts_on <= today,
        or_(OrganizationArea.ends_on.is_(None), OrganizationArea.ends_on >= today),
    )


def _own_areas(session: Session, account: Account, today: dt.date) -> set[int]:
    """As access.scope narrows a partner: its organization's areas of today, narrowed to the account's own if it has any."""
    assigned = set(session.scalars(_areas_of(account.organization_id or 0, today)))
    own = {area.number for area in account.areas}
    return assigned & own if own else assigned
