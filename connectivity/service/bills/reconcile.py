"""Holds a bill against the snapshot of its month: reads it, matches every line, and writes lines and findings in one transaction."""

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, slices, table_of, widen_cache, write
from connectivity.database import now, transaction
from connectivity.jobs import Report
from connectivity.register import Bill, BillFinding, BillLine, BillState, Enrollment, MembershipCode, Provider
from connectivity.rules.billing import HONORED, Bucket, Finding, Line, Match, MatchedBy, findings, match
from connectivity.service.bills.bill_file import BillFile, about_homes, lines_of, read_bill
from connectivity.service.bills.missing import asks_for_money, of_month, settle
from connectivity.service.bills.receive import stop
from connectivity.service.bills.snapshots import homes_of, prices_of, snapshot
from connectivity.tabular.problems import FileRefused

Periods = Sequence[tuple[dt.date, dt.date]]


def reconcile(session: Session, bill_id: int, path: Path, *, report: Report) -> None:
    """Reads and reconciles a bill that waits; a second call does nothing. A file that cannot be read is refused with its reason."""
    bill = session.get_one(Bill, bill_id)
    if bill.state not in (BillState.QUEUED, BillState.READING):
        return
    provider_id = bill.provider_id
    report("Reading the bill", 0, 0)
    try:
        held = read_bill(path, file_name=bill.file_name, month=bill.month)
    except FileRefused as refused:
        stop(session, bill_id, str(refused))
        return
    with transaction(session):
        session.get_one(Provider, provider_id, with_for_update=True)  # its bills take turns; always the provider first
        bill = session.get_one(Bill, bill_id, with_for_update=True, populate_existing=True)
        if bill.state not in (BillState.QUEUED, BillState.READING):
            return
        if wrong := _of_another_provider(session, bill, held):
            bill.state, bill.refusal = BillState.REFUSED, wrong
            return
        widen_cache(session)
        _hold_against(session, bill, held, report)


def _of_another_provider(session: Session, bill: Bill, held: BillFile) -> str | None:
    """Why a bill most of whose codes are another provider's is not taken: somebody chose the wrong name on the page."""
    codes = {one.line.code for one in held.lines if one.line.code}
    owners: Counter[int] = Counter()
    for some in slices(sorted(codes)):
        listed = select(MembershipCode.provider_id, func.count()).where(MembershipCode.code.in_(some))
        owners.update(dict(fetch(session, listed.group_by(MembershipCode.provider_id))))
    most = owners.most_common(1)
    if not most or most[0][0] == bill.provider_id or most[0][1] * 2 <= len(codes):
        return None
    other = session.get_one(Provider, most[0][0]).name
    return (
        f"Most codes of this bill were given out for {other}, not for {bill.provider.name}. "
        f"Hand it in again and choose {other}."
    )


def _hold_against(session: Session, bill: Bill, held: BillFile, report: Report) -> None:
    report("Looking at the homes on the first of the month", 0, 0)
    taken = snapshot(session, bill.provider, bill.month)
    homes, lines = homes_of(session, taken), list(lines_of(held))
    report("Matching lines", 0, len(lines))
    matches = match(list(about_homes(held)), homes, _codes(session, bill.provider_id))
    prices = prices_of(session, taken)
    found = list(
        findings(
            lines,
            homes,
            matches,
            billed_before=billed_before(session, bill, lines),
            charged_before=charged_before(session, bill),
            prices=prices,
        )
    )
    report("Writing what was found", 0, len(found))
    _write_lines(session, bill, held, matches)
    write_findings(session, bill, found)
    bill.counts = _counts(held, matches, found, taken.active, prices)
    bill.read_as = {**held.read_as, "headings": held.headings}
    bill.state, bill.reconciled_at, bill.stored_as = BillState.RECONCILED, now(), ""
    session.flush()
    settle(session, provider_id=bill.provider_id, month=bill.month)


def _codes(session: Session, provider_id: int) -> dict[str, int]:
    """Every code of the provider that a household was ever given -> the enrollment it was for."""
    rows = fetch(
        session,
        select(MembershipCode.code, Enrollment.id)
        .join(
            Enrollment,
            and_(
                Enrollment.household_id == MembershipCode.household_id,
                Enrollment.program_year_id == MembershipCode.program_year_id,
            ),
        )
        .where(MembershipCode.provider_id == provider_id, MembershipCode.issued_on.is_not(None)),
    )
    return dict(rows)


