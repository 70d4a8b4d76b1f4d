"""Active homes that no bill of the month bills: a fact of the month, so it stands once, with the newest of the month's bills."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, slices, table_of, write
from connectivity.register import Bill, BillFinding, BillLine, BillState, ServiceSnapshot, SnapshotHome
from connectivity.rules.billing import NO_LINE, Bucket, missing_words

BILLED_SINCE = "Not on this bill; billed since, by "


def asks_for_money() -> ColumnElement[bool]:
    """A WHERE condition: lines with a charge or a tax. Lines that only pay back and refused lines have neither."""
    return or_(BillLine.charge_cents > 0, BillLine.tax_cents > 0)


def of_month(provider_id: int, month: dt.date) -> ColumnElement[bool]:
    """A WHERE condition: the reconciled bills of a provider and month (its first day)."""
    return and_(Bill.provider_id == provider_id, Bill.month == month, Bill.state == BillState.RECONCILED)


def newest_of_month(session: Session, provider_id: int, month: dt.date) -> Bill | None:
    """The bill with which the month's homes that are not billed stand; None where no bill of the month is reconciled."""
    return session.scalar(select(Bill).where(of_month(provider_id, month)).order_by(Bill.id.desc()).limit(1))


def settle(session: Session, *, provider_id: int, month: dt.date) -> None:
    """Finds anew what is active and not billed, over all bills of the month. To be called by whoever holds the provider.

    Findings that nobody has decided move to the newest bill, or go where a line was found. Decided ones stay where they are; their
    reason says by which bill the home was billed since.
    """
    locked = select(Bill).where(of_month(provider_id, month)).order_by(Bill.id).with_for_update()
    bills = session.scalars(locked.execution_options(populate_existing=True)).all()
    taken = select(ServiceSnapshot.id).where(ServiceSnapshot.provider_id == provider_id, ServiceSnapshot.month == month)
    snapshot_id = session.scalar(taken)
    if not bills or snapshot_id is None:
        return
    mine = and_(BillFinding.bill_id.in_([one.id for one in bills]), BillFinding.bucket == Bucket.NOT_BILLED)
    session.execute(
        delete(BillFinding).where(mine, BillFinding.decision.is_(None)).execution_options(synchronize_session=False)
    )
    _tell_decided(session, bills, mine)
    _write_missing(session, bills, mine, snapshot_id)
    _count(session, bills, mine)
    session.flush()


def _tell_decided(session: Session, bills: Sequence[Bill], mine: ColumnElement[bool]) -> None:
    rows = fetch(
        session,
        select(BillFinding.id, func.min(BillLine.bill_id))
        .join(BillLine, BillLine.enrollment_id == BillFinding.enrollment_id)
        .where(mine, BillLine.bill_id.in_([one.id for one in bills]), asks_for_money())
        .group_by(BillFinding.id),
    )
    _say(session, and_(mine, BillFinding.reason.startswith(BILLED_SINCE)), NO_LINE)  # that bill may be put aside by now
    by_bill: dict[int, list[int]] = defaultdict(list)
    for finding, bill_id in rows:
        by_bill[bill_id].append(finding)
    names = {one.id: one.file_name for one in bills}
    for bill_id, ids in by_bill.items():
        for some in slices(ids):
            _say(session, BillFinding.id.in_(some), f"{BILLED_SINCE}“{names[bill_id]}”.")


def _say(session: Session, which: ColumnElement[bool], reason: str) -> None:
    session.execute(update(BillFinding).where(which).values(reason=reason).execution_options(synchronize_session=False))


def _write_missing(session: Session, bills: Sequence[Bill], mine: ColumnElement[bool], snapshot_id: int) -> None:
    """Each active home without a line and without a decision, once, under the newest bill."""
    ids = [one.id for one in bills]
    billed = exists().where(
        BillLine.enrollment_id == SnapshotHome.enrollment_id, BillLine.bill_id.in_(ids), asks_for_money()
    )
    told = exists().where(BillFinding.enrollment_id == SnapshotHome.enrollment_id, mine)
    homes = fetch(
        session,
        select(SnapshotHome.enrollment_id, SnapshotHome.month_cents)
        .where(SnapshotHome.snapshot_id == snapshot_id, SnapshotHome.active, ~billed, ~told)
        .order_by(SnapshotHome.enrollment_id),
    )
    if not homes:
        return
    refused, paid_back = _other_lines(session, bills)
    columns: dict[str, Sequence[Any]] = {
        "bill_id": [ids[-1]] * len(homes),
        "bucket": [Bucket.NOT_BILLED.value] * len(homes),
        "number": [None] * len(homes),
        "enrollment_id": [one for one, _ in homes],
        "cents": [price or 0 for _, price in homes],
        "reason": [missing_words(refused=refused.get(one, ""), paid_back=paid_back.get(one, "")) for one, _ in homes],
        "note": [""] * len(homes),
    }
    write(session, table_of(BillFinding), columns)


def _other_lines(session: Session, bills: Sequence[Bill]) -> tuple[dict[int, str], dict[int, str]]:
    """Enrollment -> where its refused line stands, and where the one that only pays back; of several the newest."""
    names, newest = {one.id: one.file_name for one in bills}, bills[-1].id
    refused: dict[int, str] = {}
    paid_back: dict[int, str] = {}
    rows = fetch(
        session,
        select(BillLine.enrollment_id, BillLine.bill_id, BillLine.number, BillLine.refused)
        .where(BillLine.bill_id.in_(list(names)), BillLine.enrollment_id.is_not(None), ~asks_for_money())
        .order_by(BillLine.bill_id.desc(), BillLine.number),
    )
    for enrollment, bill_id, number, why in rows:
        where = f"row {number}" if bill_id == newest else f"row {number} of “{names[bill_id]}”"
        (refused if why else paid_back).setdefault(enrollment, where)
    return refused, paid_back


def _count(session: Session, bills: Sequence[Bill], mine: ColumnElement[bool]) -> None:
    counted = select(BillFinding.bill_id, func.count(), func.sum(BillFinding.cents)).where(mine)
    found = {
        bill_id: (many, int(cents)) for bill_id, many, cents in session.execute(counted.group_by(BillFinding.bill_id))
    }
    for bill in bills:
        many, cents = found.get(bill.id, (0, 0))
        bill.counts = {**bill.counts, Bucket.NOT_BILLED.value: many, f"{Bucket.NOT_BILLED.value}_cents": cents}
