"""The 77 community areas as polygons: which area a point lies in, how far it is from an area's edge, and whether the map is sound."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from connectivity.geography.projection import Floats, to_feet

Ints = NDArray[np.int64]

AREAS = 77


class BoundariesNotRead(ValueError):
    """The GeoJSON is not a set of numbered polygons. The message says what is wrong, in words."""


@dataclass(frozen=True, eq=False)
class Boundaries:
    """Community areas ordered by number; polygons in EPSG:3435, US survey feet."""

    numbers: Ints
    names: tuple[str, ...]
    polygons: NDArray[np.object_]

    @classmethod
    def from_geojson(cls, content: bytes) -> Self:
        """Reads a FeatureCollection in longitude and latitude whose features carry `number` and `name`.

        Raises BoundariesNotRead.
        """
        features = sorted(_features(content), key=_number)
        polygons = np.array([_polygon(feature) for feature in features], dtype=object)
        return cls(
            numbers=np.array([_number(feature) for feature in features], dtype=np.int64),
            names=tuple(str(feature["properties"].get("name", "")) for feature in features),
            polygons=shapely.transform(polygons, _to_feet),
        )

    def areas_of(self, x: ArrayLike, y: ArrayLike) -> Ints:
        """The number of the area each point lies in, shape (n,); 0 outside all of them. On a shared edge the lower number wins."""
        points = _points(x, y)
        areas = np.zeros(len(points), dtype=np.int64)
        # A tree over the points, asked by 77 polygons, is several times faster than a tree over the polygons asked by every point.
        polygon, point = shapely.STRtree(points).query(self.polygons, predicate="intersects")
        order = np.argsort(-polygon, kind="stable")
        areas[point[order]] = self.numbers[polygon[order]]
        return areas

    def edge_feet(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Feet from each point to the nearest edge of any area, shape (n,); NaN for a point that is nowhere."""
        return self.nearest_edge(x, y)[0]

    def nearest_edge(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Ints]:
        """Feet to the nearest edge and the area that edge belongs to, both of shape (n,); NaN and 0 for a point that is nowhere.

        For points just outside the city: inside it, the edge may belong to the neighbor.
        """
        tree, owners = self._edges
        points = _points(x, y)
        feet, areas = np.full(len(points), np.nan), np.zeros(len(points), dtype=np.int64)
        known = np.flatnonzero(np.isfinite(shapely.get_x(points)) & np.isfinite(shapely.get_y(points)))
        (point, edge), distance = tree.query_nearest(points[known], return_distance=True, all_matches=False)
        feet[known[point]], areas[known[point]] = distance, owners[edge]
        return feet, areas

    def name_of(self, number: int) -> str:
        """The area's name. Raises KeyError."""
        return self._names[number]

    @cached_property
    def _names(self) -> Mapping[int, str]:
        return dict(zip(self.numbers.tolist(), self.names, strict=True))

    @cached_property
    def _edges(self) -> tuple[shapely.STRtree, Ints]:
        """Every boundary segment once, and the area it belongs to (the lower number where two share it)."""
        rings, owners = shapely.get_rings(self.polygons, return_index=True)
        points, ring = shapely.get_coordinates(rings, return_index=True)
        along = ring[:-1] == ring[1:]
        ends, owner = np.hstack([points[:-1], points[1:]])[along], owners[ring[:-1][along]]
        flip = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
        ends[flip] = ends[flip][:, [2, 3, 0, 1]]
        ends, first = np.unique(ends, axis=0, return_index=True)
        segments = np.asarray(shapely.linestrings(ends.reshape(-1, 2, 2)), dtype=object)
        return shapely.STRtree(segments), self.numbers[owner[first]]


def problems(content: bytes, *, areas: int = AREAS) -> list[str]:
    """Everything wrong with a GeoJSON file of community areas, in words; empty when it is sound.

    Sound: readable, RFC 7946 (no `crs`, exterior rings counter-clockwise), numbered 1 to `areas` without gap or double,
    every polygon valid, and together a true coverage: no gap between neighbors, no overlap.
    """
    try:
        boundaries = Boundaries.from_geojson(content)
    except BoundariesNotRead as unread:
        return [str(unread)]
    return [*_wrong_numbers(boundaries.numbers, areas), *_wrong_format(content), *_wrong_shapes(boundaries)]


def _wrong_numbers(numbers: Ints, areas: int) -> list[str]:
    found, expected = numbers.tolist(), set(range(1, areas + 1))
    wrong = [f"area {number} is missing" for number in sorted(expected - set(found))]
    wrong += [f"there is no area {number}" for number in sorted(set(found) - expected)]
    wrong += [f"area {number} stands there twice" for number in sorted({n for n in found if found.count(n) > 1})]
    return wrong


def _wrong_format(content: bytes) -> list[str]:
    wrong = ["a crs member is not allowed (RFC 7946)"] if "crs" in json.loads(content) else []
    for feature in _features(content):
        if feature.get("id") != str(_number(feature)):
            wrong.append(f"area {_number(feature)}: the id is not the number as text")
        if not shapely.is_ccw(shapely.get_exterior_ring(_polygon(feature))):
            wrong.append(f"area {_number(feature)}: the exterior ring runs clockwise (RFC 7946)")
    return wrong


def _wrong_shapes(boundaries: Boundaries) -> list[str]:
    broken = [
        f"area {number}: {shapely.is_valid_reason(polygon)}"
        for number, polygon in zip(boundaries.numbers, boundaries.polygons, strict=True)
        if not polygon.is_valid
    ]
    if broken or shapely.coverage_is_valid(boundaries.polygons):
        return broken
    loose = ~shapely.is_empty(shapely.coverage_invalid_edges(boundaries.polygons))
    return [f"area {number}: does not meet its neighbors edge to edge" for number in boundaries.numbers[loose]]


def _features(content: bytes) -> Sequence[Mapping[str, Any]]:
    try:
        collection = json.loads(content)
    except ValueError as unreadable:
        raise BoundariesNotRead(f"not JSON: {unreadable}") from unreadable
    features = collection.get("features") if isinstance(collection, dict) else None
    if not isinstance(features, list) or not features:
        raise BoundariesNotRead("not a GeoJSON FeatureCollection with features")
    return features


def _number(feature: Mapping[str, Any]) -> int:
    try:
        return int(feature["properties"]["number"])
    except (KeyError, TypeError, ValueError) as missing:
        raise BoundariesNotRead("a feature has no area number") from missing


def _polygon(feature: Mapping[str, Any]) -> shapely.Polygon:
    try:
        polygon = shapely.from_geojson(json.dumps(feature["geometry"]))
    except (KeyError, shapely.errors.GEOSException) as unread:
        raise BoundariesNotRead(f"area {_number(feature)}: no readable geometry") from unread
    if not isinstance(polygon, shapely.Polygon) or polygon.is_empty:
        raise BoundariesNotRead(f"area {_number(feature)}: not a polygon")
    return polygon


def _points(x: ArrayLike, y: ArrayLike) -> NDArray[np.object_]:
    return np.asarray(shapely.points(np.atleast_1d(x), np.atleast_1d(y)), dtype=object)


def _to_feet(degrees: Floats) -> Floats:
    return np.column_stack(to_feet(degrees[:, 0], degrees[:, 1]))
