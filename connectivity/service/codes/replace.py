"""Gives a household another code for one that is lost or dead. The old one dies and the new one is issued in one transaction: never two live ones."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from connectivity.casework.determinations import is_found_not_eligible
from connectivity.casework.terms import refresh
from connectivity.casework.trail import record_change
from connectivity.register import Account, Enrollment, Household, MembershipCode
from connectivity.rules.membership_codes import shown
from connectivity.rules.service_states import CODE_NEXT, CodeState, Status
from connectivity.service.codes import ledger, pool

HAS_A_CODE = (Status.CODE_ISSUED, Status.ORDERED, Status.KIT_SHIPPED, Status.INSTALLED, Status.ACTIVE, Status.SUSPENDED)


class NotReplaced(ValueError):
    """The code stays as it is. The message is for the person."""


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """The old code and the new one."""

    old: MembershipCode
    new: MembershipCode


def replace(
    session: Session,
    *,
    account: Account,
    household: Household,
    enrollment: Enrollment,
    reason: str,
    on: dt.date,
    text: str = "",
) -> Replaced:
    """Revokes the household's code and issues the provider's next free one, or the one typed. Raises NotReplaced, CodeRefused."""
    old, provider = enrollment.membership_code, enrollment.provider
    if old is None or provider is None or Status(enrollment.status) not in HAS_A_CODE:
        raise NotReplaced("This enrollment has no code to replace. Give one with the step “code issued”.")
    if is_found_not_eligible(session, household.id, enrollment.program_year_id, on=on):
        raise NotReplaced(pool.NOT_ELIGIBLE.format(enrollment.program_year.label))
    stands = CodeState(old.state)
    if stands is CodeState.REDEEMED:
        raise NotReplaced(
            f"{shown(old.code)} is redeemed: the family’s service runs on it, and nobody needs to enter it again. "
            "If service is to begin anew, end this enrollment first."
        )
    if CodeState.REVOKED in CODE_NEXT[stands]:
        ledger.turn(
            session, account=account, code_id=old.id, before=stands, after=CodeState.REVOKED, on=on, note=reason
        )
    session.refresh(old)
    new = _another(session, account, enrollment, text, old, on)
    enrollment.membership_code = new
    refresh(session, household)
    record_change(
        session,
        account=account,
        action="code.replaced",
        household=household,
        changes={"membership_code": [old.code, new.code], "note": [None, reason]},
    )
    return Replaced(old=old, new=new)


def _another(
    session: Session, account: Account, enrollment: Enrollment, text: str, old: MembershipCode, on: dt.date
) -> MembershipCode:
    provider = old.provider
    if not text:
        return pool.next_free(session, account=account, enrollment=enrollment, provider=provider, on=on)
    new = pool.typed(session, account=account, enrollment=enrollment, provider=provider, text=text, on=on)
    if new.id == old.id:
        raise NotReplaced("This is the lost code itself. Leave the field empty for the next free code.")
    return new
