"""Gives a household its membership code: the one that was typed, or the next free one of the provider's pool. Never one code twice."""

import datetime as dt

from sqlalchemy import exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectivity.access.scope import in_scope
from connectivity.casework.merged import stands_for
from connectivity.register import Account, CodeEvent, Enrollment, Household, MembershipCode, ProgramYear, Provider
from connectivity.rules.membership_codes import normalize, shown
from connectivity.rules.service_states import VOID_CODE, CodeState
from connectivity.service.codes import ledger

NOT_ELIGIBLE = (
    "This household was found not eligible for {}, so it gets no code. If that is wrong, "
    "have the eligibility office override it on the household’s eligibility page; else end this enrollment."
)


class CodeRefused(ValueError):
    """The code cannot be given. The message is for the person; `holder` is the reference of the household that has it, if one may know."""

    def __init__(self, message: str, holder: str | None = None) -> None:
        self.holder = holder
        super().__init__(message)


def next_free(
    session: Session, *, account: Account, enrollment: Enrollment, provider: Provider, on: dt.date
) -> MembershipCode:
    """The code that is held for this household, else the pool's next free one. Two at once never get the same.

    Raises CodeRefused for an empty pool, or if another provider's code is held.
    """
    held = _held_for(session, enrollment, provider)
    if held is not None and _take(session, account, held, CodeState.HELD, enrollment, on):
        return session.get_one(MembershipCode, held, populate_existing=True)
    pool = (
        select(MembershipCode.id)
        .where(
            MembershipCode.provider_id == provider.id,
            MembershipCode.program_year_id == enrollment.program_year_id,
            MembershipCode.state == CodeState.FREE,
            ledger.usable_on(on),
        )
        .order_by(MembershipCode.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=MembershipCode)
    )
    while (code_id := session.scalar(pool)) is not None:
        if _take(session, account, code_id, CodeState.FREE, enrollment, on):
            return session.get_one(MembershipCode, code_id, populate_existing=True)
    raise CodeRefused(
        f"{provider.name} has no free code left for {enrollment.program_year.label}. "
        "Ask the provider for more codes, or type the code that the family has."
    )


def _held_for(session: Session, enrollment: Enrollment, provider: Provider) -> int | None:
    """Id of the code that waits for this household. Raises CodeRefused for one of another provider."""
    held = session.scalar(
        select(MembershipCode).where(
            MembershipCode.household_id == enrollment.household_id,
            MembershipCode.program_year_id == enrollment.program_year_id,
            MembershipCode.state == CodeState.HELD,
        )
    )
    if held is not None and held.provider_id != provider.id:
        raise CodeRefused(
            f"A code of {held.provider.name} is held for this household. Choose a plan of {held.provider.name}, "
            "or release the held code first, on the page “Give out codes”."
        )
    return held.id if held else None


def typed(
    session: Session, *, account: Account, enrollment: Enrollment, provider: Provider, text: str, on: dt.date
) -> MembershipCode:
    """Gives the typed code, known or new. Raises CodeRefused."""
    try:
        code = normalize(text)
    except ValueError as unread:
        raise CodeRefused(str(unread)) from unread
    known = session.scalar(select(MembershipCode).where(MembershipCode.code == code))
    held = _held_for(session, enrollment, provider)
    if held is not None and (known is None or known.id != held):
        kept = session.get_one(MembershipCode, held)
        raise CodeRefused(
            f"{shown(kept.code)} is held for this household. Leave the field empty to give that one, "
            "or release it first, on the page “Give out codes”."
        )
    if known is None:
        _refuse_unknown(session, code, enrollment, provider)
        return _new(session, account, code, enrollment, provider, on)
    _refuse_foreign(session, account, known, enrollment, provider)
    if not _take(session, account, known.id, CodeState(known.state), enrollment, on):
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


def _new(
    session: Session, account: Account, code: str, enrollment: Enrollment, provider: Provider, on: dt.date
) -> MembershipCode:
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
            made.batch_id = ledger.typed_batch(
                session, provider_id=provider.id, program_year_id=enrollment.program_year_id, on=on
            )
            session.add(made)
            session.flush()
            ledger.write_events(
                session,
                account=account,
                rows=[(made.id, None, enrollment.household_id)],
                after=CodeState.ISSUED,
                on=on,
            )
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
    usable = (CodeState.FREE,) if known.household_id is None else (CodeState.HELD, *VOID_CODE)
    if known.state not in usable:
        raise CodeRefused(
            f"{name} is {known.state} and cannot be given out. Leave the field empty for the next free code."
        )
    if _was_redeemed(session, known):
        raise CodeRefused(
            f"{name} was used already, and a code works once: {provider.name} would turn it down. "
            "Leave the field empty for the next free code."
        )


def _was_redeemed(session: Session, known: MembershipCode) -> bool:
    """Whether the code ever was, whatever became of it since: the ledger keeps each of its moves."""
    redeemed = exists().where(
        CodeEvent.code_id == known.id,
        or_(CodeEvent.state == CodeState.REDEEMED, CodeEvent.before == CodeState.REDEEMED),
    )
    return bool(session.scalar(select(redeemed)))


def _take(
    session: Session, account: Account, code_id: int, state: CodeState, enrollment: Enrollment, on: dt.date
) -> bool:
    """Issues the code if it still stands at `state`; False if somebody was quicker."""
    return ledger.turn(
        session,
        account=account,
        code_id=code_id,
        before=state,
        after=CodeState.ISSUED,
        on=on,
        household_id=enrollment.household_id,
    )
