"""The file of addresses: each once, under ids that tell nothing, and nobody's name in it."""

import datetime as dt
import re
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import Account, AuditEvent, Residence, Role, ServiceAddress
from connectivity.service.serviceability import ask as asking
from connectivity.service.serviceability.ask import Choice, Homes, Which
from tests import factories
from tests.service.serviceability.answers_back import ASKED, EVERY, TODAY, ask, home, requests, rows, taken

DAY = dt.timedelta(days=1)


def lines(session: Session, **choice: object) -> list[str]:
    """The streets that a choice asks about."""
    try:
        batch = ask(session, choice=Choice(**choice), on=TODAY)  # type: ignore[arg-type]
    except asking.NothingToAsk:
        return []
    return [one.line for one in requests(session, batch)]


def test_each_address_stands_once_however_many_families_and_children_live_there(session: Session) -> None:
    home(session, students=[{}, {}, {}])
    home(session, students=[{}])
    home(session, unit="APT 2")
    batch = ask(session)
    assert [(one.line, one.unit, one.zip) for one in requests(session, batch)] == [
        ("1135 W WILSON AVE", "", "60640"),
        ("1135 W WILSON AVE", "APT 2", "60640"),
    ]
    assert batch.addresses == 2


def test_the_file_holds_ids_and_addresses_and_nothing_of_a_family(session: Session) -> None:
    one = home(session, guardian_last_name="Kowalska", phones=["+17735550142"])
    factories.enrollment(session, one, "code_issued", membership_code_id=factories.membership_code(session).id)
    (row,) = rows(session, ask(session))
    filled = {name: cell for name, cell in row.items() if cell}
    assert set(filled) == {"batch_id", "request_id", "address_line1", "city", "state", "zip", "isp"}
    assert (filled["address_line1"], filled["zip"], filled["isp"]) == ("1135 W WILSON AVE", "60640", "Comcast")
    text = " ".join(row.values())
    for secret in ("Kowalska", "Rosa", "Luz", one.reference, "7735550142", "CC0"):
        assert secret not in text


def test_ids_are_random_so_that_two_files_cannot_be_joined_by_them(session: Session) -> None:
    for number in range(1, 4):
        home(session, f"{number} W WILSON AVE")
    first, second = (requests(session, ask(session, name)) for name in ("Comcast", "Astound"))
    ids = [one.reference for one in [*first, *second]]
    assert len(set(ids)) == 6
    assert all(re.fullmatch(r"Q[A-Z2-7]{16}", one) for one in ids)


def test_the_plus_four_of_a_zip_code_makes_no_second_address(session: Session) -> None:
    one = home(session)
    home(session)
    session.scalars(select(Residence).where(Residence.household_id == one.id)).one().zip = "60640-1234"
    assert len(requests(session, ask(session))) == 1


def test_asked_is_where_the_connection_goes(session: Session) -> None:
    one = home(session)
    moved = home(session, "777 W WILSON AVE")
    address = {"original": "", "unit": "", "city": "Chicago", "state": "IL", "zip": "60625", "reason": "at his aunt's"}
    session.add(ServiceAddress(household_id=one.id, line="5 N CLARK ST", starts_on=ASKED, **address))
    lives = session.scalars(select(Residence).where(Residence.household_id == moved.id)).one()
    lives.ends_on = ASKED
    session.flush()
    later = factories.residence(moved.id, 3)
    later.line, later.starts_on = "9 E 63RD ST", ASKED
    session.add(later)
    assert [one.line for one in requests(session, ask(session))] == ["5 N CLARK ST", "9 E 63RD ST"]


def test_homes_that_wait_are_asked_about_and_no_others_unless_one_says_so(session: Session) -> None:
    for number, status in enumerate(("eligible", "code_issued", "active", "ended"), start=1):
        factories.enrollment(session, home(session, f"{number} N CLARK ST"), status)
    home(session, "9 N CLARK ST")
    assert lines(session) == ["1 N CLARK ST", "2 N CLARK ST"]
    assert len(lines(session, homes=Homes.EVERY)) == 5


