"""The pages of serviceability, from the question to the hotspot, as the office uses them."""

import hashlib
import io
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from connectivity.register import (
    Account,
    Disclosure,
    Role,
    ServiceabilityAnswer,
    ServiceabilityBatch,
    ServiceabilityFile,
    Student,
)
from connectivity.tabular.write import Profile, read_csv
from tests import factories
from tests.conftest import PolicedClient
from tests.households.at_once import words
from tests.service.serviceability.answers_back import Row, csv_bytes, home

SignedIn = Callable[..., PolicedClient]
PAGE = "/service/serviceability"


@pytest.fixture
def client(staff: Account, signed_in: SignedIn) -> PolicedClient:
    return signed_in(staff)


def asked(client: PolicedClient, session: Session, **fields: str) -> TestResponse:
    """The form as a person fills it in; the page it leads to."""
    provider = str(factories.provider(session).id)
    session.commit()
    form = {"provider": provider, "homes": "every", "which": "every", "days": "180", "area": "", **fields}
    return client.send(PAGE, form, follow_redirects=True)


def sent(client: PolicedClient, session: Session) -> list[Row]:
    """The file of the newest batch, as the provider opens it."""
    session.rollback()
    newest = session.scalars(select(ServiceabilityBatch.id).order_by(ServiceabilityBatch.id.desc()).limit(1)).one()
    session.rollback()
    page = f"{PAGE}/batches/{newest}"
    answer = client.send(f"{page}/addresses.csv", {}, page=page)
    header, *lines = read_csv(answer.data, profile=Profile.SPREADSHEET)
    return [dict(zip(header, line, strict=True)) for line in lines]


def back(client: PolicedClient, session: Session, rows: list[Row], **more: object) -> TestResponse:
    content = csv_bytes(rows, tuple(rows[0]))
    provider = str(factories.provider(session).id)
    session.commit()
    return client.send(
        f"{PAGE}/answers",
        {"provider": provider, "file": (io.BytesIO(content), "answers.csv"), **more},
        page=PAGE,
        follow_redirects=True,
    )


def test_the_same_list_twice_leads_to_the_first_and_a_new_address_makes_another(
    client: PolicedClient, session: Session
) -> None:
    home(session)
    first = asked(client, session).request.path
    again = asked(client, session)
    assert again.request.path == first
    assert "No second one was made" in words(again)
    home(session, "7 N CLARK ST")
    session.commit()
    assert asked(client, session).request.path != first


def test_from_the_question_to_the_hotspot(client: PolicedClient, session: Session) -> None:
    one = home(session, guardian_last_name="Kowalska")
    factories.enrollment(session, one, "contacted")
    assert "1 Addresses each one once" in words(asked(client, session))
    (row,) = sent(client, session)
    shown = words(
        back(client, session, [row | {"match_result": "exact", "serviceable": "no", "checked_on": "2026-01-05"}])
    )
    assert "Answers of answers.csv" in shown
    assert "No 1" in shown
    listed = client.get("/service/no-wire")
    said = words(listed)
    assert "Kowalska" in said
    assert "Comcast, Jan 5, 2026" in said
    (link,) = re.findall(r'href="(/households/[^"]+/enrollments/[^"]+)"', listed.text)
    assert link.endswith("status=code_issued")
    assert client.get(link.replace("&amp;", "&")).status_code == 200
    page = words(client.get(f"/households/{one.reference}/serviceability"))
    assert "1135 W WILSON AVE, Chicago, IL 60640" in page
    assert "No wire reaches: offer a hotspot" in page
    assert "taken in by" in page


def test_the_file_is_disclosed_with_its_rows_and_fingerprint_and_names_nobody(
    client: PolicedClient, session: Session
) -> None:
    one = home(session, guardian_last_name="Kowalska")
    asked(client, session)
    batch = session.scalars(select(ServiceabilityBatch)).one()
    student = session.scalars(select(Student)).one()
    secrets = ("Kowalska", one.reference, student.first_name, student.district_id, "Muñoz")
    path = f"{PAGE}/batches/{batch.id}"
    session.rollback()
    answer = client.send(f"{path}/addresses.csv", {}, page=path)
    assert [secret for secret in secrets if secret in answer.text] == []
    logged = session.scalars(select(Disclosure)).one()
    assert (logged.kind, logged.row_count) == ("serviceability_request_file", 1)
    assert logged.sha256 == hashlib.sha256(answer.data).hexdigest()
    assert logged.finished_at
    assert client.get("/school/downloads").status_code == 200


