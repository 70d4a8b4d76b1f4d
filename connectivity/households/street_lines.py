"""The known streets as lines, for the map on which a home is placed by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from connectivity.geography.address import Address
from connectivity.geography.address_grid import AddressGrid
from connectivity.geography.boundaries import Boundaries
from connectivity.geography.projection import to_lonlat

STEP = 400  # house numbers between two points of a line: half a mile
LAST_NUMBER = 13_900


@dataclass(frozen=True)
class StreetOnMap:
    """A stretch of one street inside the city, as (longitude, latitude) points."""

    name: str
    points: tuple[tuple[float, float], ...]


def street_lines(grid: AddressGrid, boundaries: Boundaries) -> list[StreetOnMap]:
    """Every street whose place on the grid is known for certain, cut where it leaves the city."""
    addresses = [
        Address(number, "", direction, street, "")
        for (street, runs), line in grid.lines.items()
        if line.known
        for direction in runs
        for number in _numbers(direction)
    ]
    at = grid.positions(addresses)
    inside = boundaries.areas_of(at.x, at.y) > 0
    lon, lat = to_lonlat(at.x, at.y)
    rows = zip(addresses, inside.tolist(), lon.tolist(), lat.tolist(), strict=True)
    return list(_stretches(rows))


def _numbers(direction: str) -> range:
    """From one end of the city to the other: down to the zero line on the north and east, up from it on the south and west."""
    return range(LAST_NUMBER, 0, -STEP) if direction in "NE" else range(2, LAST_NUMBER, STEP)


def _stretches(rows: Iterator[tuple[Address, bool, float, float]]) -> Iterator[StreetOnMap]:
    for (name, runs), of_one in groupby(rows, key=lambda row: (row[0].street, row[0].direction in "NS")):
        ordered = sorted(of_one, key=lambda row: (row[3], row[2]) if runs else (row[2], row[3]))
        for inside, stretch in groupby(ordered, key=lambda row: row[1]):
            points = tuple((round(lon, 5), round(lat, 5)) for _, _, lon, lat in stretch)
            if inside and len(points) > 1:
                yield StreetOnMap(" ".join(word.capitalize() for word in name.split()), points)
