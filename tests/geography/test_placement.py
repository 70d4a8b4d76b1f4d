"""From an address or a point to a community area: with what method, how near an edge, how sure, and why not."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from connectivity.geography.address import Address, parse
from connectivity.geography.address_grid import AddressGrid
from connectivity.geography.address_points import AddressPoints
from connectivity.geography.boundaries import Boundaries
from connectivity.geography.placement import (
    COORDINATES_NEAR_EDGE_FEET,
    GRID_NEAR_EDGE_FEET,
    Certainty,
    Method,
    Placement,
    ZipAreas,
    place,
    place_by_hand,
    place_many,
)
from connectivity.geography.projection import to_lonlat

UPTOWN, LINCOLN_PARK, HEGEWISCH = 3, 7, 55
WILSON = (-87.6589, 41.9654)  # near 1135 W Wilson Ave


@pytest.fixture
def rooms(boundaries: Boundaries, grid: AddressGrid, zip_areas: ZipAreas) -> tuple[Boundaries, AddressGrid, ZipAreas]:
    return boundaries, grid, zip_areas


Rooms = tuple[Boundaries, AddressGrid, ZipAreas]


def test_1135_west_wilson_is_in_uptown(rooms: Rooms):
    placed = place("1135 West Wilson Avenue, Apt. 2B, Chicago, IL 60640", *rooms)
    assert (placed.area, placed.method, placed.certainty) == (UPTOWN, Method.GRID, Certainty.SURE)
    assert placed.reason == ""
    assert placed.edge_feet is not None
    assert placed.edge_feet > GRID_NEAR_EDGE_FEET


def test_the_point_of_a_placed_address_lies_in_its_area_that_far_from_the_edge(rooms: Rooms):
    boundaries, *_ = rooms
    placed = place("1135 W Wilson Ave", *rooms)
    again = place_by_hand(placed.lon or 0, placed.lat or 0, boundaries)
    assert again.area == placed.area
    assert again.edge_feet == pytest.approx(placed.edge_feet, abs=1)


def test_schools_that_the_grid_is_sure_of_are_in_their_own_area(rooms: Rooms, schools: Sequence[dict[str, str]]):
    placed = place_many([f"{school['address']}, Chicago, IL {school['zip']}" for school in schools], *rooms)
    sure = [
        (placement.area, int(school["community_area"]))
        for placement, school in zip(placed, schools, strict=True)
        if placement.certainty is Certainty.SURE
    ]
    assert len(sure) > 0.8 * len(schools)
    assert np.mean([area == own for area, own in sure]) >= 0.99


def test_schools_placed_by_their_coordinates_are_in_their_own_area(rooms: Rooms, schools: Sequence[dict[str, str]]):
    lon, lat = ([float(school[degrees]) for school in schools] for degrees in ("lon", "lat"))
    placed = place_many([school["address"] for school in schools], *rooms, lon=lon, lat=lat)
    assert [one.area for one in placed] == [int(school["community_area"]) for school in schools]
    contradicted = [one for one in placed if one.method is not Method.COORDINATES]
    assert len(contradicted) <= 0.01 * len(schools)  # the grid itself errs by more than 1000 feet for one or two
    assert {one.certainty for one in contradicted} <= {Certainty.NEAR_EDGE}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("4400 N Clark St", "CLARK ST runs diagonally or bends"),
        ("100 W Nowhere St", "NOWHERE ST is not in the street table"),
        ("1135 N Wilson Ave", "WILSON AVE has no house numbers North"),
        ("99999 N Ashland Ave", "99999 North is beyond the last house number"),
        ("2400 Ashland Ave", "no direction"),
        ("PO Box 12", "post office box"),
        ("1135 W Wilson Ave, Evanston, IL", "“EVANSTON” is not Chicago"),
        ("", "house number"),
    ],
)
def test_an_address_that_cannot_be_placed_says_why_and_has_no_point(rooms: Rooms, address: str, said: str):
    placed = place(address, *rooms)
    assert said in placed.reason
    assert replace(placed, reason="") == Placement(None, Method.NONE, Certainty.UNPLACED, None, None, None, "")


@pytest.mark.parametrize("address", ["1135 E Wilson Ave", "12000 W Irving Park Rd"])
def test_an_address_in_the_lake_or_the_suburbs_is_outside_chicago(rooms: Rooms, address: str):
    placed = place(address, *rooms)
    assert placed.area is None
    assert placed.certainty is Certainty.UNPLACED
    assert "outside Chicago" in placed.reason
    assert placed.lon is not None


@pytest.mark.parametrize("address", ["4400 N Clark St", "behind the church"])
def test_coordinates_outside_the_city_place_nothing_where_the_address_is_nowhere(rooms: Rooms, address: str):
    placed = place(address, *rooms, lon=-87.90, lat=43.04)
    assert (placed.area, placed.method, placed.certainty) == (None, Method.COORDINATES, Certainty.UNPLACED)
    assert "outside Chicago" in placed.reason


# 0.0097 degrees of latitude are 3,536 feet, 0.67 miles; Milwaukee's are 74 miles north of Wilson Avenue and 13 miles west.
@pytest.mark.parametrize(
    ("lon", "lat", "said"),
    [
        (
            WILSON[0],
            WILSON[1] + 0.0097,
            "The given coordinates lie 0.7 miles from this address; placed by the address.",
        ),
        (
            -87.90,
            43.04,
            "The given coordinates lie 75.2 miles from this address, outside Chicago; placed by the address.",
        ),
        (WILSON[1], WILSON[0], "The given longitude and latitude look swapped"),
        (-8765.0, 41.9, "The given coordinates are no place on Earth"),
    ],
)
def test_coordinates_that_contradict_their_address_are_not_used_and_said(
    rooms: Rooms, lon: float, lat: float, said: str
):
    placed = place("1135 W Wilson Ave", *rooms, lon=lon, lat=lat)
    assert said in placed.reason
    assert (placed.method, placed.certainty) == (Method.GRID, Certainty.NEAR_EDGE)
    assert replace(placed, certainty=Certainty.SURE, reason="") == place("1135 W Wilson Ave", *rooms)


def test_swapped_coordinates_are_noticed_where_the_address_is_nowhere(rooms: Rooms):
    placed = place("4400 N Clark St", *rooms, lon=WILSON[1], lat=WILSON[0])
    assert placed.certainty is Certainty.UNPLACED
    assert "look swapped" in placed.reason


@pytest.mark.parametrize("address", ["1135 W Wilson Ave", "1135 Wilson Ave", "4400 N Clark St", "100 W Nowhere St"])
def test_coordinates_near_their_address_or_of_one_that_is_nowhere_or_guessed_are_used(rooms: Rooms, address: str):
    placed = place(address, *rooms, lon=WILSON[0], lat=WILSON[1])
    assert (placed.area, placed.method, placed.certainty) == (UPTOWN, Method.COORDINATES, Certainty.SURE)


def test_a_zip_code_speaks_against_coordinates_whose_address_is_nowhere(rooms: Rooms):
    placed = place("4400 N Clark St, 60601", *rooms, lon=WILSON[0], lat=WILSON[1])
    assert (placed.area, placed.method) == (UPTOWN, Method.COORDINATES)
    assert "ZIP code 60601 does not reach Uptown" in placed.reason


def points_at(*buildings: tuple[str, float, float]) -> AddressPoints:
    """Address points from (address, lon, lat)."""
    read = [(parse(text), lon, lat) for text, lon, lat in buildings]
    return AddressPoints.build((one.direction, one.street, one.kind, one.number, lon, lat) for one, lon, lat in read)


def test_an_address_point_outranks_the_grid_and_places_what_the_grid_cannot(rooms: Rooms):
    points = points_at(("1135 W Wilson Ave", *WILSON), ("4400 N Clark St", -87.6654, 41.9621))
    for text, at in (("1135 W Wilson Ave, Apt 3", WILSON), ("4400 N Clark St", (-87.6654, 41.9621))):
        placed = place(text, *rooms, points=points)
        assert (placed.area, placed.method, placed.certainty) == (UPTOWN, Method.ADDRESS_POINT, Certainty.SURE)
        assert (placed.lon, placed.lat) == (pytest.approx(at[0], abs=1e-5), pytest.approx(at[1], abs=1e-5))
    assert place("1135 W Lawrence Ave", *rooms, points=points).method is Method.GRID


def test_plausible_coordinates_outrank_the_address_point_and_others_do_not(rooms: Rooms):
    points = points_at(("4400 N Clark St", -87.6654, 41.9621))
    near = place("4400 N Clark St", *rooms, lon=-87.6660, lat=41.9625, points=points)
    assert (near.method, near.reason) == (Method.COORDINATES, "")
    far = place("4400 N Clark St", *rooms, lon=WILSON[0], lat=WILSON[1], points=points)
    assert far.method is Method.ADDRESS_POINT
    assert "placed by the address" in far.reason


# An address 10 numbers from the nearest building stands at most 66 feet from it: what is near an edge begins 66 feet earlier.
@pytest.mark.parametrize(
    ("number", "feet_inside", "certainty"),
    [
        (100, COORDINATES_NEAR_EDGE_FEET + 5, Certainty.SURE),
        (100, COORDINATES_NEAR_EDGE_FEET - 5, Certainty.NEAR_EDGE),
        (110, COORDINATES_NEAR_EDGE_FEET + 61, Certainty.NEAR_EDGE),
        (110, COORDINATES_NEAR_EDGE_FEET + 71, Certainty.SURE),
    ],
)
def test_the_nearest_building_is_sure_further_from_an_edge_and_named_only_there(
    rooms: Rooms, number: int, feet_inside: float, certainty: Certainty
):
    points = points_at(("100 E Boundary St", *_by_the_state_line(rooms[0], feet_inside)))
    placed = place(f"{number} E Boundary St", *rooms, points=points)
    assert (placed.area, placed.method, placed.certainty) == (HEGEWISCH, Method.ADDRESS_POINT, certainty)
    assert ("nearest building on record, number 100" in placed.reason) == (
        number != 100 and certainty is Certainty.NEAR_EDGE
    )


def test_an_address_without_a_direction_at_the_one_point_that_fits_is_asked_about(rooms: Rooms):
    placed = place("1135 Wilson Ave", *rooms, points=points_at(("1135 W Wilson Ave", *WILSON)))
    assert (placed.area, placed.method, placed.certainty) == (UPTOWN, Method.ADDRESS_POINT, Certainty.NEAR_EDGE)
    assert "no direction" in placed.reason


@pytest.mark.parametrize(("lon", "lat"), [(None, None), (math.nan, math.nan), (-87.65, None), (None, 41.9), (0, 0)])
def test_coordinates_that_are_none_leave_the_address_to_the_grid(rooms: Rooms, lon: float | None, lat: float | None):
    assert place("1135 W Wilson Ave", *rooms, lon=lon, lat=lat) == place("1135 W Wilson Ave", *rooms)


def test_coordinates_place_a_home_whose_address_cannot_be_read(rooms: Rooms):
    placed = place("behind the church", *rooms, lon=-87.6557, lat=41.9661)
    assert (placed.area, placed.method, placed.certainty) == (UPTOWN, Method.COORDINATES, Certainty.SURE)


@pytest.mark.parametrize(
    ("feet_inside", "certainty"),
    [
        (COORDINATES_NEAR_EDGE_FEET + 5, Certainty.SURE),
        (COORDINATES_NEAR_EDGE_FEET - 5, Certainty.NEAR_EDGE),
        (-5, Certainty.NEAR_EDGE),
    ],
)
def test_coordinates_are_sure_from_50_meters_inside_an_edge(rooms: Rooms, feet_inside: float, certainty: Certainty):
    lon, lat = _by_the_state_line(rooms[0], feet_inside)
    placed = place("", *rooms, lon=lon, lat=lat)
    assert placed.certainty is certainty
    assert placed.area == HEGEWISCH
    assert placed.edge_feet == pytest.approx(abs(feet_inside), abs=1)
    assert bool(placed.reason) == (certainty is not Certainty.SURE)


def test_a_point_beyond_the_limit_by_more_than_50_meters_is_outside(rooms: Rooms):
    lon, lat = _by_the_state_line(rooms[0], -COORDINATES_NEAR_EDGE_FEET - 5)
    assert place("", *rooms, lon=lon, lat=lat).certainty is Certainty.UNPLACED


def _by_the_state_line(boundaries: Boundaries, feet_inside: float) -> tuple[float, float]:
    """A point that far inside Hegewisch's eastern edge, which is the city's limit; negative is outside."""
    hegewisch = boundaries.polygons[54]
    y = shapely.get_y(shapely.centroid(hegewisch))
    edge = shapely.intersection(shapely.boundary(hegewisch), shapely.linestrings([[0, y], [2e6, y]]))
    x = shapely.bounds(edge)[2]
    lon, lat = to_lonlat(x - feet_inside, y)
    return float(lon), float(lat)


def test_a_zip_code_that_does_not_reach_the_area_takes_the_certainty_away(rooms: Rooms):
    placed = place("1135 W Wilson Ave, Chicago, IL 60601", *rooms)
    assert (placed.area, placed.certainty) == (UPTOWN, Certainty.NEAR_EDGE)
    assert "60601 does not reach Uptown" in placed.reason
    assert place("1135 W Wilson Ave, Chicago, IL 60640-1234", *rooms).certainty is Certainty.SURE


def test_a_missing_direction_is_found_when_only_one_lies_in_the_city_and_asked_about(rooms: Rooms):
    placed = place("1135 Wilson Ave", *rooms)
    assert (placed.area, placed.certainty) == (UPTOWN, Certainty.NEAR_EDGE)
    assert "only West fits" in placed.reason


def test_a_missing_direction_is_found_by_the_zip_code(rooms: Rooms):
    assert place("2400 Ashland Ave", *rooms).area is None
    placed = place("2400 Ashland Ave, 60614", *rooms)
    assert placed.area == LINCOLN_PARK
    assert "only North fits" in placed.reason


def test_a_hand_is_sure_inside_the_city_even_at_an_edge(boundaries: Boundaries):
    lon, lat = _by_the_state_line(boundaries, 5)
    placed = place_by_hand(lon, lat, boundaries)
    assert (placed.area, placed.method, placed.certainty, placed.reason) == (HEGEWISCH, Method.HAND, Certainty.SURE, "")
    assert placed.edge_feet == pytest.approx(5, abs=1)


@pytest.mark.parametrize(("lon", "lat"), [(-87.5, 41.97), (-87.8, 41.4), (math.nan, 41.9), (500.0, 41.9)])
def test_a_hand_cannot_place_a_home_outside_the_city(boundaries: Boundaries, lon: float, lat: float):
    placed = place_by_hand(lon, lat, boundaries)
    assert placed.certainty is Certainty.UNPLACED
    assert "outside Chicago" in placed.reason


TEXTS = st.builds(
    lambda number, direction, street, zip_code: f"{number} {direction} {street}{zip_code}",
    st.integers(1, 14000),
    st.sampled_from(["N", "S", "E", "W", ""]),
    st.sampled_from(
        ["Ashland Ave", "Wilson Ave", "87th St", "Clark St", "Nowhere St", "Western", "State St", "Howard St"]
    ),
    st.sampled_from(["", ", Chicago, IL 60640", ", Chicago, IL 60601", ", 60614", ", Evanston, IL", ", 6064"]),
)
COORDINATES = st.tuples(st.floats(-87.95, -87.5), st.floats(41.6, 42.1)) | st.just((math.nan, math.nan))


@given(st.lists(st.tuples(TEXTS, COORDINATES), max_size=12))
def test_many_addresses_are_placed_as_each_alone(
    boundaries: Boundaries, grid: AddressGrid, zip_areas: ZipAreas, homes: list[tuple[str, tuple[float, float]]]
):
    texts = [text for text, _ in homes]
    many = place_many(
        texts, boundaries, grid, zip_areas, lon=[at[0] for _, at in homes], lat=[at[1] for _, at in homes]
    )
    assert many == [place(text, boundaries, grid, zip_areas, lon=at[0], lat=at[1]) for text, at in homes]


@given(TEXTS, COORDINATES)
def test_every_placement_is_whole(
    boundaries: Boundaries, grid: AddressGrid, zip_areas: ZipAreas, text: str, at: tuple[float, float]
):
    placed = place(text, boundaries, grid, zip_areas, lon=at[0], lat=at[1])
    assert (placed.area is None) == (placed.certainty is Certainty.UNPLACED) == (placed.edge_feet is None)
    assert (placed.reason == "") == (placed.certainty is Certainty.SURE)
    assert (placed.lon is None) == (placed.lat is None) == (placed.method is Method.NONE)
    near = COORDINATES_NEAR_EDGE_FEET if placed.method is Method.COORDINATES else GRID_NEAR_EDGE_FEET
    assert placed.certainty is not Certainty.SURE or (placed.edge_feet or 0) >= near


def test_an_address_that_is_read_already_is_placed_as_its_text(rooms: Rooms):
    texts = ["1135 W Wilson Ave, 60640", "4400 N Clark St", "200 W 87th St"]
    read: list[Address] = [parse(text) for text in texts]
    assert place_many(read, *rooms) == place_many(texts, *rooms)


def test_no_addresses_are_no_placements(rooms: Rooms):
    assert place_many([], *rooms) == []
