"""Whether an address is a school's own: rosters sometimes carry it where the student's home should stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from connectivity.geography.address import Address, AddressNotRead, parse

House = tuple[int, str, str, str]  # number, direction, street, kind


@dataclass(frozen=True, eq=False)
class SchoolAddresses:
    """The schools by the house they are in; where kind or direction are not written, by what is."""

    schools: dict[House, str]

    @classmethod
    def build(cls, rows: Iterable[tuple[str, str]]) -> Self:
        """From (school id, address line). Lines that cannot be read are no school's. Of schools that share a house the first counts."""
        schools: dict[House, str] = {}
        for school, line in rows:
            try:
                house = _house(parse(line))
            except AddressNotRead:
                continue
            for writing in _writings(house):
                schools.setdefault(writing, school)
        return cls(schools)

    def at(self, address: Address) -> str | None:
        """The id of the school whose address this is. A unit does not matter."""
        return self.schools.get(_house(address))


def _house(address: Address) -> House:
    return address.number, address.direction, address.street, address.kind


def _writings(house: House) -> tuple[House, ...]:
    number, direction, street, kind = house
    return house, (number, direction, street, ""), (number, "", street, kind), (number, "", street, "")
