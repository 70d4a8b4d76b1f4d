"""An address as we asked about it, and whether another writing of it is the same place. Pure."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from connectivity.geography.address import Address, AddressNotRead, fold, parse

Key = tuple[str, str, str]  # line, unit, five digits of the ZIP code


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as we sent it."""

    id: int
    batch: str
    asked_on: dt.date
    provider_id: int
    line: str
    unit: str
    city: str
    state: str
    zip: str

    @property
    def key(self) -> Key:
        """What answers are kept under."""
        return self.line, self.unit, self.zip

    @property
    def full(self) -> str:
        """`1135 W WILSON AVE APT 2B, Chicago, IL 60640`."""
        return full_address(self.line, self.unit, self.city, self.state, self.zip)


def full_address(line: str, unit: str, city: str, state: str, zip_code: str) -> str:
    """An address in one line."""
    return f"{f'{line} {unit}'.strip()}, {city}, {state} {zip_code}".rstrip()


def echoed(cell: Callable[[str], str]) -> str:
    """The address columns of a row in one line; "" where the file left them out."""
    line = cell("address_line1")
    if not line:
        return ""
    return full_address(line, cell("unit"), cell("city"), cell("state"), cell("zip")).strip(" ,")


def same_place(text: str, asked: Asked) -> bool:
    """Whether `text` is our address in another spelling. A ZIP code that one of them leaves out contradicts nothing; a unit does."""
    if text == asked.full or fold(text) == fold(asked.full):
        return True
    try:
        given, ours = parse(text), parse(asked.full)
    except AddressNotRead:
        return False
    zips = {one[:5] for one in (given.zip, asked.zip) if one}
    return len(zips) < 2 and _home(given) == _home(ours)


def _home(address: Address) -> tuple[str, str]:
    return address.line, address.unit
