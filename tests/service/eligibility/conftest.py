"""A town of a few households, policies, sealed factors, and runs without a queue."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access import factors
from connectivity.database import transaction
from connectivity.register import (
    Account,
    Determination,
    EligibilityPolicy,
    EligibilityRun,
    Household,
    ProgramYear,
    Role,
    RosterImport,
    RosterRow,
    StudentFactors,
)
from connectivity.rules.calendar import city_today
from connectivity.rules.eligibility import TypedPolicy
from connectivity.service.eligibility import policies, runs
from connectivity.service.eligibility.apply import apply
from connectivity.service.eligibility.policies import TypedVersion
from connectivity.service.eligibility.preview import preview
from tests import factories

TODAY = city_today()
VINTAGE = "2008-2012"  # the City's index: Englewood 94, Lincoln Park 2
ENGLEWOOD, LINCOLN_PARK = 68, 7
KEY = Fernet.generate_key().decode()


def silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody listens."""


@pytest.fixture
def office(session: Session) -> Account:
    return factories.account(session, Role.ELIGIBILITY)


@pytest.fixture
def admin(session: Session) -> Account:
    return factories.account(session, Role.ADMIN)


@pytest.fixture
def year(session: Session) -> ProgramYear:
    """The one that factories enroll into unless told otherwise, and one that goes on today."""
    return factories.program_year(
        session, starts_on=TODAY - dt.timedelta(days=60), ends_on=TODAY + dt.timedelta(days=300)
    )


@pytest.fixture
def keys(app: Flask) -> Iterator[None]:
    """The program holds sensitive factors."""
    app.config["FACTOR_KEYS"] = (KEY,)
    with app.app_context():
        yield


def policy_of(session: Session, account: Account, name: str = "Hardship", **given: Any) -> EligibilityPolicy:
    """By default: 100 points of the hardship index, threshold 50."""
    rules = TypedPolicy(**{"mode": "weights", "weights": {"hardship_index": "100"}, "threshold": "50", **given})
    typed = TypedVersion(name=name, policy=rules, vintage=VINTAGE)
    made = policies.add(session, account=account, typed=typed, holds_factors=True)
    session.commit()
    return made


def district_policy(session: Session) -> EligibilityPolicy:
    """The one every program begins with."""
    return session.scalars(select(EligibilityPolicy).where(EligibilityPolicy.mode == "district")).one()


def start(session: Session, account: Account, year: ProgramYear, policy: EligibilityPolicy) -> EligibilityRun:
    """A run with its preview."""
    session.commit()
    with transaction(session):
        run = runs.start(session, account=account, year=year, policy=policy, holds_factors=True, today=TODAY)
    preview(session, run.id, today=TODAY, report=silent)
    session.refresh(run)
    return run


def claim(session: Session, account: Account, run: EligibilityRun) -> None:
    session.commit()
    with transaction(session):
        runs.claim(session, account=account, run_id=run.id)


def applied(session: Session, account: Account, year: ProgramYear, policy: EligibilityPolicy) -> EligibilityRun:
    """A run from its start to its receipt."""
    run = start(session, account, year, policy)
    claim(session, account, run)
    assert apply(session, run.id, today=TODAY, report=silent)
    session.expire_all()
    return run


def in_force(session: Session, household: Household, year: ProgramYear) -> Determination | None:
    return session.scalar(
        select(Determination).where(
            Determination.household_id == household.id,
            Determination.program_year_id == year.id,
            Determination.ended_on.is_(None),
        )
    )


def changes(session: Session, run: EligibilityRun) -> dict[int, str]:
    """Household -> what the run would do."""
    rows = session.execute(
        select(policies.EligibilityOutcome.household_id, policies.EligibilityOutcome.change).where(
            policies.EligibilityOutcome.run_id == run.id
        )
    )
    return dict(rows.all())


def say(session: Session, year: ProgramYear, household: Household, *words: bool | None) -> None:
    """The district's current roster says this of the household's students, one after the other."""
    roster = RosterImport(
        program_year_id=year.id,
        file_name="roster.csv",
        file_bytes=1,
        file_sha256=f"{household.id}",
        covers="part",
        state="applied",
    )
    session.add(roster)
    session.flush()
    for number, (student, eligible) in enumerate(zip(household.students, words, strict=True), start=2):
        session.add(
            RosterRow(
                import_id=roster.id,
                number=number,
                outcome="unchanged",
                district_id=student.district_id,
                student_id=student.id,
                eligible=eligible,
                current=True,
            )
        )
    session.flush()


@pytest.fixture
def seal(session: Session, keys: None, year: ProgramYear) -> Callable[..., None]:
    """`seal(household, {"frl": "Y"}, {})`: a set of factors for each of its students, in order; None: no row at all."""

    def of(household: Household, *sets: dict[str, str] | None) -> None:
        for student, values in zip(household.students, sets, strict=True):
            if values is not None:
                session.add(StudentFactors(student_id=student.id, program_year_id=year.id, sealed=factors.seal(values)))
        session.flush()

    return of
