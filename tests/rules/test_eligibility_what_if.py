"""What-if: households that would move between areas, counted by hand, and places that go to the highest scores."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectivity.rules.eligibility import Factor, Facts, Mode, Policy, assess
from connectivity.rules.eligibility_what_if import AreaMove, Group, NoScores, Shift, shift, what_if

HARDSHIP = Policy(Mode.WEIGHTS, {Factor.HARDSHIP: 100}, threshold=50)
ENGLEWOOD, AUSTIN, LAKE_VIEW = Facts(68, "Englewood", 842), Facts(25, "Austin", 600), Facts(6, "Lake View", 50)


def group(facts: Facts, count: int, *, now: bool = False, active: bool = False, held: bool | None = None) -> Group:
    return Group(facts, now, active, held, count)


# Englewood: 30 eligible now, 10 of them connected, 5 not; Austin: 20 not eligible now; Lake View: 12 eligible now, 4 connected.
TOWN = [
    group(ENGLEWOOD, 20, now=True),
    group(ENGLEWOOD, 10, now=True, active=True),
    group(ENGLEWOOD, 5),
    group(AUSTIN, 20),
    group(LAKE_VIEW, 8, now=True),
    group(LAKE_VIEW, 4, now=True, active=True),
]


def test_households_and_reach_move_between_areas_as_counted_by_hand() -> None:
    # From an index of 50 on: Englewood 84.2 and Austin 60 are in, Lake View 5 is out.
    moves = what_if(TOWN, HARDSHIP)
    found = {
        one.area: (one.eligible_before, one.eligible_after, one.active_before, one.active_after) for one in moves.areas
    }
    assert found == {6: (12, 0, 4, 0), 25: (0, 20, 0, 0), 68: (30, 35, 10, 10)}
    assert (moves.city.eligible_before, moves.city.eligible_after) == (42, 55)
    assert (moves.city.active_before, moves.city.active_after) == (14, 10)
    assert [one.eligible_change for one in moves.areas] == [-12, 20, 5]


def test_places_go_to_the_highest_scores_and_a_tie_is_told() -> None:
    # Englewood's 35 come first (84.2); of 40 places 5 are left for Austin's 20 of one score: none of them gets one.
    moves = what_if(TOWN, HARDSHIP, places=40)
    assert moves.places is not None
    assert (moves.places.given, moves.places.tied, moves.places.tied_score) == (35, 20, 60_000)
    assert {one.area: one.tied for one in moves.areas} == {6: 0, 25: 20, 68: 0}
    assert what_if(TOWN, HARDSHIP, places=55).city.eligible_after == 55
    full = what_if(TOWN, HARDSHIP, places=35).places
    assert full is not None
    assert (full.given, full.tied) == (35, 0)


def test_who_is_eligible_by_itself_or_by_override_comes_before_every_score() -> None:
    held = group(LAKE_VIEW, 3, held=True)
    moves = what_if([*TOWN, held, group(ENGLEWOOD, 7, held=False, now=True)], HARDSHIP, places=10)
    assert {one.area: one.eligible_after for one in moves.areas} == {6: 3, 25: 0, 68: 0}
    assert moves.places is not None
    assert (moves.places.tied, moves.places.tied_score) == (35, 84_200)


def test_households_that_cannot_be_decided_are_counted_by_themselves() -> None:
    moves = what_if([group(Facts(), 9)], HARDSHIP)
    assert (moves.city.eligible_after, moves.city.undecided) == (0, 9)
    now = what_if([group(Facts(), 9, now=True), group(Facts(), 4, now=True, active=True), *TOWN], HARDSHIP).city
    assert (now.eligible_before, now.decided_before, now.eligible_after) == (42 + 13, 42, 55)
    assert (now.eligible_change, now.active_change) == (55 - 42, 10 - 14)
    assert (now.undecided, now.undecided_eligible, now.undecided_active) == (13, 13, 4)


def test_places_need_scores() -> None:
    with pytest.raises(NoScores, match="Give factors weights first"):
        what_if(TOWN, Policy(), places=3)


groups = st.lists(
    st.builds(
        Group,
        facts=st.builds(Facts, area=st.integers(0, 5), hardship=st.integers(0, 100), has=st.integers(0, 3)),
        now=st.booleans(),
        active=st.booleans(),
        held=st.none() | st.booleans(),
        households=st.integers(1, 20),
    ),
    max_size=12,
)
WEIGHTED = Policy(Mode.WEIGHTS, {Factor.HARDSHIP: 100, Factor.MEALS: 3}, frozenset({Factor.MEDICAID}), None, 2)


@given(groups, st.integers(0, 150), st.integers(0, 50))
def test_more_places_never_take_one_from_a_higher_score(town: list[Group], places: int, more: int) -> None:
    """Each group in an area of its own, so that a place that is taken shows."""
    apart = [one._replace(facts=one.facts._replace(area=at)) for at, one in enumerate(town, start=1)]
    few, many = what_if(apart, WEIGHTED, places), what_if(apart, WEIGHTED, places + more)
    for before, after in zip(few.areas, many.areas, strict=True):
        assert after.eligible_after >= before.eligible_after
    scores = {at: assess(WEIGHTED, one.facts).score for at, one in enumerate(apart, start=1)}
    plain = [
        one
        for one in few.areas
        if apart[one.area - 1].held is None and not assess(WEIGHTED, apart[one.area - 1].facts).alone
    ]
    lowest = min((scores[one.area] or 0 for one in plain if one.eligible_after), default=10**9)
    assert all(
        one.eligible_after or not assess(WEIGHTED, apart[one.area - 1].facts).eligible
        for one in plain
        if (scores[one.area] or 0) > lowest
    )


@given(groups, st.none() | st.integers(0, 150))
def test_the_areas_add_up_to_the_city_and_places_are_never_exceeded(town: list[Group], places: int | None) -> None:
    moves = what_if(town, WEIGHTED, places)
    for name in ("eligible_before", "eligible_after", "active_before", "active_after", "undecided", "tied"):
        assert sum(getattr(one, name) for one in moves.areas) == getattr(moves.city, name)
    if places is not None:
        assert moves.places is not None
        assert moves.city.eligible_after == moves.places.given <= places


@pytest.mark.parametrize(
    ("before", "after", "shade"),
    [
        (0, 0, Shift.NOBODY),
        (0, 1, Shift.MUCH_MORE),
        (1, 0, Shift.MUCH_LESS),
        (100, 75, Shift.LESS),  # a quarter, not more
        (100, 74, Shift.MUCH_LESS),
        (100, 95, Shift.SAME),  # a twentieth, not more
        (100, 94, Shift.LESS),
        (100, 106, Shift.MORE),
        (100, 125, Shift.MORE),
        (100, 126, Shift.MUCH_MORE),
    ],
)
def test_a_shade_changes_where_its_words_say(before: int, after: int, shade: Shift) -> None:
    assert shift(before, after) is shade


@given(st.integers(1, 10_000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_more_households_never_mean_a_lower_shade(before: int, one: int, other: int) -> None:
    order = [Shift.MUCH_LESS, Shift.LESS, Shift.SAME, Shift.MORE, Shift.MUCH_MORE]
    low, high = sorted((one, other))
    assert order.index(shift(before, low)) <= order.index(shift(before, high))


def test_reach_is_a_share_of_the_eligible_and_none_where_there_are_none() -> None:
    move = AreaMove(area=1, eligible_before=8, active_before=2, eligible_after=0, active_after=0)
    assert (move.reach_before, move.reach_after) == (0.25, None)
