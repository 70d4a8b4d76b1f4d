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

Feature = Mapping[str, Any]

AREAS = 77
SEGMENTS_A_PIECE = 8
STRIP_FEET = 2000


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
        return cls._of(_features(_collection(content)))

    @classmethod
    def _of(cls, features: Sequence[Feature]) -> Self:
        features = sorted(features, key=_number)
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
        return self._nearest(self._edges, x, y)[1]

    def nearest_areas(self, x: ArrayLike, y: ArrayLike) -> Ints:
        """The area nearest to each point, shape (n,): for points just outside the city. 0 for a point that is nowhere."""
        nearest, _ = self._nearest(self._areas, x, y)
        return np.where(nearest < 0, 0, self.numbers[nearest])

    def name_of(self, number: int) -> str:
        """The area's name. Raises KeyError."""
        return self._names[number]

    @cached_property
    def _names(self) -> Mapping[int, str]:
        return dict(zip(self.numbers.tolist(), self.names, strict=True))

    @cached_property
    def _areas(self) -> shapely.STRtree:
        return shapely.STRtree(self.polygons)

    @cached_property
    def _edges(self) -> shapely.STRtree:
        """Every edge once, in pieces of a few segments: small enough for the tree to skip most, few enough to search quickly."""
        outlines = shapely.get_parts(shapely.line_merge(shapely.union_all(shapely.boundary(self.polygons))))
        return shapely.STRtree(
            [
                shapely.LineString(points[first : first + SEGMENTS_A_PIECE + 1])
                for points in map(shapely.get_coordinates, outlines)
                for first in range(0, len(points) - 1, SEGMENTS_A_PIECE)
            ]
        )

    def _nearest(self, tree: shapely.STRtree, x: ArrayLike, y: ArrayLike) -> tuple[Ints, Floats]:
        """The nearest shape of the tree by position, and feet to it; -1 and NaN for a point that is nowhere."""
        points = _points(x, y)
        nearest, feet = np.full(len(points), -1), np.full(len(points), np.nan)
        east, north = shapely.get_x(points), shapely.get_y(points)
        known = np.flatnonzero(np.isfinite(east) & np.isfinite(north))
        # Strip by strip: neighbors search the same branches of the tree, a third less time.
        known = known[np.lexsort((east[known], north[known] // STRIP_FEET))]
        (point, shape), distance = tree.query_nearest(points[known], return_distance=True, all_matches=False)
        nearest[known[point]], feet[known[point]] = shape, distance
        return nearest, feet


def problems(content: bytes, *, areas: int = AREAS) -> list[str]:
    """Everything wrong with a GeoJSON file of community areas, in words; empty when it is sound.

    Sound: readable, RFC 7946 (no `crs`, exterior rings counter-clockwise), numbered 1 to `areas` without gap or double,
    every polygon valid, and together a true coverage: no gap between neighbors, no overlap.
    """
    try:
        collection = _collection(content)
        features = _features(collection)
        boundaries = Boundaries._of(features)
    except BoundariesNotRead as unread:
        return [str(unread)]
    crs = ["a crs member is not allowed (RFC 7946)"] if "crs" in collection else []
    return [*crs, *_wrong_numbers(boundaries.numbers, areas), *_wrong_format(features), *_wrong_shapes(boundaries)]


def _wrong_numbers(numbers: Ints, areas: int) -> list[str]:
    found, expected = numbers.tolist(), set(range(1, areas + 1))
    wrong = [f"area {number} is missing" for number in sorted(expected - set(found))]
    wrong += [f"there is no area {number}" for number in sorted(set(found) - expected)]
    wrong += [f"area {number} stands there twice" for number in sorted({n for n in found if found.count(n) > 1})]
    return wrong


def _wrong_format(features: Sequence[Feature]) -> list[str]:
    wrong = []
    for feature in features:
        if feature.get("id") != str(_number(feature)):
            wrong.append(f"area {_number(feature)}: the id is not the number as text")
        if not shapely.LinearRing(feature["geometry"]["coordinates"][0]).is_ccw:
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


def _collection(content: bytes) -> Mapping[str, Any]:
    try:
        collection = json.loads(content)
    except ValueError as unreadable:
        raise BoundariesNotRead(f"not JSON: {unreadable}") from unreadable
    if not isinstance(collection, dict):
        raise BoundariesNotRead("not a GeoJSON FeatureCollection")
    return collection


def _features(collection: Mapping[str, Any]) -> Sequence[Feature]:
    features = collection.get("features")
    if not isinstance(features, list) or not features:
        raise BoundariesNotRead("not a GeoJSON FeatureCollection with features")
    return features


def _number(feature: Feature) -> int:
    try:
        return int(feature["properties"]["number"])
    except (KeyError, TypeError, ValueError) as missing:
        raise BoundariesNotRead("a feature has no area number") from missing


def _polygon(feature: Feature) -> shapely.Polygon:
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
