"""Dates as rosters write them: ISO, month/day/year, day-month name-year. Never a guess: two-digit years and serial numbers are refused."""

import datetime as dt
import re
from functools import lru_cache

from connectivity.tabular.cells import Reader
from connectivity.tabular.trouble import Trouble

YOUNGEST, OLDEST = 2, 23  # years at the start of the program year
_MONTHS = {
    month: number
    for number, month in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_MIDNIGHT = r"(?:[T ]0{1,2}:00(?::00(?:\.0+)?)?(?: ?AM)?Z?)?"
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})" + _MIDNIGHT).fullmatch
_US = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})" + _MIDNIGHT).fullmatch
_NAMED = re.compile(r"([0-9]{1,2})[- ]([A-Za-z]{3})[a-z]*\.?[- ]([0-9]{4})").fullmatch
_TWO_DIGITS = re.compile(r"[0-9]{1,2}[-/. ](?:[0-9]{1,2}|[A-Za-z]{3,9})[-/. ][0-9]{2}").fullmatch
_SERIAL = re.compile(r"[0-9]{4,5}(?:\.[0-9]+)?").fullmatch
_HOW = "Write it as 2015-09-30, or as 9/30/2015: month, day, year."


@lru_cache(maxsize=1 << 14)
def date(cell: str) -> str | None:
    """ISO. Slashes are read in US order, month first."""
    bare = cell.strip().removeprefix("'")
    if not bare:
        return None
    year, month, day = _parts(bare)
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        if _US(bare) and month > 12 >= day:
            raise Trouble(
                "There is no such date in US order (month/day/year); the day seems to stand first.", _HOW
            ) from None
        raise Trouble("There is no such date.", _HOW) from None


def _parts(bare: str) -> tuple[int, int, int]:
    if iso := _ISO(bare):
        return int(iso[1]), int(iso[2]), int(iso[3])
    if us := _US(bare):
        return int(us[3]), int(us[1]), int(us[2])
    if (named := _NAMED(bare)) and named[2].lower() in _MONTHS:
        return int(named[3]), _MONTHS[named[2].lower()], int(named[1])
    if _TWO_DIGITS(bare):
        raise Trouble("The year has only two digits, so the century is not sure.", _HOW)
    if _SERIAL(bare):
        raise Trouble("This is a spreadsheet's number for a date, not a date.", f"Format the column as a date. {_HOW}")
    raise Trouble("This is not a date we can read.", _HOW)


def birth_date(year_starts: dt.date) -> Reader:
    """A reader of birth dates: 2 to 23 years before the program year starts."""
    latest, earliest = _years_before(year_starts, YOUNGEST).isoformat(), _years_before(year_starts, OLDEST).isoformat()

    def read(cell: str) -> str | None:
        born = date(cell)
        if born is None or earliest <= born <= latest:
            return born
        if born[:4] in ("1899", "1900"):
            raise Trouble(
                "This birth date cannot be right: Excel writes 1899 or 1900 for an empty or broken date.",
                "Look the birth date up and type it.",
            )
        raise Trouble(
            f"This birth date cannot be right: a student is {YOUNGEST} to {OLDEST} years old when the program year starts.",
            "Check the year, and the order: month, day, year.",
        )

    return read


def _years_before(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # Feb 29
        return day.replace(year=day.year - years, day=28)
