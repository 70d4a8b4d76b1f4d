"""Creates the demo program in an empty register: all of it or nothing."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from connectivity.access import audit
from connectivity.access.demo_accounts import demo_accounts
from connectivity.bulk import continue_counters, table_of, widen_cache
from connectivity.demo import (
    code_rows,
    eligibility_rows,
    enrollment_rows,
    figures,
    household_rows,
    target_rows,
    wire_rows,
)
from connectivity.demo.frame_rows import write_frame
from connectivity.demo.households import Place, Program, imagine
from connectivity.demo.program import years
from connectivity.demo.streets import stretches
from connectivity.reference import store
from connectivity.register import (
    AuditEvent,
    CodeBatch,
    CodeEvent,
    ConnectivityResponse,
    Determination,
    EligibilityRun,
    Enrollment,
    EnrollmentEvent,
    Household,
    MembershipCode,
    Plan,
    ProgramTarget,
    ProgramYear,
    Provider,
    Residence,
    School,
    ServiceabilityAnswer,
    ServiceabilityBatch,
    ServiceabilityFile,
    ServiceabilityRequest,
    Student,
)

CREATED = "demo.created"
# What may exist before a demo: accounts, organizations, audit, reference data. What may not:
NOUNS = (Household, ProgramYear, Provider, MembershipCode)
COUNTED = (
    Household,
    Residence,
    Student,
    CodeBatch,
    MembershipCode,
    CodeEvent,
    Enrollment,
    EnrollmentEvent,
    ConnectivityResponse,
    ProgramYear,
    ProgramTarget,
    Provider,
    Plan,
    EligibilityRun,
    Determination,
    ServiceabilityBatch,
    ServiceabilityRequest,
    ServiceabilityFile,
    ServiceabilityAnswer,
)

STEPS = 19  # how often `report` is called
Report = Callable[[str, int], None]


class DemoRefused(ValueError):
    """The demo cannot be created here. The message says why and what to do, in words."""


class DemoExists(DemoRefused):
    """There is a demo program in this database already."""


@dataclass(frozen=True)
class Created:
    """What was created."""

    households: int
    rows: int


def exists(session: Session) -> bool:
    """Whether this database holds a demo program."""
    return session.scalar(select(AuditEvent.id).where(AuditEvent.action == CREATED).limit(1)) is not None


def create(
    session: Session,
    *,
    households: int,
    seed: int,
    today: dt.date,
    data_folder: Path,
    report: Report = lambda _step, _rows: None,
) -> Created:
    """Writes a demo program of `households` households, each with an enrollment in the current program year.

    What office and staff did is in the name of the demo accounts, if they are there already. `report` hears each step's name and the rows written. Raises DemoRefused, DemoExists, TodayRefused, ReferenceMissing.
    """
    _refuse_what_is_there(session)
    year_rows = years(today)
    place = Place(
        figures=figures.read(data_folder),
        stretches=stretches(
            boundaries := store.boundaries(session),
            grid := store.address_grid(session),
            zip_areas := store.zip_areas(session),
            schools := list(session.scalars(select(School).order_by(School.id))),
        ),
        boundaries=boundaries,
        grid=grid,
        zip_areas=zip_areas,
        schools=schools,
    )
    report("Find streets", 0)
    program = imagine(households=households, seed=seed, today=np.datetime64(today), years=year_rows, place=place)
    report("Imagine families", 0)
    rows = _write(session, program, seed, report)
    audit.record(
        session,
        account=None,
        action=CREATED,
        subject="demo",
        subject_id=None,
        changes={"households": [None, households], "seed": [None, seed], "today": [None, today.isoformat()]},
    )
    session.flush()
    return Created(households, rows)


def _refuse_what_is_there(session: Session) -> None:
    if exists(session):
        raise DemoExists(
            "There is a demo program in this database already. To make another, start with an empty database."
        )
    held = {noun.__tablename__: session.scalar(select(func.count()).select_from(noun)) for noun in NOUNS}
    found = [f"{name.replace('_', ' ')}: {count}" for name, count in held.items() if count]
    if found:
        raise DemoRefused(
            f"This database holds records that are not a demo ({', '.join(found)}). They were not touched. "
            "Choose another database for the demo: CONNECTIVITY_DATABASE_URL or CONNECTIVITY_INSTANCE_FOLDER."
        )


def _write(session: Session, program: Program, seed: int, report: Report) -> int:
    widen_cache(session)
    write_frame(session, years=program.years)
    report("Write years, providers, organizations", 0)
    draws = np.random.Generator(np.random.PCG64([seed, 1]))
    hands = {account.role: account.id for account in demo_accounts(session)}
    total = 0
    for step, write in (
        ("Write households", household_rows.write_households),
        ("Write homes", household_rows.write_homes),
        ("Write students", household_rows.write_students),
        ("Write batches of codes", code_rows.write_batches),
        ("Write codes", code_rows.write_codes),
        ("Write moves of codes", code_rows.write_code_events),
        ("Write enrollments", enrollment_rows.write_enrollments),
        ("Write steps", partial(enrollment_rows.write_events, rng=draws)),
        ("Write answers", household_rows.write_answers),
        ("Write search words", enrollment_rows.write_search_terms),
        ("Write targets", target_rows.write_targets),
        ("Write the eligibility run", partial(eligibility_rows.write_run, hands=hands)),
        ("Write what it found", eligibility_rows.write_outcomes),
        ("Write overrides and appeals", partial(eligibility_rows.write_by_hand, hands=hands)),
        ("Write questions to providers", partial(wire_rows.write_asked, hands=hands)),
        ("Write their answers", partial(wire_rows.write_answers, hands=hands)),
    ):
        rows = write(session, program)
        report(step, rows)
        total += rows
    continue_counters(session, map(table_of, COUNTED))
    session.execute(text("ANALYZE"))
    return total