def billed_before(session: Session, bill: Bill, lines: Sequence[Line]) -> Mapping[int, Periods]:
    """Enrollment -> the days that bills of the provider ask for that were reconciled before, where they overlap this one."""
    if not lines:
        return {}
    begin, end = min(one.service_from for one in lines), max(one.service_to for one in lines)
    rows = fetch(
        session,
        select(BillLine.enrollment_id, BillLine.service_from, BillLine.service_to)
        .join(Bill, Bill.id == BillLine.bill_id)
        .where(
            Bill.provider_id == bill.provider_id,
            Bill.state == BillState.RECONCILED,
            _before(bill),
            BillLine.enrollment_id.is_not(None),
            asks_for_money(),
            BillLine.service_to >= begin,
            BillLine.service_from <= end,
        ),
    )
    found: dict[int, list[tuple[dt.date, dt.date]]] = defaultdict(list)
    for enrollment, since, until in rows:
        found[enrollment].append((_day(since), _day(until)))
    return found


def charged_before(session: Session, bill: Bill) -> Mapping[int, int]:
    """Enrollment -> cents that bills of the month reconciled before charge for service that is the home's to have."""
    in_vain = exists().where(
        BillFinding.bill_id == BillLine.bill_id,
        BillFinding.number == BillLine.number,
        BillFinding.bucket.not_in([one.value for one in HONORED]),
    )
    rows = fetch(
        session,
        select(BillLine.enrollment_id, func.sum(BillLine.charge_cents))
        .join(Bill, Bill.id == BillLine.bill_id)
        .where(
            of_month(bill.provider_id, bill.month),
            _before(bill),
            BillLine.enrollment_id.is_not(None),
            BillLine.charge_cents > 0,
            ~in_vain,
        )
        .group_by(BillLine.enrollment_id),
    )
    return {enrollment: int(cents) for enrollment, cents in rows}


def _before(bill: Bill) -> ColumnElement[bool]:
    """A WHERE condition: other bills, those that were reconciled when this one was."""
    others = Bill.id != bill.id
    return others if bill.reconciled_at is None else and_(others, Bill.reconciled_at < bill.reconciled_at)


def _day(value: Any) -> dt.date:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


def _write_lines(session: Session, bill: Bill, held: BillFile, matches: Mapping[int, Match]) -> None:
    rows: list[tuple[Any, ...]] = [
        (
            one.line.number, one.invoice, one.line.code, one.line.account_last4, one.line.last_name, one.line.line,
            one.line.unit, one.line.service_from.isoformat(), one.line.service_to.isoformat(), one.plan,
            one.amounts.charge, one.amounts.tax, one.amounts.credit, one.amounts.total, *_matched(matches, one.line.number),
            "", None,
        )
        for one in held.lines
    ]  # fmt: skip
    rows += [
        (
            one.number, "", "", "", "", "", "", None, None, "", 0, 0, 0, 0, *_matched(matches, one.number), one.why,
            _json(one.cells),
        )
        for one in held.refused
    ]  # fmt: skip
    if rows:
        names = (
            "number", "invoice", "code", "account_last4", "last_name", "line", "unit", "service_from", "service_to",
            "plan", "charge_cents", "tax_cents", "credit_cents", "total_cents", "enrollment_id", "matched_by", "refused",
            "cells",
        )  # fmt: skip
        columns: dict[str, Sequence[Any]] = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
        write(session, table_of(BillLine), {"bill_id": [bill.id] * len(rows), **columns})


def _json(cells: Sequence[str]) -> str:
    return json.dumps(list(cells))


def _matched(matches: Mapping[int, Match], number: int) -> tuple[int | None, str | None]:
    found = matches.get(number)
    return (found.enrollment, found.by.value) if found else (None, None)


def write_findings(session: Session, bill: Bill, found: Sequence[Finding]) -> None:
    if not found:
        return
    columns: dict[str, Sequence[Any]] = {
        "bill_id": [bill.id] * len(found),
        "bucket": [one.bucket.value for one in found],
        "number": [one.number for one in found],
        "enrollment_id": [one.enrollment for one in found],
        "cents": [one.cents for one in found],
        "reason": [one.reason for one in found],
        "note": [""] * len(found),
    }
    write(session, table_of(BillFinding), columns)


def _counts(
    held: BillFile, matches: Mapping[int, Match], found: Sequence[Finding], active: int, prices: Mapping[int, int]
) -> dict[str, int]:
    """Figures of the receipt: lines, refused lines, cents in all, how lines were matched, and of each bucket how many and how much."""
    billing = [matches.get(one.line.number) for one in held.lines if one.bills_service]
    by = Counter(one.by for one in billing if one)
    counts = {
        "lines": len(held.lines),
        "refused": len(held.refused),
        "cents": sum(one.amounts.total for one in held.lines),
        "credit_cents": sum(one.amounts.credit for one in held.lines),
        "active": active,
        **{f"by_{one.value}": by[one] for one in MatchedBy},
        "unmatched": sum(one is None for one in billing),
        "no_price": sum(one is not None and one.enrollment not in prices for one in billing),
    }
    for bucket in Bucket:
        mine = [one.cents for one in found if one.bucket is bucket]
        counts |= {bucket.value: len(mine), f"{bucket.value}_cents": sum(mine)}
    return counts
