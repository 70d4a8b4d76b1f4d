"""Program years: entered, changed, closed; days that cannot be are refused; nothing is written beside the trail."""

import datetime as dt
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from connectivity.database import make_sessions, transaction
from connectivity.register import Account, AuditEvent, ProgramYear, Role
from connectivity.service.years import years
from connectivity.service.years.years import Values, YearRefused
from tests import factories
from tests.conftest import PolicedClient
from tests.households.conftest import errors_of

SignedIn = Callable[..., PolicedClient]
NEXT = {"label": "2027-28", "starts_on": "2027-07-01", "ends_on": "2028-06-30", "funding": "City of Chicago"}


def values(**given: Any) -> Values:
    """The year after the factories' one (2026-27)."""
    days = {name: dt.date.fromisoformat(given.pop(name, NEXT[name])) for name in ("starts_on", "ends_on")}
    return Values(
        **{"label": NEXT["label"], "funding": NEXT["funding"], "open_to_new": True, **days, **given}  # type: ignore[arg-type]
    )


def refused(session: Session, account: Account, year: ProgramYear | None = None, **given: Any) -> dict[str, str]:
    try:
        if year is None:
            years.add(session, account=account, values=values(**given))
        else:
            years.change(session, account=account, year=year, values=values(**given))
    except YearRefused as stands:
        return stands.problems
    return {}


def test_a_year_is_added_with_every_value_in_the_trail(session: Session, admin: Account) -> None:
    year = years.add(session, account=admin, values=values(open_to_new=False))
    assert (year.label, year.starts_on, year.ends_on) == ("2027-28", dt.date(2027, 7, 1), dt.date(2028, 6, 30))
    assert (year.funding, year.open_to_new) == ("City of Chicago", False)
    event = session.scalars(select(AuditEvent)).one()
    assert (event.action, event.subject_id, event.account_id) == ("program_year.added", year.id, admin.id)
    assert event.changes == {
        "label": [None, "2027-28"],
        "starts_on": [None, "2027-07-01"],
        "ends_on": [None, "2028-06-30"],
        "funding": [None, "City of Chicago"],
        "open_to_new": [None, False],
    }


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"label": "2026-27"}, "label", "There is a program year 2026-27 already."),
        ({"ends_on": "2027-07-01"}, "ends_on", "must end after it starts, on Jul 1, 2027"),
        ({"ends_on": "2030-06-30"}, "ends_on", "more than two years after the first day"),
        ({"starts_on": "2014-12-31"}, "starts_on", "Program years lie between Jan 1, 2015 and Dec 31,"),
        ({"starts_on": "0001-01-01"}, "starts_on", "Program years lie between"),
        ({"ends_on": "9999-12-31"}, "ends_on", "Program years lie between"),
        ({"starts_on": "2027-06-30"}, "starts_on", "overlap with 2026-27 (Jul 1, 2026 to Jun 30, 2027)"),
        ({"starts_on": "2026-01-01", "ends_on": "2026-07-01"}, "starts_on", "overlap with 2026-27"),
    ],
)
def test_a_year_that_cannot_be_is_refused_at_its_field(
    session: Session, admin: Account, given: dict[str, str], field: str, words: str
) -> None:
    factories.program_year(session)
    problems = refused(session, admin, **given)
    assert list(problems) == [field]
    assert words in problems[field]


def test_every_problem_is_told_at_once(session: Session, admin: Account) -> None:
    factories.program_year(session)
    assert set(refused(session, admin, label="2026-27", ends_on="2020-06-30")) == {"label", "ends_on"}


def test_a_year_runs_beside_another_only_when_somebody_says_so(session: Session, admin: Account) -> None:
    factories.program_year(session)
    beside = {"label": "Summer 2027", "starts_on": "2027-06-01", "ends_on": "2027-08-31"}
    refused(session, admin, **beside)
    assert years.add(session, account=admin, values=values(**beside, overlap_meant=True)).label == "Summer 2027"


def test_years_that_touch_do_not_overlap(session: Session, admin: Account) -> None:
    factories.program_year(session)  # to June 30, 2027
    years.add(session, account=admin, values=values(starts_on="2027-07-01"))


def test_only_what_was_changed_stands_in_the_trail_and_nothing_when_nothing_was(
    session: Session, admin: Account
) -> None:
    year = years.add(session, account=admin, values=values())
    assert not years.change(session, account=admin, year=year, values=values())
    assert years.change(session, account=admin, year=year, values=values(open_to_new=False))
    events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [one.action for one in events] == ["program_year.added", "program_year.changed"]
    assert events[1].changes == {"open_to_new": [True, False]}


