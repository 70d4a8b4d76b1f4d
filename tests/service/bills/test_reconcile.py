"""A provider's bill from file to decision: read, held against the first of the month, decided, answered. On both databases."""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from connectivity.database import make_sessions, transaction
from connectivity.register import (
    AuditEvent,
    Bill,
    BillFinding,
    BillLine,
    Disclosure,
    EnrollmentEvent,
    Household,
    PlanVersion,
    Provider,
    Role,
    ServiceSnapshot,
)
from connectivity.rules.billing import Bucket
from connectivity.service.bills import decisions, receive
from connectivity.service.bills.reconcile import reconcile
from connectivity.service.nightly import Night, take_snapshots
from connectivity.tabular.write import Profile, read_csv
from tests import factories
from tests.conftest import PolicedClient

OCTOBER, NOVEMBER = dt.date(2026, 10, 1), dt.date(2026, 11, 1)
SEPTEMBER_9 = dt.date(2026, 9, 9)
HEADINGS = (
    "invoice_no", "bill_month", "membership_code", "account_holder_last_name", "service_address", "monthly_charge", "tax",
    "credit", "total",
)  # fmt: skip


def silent(_stage: str, _done: int, _total: int) -> None:
    """Hears reports and says nothing."""


def served(session: Session, code: str, status: str = "active", on: dt.date = SEPTEMBER_9, **given: Any) -> Household:
    """A household that Comcast serves under this code."""
    comcast = factories.provider(session)
    made = factories.household(session, **given)
    held = factories.membership_code(
        session, code=code, state="redeemed" if status == "active" else "issued", household_id=made.id, issued_on=on
    )
    factories.enrollment(
        session, made, status, on=on, provider_id=comcast.id, plan_id=comcast.plans[0].id, membership_code_id=held.id
    )
    return made


def billed(code: str, **given: str) -> dict[str, str]:
    return {"invoice_no": "A-1", "bill_month": "2026-11", "membership_code": code, "monthly_charge": "9.95", **given}


def csv_bytes(rows: Sequence[Mapping[str, str]], headings: Sequence[str] = HEADINGS) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, headings, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@pytest.fixture
def take(session: Session, tmp_path: Path) -> Callable[..., Bill]:
    """Hands a bill in and reconciles it, as page and worker do."""

    def of(content: bytes | Sequence[Mapping[str, str]], month: dt.date = NOVEMBER, name: str = "bill.csv") -> Bill:
        data = content if isinstance(content, bytes) else csv_bytes(content)
        path = tmp_path / name
        path.write_bytes(data)
        session.commit()
        with transaction(session):
            file = receive.HandedIn(file_name=name, file_bytes=len(data), file_sha256=str(hash(data)), stored_as=name)
            bill, _ = receive.submit(
                session,
                account=None,
                provider=factories.provider(session),
                month=month,
                file=file,
                today=dt.date(2026, 11, 23),
            )
            bill_id = bill.id
        reconcile(session, bill_id, path, report=silent)
        return session.get_one(Bill, bill_id, populate_existing=True)

    return of


def found(session: Session, bill: Bill) -> list[tuple[str, int | None, int]]:
    rows = session.execute(
        select(BillFinding.bucket, BillFinding.number, BillFinding.cents)
        .where(BillFinding.bill_id == bill.id)
        .order_by(BillFinding.id)
    )
    return [(bucket, number, cents) for bucket, number, cents in rows]


