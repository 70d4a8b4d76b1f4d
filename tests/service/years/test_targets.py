"""Targets with where their number comes from, and how far the year has come, counted by hand."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import Account, AuditEvent, Counted, EnrollmentEvent, ProgramTarget, Role, Unit
from connectivity.service.years import targets
from connectivity.service.years.targets import TargetRefused, Wanted
from tests import factories
from tests.conftest import PolicedClient
from tests.households.conftest import errors_of

SignedIn = Callable[..., PolicedClient]
FORM = {
    "number": "60000",
    "unit": "households",
    "counted": "connected",
    "due_on": "2027-06-30",
    "basis": "Children in homes without broadband",
    "vintage": "ACS 2018, 5-year",
}


def wanted(**given: Any) -> Wanted:
    values = {
        "number": 60_000,
        "unit": Unit.HOUSEHOLDS,
        "counted": Counted.CONNECTED,
        "due_on": dt.date(2027, 6, 30),
        "basis": FORM["basis"],
        "vintage": FORM["vintage"],
    }
    return Wanted(**{**values, **given})


@pytest.fixture
def program(session: Session) -> None:
    """Households by where they stand, each with so many students; one ended after it was connected, one was merged."""
    for status, students in (
        ("eligible", 1),
        ("contacted", 2),
        ("code_issued", 1),
        ("ordered", 1),
        ("installed", 3),
        ("active", 2),
        ("active", 1),
        ("suspended", 1),
        ("ended", 1),  # was never connected
    ):
        household = factories.household(session, students=[{}] * students)
        factories.enrollment(session, household, status)
    left = factories.enrollment(session, factories.household(session, students=[{}] * 4), "ended")
    session.add(EnrollmentEvent(enrollment_id=left.id, status="active", happened_on=factories.DAY))
    merged = factories.household(session)
    factories.enrollment(session, merged, "active")
    merged.merged_into_id = factories.household(session).id
    session.flush()


# Added up by hand from the list above.
@pytest.mark.parametrize(
    ("counted", "households", "students"),
    [
        ("contacted", 8, 2 + 1 + 1 + 3 + 2 + 1 + 1 + 4),
        ("code_issued", 7, 1 + 1 + 3 + 2 + 1 + 1 + 4),
        ("ordered", 6, 1 + 3 + 2 + 1 + 1 + 4),
        ("connected", 4, 2 + 1 + 1 + 4),
        ("connected_now", 2, 2 + 1),
    ],
)
def test_a_target_counts_who_came_so_far_or_who_stands_there_now(
    session: Session, program: None, counted: str, households: int, students: int
) -> None:
    year = factories.program_year(session)
    assert targets.count(session, year, Counted(counted), Unit.HOUSEHOLDS) == households
    assert targets.count(session, year, Counted(counted), Unit.STUDENTS) == students


def test_a_target_is_added_changed_and_removed_and_the_trail_keeps_all(session: Session, admin: Account) -> None:
    year = factories.program_year(session)
    made = targets.add(session, account=admin, year=year, wanted=wanted())
    assert not targets.change(session, account=admin, target=made, wanted=wanted())
    assert targets.change(session, account=admin, target=made, wanted=wanted(number=50_000))
    targets.remove(session, account=admin, target=made)
    assert session.scalars(select(ProgramTarget)).all() == []
    added, changed, removed = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert added.changes["vintage"] == [None, "ACS 2018, 5-year"]
    assert changed.changes == {"number": [60_000, 50_000]}
    assert removed.changes["number"] == [50_000, None]
    assert removed.changes["due_on"] == ["2027-06-30", None]


def test_a_target_due_before_its_year_begins_is_refused(session: Session, admin: Account) -> None:
    with pytest.raises(TargetRefused) as refused:
        targets.add(
            session,
            account=admin,
            year=factories.program_year(session),
            wanted=wanted(due_on=dt.date(2026, 6, 30)),
        )
    assert "starts on Jul 1, 2026" in refused.value.problems["due_on"]


def test_the_pages_keep_basis_and_vintage_beside_the_number(
    session: Session, program: None, signed_in: SignedIn
) -> None:
    year = factories.program_year(session)
    client = signed_in(Role.ADMIN)
    path = f"/service/years/{year.id}/targets"
    empty = client.send(f"{path}/new", {"number": "many", "due_on": ""})
    assert set(errors_of(empty.text)) >= {"number", "due_on", "basis", "vintage"}
    assert client.send(f"{path}/new", {**FORM, "number": "0"}).status_code == 422
    done = client.send(f"{path}/new", {**FORM, "number": "8"}, follow_redirects=True)
    assert "From ACS 2018, 5-year: Children in homes without broadband" in done.text
    assert "50.0%" in done.text  # 4 of 8
    target = session.scalars(select(ProgramTarget)).one()
    client.send(f"{path}/{target.id}", {**FORM, "number": "4"})
    assert "reached" in client.get(f"/service/years/{year.id}").text
    token = client.token(f"{path}/{target.id}")
    gone = client.post(f"{path}/{target.id}/remove", data={"csrf_token": token}, follow_redirects=True)
    assert "Target taken away" in gone.text
    assert client.get(f"{path}/{target.id}").status_code == 404


def test_a_target_is_counted_until_its_day_and_no_longer(session: Session) -> None:
    year, day = factories.program_year(session), dt.timedelta(days=1)
    due = factories.DAY + 5 * day
    for counted in ("connected", "connected_now"):
        session.add(factories.target(year, counted=counted, due_on=due, number=1))
    in_time = factories.enrollment(session, factories.household(session), "active", on=due)
    factories.enrollment(session, factories.household(session), "active", on=due + day)
    left = factories.enrollment(session, factories.household(session), "active", on=factories.DAY)
    # Suspended after the day: connected on it. Stood active and was suspended before it: came, but was not connected then.
    session.add(EnrollmentEvent(enrollment_id=in_time.id, status="suspended", happened_on=due + day))
    session.add(EnrollmentEvent(enrollment_id=left.id, status="suspended", happened_on=due - day))
    in_time.status = left.status = "suspended"
    session.flush()
    late = {one.target.counted: one for one in targets.standings(session, year, today=due + 30 * day)}
    assert {name: one.present for name, one in late.items()} == {"connected": 2, "connected_now": 1}
    assert {one.counted_on for one in late.values()} == {due}
    present = {one.target.counted: one.present for one in targets.standings(session, year, today=due)}
    assert present == {"connected": 3, "connected_now": 1}  # without days: as the households stand


def test_a_share_beyond_ten_times_is_told_as_times_and_a_wrong_number_in_one_sentence(
    session: Session, signed_in: SignedIn
) -> None:
    year = factories.program_year(session)
    session.add(factories.target(year, number=1))
    for _ in range(11):
        factories.enrollment(session, factories.household(session), "active")
    session.commit()
    client = signed_in(Role.ADMIN)
    assert "11.0 times" in client.get(f"/service/years/{year.id}").text
    for typed in ("many", "1.5", "0", "9" * 5000):
        answer = client.send(f"/service/years/{year.id}/targets/new", {**FORM, "number": typed})
        assert "Not a valid integer" not in answer.text
        assert errors_of(answer.text) == {"number": "Enter a whole number from 1 to 10,000,000."}