def test_the_end_of_a_year_with_households_moves_by_an_extension_alone(session: Session, admin: Account) -> None:
    year = years.add(session, account=admin, values=values())
    assert years.change(session, account=admin, year=year, values=values(ends_on="2028-06-15"))
    factories.enrollment(session, factories.household(session), program_year_id=year.id, on=dt.date(2027, 8, 1))
    problems = refused(session, admin, year, ends_on="2028-06-30")
    assert "its end stays Jun 15, 2028 here" in problems["ends_on"]
    assert "Extend this year" in problems["ends_on"]


def test_the_first_day_does_not_move_past_what_happened(session: Session, admin: Account) -> None:
    year = years.add(session, account=admin, values=values())
    factories.enrollment(session, factories.household(session), program_year_id=year.id, on=dt.date(2026, 7, 2))
    # 366 days before July 3, 2027 is July 2, 2026: the earliest day of a step.
    assert years.change(session, account=admin, year=year, values=values(starts_on="2027-07-03"))
    assert "recorded on Jul 2, 2026" in refused(session, admin, year, starts_on="2027-07-04")["starts_on"]


def test_the_year_of_a_day_is_the_one_it_lies_in_else_the_last_that_began(session: Session) -> None:
    first = factories.program_year(session)
    later = factories.program_year(
        session, label="2028-29", starts_on=dt.date(2028, 7, 1), ends_on=dt.date(2029, 6, 30)
    )
    found = [
        years.current_year(session, dt.date.fromisoformat(day))
        for day in ("2026-06-30", "2026-07-01", "2027-06-30", "2028-01-01", "2028-07-01", "2031-01-01")
    ]
    assert found == [None, first, first, first, later, later]


def test_two_people_at_once_add_years_that_overlap_and_one_is_told(
    session: Session, engine: Engine, admin: Account
) -> None:
    factories.program_year(session)
    session.commit()
    gate, outcomes = Barrier(2), list[str]()

    def enter(label: str) -> None:
        with make_sessions(engine)() as own:
            gate.wait()
            try:
                with transaction(own):
                    years.add(own, account=own.get_one(Account, admin.id), values=values(label=label))
                outcomes.append("added")
            except YearRefused as stands:
                outcomes.append(stands.problems["starts_on"])

    threads = [Thread(target=enter, args=(label,)) for label in ("One", "Other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    added = [one for one in outcomes if one == "added"]
    told = [one for one in outcomes if "overlap with" in one]
    assert (len(added), len(told)) == (1, 1), outcomes


def test_the_pages_add_change_and_close_a_year(session: Session, signed_in: SignedIn) -> None:
    client = signed_in(Role.ADMIN)
    assert "There is no program year yet" in client.get("/service/years").text
    form = {**NEXT, "open_to_new": "y"}
    done = client.send("/service/years/new", form, follow_redirects=True)
    assert "2027-28 is added." in done.text
    year = session.scalars(select(ProgramYear)).one()
    again = client.send("/service/years/new", {**form, "label": "2027-28b"})
    assert again.status_code == 422
    assert "overlap with 2027-28" in errors_of(again.text)["starts_on"]
    assert "It runs beside another year on purpose" in again.text  # asked only where it matters
    assert "on purpose" not in client.get("/service/years/new").text
    empty = client.send("/service/years/new", {"starts_on": "31.12.", "ends_on": ""})
    assert set(errors_of(empty.text)) == {"label", "starts_on", "ends_on", "funding"}
    closed = client.send(f"/service/years/{year.id}/edit", NEXT, follow_redirects=True)
    assert "May not join" in closed.text
    assert "open to new households from “yes” to “no”" in " ".join(closed.text.split())
    assert client.get("/service/years/99999").status_code == 404


def test_staff_see_years_and_do_not_change_them_and_numbers_are_not_for_others(
    session: Session, signed_in: SignedIn
) -> None:
    year = factories.program_year(session)
    factories.enrollment(session, factories.household(session), "active")
    factories.enrollment(session, factories.household(session), "ended")
    merged = factories.household(session)
    factories.enrollment(session, merged, "active")
    merged.merged_into_id = factories.household(session).id
    client = signed_in(Role.STAFF)
    listed = client.get("/service/years").text
    assert "Add a year" not in listed
    shown = client.get(f"/service/years/{year.id}").text
    assert "Extend this year" not in shown
    assert "Do not publish" in listed
    assert "Do not publish" in shown
    assert '<td class="num">2</td><td class="num">1</td>' in listed  # the merged one is not counted beside the kept one
