"""One function a noun: makes a plausible one, with what the test cares about given by keyword. All people are made up."""

import datetime as dt
import itertools
import secrets
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import (
    Account,
    AuditEvent,
    CodeBatch,
    CodeEvent,
    CommunityArea,
    Enrollment,
    EnrollmentEvent,
    Household,
    HouseholdPhone,
    MembershipCode,
    Organization,
    OrganizationArea,
    Plan,
    ProgramTarget,
    ProgramYear,
    Provider,
    Residence,
    Role,
    School,
    Student,
    YearExtension,
)

_numbers = itertools.count(1)
DAY = dt.date(2025, 9, 1)


def account(
    session: Session, role: Role, *, schools: list[str] | None = None, areas: list[int] | None = None, **given: Any
) -> Account:
    """An account that may sign in. `schools` and `areas` are its scope."""
    number = next(_numbers)
    made = Account(
        **{
            "email": f"person{number}@example.org",
            "name": f"{role.value.title()} Person {number}",
            "role": role.value,
            "active": True,
            "fs_uniquifier": secrets.token_hex(16),
            **given,
        }
    )
    made.schools = list(session.scalars(select(School).where(School.id.in_(schools or []))))
    made.areas = list(session.scalars(select(CommunityArea).where(CommunityArea.number.in_(areas or []))))
    session.add(made)
    session.flush()
    return made


def organization(
    session: Session, *, areas: list[int], starts_on: dt.date = dt.date(2020, 7, 1), ends_on: dt.date | None = None
) -> Organization:
    made = Organization(name=f"Neighbors {next(_numbers)}")
    session.add(made)
    session.flush()
    session.add_all(
        OrganizationArea(organization_id=made.id, community_area=area, starts_on=starts_on, ends_on=ends_on)
        for area in areas
    )
    session.flush()
    return made


def program_year(session: Session, **given: Any) -> ProgramYear:
    """The open program year 2026-27, made once."""
    values = {
        "label": "2026-27",
        "starts_on": dt.date(2026, 7, 1),
        "ends_on": dt.date(2027, 6, 30),
        "funding": "City of Chicago",
        "open_to_new": True,
        **given,
    }
    found = session.scalar(select(ProgramYear).where(ProgramYear.label == values["label"]))
    if found is None:
        found = ProgramYear(**values)
        session.add(found)
        session.flush()
    return found


def target(year: ProgramYear, **given: Any) -> ProgramTarget:
    """60,000 households connected by the end of the year, from old data. Not added to a session yet."""
    return ProgramTarget(
        **{
            "program_year_id": year.id,
            "number": 60_000,
            "unit": "households",
            "counted": "connected",
            "due_on": year.ends_on,
            "basis": "Children in homes without broadband",
            "vintage": "ACS 2018, 5-year",
            **given,
        }
    )


def extension(year: ProgramYear) -> YearExtension:
    """One that brought the year to where it ends now. Not added to a session yet."""
    return YearExtension(
        program_year_id=year.id,
        ended_on=year.ends_on - dt.timedelta(days=30),
        ends_on=year.ends_on,
        reason="Decided by the council",
        open_enrollments=0,
        moved_days=0,
    )


def provider(session: Session, name: str = "Comcast", **plan: Any) -> Provider:
    """A provider with one plan, made once a name."""
    found = session.scalar(select(Provider).where(Provider.name == name))
    if found is None:
        found = Provider(name=name)
        found.plans = [
            Plan(
                **{
                    "name": "Internet Essentials",
                    "service_type": "wired",
                    "down_mbps": 50,
                    "up_mbps": 10,
                    "starts_on": dt.date(2020, 6, 25),
                    **plan,
                }
            )
        ]
        session.add(found)
        session.flush()
    return found


