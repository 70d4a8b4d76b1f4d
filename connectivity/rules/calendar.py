"""The city's own calendar: program days are days in Chicago, wherever the server stands."""

import datetime as dt
from zoneinfo import ZoneInfo

CITY = ZoneInfo("America/Chicago")


def city_today() -> dt.date:
    """Today's date in Chicago."""
    return dt.datetime.now(CITY).date()
