"""Chicago's address grid: from a house number and a street to a position."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectivity.geography.address import Address, parse
from connectivity.geography.address_grid import CROOKED_FROM, AddressGrid, NoPosition, StreetLine, numbered_street
from tests.geography.conftest import SOURCES, estimated_lines

MODEL = (SOURCES / "grid_model.json").read_bytes()
ASHLAND = StreetLine("ASHLAND", "NS", 1600, "W", known=True)


def at(grid: AddressGrid, text: str) -> tuple[float, float]:
    found = grid.position(parse(text))
    assert not isinstance(found, NoPosition), found
    return found


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("100 W Nowhere St", NoPosition.STREET_UNKNOWN),
        ("100 Nowhere St", NoPosition.STREET_UNKNOWN),
        ("4400 N Clark St", NoPosition.STREET_CROOKED),
        ("2500 N Milwaukee Ave", NoPosition.STREET_CROOKED),
        ("3900 S Archer Ave", NoPosition.STREET_CROOKED),
        ("4700 N Lincoln Ave", NoPosition.STREET_CROOKED),
        ("3700 N Elston Ave", NoPosition.STREET_CROOKED),
        ("1900 S Ogden Ave", NoPosition.STREET_CROOKED),
        ("8000 S South Chicago Ave", NoPosition.STREET_CROOKED),
        ("9500 S Vincennes Ave", NoPosition.STREET_CROOKED),
        ("1135 Wilson Ave", NoPosition.DIRECTION_MISSING),
        ("1135 N Wilson Ave", NoPosition.DIRECTION_WRONG),
        ("4600 W Ashland Ave", NoPosition.DIRECTION_WRONG),
        ("1135 N 87th St", NoPosition.DIRECTION_WRONG),
        ("9000 N Ashland Ave", NoPosition.NUMBER_OUT_OF_RANGE),
        ("14000 S Ashland Ave", NoPosition.NUMBER_OUT_OF_RANGE),
        ("5000 E 87th St", NoPosition.NUMBER_OUT_OF_RANGE),
        ("100 W Wilson Pl", NoPosition.STREET_UNKNOWN),
    ],
)
def test_what_the_grid_cannot_tell_it_says_with_the_reason(grid: AddressGrid, text: str, why: NoPosition):
    assert grid.position(parse(text)) is why


def test_a_known_street_outranks_its_estimate_in_any_order():
    estimated = replace(ASHLAND, number=1700, known=False)
    for lines in ([ASHLAND, estimated], [estimated, ASHLAND]):
        assert AddressGrid.build(MODEL, lines).line("ASHLAND", "AVE", "NS") == ASHLAND


def test_a_known_street_is_never_crooked_and_an_estimate_is_when_flagged_or_scattered():
    estimated = replace(ASHLAND, known=False)
    assert not replace(ASHLAND, flag="diagonal_or_mixed").crooked
    assert not replace(estimated, deviation=CROOKED_FROM).crooked
    assert replace(estimated, deviation=CROOKED_FROM + 1).crooked
    assert replace(estimated, flag="diagonal_or_mixed").crooked


def test_a_street_is_the_same_with_and_without_its_kind(grid: AddressGrid):
    assert at(grid, "4600 N Ashland") == at(grid, "4600 N Ashland Ave")
    assert at(grid, "200 W 87th") == at(grid, "200 W 87th St")


def test_a_numbered_place_lies_half_a_block_south_of_its_street(grid: AddressGrid):
    street, place, next_street = (at(grid, f"200 W {name}")[1] for name in ("87th St", "87th Pl", "88th St"))
    assert street > place > next_street
    assert street - place == pytest.approx(place - next_street, rel=1e-6)


def test_numbered_streets_agree_with_the_numbers_estimated_from_buildings():
    apart = []
    for line in estimated_lines():
        street, _, kind = line.street.partition(" ")
        named = numbered_street(street, kind)
        if named:
            apart.append(abs(named.number - line.number))
    half_a_block, a_block = 50, 100
    assert len(apart) > 50
    assert np.mean(np.array(apart) < half_a_block) > 0.9
    assert max(apart) < a_block


@pytest.mark.parametrize("name", ["5TH", "139TH", "87THX", "KING", ""])
def test_only_8th_to_138th_lie_where_their_number_says(name: str):
    assert numbered_street(name, "ST") is None


def test_an_avenue_or_court_with_a_number_is_not_a_street_of_the_grid():
    assert numbered_street("87TH", "AVE") is None
    assert numbered_street("87TH", "CT") is None


@given(st.sampled_from("NS"), st.integers(0, 7700), st.integers(2, 100))
def test_a_higher_number_lies_further_from_madison(direction: str, number: int, further: int):
    grid = AddressGrid.build(MODEL, [ASHLAND])
    near, far = (Address(n, "", direction, "ASHLAND", "AVE") for n in (number, number + further))
    positions = grid.positions([near, far])
    assert (positions.y[1] > positions.y[0]) == (direction == "N")


@pytest.mark.parametrize(("direction", "boundary"), [("S", 1600), ("S", 2200), ("S", 2600), ("S", 3100)])
def test_the_half_mile_lines_south_of_madison_are_half_a_mile_apart(direction: str, boundary: int):
    grid = AddressGrid.build(MODEL, [ASHLAND])
    lines = [1200, 1600, 2200, 2600, 3100]
    before = lines[lines.index(boundary) - 1]
    north, south = (grid.position(Address(number, "", direction, "ASHLAND", "AVE")) for number in (before, boundary))
    assert not isinstance(north, NoPosition)
    assert not isinstance(south, NoPosition)
    assert north[1] - south[1] == pytest.approx(2640, rel=0.01)


def test_even_numbers_stand_on_the_north_and_west_side(grid: AddressGrid):
    even, odd = at(grid, "1136 W Wilson Ave"), at(grid, "1135 W Wilson Ave")
    assert even[1] - odd[1] > 90
    even, odd = at(grid, "4600 N Ashland Ave"), at(grid, "4601 N Ashland Ave")
    assert odd[0] - even[0] > 90


def test_streets_that_cross_meet_at_the_corner(grid: AddressGrid):
    one, other = at(grid, "1600 W Division St"), at(grid, "1200 N Ashland Ave")
    assert np.hypot(one[0] - other[0], one[1] - other[1]) < 150


def test_a_street_that_runs_one_way_has_two_directions(grid: AddressGrid):
    assert grid.directions_of("WILSON", "AVE") == ("E", "W")
    assert grid.directions_of("ASHLAND", "AVE") == ("N", "S")
    assert grid.directions_of("OGDEN", "AVE") == ()
    assert grid.directions_of("CLARK", "ST") == ()
    assert grid.directions_of("NOWHERE", "ST") == ()


STREETS = st.sampled_from(["ASHLAND", "WILSON", "87TH", "CLARK", "NOWHERE", "STATE", "MADISON", "SHERIDAN"])
ADDRESSES = st.builds(
    Address,
    st.integers(1, 15000),
    st.just(""),
    st.sampled_from(["N", "S", "E", "W", ""]),
    STREETS,
    st.sampled_from(["AVE", "ST", "PL", ""]),
)


@given(st.lists(ADDRESSES, max_size=20))
def test_many_positions_are_the_single_positions(grid: AddressGrid, addresses: list[Address]):
    many = grid.positions(addresses)
    for address, x, y, missing in zip(addresses, many.x, many.y, many.missing, strict=True):
        assert grid.position(address) == (missing or (x, y))
        assert (missing is None) == bool(np.isfinite(x) and np.isfinite(y))
