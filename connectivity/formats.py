"""Dates, counts and shares as people read them; also Jinja filters. There is no other drawer of helpers."""

import datetime as dt

from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext

from connectivity.rules.calendar import CITY, city_day


def day(value: dt.date | None) -> str:
    """`Sep 30, 2026`, or an en dash for no date. Of a moment, the day in Chicago."""
    shown = city_day(value) if isinstance(value, dt.datetime) else value
    return f"{shown:%b} {shown.day}, {shown.year}" if shown else "–"


def moment(value: dt.datetime | None) -> str:
    """`Sep 30, 2026, 9:05 AM` by Chicago's clock, or an en dash."""
    if value is None:
        return "–"
    here = value.astimezone(CITY)
    return f"{day(here)}, {here.hour % 12 or 12}:{here:%M %p}"


def count(value: int | None) -> str:
    """`12,345`, or an en dash for no figure."""
    return f"{value:,}" if value is not None else "–"


def share(value: float | None, places: int = 1) -> str:
    """A share of 0-1 as `12.3%`, or an en dash for no figure."""
    return f"{value:.{places}%}" if value is not None else "–"


def phone(e164: str) -> str:
    """A US number as it is dialed: `+17735550123` -> `(773) 555-0123`."""
    digits = e164.removeprefix("+1")
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}" if len(digits) == 10 else e164


def feet(value: float | None) -> str:
    """A distance in feet, in miles from half a mile on: `320 feet`, `0.7 miles`."""
    if value is None:
        return "–"
    if value < 2640:
        return str(ngettext("%(num)s foot", "%(num)s feet", round(value)))
    return str(_("%(miles)s miles", miles=f"{value / 5280:.1f}"))


def register(app: Flask) -> None:
    """Makes every function above a Jinja filter of its own name."""
    for one in (day, moment, count, share, phone, feet):
        app.add_template_filter(one)
