"""What is sensitive about a student, sealed with the program's own keys: opened for the eligibility role alone, and each view is written down."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import Flask, current_app
from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from connectivity.access.audit import record
from connectivity.register import Account, ProgramYear, Role, Student, StudentFactors

BATCH = 2000  # rows sealed again at a time


class FactorsNotHeld(RuntimeError):
    """No key is set (CONNECTIVITY_FACTOR_KEYS), so nothing sensitive may be taken in, opened or sealed again."""


class FactorsClosed(PermissionError):
    """Only an account of the eligibility role opens them."""


@dataclass(frozen=True, kw_only=True)
class FactorsOfYear:
    """One program year's factors as the district wrote them, by name. `values` None: no key of today opens them."""

    program_year: str
    recorded_at: dt.datetime
    values: Mapping[str, str] | None


@dataclass(frozen=True, kw_only=True)
class Resealed:
    """How many rows are sealed with the first key now, and how many no key opens: those are left as they are."""

    sealed: int
    unopened: int


def holds_factors(app: Flask) -> bool:
    """Whether the program takes in sensitive factors at all. By default it does not."""
    return bool(app.config["FACTOR_KEYS"])


def seal(values: Mapping[str, str]) -> bytes:
    """Factor -> as the district wrote it, sealed with the first key. Needs the app's context. Raises FactorsNotHeld."""
    return _keys().encrypt(json.dumps(dict(values), separators=(",", ":")).encode())


def open_factors(session: Session, *, account: Account, student: Student) -> list[FactorsOfYear]:
    """A student's factors, newest program year first; names what was opened in the audit trail. Raises FactorsNotHeld, FactorsClosed."""
    if account.role != Role.ELIGIBILITY:
        raise FactorsClosed
    keys = _keys()
    rows = session.execute(
        select(ProgramYear.label, StudentFactors.recorded_at, StudentFactors.sealed)
        .join(ProgramYear, ProgramYear.id == StudentFactors.program_year_id)
        .where(StudentFactors.student_id == student.id)
        .order_by(ProgramYear.starts_on.desc())
    )
    found = [
        FactorsOfYear(program_year=label, recorded_at=recorded_at, values=_opened(keys, sealed))
        for label, recorded_at, sealed in rows
    ]
    record(
        session,
        account=account,
        action="factors.opened",
        subject="student_factors",  # not "student": the household's history is read by people who may not know even the names
        subject_id=student.id,
        changes={one.program_year: [None, sorted(one.values or ())] for one in found},
    )
    session.flush()
    return found


def reseal(session: Session) -> Resealed:
    """Seals every row again with the first key, so that older keys can be retired. Raises FactorsNotHeld."""
    keys, after, done, unopened = _keys(), (0, 0), 0, 0
    place = (StudentFactors.student_id, StudentFactors.program_year_id)
    batch = select(*place, StudentFactors.sealed).order_by(*place).limit(BATCH)
    while rows := session.execute(batch.where(tuple_(*place) > after)).all():
        renewed = [_renewed(keys, *row) for row in rows]
        if opened := [row for row in renewed if row is not None]:
            session.execute(update(StudentFactors), opened)
        unopened += renewed.count(None)
        done, after = done + len(rows), (rows[-1].student_id, rows[-1].program_year_id)
    return Resealed(sealed=done - unopened, unopened=unopened)


def _keys() -> MultiFernet:
    keys = tuple(current_app.config["FACTOR_KEYS"])
    if not keys:
        raise FactorsNotHeld
    return _made(keys)


@lru_cache(maxsize=4)
def _made(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _opened(keys: MultiFernet, sealed: bytes) -> dict[str, str] | None:
    try:
        values: dict[str, str] = json.loads(keys.decrypt(bytes(sealed)))
    except InvalidToken:
        return None
    return values


def _renewed(keys: MultiFernet, student_id: int, program_year_id: int, sealed: bytes) -> dict[str, Any] | None:
    try:
        token = keys.rotate(bytes(sealed))
    except InvalidToken:
        return None
    return {"student_id": student_id, "program_year_id": program_year_id, "sealed": token}
