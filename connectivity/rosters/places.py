"""Where the homes of a plan lie: by the file's coordinates if they fit, by address points, by the grid, else not at all, with the reason."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from sqlalchemy.orm import Session

from connectivity.geography.address import Address, AddressNotRead, parse_parts
from connectivity.geography.address_grid import AddressGrid
from connectivity.geography.address_points import AddressPoints
from connectivity.geography.boundaries import Boundaries
from connectivity.geography.placement import Placement, ZipAreas, place_many
from connectivity.reference import store


class Written(NamedTuple):
    """An address as staged: the file's own words, and the normalized line, unit and ZIP code."""

    original: str
    line: str
    unit: str
    zip: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class Places:
    """Everything by which an address is placed, loaded once."""

    boundaries: Boundaries
    grid: AddressGrid
    zip_areas: ZipAreas
    points: AddressPoints | None

    @classmethod
    def load(cls, session: Session) -> Self:
        """From the register's reference data."""
        return cls(
            store.boundaries(session),
            store.address_grid(session),
            store.zip_areas(session),
            store.address_points(session),
        )

    def columns(self, homes: Mapping[int, Written]) -> dict[int, tuple[Any, ...]]:
        """PLACE_COLUMNS of each home, by its number."""
        placed = self._placed(list(homes.values()))
        return {number: _columns(home, at) for (number, home), at in zip(homes.items(), placed, strict=True)}

    def _placed(self, homes: Sequence[Written]) -> list[Placement]:
        given = [
            (home.lon, home.lat) if home.lon is not None and home.lat is not None else (math.nan, math.nan)
            for home in homes
        ]
        return place_many(
            [_address(home) for home in homes],
            self.boundaries,
            self.grid,
            self.zip_areas,
            lon=[lon for lon, _ in given],
            lat=[lat for _, lat in given],
            points=self.points,
        )


PLACE_COLUMNS = (
    "original",
    "line",
    "unit",
    "city",
    "state",
    "zip",
    "community_area",
    "method",
    "certainty",
    "edge_feet",
    "lon",
    "lat",
    "reason",
)
NOWHERE = (None,) * len(PLACE_COLUMNS)


def _address(home: Written) -> Address | str:
    """The address, or the file's words where no address could be read in them: placing says why."""
    try:
        return parse_parts(home.line, home.unit, zip_code=home.zip)
    except AddressNotRead:
        return home.original or home.line


NO_ADDRESS = "The roster gives no address. Ask the family where it lives."


def _columns(home: Written, placed: Placement) -> tuple[Any, ...]:
    return (
        home.original,
        home.line,
        home.unit,
        "CHICAGO",
        "IL",
        home.zip,
        placed.area,
        str(placed.method),
        str(placed.certainty),
        placed.edge_feet,
        placed.lon,
        placed.lat,
        placed.reason if home.original or placed.area else NO_ADDRESS,
    )
