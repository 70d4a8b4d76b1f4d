"""Small rosters for the tests: rows as a district writes them, taken in as the worker does."""

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from connectivity.database import Base, transaction
from connectivity.register import (
    Account,
    Covers,
    Enrollment,
    EnrollmentEvent,
    ImportState,
    Outcome,
    RosterImport,
    RosterRow,
    School,
)
from connectivity.rosters import apply as applying
from connectivity.rosters import imports, steps
from connectivity.rosters import undo as undoing
from connectivity.rosters.holds import HoldRules
from tests import factories

HEADINGS = (
    "cps_student_id",
    "student_last_name",
    "student_first_name",
    "birth_date",
    "grade",
    "cps_school_id",
    "guardian_name",
    "guardian_phone",
    "guardian_email",
    "home_language",
    "address_line1",
    "unit",
    "city",
    "state",
    "zip",
)
RULES = HoldRules()


def silent(_stage: str, _done: int, _total: int) -> None:
    """Hears reports and says nothing."""


def schools(session: Session, count: int = 2) -> list[str]:
    """Ids of the first schools."""
    return list(session.scalars(select(School.id).order_by(School.id).limit(count)))


def row(session: Session, **given: Any) -> dict[str, str]:
    """One student of the Muñoz family at 1135 W Wilson Ave, unless told otherwise."""
    return {
        "cps_student_id": "60000001",
        "student_last_name": "Muñoz",
        "student_first_name": "Luz",
        "birth_date": "2015-03-14",
        "grade": "5",
        "cps_school_id": schools(session)[0],
        "guardian_name": "Rosa Muñoz",
        "guardian_phone": "773-555-0123",
        "guardian_email": "rosa@example.org",
        "home_language": "Spanish",
        "address_line1": "1135 W Wilson Ave",
        "unit": "Apt 2",
        "city": "Chicago",
        "state": "IL",
        "zip": "60640",
        **given,
    }


def csv_bytes(rows: Sequence[Mapping[str, str]], headings: Sequence[str] | None = None) -> bytes:
    """The rows as a CSV file."""
    names = list(headings or dict.fromkeys([*HEADINGS, *(name for one in rows for name in one)]))
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def hand_in(
    session: Session,
    folder: Path,
    content: bytes,
    *,
    account: Account | None = None,
    covers: Covers = Covers.WHOLE,
    again: bool = False,
    name: str = "roster.csv",
) -> imports.Submitted:
    """Submits a file for 2026-27 as an upload does."""
    digest = hashlib.sha256(content).hexdigest()
    (folder / digest).write_bytes(content)
    with transaction(session):
        year = factories.program_year(session)
        file = imports.HandedIn(
            file_name=name, file_bytes=len(content), file_sha256=digest, stored_as=digest, covers=covers
        )
        return imports.submit(session, account=account, year=year, file=file, again=again)


def plan(session: Session, folder: Path, content: bytes, **given: Any) -> RosterImport:
    """Hands a file in, reads and compares it."""
    roster = hand_in(session, folder, content, **given).roster
    steps.read_and_compare(session, roster.id, folder / roster.stored_as, rules=RULES, report=silent, seal=None)
    return session.get_one(RosterImport, roster.id, populate_existing=True)


def apply(session: Session, roster: RosterImport, account: Account | None = None) -> RosterImport:
    """Applies a plan as the worker does."""
    with transaction(session):
        applying.claim(session, account=account, roster=imports.locked(session, roster.id))
    steps.apply(session, roster.id, rules=RULES, report=silent)
    return session.get_one(RosterImport, roster.id, populate_existing=True)


def undo(session: Session, roster: RosterImport, account: Account | None = None) -> RosterImport:
    """Takes a roster back as the worker does."""
    with transaction(session):
        undoing.claim(session, account=account, roster=imports.locked(session, roster.id), reason="a wrong file")
    steps.undo(session, roster.id, report=silent)
    return session.get_one(RosterImport, roster.id, populate_existing=True)


def take_in(session: Session, folder: Path, rows: Sequence[Mapping[str, str]], **given: Any) -> RosterImport:
    """Plans and applies a roster of these rows."""
    planned = plan(session, folder, csv_bytes(rows), **given)
    assert planned.state == ImportState.PLANNED, (planned.state, planned.refusal, planned.holds)
    return apply(session, planned)


def outcomes(session: Session, roster: RosterImport) -> dict[int, str]:
    """Row number -> what it would do."""
    found = session.execute(select(RosterRow.number, RosterRow.outcome).where(RosterRow.import_id == roster.id))
    return {number: Outcome(outcome).value for number, outcome in found}


def birthday(years: int) -> str:
    """A birth date of somebody this many years old when the program year 2026-27 starts."""
    return dt.date(2026 - years, 3, 14).isoformat()


REGISTER = (
    "household",
    "household_phone",
    "residence",
    "student",
    "enrollment",
    "enrollment_event",
    "search_term",
    "household_question",
    "membership_code",
)


def family(session: Session) -> list[dict[str, str]]:
    """Two siblings, and a neighbor without a unit in common."""
    return [
        row(session),
        row(session, cps_student_id="60000002", student_first_name="Ana", birth_date="2012-07-01", grade="8"),
        row(
            session,
            cps_student_id="60000003",
            student_last_name="Nowak",
            student_first_name="Jan",
            guardian_name="Ola Nowak",
            guardian_phone="312-555-0199",
            guardian_email="",
            home_language="Polish",
            unit="Apt 3",
        ),
    ]


def forget_enrollments(session: Session) -> None:
    """No household is enrolled in anything any more."""
    session.execute(delete(EnrollmentEvent))
    session.execute(delete(Enrollment))
    session.commit()


def dump(session: Session, *leave: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the register's tables, without ids of new rows, versions and instants of change."""
    skipped = {"version", "updated_at", *leave}
    found = {}
    for name in REGISTER:
        table: Table = Base.metadata.tables[name]
        columns = [column for column in table.columns if column.name not in skipped]
        found[name] = sorted(map(tuple, session.execute(select(*columns)).all()), key=repr)
    return found
