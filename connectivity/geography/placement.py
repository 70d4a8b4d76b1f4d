"""From an address or a point to a community area, with the method, the distance to the nearest edge, and how sure that is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from connectivity.geography.address import Address, AddressNotRead, parse
from connectivity.geography.address_grid import AddressGrid
from connectivity.geography.address_points import AddressPoints
from connectivity.geography.boundaries import Boundaries, Ints
from connectivity.geography.grid_location import ZipAreas, locate
from connectivity.geography.projection import Floats, to_feet, to_lonlat

__all__ = ["Certainty", "Method", "Placement", "ZipAreas", "place", "place_by_hand", "place_many"]

# Nearer to an edge than this, an area is not sure. Given coordinates: 50 m. The grid: of addresses 350 to 400 feet from an edge 99.2%
# fall into the right area, of those 300 to 350 feet from it 98.6%, of all beyond 350 feet 99.9%. Measured with the errors of 470
# schools that did not help to place themselves, moved to random places of the city: tests/geography/test_grid_accuracy.py.
COORDINATES_NEAR_EDGE_FEET = 164.0
GRID_NEAR_EDGE_FEET = 350.0
# An address point is a building on record, as sure as given coordinates. Where only a neighbor is on record, the home may stand as far
# from it as their house numbers are apart (6.6 feet a number), and an edge must be that much further away.
APART_FEET = 1000.0  # coordinates farther than this from their own address contradict it
NEAREST_BUILDING = "Placed by the nearest building on record, number {number}."
ONE_STREET_FITS = "The address has no direction; only one street fits. Check it."
NOWHERE = "The given coordinates are no place on Earth; they were not used. Check them."
SWAPPED = "The given longitude and latitude look swapped; they were not used. Check them."
OUTSIDE = "It lies outside Chicago. The program serves homes in the city: check the address."


class Method(StrEnum):
    COORDINATES = "coordinates"
    ADDRESS_POINT = "address_point"
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
    """Points to be judged, all of length n: feet (NaN for no point), how found, how near is near, and words."""

    x: Floats
    y: Floats
    methods: list[Method]
    near: Floats
    notes: list[str]  # what to check whatever the area; why there is no point
    sources: list[str]  # said only where the point lies near an edge
    zips: list[str]


def place(
    address: Address | str,
    boundaries: Boundaries,
    grid: AddressGrid,
    zip_areas: ZipAreas,
    *,
    lon: float | None = None,
    lat: float | None = None,
    points: AddressPoints | None = None,
) -> Placement:
    """One address: by plausible coordinates, else by address points, else by the grid. One that cannot be read is unplaced, with the reason."""
    at = [math.nan if degrees is None else degrees for degrees in (lon, lat)]
    return place_many([address], boundaries, grid, zip_areas, lon=at[:1], lat=at[1:], points=points)[0]


def place_many(
    addresses: Sequence[Address | str],
    boundaries: Boundaries,
    grid: AddressGrid,
    zip_areas: ZipAreas,
    *,
    lon: ArrayLike | None = None,
    lat: ArrayLike | None = None,
    points: AddressPoints | None = None,
) -> list[Placement]:
    """Many addresses, one placement each, in their order. `lon` and `lat` have shape (n,), NaN where there are no coordinates.

    Coordinates count if they lie in the city and at most APART_FEET from where the address itself is, as far as that is known.
    """
    read = [_read(address) for address in addresses]
    found = _by_address(read, boundaries, grid, zip_areas, points)
    if lon is not None and lat is not None and read:
        _prefer_given(found, np.array([lon, lat], dtype=np.float64).reshape(2, len(read)), boundaries)
    return _judged(found, boundaries, zip_areas)


def place_by_hand(lon: float, lat: float, boundaries: Boundaries) -> Placement:
    """A point somebody chose on the map: sure wherever it lies inside the city, near an edge or not."""
    x, y = to_feet([lon], [lat])
    return _judged(_Points(x, y, [Method.HAND], np.zeros(1), [""], [""], [""]), boundaries, {})[0]


def _read(address: Address | str) -> Address | str:
    """The address, or why it cannot be read."""
    try:
        return parse(address) if isinstance(address, str) else address
    except AddressNotRead as unread:
        return unread.reason


def _by_address(
    read: Sequence[Address | str],
    boundaries: Boundaries,
    grid: AddressGrid,
    zip_areas: ZipAreas,
    points: AddressPoints | None,
) -> _Points:
    """Where each address itself says it is: at its address point, else on the grid."""
    count = len(read)
    found = _Points(
        np.full(count, np.nan),
        np.full(count, np.nan),
        methods=[Method.GRID] * count,
        near=np.full(count, GRID_NEAR_EDGE_FEET),
        notes=["" if isinstance(one, Address) else one for one in read],
        sources=[""] * count,
        zips=[one.zip[:5] if isinstance(one, Address) else "" for one in read],
    )
    rows = [index for index, one in enumerate(read) if isinstance(one, Address)]
    if points is not None:
        _at_points(found, rows, read, points)
        rows = [index for index, missing in zip(rows, np.isnan(found.x[rows]).tolist(), strict=True) if missing]
    left = [one for index in rows if isinstance(one := read[index], Address)]
    found.x[rows], found.y[rows], notes = locate(left, boundaries, grid, zip_areas)
    for index, note in zip(rows, notes, strict=True):
        found.notes[index] = note
    return found


def _at_points(found: _Points, rows: Sequence[int], read: Sequence[Address | str], points: AddressPoints) -> None:
    addresses = [one for index in rows if isinstance(one := read[index], Address)]
    at = points.positions(addresses)
    found.x[rows], found.y[rows] = at.x, at.y
    hit = np.flatnonzero(~np.isnan(at.x)).tolist()
    for place, nearest, off in zip(hit, at.nearest[hit].tolist(), at.off_feet[hit].tolist(), strict=True):
        index, address = rows[place], addresses[place]
        found.methods[index] = Method.ADDRESS_POINT
        found.near[index] = COORDINATES_NEAR_EDGE_FEET + off
        found.sources[index] = NEAREST_BUILDING.format(number=nearest) if off else ""
        found.notes[index] = "" if address.direction else ONE_STREET_FITS


def _prefer_given(found: _Points, degrees: Floats, boundaries: Boundaries) -> None:
    """Puts plausible coordinates in the place of the address's own point; of others the note says what is wrong with them."""
    # (0, 0), off Africa, is how many systems write "not known".
    rows = np.flatnonzero(np.isfinite(degrees).all(axis=0) & (degrees != 0).any(axis=0))
    x, y = to_feet(*degrees[:, rows])
    in_city = _in_city(x, y, boundaries)
    apart = np.hypot(x - found.x[rows], y - found.y[rows])
    unknown = np.isnan(found.x[rows])
    guessed = np.array([bool(found.notes[index]) for index in rows.tolist()], dtype=bool)
    taken = np.isfinite(x) & (unknown | (in_city & (guessed | (apart <= APART_FEET))))
    at = rows[taken]
    found.x[at], found.y[at], found.near[at] = x[taken], y[taken], COORDINATES_NEAR_EDGE_FEET
    for index in at.tolist():
        found.methods[index], found.notes[index], found.sources[index] = Method.COORDINATES, "", ""
    doubted = np.flatnonzero(~(taken & in_city))
    swapped = _in_city(*to_feet(degrees[1, rows[doubted]], degrees[0, rows[doubted]]), boundaries).tolist()
    for one, is_swapped in zip(doubted.tolist(), swapped, strict=True):
        index = int(rows[one])
        nowhere = SWAPPED if is_swapped else NOWHERE if np.isnan(x[one]) else ""
        note = nowhere or _too_far(float(apart[one]), in_city=bool(in_city[one]))
        found.notes[index] = f"{note} {found.notes[index]}".strip()


