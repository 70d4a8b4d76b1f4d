"""The attack: what a reader who holds everything published can work out of each hidden cell, and the proof that it is too little. Pure.

A linear program (HiGHS) finds the ends of what is possible. A proof does not rest on the solver: it is a few worlds, each a whole
number for every cell, that fit all that was told and differ enough in every hidden cell; whole-number arithmetic checks them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp
from scipy.sparse import block_array, csr_array, identity

from connectivity.equity.disclosure.tables import Flags, Ints, Tables, Told, told

Floats = NDArray[np.float64]
NEAR = 1e-6  # how far HiGHS may stray from a whole number
ROUNDS = 12  # of worlds that serve many cells at once; what is left is solved cell by cell


class AttackFailed(RuntimeError):
    """The solver came to no end, so nothing is proved and nothing may be published."""


class Contradiction(AttackFailed):
    """What was told cannot be true of any people: a fault in the tables or in the counts."""


@dataclass(frozen=True)
class Interval:
    """What a reader can work out of one cell: its least and greatest count, and a world for each."""

    low: int
    high: int
    worlds: tuple[Ints, Ints]

    @property
    def width(self) -> int:
        return self.high - self.low


@dataclass
class Proof:
    """For every cell the least and greatest count among `worlds`: a reader can rule out none of them. `narrow`: cells that fail."""

    low: Ints
    high: Ints
    worlds: list[Ints] = field(default_factory=list)
    narrow: dict[int, Interval] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not self.narrow

    def add(self, world: Ints) -> None:
        self.worlds.append(world)
        self.low = np.minimum(self.low, world)
        self.high = np.maximum(self.high, world)


def interval(tables: Tables, known: Told, cell: int) -> Interval:
    """The exact ends for one cell. Raises AttackFailed."""
    least, most = (_end(tables, known, cell, sign) for sign in (1, -1))
    return Interval(int(least[cell]), int(most[cell]), (least, most))


def _end(tables: Tables, known: Told, cell: int, sign: int) -> Ints:
    goal = np.zeros(len(tables.cells))
    goal[cell] = sign
    found = solve(tables, known, goal)
    world: Ints = np.rint(found.x).astype(np.int64)
    if np.abs(found.x - world).max() < NEAR and _fits(tables, known, world):
        return world
    return _whole(tables, known, goal)


def solve(tables: Tables, known: Told, goal: Floats) -> OptimizeResult:
    """The linear program: least `goal` times counts, over all that was told. Raises AttackFailed."""
    found = linprog(
        goal,
        A_ub=tables.most if tables.orders else None,
        b_ub=np.zeros(len(tables.orders)) if tables.orders else None,
        A_eq=tables.equal if tables.sums else None,
        b_eq=np.zeros(len(tables.sums)) if tables.sums else None,
        bounds=np.column_stack([known.low, known.high]),
        method="highs",
    )
    if found.status == 2:
        raise Contradiction("What is told of these tables fits no people at all.")
    if found.status != 0:
        raise AttackFailed(f"The solver stopped: {found.message}")
    return found


def _whole(tables: Tables, known: Told, goal: Floats) -> Ints:
    """The same over whole numbers, where the linear program's end is not one."""
    constraints = []
    if tables.orders:
        constraints.append(LinearConstraint(tables.most, -np.inf, 0))
    if tables.sums:
        constraints.append(LinearConstraint(tables.equal, 0, 0))
    found = milp(goal, integrality=1, bounds=Bounds(known.low, known.high), constraints=constraints)
    if found.status == 2:
        raise Contradiction("What is told of these tables fits no whole people.")
    if found.x is None or found.status != 0:
        raise AttackFailed(f"The solver stopped: {found.message}")
    world: Ints = np.rint(found.x).astype(np.int64)
    if not _fits(tables, known, world):
        raise AttackFailed("The solver's answer does not fit what was told.")
    return world


def _fits(tables: Tables, known: Told, world: Ints) -> bool:
    return known.allows(world) and tables.hold(world)


