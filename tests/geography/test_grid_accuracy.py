"""How far the grid can be trusted, measured on the 654 schools, whose positions are known. `pytest -s` prints the figures.

No school helps to place itself: a street whose grid number is estimated is estimated anew from the other schools on it. What is left
is an error for each school, in feet. Schools stand further from area edges than homes may, so the errors are then moved to random places
all over the city to learn how often they lead into the wrong area, by distance from the edge.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from connectivity.geography.address import Address, parse
from connectivity.geography.address_grid import ALONG, AddressGrid, StreetLine
from connectivity.geography.boundaries import Boundaries
from connectivity.geography.placement import GRID_NEAR_EDGE_FEET
from connectivity.geography.projection import Floats, to_feet

OHARE = 76  # an airport: nobody's address
BAND_FEET = 50


@dataclass(frozen=True)
class Site:
    """A school's address, and where it really is, in feet."""

    address: Address
    x: float
    y: float

    @property
    def street(self) -> tuple[str, str, str]:
        return self.address.street, self.address.kind, ALONG[self.address.direction]


@dataclass(frozen=True)
class Errors:
    """Of each school that the others place: computed minus true position in feet, shape (n, 2); the area it fell in, and its own."""

    feet: Floats
    computed: NDArray[np.int64]
    true: NDArray[np.int64]
    edge_feet: Floats


@pytest.fixture(scope="module")
def sites(schools: Sequence[dict[str, str]]) -> list[Site]:
    x, y = to_feet([float(school["lon"]) for school in schools], [float(school["lat"]) for school in schools])
    return [Site(parse(school["address"]), *at) for school, *at in zip(schools, x, y, strict=True)]


@pytest.fixture(scope="module")
def errors(sites: list[Site], schools: Sequence[dict[str, str]], grid: AddressGrid, boundaries: Boundaries) -> Errors:
    feet = _errors(sites, grid)
    placed = np.isfinite(feet[:, 0])
    x, y = (np.array([[site.x, site.y] for site in sites]) + feet)[placed].T
    return Errors(
        feet=feet[placed],
        computed=boundaries.areas_of(x, y),
        true=np.array([int(school["community_area"]) for school in schools])[placed],
        edge_feet=boundaries.edge_feet(x, y),
    )


def _errors(sites: list[Site], grid: AddressGrid) -> Floats:
    """Computed minus true position, shape (n, 2); NaN where the other schools do not place a school."""
    on_street: dict[tuple[str, str, str], list[Site]] = {}
    for site in sites:
        on_street.setdefault(site.street, []).append(site)
    placed = [_without_itself(site, on_street[site.street], grid) for site in sites]
    return np.array(placed) - [[site.x, site.y] for site in sites]


def _without_itself(site: Site, neighbors: list[Site], grid: AddressGrid) -> tuple[float, float]:
    found = grid.position(site.address)
    line = grid.line(*site.street)
    if isinstance(found, str) or line is None:
        return np.nan, np.nan
    if line.known:
        return found
    others = {_across(other, grid) for other in neighbors if other.address.line != site.address.line}
    if not others:
        return np.nan, np.nan
    estimate = _line_at(line, float(np.median(list(others))), grid)
    placed = replace(grid, lines={(line.street, line.runs): estimate}).position(site.address)
    assert not isinstance(placed, str)
    return placed


def _across(site: Site, grid: AddressGrid) -> float:
    """Signed miles from the street's middle to its zero line, for a house seen at (x, y)."""
    side, number = site.address.direction, site.address.number
    along = float(np.interp(number, *grid.miles[side].T)) * (1 if side in "NE" else -1)
    aside = grid.half_street_feet * (1 if number % 2 == 0 else -1)
    if side in "EW":
        return (site.y - aside - grid.cy[0] - grid.cy[1] * along) / (grid.cy[2] + grid.cy[3] * along)
    return (site.x + aside - grid.cx[0] - grid.cx[2] * along) / (grid.cx[1] + grid.cx[3] * along)


