"""Dates, counts and shares as people read them; also Jinja filters. There is no other drawer of helpers."""

import datetime as dt

from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext


def day(value: dt.date | None) -> str:
    """`Sep 30, 2026`, or an en dash for no date."""
    return f"{value:%b} {value.day}, {value.year}" if value else "–"


def moment(value: dt.datetime | None) -> str:
    """`Sep 30, 2026, 14:05 UTC`, or an en dash."""
    return f"{day(value)}, {value:%H:%M} UTC" if value else "–"


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
