"""Overrides: what one says counts until its last day and no longer; sent twice it is one; its words and days are real ones."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.register import Account, Appeal, Determination, Household, ProgramYear, Role
from connectivity.service.eligibility import by_hand
from connectivity.service.eligibility.by_hand import DecisionRefused
from tests import factories
from tests.conftest import PolicedClient
from tests.households.at_once import words
from tests.service.eligibility.conftest import (
    ENGLEWOOD,
    LINCOLN_PARK,
    TODAY,
    applied,
    changes,
    in_force,
    policy_of,
    start,
)

DAY = dt.timedelta(days=1)


def decide(session: Session, office: Account, home: Household, year: ProgramYear, **given: object) -> Determination:
    values = {"eligible": True, "reason": "Fire", "expires_on": TODAY, "today": TODAY, **given}
    done = by_hand.override(session, account=office, household=home, year=year, **values)  # type: ignore[arg-type]
    return done.determination


def expire(made: Determination) -> None:
    made.decided_on, made.expires_on = TODAY - 9 * DAY, TODAY - DAY


def test_an_expired_override_counts_as_what_stood_before_it(
    session: Session, office: Account, year: ProgramYear
) -> None:
    nothing, enrolled, said_no, said_yes = (factories.household(session, area=LINCOLN_PARK) for _ in range(4))
    factories.enrollment(session, enrolled, "active", program_year_id=year.id)
    for home, word in ((said_no, False), (said_yes, True)):
        session.add(
            Determination(
                household_id=home.id,
                program_year_id=year.id,
                eligible=word,
                source="appeal",
                explanation="x",
                reason="x",
                decided_on=TODAY - 30 * DAY,
            )
        )
    session.commit()
    for home, word in ((nothing, True), (enrolled, False), (said_no, True), (said_yes, False)):
        expire(decide(session, office, home, year, eligible=word))
    # Lincoln Park is not eligible: whoever counts as eligible today loses, whoever does not stays out.
    run = start(session, office, year, policy_of(session, office))
    assert changes(session, run) == {
        nothing.id: "stays_out",
        enrolled.id: "loses",
        said_no.id: "stays_out",
        said_yes.id: "loses",
    }


def test_expired_overrides_wait_in_a_list_until_something_follows(
    session: Session, office: Account, year: ProgramYear, signed_in: Callable[..., PolicedClient]
) -> None:
    gone, stands = (factories.household(session, area=LINCOLN_PARK) for _ in range(2))
    expire(decide(session, office, gone, year))
    decide(session, office, stands, year)
    found = by_hand.expired_overrides(session, office, TODAY)
    assert [household.id for _, household in found] == [gone.id]
    session.commit()
    page = words(signed_in(office).get("/service/eligibility"))
    assert "Overrides that have expired" in page
    assert (gone.reference in page, stands.reference in page) == (True, False)
    applied(session, office, year, policy_of(session, office))
    assert by_hand.expired_overrides(session, office, TODAY) == []


def test_the_same_override_sent_twice_is_one_determination_and_another_one_is_a_second(
    session: Session, office: Account, year: ProgramYear
) -> None:
    home = factories.household(session, area=LINCOLN_PARK)
    first = decide(session, office, home, year)
    assert decide(session, office, home, year, reason=" Fire\u200b ").id == first.id
    assert session.scalar(select(func.count()).select_from(Determination)) == 1
    assert decide(session, office, home, year, expires_on=TODAY + DAY).id != first.id


@pytest.mark.parametrize("nothing", ["\u200b\u200b", "\x00\x07", "\u2060 \u200d", "\u200c\n"])
def test_a_reason_that_nobody_can_see_is_none(
    session: Session, office: Account, year: ProgramYear, nothing: str
) -> None:
    home = factories.household(session)
    with pytest.raises(DecisionRefused) as refused:
        decide(session, office, home, year, reason=nothing)
    assert "Enter the reason" in refused.value.problems["reason"]
    with pytest.raises(DecisionRefused) as refused:
        by_hand.open_appeal(session, account=office, household=home, year=year, ground=nothing, on=TODAY, today=TODAY)
    assert "Enter what the family says." in refused.value.problems["ground"]
    assert in_force(session, home, year) is None


def test_days_of_an_override_and_of_an_appeal_lie_where_they_can(
    session: Session, office: Account, year: ProgramYear
) -> None:
    home = factories.household(session)
    latest = year.ends_on + dt.timedelta(days=366)
    for far in (latest + DAY, dt.date.max):
        with pytest.raises(DecisionRefused) as refused:
            decide(session, office, home, year, expires_on=far)
        assert "a year after it ends" in refused.value.problems["expires_on"]
    decide(session, office, home, year, expires_on=latest)
    for on, said in ((dt.date(2014, 12, 31), "Check the year"), (TODAY + DAY, "in the future")):
        with pytest.raises(DecisionRefused) as refused:
            by_hand.open_appeal(session, account=office, household=home, year=year, ground="x", on=on, today=TODAY)
        assert said in refused.value.problems["opened_on"]
    assert session.scalar(select(func.count()).select_from(Appeal)) == 0


def test_whoever_is_eligible_again_while_its_enrollment_has_ended_is_listed_until_it_is_started_anew(
    session: Session, admin: Account, year: ProgramYear, signed_in: Callable[..., PolicedClient]
) -> None:
    again, new, out = (factories.household(session, area=one) for one in (ENGLEWOOD, ENGLEWOOD, LINCOLN_PARK))
    ended = factories.enrollment(session, again, "ended", program_year_id=year.id)
    factories.enrollment(session, out, "ended", program_year_id=year.id)
    session.commit()
    run = start(session, admin, year, policy_of(session, admin))
    session.commit()
    client, page = signed_in(admin), f"/service/eligibility/runs/{run.id}"
    assert "start it anew" in words(client.get(page))
    listed = words(client.get(f"{page}/ended-enrollments"))
    assert [one.reference in listed for one in (again, new, out)] == [True, False, False]
    assert "1 household in all" in listed
    assert client.get(f"{page}/ended-enrollments?after={10**30}").status_code == 200
    session.commit()
    applied(session, admin, year, policy_of(session, admin, "Same"))
    newest = f"/service/eligibility/runs/{run.id + 1}"
    assert again.reference in words(client.get(f"{newest}/ended-enrollments"))
    session.refresh(ended)
    ended.status = "eligible"
    session.commit()
    assert again.reference not in words(client.get(f"{newest}/ended-enrollments"))
    assert "start it anew" not in words(client.get(newest))


def test_numbers_beyond_the_database_in_an_address_are_no_fault_of_ours(
    session: Session, admin: Account, year: ProgramYear, signed_in: Callable[..., PolicedClient]
) -> None:
    factories.household(session, area=ENGLEWOOD)
    run = start(session, admin, year, policy_of(session, admin))
    session.commit()
    client = signed_in(Role.STAFF)
    assert client.get(f"/service/eligibility/runs/{run.id}/gains?after={10**30}").status_code == 200
    assert client.get(f"/service/eligibility/what-if?policy={10**30}").status_code == 200
    assert client.get(f"/service/eligibility/what-if?policy=-{10**30}").status_code == 200
