"""Which area a point lies in, how far its edge is, and what makes a map of areas unsound."""

import json
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from connectivity.geography.boundaries import Boundaries, BoundariesNotRead, problems
from connectivity.geography.projection import FEET, LONLAT, to_feet, to_lonlat
from tests.geography.conftest import DATA

FILES = ["community_areas_full.geojson", "community_areas_drawing.geojson"]


def collection(name: str = FILES[1]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((DATA / name).read_bytes())
    return content


def around(boundaries: Boundaries, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Random points in and around the city."""
    random = np.random.default_rng(77)
    west, south, east, north = shapely.total_bounds(boundaries.polygons)
    return random.uniform(west - 5000, east + 5000, count), random.uniform(south - 5000, north + 5000, count)


def test_every_area_holds_a_point_of_its_own(boundaries: Boundaries):
    inside = shapely.point_on_surface(boundaries.polygons)
    assert boundaries.areas_of(shapely.get_x(inside), shapely.get_y(inside)).tolist() == list(range(1, 78))


def test_an_area_is_the_polygon_that_covers_the_point_and_zero_is_none(boundaries: Boundaries):
    x, y = around(boundaries, 2000)
    covered = shapely.covers(boundaries.polygons[:, None], shapely.points(x, y)[None, :])
    expected = np.where(covered.any(axis=0), boundaries.numbers[covered.argmax(axis=0)], 0)
    assert boundaries.areas_of(x, y).tolist() == expected.tolist()


def test_the_edge_distance_is_the_distance_to_the_nearest_outline(boundaries: Boundaries):
    x, y = around(boundaries, 100)
    outlines = shapely.union_all(shapely.boundary(boundaries.polygons))
    assert boundaries.edge_feet(x, y) == pytest.approx(shapely.distance(shapely.points(x, y), outlines), abs=1e-6)


def test_a_point_on_a_shared_edge_belongs_to_the_lower_number(boundaries: Boundaries):
    uptown, lincoln_square = boundaries.polygons[2], boundaries.polygons[3]
    shared = shapely.get_coordinates(shapely.intersection(uptown, lincoln_square))
    assert len(shared) > 2
    assert set(boundaries.areas_of(shared[:, 0], shared[:, 1]).tolist()) <= {3, *_neighbors_below(boundaries, 3)}
    assert boundaries.edge_feet(shared[:, 0], shared[:, 1]).max() == 0


def _neighbors_below(boundaries: Boundaries, number: int) -> set[int]:
    touching = shapely.touches(boundaries.polygons[number - 1], boundaries.polygons)
    return {int(one) for one in boundaries.numbers[touching] if one < number}


def test_a_point_just_outside_the_city_knows_the_area_beside_it(boundaries: Boundaries):
    hegewisch = boundaries.polygons[54]
    south = hegewisch.bounds[1]
    x = shapely.get_x(shapely.point_on_surface(hegewisch))
    assert boundaries.areas_of([x], [south - 200]).tolist() == [0]
    assert boundaries.nearest_areas([x], [south - 200]).tolist() == [55]
    assert boundaries.edge_feet([x], [south - 200])[0] >= 200


def test_a_point_that_is_nowhere_lies_in_no_area(boundaries: Boundaries):
    assert boundaries.areas_of([np.nan, np.inf], [1.0, 1.0]).tolist() == [0, 0]
    assert boundaries.nearest_areas([np.nan, np.inf], [1.0, 1.0]).tolist() == [0, 0]
    assert np.isnan(boundaries.edge_feet([np.nan, np.inf], [1.0, 1.0])).all()


def test_no_points_are_no_areas(boundaries: Boundaries):
    assert boundaries.areas_of([], []).tolist() == []
    assert boundaries.edge_feet([], []).tolist() == []


def test_an_area_is_called_by_its_name(boundaries: Boundaries):
    assert boundaries.name_of(76) == "O'Hare"
    with pytest.raises(KeyError):
        boundaries.name_of(78)


@given(st.floats(-87.95, -87.5), st.floats(41.6, 42.1))
def test_degrees_to_feet_and_back_is_the_same_place(lon: float, lat: float):
    back = to_lonlat(*to_feet(lon, lat))
    assert (float(back[0]), float(back[1])) == pytest.approx((lon, lat), abs=1e-9)


def test_the_origin_of_illinois_east_lies_where_its_definition_puts_it():
    # Longitude 88°20' W, latitude 36°40' N is 300,000 m east of the zero; a US survey foot is 1200/3937 m.
    x, y = to_feet(-(88 + 20 / 60), 36 + 40 / 60)
    assert (float(x), float(y)) == pytest.approx((300_000 * 3937 / 1200, 0), abs=0.001)
    assert (FEET, LONLAT) == ("EPSG:3435", "EPSG:4269")


def test_what_is_no_place_on_earth_becomes_not_a_number():
    x, y = to_feet([np.nan, 500.0], [41.9, 999.0])
    assert np.isnan([x, y]).all()


@pytest.mark.parametrize("name", FILES)
def test_the_committed_areas_are_sound(name: str):
    assert problems((DATA / name).read_bytes()) == []


@pytest.mark.parametrize(("name", "decimals"), [(FILES[0], 7), (FILES[1], 5)])
def test_the_committed_areas_keep_the_geojson_standard(name: str, decimals: int):
    content = collection(name)
    assert set(content) == {"type", "bbox", "features"}
    assert [one["id"] for one in content["features"]] == [str(number) for number in range(1, 78)]
    assert all(set(one["properties"]) == {"number", "name"} for one in content["features"])
    positions = np.concatenate([ring for one in content["features"] for ring in one["geometry"]["coordinates"]])
    assert np.array_equal(positions, positions.round(decimals))
    assert content["bbox"] == [*positions.min(axis=0), *positions.max(axis=0)]
    for one in content["features"]:
        outer, *holes = [shapely.LinearRing(ring) for ring in one["geometry"]["coordinates"]]
        assert outer.is_ccw
        assert not any(hole.is_ccw for hole in holes)


def test_drawn_areas_are_the_real_ones_but_for_their_outlines(boundaries: Boundaries):
    drawn = Boundaries.from_geojson((DATA / FILES[1]).read_bytes())
    assert drawn.names == boundaries.names
    differing = shapely.area(shapely.symmetric_difference(drawn.polygons, boundaries.polygons))
    assert (differing < 0.03 * shapely.area(boundaries.polygons)).all()
    assert (
        shapely.get_num_coordinates(drawn.polygons).sum() < 0.1 * shapely.get_num_coordinates(boundaries.polygons).sum()
    )


def _drop(content: dict[str, Any]) -> None:
    content["features"].pop(2)


def _twice(content: dict[str, Any]) -> None:
    content["features"].append(content["features"][2])


def _too_many(content: dict[str, Any]) -> None:
    content["features"][2]["properties"]["number"] = 78


def _crs(content: dict[str, Any]) -> None:
    content["crs"] = {"type": "name", "properties": {"name": "EPSG:4326"}}


def _clockwise(content: dict[str, Any]) -> None:
    content["features"][2]["geometry"]["coordinates"][0].reverse()


def _moved(content: dict[str, Any]) -> None:
    ring = content["features"][2]["geometry"]["coordinates"][0]
    ring[5] = [ring[5][0] + 0.002, ring[5][1]]


def _crossed(content: dict[str, Any]) -> None:
    ring = content["features"][2]["geometry"]["coordinates"][0]
    ring[5], ring[25] = ring[25], ring[5]


def _other_id(content: dict[str, Any]) -> None:
    content["features"][2]["id"] = 3


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_drop, "area 3 is missing"),
        (_twice, "area 3 stands there twice"),
        (_too_many, "there is no area 78"),
        (_crs, "crs"),
        (_clockwise, "area 3: the exterior ring runs clockwise"),
        (_moved, "area 3: does not meet its neighbors"),
        (_crossed, "area 3: Self-intersection"),
        (_other_id, "area 3: the id"),
    ],
)
def test_a_damaged_map_is_told_by_area_and_reason(damage: Any, said: str):
    content = collection()
    damage(content)
    assert any(said in problem for problem in problems(json.dumps(content).encode()))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'{"type": "FeatureCollection", "features": []}',
        b'{"features": [{"properties": {}}]}',
        b'{"features": [7]}',
        b'{"features": [{"properties": {"number": 1}, "geometry": {"type": "Point", "coordinates": [0, 0]}}]}',
        b'{"features": [{"properties": {"number": 1}, "geometry": null}]}',
        b'{"features": [{"properties": {"number": 1}, "geometry": {"type": "Polygon", "coordinates": []}}]}',
    ],
)
def test_what_is_no_map_of_areas_is_refused_and_never_crashes(content: bytes):
    assert len(problems(content)) == 1
    with pytest.raises(BoundariesNotRead):
        Boundaries.from_geojson(content)


@settings(max_examples=30)
@given(st.integers(0, 60_000), st.binary(min_size=1, max_size=8))
def test_any_overwritten_bytes_are_a_problem_or_leave_a_sound_map(at: int, damage: bytes):
    content = (DATA / FILES[1]).read_bytes()
    damaged = content[:at] + damage + content[at + len(damage) :]
    assert problems(damaged) or Boundaries.from_geojson(damaged).numbers.tolist() == list(range(1, 78))
