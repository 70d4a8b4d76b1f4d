"""Who is stalled: days counted by hand on a calendar, each filter, each page, within the account's scope, and as a logged file."""

import csv
import datetime as dt
import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import (
    Account,
    CodeBatch,
    Disclosure,
    Enrollment,
    Household,
    MembershipCode,
    Role,
    School,
)
from connectivity.rules.service_states import Status
from connectivity.service.progress import stalled
from connectivity.service.progress.labels import KIND, next_action
from connectivity.service.progress.narrowing import Narrowing, conditions
from connectivity.service.progress.stalled import Kind, Line, Question
from connectivity.service.progress.stalled_file import COLUMNS
from tests import factories
from tests.conftest import PolicedClient
from tests.households.conftest import TODAY

SignedIn = Callable[..., PolicedClient]
THE_DAY = dt.date(2026, 11, 23)


def waits(
    session: Session, status: str, since: str | dt.date, *, code: dict[str, Any] | None = None, **home: Any
) -> Enrollment:
    """A household that stands at `status` since a day; `code`: with a code of its own."""
    household = factories.household(session, **home)
    given: dict[str, Any] = {}
    if code is not None:
        made = factories.membership_code(session, **{"state": "issued", "household_id": household.id, **code})
        given = {"membership_code_id": made.id}
    on = dt.date.fromisoformat(since) if isinstance(since, str) else since
    return factories.enrollment(session, household, status, on=on, **given)


def ask(
    session: Session,
    account: Account,
    *,
    today: dt.date = THE_DAY,
    narrowed: dict[str, str] | None = None,
    **given: Any,
) -> Question:
    where = conditions(account, Narrowing(**(narrowed or {})), today=today)
    return Question(year_id=factories.program_year(session).id, where=where, today=today, **given)


def listed(session: Session, asked: Question) -> list[Line]:
    session.flush()
    return stalled.lines(session, asked, after=None, size=1000)


def ids(found: Sequence[Line | Enrollment]) -> list[int]:
    return [one.enrollment_id if isinstance(one, Line) else one.id for one in found]


def test_a_household_is_stalled_from_the_day_on_that_it_waited_long_enough(session: Session, staff: Account) -> None:
    # November 23 less 21 days is November 2; less 10 days is November 13.
    wanted = [
        (waits(session, "code_issued", "2026-11-02"), Kind.CODE, 21),
        (waits(session, "installed", "2026-11-10"), Kind.KIT, 13),
        (waits(session, "kit_shipped", "2026-11-13"), Kind.KIT, 10),
        (waits(session, "ordered", "2026-11-13"), Kind.ORDER, 10),
        (waits(session, "suspended", "2026-11-23"), Kind.SUSPENDED, 0),
    ]
    for status, since in (
        ("code_issued", "2026-11-03"),
        ("kit_shipped", "2026-11-14"),
        ("installed", "2026-11-14"),
        ("ordered", "2026-11-14"),
        ("eligible", "2026-07-01"),
        ("contacted", "2026-07-01"),
        ("active", "2026-07-01"),
        ("ended", "2026-07-01"),
    ):
        waits(session, status, since)
    found = listed(session, ask(session, staff))
    assert [(one.enrollment_id, one.kind, one.days) for one in found] == [
        (enrollment.id, kind, days) for enrollment, kind, days in wanted
    ]
    assert stalled.counts(session, ask(session, staff)) == (
        {Kind.DEAD: 0, Kind.EXPIRING: 0, Kind.CODE: 1, Kind.ORDER: 1, Kind.KIT: 2, Kind.SUSPENDED: 1},
        5,
    )


def test_the_days_are_for_the_asker_to_choose(session: Session, staff: Account) -> None:
    # October 24 to November 23 is 30 days; February 28, 2027 to March 1 is one day.
    old, new = waits(session, "code_issued", "2026-10-24"), waits(session, "code_issued", "2026-10-25")
    assert ids(listed(session, ask(session, staff, after_code=30))) == [old.id]
    assert ids(listed(session, ask(session, staff, after_code=29))) == [old.id, new.id]
    kit = waits(session, "kit_shipped", "2027-02-28")
    later = ask(session, staff, today=dt.date(2027, 3, 1), kind=Kind.KIT, after_kit=1)
    assert [(one.enrollment_id, one.days) for one in listed(session, later)] == [(kit.id, 1)]


