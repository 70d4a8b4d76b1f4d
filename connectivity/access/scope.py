"""The one place that narrows a query to the rows an account may see."""

import datetime as dt

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from connectivity.register import Account, Household, OrganizationArea, Residence, Role, School, Student
from connectivity.rules.calendar import city_today


def in_scope(
    noun: type[Household] | type[Student] | type[School], account: Account, *, today: dt.date | None = None
) -> ColumnElement[bool]:
    """A WHERE condition: the rows of `noun` that this account may see, and no others.

    Admin, staff and eligibility see all. A partner sees households living now in the areas assigned to its organization today (narrowed to the
    account's own areas, if it has any). A school sees its own students and the households they live in. The council sees no rows.
    A household that was merged into another one is in nobody's sight.
    """
    seen = _of_role(noun, account, today)
    return and_(seen, Household.merged_into_id.is_(None)) if noun is Household else seen


def _of_role(
    noun: type[Household] | type[Student] | type[School], account: Account, today: dt.date | None
) -> ColumnElement[bool]:
    match account.role:
        case Role.ADMIN | Role.STAFF | Role.ELIGIBILITY:
            return true()
        case Role.PARTNER:
            return _in_areas(noun, account, today or city_today())
        case Role.SCHOOL:
            return _in_schools(noun, account)
    return false()


def _in_areas(
    noun: type[Household] | type[Student] | type[School], account: Account, today: dt.date
) -> ColumnElement[bool]:
    assigned = select(OrganizationArea.community_area).where(
        OrganizationArea.organization_id == account.organization_id,
        OrganizationArea.starts_on <= today,
        or_(OrganizationArea.ends_on.is_(None), OrganizationArea.ends_on >= today),
    )
    if noun is School:
        return false()
    living_there: Select[int] = select(Residence.household_id).where(
        Residence.ends_on.is_(None), Residence.community_area.in_(assigned)
    )
    own = [area.number for area in account.areas]
    if own:
        living_there = living_there.where(Residence.community_area.in_(own))
    return (Household.id if noun is Household else Student.household_id).in_(living_there)


def _in_schools(noun: type[Household] | type[Student] | type[School], account: Account) -> ColumnElement[bool]:
    schools = [school.id for school in account.schools]
    if noun is School:
        return School.id.in_(schools)
    if noun is Student:
        return Student.school_id.in_(schools)
    return Household.id.in_(select(Student.household_id).where(and_(Student.school_id.in_(schools))))
