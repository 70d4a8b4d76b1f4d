"""Random programs in a few areas, and their releases one after the other, as protection and attack see them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from connectivity.equity.disclosure.protect import FIXED, Question
from connectivity.equity.disclosure.tables import Flags, Ints, Tables

SMALLEST, WIDTH, FEWEST, CAP = 10, 10, 2, 10_000
STAGES = 3  # eligible, contacted (ever), active (now)
ELIGIBLE, CONTACTED = 0, 1


@dataclass
class Program:
    """True counts: release x stage x area, the last area's place holding the city's sum."""

    counts: Ints

    @property
    def areas(self) -> int:
        return self.counts.shape[2] - 1


def program(chance: np.random.Generator, *, areas: int = 8, releases: int = 1) -> Program:
    """Small and large areas, growing from release to release; whoever was contacted stays so, whoever is active was contacted."""
    sizes = chance.choice([4, 9, 15, 40, 120, 800], areas)
    counts = np.zeros((releases, STAGES, areas + 1), dtype=np.int64)
    for at in range(releases):
        eligible = sizes + chance.integers(0, 3, areas) * at
        before = counts[at - 1, CONTACTED, :areas] if at else np.zeros(areas, dtype=np.int64)
        contacted = np.maximum(before, chance.binomial(eligible, 0.4 + 0.04 * at))
        eligible = np.maximum(eligible, contacted)
        active = chance.binomial(contacted, 0.6)
        counts[at, :, :areas] = eligible, contacted, active
    counts[:, :, areas] = counts[:, :, :areas].sum(axis=2)
    return Program(counts)


def tables(made: Program, releases: int) -> Tables:
    """The cells of the first releases, in the order of `counts`, and what binds them within and between releases."""
    cells = [(at, stage, area) for at in range(releases) for stage in range(STAGES) for area in range(made.areas + 1)]
    place = {cell: number for number, cell in enumerate(cells)}
    sums, orders = [], []
    for at in range(releases):
        for stage in range(STAGES):
            parts = tuple(place[at, stage, area] for area in range(made.areas))
            sums.append((place[at, stage, made.areas], parts))
            if stage:
                orders += [(place[at, stage, area], place[at, stage - 1, area]) for area in range(made.areas)]
        if at:
            orders += [(place[at - 1, CONTACTED, area], place[at, CONTACTED, area]) for area in range(made.areas)]
    return Tables(tuple(cells), tuple(sums), tuple(orders))


def small(made: Program, at: int) -> Flags:
    """Stage x area: cells that are small themselves, in their group, or in its rest. The city's sums are large here."""
    counts = made.counts[at, :, : made.areas]
    few = (counts < SMALLEST) | (counts[ELIGIBLE] < SMALLEST)
    few[1:] |= counts[ELIGIBLE] - counts[1:] < SMALLEST
    return np.column_stack([few, np.zeros(STAGES, dtype=bool)])


def questions(made: Program, hidden: Flags, *, base: int) -> Iterator[tuple[int, Question]]:
    """Each release's question in turn; whoever answers writes the answer into `hidden` (as `counts`) before asking for the next."""
    size = STAGES * (made.areas + 1)
    for at in range(made.counts.shape[0]):
        mask = small(made, at) | (hidden[at - 1] if at else False)
        rows = np.full((at + 1, STAGES, made.areas + 1), FIXED)
        rows[at] = np.arange(size).reshape(STAGES, made.areas + 1)
        loss = made.counts[at].astype(float) + 1
        loss[:, made.areas] = 1e4  # a city's sum goes last
        yield (
            at,
            Question(
                tables=tables(made, at + 1),
                counts=made.counts[: at + 1].ravel(),
                rows=rows.ravel(),
                withheld=np.concatenate([hidden[:at], mask[None]]).ravel(),
                loss=loss.ravel(),
                follow=[
                    (int(rows[at, ELIGIBLE, area]), int(rows[at, stage, area]))
                    for area in range(made.areas)
                    for stage in range(1, STAGES)
                ],
                base=base,
                cap=CAP,
                width=WIDTH,
                fewest=FEWEST,
            ),
        )
