"""Overrides: what one says counts until its last day and no longer; sent twice it is one; its words and days are real ones."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.casework.determinations import is_found_not_eligible
from connectivity.register import Account, Appeal, Determination, Household, ProgramYear, Role
from connectivity.service.eligibility import by_hand
from connectivity.service.eligibility.by_hand import DecisionRefused
from connectivity.service.eligibility.homes import homes
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
        granted(session, home, year, eligible=word)
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


def granted(session: Session, home: Household, year: ProgramYear, *, eligible: bool) -> None:
    """What stands before any override, in force without an end."""
    session.add(
        Determination(
            household_id=home.id,
            program_year_id=year.id,
            eligible=eligible,
            source="appeal",
            explanation="The word of before.",
            reason="x",
            decided_on=TODAY - 30 * DAY,
        )
    )
    session.flush()


@pytest.mark.parametrize("before", [None, True, False])
def test_an_override_that_a_person_replaced_never_counts_again(
    session: Session, office: Account, year: ProgramYear, before: bool | None
) -> None:
    """Whatever stood before the two overrides counts once the correction has expired, and nothing if nothing stood."""
    home = factories.household(session, area=LINCOLN_PARK)
    factories.enrollment(session, home, "active", program_year_id=year.id)
    if before is not None:
        granted(session, home, year, eligible=before)
    decide(session, office, home, year, eligible=False, reason="by mistake", expires_on=year.ends_on)
    assert is_found_not_eligible(session, home.id, year.id, on=TODAY)
    decide(session, office, home, year, eligible=True, expires_on=TODAY)
    assert not is_found_not_eligible(session, home.id, year.id, on=TODAY)
    assert is_found_not_eligible(session, home.id, year.id, on=TODAY + DAY) is (before is False)
    (stands,) = homes(session, year, district_decides=False, today=TODAY + DAY)
    assert stands.now is (before is not False)  # nothing stood: the enrollment that was there before speaks for it
    assert stands.held is None


def test_an_enrollment_that_began_with_a_replaced_override_says_nothing_after_the_last_of_them(
    session: Session, office: Account, year: ProgramYear
) -> None:
    """Yes for a month starts the enrollment; yes for another day replaces it. Nobody but the two overrides said yes."""
    home = factories.household(session, area=LINCOLN_PARK)
    assert decide(session, office, home, year, expires_on=TODAY + 30 * DAY).eligible
    decide(session, office, home, year, reason="shorter")
    (stands,) = homes(session, year, district_decides=False, today=TODAY + DAY)
    assert stands.now is False


@pytest.mark.parametrize("before", [None, False])
def test_the_page_says_what_counts_and_never_stands_of_what_has_ended(
    session: Session, office: Account, year: ProgramYear, signed_in: Callable[..., PolicedClient], before: bool | None
) -> None:
    home = factories.household(session, area=LINCOLN_PARK)
    if before is not None:
        granted(session, home, year, eligible=before)
    decide(session, office, home, year, eligible=False, reason="by mistake", expires_on=year.ends_on)
    right = decide(session, office, home, year)
    page, client = f"/households/{home.reference}/eligibility", signed_in(office)
    session.commit()
    assert words(client.get(page)).count("It stands against runs until") == 1
    session.rollback()
    expire(right)
    session.commit()
    told = words(client.get(page))
    assert "It stands" not in told
    assert "It was to stand until" in told  # the mistaken one
    nothing = "Nothing counts in its place until the next run"
    again = "Until the next run, what was determined before counts again: The word of before."
    assert (nothing in told, again in told) == (before is None, before is False)


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
