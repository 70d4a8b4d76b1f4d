"""From a typed address to a home: read, normalized, placed offline. What cannot be read or lies outside Chicago is refused."""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from connectivity.geography.address import Address, AddressNotRead, AddressProblem, fold, parse_parts
from connectivity.geography.address_grid import NoPosition
from connectivity.geography.grid_location import why
from connectivity.geography.placement import OUTSIDE, Placement, place
from connectivity.reference import store

_ZIPS_OF_THE_CITY = re.compile(r"60[678]\d\d")


@dataclass(frozen=True, kw_only=True)
class TypedAddress:
    """An address form as it was filled in."""

    line: str
    unit: str = ""
    city: str = "Chicago"
    state: str = "IL"
    zip: str = ""
    lon: float | None = None
    lat: float | None = None

    @property
    def original(self) -> str:
        """As typed, on one line: `1135 West Wilson Avenue, Apt 2, Chicago, IL 60640`."""
        return ", ".join(part for part in (self.line, self.unit, self.city, f"{self.state} {self.zip}".strip()) if part)


@dataclass(frozen=True, kw_only=True)
class Home:
    """An address that was read, and where it lies."""

    original: str
    address: Address
    placement: Placement


class AddressRefused(ValueError):
    """The address cannot be taken. `field` is the form's field at fault, `reason` a sentence for the person."""

    def __init__(self, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(reason)


def read_home(session: Session, typed: TypedAddress) -> Home:
    """Raises AddressRefused. An address that is read but that the grid does not know is a home that could not be placed."""
    address = _read(typed)
    zip_areas = store.zip_areas(session)
    zip_code = address.zip[:5]
    if zip_code and zip_code not in zip_areas and not _ZIPS_OF_THE_CITY.fullmatch(zip_code):
        raise AddressRefused("zip", f"ZIP code {zip_code} is outside Chicago. {_CHECK}")
    grid, given = store.address_grid(session), typed.lon is not None and typed.lat is not None
    if not given and grid.position(address) is NoPosition.NUMBER_OUT_OF_RANGE:
        raise AddressRefused("line", why(NoPosition.NUMBER_OUT_OF_RANGE, address))
    placement = place(address, store.boundaries(session), grid, zip_areas, lon=typed.lon, lat=typed.lat)
    if placement.area is None and placement.lon is not None:
        raise AddressRefused("lon" if given else "line", OUTSIDE)
    return Home(original=typed.original, address=address, placement=placement)


_CHECK = "The program serves homes in the city: check the address, or ask whether the family has moved."


def _read(typed: TypedAddress) -> Address:
    try:
        return parse_parts(typed.line, typed.unit, typed.city, typed.state, typed.zip)
    except AddressNotRead as unread:
        raise AddressRefused(_field(unread, typed), unread.reason) from unread


def _field(unread: AddressNotRead, typed: TypedAddress) -> str:
    """The field the words at fault were typed into."""
    source = {AddressProblem.OTHER_CITY: "city", AddressProblem.OTHER_STATE: "state", AddressProblem.BAD_ZIP: "zip"}
    field = source.get(unread.problem, "line")
    return field if unread.found and unread.found in fold(getattr(typed, field)) else "line"