def _line_at(line: StreetLine, miles: float, grid: AddressGrid) -> StreetLine:
    side = {"NS": "WE", "EW": "SN"}[line.runs][miles > 0]
    pairs = grid.miles[side]
    return replace(line, number=round(float(np.interp(abs(miles), pairs[:, 1], pairs[:, 0]))), side=side)


@pytest.fixture(scope="module")
def moved(errors: Errors, boundaries: Boundaries) -> tuple[Floats, NDArray[np.bool_]]:
    """The errors at random places of the city: distance of the computed point from the edge, and whether its area is right."""
    random = np.random.default_rng(3435)
    west, south, east, north = shapely.total_bounds(boundaries.polygons)
    x, y = random.uniform(west, east, 150_000), random.uniform(south, north, 150_000)
    areas = boundaries.areas_of(x, y)
    lived_in = (areas > 0) & (areas != OHARE)
    x, y, areas = x[lived_in], y[lived_in], areas[lived_in]
    error = errors.feet[random.integers(0, len(errors.feet), len(x))]
    x, y = x + error[:, 0], y + error[:, 1]
    computed = boundaries.areas_of(x, y)
    return boundaries.edge_feet(x, y)[computed > 0], (computed == areas)[computed > 0]


def test_most_schools_are_placed_in_their_own_area_by_the_other_schools(errors: Errors, sites: list[Site]):
    size = np.hypot(*errors.feet.T)
    right = (errors.computed == errors.true).mean()
    print(
        f"\n{len(size)} of {len(sites)} schools: error median {np.median(size):.0f} ft, 90% {np.percentile(size, 90):.0f} ft"
    )
    print(f"right area: {right:.1%}")
    assert len(size) > 0.7 * len(sites)
    assert right >= 0.99


def test_a_school_placed_beyond_the_threshold_is_in_its_own_area(errors: Errors):
    sure = errors.edge_feet >= GRID_NEAR_EDGE_FEET
    assert (errors.computed == errors.true)[sure].mean() >= 0.99


def test_the_threshold_is_where_99_of_100_addresses_fall_into_the_right_area(moved: tuple[Floats, NDArray[np.bool_]]):
    edge, right = moved
    for feet in range(50, 600, BAND_FEET):
        band = (edge >= feet) & (edge < feet + BAND_FEET)
        beyond = right[edge >= feet].mean()
        print(
            f"\n{feet}-{feet + BAND_FEET} ft from an edge: right {right[band].mean():.1%}; beyond: {beyond:.2%}", end=""
        )
    just_sure = (edge >= GRID_NEAR_EDGE_FEET) & (edge < GRID_NEAR_EDGE_FEET + BAND_FEET)
    just_unsure = (edge >= GRID_NEAR_EDGE_FEET - BAND_FEET) & (edge < GRID_NEAR_EDGE_FEET)
    assert right[just_sure].mean() >= 0.99 > right[just_unsure].mean()


@pytest.mark.parametrize("left_out", ["side of the street", "half-mile lines"])
def test_each_refinement_of_the_grid_brings_addresses_nearer(
    left_out: str, errors: Errors, sites: list[Site], grid: AddressGrid
):
    south = np.array([pair for pair in grid.miles["S"].tolist() if pair[0] not in (1600, 2600)])
    plainer = {
        "side of the street": replace(grid, half_street_feet=0.0),
        "half-mile lines": replace(grid, miles={**grid.miles, "S": south}),
    }[left_out]
    feet = _errors(sites, plainer)
    size, refined = np.hypot(*feet[np.isfinite(feet[:, 0])].T), np.hypot(*errors.feet.T)
    print(f"\nwithout the {left_out}: median {np.median(size):.0f} ft, 90% {np.percentile(size, 90):.0f} ft", end="")
    assert np.percentile(size, 90) > np.percentile(refined, 90)
    assert np.median(size) > np.median(refined)
