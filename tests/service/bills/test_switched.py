"""Bills of a household that changed its provider: each is held against what its own provider did and said. On both databases."""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import (
    Bill,
    BillFinding,
    CodeEvent,
    PlanVersion,
    ProviderAccount,
    ProviderFile,
    SnapshotHome,
)
from connectivity.rules.service_states import Status
from connectivity.service.bills import receive
from connectivity.service.bills.reconcile import reconcile
from tests import factories
from tests.service.bills.test_reconcile import HEADINGS, NOVEMBER, billed, csv_bytes, found, served, silent
from tests.service.switching import switch, take

LEFT, CAME = dt.date(2026, 11, 10), dt.date(2026, 11, 12)
WITH_ACCOUNT = (*HEADINGS, "account_last4", "service_from", "service_to")


@pytest.fixture
def bill_of(session: Session, tmp_path: Path) -> Callable[..., Bill]:
    """Hands a provider's bill in and reconciles it."""

    def of(provider: str, rows: Sequence[Mapping[str, str]], month: dt.date = NOVEMBER) -> Bill:
        data = csv_bytes(rows, WITH_ACCOUNT)
        path = tmp_path / hashlib.sha256(data + provider.encode()).hexdigest()
        path.write_bytes(data)
        session.commit()
        with transaction(session):
            file = receive.HandedIn(file_name="bill.csv", file_bytes=1, file_sha256=path.name, stored_as=path.name)
            made = factories.provider(session, provider)
            today = dt.date(2027, 1, 10)
            bill, _ = receive.submit(session, account=None, provider=made, month=month, file=file, today=today)
            bill_id = bill.id
        reconcile(session, bill_id, path, report=silent)
        return session.get_one(Bill, bill_id, populate_existing=True)

    return of


def account(session: Session, enrollment: int, provider: str, last4: str) -> None:
    """As the provider reported it in a file."""
    of = factories.provider(session, provider).id
    file = ProviderFile(
        provider_id=of, program_year_id=factories.program_year(session).id, file_name="x.csv", file_bytes=1,
        file_sha256=last4, received_on=CAME, state="applied",
    )  # fmt: skip
    session.add(file)
    session.flush()
    session.add(
        ProviderAccount(enrollment_id=enrollment, provider_id=of, last4=last4, said_on=CAME, provider_file_id=file.id)
    )


def reasons(session: Session, bill: Bill) -> list[str]:
    return list(session.scalars(select(BillFinding.reason).where(BillFinding.bill_id == bill.id)))


def test_a_bill_is_held_against_the_account_of_its_own_provider(session: Session, bill_of: Callable[..., Bill]) -> None:
    one = served(session, "CCAAAA0001").enrollments[0]
    account(session, one.id, "Comcast", "1111")
    september = dt.date(2026, 9, 15)
    code = switch(session, one, ended=september, given=september, reaches=Status.ACTIVE)
    october = dt.date(2026, 10, 1)
    bill = bill_of("Astound", [billed(code, bill_month="2026-10", account_last4="7777")], october)
    assert found(session, bill) == []
    account(session, one.id, "Astound", "7777")
    other = bill_of("Astound", [billed(code, account_last4="7778")])
    assert reasons(session, other) == ["Not as we have it: the account."]


def test_a_month_before_the_switch_is_held_against_the_provider_that_served_the_home_then(
    session: Session, bill_of: Callable[..., Bill]
) -> None:
    for name, cents in (("Comcast", 995), ("Astound", 2000)):
        plan = factories.provider(session, name).plans[0]
        session.add(
            PlanVersion(plan_id=plan.id, starts_on=dt.date(2020, 6, 25), down_mbps=50, up_mbps=10, monthly_cents=cents)
        )
    one = served(session, "CCAAAA0001").enrollments[0]
    account(session, one.id, "Comcast", "1111")
    code = switch(session, one, ended=LEFT, given=CAME, reaches=Status.ACTIVE)
    comcast = bill_of("Comcast", [billed("CCAAAA0001", account_last4="1111", monthly_charge="25.00")])
    # Which plan it had then is written down nowhere, so no price is held against it.
    assert (found(session, comcast), comcast.counts["active"], comcast.counts["no_price"]) == ([], 1, 1)
    astound = bill_of("Astound", [billed("CCZZZZ0009")])
    assert [bucket for bucket, _, _ in found(session, astound)] == ["not_active"]  # nobody of ours, and nobody missing
    part = bill_of("Astound", [billed(code, service_from="2026-11-12", service_to="2026-11-30")])
    assert reasons(session, part) == ["On the first of the month this home stood at “served by another provider”."]
    december = dt.date(2026, 12, 1)
    later = bill_of("Astound", [billed(code, bill_month="2026-12", monthly_charge="20.00")], december)
    assert (found(session, later), later.counts["active"], later.counts["no_price"]) == ([], 1, 0)
    late = bill_of("Comcast", [billed("CCAAAA0001", bill_month="2026-12")], december)
    assert reasons(session, late) == ["On the first of the month this home stood at “served by another provider”."]


def test_a_home_between_two_providers_was_served_by_none(session: Session, bill_of: Callable[..., Bill]) -> None:
    one = served(session, "CCAAAA0001").enrollments[0]
    left, first = dt.date(2026, 10, 20), dt.date(2026, 11, 5)
    take(session, one, Status.ENDED, left, reason="other")
    take(session, one, Status.ELIGIBLE, first)
    provider = factories.provider(session, "Astound")
    code = factories.membership_code(session, provider_id=provider.id).code
    take(session, one, Status.CODE_ISSUED, CAME, plan=provider.plans[0], code=code)
    take(session, one, Status.ACTIVE, CAME)
    assert reasons(session, bill_of("Comcast", [billed("CCAAAA0001")])) == ["Service ended on Oct 20, 2026."]
    # Astound is not told that its service ended before it began.
    part = bill_of("Astound", [billed(code, service_from="2026-11-12", service_to="2026-11-30")])
    assert reasons(session, part) == ["On the first of the month this home stood at “Ended”."]


def test_the_same_provider_again_with_another_plan_is_not_held_against_the_price_of_today(
    session: Session, bill_of: Callable[..., Bill]
) -> None:
    comcast = factories.provider(session)
    session.add(
        PlanVersion(
            plan_id=comcast.plans[0].id, starts_on=dt.date(2020, 6, 25), down_mbps=50, up_mbps=10, monthly_cents=995
        )
    )
    one = served(session, "CCAAAA0001").enrollments[0]
    one.plan_id = None
    switch(session, one, ended=LEFT, given=CAME, to="Comcast", reaches=Status.ACTIVE)
    bill = bill_of("Comcast", [billed("CCAAAA0001", monthly_charge="20.00")])
    assert (found(session, bill), bill.counts["active"], bill.counts["no_price"]) == ([], 1, 1)


def test_where_no_code_of_that_time_is_known_nobody_is_accused(session: Session, bill_of: Callable[..., Bill]) -> None:
    one = served(session, "CCAAAA0001").enrollments[0]
    switch(session, one, ended=LEFT, given=CAME, reaches=Status.ACTIVE)
    session.execute(delete(CodeEvent).where(CodeEvent.happened_on < LEFT))
    bill = bill_of("Comcast", [billed("CCAAAA0001")])
    assert reasons(session, bill) == [
        "Which provider served this home on the first of the month is not known. Look into its history and decide."
    ]
    assert session.scalars(select(SnapshotHome.active)).all() == [False]
