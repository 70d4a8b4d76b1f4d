"""From a typed address to a home: read, normalized, placed offline. What cannot be read or lies outside Chicago is refused."""

import re
from dataclasses import dataclass

from sqlalchemy.orm import Session

from connectivity.geography.address import Address, AddressNotRead, AddressProblem, fold, parse_parts
from connectivity.geography.address_grid import NoPosition
from connectivity.geography.grid_location import why
from connectivity.geography.placement import OUTSIDE, Certainty, Method, Placement, place
from connectivity.reference import store
from connectivity.register import Residence

LONGEST_ECHO = 60  # signs of a typed value that a reason repeats
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


def read_home(session: Session, typed: TypedAddress, *, stands: Residence | None = None) -> Home:
    """Raises AddressRefused. An address that is read but that nothing can place is a home that could not be placed.

    `stands`: the residence whose writing is corrected. The same house keeps its placement unless coordinates are given.
    """
    address = _read(typed)
    zip_code = address.zip[:5]
    if zip_code and zip_code not in store.zip_areas(session) and not _ZIPS_OF_THE_CITY.fullmatch(zip_code):
        raise AddressRefused("zip", f"ZIP code {zip_code} is outside Chicago. {_CHECK}")
    given = typed.lon is not None and typed.lat is not None
    if stands is not None and not given and _same_house(stands, address):
        return Home(original=typed.original, address=address, placement=placement_of(stands))
    return Home(original=typed.original, address=address, placement=_placed(session, address, typed))


def _placed(session: Session, address: Address, typed: TypedAddress) -> Placement:
    """Raises AddressRefused for coordinates outside the city, and for an address beyond its limit or last house number."""
    rooms = store.boundaries(session), store.address_grid(session), store.zip_areas(session)
    given = typed.lon is not None and typed.lat is not None
    if given and place("", *rooms, lon=typed.lon, lat=typed.lat).area is None:
        raise AddressRefused("lon", OUTSIDE)
    points = store.address_points_near(session, address)
    placement = place(address, *rooms, lon=typed.lon, lat=typed.lat, points=points)
    beyond = NoPosition.NUMBER_OUT_OF_RANGE
    if placement.method is Method.NONE and rooms[1].position(address) is beyond:
        raise AddressRefused("line", _cut(why(beyond, address), address.street))
    if placement.area is None and placement.lon is not None:
        raise AddressRefused("line", OUTSIDE)
    return placement


def placement_of(residence: Residence) -> Placement:
    """Where a residence was placed, as the geography says it."""
    return Placement(
        residence.community_area,
        Method(residence.method),
        Certainty(residence.certainty),
        residence.edge_feet,
        residence.lon,
        residence.lat,
        residence.reason,
    )


def _same_house(stands: Residence, address: Address) -> bool:
    """Same number, street and ZIP code. A ZIP code that was missing does not speak against a placement made without it."""
    if stands.certainty == Certainty.UNPLACED or stands.line != address.line:
        return False
    outranks_the_zip = stands.method in (Method.HAND, Method.COORDINATES) and not stands.zip
    return outranks_the_zip or stands.zip[:5] == address.zip[:5]


_CHECK = "The program serves homes in the city: check the address, or ask whether the family has moved."


def _read(typed: TypedAddress) -> Address:
    try:
        return parse_parts(typed.line, typed.unit, typed.city, typed.state, typed.zip)
    except AddressNotRead as unread:
        raise AddressRefused(_field(unread, typed), _cut(unread.reason, unread.found)) from unread


def _cut(reason: str, found: str) -> str:
    """The reason, repeating no more than the beginning of what was typed."""
    return reason.replace(found, f"{found[:LONGEST_ECHO].rstrip()}…") if len(found) > LONGEST_ECHO else reason


def _field(unread: AddressNotRead, typed: TypedAddress) -> str:
    """The field the words at fault were typed into."""
    source = {AddressProblem.OTHER_CITY: "city", AddressProblem.OTHER_STATE: "state", AddressProblem.BAD_ZIP: "zip"}
    field = source.get(unread.problem, "line")
    return field if unread.found and unread.found in fold(getattr(typed, field)) else "line"