def test_a_code_about_to_expire_is_told_by_its_own_last_day_or_its_batchs(session: Session, staff: Account) -> None:
    # Thirty days after November 23 is December 23.
    fresh = "2026-11-22"  # nobody here waits long
    by_batch = waits(session, "code_issued", fresh, code={})
    session.scalars(select(CodeBatch)).one().expires_on = dt.date(2026, 12, 23)
    own_later = waits(session, "code_issued", fresh, code={"expires_on": dt.date(2026, 12, 24)})
    own_sooner = waits(session, "code_issued", fresh, code={"expires_on": dt.date(2026, 11, 23)})
    ordered = waits(session, "ordered", fresh, code={"expires_on": dt.date(2026, 11, 30)})
    used = waits(session, "kit_shipped", fresh, code={"state": "redeemed", "expires_on": dt.date(2026, 11, 30)})
    without = waits(session, "code_issued", fresh)
    found = {one.enrollment_id: one for one in listed(session, ask(session, staff))}
    assert set(found) == {by_batch.id, own_sooner.id}
    assert {used.id, without.id, own_later.id, ordered.id}.isdisjoint(found)
    assert found[by_batch.id].expires_on == dt.date(2026, 12, 23)
    assert found[own_sooner.id].expires_on == dt.date(2026, 11, 23)
    assert {one.kind for one in found.values()} == {Kind.EXPIRING}


def test_a_household_at_code_issued_whose_code_is_dead_needs_another_one_and_waits_for_no_days(
    session: Session, staff: Account
) -> None:
    fresh = "2026-11-22"
    dead = [
        waits(session, "code_issued", fresh, code={"state": "expired"}),
        waits(session, "code_issued", fresh, code={"state": "revoked", "expires_on": dt.date(2026, 12, 1)}),
        waits(session, "code_issued", fresh, code={"expires_on": dt.date(2026, 11, 22)}),  # the night was not yet
    ]
    waits(session, "ordered", fresh, code={"state": "expired"})
    waits(session, "ordered", fresh, code={"expires_on": dt.date(2026, 11, 20)})
    for kind in (None, Kind.DEAD):
        found = listed(session, ask(session, staff, kind=kind))
        assert ids(found) == ids(dead)
        assert {one.kind for one in found} == {Kind.DEAD}
    each, total = stalled.counts(session, ask(session, staff))
    assert (each[Kind.DEAD], each[Kind.EXPIRING], total) == (3, 0, 3)
    assert "Give the family another code" in str(next_action(Kind.DEAD, Status.CODE_ISSUED))


def test_one_that_fits_two_kinds_is_in_both_and_counted_once_in_all(session: Session, staff: Account) -> None:
    waits(session, "code_issued", "2026-10-01", code={"expires_on": dt.date(2026, 12, 1)})
    each, total = stalled.counts(session, ask(session, staff))
    assert (each[Kind.EXPIRING], each[Kind.CODE], total) == (1, 1, 1)
    for kind in (Kind.EXPIRING, Kind.CODE, None):
        assert [one.kind for one in listed(session, ask(session, staff, kind=kind))] == [Kind.EXPIRING]
    assert listed(session, ask(session, staff, kind=Kind.SUSPENDED)) == []


def test_every_kind_and_status_has_a_word_and_a_next_action() -> None:
    assert set(KIND) == set(Kind)
    for status in (Status.CODE_ISSUED, Status.ORDERED, Status.KIT_SHIPPED, Status.INSTALLED, Status.SUSPENDED):
        assert len(str(next_action(Kind.KIT, status))) > 20
    assert "before the code expires" in str(next_action(Kind.EXPIRING, Status.CODE_ISSUED))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
