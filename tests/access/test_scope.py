"""The one narrowing of every query: roles crossed with scopes, ids compared."""

import datetime as dt

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access.scope import in_scope
from connectivity.register import Account, Household, Role, School, Student
from tests import factories

TODAY = dt.date(2026, 10, 5)
DAY = dt.timedelta(days=1)
UPTOWN, AUSTIN, EDGEWATER = 3, 25, 77


class Town:
    """Homes in three areas and one not placed; two schools; one family with a child at each."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.schools = list(session.scalars(select(School.id).order_by(School.id).limit(3)))
        first, second, _third = self.schools
        homes = {
            "uptown": (UPTOWN, [first]),
            "both": (UPTOWN, [first, second]),
            "austin": (AUSTIN, [second]),
            "edgewater": (EDGEWATER, [first]),
            "nowhere": (None, [second]),
        }
        self.names: dict[int, str] = {}
        self.pupils: dict[int, str] = {}
        for name, (area, schools) in homes.items():
            home = factories.household(
                session,
                area=area,
                students=[{"school_id": one, "last_name": name, "first_name": one} for one in schools],
            )
            self.names[home.id] = name
        for one in session.scalars(select(Student)):
            self.pupils[one.id] = f"{one.last_name} at {self.schools.index(one.school_id) + 1}"

    def homes(self, account: Account) -> set[str]:
        return {
            self.names[one]
            for one in self.session.scalars(select(Household.id).where(in_scope(Household, account, today=TODAY)))
        }

    def students(self, account: Account) -> set[str]:
        return {
            self.pupils[one]
            for one in self.session.scalars(select(Student.id).where(in_scope(Student, account, today=TODAY)))
        }

    def school_ids(self, account: Account) -> set[str]:
        return set(self.session.scalars(select(School.id).where(in_scope(School, account, today=TODAY))))


@pytest.fixture
def town(session: Session) -> Town:
    return Town(session)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.STAFF, Role.ELIGIBILITY])
def test_the_office_and_the_eligibility_role_see_everything(town: Town, role: Role) -> None:
    account = factories.account(town.session, role)
    assert town.homes(account) == set(town.names.values())
    assert town.students(account) == set(town.pupils.values())
    assert set(town.schools) < town.school_ids(account)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.STAFF, Role.PARTNER, Role.SCHOOL])
def test_a_household_that_was_merged_is_in_nobodys_sight(town: Town, role: Role) -> None:
    organization = factories.organization(town.session, areas=[UPTOWN, EDGEWATER, AUSTIN])
    schools = town.schools if role is Role.SCHOOL else []
    account = factories.account(town.session, role, organization_id=organization.id, schools=schools)
    before, pupils = town.homes(account), town.students(account)
    ids = {name: one for one, name in town.names.items()}
    town.session.get_one(Household, ids["uptown"]).merged_into_id = ids["both"]
    town.session.flush()
    assert before - town.homes(account) == {"uptown"}
    assert town.students(account) == pupils


def test_the_council_sees_no_person_and_no_school_of_its_own(town: Town) -> None:
    account = factories.account(town.session, Role.COUNCIL, schools=town.schools, areas=[UPTOWN])
    assert town.homes(account) == town.students(account) == town.school_ids(account) == set()


def test_a_school_sees_its_own_students_and_never_a_sibling_at_another_school(town: Town) -> None:
    first, second, third = town.schools
    see = {
        (first,): {"uptown at 1", "both at 1", "edgewater at 1"},
        (second,): {"both at 2", "austin at 2", "nowhere at 2"},
        (first, second): set(town.pupils.values()),
        (third,): set(),
        (): set(),
    }
    for schools, students in see.items():
        account = factories.account(town.session, Role.SCHOOL, schools=list(schools))
        assert town.students(account) == students
        assert town.school_ids(account) == set(schools)
        assert town.homes(account) == {student.split(" at ")[0] for student in students}


def test_a_partner_sees_the_homes_of_its_organizations_areas(town: Town) -> None:
    organization = factories.organization(town.session, areas=[UPTOWN, EDGEWATER])
    account = factories.account(town.session, Role.PARTNER, organization_id=organization.id)
    assert town.homes(account) == {"uptown", "both", "edgewater"}
    assert town.students(account) == {"uptown at 1", "both at 1", "both at 2", "edgewater at 1"}
    assert town.school_ids(account) == set()


def test_a_partner_account_with_areas_of_its_own_sees_only_those_its_organization_has_too(town: Town) -> None:
    organization = factories.organization(town.session, areas=[UPTOWN, EDGEWATER])
    narrowed = factories.account(town.session, Role.PARTNER, organization_id=organization.id, areas=[EDGEWATER, AUSTIN])
    assert town.homes(narrowed) == {"edgewater"}


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "sees"),
    [
        (TODAY, TODAY, True),
        (TODAY - DAY, None, True),
        (TODAY + DAY, None, False),
        (TODAY - 9 * DAY, TODAY - DAY, False),
        (TODAY - 9 * DAY, TODAY, True),
    ],
)
def test_a_partner_sees_homes_from_the_first_to_the_last_day_of_the_assignment(
    town: Town, starts_on: dt.date, ends_on: dt.date | None, sees: bool
) -> None:
    organization = factories.organization(town.session, areas=[AUSTIN], starts_on=starts_on, ends_on=ends_on)
    account = factories.account(town.session, Role.PARTNER, organization_id=organization.id)
    assert town.homes(account) == ({"austin"} if sees else set())


def test_a_partner_without_an_organization_sees_nothing(town: Town) -> None:
    factories.organization(town.session, areas=[UPTOWN])
    account = factories.account(town.session, Role.PARTNER, areas=[UPTOWN])
    assert town.homes(account) == town.students(account) == set()


def test_a_home_that_moved_away_leaves_the_partners_sight(town: Town) -> None:
    organization = factories.organization(town.session, areas=[UPTOWN])
    account = factories.account(town.session, Role.PARTNER, organization_id=organization.id)
    moved = town.session.scalars(select(Household).where(Household.id == min(town.names))).one()
    moved.residences[0].ends_on = TODAY
    town.session.flush()
    town.session.add(factories.residence(moved.id, AUSTIN))
    town.session.flush()
    assert town.homes(account) == {"both"}


def test_schools_of_an_account_that_is_no_school_widen_nothing(town: Town) -> None:
    organization = factories.organization(town.session, areas=[AUSTIN])
    account = factories.account(town.session, Role.PARTNER, organization_id=organization.id, schools=town.schools)
    assert town.students(account) == {"austin at 2"}
