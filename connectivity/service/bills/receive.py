"""A bill that was handed in: kept once, reconciled by the worker, put aside by a person."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectivity.access.audit import record
from connectivity.database import transaction
from connectivity.register import Account, Bill, BillFinding, BillLine, BillState, Provider
from connectivity.service.bills.missing import settle


class BillRefused(ValueError):
    """The bill cannot be taken, or not be put aside. The message is for the person."""


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """A file as it was received. `stored_as`: its name in the folder of uploads."""

    file_name: str
    file_bytes: int
    file_sha256: str
    stored_as: str


def submit(
    session: Session, *, account: Account | None, provider: Provider, month: dt.date, file: HandedIn, today: dt.date
) -> tuple[Bill, bool]:
    """The bill, and whether it is new: the same file a second time for the month finds the first. Raises BillRefused for a month to come."""
    if month.day != 1:
        raise BillRefused("A bill is for a month: give its first day.")
    if month > today:
        raise BillRefused(f"{month:%B %Y} has not begun yet: nobody is known to be active on its first day.")
    session.get_one(Provider, provider.id, with_for_update=True)  # twice at once: the second waits and finds the first
    standing = Bill.state.not_in((BillState.REFUSED, BillState.DISCARDED))
    known = session.scalar(
        select(Bill).where(
            Bill.provider_id == provider.id, Bill.month == month, Bill.file_sha256 == file.file_sha256, standing
        )
    )
    if known is not None:
        return known, False
    bill = Bill(
        provider_id=provider.id,
        month=month,
        file_name=file.file_name,
        file_bytes=file.file_bytes,
        file_sha256=file.file_sha256,
        stored_as=file.stored_as,
        state=BillState.QUEUED,
        submitted_by=account.id if account else None,
    )
    session.add(bill)
    session.flush()
    record(session, account=account, action="bill.handed_in", subject="bill", subject_id=bill.id)
    return bill, True


def discard(session: Session, *, account: Account | None, bill: Bill, reason: str) -> None:
    """Puts a bill aside, as if it had never come; its lines and findings go. Raises BillRefused without a reason, or once decided."""
    session.get_one(
        Provider, bill.provider_id, with_for_update=True
    )  # as reconciling does: the provider, then its bills
    session.refresh(bill, with_for_update=True)
    if not reason.strip():
        raise BillRefused("Say why the bill is put aside.")
    if bill.state not in (BillState.RECONCILED, BillState.QUEUED):
        raise BillRefused("Only a bill that waits or is reconciled can be put aside.")
    decided = select(BillFinding.id).where(BillFinding.bill_id == bill.id, BillFinding.decision.is_not(None)).limit(1)
    if session.scalar(decided) is not None:
        raise BillRefused("Something of this bill was decided already, so it stays. Take the decisions back first.")
    for noun in (BillFinding, BillLine):
        session.execute(delete(noun).where(noun.bill_id == bill.id).execution_options(synchronize_session=False))
    bill.state = BillState.DISCARDED
    session.flush()
    settle(session, provider_id=bill.provider_id, month=bill.month)
    record(
        session,
        account=account,
        action="bill.put_aside",
        subject="bill",
        subject_id=bill.id,
        changes={"reason": [None, reason.strip()]},
    )
    session.flush()


def stop(session: Session, bill_id: int, why: str) -> None:
    """The bill could not be read: `why` is for the person."""
    with transaction(session):
        bill = session.get_one(Bill, bill_id, with_for_update=True)
        if bill.state in (BillState.QUEUED, BillState.READING):
            bill.state, bill.refusal = BillState.REFUSED, why
