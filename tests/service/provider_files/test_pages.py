"""The pages of the round trip, from the work file to the receipt, as the office uses them."""

import csv
import datetime as dt
import hashlib
import io
import re
from collections.abc import Callable

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from connectivity.register import (
    Account,
    Disclosure,
    PlanVersion,
    ProviderFile,
    ProviderFileRow,
    ProviderWord,
    Role,
    Student,
)
from connectivity.tabular.write import Profile, read_csv
from tests import factories
from tests.conftest import PolicedClient
from tests.households.at_once import words
from tests.service.provider_files.files_back import csv_bytes, record, row, stands

SignedIn = Callable[..., PolicedClient]
PAGE = "/service/provider-files"


@pytest.fixture
def client(staff: Account, signed_in: SignedIn) -> PolicedClient:
    return signed_in(staff)


def ids(session: Session, name: str = "Comcast") -> dict[str, str]:
    """Provider and year as the forms name them."""
    found = {"provider": str(factories.provider(session, name).id), "year": str(factories.program_year(session).id)}
    session.commit()
    return found


def work_file(client: PolicedClient, session: Session, profile: str = "machine") -> TestResponse:
    return client.send(f"{PAGE}/work-file.csv", {**ids(session), "profile": profile}, page=PAGE)


def upload(client: PolicedClient, session: Session, content: bytes, name: str = "october.csv") -> TestResponse:
    return client.send(PAGE, {**ids(session), "file": (io.BytesIO(content), name)}, follow_redirects=True)


def press(client: PolicedClient, session: Session, what: str, **fields: str) -> TestResponse:
    session.rollback()
    file = session.scalars(select(ProviderFile).order_by(ProviderFile.id.desc()).limit(1)).one()
    session.refresh(file)
    looked_at = {"looked_at": file.checked_at.isoformat()} if file.checked_at else {}
    path = f"{PAGE}/{file.id}"
    session.rollback()
    return client.send(f"{path}/{what}", {**looked_at, **fields}, page=path, follow_redirects=True)


def headings(client: PolicedClient, path: str) -> dict[str, str]:
    """The lists of the page of columns, each with its heading."""
    page = client.get(path).text.replace("<wbr>", "")
    return dict(re.findall(r'<label for="(c\d+)">([^<]+)</label>', page))


def test_the_work_file_holds_what_the_provider_needs_and_no_more(client: PolicedClient, session: Session) -> None:
    one = record(session, name="=Muñoz", code="CC4F7K9QX2")
    student = session.scalars(select(Student)).one()
    answer = work_file(client, session)
    header, line = list(csv.reader(io.StringIO(answer.text)))
    assert header == [
        "record_id", "membership_code", "isp", "account_last4", "account_holder_last_name", "service_address", "service_type",
        "plan", "down_mbps", "up_mbps", "order_date", "kit_shipped_date", "install_date", "status", "status_date",
        "disconnect_date", "disconnect_reason", "last_updated",
    ]  # fmt: skip
    assert line[:10] == [
        f"E{one.id}", "CC-4F7K-9QX2", "Comcast", "", "=Muñoz", "1135 W WILSON AVE, Chicago, IL 60640", "wired",
        "Internet Essentials", "50", "10",
    ]  # fmt: skip
    assert line[10:] == [""] * 8  # last_updated is the provider's own word
    assert student.first_name not in answer.text
    assert student.district_id not in answer.text
    guarded = work_file(client, session, profile="spreadsheet").data
    assert b"'=Mu" in guarded
    assert read_csv(guarded, profile=Profile.SPREADSHEET)[1] == line


def test_only_records_with_a_code_until_their_end_are_in_it(client: PolicedClient, session: Session) -> None:
    sent = [record(session, status=one) for one in ("code_issued", "ordered", "kit_shipped", "active", "suspended")]
    record(session, status="ended")
    record(session, provider=factories.provider(session, "Astound"))
    factories.enrollment(session, factories.household(session), "contacted")
    answer = work_file(client, session)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(one["record_id"], one["status"]) for one in rows] == [
        (f"E{record_.id}", said)
        for record_, said in zip(sent, ("", "in progress", "kit shipped", "active", "suspended"), strict=True)
    ]
    assert rows[1]["order_date"] == "2026-09-01"


def test_the_work_file_is_disclosed_with_its_rows_and_fingerprint(client: PolicedClient, session: Session) -> None:
    record(session)
    content = work_file(client, session).data
    logged = session.scalars(select(Disclosure)).one()
    assert (logged.kind, logged.row_count) == ("provider_work_file", 1)
    assert logged.sha256 == hashlib.sha256(content).hexdigest()
    assert logged.finished_at
    assert client.get("/school/downloads").status_code == 200


