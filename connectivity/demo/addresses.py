"""Where each demo household lives: an address in the right area, written as people write addresses, placed as the product places."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from connectivity.demo.streets import DIAGONALS, STRETCH, Stretches
from connectivity.geography.address import Address, parse_parts
from connectivity.geography.address_grid import AddressGrid
from connectivity.geography.boundaries import Boundaries
from connectivity.geography.placement import GRID_NEAR_EDGE_FEET, Placement, ZipAreas, place_many

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEAR_AN_EDGE = 0.02  # share of homes left near an edge between areas
ON_A_DIAGONAL = 0.01  # share of homes that the grid cannot place
IN_A_FLAT = 0.62
MARGIN_FEET = 300.0  # a stretch is about 270 feet long; its far end must be as sure as its near end

DIRECTIONS = {"N": "North", "S": "South", "E": "East", "W": "West"}
KINDS = {
    "AVE": "Avenue",
    "ST": "Street",
    "BLVD": "Boulevard",
    "PL": "Place",
    "DR": "Drive",
    "RD": "Road",
    "PKWY": "Parkway",
    "CT": "Court",
    "TER": "Terrace",
    "LN": "Lane",
    "HWY": "Highway",
    "PLZ": "Plaza",
    "SQ": "Square",
}
FLATS = (
    "1",
    "2",
    "3",
    "1F",
    "2F",
    "3F",
    "1R",
    "2R",
    "3R",
    "1N",
    "2S",
    "2B",
    "3A",
    "4C",
    "101",
    "204",
    "305",
    "412",
    "G",
    "B",
)
OTHER_UNITS = ("BSMT", "REAR", "FL 1", "FL 2", "UNIT 2", "UNIT 3E", "FL 3")


@dataclass(frozen=True)
class Homes:
    """One home a household, columns of equal length. `x`, `y`: feet (EPSG:3435), near the home even where it could not be placed."""

    original: list[str]
    address: list[Address]
    placement: list[Placement]
    x: Floats
    y: Floats

    def part(self, first: int, end: int) -> "Homes":
        """Some of the homes, by place."""
        at = slice(first, end)
        return Homes(self.original[at], self.address[at], self.placement[at], self.x[at], self.y[at])


def homes(
    rng: np.random.Generator,
    areas: Ints,
    *,
    stretches: Stretches,
    boundaries: Boundaries,
    grid: AddressGrid,
    zip_areas: ZipAreas,
) -> Homes:
    """A home in each of `areas`. A few lie near an area's edge, a few on diagonal streets where the grid cannot place them."""
    chosen = _choose(rng, areas, stretches)
    wanted = _addresses(rng, areas, chosen, stretches)
    originals = _written(rng, wanted)
    # What is stored is what the product reads back from the person's words, as in the register form.
    read = [parse_parts(original, zip_code=address.zip) for original, address in zip(originals, wanted, strict=True)]
    return Homes(
        original=originals,
        address=read,
        placement=place_many(read, boundaries, grid, zip_areas),
        x=stretches.x[chosen],
        y=stretches.y[chosen],
    )


def _choose(rng: np.random.Generator, areas: Ints, stretches: Stretches) -> Ints:
    """A stretch (index) for each area: safely inside for most, near an edge for a few and where there is nothing else."""
    deep = stretches.edge_feet > GRID_NEAR_EDGE_FEET + MARGIN_FEET
    near_edge = rng.random(len(areas)) < NEAR_AN_EDGE
    draw = rng.random(len(areas))
    chosen = np.zeros(len(areas), dtype=np.int64)
    for number in np.unique(areas).tolist():
        inside = stretches.area == number
        for edge in (False, True):
            options = np.flatnonzero(inside & (deep != edge))
            options = options if len(options) else np.flatnonzero(inside)
            here = np.flatnonzero((areas == number) & (near_edge == edge))
            chosen[here] = options[(draw[here] * len(options)).astype(np.int64)]
    return chosen


def _addresses(rng: np.random.Generator, areas: Ints, chosen: Ints, stretches: Stretches) -> list[Address]:
    within = rng.integers(STRETCH, size=len(areas)).tolist()
    flat = rng.random(len(areas))
    unit = rng.integers(len(FLATS), size=len(areas)).tolist()
    diagonal = _diagonals(rng, areas)
    addresses = []
    for index, (stretch, offset, share, which) in enumerate(
        zip(chosen.tolist(), within, flat.tolist(), unit, strict=True)
    ):
        street = diagonal.get(index) or stretches.addresses[stretch]
        addresses.append(
            Address(
                street.number + offset,
                "",
                street.direction,
                street.street,
                street.kind,
                unit=_unit(share, which),
                zip=stretches.addresses[stretch].zip,
            )
        )
    return addresses


def _unit(share: float, which: int) -> str:
    if share < IN_A_FLAT:
        return f"APT {FLATS[which]}"
    return OTHER_UNITS[which % len(OTHER_UNITS)] if share < IN_A_FLAT + 0.08 else ""


def _diagonals(rng: np.random.Generator, areas: Ints) -> dict[int, Address]:
    """Homes (index) moved to a diagonal street of their area, about ON_A_DIAGONAL of all homes."""
    crossing = np.isin(areas, [area for *_, crossed in DIAGONALS for area in crossed])
    candidates = np.flatnonzero(crossing)
    count = min(round(ON_A_DIAGONAL * len(areas)), len(candidates))
    moved = {}
    for index in np.sort(rng.choice(candidates, size=count, replace=False)).tolist():
        streets = [street for street in DIAGONALS if areas[index] in street[-1]]
        direction, street, kind, first, last, _ = streets[int(rng.integers(len(streets)))]
        number = int(rng.integers(first, last)) // STRETCH * STRETCH
        moved[index] = Address(number, "", direction, street, kind)
    return moved


def _written(rng: np.random.Generator, addresses: Sequence[Address]) -> list[str]:
    """Each address as a family, a school or a form might have put it."""
    manner = rng.integers(len(_MANNERS), size=len(addresses)).tolist()
    return [_MANNERS[how](address) for how, address in zip(manner, addresses, strict=True)]


def _in_full(address: Address) -> str:
    street = _spelled(address.street)
    unit = f", {_spelled_unit(address.unit)}" if address.unit else ""
    return f"{address.number} {DIRECTIONS[address.direction]} {street} {KINDS[address.kind]}{unit}"


def _in_capitals(address: Address) -> str:
    return f"{address.line} {address.unit.replace('APT ', '#')}".rstrip()


def _on_an_envelope(address: Address) -> str:
    kind = address.kind.capitalize()
    unit = f", {_spelled_unit(address.unit)}" if address.unit else ""
    line = f"{address.number} {address.direction}. {_spelled(address.street)} {kind}.{unit}"
    return f"{line}, Chicago, IL {address.zip}"


def _in_haste(address: Address) -> str:
    return f"{address.line} {address.unit}".rstrip().lower()


def _as_listed(address: Address) -> str:
    return f"{address.line_with_unit} CHICAGO IL {address.zip}"


_MANNERS = (_in_full, _in_full, _in_capitals, _in_capitals, _on_an_envelope, _in_haste, _as_listed)


def _spelled(street: str) -> str:
    return " ".join(word.lower() if word[0].isdigit() else word.capitalize() for word in street.split())


def _spelled_unit(unit: str) -> str:
    return {"BSMT": "Basement", "REAR": "Rear"}.get(unit) or unit.replace("APT", "Apt").replace("UNIT", "Unit").replace(
        "FL", "Floor"
    )
