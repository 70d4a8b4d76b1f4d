"""A small picture of the city with one area in it, as SVG paths: it needs no script. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians
from typing import Any

from connectivity.equity.choropleth import Geometry

HEIGHT = 300  # of the picture, in its own units


@dataclass(frozen=True)
class Locator:
    """The picture's width and height, and area number -> SVG path data."""

    width: int
    height: int
    paths: Mapping[int, str]


@lru_cache(maxsize=2)
def locate(geometry: Geometry) -> Locator:
    """The areas' outlines, projected flat and rounded to whole units."""
    rings = {int(one["properties"]["number"]): _rings(one["geometry"]) for one in geometry.geojson["features"]}
    points = [point for area in rings.values() for ring in area for point in ring]
    west, east = min(point[0] for point in points), max(point[0] for point in points)
    south, north = min(point[1] for point in points), max(point[1] for point in points)
    scale = HEIGHT / (north - south)
    shrink = scale * cos(radians((north + south) / 2))
    return Locator(
        width=round((east - west) * shrink),
        height=HEIGHT,
        paths={
            number: "".join(
                _path([(round((point[0] - west) * shrink), round((north - point[1]) * scale)) for point in ring])
                for ring in area
            )
            for number, area in rings.items()
        },
    )


def _rings(geometry: Mapping[str, Any]) -> list[list[list[float]]]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [ring for polygon in polygons for ring in polygon]


def _path(points: list[tuple[int, int]]) -> str:
    kept = [point for at, point in enumerate(points) if at == 0 or point != points[at - 1]]
    return "M" + "L".join(f"{x} {y}" for x, y in kept) + "Z"
