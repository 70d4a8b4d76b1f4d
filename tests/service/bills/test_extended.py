"""A year that is extended after a month's homes were written down: homes, bills and what is undecided follow. On both databases."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from connectivity.database import make_sessions, transaction
from connectivity.register import Account, Bill, BillFinding, Decision, ProgramYear, Role, SnapshotHome, YearExtension
from connectivity.rules.billing import Bucket
from connectivity.service.bills import decisions, receive
from connectivity.service.bills.reconcile import reconcile
from connectivity.service.bills.snapshots import take_all
from connectivity.service.years.extension import extend, preview, take_back
from tests import factories
from tests.conftest import PolicedClient
from tests.service.bills.test_reconcile import billed, csv_bytes, found, silent

JUNE_30, AUGUST_31 = dt.date(2026, 6, 30), dt.date(2026, 8, 31)
JULY, SEPTEMBER = dt.date(2026, 7, 1), dt.date(2026, 9, 1)
BEGAN = dt.date(2025, 10, 1)


@pytest.fixture
def year(session: Session) -> ProgramYear:
    return factories.program_year(session, label="2025-26", starts_on=dt.date(2025, 7, 1), ends_on=JUNE_30)


@pytest.fixture
def admin(session: Session) -> Account:
    return factories.account(session, Role.ADMIN)


@pytest.fixture
def take(session: Session, tmp_path: Path) -> Callable[..., Bill]:
    def of(name: str, *codes: str, month: dt.date = JULY) -> Bill:
        path = tmp_path / name
        path.write_bytes(csv_bytes([billed(code, bill_month=f"{month:%Y-%m}") for code in codes]))
        session.commit()
        with transaction(session):
            file = receive.HandedIn(file_name=name, file_bytes=1, file_sha256=name, stored_as=name)
            given = {"month": month, "file": file, "today": dt.date(2026, 11, 23)}
            bill, _ = receive.submit(session, account=None, provider=factories.provider(session), **given)  # type: ignore[arg-type]
            bill_id = bill.id
        reconcile(session, bill_id, path, report=silent)
        return session.get_one(Bill, bill_id, populate_existing=True)

    return of


def home(session: Session, year: ProgramYear, code: str, status: str = "active", **given: object) -> int:
    """An enrollment of the year that Comcast serves under this code."""
    comcast, household = factories.provider(session), factories.household(session)
    held = factories.membership_code(
        session, code=code, state="redeemed", household_id=household.id, issued_on=BEGAN, program_year_id=year.id
    )
    of = {"provider_id": comcast.id, "plan_id": comcast.plans[0].id, "membership_code_id": held.id}
    made = factories.enrollment(session, household, status, on=BEGAN, program_year_id=year.id, **of, **given)  # type: ignore[arg-type]
    return made.id


def moved(session: Session, year: ProgramYear, admin: Account, to: dt.date = AUGUST_31) -> YearExtension:
    session.commit()
    with transaction(session):
        one = session.get_one(ProgramYear, year.id)
        return extend(
            session, account=session.get_one(Account, admin.id), year=one, stood=one.ends_on, ends_on=to, reason="Board"
        )


def standing(session: Session, bill: Bill) -> dict[str, int]:
    counts = session.get_one(Bill, bill.id, populate_existing=True).counts
    return {name: counts[name] for name in ("active", "after_end", "after_end_cents", "not_billed", "billed_twice")}


def test_an_extension_looks_again_at_what_was_after_the_end_and_at_who_is_active(
    session: Session, year: ProgramYear, admin: Account, take: Callable[..., Bill]
) -> None:
    codes = [f"CCAAAA000{number}" for number in range(1, 6)]
    for code in codes:
        home(session, year, code)
    home(session, year, "CCAAAA0006", leaving_reason="moved", service_until=dt.date(2026, 6, 15))
    first = take("first.csv", *codes[:2], "CCAAAA0006")
    # 3 lines at $9.95 are $29.85.
    assert standing(session, first) == {
        "active": 0, "after_end": 3, "after_end_cents": 2_985, "not_billed": 0, "billed_twice": 0,
    }  # fmt: skip
    with transaction(session):
        after = decisions.of_bucket(first, Bucket.AFTER_END)
        decided, _, _ = session.scalars(select(BillFinding).where(after).order_by(BillFinding.id))
        decisions.decide(
            session, account=admin, bill=first, bucket=Bucket.AFTER_END, chosen={decided.id: None},
            decision=Decision.DISPUTE, note="late",
        )  # fmt: skip
    moved(session, year, admin)
    assert [bucket for bucket, _, _ in found(session, first)] == ["after_end", "after_end", *["not_billed"] * 3]
    # What was decided stays (home 1); home 2 is served again; home 6 left on its own day.
    assert standing(session, first) == {
        "active": 5, "after_end": 2, "after_end_cents": 1_990, "not_billed": 3, "billed_twice": 0,
    }  # fmt: skip
    second = take("second.csv", *codes[2:], codes[0])
    assert standing(session, second) == {
        "active": 5, "after_end": 0, "after_end_cents": 0, "not_billed": 0, "billed_twice": 1,
    }  # fmt: skip
    assert standing(session, first)["not_billed"] == 0


def test_an_extension_that_is_taken_back_closes_the_months_again(
    session: Session, year: ProgramYear, admin: Account, take: Callable[..., Bill]
) -> None:
    home(session, year, "CCAAAA0001")
    home(session, year, "CCAAAA0002")
    bill = take("july.csv", "CCAAAA0001")
    later = take("september.csv", "CCAAAA0001", month=SEPTEMBER)
    stood = [found(session, one) for one in (bill, later)]
    assert stood == [[("after_end", 2, 995)]] * 2
    done = moved(session, year, admin)
    # September 1 lies behind the new end too; its reason names the new last day.
    assert [found(session, one) for one in (bill, later)] == [[("not_billed", None, 0)], [("after_end", 2, 995)]]
    (reason,) = session.scalars(select(BillFinding.reason).where(BillFinding.bill_id == later.id))
    assert reason == "Service ended on Aug 31, 2026."
    with transaction(session):
        extension = session.get_one(YearExtension, done.id)
        take_back(session, account=session.get_one(Account, admin.id), extension=extension, reason="wrong")
    assert [found(session, one) for one in (bill, later)] == stood
    reasons = session.scalars(select(BillFinding.reason).order_by(BillFinding.bill_id))
    assert set(reasons) == {"Service ended on Jun 30, 2026."}
    assert set(session.scalars(select(SnapshotHome.ended_on))) == {JUNE_30}


def test_what_else_was_recorded_since_does_not_change_the_months_homes(
    session: Session, year: ProgramYear, admin: Account, take: Callable[..., Bill]
) -> None:
    home(session, year, "CCAAAA0001", "suspended")
    home(session, year, "CCAAAA0002", "ended")
    with_own_day = home(session, year, "CCAAAA0003", leaving_reason="graduated", service_until=JUNE_30)
    take("july.csv", "CCAAAA0001")
    before = dict(session.execute(select(SnapshotHome.enrollment_id, SnapshotHome.ended_on)).all())  # type: ignore[arg-type]
    moved(session, year, admin)
    rows = session.execute(select(SnapshotHome).order_by(SnapshotHome.enrollment_id)).scalars().all()
    assert [(one.status, one.active, one.ended_on) for one in rows] == [
        ("suspended", False, None), ("ended", False, BEGAN), ("active", False, JUNE_30),
    ]  # fmt: skip
    assert before[with_own_day] == JUNE_30


def test_the_preview_says_how_many_months_and_bills_are_looked_at_again(
    session: Session,
    year: ProgramYear,
    admin: Account,
    take: Callable[..., Bill],
    signed_in: Callable[..., PolicedClient],
) -> None:
    home(session, year, "CCAAAA0001")
    seen = preview(session, year, AUGUST_31)
    assert (seen.snapshots, seen.bills) == (0, 0)
    take("july.csv", "CCAAAA0001")
    with transaction(session):
        take_all(session, SEPTEMBER)
    seen = preview(session, session.get_one(ProgramYear, year.id), AUGUST_31)
    assert (seen.snapshots, seen.bills) == (2, 1)
    client = signed_in(admin)
    page = client.send(f"/service/years/{year.id}/extend", {"ends_on": "2026-08-31", "reason": "Board"})
    assert "1 bill of a month after Jun 30, 2026 is looked at again" in page.text


def test_a_line_billed_twice_stays_with_the_later_bill_when_both_are_judged_again(
    session: Session, year: ProgramYear, admin: Account, take: Callable[..., Bill]
) -> None:
    home(session, year, "CCAAAA0001")
    first, second = take("first.csv", "CCAAAA0001"), take("second.csv", "CCAAAA0001")
    assert [found(session, one) for one in (first, second)] == [[("after_end", 2, 995)], [("billed_twice", 2, 995)]]
    moved(session, year, admin)
    assert [found(session, one) for one in (first, second)] == [[], [("billed_twice", 2, 995)]]


def test_a_bill_that_is_reconciled_while_the_year_is_extended_is_held_against_the_new_end(
    session: Session, engine: Engine, year: ProgramYear, admin: Account, tmp_path: Path
) -> None:
    for number in range(1, 6):
        home(session, year, f"CCAAAA000{number}")
    path = tmp_path / "bill.csv"
    path.write_bytes(csv_bytes([billed("CCAAAA0001", bill_month="2026-07")]))
    bill = Bill(
        provider_id=factories.provider(session).id, month=JULY, file_name="bill.csv", file_bytes=1, file_sha256="x",
        stored_as="bill.csv", state="queued",
    )  # fmt: skip
    session.add(bill)
    session.commit()
    gate, failures = Barrier(2), list[BaseException]()

    def run(work: Callable[[Session], object]) -> None:
        try:
            with make_sessions(engine)() as own:
                gate.wait()
                work(own)
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    works: list[Callable[[Session], object]] = [
        lambda own: reconcile(own, bill.id, path, report=silent),
        lambda own: moved(own, own.get_one(ProgramYear, year.id), admin),
    ]
    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    session.rollback()
    assert standing(session, bill) == {
        "active": 5, "after_end": 0, "after_end_cents": 0, "not_billed": 4, "billed_twice": 0,
    }  # fmt: skip