def complete(tables: Tables, values: Ints, hidden: Flags, exact: Flags, *, base: int, cap: int) -> Ints:
    """One world that fits what is told: `exact` cells as they are, shown ones to the nearest `base`, hidden ones anything up to `cap`.

    Raises Contradiction where there is none, AttackFailed.
    """
    known = told(values, hidden & ~exact, base=base, cap=cap)
    known = Told(np.where(exact, values, known.low), np.where(exact, values, known.high))
    goal = np.zeros(len(tables.cells))
    world: Ints = np.rint(solve(tables, known, goal).x).astype(np.int64)
    return world if _fits(tables, known, world) else _whole(tables, known, goal)


def prove(tables: Tables, known: Told, hidden: Flags, *, width: int, truth: Ints, seed: int = 0) -> Proof:
    """Shows that every hidden cell can be `width` apart, or says which cannot. `truth`: the counts themselves, one world that fits.

    Raises Contradiction where the truth does not fit what was told, AttackFailed where a solver came to no end.
    """
    if not _fits(tables, known, truth):
        raise Contradiction("The counts do not fit what is told of them.")
    proof = Proof(truth.copy(), truth.copy(), [truth])
    chance = np.random.default_rng(seed)
    for _ in range(ROUNDS):
        open_cells = np.flatnonzero(hidden & (proof.high - proof.low < width))
        if not len(open_cells):
            return proof
        up = chance.random(len(open_cells)) < 0.5
        before = _left(proof, open_cells, width)
        for world in _spread(tables, known, proof, open_cells, up, width):
            proof.add(world)
        if _left(proof, open_cells, width) == before:
            break
    for cell in np.flatnonzero(hidden):
        if proof.high[cell] - proof.low[cell] < width:
            found = interval(tables, known, int(cell))
            for world in found.worlds:
                proof.add(world)
            if found.width < width:
                proof.narrow[int(cell)] = found
    return proof


def _left(proof: Proof, cells: Ints, width: int) -> int:
    return int(np.maximum(width - (proof.high - proof.low)[cells], 0).sum())


def _spread(tables: Tables, known: Told, proof: Proof, cells: Ints, up: Flags, width: int) -> Iterable[Ints]:
    """Two worlds that pull the open cells apart: those of `up` above, the others below, then the other way round.

    Each cell counts up to its width alone, so that no single one takes all the room of a sum.
    """
    for way in (up, ~up):
        sign = np.where(way, 1, -1)
        # Far enough from the other end of what is proved already.
        aim = np.where(way, proof.low[cells] + width, proof.high[cells] - width) * sign
        world = _pulled(tables, known, cells, sign, aim)
        if world is not None:
            yield world


def _pulled(tables: Tables, known: Told, cells: Ints, sign: Ints, aim: Ints) -> Ints | None:
    """Most of the sum of t, where t <= sign * count and t <= aim for each of `cells`; None where the answer is no whole world."""
    count, pulled = len(tables.cells), len(cells)
    pick = csr_array((np.ones(pulled), (np.arange(pulled), cells)), shape=(pulled, count))
    wanted = csr_array(identity(pulled))
    rows = [[-pick.multiply(sign[:, None]), wanted]]
    if tables.orders:
        rows.append([tables.most, None])
    limits = np.zeros(pulled + len(tables.orders))
    equal = block_array([[tables.equal, csr_array((len(tables.sums), pulled))]]) if tables.sums else None
    low = np.concatenate([known.low, np.full(pulled, -np.inf)])
    high = np.concatenate([known.high, aim])
    found = linprog(
        np.concatenate([np.zeros(count), -np.ones(pulled)]),
        A_ub=block_array(rows, format="csr"),
        b_ub=limits,
        A_eq=equal,
        b_eq=np.zeros(len(tables.sums)) if tables.sums else None,
        bounds=np.column_stack([low, high]),
        method="highs",
    )
    if found.status != 0:
        return None
    world = np.rint(found.x[:count]).astype(np.int64)
    return world if _fits(tables, known, world) else None


def check(tables: Tables, known: Told, hidden: Flags, worlds: Sequence[Ints], *, width: int) -> bool:
    """Whether worlds prove what they should, in whole numbers and without a solver: anybody can repeat it."""
    if not worlds or not all(_fits(tables, known, world) for world in worlds):
        return False
    spread = np.max(worlds, axis=0) - np.min(worlds, axis=0)
    return bool((spread[hidden] >= width).all())
