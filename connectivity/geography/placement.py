"""From an address or a point to a community area, with the method, the distance to the nearest edge, and how sure that is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from connectivity.geography.address import Address, AddressNotRead, parse
from connectivity.geography.address_grid import AddressGrid
from connectivity.geography.boundaries import Boundaries, Ints
from connectivity.geography.grid_location import ZipAreas, locate
from connectivity.geography.projection import Floats, to_feet, to_lonlat

__all__ = ["Certainty", "Method", "Placement", "ZipAreas", "place", "place_by_hand", "place_many"]

# Nearer to an edge than this, an area is not sure. Given coordinates: 50 m. The grid: of addresses 350 to 400 feet from an edge 99.2%
# fall into the right area, of those 300 to 350 feet from it 98.6%, of all beyond 350 feet 99.9%. Measured with the errors of 470
# schools that did not help to place themselves, moved to random places of the city: tests/geography/test_grid_accuracy.py.
COORDINATES_NEAR_EDGE_FEET = 164.0
GRID_NEAR_EDGE_FEET = 350.0
OUTSIDE = "It lies outside Chicago. The program serves homes in the city: check the address."


class Method(StrEnum):
    COORDINATES = "coordinates"
    GRID = "grid"
    HAND = "hand"
    NONE = "none"


class Certainty(StrEnum):
    SURE = "sure"
    NEAR_EDGE = "near_edge"
    UNPLACED = "unplaced"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an address was put.

    `area` is None exactly when `certainty` is unplaced. `reason` is a sentence for the person, empty exactly when the area is sure.
    `near_edge` asks a person to look: the point is near an edge, or the ZIP code or a missing direction raises a doubt.
    """

    area: int | None
    method: Method
    certainty: Certainty
    edge_feet: float | None
    lon: float | None
    lat: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Points:
    """Points to be judged, all of length n: feet (NaN for no point), how found, how near is near, a note, the ZIP code."""

    x: Floats
    y: Floats
    methods: list[Method]
    near: Floats
    notes: list[str]
    zips: list[str]


def place(
    address: Address | str,
    boundaries: Boundaries,
    grid: AddressGrid,
    zip_areas: ZipAreas,
    *,
    lon: float | None = None,
    lat: float | None = None,
) -> Placement:
    """One address: by its coordinates when given, else by the grid. An address that cannot be read is unplaced, with the reason."""
    at = [math.nan if degrees is None else degrees for degrees in (lon, lat)]
    return place_many([address], boundaries, grid, zip_areas, lon=at[:1], lat=at[1:])[0]


def place_many(
    addresses: Sequence[Address | str],
    boundaries: Boundaries,
    grid: AddressGrid,
    zip_areas: ZipAreas,
    *,
    lon: ArrayLike | None = None,
    lat: ArrayLike | None = None,
) -> list[Placement]:
    """Many addresses, one placement each, in their order. `lon` and `lat` have shape (n,), NaN where there are no coordinates."""
    count = len(addresses)
    read = [_read(address) for address in addresses]
    x, y = _given(count, lon, lat)
    given = np.isfinite(x)
    notes = ["" if at or isinstance(one, Address) else one for one, at in zip(read, given.tolist(), strict=True)]
    left = [(index, one) for index, one in enumerate(read) if isinstance(one, Address) and not given[index]]
    rows = [index for index, _ in left]
    x[rows], y[rows], found_notes = locate([one for _, one in left], boundaries, grid, zip_areas)
    for index, note in zip(rows, found_notes, strict=True):
        notes[index] = note
    points = _Points(
        x,
        y,
        methods=[Method.COORDINATES if at else Method.GRID for at in given.tolist()],
        near=np.where(given, COORDINATES_NEAR_EDGE_FEET, GRID_NEAR_EDGE_FEET),
        notes=notes,
        zips=[one.zip[:5] if isinstance(one, Address) else "" for one in read],
    )
    return _judged(points, boundaries, zip_areas)


def place_by_hand(lon: float, lat: float, boundaries: Boundaries) -> Placement:
    """A point somebody chose on the map: sure wherever it lies inside the city, near an edge or not."""
    x, y = to_feet([lon], [lat])
    return _judged(_Points(x, y, [Method.HAND], np.zeros(1), [""], [""]), boundaries, {})[0]


def _read(address: Address | str) -> Address | str:
    """The address, or why it cannot be read."""
    try:
        return parse(address) if isinstance(address, str) else address
    except AddressNotRead as unread:
        return unread.reason


def _given(count: int, lon: ArrayLike | None, lat: ArrayLike | None) -> tuple[Floats, Floats]:
    """Coordinates in feet, NaN where there are none. (0, 0), off Africa, is how many systems write "not known"."""
    if lon is None or lat is None:
        return np.full(count, np.nan), np.full(count, np.nan)
    degrees = np.array([lon, lat], dtype=np.float64).reshape(2, count)
    degrees[:, (degrees == 0).all(axis=0)] = np.nan
    return to_feet(*degrees)


def _judged(points: _Points, boundaries: Boundaries, zip_areas: ZipAreas) -> list[Placement]:
    inside = boundaries.areas_of(points.x, points.y)
    edge_feet = boundaries.edge_feet(points.x, points.y)
    # A point over the lake or a few feet past the limit is far more often a rounding than a home in Evanston: take the area
    # beside it, and ask.
    areas, outside = inside.copy(), np.flatnonzero((inside == 0) & (edge_feet <= points.near))
    areas[outside] = boundaries.nearest_areas(points.x[outside], points.y[outside])
    lon, lat = (np.round(degrees, 6).tolist() for degrees in to_lonlat(points.x, points.y))
    doubts = _doubts(points, boundaries, inside, areas, edge_feet, zip_areas)
    return [
        _placement(*row)
        for row in zip(areas.tolist(), points.methods, edge_feet.tolist(), lon, lat, points.notes, doubts, strict=True)
    ]


def _placement(
    area: int, method: Method, edge_feet: float, lon: float, lat: float, note: str, doubts: str
) -> Placement:
    if math.isnan(lon):
        return Placement(None, Method.NONE, Certainty.UNPLACED, None, None, None, note or OUTSIDE)
    if not area:
        return Placement(None, method, Certainty.UNPLACED, None, lon, lat, f"{note} {OUTSIDE}".lstrip())
    reason = f"{note} {doubts}".strip()
    return Placement(
        area, method, Certainty.NEAR_EDGE if reason else Certainty.SURE, round(edge_feet, 1), lon, lat, reason
    )


def _doubts(
    points: _Points, boundaries: Boundaries, inside: Ints, areas: Ints, edge_feet: Floats, zip_areas: ZipAreas
) -> list[str]:
    """What speaks against each area, in sentences; empty for most."""
    doubts = [""] * len(areas)
    unsure = (edge_feet < points.near) | (inside == 0)
    for index in np.flatnonzero(unsure & (areas > 0)).tolist():
        side = "inside" if inside[index] else "outside"
        doubts[index] = (
            f"{edge_feet[index]:.0f} feet {side} the edge of {boundaries.name_of(int(areas[index]))}: make sure it is that area."
        )
    for index, (area, zip_code) in enumerate(zip(areas.tolist(), points.zips, strict=True)):
        if area and zip_code and area not in zip_areas.get(zip_code, ()):
            doubts[index] += f" ZIP code {zip_code} does not reach {boundaries.name_of(area)}: check the address."
    return doubts