def test_the_same_file_untouched_comes_back_without_a_change(client: PolicedClient, session: Session) -> None:
    for status in ("ordered", "kit_shipped", "installed", "active", "suspended"):
        record(session, status=status)
    for profile in ("machine", "spreadsheet"):
        content = work_file(client, session, profile).data
        assert "5 Unchanged" in words(upload(client, session, content))


def test_from_the_file_to_the_receipt(client: PolicedClient, session: Session) -> None:
    good, bad = record(session, code="CC00000001"), record(session, code="CC00000002")
    rows = [row(good, "active", status_date="2026-09-20"), row(bad, "active", account_holder_last_name="=Smith")]
    summary = words(upload(client, session, csv_bytes(rows)))
    assert "1 Updated 1 takes a step" in summary
    assert "1 Refused" in summary
    assert bad.household.reference in words(client.get(f"{PAGE}/1/rows/refused"))
    assert f"Expected: last name {bad.household.guardian_last_name}." in summary
    assert stands(session, good)[0] == "code_issued"
    assert "tick this box first" in words(press(client, session, "apply"))
    receipt = words(press(client, session, "apply", sure="y"))
    assert "Receipt for october.csv" in receipt
    assert stands(session, good)[0] == "active"
    again = words(upload(client, session, csv_bytes(rows)))
    assert "This file was handed in before" in again
    sent = press(client, session, "rows/refused.csv")
    header, line = read_csv(sent.data, profile=Profile.SPREADSHEET)
    assert header[-3:] == ["row", "what_is_wrong", "expected"]
    assert (line[0], line[4]) == (f"E{bad.id}", "=Smith")
    assert line[-3:] == ["3", "The last name is not the one we have.", f"last name {bad.household.guardian_last_name}"]
    home = client.get(f"/households/{good.household.reference}")
    assert "Active" in words(home)


def test_the_refused_rows_can_be_corrected_and_sent_again_as_they_came(client: PolicedClient, session: Session) -> None:
    bad = record(session)
    upload(client, session, csv_bytes([row(bad, "active", account_holder_last_name="Smith")]))
    sent = press(client, session, "rows/refused.csv").data.decode("utf-8-sig")
    corrected = sent.replace("Smith", bad.household.guardian_last_name).encode()
    assert "1 Updated" in words(upload(client, session, corrected, "corrected.csv"))


def test_refused_rows_sent_back_uncorrected_come_back_with_one_answer_only(
    client: PolicedClient, session: Session
) -> None:
    bad = record(session)
    upload(client, session, csv_bytes([row(bad, "active", account_holder_last_name="Smith")]))
    sent = press(client, session, "rows/refused.csv").data
    upload(client, session, sent, "again.csv")
    header, line = read_csv(press(client, session, "rows/refused.csv").data, profile=Profile.SPREADSHEET)
    assert header.count("what_is_wrong") == 1
    assert header[-3:] == ["row", "what_is_wrong", "expected"]
    assert (len(header), len(line)) == (21, 21)
    assert line[-2] == "The last name is not the one we have."


def test_a_problem_goes_from_the_list_when_the_household_moves_on(client: PolicedClient, session: Session) -> None:
    one = record(session, name="Kowalska")
    upload(client, session, csv_bytes([row(one, "could not reach family", status_date="2026-09-20")]))
    press(client, session, "apply", sure="y")
    assert "Kowalska" in words(client.get("/service/provider-problems"))
    one.status, one.status_on = "ordered", dt.date(2026, 9, 22)
    session.commit()
    assert "No provider has reported a problem" in words(client.get("/service/provider-problems"))
    rows = list(csv.DictReader(io.StringIO(work_file(client, session).text)))
    assert rows[0]["status"] == "in progress"


def test_a_problem_is_listed_with_what_to_do(client: PolicedClient, session: Session) -> None:
    one = record(session, name="Kowalska")
    upload(client, session, csv_bytes([row(one, "address not serviceable", status_date="2026-09-20")]))
    press(client, session, "apply", sure="y")
    assert session.scalars(select(ProviderWord.word)).one() == "address_not_serviceable"
    said = words(client.get("/service/provider-problems"))
    assert "Kowalska" in said
    assert "Address not serviceable" in said
    assert "Offer the family a hotspot" in said
    assert "The provider reported" in words(client.get(f"/households/{one.household.reference}"))
    rows = list(csv.DictReader(io.StringIO(work_file(client, session).text)))
    assert rows[0]["status"] == "address not serviceable"


