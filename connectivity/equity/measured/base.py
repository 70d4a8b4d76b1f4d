"""The base counts: what each counts, of what it is part, and what it can never exceed. Pure. Rates, gaps and medians are made of these."""

from dataclasses import dataclass
from enum import StrEnum

UNPLACED = "unplaced"  # households whose home of that day is not on the map, or not known
OTHER, UNKNOWN = "other", "unknown"
AREAS = (*(str(number) for number in range(1, 78)), UNPLACED)
# The languages most spoken at home by the city's students: a fixed list, so that no release's cells depend on its data.
LANGUAGES = ("en", "es", "pl", "cmn", "yue", "ar", "ur", "uk")
GRADE_BANDS = {
    "PK-2": ("PK", "K", "1", "2"),
    "3-5": ("3", "4", "5"),
    "6-8": ("6", "7", "8"),
    "9-12": ("9", "10", "11", "12"),
}
BARRIERS = ("NotAvailable", "NotAffordable", "NotDesired", "Other")  # CEDS codes, as they are stored
DAY_BANDS = {"0-7": 7, "8-14": 14, "15-30": 30, "31-60": 60, "61-90": 90}  # cell -> most days in it
OVER = "over 90"


class Unit(StrEnum):
    HOUSEHOLDS = "households"
    STUDENTS = "students"


class By(StrEnum):
    """What a table's cells are. All but the areas are of the whole city."""

    AREA = "area"
    LANGUAGE = "language"
    GRADE_BAND = "grade_band"
    BARRIER = "barrier"
    BRAKE = "brake"
    DAYS = "days"


class Brake(StrEnum):
    """The four brakes on sponsored programs, as top-level groups of reasons for not taking part."""

    AWARENESS = "awareness"  # the family has not been told
    OFFER = "offer"  # the offer was not clear to it
    TRUST = "trust"  # it fears a bill, or does not believe that it is free
    LIMITS = "limits"  # it could not be connected


class Time(StrEnum):
    CURRENT = "current"  # as it stands at the end of the as-of date
    CUMULATIVE = "cumulative"  # whoever came so far by then, wherever they stand now


CELLS: dict[By, tuple[str, ...]] = {
    By.AREA: AREAS,
    By.LANGUAGE: (*LANGUAGES, OTHER),
    By.GRADE_BAND: tuple(GRADE_BANDS),
    By.BARRIER: (*BARRIERS, UNKNOWN),
    By.BRAKE: (*(brake.value for brake in Brake), OTHER, UNKNOWN),
    By.DAYS: (*DAY_BANDS, OVER, UNKNOWN),
}


@dataclass(frozen=True, kw_only=True)
class BaseTable:
    """One table of counts.

    `steps`: every table it can never exceed, nearest first: cell by cell where both have the same cells, else in total.
    `adds_up_to`: the table it makes up, cell by cell together with the others by area that name the same one, else by its own total.
    """

    key: str
    unit: Unit
    by: By
    time: Time
    within: str  # the table it is part of, or ""
    definition: str
    steps: tuple[str, ...] = ()
    adds_up_to: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """Every cell, in its order; a count of none is a zero, never a missing cell."""
        return CELLS[self.by]
