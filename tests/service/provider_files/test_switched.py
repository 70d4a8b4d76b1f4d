"""What a provider said belongs to it: nobody hears it after the household changed its provider. Codes of before are recognized. On both databases."""

import csv
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import Account, Enrollment, ProviderAccount, Role, RowFate
from connectivity.rules.service_states import Status
from connectivity.service.codes.replace import replace
from connectivity.service.provider_files import open_words
from connectivity.service.provider_files.columns import HEADER
from connectivity.service.provider_files.work_file import rows as work_rows
from tests import factories
from tests.conftest import PolicedClient
from tests.service.provider_files.files_back import (
    ISSUED,
    TODAY,
    checked,
    counts,
    csv_bytes,
    record,
    row,
    send_back,
    staged,
)
from tests.service.switching import switch, take

SWITCHED = dt.date(2026, 10, 16)


def sent(session: Session, provider: str) -> list[dict[str, object]]:
    """The rows of the provider's work file by their headings."""
    session.expire_all()
    made = factories.provider(session, provider)
    year = factories.program_year(session)
    found = work_rows(session, made.id, year.id, provider=provider, today=TODAY)
    return [dict(zip(HEADER, one, strict=True)) for one in found]


def test_the_other_provider_s_file_holds_neither_the_account_nor_the_days_of_the_first(
    session: Session, tmp_path: Path
) -> None:
    one = record(session)
    send_back(session, tmp_path, [row(one, "in progress", account_last4="0012", status_date="2026-10-02")])
    send_back(session, tmp_path, [row(one, "kit shipped", account_last4="0012", status_date="2026-10-03")])
    (before,) = sent(session, "Comcast")
    assert (before["account_last4"], before["order_date"]) == ("0012", dt.date(2026, 10, 2))
    switch(session, one, ended=SWITCHED, given=SWITCHED)
    assert sent(session, "Comcast") == []
    (after,) = sent(session, "Astound")
    names = ("account_last4", "order_date", "kit_shipped_date", "install_date", "status")
    assert [after[name] for name in names] == [None, None, None, None, ""]


def test_each_provider_keeps_the_account_it_reported(session: Session, tmp_path: Path) -> None:
    one = record(session, status="active")
    send_back(session, tmp_path, [row(one, "active", account_last4="1111")])
    switch(session, one, ended=SWITCHED, given=SWITCHED)
    found = session.get_one(Enrollment, one.id, populate_existing=True)
    back = row(found, "in progress", account_last4="7777", isp="Astound", last_updated="2026-10-14")
    file = checked(session, tmp_path, csv_bytes([back]), provider="Astound")
    # Received a day before the switch: the step is older than ours. What counts here is the account.
    assert counts(file) == (0, 0, 1, 0)
    switch(session, one, ended=SWITCHED, given=SWITCHED, to="Comcast")
    assert [cells["account_last4"] for cells in sent(session, "Comcast")] == ["1111"]
    kept = session.execute(select(ProviderAccount.provider_id, ProviderAccount.last4)).all()
    assert [tuple(cells) for cells in kept] == [(factories.provider(session).id, "1111")]


def test_a_problem_that_one_provider_reported_is_no_problem_of_the_other(session: Session, tmp_path: Path) -> None:
    staff = factories.account(session, Role.STAFF)
    one = record(session, on=TODAY)
    send_back(session, tmp_path, [row(one, "code not found")])
    assert [said.provider for said in open_words.problems(session, staff, most=9)] == ["Comcast"]
    switch(session, one, ended=TODAY, given=TODAY)  # all on the day on which the first code was given
    assert open_words.problems(session, staff, most=9) == []
    assert open_words.count_problems(session, staff) == 0
    (after,) = sent(session, "Astound")
    assert after["status"] == ""


