"""Addresses as people write them, and as the city does."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectivity.geography.address import Address, AddressNotRead, AddressProblem, ordinal, parse, parse_parts
from connectivity.geography.address_words import DIRECTIONS, KINDS, OTHER_STATES, STREET_ALIASES, UNITS

WILSON = Address(1135, "", "W", "WILSON", "AVE")


@pytest.mark.parametrize(
    "text",
    [
        "1135 W WILSON AVE",
        "1135 West Wilson Avenue",
        "1135 w. wilson ave.",
        "  1135   W\tWilson  Ave ",
        "1135 Oeste Wilson Avenida",
        "1135W Wilson Ave",
        "01135 W Wilson Av",
        "1135 Wilson Ave West",
        "1135 W Wílson Avé",
        "1135 W Wilson Ave, Chicago",
        "1135 W Wilson Ave Chicago IL",
        "1135 W Wilson Ave\nChicago, Illinois",
        "1135 W WILSON AVE, CHICAGO, IL, USA",
    ],
)
def test_the_same_address_in_other_words_is_the_same_address(text: str):
    assert parse(text) == WILSON


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("1135 W. Wilson", "1135 W WILSON"),
        ("200 W 87th", "200 W 87TH"),
        ("200 W 87 Street", "200 W 87TH ST"),
        ("200 E 87th Place", "200 E 87TH PL"),
        ("200 w 103 pl", "200 W 103RD PL"),
        ("6620 S Dr Martin Luther King Jr Dr", "6620 S KING DR"),
        ("4415 S DR MARTIN L KING JR DR", "4415 S KING DR"),
        ("4415 S MLK Drive", "4415 S KING DR"),
        ("4415 S. King Dr.", "4415 S KING DR"),
        ("3 S La Salle St", "3 S LASALLE ST"),
        ("3 N Le Claire Ave", "3 N LECLAIRE AVE"),
        ("3 S Saint Louis Ave", "3 S ST LOUIS AVE"),
        ("3 S St. Lawrence Ave", "3 S ST LAWRENCE AVE"),
        ("3424 North St Louis Avenue", "3424 N ST LOUIS AVE"),
        ("6824 South St. Lawrence Avenue", "6824 S ST LAWRENCE AVE"),
        ("1600 W North Ave", "1600 W NORTH AVE"),
        ("1600 North Ave", "1600 NORTH AVE"),
        ("7530 S South Shore Dr", "7530 S SOUTH SHORE DR"),
        ("7530 S S Shore Dr", "7530 S SOUTH SHORE DR"),
        ("8164 S South Chicago", "8164 S SOUTH CHICAGO"),
        ("3500 W Chicago", "3500 W CHICAGO"),
        ("3500 W Chicago Ave Chicago", "3500 W CHICAGO AVE"),
        ("3500 W Chicago, Chicago, IL", "3500 W CHICAGO"),
        ("100 E Illinois", "100 E ILLINOIS"),
        ("10810 S Avenue H", "10810 S AVENUE H"),
        ("10810 S Ave O", "10810 S AVENUE O"),
        ("115 S Front Ave", "115 S FRONT AVE"),
        ("200 E Lower Wacker Dr", "200 E LOWER WACKER DR"),
        ("100 W O'Hare Dr", "100 W OHARE DR"),
        ("1135 1/2 W Wilson Ave", "1135 1/2 W WILSON AVE"),
        ("1135½ W Wilson Ave", "1135 1/2 W WILSON AVE"),
        ("1135A W Wilson Ave", "1135A W WILSON AVE"),
        ("1135-A W Wilson Ave", "1135A W WILSON AVE"),
        ("1135-37 W Wilson Ave", "1135-37 W WILSON AVE"),
        ("1135 – 1137 W Wilson Ave", "1135-1137 W WILSON AVE"),
    ],
)
def test_the_street_line_is_written_as_the_city_writes_it(text: str, line: str):
    assert parse(text).line == line


@pytest.mark.parametrize(
    ("unit", "written"),
    [
        ("Apt. 2B", "APT 2B"),
        ("#2B", "APT 2B"),
        ("# 2-B", "APT 2B"),
        ("2B", "APT 2B"),
        ("2 B", "APT 2B"),
        ("Apt2B", "APT 2B"),
        ("Apt. No. 2 B", "APT 2B"),
        ("apartment #2b", "APT 2B"),
        ("Apto 2B", "APT 2B"),
        ("Apartamento 2B", "APT 2B"),
        ("Unit 3", "UNIT 3"),
        ("Suite 300", "STE 300"),
        ("2nd floor", "FL 2"),
        ("Floor 2", "FL 2"),
        ("FL 2ND", "FL 2"),
        ("Piso 2", "FL 2"),
        ("2º piso", "FL 2"),
        ("segundo piso", "FL 2"),
        ("first floor rear", "FL 1 REAR"),
        ("Basement", "BSMT"),
        ("Sótano", "BSMT"),
        ("rear", "REAR"),
        ("Apto 2, Piso 3", "APT 2 FL 3"),
    ],
)
def test_a_unit_has_one_spelling_on_the_line_after_a_comma_and_in_its_own_field(unit: str, written: str):
    assert parse(f"1135 W Wilson Ave {unit}").unit == written
    assert parse(f"1135 W Wilson Ave, {unit}, Chicago, IL 60640").unit == written
    assert parse(f"1135 W Wilson Ave, {unit} 60640").unit == written
    assert parse_parts("1135 W Wilson Ave", unit).unit == written


@pytest.mark.parametrize("unit", ["", "  ", "none", "N/A", "-", "ninguno"])
def test_a_unit_field_that_says_none_is_no_unit(unit: str):
    assert parse_parts("1135 W Wilson Ave", unit) == WILSON


def test_what_a_roster_writes_into_its_unit_field_is_never_lost():
    assert parse_parts("1135 W Wilson Ave", "coach house").unit == "APT COACH HOUSE"


@pytest.mark.parametrize("zip_code", ["60640-1234", "606401234", "60640 1234"])
def test_a_nine_digit_zip_code_is_kept_whole(zip_code: str):
    assert parse(f"1135 W Wilson Ave, Chicago, IL {zip_code}").zip == "60640-1234"
    assert parse_parts("1135 W Wilson Ave", zip_code=zip_code).zip == "60640-1234"


def test_separate_fields_and_one_line_give_the_same_address():
    line = "1135 West Wilson Avenue, Apt. 2B, Chicago, IL 60640"
    assert parse_parts("1135 West Wilson Avenue", "Apt. 2B", "Chicago", "IL", "60640") == parse(line)
    assert parse_parts(line, "", "CHICAGO", "Illinois", "60640") == parse(line)
    assert parse(line).full == "1135 W WILSON AVE APT 2B, CHICAGO, IL 60640"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", AddressProblem.NO_NUMBER),
        ("Wilson Ave", AddressProblem.NO_NUMBER),
        ("E 87th Place", AddressProblem.NO_NUMBER),
        ("0 W Wilson Ave", AddressProblem.NO_NUMBER),
        ("1135000 W Wilson Ave", AddressProblem.NO_NUMBER),
        ("Chicago, IL 60640", AddressProblem.NO_NUMBER),
        ("homeless", AddressProblem.NO_NUMBER),
        ("1135", AddressProblem.NO_STREET),
        ("1135 W", AddressProblem.NO_STREET),
        ("1135 Apt 2", AddressProblem.NO_STREET),
        ("PO Box 12, Chicago, IL 60640", AddressProblem.PO_BOX),
        ("P.O. BOX 12", AddressProblem.PO_BOX),
        ("Apartado postal 12", AddressProblem.PO_BOX),
        ("1135 W Wilson Ave, Evanston, IL 60202", AddressProblem.OTHER_CITY),
        ("1135 W Wilson Ave, North Chicago, IL", AddressProblem.OTHER_CITY),
        ("1135 W Wilson Ave, Chicago Heights, IL 60411", AddressProblem.OTHER_CITY),
        ("1135 W Wilson Ave Evanston IL 60202", AddressProblem.EXTRA_WORDS),
        ("1135 Broadway, Gary, IN 46402", AddressProblem.OTHER_STATE),
        ("1135 Broadway Gary IN 46402", AddressProblem.OTHER_STATE),
        ("1135 Ocean Dr, Miami, FL 33101", AddressProblem.OTHER_STATE),
        ("1135 W Wilson Ave, Chicago, IL 6064", AddressProblem.BAD_ZIP),
        ("1135 W Wilson Ave, Chicago, IL 606400", AddressProblem.BAD_ZIP),
        ("1135 W Wilson Ave, Chicago IL 6O640", AddressProblem.BAD_ZIP),
    ],
)
def test_what_is_no_chicago_address_is_refused_with_its_own_reason(text: str, problem: AddressProblem):
    with pytest.raises(AddressNotRead) as refused:
        parse(text)
    assert refused.value.problem is problem
    assert refused.value.reason.endswith(".")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"city": "Evanston"}, AddressProblem.OTHER_CITY),
        ({"city": "Chicago Heights"}, AddressProblem.OTHER_CITY),
        ({"state": "IN"}, AddressProblem.OTHER_STATE),
        ({"zip_code": "6064"}, AddressProblem.BAD_ZIP),
        ({"zip_code": "abcde"}, AddressProblem.BAD_ZIP),
        ({"zip_code": "60640-12"}, AddressProblem.BAD_ZIP),
    ],
)
def test_a_wrong_field_is_refused_with_its_own_reason(fields: dict[str, str], problem: AddressProblem):
    with pytest.raises(AddressNotRead) as refused:
        parse_parts("1135 W Wilson Ave", **fields)
    assert refused.value.problem is problem
    assert refused.value.found in refused.value.reason


def test_a_refusal_names_the_words_at_fault():
    with pytest.raises(AddressNotRead, match="“EVANSTON” is not Chicago"):
        parse("1135 W Wilson Ave, Evanston, IL")


TELLING = "CHICAGO IL ILLINOIS 60640 2B B 2 2ND NO WILSON ST LOUIS LA SALLE MC LEAN KING 87TH 87 FIRST O'Hare , - / #"
WORDS = st.sampled_from(
    [*DIRECTIONS, *KINDS, *UNITS, *OTHER_STATES, *STREET_ALIASES, *TELLING.split(), "SOUTH SHORE", ","]
)
ALMOST_ADDRESSES = st.builds(
    lambda number, words: f"{number} {' '.join(words)}",
    st.sampled_from(["1135", "1135A", "1135W", "1135-37", "1135 1/2", "1"]),
    st.lists(WORDS | st.text(max_size=4), max_size=9),
)


@given(ALMOST_ADDRESSES | st.text(max_size=60))
@example("1135 W WILSON AVE NO 2")
def test_reading_what_was_written_gives_the_same_address(text: str):
    try:
        address = parse(text)
    except AddressNotRead:
        return
    assert parse(address.full) == address


@given(ALMOST_ADDRESSES)
def test_capitals_and_spaces_never_matter(text: str):
    assert _read(text) == _read(text.lower()) == _read(f"  {text.replace(' ', '   ')} ")


def _read(text: str) -> Address | AddressProblem:
    try:
        return parse(text)
    except AddressNotRead as refused:
        return refused.problem


@given(st.integers(1, 199))
def test_a_numbered_street_is_the_same_with_and_without_its_ending(number: int):
    assert parse(f"200 W {number} St") == parse(f"200 W {ordinal(number)} St")
