"""Makes demo programs for the tests, and fingerprints of everything in them."""

import datetime as dt
import hashlib
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from connectivity.database import Base, transaction
from connectivity.demo.create import Created, create
from connectivity.settings import ROOT

HOUSEHOLDS = 400
TODAY = dt.date(2026, 11, 23)
# Accounts have random salts, the audit trail tells when something was really done; the rest is reference data.
PROGRAM_TABLES = (
    "appeal",
    "determination",
    "eligibility_outcome",
    "eligibility_run",
    "eligibility_weight",
    "plan_version",
    "provider_name",
    "code_batch",
    "code_event",
    "connectivity_response",
    "enrollment",
    "enrollment_event",
    "household",
    "household_phone",
    "membership_code",
    "organization",
    "organization_area",
    "plan",
    "program_target",
    "program_year",
    "provider",
    "residence",
    "search_term",
    "serviceability_answer",
    "serviceability_batch",
    "serviceability_file",
    "serviceability_request",
    "student",
)


def make(session: Session, *, households: int = HOUSEHOLDS, seed: int = 7, today: dt.date = TODAY) -> Created:
    """A demo program, committed."""
    with transaction(session):
        return create(session, households=households, seed=seed, today=today, data_folder=ROOT / "data")


def fingerprints(session: Session) -> dict[str, str]:
    """Table -> a hash of its rows and columns, in the order of its key."""
    return {name: _fingerprint(session, Base.metadata.tables[name]) for name in PROGRAM_TABLES}


def _fingerprint(session: Session, table: Table) -> str:
    whole = hashlib.sha256()
    for row in sorted((tuple(map(_plain, row)) for row in session.execute(select(table)).all()), key=repr):
        whole.update(repr(row).encode())
    return whole.hexdigest()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
