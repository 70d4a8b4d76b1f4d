"""A release and all those before it as one set of tables: what binds their cells, and which counts are small. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from connectivity.equity.disclosure.attack import Contradiction, complete
from connectivity.equity.disclosure.protect import FIXED, Question
from connectivity.equity.disclosure.tables import Flags, Ints, Tables

Cell = tuple[str, str]  # table, cell of it
CITY = "city"

SMALLEST = 10  # ISBE's report card shows no group under ten; so do most states (NCES 2011-603)
WIDTH = 10  # a reader must be left with a range at least this wide
FEWEST = 2  # withheld cells of a sum that is shown
BASE = 5  # counts are published to the nearest five (the “10-5 rule” of the UK's Office for National Statistics)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One table of counts. `whole`: the cell that its cells add up to, its own CITY unless it splits another table's.

    `within`: the table of the group that it is part of: group and rest must both be large enough, and where the group is withheld so is it.
    `below`: tables that it can never exceed, cell by cell. `split_of`: a table that this one and its sisters add up to, cell by cell.
    `grows`: whoever is counted once is counted at every later day of the year.
    """

    key: str
    cells: tuple[str, ...]
    whole: Cell
    within: str = ""
    below: tuple[str, ...] = ()
    split_of: str = ""
    grows: bool = False

    @property
    def own(self) -> tuple[str, ...]:
        """Its cells, and its sum where that is its own."""
        return (*self.cells, CITY) if self.whole == (self.key, CITY) else self.cells


Published = Mapping[Cell, int | None]  # None: withheld


@dataclass(frozen=True)
class Chain:
    """The question of the newest release, with the place of each of its cells among all of them. Those of earlier releases come first."""

    question: Question
    place: Mapping[Cell, int]


def chain(shapes: Sequence[Shape], counts: Mapping[Cell, int], earlier: Sequence[Published]) -> Chain:
    """The question that `protect` answers. `earlier`: the releases of the same program year, oldest first.

    Raises Contradiction where an earlier release cannot be true of any people, AttackFailed where a solver came to no end.
    """
    cells = [(at, *cell) for at in range(len(earlier) + 1) for cell in _cells(shapes) if _exists(cell, earlier, at)]
    place = {cell: number for number, cell in enumerate(cells)}
    now = len(earlier)
    sums, orders = tuple(_sums(shapes, place, now)), tuple(_orders(shapes, place, now))
    cap = max(1000, 4 * max(counts.values(), default=0))
    values, hidden = _told(cells, counts, earlier)
    small = _small(shapes, counts)
    masked = np.array(
        [at == now and ((table, cell) in small or _was_withheld((table, cell), earlier)) for at, table, cell in cells]
    )
    world, tables = _world(cells, sums, orders, tuple(_growth(shapes, place, now)), values, hidden, now=now, cap=cap)
    rows = np.array([number if cell[0] == now else FIXED for number, cell in enumerate(cells)])
    first = int(np.argmax(rows != FIXED))
    rows[rows != FIXED] -= first
    loss = np.array([_loss(cell, world[place[cell]]) for cell in cells[first:]])
    question = Question(
        tables=tables,
        counts=world,
        rows=rows,
        withheld=hidden | masked,
        loss=loss,
        follow=[(place[now, *one] - first, place[now, *other] - first) for one, other in _follow(shapes)],
        base=BASE,
        cap=cap,
        width=WIDTH,
        fewest=FEWEST,
    )
    return Chain(question, {(table, cell): place[now, table, cell] for _, table, cell in cells[first:]})


def _cells(shapes: Sequence[Shape]) -> Iterator[Cell]:
    return ((one.key, cell) for one in shapes for cell in one.own)


def _exists(cell: Cell, earlier: Sequence[Published], at: int) -> bool:
    """An earlier release may lack a table that came later."""
    return at == len(earlier) or cell in earlier[at]


Place = Mapping[tuple[int, str, str], int]
Pairs = Iterator[tuple[int, int]]


