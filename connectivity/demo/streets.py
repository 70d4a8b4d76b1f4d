"""Stretches of real streets, each with the area it lies in: arterials over their length, other streets near a school that stands on them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from connectivity.geography.address import Address, AddressNotRead, parse
from connectivity.geography.address_grid import AddressGrid
from connectivity.geography.boundaries import Boundaries
from connectivity.geography.placement import ZipAreas
from connectivity.geography.projection import to_feet
from connectivity.register import School

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRETCH = 40  # address numbers: about 270 feet
NEAR_A_SCHOOL = 600  # address numbers either way: three quarters of a mile along a street that a school stands on

# Where the arterials run inside the city, by address number (roughly; general knowledge). What lies outside an area drops out.
ARTERIALS = """
STATE ST N1-1500 S100-12600 | HALSTED ST N1-3600 S1-12800 | RACINE AVE N1-3700 S700-9400 | ASHLAND AVE N1-5700 S1-9400
DAMEN AVE N1-5700 S1-9400 | WESTERN AVE N1-7400 S1-11800 | CALIFORNIA AVE N1-7400 S1-7800 | KEDZIE AVE N1-6200 S1-11400
PULASKI RD N1-6200 S1-11400 | KOSTNER AVE N1-5000 S1-8600 | CICERO AVE N1-6200 S1-8600 | LARAMIE AVE N1-5500 S4700-6400
CENTRAL AVE N1-6200 S4700-6400 | AUSTIN AVE N1600-5400 | NARRAGANSETT AVE N1600-5400 S4700-6400
OAK_PARK AVE N1600-6200 S5100-6400 | HARLEM AVE N1600-6900 S5100-6400 | KING DR S2200-11400 | COTTAGE_GROVE AVE S3900-11400
STONY_ISLAND AVE S5700-10200 | JEFFERY BLVD S6700-9500 | MADISON ST W100-5900 | CHICAGO AVE W100-5900 | DIVISION ST W100-5900
NORTH AVE W100-7100 | ARMITAGE AVE W400-5900 | FULLERTON AVE W400-7100 | DIVERSEY AVE W1000-7100 | BELMONT AVE W400-8200
ADDISON ST W600-8200 | IRVING_PARK RD W700-8400 | MONTROSE AVE W800-8400 | LAWRENCE AVE W900-8400 | FOSTER AVE W900-8800
BRYN_MAWR AVE W1000-8600 | PETERSON AVE W1500-5900 | DEVON AVE W1200-7500 | PRATT AVE W1000-4600 | TOUHY AVE W1300-7600
HOWARD ST W1300-7600 | ROOSEVELT RD W1-5900 | CERMAK RD W1-4500 | 31ST ST W100-4600 | PERSHING RD W1-4600 E1-700
47TH ST W1-5500 E1-1300 | GARFIELD BLVD W1-2400 E1-400 | 63RD ST W1-7100 E1-1500 | 71ST ST W1-4500 E1-2500
79TH ST W1-4700 E1-3100 | 87TH ST W1-4700 E1-3100 | 95TH ST W1-4200 E1-3400 | 103RD ST W1-4200 E1-3600 | 111TH ST W1-4500 E1-3600
119TH ST W1-2500 E1-600 | 127TH ST W1-1000 E300-1000
"""

# Streets that no single grid number can place, and areas they cross: "could not place", as in life.
DIAGONALS: tuple[tuple[str, str, str, int, int, tuple[int, ...]], ...] = (
    ("N", "MILWAUKEE", "AVE", 1300, 3400, (21, 22, 24)),
    ("N", "MILWAUKEE", "AVE", 3400, 5900, (11, 15, 16)),
    ("N", "LINCOLN", "AVE", 2400, 4700, (4, 5, 6)),
    ("S", "ARCHER", "AVE", 2600, 6300, (56, 57, 58, 59, 60)),
    ("S", "VINCENNES", "AVE", 7900, 10900, (69, 71, 73, 75)),
    ("S", "SOUTH CHICAGO", "AVE", 7400, 9400, (43, 45, 46, 69)),
    ("W", "OGDEN", "AVE", 1600, 4600, (28, 29)),
)


@dataclass(frozen=True)
class StreetRun:
    """One street in one direction, between two address numbers."""

    direction: str
    street: str
    kind: str
    first: int
    last: int


@dataclass(frozen=True)
class Stretches:
    """Places to live, columns of equal length: `addresses` (the first number of each stretch), area, feet to the nearest area edge, ZIP."""

    addresses: tuple[Address, ...]
    area: Ints
    edge_feet: Floats
    x: Floats
    y: Floats


def stretches(boundaries: Boundaries, grid: AddressGrid, zip_areas: ZipAreas, schools: Sequence[School]) -> Stretches:
    """Every stretch of a known street inside the city, with the ZIP code of the nearest school of its area."""
    addresses = [
        Address(number, "", run.direction, run.street, run.kind)
        for run in sorted(_runs(schools), key=lambda run: (run.direction, run.street, run.kind, run.first))
        for number in range(run.first, run.last, STRETCH)
    ]
    at = grid.positions(addresses)
    placed = np.flatnonzero(np.isfinite(at.x))
    area = np.zeros(len(addresses), dtype=np.int64)
    area[placed] = boundaries.areas_of(at.x[placed], at.y[placed])
    inside = np.flatnonzero(area)
    x, y, area = at.x[inside], at.y[inside], area[inside]
    zips = _zips(x, y, area, zip_areas, schools)
    return Stretches(
        addresses=tuple(
            _with_zip(addresses[index], zip_code) for index, zip_code in zip(inside.tolist(), zips, strict=True)
        ),
        area=area,
        edge_feet=boundaries.edge_feet(x, y),
        x=x,
        y=y,
    )


def _with_zip(address: Address, zip_code: str) -> Address:
    return Address(address.number, "", address.direction, address.street, address.kind, zip=zip_code)


def _runs(schools: Sequence[School]) -> set[StreetRun]:
    arterials = list(_arterials())
    known = {(run.street, run.kind) for run in arterials}
    near = {
        StreetRun(
            site.direction,
            site.street,
            site.kind,
            max(site.number // 100 * 100 - NEAR_A_SCHOOL, 0) + 1,
            site.number // 100 * 100 + NEAR_A_SCHOOL,
        )
        for site in map(_site, schools)
        if site and site.direction and site.kind and (site.street, site.kind) not in known
    }
    return {*arterials, *near}


def _arterials() -> list[StreetRun]:
    runs = []
    for entry in re.split(r"[|\n]", ARTERIALS.strip()):
        street, kind, *spans = entry.split()
        for span in spans:
            first, last = span[1:].split("-")
            runs.append(StreetRun(span[0], street.replace("_", " "), kind, int(first), int(last)))
    return runs


def _site(school: School) -> Address | None:
    try:
        return parse(school.address)
    except AddressNotRead:
        return None


def _zips(x: Floats, y: Floats, area: Ints, zip_areas: ZipAreas, schools: Sequence[School]) -> list[str]:
    """The ZIP code of the nearest school of the same area; where that one does not overlap the area, the first that does."""
    school_x, school_y = to_feet([school.lon for school in schools], [school.lat for school in schools])
    school_area = np.array([school.community_area for school in schools])
    first = _first_zip(zip_areas)
    found = np.full(len(area), "", dtype="U5")
    for number in np.unique(area).tolist():
        here = np.flatnonzero(area == number)
        there = np.array(
            [
                at
                for at in np.flatnonzero(school_area == number).tolist()
                if number in zip_areas.get(schools[at].zip, ())
            ],
            dtype=np.int64,
        )
        if not len(there):
            found[here] = first[number]
            continue
        away = np.hypot(x[here, None] - school_x[there], y[here, None] - school_y[there])
        found[here] = np.array([schools[at].zip for at in there.tolist()])[away.argmin(axis=1)]
    zips: list[str] = found.tolist()
    return zips


def _first_zip(zip_areas: ZipAreas) -> Mapping[int, str]:
    first: dict[int, str] = {}
    for zip_code in sorted(zip_areas):
        for number in zip_areas[zip_code]:
            first.setdefault(number, zip_code)
    return first
