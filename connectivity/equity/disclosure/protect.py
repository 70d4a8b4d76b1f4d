"""The choice of what else is withheld so that no withheld cell can be worked out, with the least information lost. Pure.

Cell suppression as an integer program with cuts (Fischetti and Salazar, "Models and Algorithms for Optimizing Cell Suppression in
Tabular Data with Linear Constraints", Journal of the American Statistical Association 95, 2000): the master program picks rows to
withhold, the attack tries to break the pick, and where it succeeds its dual prices say which rows, withheld, would have stopped it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from connectivity.equity.disclosure.attack import AttackFailed, Floats, Proof, prove, solve
from connectivity.equity.disclosure.tables import Flags, Ints, Tables, told

FIXED = -1  # the row of a cell that is published, or withheld, already
MOST_CUTS = 200  # rounds
GAP = 0.001  # of the information lost that a better choice might still save


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is to be decided. A row of cells is withheld as a whole.

    `rows`: the row of each cell, or FIXED. `withheld`: cells that are withheld whatever is decided: small ones, those of the mask,
    and those of earlier releases. `loss`: what withholding each row costs. `follow`: (row, row that is withheld with it).
    """

    tables: Tables
    counts: Ints
    rows: Ints
    withheld: Flags
    loss: Floats
    follow: Sequence[tuple[int, int]] = ()
    base: int
    cap: int
    width: int
    fewest: int


@dataclass
class _Master:
    """The program over rows: costs, what must be, and the cuts so far."""

    loss: Floats
    low: Floats
    cuts: list[dict[int, float]] = field(default_factory=list)
    least: list[float] = field(default_factory=list)

    def add(self, weights: dict[int, float], least: float) -> None:
        self.cuts.append(weights)
        self.least.append(least)

    def pick(self) -> Flags:
        rows = len(self.loss)
        entries = [(number, row, weight) for number, cut in enumerate(self.cuts) for row, weight in cut.items()]
        constraints = []
        if entries:
            numbers, columns, weights = zip(*entries, strict=True)
            matrix = csr_array((weights, (numbers, columns)), shape=(len(self.cuts), rows))
            constraints.append(LinearConstraint(matrix, np.array(self.least), np.inf))
        found = milp(
            self.loss,
            integrality=1,
            bounds=Bounds(self.low, 1),
            constraints=constraints,
            options={"mip_rel_gap": GAP},
        )
        if found.x is None:
            raise AttackFailed(f"No choice of rows to withhold would do: {found.message}")
        picked: Flags = found.x > 0.5
        return picked


def protect(asked: Question) -> tuple[Flags, Proof]:
    """Cells to withhold, and the proof that it is enough. Raises AttackFailed where no choice is enough, or none is found in time."""
    rows = len(asked.loss)
    forced = np.unique(asked.rows[asked.withheld & (asked.rows != FIXED)])
    low = np.zeros(rows)
    low[forced] = 1
    master = _Master(asked.loss, low)
    for row, other in asked.follow:
        master.add({row: -1, other: 1}, 0)
    _never_few(asked, master)
    for _ in range(MOST_CUTS):
        hidden = _cells(asked, master.pick())
        proof = _proved(asked, hidden)
        if proof.holds:
            return hidden, proof
        if not [_cut(asked, hidden, cell, master) for cell in proof.narrow].count(True):
            name = asked.tables.cells[next(iter(proof.narrow))]
            raise AttackFailed(f"Whatever is withheld, {name} can be worked out from what was published before.")
    raise AttackFailed(f"No safe choice was found in {MOST_CUTS} rounds.")


def _cells(asked: Question, picked: Flags) -> Flags:
    free = asked.rows != FIXED
    hidden = asked.withheld.copy()
    hidden[free] |= picked[asked.rows[free]]
    return hidden


def _proved(asked: Question, hidden: Flags) -> Proof:
    known = told(asked.counts, hidden, base=asked.base, cap=asked.cap)
    return prove(asked.tables, known, hidden, width=asked.width, truth=asked.counts)


def _never_few(asked: Question, master: _Master) -> None:
    """Of the parts of a shown sum none is withheld, or at least the fewest: no attack is needed to see through one alone."""
    for whole, parts in asked.tables.sums:
        decided = [part for part in parts if asked.rows[part] != FIXED]
        already = sum(bool(asked.withheld[part]) for part in parts if asked.rows[part] == FIXED)
        fewest = min(asked.fewest, len(parts)) - already
        if fewest <= 1 and not already:
            continue
        escape = {int(asked.rows[whole]): float(fewest)} if asked.rows[whole] != FIXED else {}
        for part in decided:
            weights = {int(asked.rows[one]): 1.0 for one in decided}
            weights[int(asked.rows[part])] -= fewest
            for row, weight in escape.items():
                weights[row] = weights.get(row, 0) + weight
            master.add(weights, 0)


def _cut(asked: Question, hidden: Flags, cell: int, master: _Master) -> bool:
    """What the attack on one cell says about every choice: how far each row, withheld, would widen what can be worked out.

    The ends of an interval are, by duality, bounded for every choice by prices times what is told under that choice.
    """
    tables = asked.tables
    known = told(asked.counts, hidden, base=asked.base, cap=asked.cap)
    shown = told(asked.counts, np.zeros_like(hidden), base=asked.base, cap=asked.cap)
    free = (asked.rows != FIXED) & ~asked.withheld
    always = told(asked.counts, asked.withheld, base=asked.base, cap=asked.cap)
    room, wider = 0.0, np.zeros(len(tables.cells))
    for sign in (1, -1):
        goal = np.zeros(len(tables.cells))
        goal[cell] = sign
        found = solve(tables, known, goal)
        low, high = np.maximum(found.lower.marginals, 0), np.minimum(found.upper.marginals, 0)
        # least >= low * (shown low or 0) + high * (shown high or cap): withholding lowers it.
        room -= float(low @ always.low + high @ always.high)
        wider += np.where(free, low * shown.low - high * (asked.cap - shown.high), 0)
    need = asked.width - room
    weights: dict[int, float] = {}
    for at in np.flatnonzero(wider > 1e-9):
        row = int(asked.rows[at])
        weights[row] = weights.get(row, 0.0) + float(wider[at])
    own = int(asked.rows[cell]) if free[cell] else FIXED
    need -= weights.pop(own, 0.0)
    already = sum(weight for row, weight in weights.items() if hidden[asked.rows == row].any())
    if need <= 0 or already >= need:
        # Whole numbers are narrower than the program: some row that is shown and binds must go.
        need = already + 1e-6
    helping = {row: min(weight, need) for row, weight in weights.items()}
    if not any(not hidden[asked.rows == row].any() for row in helping):
        return False
    if own != FIXED:
        helping[own] = -need
        master.add(helping, 0)
    else:
        master.add(helping, need)
    return True