def _sums(shapes: Sequence[Shape], place: Place, now: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    for at in range(now + 1):
        for one in shapes:
            whole, parts = place.get((at, *one.whole)), [place.get((at, one.key, cell)) for cell in one.cells]
            if whole is not None and None not in parts:
                yield whole, tuple(part for part in parts if part is not None)
        yield from _splits(shapes, place, at)


def _splits(shapes: Sequence[Shape], place: Place, at: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    for key in dict.fromkeys(one.split_of for one in shapes if one.split_of):
        sisters = [one.key for one in shapes if one.split_of == key]
        for cell in next(one for one in shapes if one.key == key).own:
            whole, parts = place.get((at, key, cell)), [place.get((at, sister, cell)) for sister in sisters]
            if whole is not None and None not in parts:
                yield whole, tuple(part for part in parts if part is not None)


def _orders(shapes: Sequence[Shape], place: Place, now: int) -> Pairs:
    for at in range(now + 1):
        for one in shapes:
            for other in dict.fromkeys((*one.below, one.within)):
                for cell in one.own:
                    less, more = place.get((at, one.key, cell)), place.get((at, other, cell))
                    if less is not None and more is not None:
                        yield less, more


def _growth(shapes: Sequence[Shape], place: Place, now: int) -> Pairs:
    for one in shapes:
        for cell in one.own if one.grows else ():
            for at in range(now):
                before, after = place.get((at, one.key, cell)), place.get((at + 1, one.key, cell))
                if before is not None and after is not None:
                    yield before, after


def _told(
    cells: Sequence[tuple[int, str, str]], counts: Mapping[Cell, int], earlier: Sequence[Published]
) -> tuple[Ints, Flags]:
    """(the counts now and what was published before, which of those before were withheld)."""
    values, hidden = np.zeros(len(cells), dtype=np.int64), np.zeros(len(cells), dtype=bool)
    for number, (at, *cell) in enumerate(cells):
        said = earlier[at][cell[0], cell[1]] if at < len(earlier) else counts[cell[0], cell[1]]
        values[number], hidden[number] = said or 0, said is None
    return values, hidden


def _world(
    cells: Sequence[tuple[int, str, str]],
    sums: tuple[tuple[int, tuple[int, ...]], ...],
    orders: tuple[tuple[int, int], ...],
    growth: tuple[tuple[int, int], ...],
    values: Ints,
    hidden: Flags,
    *,
    now: int,
    cap: int,
) -> tuple[Ints, Tables]:
    """Counts of all releases that fit everything told, those of now as they are; and the tables with the growth that contradicts nothing.

    What earlier releases withheld is kept nowhere. Families move from area to area, so growth need not be true: a reader is granted it
    wherever it can be, first in every cell, else in the city's.
    """
    exact = np.array([cell[0] == now for cell in cells])
    city = tuple(pair for pair in growth if cells[pair[0]][2] == CITY)
    for granted in (growth, city):
        tables = Tables(tuple(cells), sums, orders + granted)
        with suppress(Contradiction):
            return complete(tables, values, hidden, exact, base=BASE, cap=cap), tables
    tables = Tables(tuple(cells), sums, orders)
    return complete(tables, values, hidden, exact, base=BASE, cap=cap), tables


def _small(shapes: Sequence[Shape], counts: Mapping[Cell, int]) -> set[Cell]:
    """Cells that are too small to show: the count, its group, or the rest of its group. Zero is small where there is a group at all."""
    found = set()
    for one in shapes:
        for cell in one.own:
            count = counts[one.key, cell]
            group = counts[one.within, cell] if one.within and (one.within, cell) in counts else None
            small = 0 < count < SMALLEST if group is None else group > 0 and min(count, group - count) < SMALLEST
            if small:
                found.add((one.key, cell))
    return found


def _was_withheld(cell: Cell, earlier: Sequence[Published]) -> bool:
    """Withheld once, withheld to the end of the program year: a cell that comes and goes tells when it crossed the line."""
    return any(cell in one and one[cell] is None for one in earlier)


def _follow(shapes: Sequence[Shape]) -> Iterator[tuple[Cell, Cell]]:
    """(cell of a group, cell within it that is withheld with it)."""
    known = set(_cells(shapes))
    return (
        ((one.within, cell), (one.key, cell))
        for one in shapes
        for cell in one.own
        if one.within and (one.within, cell) in known
    )


def _loss(cell: tuple[int, str, str], count: int) -> float:
    """What withholding costs: the people of the cell; the city's own figure goes last."""
    return float(count + 1) * (1000 if cell[2] == CITY else 1)