def test_a_code_that_was_replaced_while_the_file_was_out_is_known_as_the_record_s_own(
    session: Session, tmp_path: Path, signed_in: Callable[..., PolicedClient]
) -> None:
    staff = factories.account(session, Role.STAFF)
    one = record(session, code="CCN9FBEYMB")
    out = row(one, "active")
    stranger = {**out, "account_holder_last_name": "Smith", "service_address": "1 N State St, Chicago"}
    new = factories.membership_code(session, code="CCHTG03WXW")
    session.commit()
    with transaction(session):
        given = {"account": session.get_one(Account, staff.id), "reason": "lost", "on": dt.date(2026, 10, 3)}
        found = session.get_one(Enrollment, one.id)
        replace(session, household=found.household, enrollment=found, text=new.code, **given)  # type: ignore[arg-type]
    file = checked(session, tmp_path, csv_bytes([out]))
    [wrong] = staged(session, file, RowFate.REFUSED)
    assert wrong.message == "This record’s code was replaced on Oct 3, 2026: CC-N9FB-EYMB is its old one."
    assert wrong.expected == "code CC-HTG0-3WXW"
    assert wrong.enrollment_id == one.id
    client = signed_in(staff)
    assert one.household.reference in client.get(f"/service/provider-files/{file.id}/rows/refused").text
    [other] = staged(session, checked(session, tmp_path, csv_bytes([stranger])), RowFate.REFUSED)
    assert (other.message, other.expected) == (wrong.message, "")  # the code only where name or address is ours


def test_a_record_that_went_to_another_provider_leads_staff_to_the_family_and_tells_the_first_nothing(
    session: Session, tmp_path: Path, signed_in: Callable[..., PolicedClient]
) -> None:
    one, beside = record(session, status="active"), record(session)
    out = row(one, "active", status_date="2026-10-02")
    switch(session, one, ended=SWITCHED, given=SWITCHED, reaches=Status.ACTIVE)
    file = checked(session, tmp_path, csv_bytes([out, row(beside, "active")]))
    assert counts(file) == (1, 0, 0, 1)
    [wrong] = staged(session, file, RowFate.REFUSED)
    assert wrong.message == (
        f"Comcast does not serve record E{one.id} any more: its code {out['membership_code']} is expired with us. "
        "Ask us before you serve this family again."
    )
    assert (wrong.expected, wrong.enrollment_id) == ("", one.id)
    client = signed_in(Role.STAFF)
    page = client.get(f"/service/provider-files/{file.id}/rows/refused").text
    assert one.household.reference in page
    text = client.send(
        f"/service/provider-files/{file.id}/rows/refused.csv", page=f"/service/provider-files/{file.id}"
    ).text
    assert "Astound" not in text
    assert len(list(csv.reader(io.StringIO(text)))) == 2


def test_a_record_and_a_code_of_two_families_are_still_strangers(session: Session, tmp_path: Path) -> None:
    one, other = record(session, status="active"), record(session, code="CC00000002")
    switch(session, one, ended=SWITCHED, given=SWITCHED)
    mixed = {**row(one, "active"), "membership_code": "CC-0000-0002"}
    [wrong] = staged(session, checked(session, tmp_path, csv_bytes([mixed, row(other, "active")])), RowFate.REFUSED)
    assert wrong.message.startswith(f"We have no record E{one.id} with Comcast in 2026-27.")
    assert wrong.enrollment_id is None


def test_a_day_in_the_future_is_told_with_its_column(session: Session, tmp_path: Path) -> None:
    one, other = record(session), record(session, on=ISSUED)
    rows = [
        row(one, "active", status_date="2026-10-16"),
        row(other, "installed", install_date="2026-10-16"),
    ]
    file = checked(session, tmp_path, csv_bytes(rows))
    assert [wrong.message for wrong in staged(session, file, RowFate.REFUSED)] == [
        "status_date: This date is in the future. Enter the day it happened.",
        "install_date: This date is in the future. Enter the day it happened.",
    ]


def test_the_days_of_the_present_service_are_sent(session: Session) -> None:
    one = record(session)
    switch(session, one, ended=SWITCHED, given=SWITCHED)
    take(session, one, Status.ORDERED, SWITCHED)
    (after,) = sent(session, "Astound")
    assert after["order_date"] == SWITCHED