def test_what_stands_against_a_question_is_told_at_its_field(client: PolicedClient, session: Session) -> None:
    nothing = asked(client, session)
    assert nothing.status_code == 422
    assert "No address fits" in words(nothing)
    home(session)
    wrong = words(asked(client, session, days="many", area="99", provider="999"))
    assert "Enter a number of days from 1 to 3,650." in wrong
    assert wrong.count("Community area") > 1  # in the summary and at the field
    assert session.scalars(select(ServiceabilityBatch)).all() == []


def test_answers_cannot_be_handed_in_before_anybody_was_asked(client: PolicedClient, session: Session) -> None:
    factories.provider(session)
    session.commit()
    assert "Nobody was asked yet" in words(client.get(PAGE))


def test_no_file_and_an_empty_one_are_told(client: PolicedClient, session: Session) -> None:
    home(session)
    asked(client, session)
    provider = str(factories.provider(session).id)
    session.rollback()
    none = client.send(f"{PAGE}/answers", {"provider": provider}, page=PAGE)
    assert none.status_code == 422
    assert "Choose the file first" in words(none)
    empty = client.send(f"{PAGE}/answers", {"provider": provider, "file": (io.BytesIO(b""), "a.csv")}, page=PAGE)
    assert "The file is empty" in words(empty)


def test_the_same_file_again_changes_nothing(client: PolicedClient, session: Session) -> None:
    home(session)
    asked(client, session)
    rows = [row | {"match_result": "exact", "serviceable": "yes"} for row in sent(client, session)]
    back(client, session, rows)
    assert "This file was handed in before" in words(back(client, session, rows))
    assert len(session.scalars(select(ServiceabilityAnswer)).all()) == 1


def test_refused_rows_leave_as_a_file_that_can_be_sent_back(client: PolicedClient, session: Session) -> None:
    home(session)
    asked(client, session)
    (row,) = sent(client, session)
    shown = words(back(client, session, [row | {"match_result": "exact", "serviceable": "=soon"}]))
    assert "1 Refused" in shown
    assert "“=soon” is no answer we know for serviceable" in shown
    file = session.scalars(select(ServiceabilityFile)).one()
    path = f"{PAGE}/files/{file.id}"
    session.rollback()
    answer = client.send(f"{path}/refused.csv", {}, page=path)
    assert b"'=soon" in answer.data
    header, line = read_csv(answer.data, profile=Profile.SPREADSHEET)
    assert header[-3:] == ["row", "what_is_wrong", "expected"]
    assert line[header.index("serviceable")] == "=soon"
    assert session.scalars(select(Disclosure).where(Disclosure.kind == "serviceability_rows_file")).one().row_count == 1
    assert client.send(f"{path}/taken.csv", {}, page=path).status_code == 404


def test_a_corrected_address_is_accepted_or_not_and_taken_back(client: PolicedClient, session: Session) -> None:
    home(session)
    asked(client, session)
    (row,) = sent(client, session)
    theirs = {"match_result": "corrected", "serviceable": "yes", "corrected_address": "1135 W WILSON ST"}
    assert "Corrected address: look at it first 1" in words(back(client, session, [row | theirs]))
    corrections = f"{PAGE}/corrections"
    assert "1135 W WILSON ST" in words(client.get(corrections))
    answer_id = session.scalars(select(ServiceabilityAnswer.id)).one()
    session.rollback()
    field, again = f"said-{answer_id}", f"{corrections}/{answer_id}/again"
    later = client.send(corrections, {field: ""}, follow_redirects=True)
    assert "Nothing was chosen" in later.text
    said = words(client.send(corrections, {field: "same", "said-999": "same"}, follow_redirects=True))
    assert "No corrected address waits for you." in said
    assert "The same place" in said
    once_more = client.send(corrections, {field: "other"}, follow_redirects=True)
    assert "1 was not changed: somebody has decided already" in once_more.text
    client.send(again, {}, page=corrections)
    client.send(corrections, {field: "other"})
    assert session.scalars(select(ServiceabilityAnswer.accepted)).one() is False
    session.rollback()
    gone = client.send(f"{corrections}/999999/again", {}, page=corrections, follow_redirects=True)
    assert "There is no such answer" in gone.text


