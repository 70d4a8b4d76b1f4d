"""Working days of the program's office, a while before or after another day."""

import datetime as dt
from typing import cast

import numpy as np


def back(today: np.datetime64, days: int, *, since: dt.date) -> np.datetime64:
    """The weekday so many days before `today`, or the last one before that; never before `since`."""
    day = np.busday_offset(today - np.timedelta64(days, "D"), 0, roll="backward")
    return max(day, np.datetime64(since))


def on(day: np.datetime64, days: int, *, until: np.datetime64) -> np.datetime64:
    """The weekday so many days after `day`, or the next one after that; never after `until`."""
    later = np.busday_offset(day + np.timedelta64(days, "D"), 0, roll="forward")
    return min(later, until)


def plain(day: np.datetime64) -> dt.date:
    """As Python writes a day, for the few rows written one by one."""
    return cast(dt.date, day.astype(object))
