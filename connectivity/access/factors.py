"""What is sensitive about a student, sealed with the program's own keys: opened for the eligibility role alone, and each view is written down."""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import Flask, current_app
from sqlalchemy import func, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from connectivity.access.audit import record
from connectivity.bulk import stream
from connectivity.register import (
    Account,
    Determination,
    EligibilityOutcome,
    EligibilityRun,
    ProgramYear,
    Role,
    Student,
    StudentFactors,
)

BATCH = 2000  # rows sealed again at a time
MOST_REMEMBERED = 50_000  # distinct sets of factors
Made = TypeVar("Made")
# Every column that holds a sealed token, with the key of its rows.
_SEALED: tuple[tuple[InstrumentedAttribute[Any], tuple[InstrumentedAttribute[int], ...]], ...] = (
    (StudentFactors.sealed, (StudentFactors.student_id, StudentFactors.program_year_id)),
    (Determination.sealed, (Determination.id,)),
    (EligibilityOutcome.sealed, (EligibilityOutcome.run_id, EligibilityOutcome.household_id)),
    (EligibilityRun.sealed_groups, (EligibilityRun.id,)),
)


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


def open_year(
    session: Session,
    *,
    account: Account | None,
    year: ProgramYear,
    run_id: int,
    read: Callable[[Mapping[str, str] | None], Made],
) -> Iterator[tuple[int, Made]]:
    """(household, what `read` makes of one of its students' factors; of None, where no key opens them), for a run of eligibility.

    `account`: who started the run. Commits: the trace, with the number of students, stands before the first token is opened.
    Raises FactorsNotHeld, FactorsClosed.
    """
    keys = _keys_for(account)
    of_year = StudentFactors.program_year_id == year.id
    count = session.scalar(select(func.count()).select_from(StudentFactors).where(of_year)) or 0
    changes: dict[str, list[Any]] = {"students": [None, count], "program_year": [None, year.label]}
    _trace(session, account, "factors.opened_in_bulk", "eligibility_run", run_id, changes)
    session.commit()
    remembered: dict[bytes, Made] = {}
    rows = select(Student.household_id, StudentFactors.sealed).join(StudentFactors).where(of_year)
    for household_id, sealed in stream(session, rows):
        content = _content(keys, sealed)
        if content not in remembered:
            if len(remembered) >= MOST_REMEMBERED:
                remembered.clear()
            remembered[content] = read(json.loads(content) if content else None)
        yield household_id, remembered[content]


def open_sealed(
    session: Session, *, account: Account, tokens: Sequence[bytes | None], subject: str, subject_id: int | None
) -> list[dict[str, str] | None]:
    """What was sealed about a determination, in the order of the tokens; None for none, or where no key opens it. One audit event.

    Raises FactorsNotHeld, FactorsClosed.
    """
    keys = _keys_for(account)
    count = sum(token is not None for token in tokens)
    _trace(session, account, "explanations.opened", subject, subject_id, {"explanations": [None, count]})
    session.flush()
    return [None if token is None else _opened(keys, token) for token in tokens]


def _keys_for(account: Account | None) -> MultiFernet:
    if account is None or account.role != Role.ELIGIBILITY:
        raise FactorsClosed
    return _keys()


def _trace(
    session: Session,
    account: Account | None,
    action: str,
    subject: str,
    subject_id: int | None,
    changes: dict[str, Any],
) -> None:
    record(session, account=account, action=action, subject=subject, subject_id=subject_id, changes=changes)


def _content(keys: MultiFernet, sealed: bytes) -> bytes:
    """The JSON under a token; empty where no key opens it."""
    try:
        return keys.decrypt(bytes(sealed))
    except InvalidToken:
        return b""


def reseal(session: Session) -> Resealed:
    """Seals every row again with the first key, so that older keys can be retired. Raises FactorsNotHeld."""
    keys, sealed, unopened = _keys(), 0, 0
    for column, place in _SEALED:
        done = _reseal_column(session, keys, column, place)
        sealed, unopened = sealed + done.sealed, unopened + done.unopened
    return Resealed(sealed=sealed, unopened=unopened)


def _reseal_column(
    session: Session,
    keys: MultiFernet,
    column: InstrumentedAttribute[Any],
    place: tuple[InstrumentedAttribute[int], ...],
) -> Resealed:
    names, after, done, unopened = [one.key for one in place], (0,) * len(place), 0, 0
    batch = select(*place, column).where(column.is_not(None)).order_by(*place).limit(BATCH)
    while rows := session.execute(batch.where(tuple_(*place) > after)).all():
        tokens = [_renewed(keys, bytes(row[-1])) for row in rows]
        renewed = [
            {**dict(zip(names, row, strict=False)), column.key: token}
            for row, token in zip(rows, tokens, strict=True)
            if token is not None
        ]
        if renewed:
            session.execute(update(column.class_), renewed)
        unopened += tokens.count(None)
        done, after = done + len(rows), tuple(rows[-1][:-1])
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


def _renewed(keys: MultiFernet, sealed: bytes) -> bytes | None:
    try:
        return keys.rotate(sealed)
    except InvalidToken:
        return None
