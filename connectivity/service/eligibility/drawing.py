"""The city's areas as SVG shapes in the colors of what changes: no script, no tiles, prints well. The table beside it says the same. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from connectivity.rules.eligibility_what_if import Shift

WIDTH = 460.0
MIDDLE_LATITUDE = 41.84
MARK = {Shift.MUCH_LESS: "−−", Shift.LESS: "−", Shift.MORE: "+", Shift.MUCH_MORE: "++"}  # so that color is not alone
Ring = Sequence[Sequence[float]]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One area: its path in the drawing's units, its shade, and the sign in its middle."""

    number: int
    name: str
    path: str
    shade: Shift
    mark: str
    middle: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """The whole city."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


def draw(geojson: Mapping[str, Any], shades: Mapping[int, Shift], *, width: float = WIDTH) -> Drawing:
    """`geojson`: features in degrees with `number` and `name`; `shades`: by area's number, Shift.NOBODY where there is none."""
    rings = {int(one["properties"]["number"]): list(_rings(one["geometry"])) for one in geojson["features"]}
    names = {int(one["properties"]["number"]): str(one["properties"]["name"]) for one in geojson["features"]}
    points = [at for of in rings.values() for ring in of for at in ring]
    west, east = min(at[0] for at in points), max(at[0] for at in points)
    south, north = min(at[1] for at in points), max(at[1] for at in points)
    scale_x = width / (east - west)
    scale_y = scale_x / math.cos(math.radians(MIDDLE_LATITUDE))

    def spot(at: Sequence[float]) -> tuple[float, float]:
        return round((at[0] - west) * scale_x, 1), round((north - at[1]) * scale_y, 1)

    shapes = []
    for number, of in rings.items():
        shade, middle = shades.get(number, Shift.NOBODY), shapely.Polygon(of[0]).representative_point()
        shapes.append(
            Shape(
                number=number,
                name=names[number],
                path=" ".join(_path([spot(at) for at in ring]) for ring in of),
                shade=shade,
                mark=MARK.get(shade, ""),
                middle=spot((middle.x, middle.y)),
            )
        )
    return Drawing(width=width, height=round((north - south) * scale_y, 1), shapes=tuple(shapes))


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        yield from polygon


def _path(spots: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in spots[:-1]) + "Z"