def test_a_renamed_column_is_mapped_once_in_the_page(client: PolicedClient, session: Session) -> None:
    renamed = {("Statuss" if name == "status" else name): cell for name, cell in row(record(session), "active").items()}
    asked = upload(client, session, csv_bytes([renamed], tuple(renamed)))
    assert "Nearest heading in the file: “Statuss”." in words(asked)
    file = session.scalars(select(ProviderFile)).one()
    path = f"{PAGE}/{file.id}/columns"
    lists = headings(client, path)
    mapping = {place: "" if heading == "Statuss" else heading for place, heading in lists.items()}
    refused = client.send(path, mapping)
    assert refused.status_code == 422
    assert "No heading is given to status, which every row needs." in words(refused)
    mapping |= {place: "status" for place, heading in lists.items() if heading == "Statuss"}
    shown = words(client.send(path, mapping, follow_redirects=True))
    assert "1 Updated" in shown
    assert "Statuss → status" in shown
    assert "Statuss" in words(client.get("/service/providers"))
    # Told wrongly: forgotten in the page, and the next file asks again.
    forget = f"/service/providers/{file.provider_id}/forget-columns"
    told = client.send(forget, {}, page="/service/providers", follow_redirects=True)
    assert "The headings are forgotten" in words(told)
    press(client, session, "discard")
    assert "Nearest heading in the file: “Statuss”." in words(
        upload(client, session, csv_bytes([renamed], tuple(renamed)))
    )


def test_two_columns_of_one_heading_cannot_be_told_apart_and_the_page_says_so(
    client: PolicedClient, session: Session
) -> None:
    cells = row(record(session), "active")
    header = [name for name in cells if name != "status"] + ["Outcome", "OUTCOME"]
    lines = [header, [cells.get(name, "active") for name in header]]
    content = "\r\n".join(",".join(f'"{cell}"' for cell in line) for line in lines).encode()
    upload(client, session, content)
    path = f"{PAGE}/{session.scalars(select(ProviderFile)).one().id}/columns"
    lists = headings(client, path)
    assert [heading for heading in lists.values() if heading.lower() == "outcome"] == ["Outcome", "OUTCOME"]
    mapping = {place: heading if heading in cells else "" for place, heading in lists.items()}
    mapping |= {place: "status" for place, heading in lists.items() if heading == "Outcome"}
    said = words(client.send(path, mapping))
    assert "The heading “Outcome” stands in the file more than once." in said


def test_a_file_can_be_put_aside_and_handed_in_again(client: PolicedClient, session: Session) -> None:
    content = csv_bytes([row(record(session), "active")])
    upload(client, session, content)
    assert "Nothing was changed" in words(press(client, session, "discard"))
    assert "1 Updated" in words(upload(client, session, content))
    assert session.scalars(select(ProviderFile.state).order_by(ProviderFile.id)).all() == ["discarded", "planned"]


def test_an_empty_upload_and_an_unreadable_one_are_told(client: PolicedClient, session: Session) -> None:
    record(session)
    assert "The file is empty" in words(upload(client, session, b""))
    assert "is a PDF" in words(upload(client, session, b"%PDF-1.7 and so on"))


def test_names_and_prices_are_added_in_the_pages(client: PolicedClient, session: Session) -> None:
    rcn = factories.provider(session, "RCN")
    session.commit()
    form = {"name": "Astound", "starts_on": "2022-01-12"}
    shown = words(client.send(f"/service/providers/{rcn.id}/name", form, follow_redirects=True))
    assert "RCN , until Jan 11, 2022" in shown or "RCN, until Jan 11, 2022" in shown
    assert "Astound, from Jan 12, 2022" in shown
    taken = client.send(f"/service/providers/{rcn.id}/name", form)
    assert taken.status_code == 422
    assert "Another name begins on this day" in words(taken)
    version = {"starts_on": "2023-07-01", "down_mbps": "75", "up_mbps": "10", "price": "9.95"}
    shown = words(client.send(f"/service/plans/{rcn.plans[0].id}/version", version, follow_redirects=True))
    assert "from Jul 1, 2023: 75/10 Mbps, $9.95 a month" in shown
    assert "50/10 Mbps, price not known" in shown
    # The next change begins with what holds: a new speed does not lose the price.
    assert 'value="9.95"' in client.get(f"/service/plans/{rcn.plans[0].id}/version").text
    odd = client.send(
        f"/service/plans/{rcn.plans[0].id}/version", {**version, "starts_on": "2024-01-01", "price": "9.955"}
    )
    assert "Enter whole cents" in words(odd)


