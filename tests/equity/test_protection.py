"""Protection and attack on tables small enough to count out every possible world, and on random programs over a chain of releases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectivity.equity.disclosure.attack import AttackFailed, Contradiction, check, interval, prove
from connectivity.equity.disclosure.protect import FIXED, Question, protect
from connectivity.equity.disclosure.tables import Flags, Ints, Tables, Told, rounded, told
from tests.equity import chains


def every_world(known: Told) -> Ints:
    """All worlds of `small` that fit, one after the other: what an attacker with all the time there is would list."""
    n1, n2, k1, k2 = np.meshgrid(*[np.arange(9)] * 4, indexing="ij")
    worlds = np.stack([n1, n2, n1 + n2, k1, k2, k1 + k2], axis=-1).reshape(-1, 6)
    worlds = worlds[(worlds[:, 3] <= worlds[:, 0]) & (worlds[:, 4] <= worlds[:, 1])]
    return worlds[((known.low <= worlds) & (worlds <= known.high)).all(axis=1)]


@st.composite
def small(draw: st.DrawFn) -> tuple[Tables, Ints, Flags, int]:
    """Two areas and their sum, each with people and the connected among them; counts of at most 4; any cells hidden; any rounding."""
    people = [draw(st.integers(0, 4)) for _ in range(2)]
    connected = [draw(st.integers(0, one)) for one in people]
    counts = np.array([*people, sum(people), *connected, sum(connected)])
    tables = Tables(
        ("n1", "n2", "n", "k1", "k2", "k"), sums=((2, (0, 1)), (5, (3, 4))), orders=((3, 0), (4, 1), (5, 2))
    )
    hidden = np.array([draw(st.booleans()) for _ in counts])
    return tables, counts, hidden, draw(st.sampled_from([1, 3]))


@given(small())
@settings(max_examples=60)
def test_the_ends_of_a_cell_are_those_of_all_worlds_counted_out(given: tuple[Tables, Ints, Flags, int]) -> None:
    tables, counts, hidden, base = given
    known = told(counts, hidden, base=base, cap=8)
    worlds = every_world(known)
    for cell in range(len(counts)):
        found = interval(tables, known, cell)
        assert (found.low, found.high) == (worlds[:, cell].min(), worlds[:, cell].max())


@given(small(), st.integers(1, 4))
@settings(max_examples=60)
def test_a_proof_holds_exactly_where_every_hidden_cell_is_wide_enough(
    given: tuple[Tables, Ints, Flags, int], width: int
) -> None:
    tables, counts, hidden, base = given
    known = told(counts, hidden, base=base, cap=8)
    worlds = every_world(known)
    spread = worlds.max(axis=0) - worlds.min(axis=0)
    proof = prove(tables, known, hidden, width=width, truth=counts)
    assert set(proof.narrow) == {cell for cell in np.flatnonzero(hidden) if spread[cell] < width}
    assert check(tables, known, hidden, proof.worlds, width=width) == proof.holds


def test_a_world_that_does_not_fit_proves_nothing() -> None:
    tables = Tables(("a", "b", "all"), sums=((2, (0, 1)),))
    hidden = np.array([True, True, False])
    known = told(np.array([5, 20, 25]), hidden, base=1, cap=100)
    assert check(tables, known, hidden, [np.array([5, 20, 25]), np.array([15, 10, 25])], width=10)
    assert not check(tables, known, hidden, [np.array([5, 20, 25]), np.array([15, 11, 26])], width=10)
    assert not check(tables, known, hidden, [np.array([5, 20, 25]), np.array([15, 11, 25])], width=10)
    assert not check(tables, known, hidden, [np.array([5, 20, 25])], width=10)
    assert not check(tables, known, hidden, [], width=10)


def test_counts_that_contradict_what_is_told_are_no_proof_but_an_error() -> None:
    tables = Tables(("a", "b", "all"), sums=((2, (0, 1)),))
    hidden = np.zeros(3, dtype=bool)
    with pytest.raises(Contradiction):
        prove(
            tables, told(np.array([5, 20, 26]), hidden, base=1, cap=100), hidden, width=10, truth=np.array([5, 20, 26])
        )


def test_counts_are_rounded_to_the_nearest_five() -> None:
    assert rounded(np.array([0, 2, 3, 7, 8, 12, 13]), 5).tolist() == [0, 0, 5, 5, 10, 10, 15]
    with pytest.raises(ValueError, match="half way"):
        rounded(np.array([5]), 10)


# By hand. One small area of 4: exact totals give it away, so a second one must go, and the cheapest that makes room is the area of 12.
# 3 and 5 withheld leave their sum, 8, known: each then lies in 0..8, too narrow for ten; a third must go.
@pytest.mark.parametrize(
    ("counts", "small", "withheld"),
    [((4, 12, 30, 40, 86), 1, 2), ((3, 5, 30, 40, 78), 2, 3)],
    ids=["what costs least goes beside a small one", "a hidden group that is itself small is not enough"],
)
def test_beside_small_areas_as_many_go_as_it_takes_and_the_cheapest(
    counts: tuple[int, ...], small: int, withheld: int
) -> None:
    places = np.arange(5)
    hidden, proof = protect(
        Question(
            tables=Tables(("a", "b", "c", "d", "all"), sums=((4, (0, 1, 2, 3)),)),
            counts=np.array(counts),
            rows=np.array([0, 1, 2, 3, FIXED]),
            withheld=places < small,
            loss=np.array(counts[:4], dtype=float),
            base=1,
            cap=1000,
            width=10,
            fewest=2,
        )
    )
    assert hidden.tolist() == (places < withheld).tolist()
    assert proof.holds


def test_nothing_is_published_where_no_choice_is_safe() -> None:
    tables = Tables(("a", "b", "all"), sums=((2, (0, 1)),))
    with pytest.raises(AttackFailed):
        protect(
            Question(
                tables=tables,
                counts=np.array([4, 2, 6]),
                rows=np.array([0, 1, FIXED]),
                withheld=np.array([True, False, False]),
                loss=np.array([4.0, 2.0]),
                base=1,
                cap=1000,
                width=10,
                fewest=2,
            )
        )


def _found_out(asked: Question, hidden: Flags) -> int:
    """Hidden cells that a reader of everything published knows to within less than ten people."""
    known = told(asked.counts, hidden, base=asked.base, cap=asked.cap)
    return len(prove(asked.tables, known, hidden, width=asked.width, truth=asked.counts).narrow)


def test_of_a_thousand_programs_hiding_small_cells_alone_gives_most_away_and_ours_none() -> None:
    chance = np.random.default_rng(20261123)
    naive = 0
    for number in range(1000):
        made = chains.program(chance)
        nothing = np.zeros(made.counts.shape, dtype=bool)
        [(_, asked)] = chains.questions(made, nothing, base=1 if number % 2 else 5)
        naive += _found_out(asked, asked.withheld) > 0
        hidden, proof = protect(asked)
        known = told(asked.counts, hidden, base=asked.base, cap=asked.cap)
        assert (hidden >= asked.withheld).all()
        assert check(asked.tables, known, hidden, proof.worlds, width=asked.width)
    assert naive > 100  # exact totals give single cells away; rounded ones seldom


def test_over_twelve_releases_no_earlier_figure_gives_a_withheld_one_away() -> None:
    chance = np.random.default_rng(12)
    for number in range(10):
        made = chains.program(chance, releases=12)
        hidden = np.zeros(made.counts.shape, dtype=bool)
        for at, asked in chains.questions(made, hidden, base=1 if number % 2 else 5):
            found, proof = protect(asked)
            hidden[at] = found.reshape(at + 1, *hidden.shape[1:])[at]
            assert (found.reshape(at + 1, *hidden.shape[1:])[:at] == hidden[:at]).all()
            known = told(asked.counts, found, base=asked.base, cap=asked.cap)
            assert check(asked.tables, known, found, proof.worlds, width=asked.width)


def test_releases_protected_one_by_one_give_away_what_the_chain_keeps() -> None:
    """Contacted only grows: a cell hidden between two shown ones of other releases lies between them."""
    made = chains.Program(
        np.array([[[60, 300, 360], [30, 200, 230], [20, 100, 120]], [[60, 300, 360], [30, 200, 230], [20, 100, 120]]])
    )
    tables = chains.tables(made, 2)
    hidden = np.zeros(made.counts.shape, dtype=bool)
    hidden[0, chains.CONTACTED, :2] = True  # as if only the first release had had a reason
    found = interval(
        tables, told(made.counts.ravel(), hidden.ravel(), base=1, cap=1000), tables.place[0, chains.CONTACTED, 0]
    )
    assert (found.low, found.high) == (30, 30)
