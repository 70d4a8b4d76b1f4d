"""Puts held codes back into the pool: the household was never told of them."""

import datetime as dt

from sqlalchemy import ColumnElement, delete, select, tuple_
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, slices
from connectivity.register import Account, MembershipCode, SearchTerm
from connectivity.rules.service_states import CodeState
from connectivity.service.codes import ledger


def release_held(
    session: Session, *, account: Account | None, which: ColumnElement[bool], on: dt.date, note: str = ""
) -> int:
    """Frees the held codes among those that `which` names. Returns how many."""
    held = (MembershipCode.state == CodeState.HELD) & which
    ledger.hold_households(session, held)
    _forget_terms(session, held)
    return len(ledger.turn_all(session, account=account, which=held, after=CodeState.FREE, on=on, note=note))


def _forget_terms(session: Session, which: ColumnElement[bool]) -> None:
    """A household edited while a code was held for it is found by that code: no longer."""
    codes = fetch(session, select(MembershipCode.code, MembershipCode.household_id).where(which))
    for some in slices([(code.lower(), household_id) for code, household_id in codes]):
        session.execute(
            delete(SearchTerm)
            .where(tuple_(SearchTerm.term, SearchTerm.household_id).in_(some))
            .execution_options(synchronize_session=False)
        )
