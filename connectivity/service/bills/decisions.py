"""What somebody decides about a bill's findings, and the file that goes back to the provider."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from connectivity.access.audit import record
from connectivity.bulk import stream
from connectivity.database import now
from connectivity.register import Account, Bill, BillFinding, BillLine, Decision, Enrollment, Household, SnapshotHome
from connectivity.register import ServiceSnapshot as Snapshot
from connectivity.rules.billing import BUCKET_LABEL, Bucket
from connectivity.rules.money import dollars

LETTER_HEADER = (
    "invoice_no", "row", "membership_code", "account_last4", "service_from", "service_to", "billed_total", "amount_in_question",
    "what_we_found", "why", "our_note",
)  # fmt: skip
REFUSED_HEADER_END = ("row", "what_is_wrong")
LINES_A_PAGE = 50


NOTHING_OPEN = "Nothing was chosen: every line of this list is decided already. Tick the lines you want to decide anew."
NOTHING_CHOSEN = "Nothing was chosen: these lines are no longer in this list. Tick lines of the list as it is now."


class DecisionRefused(ValueError):
    """Nothing was decided. The message is for the person."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One finding as the page shows it. `reference`: of the household, None for nobody of ours."""

    finding: BillFinding
    line: BillLine | None
    reference: str | None
    standing: SnapshotHome | None


def of_bucket(bill: Bill, bucket: Bucket) -> ColumnElement[bool]:
    """A WHERE condition: the findings of one bucket."""
    return and_(BillFinding.bill_id == bill.id, BillFinding.bucket == bucket)


def items(session: Session, bill: Bill, bucket: Bucket, *, after: int, size: int) -> list[Item]:
    """Findings of a bucket behind `after` (an id), at most `size`."""
    at = and_(BillLine.bill_id == BillFinding.bill_id, BillLine.number == BillFinding.number)
    taken = select(Snapshot.id).where(Snapshot.provider_id == bill.provider_id, Snapshot.month == bill.month)
    held = and_(
        SnapshotHome.enrollment_id == BillFinding.enrollment_id, SnapshotHome.snapshot_id == taken.scalar_subquery()
    )
    rows = session.execute(
        select(BillFinding, BillLine, Household.reference, SnapshotHome)
        .outerjoin(BillLine, at)
        .outerjoin(Enrollment, Enrollment.id == BillFinding.enrollment_id)
        .outerjoin(Household, Household.id == Enrollment.household_id)
        .outerjoin(SnapshotHome, held)
        .where(of_bucket(bill, bucket), BillFinding.id > after)
        .order_by(BillFinding.id)
        .limit(size)
    )
    return [Item(finding=one, line=line, reference=ref, standing=home) for one, line, ref, home in rows]


def decided(session: Session, bill: Bill) -> dict[str, dict[str, tuple[int, int]]]:
    """Bucket -> decision ("" for none yet) -> (how many, cents)."""
    rows = session.execute(
        select(BillFinding.bucket, BillFinding.decision, func.count(), func.sum(BillFinding.cents))
        .where(BillFinding.bill_id == bill.id)
        .group_by(BillFinding.bucket, BillFinding.decision)
    )
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for bucket, decision, count, cents in rows:
        found.setdefault(bucket, {})[decision or ""] = (count, int(cents))
    return found


def decide(
    session: Session,
    *,
    account: Account,
    bill: Bill,
    bucket: Bucket,
    ids: Sequence[int] | None,
    decision: Decision | None,
    note: str,
) -> int:
    """Decides the named findings of a bucket, or (`ids` None) all of it that nobody has decided. `decision` None takes it back.

    Returns how many. Raises DecisionRefused when nothing was chosen, or a dispute names no line of the bill.
    """
    if ids is not None and not ids:
        raise DecisionRefused("Choose at least one line first.")
    if decision is Decision.DISPUTE and bucket is Bucket.NOT_BILLED:
        raise DecisionRefused("There is no line to dispute: these homes are not on the bill. Ask the provider why.")
    which = of_bucket(bill, bucket)
    which = and_(which, BillFinding.decision.is_(None)) if ids is None else and_(which, BillFinding.id.in_(ids))
    changed = session.execute(
        update(BillFinding)
        .where(which)
        .values(
            decision=decision.value if decision else None,
            note=note.strip(),
            decided_by=account.id,
            decided_at=now() if decision else None,
        )
        .returning(BillFinding.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not changed:
        raise DecisionRefused(NOTHING_OPEN if ids is None else NOTHING_CHOSEN)
    record(
        session,
        account=account,
        action="bill.decided",
        subject="bill",
        subject_id=bill.id,
        changes={
            "bucket": [None, bucket.value],
            "decision": [None, decision.value if decision else None],
            "findings": [None, [row.id for row in changed]],
        },
    )
    session.flush()
    return len(changed)


def letter_rows(session: Session, bill_id: int) -> Iterator[Sequence[Any]]:
    """The disputed lines, as the provider knows them: its own invoice, code and account, and our reason; nobody's name or address."""
    for invoice, number, code, account, since, until, total, cents, bucket, reason, note in stream(
        session, _disputed(bill_id)
    ):
        yield (
            invoice, number, code, account, since, until, dollars(total), dollars(cents), BUCKET_LABEL[Bucket(bucket)], reason,
            note,
        )  # fmt: skip


def _disputed(bill_id: int) -> Any:
    return (
        select(
            BillLine.invoice, BillLine.number, BillLine.code, BillLine.account_last4, BillLine.service_from,
            BillLine.service_to, BillLine.total_cents, BillFinding.cents, BillFinding.bucket, BillFinding.reason,
            BillFinding.note,
        )
        .join(BillLine, and_(BillLine.bill_id == BillFinding.bill_id, BillLine.number == BillFinding.number))
        .where(BillFinding.bill_id == bill_id, BillFinding.decision == Decision.DISPUTE)
        .order_by(BillFinding.number)
    )  # fmt: skip


def refused_rows(session: Session, bill_id: int, width: int) -> Iterator[Sequence[Any]]:
    """The lines that could not be read, as they came, each with what is wrong."""
    lines = (
        select(BillLine)
        .where(BillLine.bill_id == bill_id, BillLine.refused != "")
        .order_by(BillLine.number)
        .execution_options(yield_per=1000)
    )
    for line in session.scalars(lines):
        cells = [*(line.cells or []), *[""] * width][:width]
        yield [*cells, line.number, line.refused]
