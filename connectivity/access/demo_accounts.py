"""Ready accounts for demo mode, with a password that everybody may know; and the guard that keeps them out of every other mode."""

import datetime as dt
from collections.abc import Sequence

from flask_security import hash_password
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from connectivity.access.accounts import new_uniquifier
from connectivity.register import Account, CommunityArea, Organization, OrganizationArea, Role, School

DEMO_PASSWORD = "lake-breeze-corner-lamp"  # noqa: S105 - public on purpose: it opens made-up data only
UPTOWN = 3
PARTNER_AREAS = (3, 1, 77)  # Uptown, Rogers Park, Edgewater
ORGANIZATION = "Northside Neighbors (demo)"
WHO = (
    (Role.ADMIN, "admin@example.org", "Ada Admin (demo)"),
    (Role.STAFF, "staff@example.org", "Sam Staff (demo)"),
    (Role.ELIGIBILITY, "eligibility@example.org", "Eli Eligibility (demo)"),
    (Role.PARTNER, "partner@example.org", "Pat Partner (demo)"),
    (Role.SCHOOL, "school@example.org", "Sky School (demo)"),
    (Role.SCHOOL, "schools@example.org", "Drew Two Schools (demo)"),
    (Role.COUNCIL, "council@example.org", "Cory Council (demo)"),
)
# By name, among the schools of Uptown.
SCHOOLS = {"school@example.org": ("COURTENAY",), "schools@example.org": ("UPLIFT HS", "DISNEY")}


def create_demo_accounts(session: Session) -> list[Account]:
    """One account a role, and a second school account with two schools. Returns the new ones: none on a second run. Needs the app's context."""
    known = {account.email for account in demo_accounts(session)}
    password = hash_password(DEMO_PASSWORD)
    made = [_account(role, email, name, password) for role, email, name in WHO if email not in known]
    for account in made:
        account.schools = _schools(session, SCHOOLS.get(account.email, ()))
        if account.role == Role.PARTNER:
            account.organization = _organization(session)
    session.add_all(made)
    session.flush()
    return made


def demo_accounts(session: Session) -> Sequence[Account]:
    """The demo accounts, in the order of their making."""
    return session.scalars(select(Account).where(Account.demo.is_(True)).order_by(Account.id)).all()


def holds_demo_data(session: Session) -> bool:
    """Whether this database was filled by `flask demo create`: such a one is refused outside demo mode."""
    return bool(session.scalar(select(exists().where(Account.demo.is_(True)))))


def _account(role: Role, email: str, name: str, password: str) -> Account:
    return Account(
        email=email,
        name=name,
        role=role.value,
        password=password,
        active=True,
        demo=True,
        fs_uniquifier=new_uniquifier(),
    )


def _schools(session: Session, names: Sequence[str]) -> list[School]:
    """Those schools; should the list of schools have changed, as many others of Uptown."""
    uptown = select(School).where(School.community_area == UPTOWN)
    found = session.scalars(uptown.where(School.name.in_(names))).all()
    return list(found or session.scalars(uptown.order_by(School.id).limit(len(names))))


def _organization(session: Session) -> Organization:
    found = session.scalar(select(Organization).where(Organization.name == ORGANIZATION))
    if found is None:
        found = Organization(name=ORGANIZATION)
        session.add(found)
        session.flush()
        areas = session.scalars(select(CommunityArea.number).where(CommunityArea.number.in_(PARTNER_AREAS)))
        session.add_all(
            OrganizationArea(organization_id=found.id, community_area=area, starts_on=dt.date(2020, 7, 1), ends_on=None)
            for area in areas
        )
    return found
