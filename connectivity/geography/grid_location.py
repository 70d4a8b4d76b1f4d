"""The grid's answer for many addresses, with a missing direction found where only one can be meant, and words for what has none."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectivity.geography.address import Address
from connectivity.geography.address_grid import AddressGrid, NoPosition
from connectivity.geography.address_words import DIRECTION_NAMES
from connectivity.geography.boundaries import Boundaries
from connectivity.geography.projection import Floats

ZipAreas = Mapping[str, frozenset[int]]  # ZIP code (five digits) -> the community areas it overlaps

_WORDS = {
    NoPosition.STREET_UNKNOWN: "{street} is not in the street table. Check its spelling, or place the home on the map by hand.",
    NoPosition.STREET_CROOKED: "{street} runs diagonally or bends, so a house number does not tell where. Place the home on the map by hand.",
    NoPosition.DIRECTION_MISSING: "The address has no direction (N, S, E or W) and fits more than one place, or none. Ask which.",
    NoPosition.DIRECTION_WRONG: "{street} has no house numbers {direction}. Check the direction.",
    NoPosition.NUMBER_OUT_OF_RANGE: "{number} {direction} is beyond the last house number of the city. Check the number.",
}
_DIRECTION_FOUND = "The address has no direction; only {direction} fits. Check it."


def locate(
    addresses: Sequence[Address], boundaries: Boundaries, grid: AddressGrid, zip_areas: ZipAreas
) -> tuple[Floats, Floats, list[str]]:
    """Positions in feet, shape (n,), NaN where there is none; and a note for each: why not, what to check, or nothing."""
    found = grid.positions(addresses)
    notes = [
        why(missing, address) if missing else "" for missing, address in zip(found.missing, addresses, strict=True)
    ]
    undirected = [index for index, missing in enumerate(found.missing) if missing is NoPosition.DIRECTION_MISSING]
    for index, meant in _directions(undirected, addresses, boundaries, grid, zip_areas).items():
        at = grid.positions([meant])
        found.x[index], found.y[index] = at.x[0], at.y[0]
        notes[index] = _DIRECTION_FOUND.format(direction=DIRECTION_NAMES[meant.direction].title())
    return found.x, found.y, notes


def why(missing: NoPosition, address: Address) -> str:
    """What kept the grid from placing the address and what to do next, in words."""
    street = f"{address.street} {address.kind}".strip()
    direction = DIRECTION_NAMES.get(address.direction, "").title()
    return _WORDS[missing].format(street=street, number=address.number, direction=direction)


def _directions(
    undirected: Sequence[int],
    addresses: Sequence[Address],
    boundaries: Boundaries,
    grid: AddressGrid,
    zip_areas: ZipAreas,
) -> dict[int, Address]:
    """For addresses without a direction: the one reading that lies inside the city and, when there is one, inside the ZIP code."""
    readings = [
        (index, replace(addresses[index], direction=direction))
        for index in undirected
        for direction in grid.directions_of(addresses[index].street, addresses[index].kind)
    ]
    at = grid.positions([reading for _, reading in readings])
    areas = boundaries.areas_of(at.x, at.y).tolist()
    fitting: dict[int, list[Address]] = {}
    for (index, reading), area in zip(readings, areas, strict=True):
        if area and area in zip_areas.get(reading.zip[:5], {area}):
            fitting.setdefault(index, []).append(reading)
    return {index: fits[0] for index, fits in fitting.items() if len(fits) == 1}