def membership_code(session: Session, **given: Any) -> MembershipCode:
    """A code in the books, in a batch of its provider and year, with the event that brought it to its state."""
    values = {
        "code": f"CC{next(_numbers):08d}",
        "provider_id": provider(session).id,
        "program_year_id": program_year(session).id,
        "state": "free",
        **given,
    }
    if "batch_id" not in values:
        values["batch_id"] = _code_batch(session, values["provider_id"], values["program_year_id"]).id
    made = MembershipCode(**values)
    session.add(made)
    session.flush()
    session.add(
        CodeEvent(code_id=made.id, state=made.state, happened_on=made.issued_on or DAY, household_id=made.household_id)
    )
    session.flush()
    return made


def _code_batch(session: Session, provider_id: int, program_year_id: int) -> CodeBatch:
    """The batch that made-up codes come in, one code larger."""
    of = (CodeBatch.provider_id == provider_id, CodeBatch.program_year_id == program_year_id)
    found = session.scalar(select(CodeBatch).where(*of, CodeBatch.source == "generated"))
    if found is None:
        found = CodeBatch(
            provider_id=provider_id, program_year_id=program_year_id, source="generated", imported=0, received_on=DAY
        )
        session.add(found)
    found.imported += 1
    session.flush()
    return found


def household(
    session: Session,
    *,
    area: int | None = 3,
    students: list[dict[str, Any]] | None = None,
    phones: list[str] | None = None,
    **given: Any,
) -> Household:
    """A household living in `area` (None: not placed), with one student at the first school unless told otherwise."""
    number = next(_numbers)
    made = Household(
        **{
            "reference": f"H{number:07d}",
            "guardian_first_name": "Rosa",
            "guardian_last_name": f"Muñoz{number}",
            "language": "es",
            **given,
        }
    )
    session.add(made)
    session.flush()
    for position, phone in enumerate(phones or [], start=1):
        session.add(HouseholdPhone(household_id=made.id, position=position, number=phone))
    session.add(residence(made.id, area))
    for values in [{}] if students is None else students:
        session.add(student(session, made.id, **values))
    session.flush()
    return made


def residence(household_id: int, area: int | None) -> Residence:
    placed = area is not None
    return Residence(
        household_id=household_id,
        original="1135 West Wilson Avenue, Chicago, IL 60640",
        line="1135 W WILSON AVE",
        unit="",
        city="Chicago",
        state="IL",
        zip="60640",
        community_area=area,
        method="grid" if placed else "none",
        certainty="sure" if placed else "unplaced",
        edge_feet=2000.0 if placed else None,
        lon=-87.658 if placed else None,
        lat=41.965 if placed else None,
        reason="" if placed else "street unknown",
        starts_on=DAY,
        ends_on=None,
    )


def student(session: Session, household_id: int, **given: Any) -> Student:
    number = next(_numbers)
    school = given.pop("school_id", None) or session.scalar(select(School.id).order_by(School.id).limit(1))
    return Student(
        **{
            "household_id": household_id,
            "district_id": f"{50000000 + number}",
            "first_name": "Luz",
            "last_name": f"Muñoz{number}",
            "birth_date": dt.date(2015, 3, 14),
            "grade": "5",
            "school_id": school,
            **given,
        }
    )


def enrollment(
    session: Session, household: Household, status: str = "eligible", *, on: dt.date = DAY, **given: Any
) -> Enrollment:
    """An enrollment in the open program year that stands at `status`, with its steps."""
    made = Enrollment(
        **{
            "household_id": household.id,
            "program_year_id": program_year(session).id,
            "status": status,
            "status_on": on,
            **given,
        }
    )
    made.events = [
        EnrollmentEvent(status=step, happened_on=on, reason="other" if step == "ended" else None)
        for step in dict.fromkeys(("eligible", status))
    ]
    session.add(made)
    session.flush()
    return made


def audit_event(session: Session, account: Account, household_id: int, changes: dict[str, list[Any]]) -> AuditEvent:
    """What a person edited of a household, as the trail holds it."""
    made = AuditEvent(
        account_id=account.id, action="household.edited", subject="household", subject_id=household_id, changes=changes
    )
    session.add(made)
    session.flush()
    return made


def any_school(session: Session) -> School:
    """The first school."""
    return session.scalars(select(School).order_by(School.id).limit(1)).one()
