"""The arithmetic of connectivity/equity/README.md, worked again: what a lawyer reads there is what the program does."""

import numpy as np
import pytest

from connectivity.equity.disclosure.attack import check, interval
from connectivity.equity.disclosure.chain import BASE, CITY, WIDTH, Shape, chain
from connectivity.equity.disclosure.protect import protect
from connectivity.equity.disclosure.tables import Tables, Told, rounded, told

TRUE = np.array([4, 12, 30, 40, 86])
CITY_AND_AREAS = Tables(("A", "B", "C", "D", CITY), sums=((4, (0, 1, 2, 3)),))


def ends(known: Told, cell: int) -> tuple[int, int]:
    found = interval(CITY_AND_AREAS, known, cell)
    return found.low, found.high


def test_hiding_one_cell_of_an_exact_sum_hides_nothing() -> None:
    only_a = np.array([True, False, False, False, False])
    assert ends(told(TRUE, only_a, base=1, cap=1000), 0) == (4, 4)


def test_the_rules_withhold_a_and_b_and_leave_twenty_one() -> None:
    shape = Shape(key="eligible", cells=("A", "B", "C", "D"), whole=("eligible", CITY))
    counts = {("eligible", cell): int(count) for cell, count in zip(("A", "B", "C", "D", CITY), TRUE, strict=True)}
    hidden, _proof = protect(chain([shape], counts, []).question)
    assert hidden.tolist() == [True, True, False, False, False]
    assert rounded(TRUE, BASE)[2:].tolist() == [30, 40, 85]
    known = told(TRUE, hidden, base=BASE, cap=1000)
    assert [ends(known, cell) for cell in (0, 1)] == [(0, 21), (0, 21)]


def test_the_two_worlds_of_the_table_prove_it() -> None:
    hidden = np.array([True, True, False, False, False])
    worlds = [np.array([0, 21, 28, 38, 87]), np.array([21, 0, 28, 38, 87])]
    known = told(TRUE, hidden, base=BASE, cap=1000)
    assert check(CITY_AND_AREAS, known, hidden, worlds, width=21)
    assert not check(CITY_AND_AREAS, known, hidden, worlds, width=22)
    for world in worlds:
        assert rounded(world, BASE)[2:].tolist() == [30, 40, 85]


@pytest.mark.parametrize(("first", "third", "low", "high"), [(None, 30, 0, 32), (30, 30, 28, 32)])
def test_of_counts_that_grow_one_hidden_between_two_shown_lies_between_them(
    first: int | None, third: int, low: int, high: int
) -> None:
    """Told in the first, second and third quarter; the second is hidden."""
    tables = Tables((1, 2, 3), orders=((0, 1), (1, 2)))
    known = told(np.array([first or 0, 0, third]), np.array([first is None, True, False]), base=BASE, cap=1000)
    found = interval(tables, known, 1)
    assert (found.low, found.high) == (low, high)
    assert (found.width >= WIDTH) == (first is None)