def _in_city(x: Floats, y: Floats, boundaries: Boundaries) -> NDArray[np.bool_]:
    """Whether points lie in the city, or beyond its limit by no more than coordinates may err."""
    inside = boundaries.areas_of(x, y) > 0
    outside = np.flatnonzero(~inside)
    inside[outside] = boundaries.edge_feet(x[outside], y[outside]) <= COORDINATES_NEAR_EDGE_FEET
    return inside


def _too_far(feet: float, *, in_city: bool) -> str:
    """What is wrong with coordinates so far from their address; nothing where the address itself is nowhere (NaN)."""
    if math.isnan(feet):
        return ""
    beyond = "" if in_city else ", outside Chicago"
    return (
        f"The given coordinates lie {feet / 5280:.1f} miles from this address{beyond}; placed by the address. Check it."
    )


def _judged(points: _Points, boundaries: Boundaries, zip_areas: ZipAreas) -> list[Placement]:
    inside = boundaries.areas_of(points.x, points.y)
    edge_feet = boundaries.edge_feet(points.x, points.y)
    # A point over the lake or a few feet past the limit is far more often a rounding than a home in Evanston: take the area
    # beside it, and ask.
    areas, outside = inside.copy(), np.flatnonzero((inside == 0) & (edge_feet <= points.near))
    areas[outside] = boundaries.nearest_areas(points.x[outside], points.y[outside])
    lon, lat = (np.round(degrees, 6).tolist() for degrees in to_lonlat(points.x, points.y))
    doubts = _doubts(points, boundaries, inside, areas, edge_feet, zip_areas)
    notes = [
        f"{note} {source}".lstrip() if doubt and source else note
        for note, source, doubt in zip(points.notes, points.sources, doubts, strict=True)
    ]
    rows = zip(areas.tolist(), points.methods, edge_feet.tolist(), lon, lat, notes, doubts, strict=True)
    return [_placement(*row) for row in rows]


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


def _feet(distance: float) -> str:
    return "1 foot" if round(distance) == 1 else f"{distance:.0f} feet"


def _doubts(
    points: _Points, boundaries: Boundaries, inside: Ints, areas: Ints, edge_feet: Floats, zip_areas: ZipAreas
) -> list[str]:
    """What speaks against each area, in sentences; empty for most."""
    doubts = [""] * len(areas)
    unsure = (edge_feet < points.near) | (inside == 0)
    for index in np.flatnonzero(unsure & (areas > 0)).tolist():
        side = "inside" if inside[index] else "outside"
        doubts[index] = (
            f"{_feet(edge_feet[index])} {side} the edge of {boundaries.name_of(int(areas[index]))}: make sure it is that area."
        )
    for index, (area, zip_code) in enumerate(zip(areas.tolist(), points.zips, strict=True)):
        if area and zip_code and area not in zip_areas.get(zip_code, ()):
            doubts[index] += f" ZIP code {zip_code} does not reach {boundaries.name_of(area)}: check the address."
    return doubts