def test_an_area_narrows(session: Session) -> None:
    home(session, "1 N CLARK ST", area=3)
    home(session, "2 N CLARK ST", area=8)
    home(session, "3 N CLARK ST", area=None)
    assert lines(session, homes=Homes.EVERY, area=8) == ["2 N CLARK ST"]


def test_only_a_yes_or_no_about_our_address_counts_as_answered(session: Session, tmp_path: Path) -> None:
    for number in range(1, 6):
        home(session, f"{number} N CLARK ST")
    yes, no, unknown, corrected, _silent = rows(session, ask(session), checked_on="2026-09-20")
    found = [
        yes | {"match_result": "exact", "serviceable": "yes"},
        no | {"match_result": "exact", "serviceable": "no"},
        unknown | {"match_result": "exact", "serviceable": "unknown"},
        corrected | {"match_result": "corrected", "serviceable": "no", "corrected_address": "4 N CLARKE AVE"},
    ]
    taken(session, tmp_path, found)
    assert lines(session, homes=Homes.EVERY) == ["3 N CLARK ST", "4 N CLARK ST", "5 N CLARK ST"]
    age = (TODAY - dt.date(2026, 9, 20)).days
    assert len(lines(session, homes=Homes.EVERY, which=Which.OLD, days=age)) == 3
    assert len(lines(session, homes=Homes.EVERY, which=Which.OLD, days=age - 1)) == 5


def test_another_provider_s_answer_answers_nothing(session: Session, tmp_path: Path) -> None:
    home(session)
    taken(session, tmp_path, rows(session, ask(session), match_result="exact", serviceable="no"))
    unanswered = Choice(homes=Homes.EVERY)
    with pytest.raises(asking.NothingToAsk):
        ask(session, choice=unanswered)
    assert ask(session, "Astound", unanswered).addresses == 1


def test_nothing_to_ask_is_said_and_leaves_nothing_behind(session: Session) -> None:
    with pytest.raises(asking.NothingToAsk, match="No address fits"):
        ask(session)
    assert session.scalars(select(AuditEvent).where(AuditEvent.action == "serviceability.asked")).all() == []


def test_a_merged_household_s_last_address_is_not_asked_about(session: Session) -> None:
    kept, folded = home(session), home(session, "5 N CLARK ST")
    folded.merged_into_id = kept.id
    assert [one.line for one in requests(session, ask(session))] == ["1135 W WILSON AVE"]


def test_only_providers_that_sell_a_wire_are_offered(session: Session) -> None:
    factories.provider(session, "Comcast")
    factories.provider(session, "T-Mobile", service_type="hotspot")
    factories.provider(session, "RCN").active = False
    session.flush()
    assert [one.name for one in asking.wired_providers(session)] == ["Comcast"]


def test_what_was_asked_is_in_the_trail_without_an_address(session: Session) -> None:
    home(session)
    account = factories.account(session, Role.STAFF)
    batch = ask(session)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "serviceability.asked")).one()
    assert (event.account_id, event.subject_id) == (account.id, batch.id)
    assert event.changes["addresses"] == [None, 1]


def test_the_file_of_many_pages_holds_each_request_once(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ROWS_A_PAGE", 2)
    for number in range(1, 6):
        home(session, f"{number} N CLARK ST")
    found = [row["request_id"] for row in rows(session, ask(session, choice=EVERY))]
    assert len(found) == len(set(found)) == 5


def test_a_choice_is_made_by_an_account_that_sees_all(session: Session) -> None:
    home(session)
    council = factories.account(session, Role.COUNCIL)
    provider, year = factories.provider(session), factories.program_year(session)
    session.commit()
    with pytest.raises(asking.NothingToAsk), transaction(session):
        asking.ask(session, account=council, provider=provider, choice=EVERY, year=year, today=TODAY)
    assert isinstance(council, Account)
