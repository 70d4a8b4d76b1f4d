"""What somebody decides about a bill's findings, and the file that goes back to the provider."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select, update
from sqlalchemy.orm import Session

from connectivity.access.audit import record
from connectivity.bulk import slices, stream
from connectivity.database import now
from connectivity.register import Account, Bill, BillFinding, BillLine, Decision, Enrollment, Household, SnapshotHome
from connectivity.register import ServiceSnapshot as Snapshot
from connectivity.rules.billing import BUCKET_LABEL, Bucket
from connectivity.rules.money import dollars

Standing = Row[int, int | None, str | None, str, dt.datetime | None]  # id, number, decision, note, decided_at
LETTER_HEADER = (
    "invoice_no", "row", "membership_code", "account_last4", "service_from", "service_to", "billed_total", "amount_in_question",
    "what_we_found", "why", "our_note",
)  # fmt: skip
REFUSED_HEADER_END = ("row", "what_is_wrong")
LINES_A_PAGE = 50


NOTHING_OPEN = "Nothing was chosen: every line of this list is decided already. Tick the lines you want to decide anew."
NOTHING_CHOSEN = "Nothing was chosen: these lines are no longer in this list. Tick lines of the list as it is now."
DECIDED_SINCE = (
    "Nothing was decided: somebody else decided about {} since you opened this page. "
    "Look at the list as it is now, and tick the lines you still want to decide."
)


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
    chosen: Mapping[int, dt.datetime | None] | None,
    decision: Decision | None,
    note: str,
) -> int:
    """Decides the chosen findings of a bucket, or (`chosen` None) all of it that nobody has decided. `decision` None takes it back.

    `chosen`: finding -> when it was decided as the person saw it, None for not yet. Returns how many. Raises DecisionRefused when nothing
    was chosen, somebody else decided since, or a dispute names no line of the bill. The bill must be held.
    """
    if chosen is not None and not chosen:
        raise DecisionRefused("Choose at least one line first.")
    if decision is Decision.DISPUTE and bucket is Bucket.NOT_BILLED:
        raise DecisionRefused("There is no line to dispute: these homes are not on the bill. Ask the provider why.")
    stand = _to_decide(session, bill, bucket, chosen)
    _write(session, account, [one.id for one in stand], decision, note.strip())
    _trace(session, account, bill, bucket, stand, decision, note.strip())
    session.flush()
    return len(stand)


def _to_decide(
    session: Session, bill: Bill, bucket: Bucket, chosen: Mapping[int, dt.datetime | None] | None
) -> Sequence[Standing]:
    """(id, number, decision, note, decided_at) of each as it stands. Raises DecisionRefused."""
    which = BillFinding.decision.is_(None) if chosen is None else BillFinding.id.in_(list(chosen))
    columns = (BillFinding.id, BillFinding.number, BillFinding.decision, BillFinding.note, BillFinding.decided_at)
    rows = session.execute(select(*columns).where(of_bucket(bill, bucket), which).order_by(BillFinding.id)).all()
    if not rows or (chosen is not None and len(rows) < len(chosen)):
        raise DecisionRefused(NOTHING_OPEN if chosen is None else NOTHING_CHOSEN)
    others = [one for one in rows if chosen is not None and one.decided_at != chosen[one.id]]
    if others:
        numbers = [f"row {one.number}" for one in others[:5] if one.number]
        more = [f"{len(others) - len(numbers):,} {'more' if numbers else 'of these homes'}"][
            : len(others) > len(numbers)
        ]
        raise DecisionRefused(DECIDED_SINCE.format(", ".join(numbers + more)))
    return rows


def _write(session: Session, account: Account, ids: Sequence[int], decision: Decision | None, note: str) -> None:
    for some in slices(ids):
        session.execute(
            update(BillFinding)
            .where(BillFinding.id.in_(some))
            .values(
                decision=decision.value if decision else None,
                note=note,
                decided_by=account.id,
                decided_at=now() if decision else None,
            )
            .execution_options(synchronize_session=False)
        )


def _trace(
    session: Session,
    account: Account,
    bill: Bill,
    bucket: Bucket,
    stood: Sequence[Standing],
    decision: Decision | None,
    note: str,
) -> None:
    """One event for each way the findings stood before."""
    alike: dict[tuple[str | None, str], list[int]] = {}
    for one in stood:
        alike.setdefault((one.decision, one.note), []).append(one.id)
    for before, ids in alike.items():
        record(
            session,
            account=account,
            action="bill.decided",
            subject="bill",
            subject_id=bill.id,
            changes={
                "bucket": [None, bucket.value],
                "decision": [before[0], decision.value if decision else None],
                "note": [before[1], note],
                "findings": [None, ids],
            },
        )


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
