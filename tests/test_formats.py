"""Dates, counts and shares as people read them."""

import datetime as dt

import pytest
from flask import Flask

from connectivity import formats
from connectivity.rules.calendar import city_day, city_today

EVENING = dt.datetime(2026, 10, 1, 2, 5, tzinfo=dt.UTC)  # the evening before, in Chicago (UTC-5 in summer)


def test_a_moment_is_told_by_chicagos_clock_and_calendar() -> None:
    assert formats.moment(EVENING) == "Sep 30, 2026, 9:05 PM"
    assert formats.day(EVENING) == "Sep 30, 2026"
    assert city_day(EVENING) == dt.date(2026, 9, 30)
    assert formats.moment(dt.datetime(2026, 1, 1, 18, 0, tzinfo=dt.UTC)) == "Jan 1, 2026, 12:00 PM"


def test_today_is_never_more_than_a_day_from_greenwich() -> None:
    assert dt.datetime.now(dt.UTC).date() - city_today() in (dt.timedelta(0), dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (formats.day(dt.date(2026, 9, 3)), "Sep 3, 2026"),
        (formats.count(1234567), "1,234,567"),
        (formats.count(0), "0"),
        (formats.share(0.1414), "14.1%"),
        (formats.share(0), "0.0%"),
        (formats.phone("+17735550142"), "(773) 555-0142"),
        (formats.phone("+525512345678"), "+525512345678"),
    ],
)
def test_a_figure_reads_as_people_write_it(shown: str, wanted: str) -> None:
    assert shown == wanted


def test_nothing_known_is_a_dash_and_never_a_zero() -> None:
    assert {formats.day(None), formats.moment(None), formats.count(None), formats.share(None), formats.feet(None)} == {
        "–"
    }


@pytest.fixture
def backend() -> str:
    return "sqlite"


def test_a_distance_turns_to_miles_from_half_a_mile_on(app: Flask) -> None:
    with app.test_request_context():
        assert [formats.feet(length) for length in (1, 320.4, 2639, 2640, 3696)] == [
            "1 foot",
            "320 feet",
            "2639 feet",
            "0.5 miles",
            "0.7 miles",
        ]
