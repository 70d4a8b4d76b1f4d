"""Active and not billed: over all bills of a month, and never of a home whose line was only not read. On both databases."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import Bill, BillFinding, Decision, Role
from connectivity.rules.billing import Bucket
from connectivity.service.bills import decisions, receive
from tests import factories
from tests.service.bills.test_overcharges import priced
from tests.service.bills.test_reconcile import HEADINGS, OCTOBER, billed, csv_bytes, found, served, take

__all__ = ["take"]  # the fixture


def reasons(session: Session, bill: Bill) -> list[str]:
    mine = BillFinding.bill_id == bill.id, BillFinding.bucket == "not_billed"
    return list(session.scalars(select(BillFinding.reason).where(*mine).order_by(BillFinding.enrollment_id)))


def not_billed(session: Session, bill: Bill) -> tuple[int, int]:
    counts = session.get_one(Bill, bill.id, populate_existing=True).counts
    return counts["not_billed"], counts["not_billed_cents"]


def test_a_home_whose_line_was_refused_or_only_pays_back_is_told_so(
    session: Session, take: Callable[..., Bill]
) -> None:
    for number in range(1, 6):
        served(session, f"CCAAAA000{number}")
    ragged = b"A-1,2026-11,CCAAAA0005,Munoz,1135 W Wilson Ave, Apt 2,9.95,,,9.95,,\r\n"
    bill = take(
        csv_bytes(
            [
                billed("CCAAAA0001"),
                billed("CCAAAA0002", monthly_charge="free"),
                billed("CCAAAA0003", monthly_charge="0", credit="9.95", total="-9.95"),
            ]
        )
        + ragged
    )
    assert reasons(session, bill) == [
        "Active on the first of the month; its line could not be read (row 3). Correct that line and send it again.",
        "Active on the first of the month; its line only pays back and bills no service (row 4).",
        "Active on the first of the month, and no line.",
        "Active on the first of the month; its line could not be read (row 5). Correct that line and send it again.",
    ]
    assert (bill.counts["by_code"], bill.counts["unmatched"], bill.counts["refused"]) == (1, 0, 2)


def test_a_refused_line_without_a_code_of_ours_is_known_by_name_and_address(
    session: Session, take: Callable[..., Bill]
) -> None:
    served(session, "CCAAAA0001")
    made = served(session, "CCAAAA0002", guardian_last_name="Nowak")
    home = made.residences[0]
    bill = take(
        [
            billed("CCAAAA0001"),
            billed(
                "", account_holder_last_name="Nowak", service_address=f"{home.line} {home.unit}".strip(), tax="free"
            ),
        ]
    )
    (reason,) = reasons(session, bill)
    assert "its line could not be read (row 3)" in reason


def test_a_bill_in_two_files_leaves_only_homes_that_neither_bills_and_these_once(
    session: Session, take: Callable[..., Bill]
) -> None:
    priced(session)
    for number in range(1, 5):
        served(session, f"CCAAAA000{number}")
    first = take([billed("CCAAAA0001"), billed("CCAAAA0002", monthly_charge="free")])
    assert not_billed(session, first) == (3, 2_985)  # homes 2, 3 and 4 at $9.95
    second = take([billed("CCAAAA0003")], name="second.csv")
    assert found(session, first) == []
    assert not_billed(session, first) == (0, 0)
    assert found(session, second) == [("not_billed", None, 995), ("not_billed", None, 995)]
    assert not_billed(session, second) == (2, 1_990)
    assert "(row 3 of “bill.csv”)" in reasons(session, second)[0]
    third = take([billed("CCAAAA0002"), billed("CCAAAA0004")], name="third.csv")
    assert [found(session, one) for one in (first, second, third)] == [[], [], []]


def test_what_was_decided_stays_with_its_bill_and_says_which_bill_the_home_is_billed_on_since(
    session: Session, take: Callable[..., Bill]
) -> None:
    served(session, "CCAAAA0001")
    served(session, "CCAAAA0002")
    served(session, "CCAAAA0003")
    account = factories.account(session, Role.STAFF)
    first = take([billed("CCAAAA0001")])
    with transaction(session):
        decisions.decide(
            session, account=account, bill=first, bucket=Bucket.NOT_BILLED, chosen=None, decision=Decision.OURS, note=""
        )
    second = take([billed("CCAAAA0002")], name="second.csv")
    assert reasons(session, first) == [
        "Not on this bill; billed since, by “second.csv”.",
        "Active on the first of the month, and no line.",
    ]
    assert found(session, second) == []  # home 3 is decided: nobody is asked a second time
    with transaction(session):
        receive.discard(session, account=account, bill=session.get_one(Bill, second.id), reason="a new one came")
    assert reasons(session, first) == ["Active on the first of the month, and no line."] * 2


def test_a_bill_put_aside_gives_its_homes_back_to_the_other_bill_of_the_month(
    session: Session, take: Callable[..., Bill]
) -> None:
    priced(session)
    served(session, "CCAAAA0001")
    served(session, "CCAAAA0002")
    first = take([billed("CCAAAA0001")])
    second = take([billed("CCAAAA0002")], name="second.csv")
    assert (not_billed(session, first), not_billed(session, second)) == ((0, 0), (0, 0))
    with transaction(session):
        receive.discard(session, account=None, bill=session.get_one(Bill, second.id), reason="a new one came")
    assert found(session, first) == [("not_billed", None, 995)]
    assert not_billed(session, first) == (1, 995)


def test_a_home_that_only_last_months_bill_names_is_not_billed_this_month(
    session: Session, take: Callable[..., Bill]
) -> None:
    served(session, "CCAAAA0001")
    served(session, "CCAAAA0002")
    headings = (*HEADINGS, "service_from", "service_to")
    october = billed("CCAAAA0002", bill_month="2026-10")
    take(csv_bytes([october], HEADINGS), month=OCTOBER, name="october.csv")
    cycle = billed("CCAAAA0001", service_from="2026-10-15", service_to="2026-11-14")
    bill = take(csv_bytes([cycle], headings))
    assert reasons(session, bill) == ["Active on the first of the month, and no line."]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (b"", "The file has headings, but no rows under them."),
        (b" , , ,,,,,,\r\n,,,,,,,,\r\n", "The file has headings, but no rows under them."),
        (b"Total,,,,,0.00,0.00,0.00,0.00\r\n", "No line was found under the headings that charges"),
    ],
)
def test_a_bill_without_any_line_is_refused_and_finds_nobody(
    session: Session, take: Callable[..., Bill], rows: bytes, words: str
) -> None:
    served(session, "CCAAAA0001")
    bill = take(csv_bytes([]) + rows)
    assert (bill.state, bill.counts) == ("refused", {})
    assert bill.refusal.startswith(words)
    assert found(session, bill) == []