def test_pages_follow_each_other_without_gap_or_repeat_also_where_days_are_the_same(
    session: Session, staff: Account, size: int
) -> None:
    days = ["2026-10-01", "2026-09-01", "2026-10-01", "2026-10-01", "2026-08-01", "2026-10-01", "2026-09-01"]
    made = [waits(session, "code_issued", day) for day in days]
    wanted = [one.id for one in sorted(made, key=lambda one: (one.status_on, one.id))]
    asked, after, seen = ask(session, staff), None, list[int]()
    session.flush()
    while found := stalled.lines(session, asked, after=after, size=size):
        seen += ids(found)
        after = found[-1].key
    assert seen == wanted
    assert ids(list(stalled.every_line(session, asked))) == wanted


def test_each_filter_narrows_to_its_own(session: Session, staff: Account) -> None:
    schools = session.scalars(select(School.id).order_by(School.id).limit(2)).all()
    since = "2026-10-01"
    here = waits(session, "code_issued", since, area=3, language="pl", students=[{"school_id": schools[0]}])
    there = waits(session, "code_issued", since, area=25, language="es", students=[{"school_id": schools[1]}])
    there.service_type = "hotspot"
    organization = factories.organization(session, areas=[25, 26])
    former = factories.organization(session, areas=[3], ends_on=dt.date(2026, 11, 22))
    for narrowed, wanted in (
        ({}, [here, there]),
        ({"area": "3"}, [here]),
        ({"language": "es"}, [there]),
        ({"school": schools[0]}, [here]),
        ({"organization": str(organization.id)}, [there]),
        ({"organization": str(former.id)}, []),
        ({"service_type": "hotspot"}, [there]),
        ({"service_type": "unknown"}, [here]),
        ({"area": "3", "language": "es"}, []),
    ):
        asked = ask(session, staff, narrowed=narrowed)
        assert ids(listed(session, asked)) == [one.id for one in wanted], narrowed
        assert stalled.counts(session, asked)[1] == len(wanted), narrowed


def test_a_household_that_moved_is_found_where_it_lives_now(session: Session, staff: Account) -> None:
    moved = waits(session, "code_issued", "2026-10-01", area=3)
    home = session.get_one(Household, moved.household_id).residences[0]
    home.ends_on = dt.date(2026, 10, 15)
    session.add(factories.residence(moved.household_id, 25))
    assert listed(session, ask(session, staff, narrowed={"area": "3"})) == []
    assert [one.area for one in listed(session, ask(session, staff))] == [25]


def test_a_partner_sees_its_areas_alone_and_nobody_sees_a_merged_household(
    session: Session, staff: Account, partner: Account
) -> None:
    mine = waits(session, "code_issued", "2026-10-01", area=3)
    other = waits(session, "code_issued", "2026-10-01", area=25)
    nowhere = waits(session, "code_issued", "2026-10-01", area=None)
    merged = waits(session, "code_issued", "2026-10-01", area=3)
    session.get_one(Household, merged.household_id).merged_into_id = mine.household_id
    assert ids(listed(session, ask(session, staff))) == [mine.id, other.id, nowhere.id]
    assert ids(listed(session, ask(session, partner))) == [mine.id]
    assert listed(session, ask(session, partner, narrowed={"area": "25"})) == []
    assert stalled.counts(session, ask(session, partner))[1] == 1
    for role in (Role.COUNCIL, Role.SCHOOL):
        assert listed(session, ask(session, factories.account(session, role))) == []


def test_another_program_year_is_another_list(session: Session, staff: Account) -> None:
    year = factories.program_year(session, label="2025-26", starts_on=dt.date(2025, 7, 1), ends_on=dt.date(2026, 6, 30))
    factories.enrollment(session, factories.household(session), "suspended", program_year_id=year.id)
    assert listed(session, ask(session, staff)) == []


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def test_the_page_shows_the_longest_waiting_first_with_the_next_action(
    session: Session, signed_in: SignedIn, running: None
) -> None:
    first = waits(session, "suspended", ago(40), phones=["+17735550142"])
    for _ in range(51):
        waits(session, "code_issued", ago(30))
    client = signed_in(Role.STAFF)
    page = client.get("/service/stalled").text
    reference = session.get_one(Household, first.household_id).reference
    assert "Do not publish" in page
    assert page.index(reference) < page.index("Help the family order service with their code")
    assert "Ask the family and the provider why service stopped" in page
    assert "(773) 555-0142" in page
    assert "50 of 52 households" in page
    following = page.partition("after=")[2].partition('"')[0]
    second = client.get(f"/service/stalled?after={following}").text
    assert "2 of 52 households" in second
    assert reference not in second
    assert "Nobody is stalled here" in client.get("/service/stalled?kind=kit").text