def test_a_bill_of_seven_lines_worked_out_by_hand(session: Session, take: Callable[..., Bill]) -> None:
    plan = factories.provider(session).plans[0]
    session.add(
        PlanVersion(plan_id=plan.id, starts_on=dt.date(2020, 6, 25), down_mbps=50, up_mbps=10, monthly_cents=995)
    )
    served(session, "CCAAAA0001")
    served(session, "CCAAAA0002")
    served(session, "CCAAAA0003", "code_issued")
    left = served(session, "CCAAAA0004")
    session.add(
        EnrollmentEvent(
            enrollment_id=left.enrollments[0].id, status="ended", reason="moved", happened_on=dt.date(2026, 10, 10)
        )
    )
    served(session, "CCAAAA0005", guardian_last_name="Nowak")
    served(session, "CCAAAA0006")
    rows = [
        billed("CCAAAA0001", tax="1.05", credit="-2.00", total="9.00"),
        billed("cc-aaaa-0002"),
        billed("CCAAAA0002"),
        billed("CCAAAA0003"),
        billed("CCAAAA0004"),
        billed("CCAAAA0005", account_holder_last_name="Kowalski"),
        billed("CCZZZZ0009"),
    ]
    bill = take(rows)
    assert found(session, bill) == [
        ("billed_twice", 4, 995),
        ("not_active", 5, 995),
        ("after_end", 6, 995),
        ("differs", 7, 995),
        ("not_active", 8, 995),
        ("not_billed", None, 995),
    ]
    # 9.00 + 6 x 9.95 = 68.70; active on November 1: households 1, 2, 5 and 6.
    assert (bill.counts["cents"], bill.counts["credit_cents"], bill.counts["active"]) == (6870, 200, 4)
    assert (bill.counts["by_code"], bill.counts["unmatched"], bill.counts["lines"]) == (6, 1, 7)
    assert (bill.counts["not_active"], bill.counts["not_active_cents"]) == (2, 1990)


def test_the_snapshot_of_a_month_is_taken_once_and_later_words_do_not_change_it(
    session: Session, take: Callable[..., Bill]
) -> None:
    home = served(session, "CCAAAA0001")
    take([billed("CCAAAA0001")])
    session.add(
        EnrollmentEvent(enrollment_id=home.enrollments[0].id, status="suspended", happened_on=dt.date(2026, 10, 20))
    )
    second = take([billed("CCAAAA0001", invoice_no="A-2")], name="second.csv")
    assert session.scalars(select(ServiceSnapshot.active)).all() == [1]
    assert found(session, second) == [("billed_twice", 2, 995)]


def test_the_same_file_again_finds_the_first_bill_and_a_second_reconciling_changes_nothing(
    session: Session, take: Callable[..., Bill], tmp_path: Path
) -> None:
    served(session, "CCAAAA0001", "code_issued")
    first = take([billed("CCAAAA0001")])
    again = take([billed("CCAAAA0001")])
    reconcile(session, first.id, tmp_path / "bill.csv", report=silent)
    assert again.id == first.id
    assert session.scalar(select(func.count()).select_from(BillLine)) == 1
    assert found(session, first) == [("not_active", 2, 995)]


def test_the_same_bill_reconciled_twice_at_once_is_written_once(
    session: Session, engine: Engine, tmp_path: Path
) -> None:
    served(session, "CCAAAA0001")
    path = tmp_path / "bill.csv"
    path.write_bytes(csv_bytes([billed("CCAAAA0001")]))
    bill = Bill(
        provider_id=factories.provider(session).id, month=NOVEMBER, file_name="bill.csv", file_bytes=1, file_sha256="x",
        stored_as="bill.csv", state="queued",
    )  # fmt: skip
    session.add(bill)
    session.commit()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with make_sessions(engine)() as own:
                reconcile(own, bill.id, path, report=silent)
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    session.rollback()
    assert failures == []
    assert session.scalar(select(func.count()).select_from(BillLine)) == 1
    assert found(session, bill) == []


