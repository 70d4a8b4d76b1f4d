"""The building itself, its neighbors on the block, or nothing. Positions are derived by hand from the points given."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectivity.geography.address import Address, parse
from connectivity.geography.address_points import FEET_A_NUMBER, AddressPoints
from connectivity.geography.projection import to_lonlat

X, Y = 1_168_000.0, 1_930_000.0  # feet, in Uptown


def row(number: int, east: float, north: float = 0.0, *street: str) -> tuple[str, str, str, int, float, float]:
    """A building so many feet east and north of (X, Y); on W Wilson Ave unless (direction, street, kind) say another."""
    lon, lat = to_lonlat([X + east], [Y + north])
    direction, name, kind = street or ("W", "WILSON", "AVE")
    return direction, name, kind, number, float(lon[0]), float(lat[0])


# Odd numbers on the south side 66 feet below the even ones; numbers grow westward, 7 feet each but for 1151, which stands out of line.
BLOCK = AddressPoints.build(
    [
        row(1133, -231, -66),
        row(1139, -273, -66),
        row(1151, -400, -70),
        row(1120, -140),
        row(1201, -707, -66),
        row(1135, -245, -66, "E", "CORNELIA", "AVE"),
        row(1133, -999, -66),  # a second point of the same building
        row(22, 10, 10, "N", "STATE", "ST"),
        row(22, 20, -20, "S", "STATE", "ST"),
        row(5000, 30, 30, "S", "STATE", "ST"),
        row(100, 50, 50, "W", "87TH", "PL"),
        row(100, 60, 60, "W", "87TH", "ST"),
    ]
)


def at(text: str) -> tuple[float, float, int, float] | None:
    """(feet east and north of (X, Y), the nearest building, how far off), or nothing."""
    found = BLOCK.positions([parse(text)])
    if np.isnan(found.x[0]):
        return None
    x, y = float(found.x[0]) - X, float(found.y[0]) - Y
    return round(x, 1), round(y, 1), int(found.nearest[0]), float(found.off_feet[0])


def test_a_building_on_record_is_where_it_is_on_record():
    assert at("1133 W Wilson Ave Apt 2") == (-231, -66, 1133, 0)
    assert at("1120 West Wilson Avenue") == (-140, 0, 1120, 0)


def test_a_number_between_two_buildings_of_its_side_lies_between_them():
    # 1135 is a third of the way from 1133 (-231) to 1139 (-273): 14 feet further. 1143 a third of the way from 1139 to 1151.
    assert at("1135 W Wilson Ave") == (-245, -66, 1133, pytest.approx(2 * FEET_A_NUMBER))
    assert at("1143 W Wilson Ave") == (
        round(-273 - 127 / 3, 1),
        round(-66 - 4 / 3, 1),
        1139,
        pytest.approx(4 * FEET_A_NUMBER),
    )


def test_a_number_beyond_the_buildings_of_its_block_stands_at_the_nearest():
    assert at("1199 W Wilson Ave") == (
        -400,
        -70,
        1151,
        pytest.approx(48 * FEET_A_NUMBER),
    )  # not 1201, of the next block
    assert at("1101 W Wilson Ave") == (-231, -66, 1133, pytest.approx(32 * FEET_A_NUMBER))


def test_the_own_side_of_the_street_outranks_a_nearer_number_across():
    assert at("1134 W Wilson Ave") == (-140, 0, 1120, pytest.approx(14 * FEET_A_NUMBER))
    assert at("1202 W Wilson Ave") == (-707, -66, 1201, pytest.approx(FEET_A_NUMBER))  # no even number on that block


@pytest.mark.parametrize(
    "text", ["1300 W Wilson Ave", "1033 W Wilson Ave", "1133 E Wilson Ave", "1133 W Wilson Pl", "1133 W Nowhere St"]
)
def test_another_block_direction_or_street_is_no_match(text: str):
    assert at(text) is None


@pytest.mark.parametrize("text", ["1133 W Wilson", "1133 Wilson Ave", "1133 Wilson", "1133 W Wilson St"])
def test_a_missing_kind_or_direction_is_no_obstacle_where_one_street_fits(text: str):
    assert at(text) == (-231, -66, 1133, 0)


def test_where_two_streets_fit_none_is_chosen_unless_only_one_has_the_block():
    assert at("22 State St") is None
    assert at("5000 State St") == (30, 30, 5000, 0)
    assert at("100 W 87th") is None
    assert at("100 W 87th Pl") == (50, 50, 100, 0)


def test_no_points_and_no_addresses_are_no_positions():
    nothing = AddressPoints.build([])
    assert np.isnan(nothing.positions([parse("1133 W Wilson Ave")]).x).tolist() == [True]
    assert BLOCK.positions([]).x.tolist() == []


NUMBERS = st.integers(1, 400)


@given(
    st.dictionaries(NUMBERS, st.tuples(st.floats(-5e4, 5e4), st.floats(-5e4, 5e4)), min_size=1, max_size=30), NUMBERS
)
def test_a_position_is_what_a_plain_search_finds(buildings: dict[int, tuple[float, float]], number: int):
    points = AddressPoints.build(row(one, *place) for one, place in buildings.items())
    found = points.positions([Address(number, "", "W", "WILSON", "AVE")])
    block = {one for one in buildings if one // 100 == number // 100}
    side = {one for one in block if one % 2 == number % 2} or block
    if not side:
        assert np.isnan(found.x[0])
        return
    nearest = min(abs(one - number) for one in side)
    assert abs(found.nearest[0] - number) == nearest
    assert found.nearest[0] in side
    assert bool(found.exact[0]) == (number in buildings)
    before, after = [one for one in side if one <= number], [one for one in side if one >= number]
    if before and after:
        low, high = max(before), min(after)
        share = (number - low) / (high - low) if high > low else 0
        expected = [buildings[low][axis] + share * (buildings[high][axis] - buildings[low][axis]) for axis in (0, 1)]
    else:
        expected = list(buildings[int(found.nearest[0])])
    assert [found.x[0] - X, found.y[0] - Y] == pytest.approx(expected, abs=0.01)
