"""Applies a looked-at file to the register in one transaction: steps, codes, the provider's words, accounts, and the trail of each household."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from connectivity.access import audit
from connectivity.bulk import fetch, slices, table_of, widen_cache, write
from connectivity.database import now, transaction
from connectivity.jobs import Report
from connectivity.register import (
    Account,
    AuditEvent,
    Enrollment,
    EnrollmentEvent,
    FileState,
    Household,
    MembershipCode,
    ProviderAccount,
    ProviderFile,
    ProviderFileRow,
    ProviderWord,
    RowFate,
)
from connectivity.rules.service_states import CodeState, SaidBy, Status
from connectivity.service.codes import ledger
from connectivity.service.provider_files import files
from connectivity.service.provider_files.check import check

# (step, state of the code) -> the state it goes to.
MOVES: Mapping[tuple[str | None, CodeState | None], CodeState] = {
    (Status.ACTIVE, CodeState.ISSUED): CodeState.REDEEMED,
    (Status.ENDED, CodeState.REDEEMED): CodeState.EXPIRED,
    (Status.ENDED, CodeState.HELD): CodeState.REVOKED,
    (Status.ENDED, CodeState.ISSUED): CodeState.REVOKED,
}
CHANGED_SINCE = "Some of these records changed since the summary was made, so it was made again. Look at it once more; nothing was written."


class _Change(NamedTuple):
    """One updated row."""

    enrollment_id: int
    household_id: int
    version: int
    word: str | None
    step: str | None
    happened_on: Any  # a day as the driver gives it
    account_last4: str | None
    before: str
    code_id: int | None
    code_state: str | None


def apply(session: Session, file_id: int, path: Path, *, report: Report) -> FileState:
    """Applies a claimed file, or makes its summary again if the register has changed since. A second call, even at once, does nothing."""
    with transaction(session):
        widen_cache(session)
        file = files.locked(session, file_id)
        if file.state != FileState.APPLYING:
            return FileState(file.state)
        _hold_households(session, file_id)
        stale = _stale(session, file_id)
        if not stale:
            _write(session, file, report)
    if stale:
        return check(session, file_id, path, report=report, note=CHANGED_SINCE)
    path.unlink(missing_ok=True)
    return FileState.APPLIED


def _hold_households(session: Session, file_id: int) -> None:
    """In the order of their ids, as everybody holds them, so that nobody takes a step of one in between. SQLite has one writer."""
    if session.get_bind().dialect.name == "postgresql":
        held = select(Household.id).join(Enrollment).join(ProviderFileRow).where(_updated(file_id))
        fetch(session, held.order_by(Household.id).with_for_update(of=Household, key_share=True))


def _updated(file_id: int) -> ColumnElement[bool]:
    return and_(ProviderFileRow.provider_file_id == file_id, ProviderFileRow.fate == RowFate.UPDATED)


def _stale(session: Session, file_id: int) -> bool:
    """Whether a record is no longer what its row was judged by."""
    changed = (
        select(ProviderFileRow.number)
        .join(Enrollment, Enrollment.id == ProviderFileRow.enrollment_id)
        .join(Household, Household.id == Enrollment.household_id)
        .where(
            _updated(file_id),
            or_(
                Enrollment.status != ProviderFileRow.before_status,
                Enrollment.status_on != ProviderFileRow.before_on,
                Household.version != ProviderFileRow.household_version,
            ),
        )
    )
    return session.scalar(changed.limit(1)) is not None


def _write(session: Session, file: ProviderFile, report: Report) -> None:
    changes = _changes(session, file.id)
    account = session.get(Account, file.applied_by) if file.applied_by else None
    report("Writing steps", 0, len(changes))
    _take_steps(session, account, file.id)
    report("Moving codes", 0, 0)
    _move_codes(session, account, changes)
    report("Keeping the provider’s word", 0, 0)
    _keep_words(session, file.id)
    _keep_accounts(session, file)
    report("Writing the trail", 0, 0)
    _trace(session, file, changes)
    file.state, file.applied_at = FileState.APPLIED, now()
    audit.record(
        session,
        account=account,
        action="provider_file.applied",
        subject="provider_file",
        subject_id=file.id,
        changes={name: [None, number] for name, number in file.counts.items()},
    )
    report("Committing", 0, 0)


def _changes(session: Session, file_id: int) -> list[_Change]:
    row = ProviderFileRow
    statement = (
        select(Enrollment.id, Enrollment.household_id, Household.version, row.word, row.step, row.happened_on)
        .add_columns(row.account_last4, Enrollment.status, MembershipCode.id, MembershipCode.state)
        .select_from(row)
        .join(Enrollment, Enrollment.id == row.enrollment_id)
        .join(Household, Household.id == Enrollment.household_id)
        .outerjoin(MembershipCode, MembershipCode.id == Enrollment.membership_code_id)
        .where(_updated(file_id))
        .order_by(row.number)
    )
    return [_Change(*found) for found in fetch(session, statement)]


def _take_steps(session: Session, account: Account | None, file_id: int) -> None:
    row, event = ProviderFileRow, EnrollmentEvent
    steps = and_(_updated(file_id), row.step.is_not(None))
    given = select(row.enrollment_id, row.step, row.happened_on, row.reason, row.note).add_columns(
        literal(SaidBy.PROVIDER.value),
        literal(account.id if account else None, event.recorded_by.type),
        literal(now(), event.recorded_at.type),
    )
    names = ("enrollment_id", "status", "happened_on", "reason", "note", "said_by", "recorded_by", "recorded_at")
    session.execute(insert(event).from_select(names, given.where(steps).order_by(row.number)))
    session.execute(
        update(Enrollment)
        .where(Enrollment.id == row.enrollment_id, steps)
        .values(status=row.step, status_on=row.happened_on)
        .execution_options(synchronize_session=False)
    )


def _move_codes(session: Session, account: Account | None, changes: Sequence[_Change]) -> None:
    """A code is redeemed by its first use; when an enrollment ends, a used one expires and one never used is revoked."""
    of: dict[tuple[CodeState, CodeState, Any], list[int]] = {}
    for one in changes:
        state = CodeState(one.code_state) if one.code_state else None
        after = MOVES.get((one.step, state))
        if state and after and one.code_id is not None:
            of.setdefault((state, after, one.happened_on), []).append(one.code_id)
    for (state, after, day), ids in of.items():
        on = dt.date.fromisoformat(day) if isinstance(day, str) else day
        for some in slices(ids):
            which = and_(MembershipCode.id.in_(some), MembershipCode.state == state)
            ledger.turn_all(session, account=account, which=which, after=after, on=on)


def _keep_words(session: Session, file_id: int) -> None:
    row = ProviderFileRow
    given = select(
        row.enrollment_id, row.provider_file_id, row.number, row.word, row.happened_on, row.updated_on, row.note
    )
    names = ("enrollment_id", "provider_file_id", "number", "word", "said_on", "updated_on", "note")
    told = given.where(_updated(file_id), row.word.is_not(None)).order_by(row.number)
    session.execute(insert(ProviderWord).from_select(names, told))


def _keep_accounts(session: Session, file: ProviderFile) -> None:
    row, account = ProviderFileRow, ProviderAccount
    told = and_(_updated(file.id), row.account_last4.is_not(None))
    before = and_(
        account.provider_id == file.provider_id, account.enrollment_id.in_(select(row.enrollment_id).where(told))
    )
    session.execute(delete(account).where(before).execution_options(synchronize_session=False))
    given = select(row.enrollment_id, literal(file.provider_id), row.account_last4).add_columns(
        func.coalesce(row.updated_on, row.happened_on), row.provider_file_id
    )
    names = ("enrollment_id", "provider_id", "last4", "said_on", "provider_file_id")
    session.execute(insert(account).from_select(names, given.where(told)))


def _trace(session: Session, file: ProviderFile, changes: Sequence[_Change]) -> None:
    """Raises each household's version and writes its audit event, so that an open form of it is told."""
    if not changes:
        return
    of: dict[int, tuple[int, dict[str, list[Any]]]] = {}
    for one in changes:
        _, said = of.setdefault(one.household_id, (one.version, {"provider_file": [None, file.id]}))
        said |= _said(one)
    households = sorted(of)
    named = select(Enrollment.household_id).join(ProviderFileRow).where(_updated(file.id))
    session.execute(
        update(Household)
        .where(Household.id.in_(named))
        .values(version=Household.version + 1, updated_at=now())
        .execution_options(synchronize_session=False)
    )
    count = len(households)
    columns: dict[str, Sequence[Any]] = {
        "at": [ledger.instant(session)] * count,
        "account_id": [file.applied_by] * count,
        # A step stands in the household's history by itself; a word or an account without one is told by this event.
        "action": ["enrollment.stepped" if "status" in of[one][1] else "provider.reported" for one in households],
        "subject": ["household"] * count,
        "subject_id": households,
        "changes": [json.dumps({**of[one][1], "version": [of[one][0], of[one][0] + 1]}) for one in households],
    }
    write(session, table_of(AuditEvent), columns)


def _said(one: _Change) -> Mapping[str, list[Any]]:
    said: dict[str, list[Any]] = {}
    if one.step:
        said["status"] = [one.before, one.step]
    if one.word:
        said["provider_word"] = [None, one.word]
    if one.account_last4:
        said["account_last4"] = [None, one.account_last4]
    return said
