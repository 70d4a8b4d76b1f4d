"""Why a code does not work: where it stands, since when, and what to do next. Says nothing of the household but, to those who may see it, its page.

A code that is not in the books gets no suggestion: the nearest real code would be another family's.
"""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access.audit import record
from connectivity.access.scope import in_scope
from connectivity.casework.merged import stands_for
from connectivity.register import (
    Account,
    CodeBatch,
    CodeEvent,
    Enrollment,
    Household,
    MembershipCode,
    ProgramYear,
    Provider,
)
from connectivity.rules.membership_codes import looks_misread, normalize
from connectivity.rules.service_states import CODE_DID_ITS_WORK, LIVE_CODE, CodeState


@dataclass(frozen=True, kw_only=True)
class Found:
    """What may be said of a code in the books."""

    code: str
    state: CodeState
    provider: str
    provider_active: bool
    year: str
    starts_on: dt.date
    ends_on: dt.date
    since: dt.date  # the day of its last move
    issued_on: dt.date | None
    expires_on: dt.date | None  # None too once it cannot be used for another reason: it was used, or taken back
    replaced: bool  # its household has another, live code of the year
    household: str | None  # reference, for those who may open it
    merged: bool  # the household it is held for is part of another now
    today: dt.date

    @property
    def year_stands(self) -> str:
        """`before`, `now` or `over`, as the program year lies to today."""
        if self.today < self.starts_on:
            return "before"
        return "over" if self.today > self.ends_on else "now"

    @property
    def overdue(self) -> bool:
        """Its last day has passed, and the nightly run has not marked it yet."""
        return self.expires_on is not None and self.expires_on < self.today


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """Not in the books. `misread`: letters in it that codes of ours never have."""

    code: str
    misread: str


def look_up(session: Session, *, account: Account, text: str, today: dt.date) -> Found | Unknown:
    """What stands in the books; the look is written to the audit trail. Raises ValueError with words for what cannot be a code."""
    code = normalize(text)
    known = session.scalar(select(MembershipCode).where(MembershipCode.code == code))
    record(
        session,
        account=account,
        action="code.looked_up",
        subject="membership_code",
        subject_id=known.id if known else None,
    )
    return _found(session, account, known, today) if known else Unknown(code=code, misread=looks_misread(code))


def _found(session: Session, account: Account, known: MembershipCode, today: dt.date) -> Found:
    provider = session.get_one(Provider, known.provider_id)
    year = session.get_one(ProgramYear, known.program_year_id)
    batch = session.get_one(CodeBatch, known.batch_id)
    since = session.scalar(
        select(CodeEvent.happened_on).where(CodeEvent.code_id == known.id).order_by(CodeEvent.id.desc()).limit(1)
    )
    return Found(
        code=known.code,
        state=CodeState(known.state),
        provider=provider.name,
        provider_active=provider.active,
        year=year.label,
        starts_on=year.starts_on,
        ends_on=year.ends_on,
        since=since or batch.received_on,
        issued_on=known.issued_on,
        expires_on=None if _done_with(session, known) else known.expires_on or batch.expires_on,
        replaced=_replaced(session, known),
        household=_household(session, account, known),
        merged=known.state == CodeState.HELD and _is_merged(session, known),
        today=today,
    )


def _done_with(session: Session, known: MembershipCode) -> bool:
    """The last day to use it means nothing any more: it was used, even if it ended with the service since, or it was taken back."""
    if known.state in (CodeState.REDEEMED, CodeState.REVOKED):
        return True
    redeemed = select(CodeEvent.id).where(CodeEvent.code_id == known.id, CodeEvent.before == CodeState.REDEEMED)
    ordered = select(Enrollment.id).where(
        Enrollment.membership_code_id == known.id, Enrollment.status.in_(CODE_DID_ITS_WORK)
    )
    return session.scalar(redeemed.limit(1)) is not None or session.scalar(ordered.limit(1)) is not None


def _replaced(session: Session, known: MembershipCode) -> bool:
    if known.household_id is None or known.state in LIVE_CODE:
        return False
    live = select(MembershipCode.id).where(
        MembershipCode.household_id == known.household_id,
        MembershipCode.program_year_id == known.program_year_id,
        MembershipCode.state.in_(LIVE_CODE),
    )
    return session.scalar(live.limit(1)) is not None


def _is_merged(session: Session, known: MembershipCode) -> bool:
    merged = select(Household.id).where(Household.id == known.household_id, Household.merged_into_id.is_not(None))
    return session.scalar(merged) is not None


def _household(session: Session, account: Account, known: MembershipCode) -> str | None:
    if known.household_id is None:
        return None
    stands = stands_for(session, session.get_one(Household, known.household_id))
    return session.scalar(select(Household.reference).where(Household.id == stands.id, in_scope(Household, account)))
