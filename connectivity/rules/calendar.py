"""The city's own calendar: program days are days in Chicago, wherever the server stands."""

import datetime as dt
from zoneinfo import ZoneInfo

CITY = ZoneInfo("America/Chicago")


def city_today() -> dt.date:
    """Today's date in Chicago."""
    return dt.datetime.now(CITY).date()


def city_day(moment: dt.datetime) -> dt.date:
    """The calendar day in Chicago at a moment."""
    return moment.astimezone(CITY).date()