def test_a_renamed_column_is_named_on_the_page(client: PolicedClient, session: Session) -> None:
    home(session)
    asked(client, session)
    (row,) = sent(client, session)
    filled = row | {"match_result": "exact", "serviceable": "yes"}
    renamed = {("Servicable?" if name == "serviceable" else name): cell for name, cell in filled.items()}
    assert "Nearest heading in the file: “Servicable?”." in words(back(client, session, [renamed]))
    path = f"{PAGE}/files/{session.scalars(select(ServiceabilityFile.id)).one()}/columns"
    session.rollback()
    page = client.get(path)
    lists = dict(re.findall(r'<label for="(c\d+)">([^<]+)</label>', page.text))
    chosen = dict(re.findall(r'name="(c\d+)".*?<option selected value="([a-z0-9_]+)"', page.text, re.DOTALL))
    place = next(name for name, heading in lists.items() if heading == "Servicable?")
    assert chosen[place] == "serviceable"  # the nearest heading is offered already
    mapping = {name: "" if heading == "Servicable?" else heading for name, heading in lists.items()}
    refused = client.send(path, mapping)
    assert refused.status_code == 422
    assert "No heading is given to serviceable, which every row needs." in words(refused)
    assert "Yes 1" in words(client.send(path, mapping | {place: "serviceable"}, follow_redirects=True))


def test_the_page_of_an_address_says_what_is_not_known_in_so_many_words(
    client: PolicedClient, session: Session
) -> None:
    one = home(session)
    factories.provider(session, "Astound")
    session.commit()
    page = words(client.get(f"/households/{one.reference}/serviceability"))
    assert "Astound Not known – – Nobody asked yet" in page
    asked(client, session)
    assert "No answer yet" in words(client.get(f"/households/{one.reference}/serviceability"))
    (row,) = sent(client, session)
    back(client, session, [row | {"match_result": "not found", "serviceable": "no"}])
    page = words(client.get(f"/households/{one.reference}/serviceability"))
    assert "Not known The provider did not find the address" in page
    assert "No wire reaches" not in page


def test_a_household_without_an_address_is_told(client: PolicedClient, session: Session) -> None:
    one = home(session, line="")
    session.commit()
    assert "No address is known" in words(client.get(f"/households/{one.reference}/serviceability"))


def test_a_partner_opens_the_list_and_the_address_in_its_areas_and_nothing_else(
    partner: Account, signed_in: SignedIn, session: Session
) -> None:
    inside, outside = home(session, area=3), home(session, "5 N CLARK ST", area=70)
    session.commit()
    client = signed_in(partner)
    assert client.get("/service/no-wire").status_code == 200
    assert client.get(f"/households/{inside.reference}/serviceability").status_code == 200
    assert client.get(f"/households/{outside.reference}/serviceability").status_code == 404
    assert client.get(PAGE).status_code == 403


def test_the_overview_leads_there(client: PolicedClient, session: Session) -> None:
    shown = client.get("/service/").text
    assert f'href="{PAGE}"' in shown
    assert 'href="/service/no-wire"' in shown


def test_no_address_stands_in_an_address_of_a_page(client: PolicedClient, session: Session) -> None:
    home(session)
    asked(client, session)
    rows = [row | {"match_result": "exact", "serviceable": "yes"} for row in sent(client, session)]
    back(client, session, rows)
    for path in (PAGE, "/service/no-wire", f"{PAGE}/corrections"):
        assert not re.search(r'href="[^"]*WILSON', client.get(path).text)


def test_council_and_school_open_none_of_it(signed_in: SignedIn, session: Session) -> None:
    one = home(session)
    session.commit()
    for role in (Role.SCHOOL, Role.COUNCIL):
        client = signed_in(role)
        for path in (PAGE, f"{PAGE}/corrections", "/service/no-wire", f"/households/{one.reference}/serviceability"):
            assert client.get(path).status_code == 403


def test_a_list_without_answers_can_be_taken_back_and_one_with_answers_stays(
    client: PolicedClient, session: Session
) -> None:
    one = home(session)
    asked(client, session)
    (row,) = sent(client, session)
    asked(client, session, days="90")
    first, second = session.scalars(select(ServiceabilityBatch.id).order_by(ServiceabilityBatch.id)).all()
    back(client, session, [row | {"match_result": "exact", "serviceable": "no"}])
    for number, told in ((first, "has answers already, so it stays"), (second, "The list is taken back")):
        page = f"{PAGE}/batches/{number}"
        assert told in client.send(f"{page}/withdraw", {}, page=page, follow_redirects=True).text
    assert session.scalars(select(ServiceabilityBatch.id)).all() == [first]
    assert len(session.scalars(select(ServiceabilityAnswer)).all()) == 1
    session.rollback()
    assert "No wire reaches" in words(client.get(f"/households/{one.reference}/serviceability"))
