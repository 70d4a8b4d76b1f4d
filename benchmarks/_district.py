"""A made-up district for benchmarks: students in households with enrollments, inserted in bulk into a migrated, loaded SQLite file."""

import datetime as dt
import random
from pathlib import Path

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from app import create_app
from connectivity import schema
from connectivity.access.accounts import Wanted, create_account
from connectivity.database import make_engine, make_sessions
from connectivity.reference.load import load
from connectivity.register import (
    CommunityArea,
    Enrollment,
    Household,
    Organization,
    OrganizationArea,
    Plan,
    ProgramYear,
    Provider,
    Residence,
    School,
    Student,
)
from connectivity.register.student import GRADES
from connectivity.rules.names import sort_name
from connectivity.settings import ROOT, Settings

STUDENTS_A_HOUSEHOLD = 2
STATUSES = ("eligible", "contacted", "code_issued", "ordered", "active", "suspended", "ended")
FIRST = ("Luz", "José", "Aaliyah", "Kamil", "Wei", "Fatima", "Noah", "Zoë", "Amir", "Destiny")
LAST = ("Muñoz", "Williams", "Kowalski", "Chen", "O’Hara", "García López", "Johnson", "Nguyen", "Al-Amin", "Brown")


def make(file: Path, students: int, password: str, folder: Path) -> dict[str, str]:
    """Fills `file`; about a tenth of the households never joined the program. Returns role -> e-mail of an account with `password`."""
    engine = make_engine(f"sqlite:///{file}")
    schema.upgrade(engine)
    with make_sessions(engine).begin() as session:
        load(session, ROOT / "data")
        schools = list(session.scalars(select(School.id)))
        areas = list(session.scalars(select(CommunityArea.number)))
        session.add(
            ProgramYear(
                id=1,
                label="2026-27",
                starts_on=dt.date(2020, 7, 1),
                ends_on=dt.date(2060, 6, 30),
                funding="City of Chicago",
                open_to_new=True,
            )
        )
        session.add_all(Provider(id=one, name=f"Provider {one}") for one in (1, 2))
        session.flush()
        session.add_all(_plans())
        session.add(Organization(id=1, name="Neighbors United"))
        session.flush()
        session.add_all(
            OrganizationArea(organization_id=1, community_area=area, starts_on=dt.date(2020, 7, 1)) for area in areas
        )
        session.flush()
        _people(session.connection(), students, schools, areas)
        emails = _accounts(session, schools[0], password, file, folder)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return emails


def _accounts(session: Session, school: str, password: str, file: Path, folder: Path) -> dict[str, str]:
    app = create_app(
        Settings.from_environment(
            {
                "CONNECTIVITY_MODE": "development",
                "CONNECTIVITY_INSTANCE_FOLDER": str(folder),
                "CONNECTIVITY_DATABASE_URL": f"sqlite:///{file}",
            }
        )
    )
    wanted = [
        Wanted(email="admin@example.org", name="Admin", role="admin"),
        Wanted(email="school@example.org", name="School", role="school", schools=[school]),
    ]
    with app.app_context():
        made = [create_account(session, one, by=None, password=password) for one in wanted]
    return {account.role: account.email for account in made}


def _plans() -> list[Plan]:
    return [
        Plan(
            id=one,
            provider_id=one,
            name=name,
            service_type=kind,
            down_mbps=50,
            up_mbps=10,
            starts_on=dt.date(2020, 7, 1),
        )
        for one, name, kind in ((1, "Essentials", "wired"), (2, "Hotspot", "hotspot"))
    ]


def _people(connection: Connection, students: int, schools: list[str], areas: list[int]) -> None:
    drawn = random.Random(20260630)  # the same district each time
    ids = range(1, students // STUDENTS_A_HOUSEHOLD + 1)
    day = dt.date(2025, 9, 1)
    connection.execute(
        insert(Household),
        [
            {
                "id": one,
                "reference": f"H{one:07d}",
                "guardian_first_name": "Rosa",
                "guardian_last_name": "Muñoz",
                "language": drawn.choice(("en", "es", "pl")),
            }
            for one in ids
        ],
    )
    connection.execute(
        insert(Residence),
        [
            {
                "household_id": one,
                "original": "",
                "line": f"{one} W WILSON AVE",
                "unit": "",
                "city": "Chicago",
                "state": "IL",
                "zip": "60640",
                "community_area": drawn.choice(areas),
                "method": "grid",
                "certainty": "sure",
                "reason": "",
                "starts_on": day,
            }
            for one in ids
        ],
    )
    connection.execute(
        insert(Enrollment),
        [
            {
                "household_id": one,
                "program_year_id": 1,
                "status": drawn.choice(STATUSES),
                "status_on": day,
                "plan_id": drawn.choice((1, 2)),
            }
            for one in ids
            if one % 10
        ],
    )
    connection.execute(
        insert(Student),
        [
            {
                "household_id": one % len(ids) + 1,
                "district_id": f"{50000000 + one}",
                "first_name": (first := drawn.choice(FIRST)),
                "last_name": (last := f"{drawn.choice(LAST)}{one % 997}"),
                "sort_name": sort_name(last, first),
                "birth_date": dt.date(2015, 3, 14),
                "grade": drawn.choice(GRADES),
                "school_id": drawn.choice(schools),
            }
            for one in range(students)
        ],
    )
