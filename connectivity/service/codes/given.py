"""Writes down, for many households at once, that each got its code: the enrollment's step, the household's version and trail, its search words."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData, Table, text
from sqlalchemy.orm import Session

from connectivity.bulk import table_of, update, write
from connectivity.register import Account, AuditEvent, Enrollment, EnrollmentEvent, Household, Plan
from connectivity.rules.names import code_terms
from connectivity.rules.service_states import SaidBy, Status
from connectivity.service.codes import ledger


@dataclass(frozen=True)
class Given:
    """One household and its code, as they stood before."""

    enrollment_id: int
    household_id: int
    version: int
    status: str
    code_id: int
    code: str


def write_steps(session: Session, *, account: Account, rows: Sequence[Given], plan: Plan, on: dt.date) -> None:
    """The step “code issued” of each, as `enrollments.step` writes it for one. The households must be held."""
    at = ledger.instant(session)
    _enrollments(session, account, rows, plan, on, at)
    count = len(rows)
    update(
        session,
        table_of(Household),
        ["id"],
        {
            "id": [row.household_id for row in rows],
            "version": [row.version + 1 for row in rows],
            "updated_at": [at] * count,
        },
    )
    write(
        session,
        table_of(AuditEvent),
        {
            "at": [at] * count,
            "account_id": [account.id] * count,
            "action": ["enrollment.stepped"] * count,
            "subject": ["household"] * count,
            "subject_id": [row.household_id for row in rows],
            "changes": [_changes(row) for row in rows],
        },
    )
    _search_terms(session, rows)
    session.expire_all()


def _enrollments(session: Session, account: Account, rows: Sequence[Given], plan: Plan, on: dt.date, at: str) -> None:
    count, day = len(rows), on.isoformat()
    ids = [row.enrollment_id for row in rows]
    columns: dict[str, Sequence[Any]] = {
        "id": ids,
        "status": [Status.CODE_ISSUED.value] * count,
        "status_on": [day] * count,
        "provider_id": [plan.provider_id] * count,
        "plan_id": [plan.id] * count,
        "membership_code_id": [row.code_id for row in rows],
        "service_type": [plan.service_type] * count,
    }
    update(session, table_of(Enrollment), ["id"], columns)
    write(
        session,
        table_of(EnrollmentEvent),
        {
            "enrollment_id": ids,
            "status": [Status.CODE_ISSUED.value] * count,
            "happened_on": [day] * count,
            "said_by": [SaidBy.STAFF.value] * count,
            "note": [""] * count,
            "recorded_by": [account.id] * count,
            "recorded_at": [at] * count,
        },
    )


def _changes(row: Given) -> str:
    return json.dumps(
        {
            "status": [row.status, Status.CODE_ISSUED.value],
            "membership_code": [None, row.code],
            "version": [row.version, row.version + 1],
        }
    )


def _search_terms(session: Session, rows: Sequence[Given]) -> None:
    """A household that was found by one of these words before keeps it: the others are added."""
    wanted = sorted((term, row.household_id) for row in rows for term in code_terms(row.code))
    session.execute(text("CREATE TEMPORARY TABLE found_by AS SELECT term, household_id FROM search_term WHERE false"))
    columns: dict[str, Sequence[Any]] = {
        "term": [term for term, _ in wanted],
        "household_id": [household_id for _, household_id in wanted],
    }
    write(session, Table("found_by", MetaData()), columns)
    # WHERE true: without it SQLite takes ON for a join.
    session.execute(
        text(
            "INSERT INTO search_term (term, household_id) SELECT term, household_id FROM found_by WHERE true "
            "ON CONFLICT DO NOTHING"
        )
    )
    session.execute(text("DROP TABLE found_by"))