@pytest.mark.parametrize("price", ["abc", "9,95", "-1", "1000.01", "NaN", "1e400"])
def test_what_is_no_price_or_no_speed_is_told_once_in_our_words(
    client: PolicedClient, session: Session, price: str
) -> None:
    plan = factories.provider(session).plans[0]
    session.commit()
    form = {"starts_on": "2026-07-01", "down_mbps": "fast", "up_mbps": "10", "price": price}
    shown = client.send(f"/service/plans/{plan.id}/version", form)
    told = re.findall(r'<p class="field-error">([^<]+)</p>', shown.text)
    assert told == [
        "Enter a whole number of Mbps, from 1 to 10,000.",
        "Enter a price from 0 to 1,000 dollars, such as 9.95.",
    ]


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2032-12-31", "9999-12-31"])
def test_a_first_day_nobody_can_mean_is_told_at_the_field(client: PolicedClient, session: Session, day: str) -> None:
    plan = factories.provider(session).plans[0]
    session.commit()
    speeds = {"down_mbps": "75", "up_mbps": "10"}
    new = {"name": "Home", "service_type": "wired", **speeds}
    for path, form in (
        (f"providers/{plan.provider_id}/name", {"name": "Xfinity"}),
        (f"plans/{plan.id}/version", speeds),
        (f"providers/{plan.provider_id}/plans/new", new),
    ):
        answer = client.send(f"/service/{path}", {**form, "starts_on": day})
        assert answer.status_code == 422
        assert "Enter a day from Jan 1, 2000 to" in words(answer)


def test_a_provider_and_its_first_plan_are_added_in_the_pages(client: PolicedClient, session: Session) -> None:
    ids(session)
    taken = client.send("/service/providers/new", {"name": "COMCAST"})
    assert taken.status_code == 422
    assert "There is or was a provider of this name already." in words(taken)
    asked = client.send("/service/providers/new", {"name": "Everywhere Wireless"}, follow_redirects=True)
    assert "New plan of Everywhere Wireless" in words(asked)
    path = asked.request.path
    plan = {"name": "Home 100", "service_type": "wired", "starts_on": "2026-07-01", "down_mbps": "100", "up_mbps": "20"}
    wrong = words(client.send(path, {**plan, "down_mbps": "0", "price": "-1", "name": ""}))
    for said in ("Enter the name.", "Enter a whole number of Mbps", "Enter a price from 0"):
        assert said in wrong
    shown = words(client.send(path, {**plan, "price": "12.50"}, follow_redirects=True))
    assert "Home 100" in shown
    assert "100/20 Mbps, $12.50 a month" in shown
    assert "has a plan of this name already" in words(client.send(path, {**plan, "name": "HOME 100"}))


def test_the_work_file_says_the_speed_of_its_day(client: PolicedClient, session: Session) -> None:
    one = record(session)
    plan = one.plan
    assert plan
    for starts_on, down in ((dt.date(2020, 6, 25), 25), (dt.date(2026, 8, 1), 75), (dt.date(2099, 1, 1), 900)):
        session.add(PlanVersion(plan_id=plan.id, starts_on=starts_on, down_mbps=down, up_mbps=down // 5))
    plan.down_mbps, plan.up_mbps = 900, 180
    session.commit()
    [sent] = csv.DictReader(io.StringIO(work_file(client, session).text))
    assert (sent["down_mbps"], sent["up_mbps"]) == ("75", "15")


def test_rows_past_their_day_say_when_they_were_deleted(client: PolicedClient, session: Session) -> None:
    good, bad = record(session), record(session)
    upload(client, session, csv_bytes([row(good, "active", status_date="2026-09-20"), row(bad, "")]))
    assert "is put aside and deleted after" in words(press(client, session, "apply"))
    assert "refused and ignored rows are kept until" in words(press(client, session, "apply", sure="y"))
    file = session.scalars(select(ProviderFile)).one()
    file.received_on = dt.date(2026, 7, 1)
    session.execute(delete(ProviderFileRow).where(ProviderFileRow.fate == "refused"))
    session.commit()
    assert "These rows were deleted on Sep 29, 2026" in words(client.get(f"{PAGE}/{file.id}/rows/refused"))


def test_the_files_lead_back_to_the_program(client: PolicedClient) -> None:
    assert ">← Program</a>" in client.get(PAGE).text


def test_partners_and_schools_open_none_of_it(signed_in: SignedIn, session: Session) -> None:
    for role in (Role.PARTNER, Role.SCHOOL, Role.COUNCIL, Role.ELIGIBILITY):
        client = signed_in(role)
        for path in (PAGE, "/service/providers", "/service/provider-problems"):
            assert client.get(path).status_code == 403
