"""Figures that hang together, and what a reader of the published ones knows of each. Pure."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Tables:
    """Counts of people and what binds them, each cell by its place in `cells`.

    `sums`: (whole, its parts): the whole is their sum. `orders`: (less, more): the one is never above the other.
    """

    cells: tuple[Hashable, ...]
    sums: tuple[tuple[int, tuple[int, ...]], ...] = ()
    orders: tuple[tuple[int, int], ...] = ()

    @cached_property
    def place(self) -> Mapping[Hashable, int]:
        """Cell -> its place."""
        return {cell: at for at, cell in enumerate(self.cells)}

    @cached_property
    def equal(self) -> csr_array:
        """Sums x cells: each row times the counts is zero."""
        rows = [[(whole, -1), *((part, 1) for part in parts)] for whole, parts in self.sums]
        return _matrix(rows, len(self.cells))

    @cached_property
    def most(self) -> csr_array:
        """Orders x cells: each row times the counts is at most zero."""
        return _matrix([[(less, 1), (more, -1)] for less, more in self.orders], len(self.cells))

    def hold(self, counts: Ints) -> bool:
        """Whether counts fit together, reckoned in whole numbers."""
        sums = all(counts[whole] == sum(counts[list(parts)]) for whole, parts in self.sums)
        return sums and all(counts[less] <= counts[more] for less, more in self.orders)


def _matrix(rows: Sequence[Sequence[tuple[int, int]]], cells: int) -> csr_array:
    at = [(number, cell, sign) for number, row in enumerate(rows) for cell, sign in row]
    numbers, columns, signs = (np.array(one) for one in zip(*at, strict=True)) if at else ([], [], [])
    return csr_array((signs, (numbers, columns)), shape=(len(rows), cells), dtype=float)


@dataclass(frozen=True)
class Told:
    """What a reader knows of each cell: its count lies in low..high, both taken in."""

    low: Ints
    high: Ints

    def allows(self, counts: Ints) -> bool:
        """Whether counts contradict nothing that was told."""
        return bool(((self.low <= counts) & (counts <= self.high)).all())


def told(counts: Ints, hidden: Flags, *, base: int, cap: int) -> Told:
    """What publishing says: of a shown cell its count to the nearest `base`, of a hidden one that it is 0..`cap` people."""
    shown = rounded(counts, base)
    half = (base - 1) // 2
    return Told(
        np.where(hidden, 0, np.maximum(shown - half, 0)),
        np.where(hidden, cap, shown + half),
    )


def rounded(counts: Ints, base: int) -> Ints:
    """To the nearest multiple of an odd `base`, so that nothing lies half way: 12 -> 10, 13 -> 15 by fives. 1 keeps counts exact."""
    if base % 2 == 0:
        raise ValueError("An even base has counts half way between two multiples.")
    return (counts + base // 2) // base * base
