"""Releases one after the other, as a reader who keeps all of them sees them: what binds their tables, and what is withheld in each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from connectivity.equity.disclosure.attack import Contradiction, check, interval
from connectivity.equity.disclosure.chain import BASE, CITY, SMALLEST, WIDTH, Cell, Chain, Published, Shape, chain
from connectivity.equity.disclosure.protect import protect
from connectivity.equity.disclosure.tables import Flags, rounded, told

AREAS = tuple(f"area {number}" for number in range(1, 9))


def by_area(key: str, within: str = "", **given: object) -> Shape:
    return Shape(key=key, cells=AREAS, whole=(key, CITY), within=within, **given)  # type: ignore[arg-type]


SHAPES = (
    by_area("eligible", grows=True),
    by_area("contacted", "eligible", grows=True),
    by_area("active", "eligible", below=("contacted",)),
    by_area("wired", "active", split_of="active"),
    by_area("hotspot", "active", split_of="active"),
    Shape(key="eligible by language", cells=("en", "es", "other"), whole=("eligible", CITY)),
    Shape(key="active by language", cells=("en", "es", "other"), whole=("active", CITY), within="eligible by language"),
)


class Town:
    """A program that goes on: sizes of areas are the same, counts of one release follow those of the one before."""

    def __init__(self, seed: int) -> None:
        self.chance = np.random.default_rng(seed)
        self.eligible = self.chance.choice([3, 8, 14, 40, 120, 900], len(AREAS))
        self.contacted = np.zeros_like(self.eligible)

    def counts(self) -> dict[Cell, int]:
        chance = self.chance
        self.eligible = self.eligible + chance.integers(0, 4, len(AREAS))
        self.contacted = np.maximum(self.contacted, chance.binomial(self.eligible, 0.6))
        active = chance.binomial(self.contacted, 0.6)
        hotspot = chance.binomial(active, 0.2)
        by_key = {"eligible": self.eligible, "contacted": self.contacted, "active": active}
        by_key |= {"wired": active - hotspot, "hotspot": hotspot}
        found = {
            (key, area): int(count) for key, values in by_key.items() for area, count in zip(AREAS, values, strict=True)
        }
        found |= {(key, CITY): int(values.sum()) for key, values in by_key.items()}
        spoken = dict.fromkeys(("en", "es", "other"), (0, 0))
        for area, (whole, part) in enumerate(zip(self.eligible, active, strict=True)):
            language = ("en", "es", "en", "other")[area % 4]
            spoken[language] = (spoken[language][0] + int(whole), spoken[language][1] + int(part))
        for language, (whole, part) in spoken.items():
            found["eligible by language", language] = whole
            found["active by language", language] = part
        return found


def published(made: Chain, hidden: Flags) -> Published:
    values = rounded(made.question.counts, BASE)
    return {cell: None if hidden[place] else int(values[place]) for cell, place in made.place.items()}


def release(counts: Mapping[Cell, int], earlier: Sequence[Published], shapes: Sequence[Shape] = SHAPES) -> Published:
    """Protects and proves; the proof is checked in whole numbers."""
    made = chain(shapes, counts, earlier)
    hidden, proof = protect(made.question)
    asked = made.question
    known = told(asked.counts, hidden, base=asked.base, cap=asked.cap)
    assert check(asked.tables, known, hidden, proof.worlds, width=WIDTH)
    return published(made, hidden)


@pytest.mark.parametrize("seed", range(12))
def test_over_eight_releases_nothing_small_is_shown_and_what_was_withheld_stays_so(seed: int) -> None:
    town, earlier = Town(seed), list[Published]()
    for _ in range(8):
        counts = town.counts()
        shown = release(counts, earlier)
        for (key, cell), value in shown.items():
            within = next(shape.within for shape in SHAPES if shape.key == key)
            group = counts.get((within, cell), 0)
            if value is None:
                continue
            assert abs(value - counts[key, cell]) <= BASE // 2
            assert counts[key, cell] >= SMALLEST or (counts[key, cell] == 0 and group == 0)
            assert group == 0 or group - counts[key, cell] >= SMALLEST
            assert group == 0 or shown[within, cell] is not None
            assert all(one.get((key, cell), 0) is not None for one in earlier)
        earlier.append(shown)


def test_a_chain_asks_about_the_newest_release_alone_and_knows_what_the_others_told() -> None:
    town = Town(1)
    first = release(town.counts(), [])
    counts = town.counts()
    made = chain(SHAPES, counts, [first])
    size = len(first)
    assert len(made.question.tables.cells) == 2 * size
    assert (made.question.rows[:size] == -1).all()
    assert made.question.counts[size:].tolist() == [counts[cell] for cell in made.place]
    before = rounded(made.question.counts[:size], BASE)
    for place, (cell, value) in enumerate(first.items()):
        assert made.question.withheld[place] == (value is None)
        assert value is None or before[place] == value, cell


# By hand: 4 of the 64 in one area; the other three are shown. The hidden one must leave room for ten: 64 less 60 would leave 4 exactly.
def test_exact_sums_are_never_enough_to_find_a_small_area() -> None:
    shapes = [Shape(key="eligible", cells=("a", "b", "c", "d"), whole=("eligible", CITY))]
    counts = {
        ("eligible", cell): count for cell, count in zip(("a", "b", "c", "d", CITY), (4, 20, 20, 20, 64), strict=True)
    }
    shown = release(counts, [], shapes)
    assert shown["eligible", "a"] is None
    assert (
        sum(value is None for cell, value in shown.items() if cell[1] != CITY) >= 2 or shown["eligible", CITY] is None
    )


def test_a_group_that_grows_gives_no_earlier_count_away() -> None:
    """Without the chain: 30 of 60 contacted now, 25 before, so a cell withheld only then would lie between two shown ones."""
    shapes = [
        Shape(
            key=key,
            cells=("a", "b", "c"),
            whole=(key, CITY),
            within="eligible" if key == "contacted" else "",
            grows=True,
        )
        for key in ("eligible", "contacted")
    ]
    eligible, contacted = (60, 300, 200), (8, 200, 100)
    first = release(_counts(eligible, contacted), [], shapes)
    assert first["contacted", "a"] is None
    later = release(_counts(eligible, (30, 220, 120)), [first], shapes)
    assert later["contacted", "a"] is None
    made = chain(shapes, _counts(eligible, (31, 221, 121)), [first, later])
    hidden, _proof = protect(made.question)
    asked = made.question
    known = told(asked.counts, hidden, base=asked.base, cap=asked.cap)
    for place in np.flatnonzero(hidden):
        assert interval(asked.tables, known, int(place)).width >= WIDTH


def _counts(eligible: Sequence[int], contacted: Sequence[int]) -> dict[Cell, int]:
    found = dict[Cell, int]()
    for key, values in (("eligible", eligible), ("contacted", contacted)):
        found |= {(key, cell): count for cell, count in zip(("a", "b", "c"), values, strict=True)} | {
            (key, CITY): sum(values)
        }
    return found


def test_an_earlier_release_that_fits_no_people_is_an_error_and_not_a_proof() -> None:
    shapes = [Shape(key="eligible", cells=("a", "b"), whole=("eligible", CITY))]
    counts = {("eligible", "a"): 50, ("eligible", "b"): 60, ("eligible", CITY): 110}
    with pytest.raises(Contradiction):
        chain(shapes, counts, [{("eligible", "a"): 50, ("eligible", "b"): 60, ("eligible", CITY): 200}])


def test_families_that_move_away_are_no_contradiction() -> None:
    shapes = [replace(by_area("eligible", grows=True), cells=("a", "b"), whole=("eligible", CITY))]
    first = {("eligible", "a"): 100, ("eligible", "b"): 50, ("eligible", CITY): 150}
    moved = {("eligible", "a"): 60, ("eligible", "b"): 95, ("eligible", CITY): 155}
    assert release(moved, [first], shapes) == {("eligible", "a"): 60, ("eligible", "b"): 95, ("eligible", CITY): 155}


def test_a_table_that_is_new_joins_the_chain() -> None:
    town = Town(3)
    counts = town.counts()
    first = {cell: value for cell, value in release(counts, []).items() if cell[0] != "hotspot"}
    assert ("hotspot", AREAS[0]) in release(town.counts(), [first])
