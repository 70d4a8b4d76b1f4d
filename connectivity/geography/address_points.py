"""Where a county says each building stands: an address's own point, or the nearest building of its block."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from connectivity.geography.address import Address
from connectivity.geography.address_grid import PLAIN_KINDS
from connectivity.geography.projection import Floats, to_feet

Ints = NDArray[np.int64]
Street = tuple[str, str, str]  # direction, name, kind

A_BLOCK = 100  # house numbers
MOST_NUMBER = 99_999
# Eight blocks are a mile, and where Chicago has more of them (Madison to 31st Street South) a number is shorter still.
FEET_A_NUMBER = 6.6


@dataclass(frozen=True)
class PointPositions:
    """Positions in EPSG:3435 feet and the house number of the building nearest to each, shape (n,): NaN and 0 where there is none."""

    x: Floats
    y: Floats
    nearest: Ints
    off_feet: Floats  # how far from that building the address can lie, along its street; 0 for the building itself

    @property
    def exact(self) -> NDArray[np.bool_]:
        """Whether the building itself is known."""
        return np.asarray(self.off_feet == 0)


@dataclass(frozen=True, eq=False)
class AddressPoints:
    """Buildings, arrays of equal length ordered by `place`: street, block, side of the street, number."""

    streets: dict[Street, int]
    by_name: dict[str, list[Street]]
    place: Ints
    x: Floats  # feet
    y: Floats

    @classmethod
    def build(cls, rows: Iterable[tuple[str, str, str, int, float, float]]) -> Self:
        """From (direction, street, kind, number, lon, lat). Of two rows with one address the first counts."""
        streets: dict[Street, int] = {}
        codes, numbers, lons, lats = array("q"), array("q"), array("d"), array("d")
        for direction, street, kind, number, lon, lat in rows:
            codes.append(streets.setdefault((direction, street, kind), len(streets)))
            numbers.append(number)
            lons.append(lon)
            lats.append(lat)
        place, first = np.unique(_place(_ints(codes), _ints(numbers)), return_index=True)
        x, y = to_feet(np.array(lons)[first], np.array(lats)[first])
        by_name: dict[str, list[Street]] = {}
        for street_found in streets:
            by_name.setdefault(street_found[1], []).append(street_found)
        return cls(streets, by_name, place, x, y)

    def positions(self, addresses: Sequence[Address]) -> PointPositions:
        """The building itself; else between its neighbors on its block and side, or at the nearest; else the same of the other side.

        Where kind or direction are missing, or the kind is one that does not tell streets apart, the one street with such a block.
        """
        meant: dict[Street, list[int]] = {}
        at, codes = array("q"), array("q")
        for index, address in enumerate(addresses):
            street = (address.direction, address.street, address.kind)
            if street not in meant:
                meant[street] = self._meant(street)
            for code in meant[street]:
                at.append(index)
                codes.append(code)
        numbers = np.array([address.number for address in addresses], dtype=np.int64)
        return self._one_each(_ints(at), self._found(_ints(codes), numbers[_ints(at)]), len(addresses))

    def _meant(self, street: Street) -> list[int]:
        """The streets that may be meant, by code: the one of that name, direction and kind, else all that fit."""
        if street in self.streets:
            return [self.streets[street]]
        return [self.streets[one] for one in self.by_name.get(street[1], ()) if _fits(street, one)]

    def _found(self, codes: Ints, numbers: Ints) -> PointPositions:
        own_side = _place(codes, numbers)
        other_side = _place(codes, numbers, across=True)
        found, across = self._beside(own_side), self._beside(other_side)
        return PointPositions(
            *(
                np.where(np.isnan(found.x), theirs, ours)
                for ours, theirs in (
                    (found.x, across.x),
                    (found.y, across.y),
                    (found.nearest, across.nearest),
                    (found.off_feet, across.off_feet),
                )
            )
        )

    def _beside(self, wanted: Ints) -> PointPositions:
        """The building at each place, else the point between the buildings before and after it on the same side of the block."""
        if not len(self.place):
            nothing = np.full(len(wanted), np.nan)
            return PointPositions(nothing, nothing, np.zeros(len(wanted), dtype=np.int64), nothing)
        above = np.searchsorted(self.place, wanted)
        below, above = np.maximum(above - 1, 0), np.minimum(above, len(self.place) - 1)
        has_below, has_above = (self.place[one] // A_BLOCK == wanted // A_BLOCK for one in (below, above))
        below, above = np.where(has_below, below, above), np.where(has_above, above, below)
        none = ~(has_below | has_above)
        to_below, to_above = np.abs(wanted - self.place[below]), np.abs(self.place[above] - wanted)
        share = np.divide(to_below, to_below + to_above, out=np.zeros(len(wanted)), where=to_below + to_above > 0)
        share = np.where(has_below & has_above, share, 0.0)
        nearest = np.where(to_above < to_below, above, below)
        return PointPositions(
            np.where(none, np.nan, self.x[below] + share * (self.x[above] - self.x[below])),
            np.where(none, np.nan, self.y[below] + share * (self.y[above] - self.y[below])),
            np.where(none, 0, _number(self.place[nearest])),
            np.where(none, np.nan, np.minimum(to_below, to_above) * FEET_A_NUMBER),
        )

    def _one_each(self, at: Ints, found: PointPositions, count: int) -> PointPositions:
        """For each address the one street that has its block; nothing where two streets have it."""
        hit = np.flatnonzero(~np.isnan(found.x))
        hit = hit[np.bincount(at[hit], minlength=count)[at[hit]] == 1]
        x, y, off = (np.full(count, np.nan) for _ in range(3))
        nearest = np.zeros(count, dtype=np.int64)
        x[at[hit]], y[at[hit]], off[at[hit]] = found.x[hit], found.y[hit], found.off_feet[hit]
        nearest[at[hit]] = found.nearest[hit]
        return PointPositions(x, y, nearest, off)


def _fits(wanted: Street, there: Street) -> bool:
    """Whether a street of the same name may be the one meant."""
    same_kind = not wanted[2] or not there[2] or {wanted[2], there[2]} <= PLAIN_KINDS
    return same_kind and (not wanted[0] or not there[0] or wanted[0] == there[0])


def _place(codes: Ints, numbers: Ints, *, across: bool = False) -> Ints:
    """One number that orders by street, block, side and house number; `across` puts the house on the other side."""
    side = (numbers + across) % 2
    return ((codes * (MOST_NUMBER + 1) // A_BLOCK + numbers // A_BLOCK) * 2 + side) * A_BLOCK + numbers % A_BLOCK


def _number(place: Ints) -> Ints:
    block = place // A_BLOCK // 2 % ((MOST_NUMBER + 1) // A_BLOCK)
    return block * A_BLOCK + place % A_BLOCK


def _ints(values: "array[int]") -> Ints:
    return np.array(values, dtype=np.int64)
