"""The books of membership codes: the one place that moves a code from state to state, and writes each move down."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, slices, table_of, write
from connectivity.bulk import update as update_rows
from connectivity.database import now
from connectivity.register import Account, BatchSource, CodeBatch, CodeEvent, Household, MembershipCode
from connectivity.rules.service_states import CODE_NEXT, CodeState


class MoveRefused(ValueError):
    """A code does not go from the one state to the other. A fault of the program, not of a person."""


def turn(
    session: Session,
    *,
    account: Account | None,
    code_id: int,
    before: CodeState,
    after: CodeState,
    on: dt.date,
    household_id: int | None = None,
    note: str = "",
) -> bool:
    """Moves one code if it still stands at `before`; False if somebody was quicker. `household_id`: whom it is held for or given to.

    Raises MoveRefused for a move that the state machine does not know.
    """
    _refuse_unknown_move(before, after)
    row = session.execute(
        update(MembershipCode)
        .where(MembershipCode.id == code_id, MembershipCode.state == before)
        .values(**_written(after, on, household_id))
        .returning(MembershipCode.household_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        return False
    session.execute(
        insert(CodeEvent).values(
            code_id=code_id,
            before=before.value,
            state=after.value,
            happened_on=on,
            household_id=row.household_id,
            note=note,
            recorded_by=account.id if account else None,
            recorded_at=now(),
        )
    )
    return True


def turn_all(
    session: Session,
    *,
    account: Account | None,
    which: ColumnElement[bool],
    after: CodeState,
    on: dt.date,
    note: str = "",
) -> list[int]:
    """Moves every code that `which` names and that may go to `after`; those that may not stay. Returns the codes' ids. In a few statements."""
    may = [state.value for state, following in CODE_NEXT.items() if after in following]
    rows = fetch(
        session,
        select(MembershipCode.id, MembershipCode.state, MembershipCode.household_id)
        .where(which, MembershipCode.state.in_(may))
        .order_by(MembershipCode.id)
        .with_for_update(of=MembershipCode),
    )
    for some in slices([one for one, *_ in rows]):
        session.execute(
            update(MembershipCode)
            .where(MembershipCode.id.in_(some))
            .values(**_written(after, on, None))
            .execution_options(synchronize_session=False)
        )
    write_events(session, account=account, rows=rows, after=after, on=on, note=note)
    return [one for one, *_ in rows]


def give_all(
    session: Session,
    *,
    account: Account | None,
    given: Sequence[tuple[int, int]],
    after: CodeState,
    on: dt.date,
    stand: CodeState | None = None,
    note: str = "",
) -> None:
    """Moves many codes at once to `held` or `issued`: pairs of (code, household). In a few statements, whatever their number.

    `stand`: where all of them stand, for a caller that holds them already. Raises MoveRefused, and moves none, if one of them may not go
    there; IntegrityError if a household has a live code already.
    """
    may = [state for state, following in CODE_NEXT.items() if after in following]
    ids = [code_id for code_id, _ in given]
    stood = dict.fromkeys(ids, stand.value) if stand else _held_fast(session, ids)
    refused = [code_id for code_id in ids if stood.get(code_id) not in may]
    if refused:
        raise MoveRefused(f"{len(refused)} codes do not go to {after}")
    count = len(given)
    columns: dict[str, Sequence[Any]] = {
        "id": ids,
        "state": [after.value] * count,
        "household_id": [household_id for _, household_id in given],
    }
    if after is CodeState.ISSUED:
        columns["issued_on"] = [on.isoformat()] * count
    update_rows(session, table_of(MembershipCode), ["id"], columns)
    rows = [(code_id, stood[code_id], household_id) for code_id, household_id in given]
    write_events(session, account=account, rows=rows, after=after, on=on, note=note)


def hold_households(session: Session, which: ColumnElement[bool]) -> None:
    """Holds the households of the codes that `which` names, in the order of their ids: always before the codes themselves.

    A code's event refers to its household; whoever gives a code holds the household first and would wait for the code.
    """
    whose = select(MembershipCode.household_id).where(which, MembershipCode.household_id.is_not(None))
    held = select(Household.id).where(Household.id.in_(whose)).order_by(Household.id)
    fetch(session, held.with_for_update(of=Household, key_share=True))