def test_what_cannot_be_asked_is_answered_at_its_field(session: Session, signed_in: SignedIn, running: None) -> None:
    waits(session, "suspended", ago(1))
    client = signed_in(Role.STAFF)
    for query, words in (
        ("code_days=soon", "Enter a number of days from 0 to 999."),
        ("kit_days=-1", "Enter a number of days from 0 to 999."),
        ("kind=lost", "This is not one of the choices."),
        ("area=78", "This is not one of the choices."),
        ("year=99999", "This is not one of the choices."),
    ):
        answer = client.get(f"/service/stalled?{query}")
        assert answer.status_code == 400, query
        assert words in answer.text, query
    for token in ("x", "20261323-1", "20261101-", "20261101-x", "99999999-99999999999"):
        assert "Here is its beginning." in client.get(f"/service/stalled?after={token}").text, token


def test_a_partner_is_offered_its_own_areas_and_no_file(session: Session, signed_in: SignedIn, running: None) -> None:
    waits(session, "suspended", ago(1), area=3)
    hidden = waits(session, "suspended", ago(1), area=25)
    client = signed_in(Role.PARTNER, organization_id=factories.organization(session, areas=[3]).id)
    page = client.get("/service/stalled").text
    assert "1 of 1 households" in page
    assert session.get_one(Household, hidden.household_id).reference not in page
    assert '<option value="25"' not in page
    assert "Partner organization" not in page
    assert "Download" not in page


def test_the_file_has_every_row_of_the_list_and_is_logged_with_its_count(
    session: Session, signed_in: SignedIn, running: None
) -> None:
    for number in range(53):
        waits(session, "code_issued", ago(30), guardian_first_name="=1+1" if number == 0 else "Rosa")
    waits(session, "suspended", ago(3))
    account = factories.account(session, Role.STAFF)
    client = signed_in(account)
    year = factories.program_year(session).id
    asked = {"kind": "code", "year": str(year), "code_days": "21", "kit_days": "10"}
    answer = client.send("/service/stalled.csv", asked, page="/service/stalled")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 53
    assert rows[0]["guardian"].startswith("'=1+1")
    assert {row["days_waiting"] for row in rows} == {"30"}
    assert {row["next_action"] for row in rows} == {"Help the family order service with their code"}
    session.rollback()
    logged = session.scalars(select(Disclosure)).one()
    assert (logged.kind, logged.account_id, logged.row_count) == ("stalled_csv", account.id, 53)
    assert logged.finished_at is not None
    assert logged.scope["filters"]["kind"] == "code"
    assert list(logged.columns) == list(COLUMNS)
    wrong = client.send("/service/stalled.csv", {**asked, "kind": "lost"}, page="/service/stalled")
    assert wrong.status_code == 400
    session.rollback()
    assert len(session.scalars(select(Disclosure)).all()) == 1


@pytest.fixture
def running(session: Session) -> None:
    """The factories' program year, made to run today whatever day it is."""
    year = factories.program_year(session)
    year.starts_on, year.ends_on = ago(90), TODAY + dt.timedelta(days=200)
    session.flush()


def test_an_empty_program_says_so(signed_in: SignedIn) -> None:
    assert "nobody waits" in signed_in(Role.STAFF).get("/service/stalled").text


def test_no_code_is_touched_by_looking(session: Session, signed_in: SignedIn, running: None) -> None:
    waits(session, "code_issued", ago(30), code={"expires_on": ago(2)})
    client = signed_in(Role.STAFF)
    assert "Give the family another code" in client.get("/service/stalled").text
    session.rollback()
    assert session.scalars(select(MembershipCode.state)).all() == ["issued"]
