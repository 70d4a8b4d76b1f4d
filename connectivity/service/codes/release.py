"""Lets go of held codes. One that nobody was told of goes back into the pool; one that stands in a letter dies: a family has it on paper."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import CTE, ColumnElement, delete, exists, select, tuple_
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, slices
from connectivity.register import Account, Household, Letter, LetterRun, LetterState, MembershipCode, SearchTerm
from connectivity.rules.service_states import CodeState
from connectivity.service.codes import ledger

IN_A_LETTER = "a letter with it was made"


@dataclass(frozen=True, kw_only=True)
class Released:
    """How many held codes are free again, and how many died because a letter with them was made."""

    freed: int = 0
    revoked: int = 0


def release_held(
    session: Session, *, account: Account | None, which: ColumnElement[bool], on: dt.date, note: str = ""
) -> Released:
    """Frees the held codes among those that `which` names, or revokes them if a letter tells them."""
    held = (MembershipCode.state == CodeState.HELD) & which
    ledger.hold_households(session, held)
    ledger.hold_codes(session, held)  # a letter that is begun meanwhile waits, and then finds them free
    revoked = ledger.turn_all(
        session,
        account=account,
        which=held & in_a_letter(),
        after=CodeState.REVOKED,
        on=on,
        note="; ".join(filter(None, (note, IN_A_LETTER))),
    )
    _forget_terms(session, held)
    freed = ledger.turn_all(session, account=account, which=held, after=CodeState.FREE, on=on, note=note)
    return Released(freed=len(freed), revoked=len(revoked))


def in_a_letter() -> ColumnElement[bool]:
    """A WHERE condition over MembershipCode: it stands in a letter that was made or is being made."""
    return exists().where(
        Letter.code_id == MembershipCode.id, LetterRun.id == Letter.run_id, LetterRun.state != LetterState.FAILED
    )


def part_of() -> CTE:
    """Each household that was merged (`part`) beside each that it is part of (`whole`), directly or through another."""
    direct = select(Household.id.label("part"), Household.merged_into_id.label("whole"))
    found = direct.where(Household.merged_into_id.is_not(None)).cte(recursive=True)
    further = select(found.c.part, Household.merged_into_id).join(Household, Household.id == found.c.whole)
    return found.union_all(further.where(Household.merged_into_id.is_not(None)))


def _forget_terms(session: Session, which: ColumnElement[bool]) -> None:
    """A household edited while a code was held for it, or for a part of it, is found by that code: no longer."""
    parts = part_of()
    own = select(MembershipCode.code, MembershipCode.household_id).where(which)
    whole = select(MembershipCode.code, parts.c.whole).join(parts, parts.c.part == MembershipCode.household_id)
    codes = fetch(session, own.union_all(whole.where(which)))
    for some in slices([(code.lower(), household_id) for code, household_id in codes]):
        session.execute(
            delete(SearchTerm)
            .where(tuple_(SearchTerm.term, SearchTerm.household_id).in_(some))
            .execution_options(synchronize_session=False)
        )
