"""Gives a household its membership code: the one that was typed, or the next free one of the provider's pool. Never one code twice."""

import datetime as dt

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectivity.access.scope import in_scope
from connectivity.households.absorbed import stands_for
from connectivity.register import Account, Enrollment, Household, MembershipCode, ProgramYear, Provider
from connectivity.rules.membership_codes import normalize, shown
from connectivity.rules.service_states import CodeState


class CodeRefused(ValueError):
    """The code cannot be given. The message is for the person; `holder` is the reference of the household that has it, if one may know."""

    def __init__(self, message: str, holder: str | None = None) -> None:
        self.holder = holder
        super().__init__(message)


def next_free(session: Session, *, enrollment: Enrollment, provider: Provider, on: dt.date) -> MembershipCode:
    """Takes the pool's next free code for this household. Two at once never get the same. Raises CodeRefused for an empty pool."""
    pool = (
        select(MembershipCode.id)
        .where(
            MembershipCode.provider_id == provider.id,
            MembershipCode.program_year_id == enrollment.program_year_id,
            MembershipCode.state == CodeState.FREE,
        )
        .order_by(MembershipCode.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    while (code_id := session.scalar(pool)) is not None:
        if _take(session, code_id, CodeState.FREE, enrollment, on):
            return session.get_one(MembershipCode, code_id, populate_existing=True)
    raise CodeRefused(
        f"{provider.name} has no free code left for {enrollment.program_year.label}. "
        "Ask the provider for more codes, or type the code that the family has."
    )


def typed(
    session: Session, *, account: Account, enrollment: Enrollment, provider: Provider, text: str, on: dt.date
) -> MembershipCode:
    """Gives the typed code, known or new. Raises CodeRefused."""
    try:
        code = normalize(text)
    except ValueError as unread:
        raise CodeRefused(str(unread)) from unread
    known = session.scalar(select(MembershipCode).where(MembershipCode.code == code))
    if known is None:
        _refuse_unknown(session, code, enrollment, provider)
        return _new(session, code, enrollment, provider, on)
    _refuse_foreign(session, account, known, enrollment, provider)
    if not _take(session, known.id, CodeState(known.state), enrollment, on):
        raise CodeRefused(
            f"Somebody else took {shown(code)} just now. Check the code, or leave it empty for the next one."
        )
    session.refresh(known)
    return known


def _refuse_unknown(session: Session, code: str, enrollment: Enrollment, provider: Provider) -> None:
    """Where the provider's list is loaded, a code that is not on it is a slip of the pen; without a list any code is believed."""
    listed = exists().where(
        MembershipCode.provider_id == provider.id, MembershipCode.program_year_id == enrollment.program_year_id
    )
    if session.scalar(select(listed)):
        raise CodeRefused(
            f"{shown(code)} is not among {provider.name}’s codes for {enrollment.program_year.label}. "
            "Check it against the letter, or leave it empty for the next free code."
        )


def _new(session: Session, code: str, enrollment: Enrollment, provider: Provider, on: dt.date) -> MembershipCode:
    made = MembershipCode(
        code=code,
        provider_id=provider.id,
        program_year_id=enrollment.program_year_id,
        state=CodeState.ISSUED,
        household_id=enrollment.household_id,
        issued_on=on,
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError as taken:
        raise CodeRefused(f"{shown(code)} was given to another household just now. Check the code.") from taken
    return made


def _refuse_foreign(
    session: Session, account: Account, known: MembershipCode, enrollment: Enrollment, provider: Provider
) -> None:
    name = shown(known.code)
    if known.household_id not in (None, enrollment.household_id):
        given_to = session.get_one(Household, known.household_id)
        kept = stands_for(session, given_to)
        if kept.id == enrollment.household_id:
            raise CodeRefused(
                f"{name} was given to {given_to.reference}, which is part of this household now, and belongs to its own "
                "enrollment. Leave the field empty for the next free code."
            )
        holder = session.scalar(
            select(Household.reference).where(Household.id == kept.id, in_scope(Household, account))
        )
        whose = f"household {holder}" if holder else "another household"
        raise CodeRefused(f"{name} belongs to {whose}. A code is for one household only: check it.", holder)
    if known.provider_id != provider.id:
        owner = session.get_one(Provider, known.provider_id)
        raise CodeRefused(f"{name} is a code of {owner.name}. Choose a plan of {owner.name}, or check the code.")
    if known.program_year_id != enrollment.program_year_id:
        year = session.get_one(ProgramYear, known.program_year_id)
        raise CodeRefused(f"{name} is a code for {year.label}. Enter a code for {enrollment.program_year.label}.")
    usable = {CodeState.FREE} if known.household_id is None else {CodeState.EXPIRED, CodeState.REVOKED}
    if known.state not in usable:
        raise CodeRefused(
            f"{name} is {known.state} and cannot be given out. Leave the field empty for the next free code."
        )


def _take(session: Session, code_id: int, state: CodeState, enrollment: Enrollment, on: dt.date) -> bool:
    """Issues the code if it still stands at `state`; False if somebody was quicker."""
    taken = session.execute(
        update(MembershipCode)
        .where(MembershipCode.id == code_id, MembershipCode.state == state)
        .values(state=CodeState.ISSUED, household_id=enrollment.household_id, issued_on=on)
        .returning(MembershipCode.id)
        .execution_options(synchronize_session=False)
    )
    return taken.one_or_none() is not None
