"""Disclosure: what the door lets through, attacked with everything that is published."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from connectivity.equity.disclosure.whole_rows import Counts, Protected, protect, total


@st.composite
def counts(draw: st.DrawFn) -> Counts:
    eligible = draw(st.one_of(st.integers(0, 25), st.integers(0, 3000)))
    return Counts(eligible=eligible, active=draw(st.integers(0, eligible)))


cities = st.dictionaries(st.integers(1, 77), counts(), min_size=2, max_size=12)
TEN = 10  # said here again: a test that read the constant would bend with it
NOBODY = Counts(eligible=0, active=0)
LARGE = Counts(eligible=100, active=50)


def hidden(protected: Protected) -> list[int]:
    return [number for number, shown in protected.areas.items() if shown is None]


@given(cities, counts())
def test_never_exactly_one_area_is_withheld(areas: dict[int, Counts], unplaced: Counts) -> None:
    protected = protect(areas, unplaced)
    if hidden(protected) or protected.unplaced is None:
        assert len(hidden(protected)) >= 2


@given(cities, counts())
def test_nothing_shown_has_a_figure_under_ten_except_that_nobody_is_unplaced(
    areas: dict[int, Counts], unplaced: Counts
) -> None:
    protected = protect(areas, unplaced)
    shown = [one for one in (*protected.areas.values(), protected.city) if one]
    if protected.unplaced and protected.unplaced.eligible:
        shown.append(protected.unplaced)
    assert all(min(one.eligible, one.active, one.gap) >= TEN for one in shown)


@given(cities, counts())
def test_what_is_shown_is_true(areas: dict[int, Counts], unplaced: Counts) -> None:
    protected = protect(areas, unplaced)
    assert protected.areas.keys() == areas.keys()
    assert all(shown in (None, areas[number]) for number, shown in protected.areas.items())
    assert protected.unplaced in (None, unplaced)
    assert protected.city in (None, total([*areas.values(), unplaced]))


@given(cities, counts())
@settings(max_examples=60, deadline=None)
@example({1: Counts(eligible=5, active=5), 2: NOBODY}, LARGE)
@example({1: LARGE, 2: LARGE, 3: LARGE}, Counts(eligible=3, active=1))
def test_an_attacker_with_every_published_figure_cannot_pin_a_withheld_one(
    areas: dict[int, Counts], unplaced: Counts
) -> None:
    """Solves for the least and the most each hidden figure can be; the gap between them must be at least ten."""
    protected = protect(areas, unplaced)
    cells = [*list(protected.areas.values()), protected.unplaced]
    secret = [at for at, shown in enumerate(cells) if shown is None]
    if not secret or protected.city is None:
        return
    # Unknowns: active and gap of each hidden cell, none negative. Equations: the city's active and gap.
    visible = total([shown for shown in cells if shown])
    sums = [protected.city.active - visible.active, protected.city.gap - visible.gap]
    equations = np.kron(np.ones(len(secret)), np.eye(2))
    for cell in range(len(secret)):
        for figure in ([1, 0], [0, 1], [1, 1]):  # active, gap, eligible
            goal = np.zeros(2 * len(secret))
            goal[2 * cell : 2 * cell + 2] = figure
            least = linprog(goal, A_eq=equations, b_eq=sums).fun
            most = -linprog(-goal, A_eq=equations, b_eq=sums).fun
            assert most - least >= TEN - 1e-6


def test_one_small_area_takes_the_next_smallest_with_it() -> None:
    areas = {1: Counts(eligible=30, active=5), 2: LARGE, 3: Counts(eligible=40, active=20), 4: LARGE}
    assert hidden(protect(areas, NOBODY)) == [1, 3]


def test_a_withheld_group_that_holds_too_few_grows_until_it_holds_ten() -> None:
    areas = {
        1: Counts(eligible=3, active=0),
        2: Counts(eligible=4, active=0),
        3: LARGE,
        4: Counts(eligible=60, active=30),
    }
    assert hidden(protect(areas, NOBODY)) == [1, 2, 4]


@pytest.mark.parametrize("small", [(9, 0), (19, 10), (200, 9), (200, 191), (0, 0)])
def test_an_area_is_withheld_for_any_of_its_three_figures(small: tuple[int, int]) -> None:
    areas = {1: Counts(eligible=small[0], active=small[1]), 2: LARGE, 3: LARGE}
    assert 1 in hidden(protect(areas, NOBODY))


def test_ten_of_each_may_be_shown() -> None:
    assert hidden(protect({1: Counts(eligible=20, active=10), 2: LARGE}, NOBODY)) == []


def test_a_few_unplaced_households_cannot_be_had_by_subtraction() -> None:
    protected = protect({1: LARGE, 2: Counts(eligible=50, active=25), 3: LARGE}, Counts(eligible=4, active=1))
    assert protected.unplaced is None
    assert len(hidden(protected)) == 2
    assert protected.city == Counts(eligible=254, active=126)


def test_the_city_is_withheld_before_anybody_is_enrolled() -> None:
    protected = protect({1: Counts(eligible=500, active=0), 2: Counts(eligible=900, active=0)}, NOBODY)
    assert hidden(protected) == [1, 2]
    assert protected.city is None


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        Counts(eligible=3, active=4)
