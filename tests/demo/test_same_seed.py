"""The same seed, day and size make the same program, on any database, at any time."""

import datetime as dt

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.database import Base
from connectivity.register import Enrollment, ProgramYear, Student
from tests.demo.programs import HOUSEHOLDS, PROGRAM_TABLES, TODAY, fingerprints, make

# Columns that tell when something happened.
HAPPENED = (
    "happened_on",
    "status_on",
    "observed_on",
    "issued_on",
    "recorded_at",
    "created_at",
    "updated_at",
    "decided_on",
    "decided_at",
    "opened_on",
    "started_at",
    "planned_at",
    "applied_at",
    "asked_on",
    "made_at",
    "checked_on",
    "received_on",
    "submitted_at",
    "taken_at",
)


def test_the_same_seed_makes_the_same_program_in_another_database_of_any_kind(demo: Session, another: Session):
    make(another)
    assert fingerprints(another) == fingerprints(demo)


def test_another_seed_makes_other_families(demo: Session, another: Session):
    make(another, seed=8, households=80)
    assert not set(another.scalars(select(Student.district_id))) & set(demo.scalars(select(Student.district_id)))


def test_every_table_of_the_program_is_part_of_the_fingerprint(demo: Session):
    written = {
        name
        for name, table in Base.metadata.tables.items()
        if demo.scalar(select(func.count()).select_from(table)) and name not in PROGRAM_TABLES
    }
    given = {
        "community_area",
        "community_area_alias",
        "eligibility_policy",  # every database begins with one, made when it was; the demo's own is looked at in test_eligibility
        "indicator",
        "indicator_value",
        "reference_file",
        "school",
        "street_axis",
        "zip_area",
    }
    assert written - given <= {"account", "account_school", "account_area", "audit_event"}


@pytest.mark.parametrize("today", [dt.date(2020, 9, 1), dt.date(2024, 12, 2), dt.date(2026, 7, 1), dt.date(2029, 3, 9)])
def test_a_demo_of_any_day_has_that_day_in_its_one_open_year(session: Session, today: dt.date):
    make(session, households=40, today=today)
    open_year = session.scalars(select(ProgramYear).where(ProgramYear.open_to_new)).one()
    assert open_year.starts_on <= today <= open_year.ends_on
    assert session.scalar(select(func.count()).where(Enrollment.program_year_id == open_year.id)) == 40


def test_nothing_in_the_program_lies_after_its_day(demo: Session):
    year = demo.scalars(select(ProgramYear).where(ProgramYear.open_to_new)).one()
    assert demo.scalar(select(func.count()).where(Enrollment.program_year_id == year.id)) == HOUSEHOLDS
    for table_name in PROGRAM_TABLES:
        for column in Base.metadata.tables[table_name].columns:
            if column.name in HAPPENED:
                latest = demo.scalar(select(func.max(column)))
                assert (latest.date() if isinstance(latest, dt.datetime) else latest) <= TODAY, (
                    table_name,
                    column.name,
                )
