"""The queue of homes to place: who sees what, in which order, and the way through it."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.households import unplaced
from connectivity.register import Account, Household, Residence, Role
from tests import factories
from tests.households.conftest import SignedIn

NOTE = {"area": "25", "note": "by phone"}


def home(session: Session, *, doubt: bool) -> Household:
    """A household whose home is near an edge of Uptown (`doubt`) or not placed."""
    household = factories.household(session, area=3 if doubt else None)
    if doubt:
        residence = session.scalars(select(Residence).where(Residence.household_id == household.id)).one()
        residence.certainty, residence.reason = (
            "near_edge",
            "90 feet inside the edge of Uptown: make sure it is that area.",
        )
    session.flush()
    return household


def listed(html: str) -> list[str]:
    """References in the order of the page's table."""
    return re.findall(r'<td><a href="/households/(H\d+)"', html)


def test_homes_that_could_not_be_placed_come_before_those_with_a_doubt(session: Session, signed_in: SignedIn) -> None:
    doubtful, first, sure, second = (
        home(session, doubt=True), home(session, doubt=False), factories.household(session), home(session, doubt=False),
    )  # fmt: skip
    page = signed_in(Role.STAFF).get("/households/unplaced").text
    assert listed(page) == [first.reference, second.reference, doubtful.reference]
    assert sure.reference not in page
    assert all(
        words in page for words in ("Could not be placed: 2.", "Placed with a doubt: 1.", "street unknown", "90 feet")
    )


def test_a_former_home_and_a_household_merged_into_another_are_not_listed(session: Session, staff: Account) -> None:
    moved, merged, kept = home(session, doubt=False), home(session, doubt=False), home(session, doubt=False)
    residence = session.scalars(select(Residence).where(Residence.household_id == moved.id)).one()
    residence.ends_on = factories.DAY
    session.flush()
    session.add(factories.residence(moved.id, 3))
    merged.merged_into_id = kept.id
    session.flush()
    assert [one.reference for one in unplaced.homes(session, staff, after=None)] == [kept.reference]
    assert unplaced.count(session, staff) == {"unplaced": 1, "near_edge": 0}


def test_pages_follow_each_other_without_a_gap_while_homes_are_placed(session: Session, staff: Account) -> None:
    there = [home(session, doubt=False) for _ in range(3)] + [home(session, doubt=True) for _ in range(3)]
    seen, after = [], None
    while page := unplaced.homes(session, staff, after=after, most=2):
        seen += [one.reference for one in page]
        after = unplaced.read_position(str(page[-1].position))
        placed = session.scalars(
            select(Residence).where(Residence.household_id == page[-1].position.household_id)
        ).one()
        placed.community_area, placed.certainty = 25, "sure"
        session.flush()
    assert seen == [one.reference for one in there]


@pytest.mark.parametrize("text", ["", "sure-1", "unplaced-", "unplaced-x", "near_edge--1", "unplaced-1234567890"])
def test_a_position_that_is_none_begins_at_the_beginning(session: Session, signed_in: SignedIn, text: str) -> None:
    assert unplaced.read_position(text) is None
    home(session, doubt=False)
    assert len(listed(signed_in(Role.STAFF).get(f"/households/unplaced?after={text}").text)) == 1


def test_a_partner_sees_the_doubtful_homes_of_its_areas_and_no_button(
    session: Session, signed_in: SignedIn, partner: Account
) -> None:
    home(session, doubt=False)
    doubtful, elsewhere = home(session, doubt=True), home(session, doubt=True)
    session.scalars(select(Residence).where(Residence.household_id == elsewhere.id)).one().community_area = 25
    page = signed_in(partner).get("/households/unplaced").text
    assert listed(page) == [doubtful.reference]
    assert "/place" not in page


def test_an_empty_queue_says_so(signed_in: SignedIn) -> None:
    assert "Every home is placed." in signed_in(Role.STAFF).get("/households/unplaced").text


def test_placing_one_leads_to_the_next_until_the_last(session: Session, signed_in: SignedIn) -> None:
    first, second, doubtful = home(session, doubt=False), home(session, doubt=False), home(session, doubt=True)
    client = signed_in(Role.STAFF)
    page = client.get("/households/unplaced").text
    at = page.partition("Place the first one")[0].rpartition('href="')[2].partition('"')[0]
    for here, following in ((first, second), (second, doubtful), (doubtful, None)):
        assert at.startswith(f"/households/{here.reference}/place?queue=")
        shown = client.get(at).text
        assert ("Skip this one" in shown) == (following is not None)
        answer = client.send(at, NOTE | {"version": str(here.version)})
        assert answer.status_code == 302
        at = answer.location
    assert at == "/households/unplaced"
    assert "It was the last one of the list." in client.get(at).text
    session.expire_all()
    session.rollback()
    assert {one.certainty for one in session.scalars(select(Residence))} == {"sure"}


def test_a_button_pressed_twice_leads_to_the_same_next_one(session: Session, signed_in: SignedIn) -> None:
    first, second = home(session, doubt=False), home(session, doubt=False)
    client = signed_in(Role.STAFF)
    at = f"/households/{first.reference}/place?queue=unplaced-{first.id}"
    answers = [client.send(at, NOTE | {"version": "1"}) for _ in range(2)]
    assert [answer.location.partition("?")[0] for answer in answers] == [f"/households/{second.reference}/place"] * 2
