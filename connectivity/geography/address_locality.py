"""City, state and ZIP at the end of an address: taken off when they are Chicago's, refused when they are not."""

import re

from connectivity.geography.address_problem import AddressNotRead, AddressProblem
from connectivity.geography.address_unit import looks_like_unit
from connectivity.geography.address_words import (
    CITY_NAMES,
    COUNTRY_NAMES,
    DIRECTIONS,
    KINDS,
    OTHER_STATES,
    STATE_NAMES,
    UNITS,
)

_STATE_ENDS = tuple(f"{before}{name}" for name in STATE_NAMES for before in " ,")
_COUNTRY_ENDS = tuple(f"{before}{name}" for name in COUNTRY_NAMES for before in " ,")
_ZIP_AT_END = re.compile(r"[ ,](\d{5})(?:[ -]?(\d{4}))?$")
_ZIP = re.compile(r"(\d{5})(?:[ -]?(\d{4}))?")
# A word with a digit straight after the state or after ",CHICAGO" is meant as a ZIP code, whatever it is.
_MEANT_AS_ZIP = re.compile(rf"(?:[ ,](?:{'|'.join(STATE_NAMES)})|,CHICAGO)[ ,]([A-Z\d-]*\d[A-Z\d-]*)$")
_CITY_AT_END = re.compile(r"(?P<before>.+) (?:CHICAGO|CHGO)")
# "3500 W CHICAGO", "8164 S SOUTH CHICAGO" and "100 E ILLINOIS" are streets: with the last word gone there would be none.
_NO_STREET_YET = re.compile(rf"\d\S*(?: \d/\d)?(?: (?:{'|'.join(DIRECTIONS)}))?(?: SOUTH)?")
_NEVER_A_STATE = KINDS.keys() | UNITS.keys()


def split_locality(text: str) -> tuple[str, str, str]:
    """Folded text (upper case, parts divided by single commas) to (street line, unit, ZIP). Raises AddressNotRead."""
    rest = _without(text, _COUNTRY_ENDS)
    zip_at_end = _ZIP_AT_END.search(rest, max(0, len(rest) - 11))
    if zip_at_end:
        rest = rest[: zip_at_end.start()]
    elif meant := _MEANT_AS_ZIP.search(rest):
        raise AddressNotRead(AddressProblem.BAD_ZIP, meant[1])
    before_state = _without(rest, _STATE_ENDS)
    if not _NO_STREET_YET.fullmatch(before_state):
        rest = before_state
    parts = [part for part in rest.split(",") if part]
    _refuse_other_state(parts, has_zip=zip_at_end is not None)
    parts = _without_city(parts)
    return (parts[0] if parts else ""), " ".join(parts[1:]), _written_zip(zip_at_end)


def read_zip(text: str) -> str:
    """`60640` or `60640-1234`; empty stays empty. Raises AddressNotRead."""
    text = text.strip(" ,-")
    digits = _ZIP.fullmatch(text)
    if text and not digits:
        raise AddressNotRead(AddressProblem.BAD_ZIP, text)
    return _written_zip(digits)


def _written_zip(digits: re.Match[str] | None) -> str:
    if digits is None:
        return ""
    return f"{digits[1]}-{digits[2]}" if digits[2] else digits[1]


def check_city(text: str) -> None:
    """Raises AddressNotRead when a city is given and it is not Chicago."""
    if text and text not in CITY_NAMES:
        raise AddressNotRead(AddressProblem.OTHER_CITY, text)


def check_state(text: str) -> None:
    """Raises AddressNotRead when a state is given and it is not Illinois."""
    if text and text not in STATE_NAMES:
        raise AddressNotRead(AddressProblem.OTHER_STATE, text)


def _without(text: str, endings: tuple[str, ...]) -> str:
    if not text.endswith(endings):
        return text
    return text.removesuffix(max((ending for ending in endings if text.endswith(ending)), key=len))


def _refuse_other_state(parts: list[str], *, has_zip: bool) -> None:
    words = parts[-1].split() if parts else []
    if not words or words[-1] not in OTHER_STATES:
        return
    # "FL" and "CT" are also a floor and a court: between commas they are states only before a ZIP code, in running text never.
    alone = len(parts) > 1 and (words[0] not in UNITS or (has_zip and len(words) == 1))
    if alone or (has_zip and words[-1] not in _NEVER_A_STATE):
        raise AddressNotRead(AddressProblem.OTHER_STATE, words[-1])


def _without_city(parts: list[str]) -> list[str]:
    if len(parts) > 1 and parts[-1] in CITY_NAMES:
        return parts[:-1]
    at_end = _CITY_AT_END.fullmatch(parts[-1]) if parts else None
    if len(parts) == 1 and at_end and not _NO_STREET_YET.fullmatch(at_end["before"]):
        return [at_end["before"]]
    if len(parts) > 1 and at_end and looks_like_unit(at_end["before"].split()):
        return [*parts[:-1], at_end["before"]]
    if len(parts) > 1 and not looks_like_unit(parts[-1].split()):
        raise AddressNotRead(AddressProblem.OTHER_CITY, parts[-1])
    return parts
