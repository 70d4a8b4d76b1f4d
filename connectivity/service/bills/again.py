"""Judges reconciled bills again when the homes of their month were corrected. What somebody decided stays as it is."""

import datetime as dt
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, widen_cache
from connectivity.register import Bill, BillFinding, BillLine, ProgramYear
from connectivity.rules.billing import Bucket, Line, Match, MatchedBy, findings
from connectivity.service.bills.missing import asks_for_money, of_month, settle
from connectivity.service.bills.reconcile import billed_before, charged_before, write_findings
from connectivity.service.bills.snapshots import homes_of, move_end, prices_of, snapshot


def follow_end(session: Session, *, year: ProgramYear, stood: dt.date, to: dt.date) -> None:
    """The last day of a year moved: the months behind it get their homes corrected and their bills judged again, the earlier first."""
    widen_cache(session)
    for provider_id, month in move_end(session, year=year, stood=stood, to=to):
        bills = select(Bill).where(of_month(provider_id, month)).order_by(Bill.reconciled_at, Bill.id).with_for_update()
        for bill in session.scalars(bills.execution_options(populate_existing=True)).all():
            _judge(session, bill)
        settle(session, provider_id=provider_id, month=month)


def _judge(session: Session, bill: Bill) -> None:
    """Finds anew what nobody has decided about the lines, as it was found when the bill was reconciled."""
    mine = (BillFinding.bill_id == bill.id, BillFinding.number.is_not(None))
    session.execute(
        delete(BillFinding).where(*mine, BillFinding.decision.is_(None)).execution_options(synchronize_session=False)
    )
    decided = set(session.scalars(select(BillFinding.number).where(*mine)))
    taken = snapshot(session, bill.provider, bill.month)
    lines, matches = _lines(session, bill.id)
    found = findings(
        lines,
        homes_of(session, taken),
        matches,
        billed_before=billed_before(session, bill, lines),
        charged_before=charged_before(session, bill),
        prices=prices_of(session, taken),
    )
    write_findings(session, bill, [one for one in found if one.number not in decided])
    bill.counts = {**bill.counts, "active": taken.active, **_counts(session, bill.id)}
    session.flush()


def _lines(session: Session, bill_id: int) -> tuple[list[Line], dict[int, Match]]:
    """The lines that bill something as they were read, and whose each was found to be."""
    line = BillLine
    rows = fetch(
        session,
        select(
            line.number, line.code, line.account_last4, line.last_name, line.line, line.unit, line.service_from,
            line.service_to, line.total_cents, line.charge_cents, line.tax_cents, line.enrollment_id, line.matched_by,
        )
        .where(line.bill_id == bill_id, asks_for_money())
        .order_by(line.number),
    )  # fmt: skip
    lines = [Line(*(*row[:6], _day(row[6]), _day(row[7]), *row[8:11])) for row in rows]
    matches = {row[0]: Match(row[11], MatchedBy(row[12])) for row in rows if row[11] is not None}
    return lines, matches


def _counts(session: Session, bill_id: int) -> dict[str, int]:
    """Of each bucket of lines how many and how much."""
    counted = select(BillFinding.bucket, func.count(), func.sum(BillFinding.cents)).where(
        BillFinding.bill_id == bill_id
    )
    found = {
        bucket: (many, int(cents)) for bucket, many, cents in session.execute(counted.group_by(BillFinding.bucket))
    }
    counts: dict[str, int] = {}
    for bucket in Bucket:
        if bucket is not Bucket.NOT_BILLED:  # of the month, not of the bill: `settle` counts it
            many, cents = found.get(bucket, (0, 0))
            counts |= {bucket.value: many, f"{bucket.value}_cents": cents}
    return counts


def _day(value: Any) -> dt.date:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value
