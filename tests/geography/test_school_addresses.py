"""A school's own address in the place of a home."""

import pytest

from connectivity.geography.address import parse
from connectivity.geography.school_addresses import SchoolAddresses

SCHOOLS = SchoolAddresses.build(
    [
        ("610394", "900 W WILSON AVE"),
        ("400009", "4647 W 47TH ST"),
        ("400010", "900 W WILSON AVE"),
        ("400011", "no number"),
    ]
)


@pytest.mark.parametrize(
    "text", ["900 West Wilson Avenue, Chicago, IL 60640", "900 W Wilson", "900 Wilson Ave", "900 W Wilson Ave, Apt 3"]
)
def test_a_school_is_known_by_its_address_however_it_is_written(text: str):
    assert SCHOOLS.at(parse(text)) == "610394"


@pytest.mark.parametrize("text", ["902 W Wilson Ave", "900 E Wilson Ave", "900 W Wilson Pl", "4647 W 47th Pl"])
def test_a_home_beside_a_school_or_on_a_street_of_its_name_is_no_school(text: str):
    assert SCHOOLS.at(parse(text)) is None
