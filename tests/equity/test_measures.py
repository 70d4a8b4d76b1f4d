"""Measures: their classes are constants that cover every value, and a value, its class and its words agree."""

import colorsys
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectivity.equity import catalog
from connectivity.equity.measures import Measure, Unit
from connectivity.reference.catalog import SOURCES

every = pytest.mark.parametrize("measure", catalog.ALL, ids=lambda measure: measure.key)


@every
def test_breaks_rise_and_cover_every_value_the_unit_can_have(measure: Measure) -> None:
    assert list(measure.breaks) == sorted(set(measure.breaks))
    assert (measure.breaks[0], measure.breaks[-1]) == {
        Unit.SHARE: (0, 1),
        Unit.COUNT: (0, inf),
        Unit.INDEX: (0, 100),
    }[measure.unit]


@every
def test_a_measure_has_four_or_five_classes_each_with_its_own_color(measure: Measure) -> None:
    assert measure.classes in (4, 5)
    assert len(set(measure.palette)) == len(measure.palette) == measure.classes


@every
def test_colors_darken_from_the_lowest_class_to_the_highest(measure: Measure) -> None:
    lightness = [
        colorsys.rgb_to_hls(*(int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)))[1] for color in measure.palette
    ]
    assert lightness == sorted(lightness, reverse=True)


def test_two_vintages_of_one_measure_share_their_breaks_and_colors() -> None:
    shares = [measure for measure in catalog.NEED if measure.unit is Unit.SHARE]
    for measure in shares:
        others = [other for other in shares if other.indicator == measure.indicator]
        assert {(other.breaks, other.palette) for other in others} == {(measure.breaks, measure.palette)}


@given(st.floats(0, 1))
def test_a_share_lies_in_the_class_whose_printed_ends_hold_its_printed_value(value: float) -> None:
    measure = catalog.BY_KEY["no_broadband"]
    low, high = measure.bounds(measure.class_of(value))
    printed = float(measure.written(value).rstrip("%"))
    assert not low or printed >= float(low.rstrip("%"))
    assert not high or printed <= float(high.rstrip("%"))


def test_a_value_on_a_break_lies_in_the_class_above_and_the_end_of_the_scale_in_the_last() -> None:
    measure = catalog.BY_KEY["no_broadband"]
    assert [measure.class_of(value) for value in (0, 0.0999, 0.1, 0.14949, 0.14951, 0.25, 1)] == [1, 2, 2, 2, 3, 5, 5]


def test_a_value_beyond_the_scale_lies_in_the_nearest_class() -> None:
    hardship = catalog.BY_KEY["hardship"]
    assert [hardship.class_of(value) for value in (-0.1, 100.1, 150)] == [1, 5, 5]


def test_keys_are_unique_and_every_need_measure_stands_in_the_reference_catalog() -> None:
    assert len(catalog.BY_KEY) == len(catalog.ALL)
    published = {(source.key, source.vintage) for source in SOURCES}
    assert {(measure.indicator, measure.vintage) for measure in catalog.NEED} <= published


def test_no_internet_and_no_broadband_say_that_they_differ() -> None:
    assert "no internet of any kind" in catalog.BY_KEY["no_broadband"].definition
    assert "no broadband subscription" in catalog.BY_KEY["no_internet"].definition