def hold_codes(session: Session, which: ColumnElement[bool]) -> None:
    """Holds the codes that `which` names, in the order of their ids: what is asked of them next stays true until the transaction ends."""
    held = select(MembershipCode.id).where(which).order_by(MembershipCode.id)
    fetch(session, held.with_for_update(of=MembershipCode))


def _held_fast(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Code -> its state, held until the transaction ends."""
    found: dict[int, str] = {}
    for some in slices(ids):
        rows = select(MembershipCode.id, MembershipCode.state).where(MembershipCode.id.in_(some))
        found |= dict(fetch(session, rows.order_by(MembershipCode.id).with_for_update(of=MembershipCode)))
    return found


def usable_on(day: dt.date) -> ColumnElement[bool]:
    """A WHERE condition: codes whose last day, their own or their batch's, has not passed."""
    of_batch = select(CodeBatch.expires_on).where(CodeBatch.id == MembershipCode.batch_id).scalar_subquery()
    return func.coalesce(MembershipCode.expires_on, of_batch, day) >= day


def write_events(
    session: Session,
    *,
    account: Account | None,
    rows: Sequence[tuple[int, str | None, int | None]],
    after: CodeState,
    on: dt.date,
    note: str = "",
) -> None:
    """Writes down moves that were made in bulk: rows of (code, state before or None, household or None)."""
    if not rows:
        return
    count = len(rows)
    columns: dict[str, Sequence[Any]] = {
        "code_id": [row[0] for row in rows],
        "before": [row[1] for row in rows],
        "state": [after.value] * count,
        "happened_on": [on.isoformat()] * count,
        "household_id": [row[2] for row in rows],
        "note": [note] * count,
        "recorded_by": [account.id if account else None] * count,
        "recorded_at": [instant(session)] * count,
    }
    write(session, table_of(CodeEvent), columns)


def instant(session: Session) -> str:
    """This moment as the database stores it in bulk: SQLite without its offset."""
    moment = now()
    if session.get_bind().dialect.name == "postgresql":
        return moment.isoformat()
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _refuse_unknown_move(before: CodeState, after: CodeState) -> None:
    if after not in CODE_NEXT[before]:
        raise MoveRefused(f"{before} -> {after}")


def _written(after: CodeState, on: dt.date, household_id: int | None) -> dict[str, Any]:
    values: dict[str, Any] = {"state": after.value}
    if after is CodeState.FREE:  # back in the pool: it was never handed out
        values |= {"household_id": None, "issued_on": None}
    elif household_id is not None:
        values["household_id"] = household_id
    if after is CodeState.ISSUED:
        values["issued_on"] = on
    return values


def typed_batch(session: Session, *, provider_id: int, program_year_id: int, on: dt.date) -> int:
    """The batch of a provider and year whose codes came one by one, with room for one more. Returns its id."""
    batch_id = session.scalar(
        update(CodeBatch)
        .where(
            CodeBatch.provider_id == provider_id,
            CodeBatch.program_year_id == program_year_id,
            CodeBatch.source == BatchSource.TYPED,
        )
        .values(imported=CodeBatch.imported + 1)
        .returning(CodeBatch.id)
        .execution_options(synchronize_session=False)
    )
    if batch_id is not None:
        return batch_id
    batch = CodeBatch(
        provider_id=provider_id, program_year_id=program_year_id, source=BatchSource.TYPED, imported=1, received_on=on
    )
    session.add(batch)
    session.flush()
    return batch.id


def count_by_state(session: Session, *which: ColumnElement[bool]) -> dict[CodeState, int]:
    """How many codes stand at each state."""
    rows = session.execute(select(MembershipCode.state, func.count()).where(*which).group_by(MembershipCode.state))
    found = dict.fromkeys(CodeState, 0)
    return found | {CodeState(state): count for state, count in rows}
