"""A small map of one community area, its neighbors and a point, as SVG shapes: no script, no tiles, prints well. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

WIDTH = 400.0
MARGIN = 0.12  # of the area's size, so that the neighbors show
MIDDLE_LATITUDE = 41.84

LABELED_FROM = 0.04  # of the drawing

Ring = Sequence[Sequence[float]]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One area: its number and name, its path in the drawing's units, whether it is the area of the map."""

    number: int
    name: str
    path: str
    chosen: bool
    label: tuple[float, float] | None  # None: too little of the area is in sight


@dataclass(frozen=True, kw_only=True)
class SmallMap:
    """An SVG drawing. Longitude and latitude of a spot (x, y): west + x / scale_x, north - y / scale_y."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
    point: tuple[float, float] | None
    west: float
    north: float
    scale_x: float  # units a degree of longitude
    scale_y: float  # units a degree of latitude

    def spot(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a point lies in the drawing."""
        return round((lon - self.west) * self.scale_x, 1), round((self.north - lat) * self.scale_y, 1)

    def line(self, points: Sequence[tuple[float, float]]) -> str:
        """An open line as an SVG path."""
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in (self.spot(*point) for point in points))

    @property
    def chosen(self) -> Shape | None:
        """The area of the map."""
        return next((shape for shape in self.shapes if shape.chosen), None)


def draw(
    geojson: Mapping[str, Any],
    *,
    area: int | None,
    lon: float | None = None,
    lat: float | None = None,
    width: float = WIDTH,
) -> SmallMap:
    """The area with its surroundings; the whole city if `area` is None. `geojson`: features with `number` and `name`."""
    rings = {int(one["properties"]["number"]): list(_rings(one["geometry"])) for one in geojson["features"]}
    names = {int(one["properties"]["number"]): str(one["properties"]["name"]) for one in geojson["features"]}
    frame = west, south, east, north = _frame([rings[area]] if area in rings else list(rings.values()), lon, lat)
    scale_x = width / (east - west)
    scale_y = scale_x / math.cos(math.radians(MIDDLE_LATITUDE))
    height = (north - south) * scale_y

    def spot(at: Sequence[float]) -> tuple[float, float]:
        return round((at[0] - west) * scale_x, 1), round((north - at[1]) * scale_y, 1)

    shapes = [
        Shape(
            number=number,
            name=names[number],
            path=" ".join(_path([spot(at) for at in ring]) for ring in of),
            chosen=number == area,
            label=spot(middle) if (middle := _middle_in_sight(of[0], frame)) else None,
        )
        for number, of in rings.items()
        if _touches(of, *frame)
    ]
    return SmallMap(
        width=width,
        height=round(height, 1),
        shapes=tuple(
            sorted(shapes, key=lambda shape: shape.chosen)
        ),  # the chosen one is drawn last, over its neighbors' edges
        point=spot((lon, lat)) if lon is not None and lat is not None else None,
        west=west,
        north=north,
        scale_x=scale_x,
        scale_y=scale_y,
    )


def _rings(geometry: Mapping[str, Any]) -> Iterator[Ring]:
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        yield from polygon


def _frame(areas: Sequence[Sequence[Ring]], lon: float | None, lat: float | None) -> tuple[float, float, float, float]:
    """West, south, east, north with a margin, wide enough for the point."""
    points = [at for rings in areas for ring in rings for at in ring]
    if lon is not None and lat is not None:
        points.append((lon, lat))
    west, east = min(at[0] for at in points), max(at[0] for at in points)
    south, north = min(at[1] for at in points), max(at[1] for at in points)
    wide, tall = (east - west) * MARGIN, (north - south) * MARGIN
    return west - wide, south - tall, east + wide, north + tall


def _touches(rings: Sequence[Ring], west: float, south: float, east: float, north: float) -> bool:
    longitudes = [at[0] for ring in rings for at in ring]
    latitudes = [at[1] for ring in rings for at in ring]
    return min(longitudes) < east and max(longitudes) > west and min(latitudes) < north and max(latitudes) > south


def _middle_in_sight(ring: Ring, frame: tuple[float, float, float, float]) -> tuple[float, float] | None:
    """The middle of what is seen of an area, where its name is written."""
    seen = shapely.intersection(shapely.Polygon(ring), shapely.box(*frame))
    if seen.area < LABELED_FROM * shapely.box(*frame).area:
        return None
    middle = seen.representative_point()
    return middle.x, middle.y


def _path(spots: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in spots[:-1]) + "Z"
