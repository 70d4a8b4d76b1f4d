"""Shares and sizes as they are published: each step of the ladder by hand, and what no share may ever say."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectivity.equity.bands import LADDER, SMALLEST, share, size


# Each by hand: 3 of 400 is 0.75%, so 1%, the end; 45 of 100 is 45%; 12 of 25 is 48%, so the forties; 3 of 15 is 20%, the end.
@pytest.mark.parametrize(
    ("part", "group", "written"),
    [
        (3, 400, "1% or less"),
        (397, 400, "99% or more"),
        (248, 400, "62%"),
        (6, 400, "2%"),  # 1.5%, half up
        (45, 100, "45%"),
        (2, 100, "2% or less"),
        (98, 100, "98% or more"),
        (3, 100, "3%"),
        (2, 40, "5% or less"),
        (38, 40, "95% or more"),
        (20, 40, "50%"),
        (12, 25, "40–49%"),
        (4, 35, "11–19%"),  # 11.4%
        (2, 20, "10% or less"),
        (17, 20, "80–89%"),
        (18, 20, "90% or more"),
        (3, 15, "20% or less"),
        (4, 15, "21–29%"),  # 26.7%
        (11, 15, "70–79%"),  # 73.3%
        (12, 15, "80% or more"),
        (0, 10, "20% or less"),
        (10, 10, "80% or more"),
    ],
)
def test_a_share_is_written_as_the_size_of_its_group_allows(part: int, group: int, written: str) -> None:
    band = share(part, group)
    assert band is not None
    assert band.written == written


def test_a_group_under_ten_has_no_share() -> None:
    assert [share(part, SMALLEST - 1) for part in (0, 4, 9)] == [None, None, None]


@given(st.integers(SMALLEST, 2000).flatmap(lambda group: st.tuples(st.integers(0, group), st.just(group))))
def test_every_share_lies_in_its_band_and_no_band_says_all_or_none(counts: tuple[int, int]) -> None:
    part, group = counts
    band = share(part, group)
    assert band is not None
    percent = 100 * part / group
    assert band.low - 0.5 <= percent <= band.high + 0.5
    end = next(step.end for step in LADDER if group >= step.size)
    assert band.high >= end
    assert band.low <= 100 - end


@given(st.integers(SMALLEST, 300))
def test_bands_of_one_group_follow_each_other_without_gap_or_overlap(group: int) -> None:
    bands = list(dict.fromkeys(share(part, group) for part in range(group + 1)))
    ends = [(one.low, one.high) for one in bands if one is not None]
    assert ends == sorted(ends)
    assert all(high < low for (_, high), (low, _) in pairwise(ends))


@pytest.mark.parametrize(
    ("group", "written"),
    [
        (9, ""),
        (10, "10–19"),
        (19, "10–19"),
        (20, "20–49"),
        (99, "50–99"),
        (249, "100–249"),
        (499, "250–499"),
        (500, "500 or more"),
    ],
)
def test_sizes_are_told_in_bands(group: int, written: str) -> None:
    assert size(group) == written
