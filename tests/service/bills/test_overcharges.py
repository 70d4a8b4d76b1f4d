"""What a bill asks for too much, and amounts and days that no line may have. On both databases."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import Bill, BillFinding, BillLine, PlanVersion
from tests import factories
from tests.service.bills.test_reconcile import HEADINGS, billed, csv_bytes, found, served, take

__all__ = ["take"]  # the fixture


def priced(session: Session, cents: int = 995, on: dt.date = dt.date(2020, 6, 25)) -> None:
    plan = factories.provider(session).plans[0]
    session.add(PlanVersion(plan_id=plan.id, starts_on=on, down_mbps=50, up_mbps=10, monthly_cents=cents))


def refusals(session: Session, bill: Bill) -> dict[int, str]:
    lines = session.scalars(select(BillLine).where(BillLine.bill_id == bill.id, BillLine.refused != ""))
    return {one.number: one.refused for one in lines}


def test_a_line_that_costs_a_tax_alone_is_matched_and_bucketed(session: Session, take: Callable[..., Bill]) -> None:
    served(session, "CCAAAA0001", "code_issued")
    served(session, "CCAAAA0002")
    served(session, "CCAAAA0003")
    bill = take(
        [
            billed("CCZZZZ0009", monthly_charge="0", tax="750.00"),
            billed("CCAAAA0001", monthly_charge="0", tax="2.00"),
            billed("CCAAAA0002"),
            billed("CCAAAA0002", monthly_charge="0.00", tax="3.00"),
            billed("CCAAAA0003", monthly_charge="0.00", tax="4.00"),
        ]
    )
    assert found(session, bill) == [
        ("not_active", 2, 75_000),
        ("not_active", 3, 200),
        ("billed_twice", 5, 300),
        ("price", 6, 400),
    ]
    # 750.00 + 2.00 + 9.95 + 3.00 + 4.00
    assert (bill.counts["cents"], bill.counts["unmatched"], bill.counts["by_code"]) == (76_895, 1, 4)


def test_a_charge_is_held_against_the_price_of_its_month(session: Session, take: Callable[..., Bill]) -> None:
    priced(session)
    priced(session, 1_200, dt.date(2026, 11, 2))  # from the second on: not yet the price of the first
    served(session, "CCAAAA0001")
    served(session, "CCAAAA0002")
    bill = take([billed("CCAAAA0001", monthly_charge="1,009.95", tax="0.80"), billed("CCAAAA0002")])
    # $1,009.95 less $9.95 is $1,000.00.
    assert found(session, bill) == [("price", 2, 100_000)]
    assert (bill.counts["price"], bill.counts["price_cents"], bill.counts["no_price"]) == (1, 100_000, 0)
    (reason,) = session.scalars(select(BillFinding.reason))
    assert reason == "$1,009.95 is charged; the plan costs $9.95 a month."


def test_halves_of_a_month_on_two_bills_are_held_against_the_price_together(
    session: Session, take: Callable[..., Bill]
) -> None:
    priced(session)
    served(session, "CCAAAA0001")
    headings = (*HEADINGS, "service_from", "service_to")
    half = billed("CCAAAA0001", monthly_charge="6.00", service_from="2026-11-01", service_to="2026-11-15")
    rest = {**half, "service_from": "2026-11-16", "service_to": "2026-11-30"}
    assert found(session, take(csv_bytes([half], headings))) == []
    # $6.00 and $6.00 are $12.00, $2.05 above $9.95.
    assert found(session, take(csv_bytes([rest], headings), name="rest.csv")) == [("price", 2, 205)]


def test_a_bill_tells_how_many_lines_were_held_against_no_price(session: Session, take: Callable[..., Bill]) -> None:
    served(session, "CCAAAA0001")
    bill = take([billed("CCAAAA0001", monthly_charge="5000")])
    assert (found(session, bill), bill.counts["no_price"]) == ([], 1)


def test_a_period_that_reaches_far_outside_its_month_is_refused_and_a_billing_cycle_is_not(
    session: Session, take: Callable[..., Bill]
) -> None:
    for number in range(1, 5):
        served(session, f"CCAAAA000{number}")
    periods = [
        ("2026-10-15", "2026-11-14"),  # a cycle: 17 days outside
        ("2026-10-02", "2026-11-30"),  # 30 days outside: as long as November
        ("2026-10-01", "2026-11-30"),  # 31 days
        ("2025-12-01", "2027-11-30"),  # two years: 335 days before, 365 after
    ]
    rows = [
        billed(f"CCAAAA000{number}", service_from=since, service_to=until)
        for number, (since, until) in enumerate(periods, 1)
    ]
    bill = take(csv_bytes(rows, (*HEADINGS, "service_from", "service_to")))
    told = refusals(session, bill)
    assert set(told) == {4, 5}
    assert "2025-12-01 to 2027-11-30 reaches 700 days outside November 2026" in told[5]
    assert "send the others with the bills of their own months" in told[5]


def test_an_amount_too_large_is_a_problem_of_its_row(session: Session, take: Callable[..., Bill]) -> None:
    served(session, "CCAAAA0001")
    bill = take(
        [
            billed("CCAAAA0001"),
            billed("CCAAAA0001", monthly_charge="99999999999999999999"),
            billed("CCAAAA0001", tax="1000000.01"),
        ]
    )
    assert bill.state == "reconciled"
    told = refusals(session, bill)
    assert "monthly_charge: “99999999999999999999” is more than $1,000,000." in told[3]
    assert "tax: “1000000.01” is more than $1,000,000." in told[4]
