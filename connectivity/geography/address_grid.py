"""Chicago's address grid: where an address must be, computed from the address itself. Nothing is sent anywhere.

The house number gives the position along the street, the street's own grid number the position across. Method and figures:
data/README.md, "Placing an address".
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from connectivity.geography.address import Address
from connectivity.geography.projection import Floats

# A street whose sites disagree by more than this many address numbers (267 ft) has no one grid number.
CROOKED_FROM = 40
# Kinds that do not tell two streets apart: "Wilson", "Wilson Ave" and "Wilson St" are one. A Place or Court is a street of its own.
PLAIN_KINDS = frozenset({"", "AVE", "ST", "BLVD", "DR", "RD", "PKWY"})
FIRST_NUMBERED, LAST_NUMBERED = 8, 138
ALONG = {"N": "NS", "S": "NS", "E": "EW", "W": "EW"}


class NoPosition(StrEnum):
    """Why the grid cannot say where an address is."""

    STREET_UNKNOWN = "street_unknown"
    STREET_CROOKED = "street_crooked"
    DIRECTION_MISSING = "direction_missing"
    DIRECTION_WRONG = "direction_wrong"
    NUMBER_OUT_OF_RANGE = "number_out_of_range"


@dataclass(frozen=True, slots=True)
class StreetLine:
    """One street of the tables: `runs` NS or EW, `number` and `side` its place on the grid (side empty for State and Madison)."""

    street: str
    runs: str
    number: int
    side: str
    known: bool  # from the table of arterials, not estimated from buildings
    deviation: int = 0  # median absolute deviation of the sites, in address numbers
    flag: str = ""

    @property
    def crooked(self) -> bool:
        """Whether one number cannot place the street. What is known outranks what was estimated."""
        return not self.known and (bool(self.flag) or self.deviation > CROOKED_FROM)


@dataclass(frozen=True)
class GridPositions:
    """Positions in EPSG:3435 feet, shape (n,), NaN where there is none; and why there is none."""

    x: Floats
    y: Floats
    missing: tuple[NoPosition | None, ...]


@dataclass(frozen=True, eq=False)
class AddressGrid:
    """The grid model and the streets on it."""

    cx: tuple[float, float, float, float]
    cy: tuple[float, float, float, float]
    miles: Mapping[str, NDArray[np.float64]]  # by N, S, E, W: pairs (address number, miles from the zero line)
    half_street_feet: float
    lines: Mapping[tuple[str, str], StreetLine]  # by (street, runs)

    @classmethod
    def build(cls, model: bytes, lines: Iterable[StreetLine]) -> Self:
        """From the model's JSON and the rows of both street tables; the arterials outrank the estimates."""
        read = json.loads(model)
        ranked = sorted(lines, key=lambda line: line.known)
        return cls(
            cx=tuple(read["cx"]),
            cy=tuple(read["cy"]),
            miles={side: np.array(pairs, dtype=np.float64) for side, pairs in read["miles"].items()},
            half_street_feet=float(read["half_street_feet"]),
            lines={(line.street, line.runs): line for line in ranked},
        )

    def position(self, address: Address) -> tuple[float, float] | NoPosition:
        """(x, y) in feet, or why not."""
        found = self.positions([address])
        return found.missing[0] or (float(found.x[0]), float(found.y[0]))

    def positions(self, addresses: Sequence[Address]) -> GridPositions:
        """Many addresses at once: each street is looked up once, the arithmetic is done on arrays."""
        streets: dict[tuple[str, str, str], float | NoPosition] = {}
        missing: list[NoPosition | None] = [None] * len(addresses)
        across = np.full(len(addresses), np.nan)
        for index, address in enumerate(addresses):
            key = (address.direction, address.street, address.kind)
            if key not in streets:
                streets[key] = self._street_miles(*key)
            found = streets[key]
            if isinstance(found, NoPosition):
                missing[index] = found
            else:
                across[index] = found
        x, y = self._feet(addresses, across)
        for index in np.flatnonzero(np.isnan(x)).tolist():
            missing[index] = missing[index] or NoPosition.NUMBER_OUT_OF_RANGE
        return GridPositions(x, y, tuple(missing))

    def directions_of(self, street: str, kind: str) -> tuple[str, ...]:
        """The two directions an address on this street can have; none when the street is unknown, crooked or runs both ways."""
        lines = [line for runs in ("NS", "EW") if (line := self.line(street, kind, runs))]
        return tuple(lines[0].runs) if len(lines) == 1 and not lines[0].crooked else ()

    def line(self, street: str, kind: str, runs: str) -> StreetLine | None:
        """A street that runs NS or EW: by name and kind, then by name alone. A numbered street lies where its number says."""
        names = [f"{street} {kind}", street] if kind in PLAIN_KINDS else [f"{street} {kind}"]
        listed = next((self.lines[name, runs] for name in names if (name, runs) in self.lines), None)
        if listed and listed.known:
            return listed
        return (numbered_street(street, kind) if runs == "EW" else None) or listed

    def _street_miles(self, direction: str, street: str, kind: str) -> float | NoPosition:
        """How far the street's middle lies from its zero line, in signed miles."""
        if not direction:
            unknown = not (self.line(street, kind, "NS") or self.line(street, kind, "EW"))
            return NoPosition.STREET_UNKNOWN if unknown else NoPosition.DIRECTION_MISSING
        runs = ALONG[direction]
        line = self.line(street, kind, runs)
        if line is None:
            elsewhere = self.line(street, kind, "NS" if runs == "EW" else "EW")
            return NoPosition.DIRECTION_WRONG if elsewhere else NoPosition.STREET_UNKNOWN
        return NoPosition.STREET_CROOKED if line.crooked else self._signed_miles(line.number, line.side)

    def _signed_miles(self, number: float, side: str) -> float:
        if not side:
            return 0.0
        pairs = self.miles[side]
        miles = float(np.interp(number, pairs[:, 0], pairs[:, 1]))
        return miles if side in "NE" else -miles

    def _feet(self, addresses: Sequence[Address], across: Floats) -> tuple[Floats, Floats]:
        """The affine model, with the house on its own side of the street: even numbers north and west, odd south and east."""
        number = np.array([address.number for address in addresses], dtype=np.float64)
        direction = np.array([address.direction for address in addresses], dtype="U1")
        east_west = np.isin(direction, ["E", "W"])
        along = self._along(number, direction)
        e, v = np.where(east_west, along, across), np.where(east_west, across, along)
        aside = np.where(number % 2 == 0, self.half_street_feet, -self.half_street_feet)
        x = self.cx[0] + self.cx[1] * e + self.cx[2] * v + self.cx[3] * e * v - np.where(east_west, 0, aside)
        y = self.cy[0] + self.cy[1] * e + self.cy[2] * v + self.cy[3] * e * v + np.where(east_west, aside, 0)
        return x, y

    def _along(self, number: Floats, direction: NDArray[np.str_]) -> Floats:
        """Signed miles from the zero line to each house; NaN without a direction or beyond the city's last number."""
        along = np.full(len(number), np.nan)
        for side, pairs in self.miles.items():
            here = (direction == side) & (number <= pairs[-1, 0])
            along[here] = np.interp(number[here], pairs[:, 0], pairs[:, 1]) * (1 if side in "NE" else -1)
        return along


def numbered_street(street: str, kind: str) -> StreetLine | None:
    """87th Street lies at 8700 South, 87th Place half a block further; None for a street that is not numbered or not on the grid."""
    digits = street[:-2]
    if kind not in {"", "ST", "PL"} or not digits.isdigit() or not FIRST_NUMBERED <= int(digits) <= LAST_NUMBERED:
        return None
    return StreetLine(street, "EW", int(digits) * 100 + (50 if kind == "PL" else 0), "S", known=True)