def test_lines_with_wrong_amounts_days_or_months_are_told_each_with_all_that_is_wrong(
    session: Session, take: Callable[..., Bill]
) -> None:
    served(session, "CCAAAA0001")
    headings = (*HEADINGS, "service_from", "service_to")
    rows = [
        billed("CCAAAA0001"),
        billed("CCAAAA0001", monthly_charge="-9.95", tax="-1", total="free"),
        billed("CCAAAA0001", total="9.00"),
        billed("CCAAAA0001", bill_month="2026-10"),
        billed("CCAAAA0001", service_from="2026-11-20", service_to="2026-11-01"),
        billed("CCAAAA0001", service_from="2026-09-01", service_to="2026-09-30"),
        billed("CCAAAA0001", monthly_charge=""),
    ]
    bill = take(csv_bytes(rows, headings))
    refused = dict(session.execute(select(BillLine.number, BillLine.refused).where(BillLine.refused != "")).all())  # type: ignore[arg-type]
    assert bill.counts["refused"] == 6
    assert bill.counts["lines"] == 1
    assert "-$9.95 is negative. Put what is paid back under credit." in refused[3]
    assert "tax: -$1.00 is negative" in refused[3]
    assert "“free” is not an amount" in refused[3]
    assert "make $9.95, the total says $9.00" in refused[4]
    assert "the line says 2026-10, the bill was handed in for November 2026" in refused[5]
    assert "lies before service_from" in refused[6]
    assert "not in November 2026" in refused[7]
    assert "monthly_charge: empty" in refused[8]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"code,price\nCCAAAA0001,9.95\n", "The column monthly_charge is missing."),
        (b"membership_kode,monthly_charge\nCCAAAA0001,9.95\n", "Nearest heading in the file: \xe2\x80\x9cmembership_kode"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "a picture"),
        (b"membership_code,monthly_charge,bill_month\nCCAAAA0001,9.95,2026-10\n", "No line of the file can be taken"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_bill_of_the_month_is_refused_in_words_about_bills(
    session: Session, take: Callable[..., Bill], content: bytes, words: str | bytes
) -> None:
    bill = take(content)
    told = words if isinstance(words, str) else words.decode()
    assert bill.state == "refused"
    assert told.encode("latin-1", "ignore").decode("utf-8", "ignore") in bill.refusal or told in bill.refusal
    assert "student" not in bill.refusal.lower()
    assert "roster" not in bill.refusal.lower()


def test_a_last_month_household_and_a_line_that_only_pays_back_are_no_findings(
    session: Session, take: Callable[..., Bill]
) -> None:
    served(session, "CCAAAA0001")
    bill = take([billed("CCAAAA0001"), billed("CCAAAA0001", monthly_charge="0", credit="9.95", total="-9.95")])
    assert found(session, bill) == []
    assert bill.counts["cents"] == 0


def test_a_bill_handed_in_for_the_wrong_provider_is_refused_and_says_whose_it_is(
    session: Session, take: Callable[..., Bill]
) -> None:
    astound = factories.provider(session, "Astound")
    for number in (1, 2):
        factories.membership_code(session, code=f"CCBBBB000{number}", provider_id=astound.id)
    served(session, "CCAAAA0001")
    bill = take([billed("CCBBBB0001"), billed("CCBBBB0002"), billed("CCAAAA0001")])
    assert bill.refusal == (
        "Most codes of this bill were given out for Astound, not for Comcast. Hand it in again and choose Astound."
    )
    assert session.scalar(select(func.count()).select_from(BillLine)) == 0


def test_decisions_are_recorded_taken_back_and_lead_to_the_providers_file(
    session: Session, take: Callable[..., Bill]
) -> None:
    served(session, "CCAAAA0001", "code_issued")
    served(session, "CCAAAA0002", "code_issued")
    served(session, "CCAAAA0003")
    bill = take([billed("CCAAAA0001"), billed("CCAAAA0002")])
    account = factories.account(session, Role.STAFF)
    session.commit()
    one, other = session.scalars(
        select(BillFinding.id).where(BillFinding.bucket == "not_active").order_by(BillFinding.id)
    )

    def decide(ids: list[int] | None, decision: decisions.Decision | None, bucket: Bucket = Bucket.NOT_ACTIVE) -> int:
        chosen = None if ids is None else {finding: _decided_at(session, finding) for finding in ids}
        with transaction(session):
            return decisions.decide(
                session,
                account=account,
                bill=bill,
                bucket=bucket,
                chosen=chosen,
                decision=decision,
                note="as told by phone",
            )

    with pytest.raises(decisions.DecisionRefused, match="Choose at least one line"):
        decide([], decisions.Decision.PAY)
    with pytest.raises(decisions.DecisionRefused, match="Nothing was chosen: these lines are no longer"):
        decide([999_999], decisions.Decision.PAY)
    with pytest.raises(decisions.DecisionRefused, match="no line to dispute"):
        decide(None, decisions.Decision.DISPUTE, Bucket.NOT_BILLED)
    assert decide([one], decisions.Decision.PAY) == 1
    assert decide(None, decisions.Decision.DISPUTE) == 1  # the other alone: the first is decided
    with pytest.raises(decisions.DecisionRefused, match="every line of this list is decided already"):
        decide(None, decisions.Decision.PAY)
    with pytest.raises(receive.BillRefused, match="decided already"), transaction(session):
        receive.discard(session, account=account, bill=session.get_one(Bill, bill.id), reason="a new one came")
    (row,) = decisions.letter_rows(session, bill.id)
    assert row[:4] == ("A-1", 3, "CCAAAA0002", "")
    assert row[6:9] == ("$9.95", "$9.95", "Billed and not active")
    assert decide([one, other], None) == 2
    assert list(decisions.letter_rows(session, bill.id)) == []
    actions = session.scalars(
        select(AuditEvent.action).where(AuditEvent.subject == "bill").order_by(AuditEvent.id)
    ).all()
    assert actions == ["bill.handed_in", *["bill.decided"] * 4]  # the last step took back two decisions of two kinds


def _decided_at(session: Session, finding: int) -> dt.datetime | None:
    """When a finding was decided, as the page shows it."""
    session.expire_all()
    one = session.get(BillFinding, finding)
    return one.decided_at if one else None


def test_who_decides_second_about_a_line_is_told_and_the_first_decision_stays(
    session: Session, take: Callable[..., Bill], signed_in: Callable[..., PolicedClient]
) -> None:
    for number in (1, 2):
        served(session, f"CCAAAA000{number}", "code_issued")
    bill = take([billed("CCAAAA0001"), billed("CCAAAA0002")])
    where = f"/service/bills/{bill.id}/not_active"
    client = signed_in(Role.STAFF)
    boxes = re.findall(r'name="finding" value="([^"]+)"', client.get(where).text)
    dispute = {"finding": boxes[0], "decision": "dispute", "note": "not online"}
    assert "1 line is decided." in client.send(where, dispute, follow_redirects=True).text
    late = client.send(where, {"finding": boxes, "decision": "pay", "note": ""})
    assert late.status_code == 422
    assert "Nothing was decided: somebody else decided about row 2 since you opened this page." in late.text
    session.rollback()
    first, second = session.execute(select(BillFinding.decision, BillFinding.note).order_by(BillFinding.id)).all()
    assert [tuple(first), tuple(second)] == [("dispute", "not online"), (None, "")]
    anew = re.findall(r'name="finding" value="([^"]+)"', late.text)
    assert "2 lines are decided." in client.send(
        where, {"finding": anew, "decision": "pay", "note": "let pass"}, follow_redirects=True
    ).text  # fmt: skip
    session.rollback()
    trail = session.scalars(select(AuditEvent).where(AuditEvent.action == "bill.decided").order_by(AuditEvent.id)).all()
    ids = list(session.scalars(select(BillFinding.id).order_by(BillFinding.id)))
    told = [(one.changes["decision"], one.changes["note"], one.changes["findings"]) for one in trail]
    assert told == [
        ([None, "dispute"], ["", "not online"], [None, [ids[0]]]),
        (["dispute", "pay"], ["not online", "let pass"], [None, [ids[0]]]),
        ([None, "pay"], ["", "let pass"], [None, [ids[1]]]),
    ]
    gone = client.send(where, {"finding": ["17", "x@y", f"{ids[0]}@never", "9" * 40], "decision": "pay", "note": ""})
    assert gone.status_code == 422


def test_staff_hand_in_look_decide_and_download_and_the_download_is_logged(
    app: Flask, session: Session, signed_in: Callable[..., PolicedClient]
) -> None:
    served(session, "CCAAAA0001", "code_issued")
    comcast = factories.provider(session)
    session.commit()
    client = signed_in(Role.STAFF)
    data = csv_bytes([billed("CCAAAA0001"), billed("CCAAAA0001", monthly_charge="free")])
    form = {"provider": str(comcast.id), "month": "2026-11", "file": (io.BytesIO(data), "november.csv")}
    page = client.send("/service/bills", form, follow_redirects=True)
    assert "Comcast, bill for 2026-11" in page.text
    assert "1 line could not be read" in page.text
    bill = session.scalars(select(Bill)).one()
    finding = session.scalars(select(BillFinding.id)).one()
    where = f"/service/bills/{bill.id}/not_active"
    assert "Code issued" in client.get(where).text
    answer = client.send(
        where, {"finding": str(finding), "decision": "dispute", "note": "not online"}, follow_redirects=True
    )
    assert "1 line is decided." in answer.text
    letter = client.send(f"/service/bills/{bill.id}/letter.csv", page=f"/service/bills/{bill.id}")
    rows = read_csv(letter.data, profile=Profile.SPREADSHEET)
    assert rows[0] == list(decisions.LETTER_HEADER)
    assert rows[1][2] == "CCAAAA0001"
    session.rollback()
    logged = session.scalars(select(Disclosure)).one()
    assert (logged.kind, logged.row_count) == ("bill_letter_csv", 1)
    assert logged.sha256 is not None
    refused = client.send(f"/service/bills/{bill.id}/refused.csv", page=f"/service/bills/{bill.id}")
    assert "“free” is not an amount" in refused.text
    future = {**form, "month": "2099-01", "file": (io.BytesIO(data), "x.csv")}
    assert "has not begun yet" in client.send("/service/bills", future).text


def test_a_page_behind_the_end_is_empty_and_nothing_chosen_is_no_success(
    session: Session, take: Callable[..., Bill], signed_in: Callable[..., PolicedClient]
) -> None:
    served(session, "CCAAAA0001", "code_issued")
    bill = take([billed("CCAAAA0001")])
    finding = session.scalars(select(BillFinding.id)).one()
    client = signed_in(Role.STAFF)
    where = f"/service/bills/{bill.id}/not_active"
    for huge in ("99999999999999999999", "9" * 5000, "-99999999999999999999"):
        assert client.get(f"{where}?after={huge}").status_code == 200
    gone = client.send(where, {"finding": str(finding + 1), "decision": "pay", "note": ""})
    assert (gone.status_code, "is decided" in gone.text) == (422, False)
    assert "Nothing was chosen" in gone.text
    client.send(where, {"finding": str(finding), "decision": "pay", "note": ""})
    again = client.send(where, {"everything": "y", "decision": "pay", "note": ""})
    assert "0 lines are decided" not in again.text
    assert "Nothing was chosen: every line of this list is decided already." in again.text


def test_the_bills_page_leads_back_to_the_program_page_that_names_it(
    signed_in: Callable[..., PolicedClient],
) -> None:
    client = signed_in(Role.STAFF)
    assert 'href="/service/">← Program' in client.get("/service/bills").text
    assert "Providers’ bills" in client.get("/service/").text


def test_an_older_bill_of_the_month_points_to_the_newest(
    session: Session, take: Callable[..., Bill], signed_in: Callable[..., PolicedClient]
) -> None:
    served(session, "CCAAAA0001")
    first = take([billed("CCAAAA0001")])
    second = take([billed("CCZZZZ0001")], name="second.csv")
    client = signed_in(Role.STAFF)
    stands = "found over all bills of the month"
    assert stands in client.get(f"/service/bills/{first.id}").text
    assert f'href="/service/bills/{second.id}">second.csv' in client.get(f"/service/bills/{first.id}").text
    newest = client.get(f"/service/bills/{second.id}").text
    assert stands not in newest
    assert "1 line: its charge was held against no price" in client.get(f"/service/bills/{first.id}").text
    assert "Charged above the price" in newest


def test_the_night_takes_each_providers_snapshot_of_the_month_once(session: Session, tmp_path: Path) -> None:
    served(session, "CC-1", "active")
    session.commit()
    night = Night(today=dt.date(2026, 11, 23), folder=tmp_path)
    with transaction(session):
        first = take_snapshots(session, night)
    with transaction(session):
        again = take_snapshots(session, night)
    providers = session.scalar(select(func.count()).select_from(Provider))
    assert first.words == f"Monthly snapshots of providers' homes taken: {providers}."
    assert again.words == "Monthly snapshots of providers' homes taken: 0."
    assert session.scalars(select(ServiceSnapshot.month).distinct()).all() == [NOVEMBER]
    assert session.scalar(select(func.sum(ServiceSnapshot.active))) == 1
