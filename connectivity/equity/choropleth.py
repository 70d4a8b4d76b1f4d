"""Draws 77 areas in their class colors as a folium map, without tiles, and hands its parts to a page. Pure: no Flask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

import branca.element
import folium

from connectivity.equity.figures import Figures, Place, State
from connectivity.equity.neighbors import by_direction

NO_DATA_FILL = "#d9d9d9"
HATCH = "withheld-hatch"  # the SVG pattern that the page holds
HATCH_FILL = f"url(#{HATCH})"
DECIMALS = 5  # of a degree: about a meter
EDGE = {"color": "#ffffff", "weight": 2.4, "opacity": 1, "fillOpacity": 1}

Json = dict[str, Any]


class AreaMap(folium.Map):
    """A folium map that asks for Leaflet alone: no jQuery, no Bootstrap, no icon fonts, no other host."""

    default_js: list[tuple[str, str]] = []
    default_css: list[tuple[str, str]] = []


@dataclass(frozen=True)
class Geometry:
    """The areas as GeoJSON. Two of the same version are the same, so that what is drawn from one can be kept."""

    version: str
    geojson: Mapping[str, Any] = field(compare=False, repr=False)


@dataclass(frozen=True)
class MapParts:
    """What folium rendered: the map's element, and its script without the tag. Styles stand in equity.css."""

    html: str
    script: str


def fills(figures: Figures) -> dict[int, str]:
    """Area number -> its fill: a class color, the hatch of withheld areas, or gray for no data."""
    filled = {}
    for area in figures.areas:
        if area.class_number is not None:
            filled[area.place.number] = figures.measure.palette[area.class_number - 1]
        else:
            filled[area.place.number] = HATCH_FILL if area.figure.state is State.WITHHELD else NO_DATA_FILL
    return filled


def draw(
    geojson: Mapping[str, Any],
    fills: Mapping[int, str],
    places: list[Place],
    *,
    leaflet_js: str = "",
    leaflet_css: str = "",
) -> folium.Map:
    """A map of the areas in `geojson` (a FeatureCollection whose properties carry `number`). Same input, same bytes.

    Names in the page's script: `map_equity` and `geo_json_areas`.
    """
    west, south, east, north = _bounds(geojson)
    drawn = AreaMap(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_control=False,  # the page has its own buttons
        attribution_control=False,  # the credit stands in the caption
        keyboard=False,  # arrows go from area to area (equity.js)
        scroll_wheel_zoom=False,  # the page must scroll past the map
        double_click_zoom=False,
        box_zoom=False,
        dragging=False,
        zoom_snap=0.05,
        max_zoom=15,
    )
    drawn.default_js = [("leaflet", leaflet_js)] if leaflet_js else []
    drawn.default_css = [("leaflet_css", leaflet_css)] if leaflet_css else []
    drawn._id = "equity"  # folium would draw a random one
    layer = folium.GeoJson(
        _slim(geojson, {place.number: place for place in places}, by_direction(places)),
        style_function=lambda feature: {**EDGE, "fillColor": fills.get(feature["properties"]["number"], NO_DATA_FILL)},
        smooth_factor=0,  # neighbors simplified apart would gape
    )
    layer._id = "areas"
    layer.add_to(drawn)
    fit = folium.FitBounds([[south, west], [north, east]])
    fit.options["animate"] = False  # equity.js adds to the map at once: what it adds would stand at another scale
    fit.add_to(drawn)
    return drawn


def parts(drawn: folium.Map) -> MapParts:
    """The parts of a drawn map that a page with a content policy can take in. Folium's style tags and links are left out."""
    figure = cast(branca.element.Figure, drawn.get_root())
    figure.render()
    return MapParts(html=figure.html.render().strip(), script=figure.script.render())


@lru_cache(maxsize=64)
def rendered(geometry: Geometry, filled: tuple[tuple[int, str], ...], places: tuple[Place, ...]) -> MapParts:
    """The parts of a map, kept in this process: folium takes tens of milliseconds, and the key holds all that it depends on."""
    return parts(draw(geometry.geojson, dict(filled), list(places)))


def _slim(geojson: Mapping[str, Any], places: Mapping[int, Place], neighbors: Mapping[int, Mapping[str, int]]) -> Json:
    """Only what the page's script reads: number, label point, neighbors. No figure: those stand in the table alone."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": str(number),
                "properties": {
                    "number": number,
                    "label": [round(places[number].label_lat, DECIMALS), round(places[number].label_lon, DECIMALS)],
                    "next": neighbors[number],
                },
                "geometry": {**feature["geometry"], "coordinates": _rounded(feature["geometry"]["coordinates"])},
            }
            for feature in geojson["features"]
            if (number := int(feature["properties"]["number"])) in places
        ],
    }


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, int | float):
        return round(coordinates, DECIMALS)
    return [_rounded(one) for one in coordinates]


def _bounds(geojson: Mapping[str, Any]) -> tuple[float, float, float, float]:
    points = [
        point for feature in geojson["features"] for polygon in _polygons(feature["geometry"]) for point in polygon[0]
    ]
    lons, lats = [point[0] for point in points], [point[1] for point in points]
    return min(lons), min(lats), max(lons), max(lats)


def _polygons(geometry: Mapping[str, Any]) -> list[Any]:
    coordinates: list[Any] = geometry["coordinates"]
    return coordinates if geometry["type"] == "MultiPolygon" else [coordinates]
