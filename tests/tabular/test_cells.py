"""Single cells: what a column takes, what it heals, what it refuses and in which words."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectivity.tabular import cells
from connectivity.tabular.coordinates import read_pair
from connectivity.tabular.dates import birth_date, date
from connectivity.tabular.people_names import split_name
from connectivity.tabular.phones import NotAPhone, read_phone
from connectivity.tabular.trouble import Trouble
from connectivity.tabular.write import guard


@pytest.mark.parametrize("cell", ["00123456", '="00123456"', "'00123456", " 00123456 ", '="00123456" '])
def test_a_student_id_is_read_with_its_zeros(cell: str) -> None:
    assert cells.student_id(cell) == "00123456"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("1.50163E+13", "rounded it to a scientific number"),
        ("5E+07", "rounded it to a scientific number"),
        ("5,0E+07", "rounded it to a scientific number"),
        ("123456", "This has 6 digits; a student ID has 8. A spreadsheet has probably taken its leading zeros away"),
        ("1234567.0", "7 digits"),
        ("1", "This has 1 digit; a student ID"),
        ("150001234", "9 digits"),
        ("50,001,234", "not an ID"),
        ("５０００１２３４", "not an ID"),
        ("=A1+50000", "not an ID"),
    ],
)
def test_a_damaged_student_id_is_refused_and_never_guessed(cell: str, words: str) -> None:
    with pytest.raises(Trouble) as told:
        cells.student_id(cell)
    assert words in told.value.message
    assert told.value.stops


def test_a_school_id_has_six_digits() -> None:
    assert (cells.school_id("609999.0"), cells.school_id("")) == ("609999", None)
    with pytest.raises(Trouble, match="5 digits; a school ID has 6"):
        cells.school_id("60999")


@pytest.mark.parametrize(
    "cell", ["2015-09-30", "9/30/2015", "09/30/2015 0:00", "30-Sep-2015", "30 September 2015", "2015-09-30T00:00:00Z"]
)
def test_dates_are_read_in_each_writing(cell: str) -> None:
    assert date(cell) == "2015-09-30"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("9/30/15", "two digits"),
        ("30-Sep-15", "two digits"),
        ("42277", "spreadsheet's number"),
        ("30/9/2015", "day seems to stand first"),
        ("2015-02-30", "no such date"),
        ("soon", "not a date"),
    ],
)
def test_a_date_that_is_not_sure_is_refused(cell: str, words: str) -> None:
    with pytest.raises(Trouble, match=words):
        date(cell)


def test_a_date_of_two_readings_is_in_us_order() -> None:
    assert date("4/5/2015") == "2015-04-05"


def test_a_birth_date_is_2_to_23_years_before_the_program_year() -> None:
    read = birth_date(dt.date(2026, 7, 1))
    assert [read("2024-07-01"), read("2003-07-01"), read("")] == ["2024-07-01", "2003-07-01", None]
    for cell in ("2024-07-02", "2003-06-30", "2030-01-01"):
        with pytest.raises(Trouble, match="2 to 23 years"):
            read(cell)
    with pytest.raises(Trouble, match="Excel writes 1899 or 1900"):
        read("12/30/1899")
    assert birth_date(dt.date(2024, 2, 29))("2022-02-28") == "2022-02-28"


# A text that itself begins with a quote before a formula start is taken for a guarded one: no name does.
@given(
    text=st.text(alphabet="aZñÉ'-=+@ 7", min_size=1, max_size=9).filter(lambda text: not text.strip().startswith("'"))
)
def test_a_name_comes_back_from_behind_its_guard(text: str) -> None:
    def read(cell: str) -> str | None:
        try:
            return cells.name(cell)
        except Trouble:
            return "refused"

    assert read(guard(text.strip())) == read(text.strip())


def test_names_keep_their_capitals_and_lose_their_blanks() -> None:
    assert cells.name("  MARÍA  de la\xa0Cruz ") == "MARÍA de la Cruz"
    assert cells.name("Nu\u0301n\u0303ez") == "Núñez"
    assert cells.name("-Ann") == "-Ann"
    assert cells.name("a" * 100) == "a" * 100


@pytest.mark.parametrize(
    "cell", ["=1+1", "'=1+1", "@sum", "+x", "123", "a" * 101, "#N/A", "Mu\ufffdoz", "A\0nn", "A\x07"]
)
def test_what_is_no_name_is_refused(cell: str) -> None:
    _, troubles = cells.read_column([cell], cells.name)
    assert troubles[0].stops


@pytest.mark.parametrize("repeats", [1, 400])
def test_troubles_stand_at_every_place_of_their_cell(repeats: int) -> None:
    values, troubles = cells.read_column(["Ann", "=x", "", "=x"] * repeats, cells.name)
    assert values == ["Ann", None, None, None] * repeats
    assert sorted(troubles) == [at for at in range(4 * repeats) if at % 2]


@given(area=st.integers(200, 999), exchange=st.integers(0, 999), last=st.integers(0, 9999))
def test_the_fast_road_of_phones_agrees_with_the_library(area: int, exchange: int, last: int) -> None:
    digits = f"{area:03}{exchange:03}{last:04}"
    try:
        right: str | None = read_phone(digits)
    except NotAPhone:
        right = None
    values, _ = cells.read_column([digits], cells.phone)
    assert values == [right]


@pytest.mark.parametrize("cell", ["(773) 555-0123", "773.555.0123", "+17735550123", "1 773 555 0123", "7735550123"])
def test_phones_are_read_in_each_writing(cell: str) -> None:
    assert cells.phone(cell) == "+17735550123"


@pytest.mark.parametrize(
    ("read", "cell"),
    [
        (cells.phone, "773-555-0123 ext 4"),
        (cells.phone, "0000000000"),
        (cells.phone, "call mom"),
        (cells.phone, "773-555-0123 / 312-555-0100"),
        (cells.email, "rosa@"),
        (cells.email, "none"),
        (cells.language, "Chinese"),
        (cells.zip_code, "606"),
    ],
)
def test_a_value_we_can_do_without_is_left_out_with_a_warning(read: cells.Reader, cell: str) -> None:
    values, troubles = cells.read_column([cell], read)
    assert values == [None]
    assert not troubles[0].stops


def test_words_of_grades_languages_and_yes_or_no() -> None:
    assert [
        cells.grade(cell) for cell in ("KG", "pre-k", "PK", "01", "1st", "Grade 12", "Kindergarten", "Third", "10th")
    ] == [*("K", "PK", "PK", "1", "1", "12", "K", "3", "10")]
    assert [cells.language(cell) for cell in ("Spanish", "español", "SPA", "pl", "Chinese (Mandarin)", "")] == [
        *("es", "es", "es", "pl", "cmn", None)
    ]
    assert [cells.yes_no(cell) for cell in ("Y", "true", "0", "No", " ")] == ["yes", "yes", "no", "no", None]
    for read, cell in ((cells.grade, "13"), (cells.yes_no, "maybe")):
        with pytest.raises(Trouble) as told:
            read(cell)
        assert told.value.stops


def test_other_columns() -> None:
    assert cells.zip_code("60640-1234") == "60640"
    assert cells.email(" Rosa.M@Example.org ") == "Rosa.M@Example.org"
    assert [cells.program_year(cell) for cell in ("2026-27", "2026-2027", "")] == ["2026-27", "2026-27", None]


@pytest.mark.parametrize(
    ("lon", "lat", "words"),
    [
        ("87.65", "41.96", "sign seems to be lost"),
        ("-87.65", "-41.96", "sign seems to be lost"),
        ("41.96", "-87.65", "exchanged"),
        ("-87.65", "", "Only one"),
        ("west", "41.9", "not a number"),
        ("nan", "41.9", "no such position"),
        ("-87.65", "141.9", "no such latitude"),
    ],
)
def test_coordinates_that_mean_nothing_are_left_out(lon: str, lat: str, words: str) -> None:
    with pytest.raises(Trouble, match=words) as told:
        read_pair(lon, lat)
    assert not told.value.stops


def test_coordinates_are_a_pair() -> None:
    assert read_pair(" -87.6566", "41.9653") == ("-87.6566", "41.9653")
    assert read_pair("", " ") == (None, None)


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("García López, María", ("María", "García López")),
        ("María García López", ("María", "García López")),
        ("Rosa Muñoz", ("Rosa", "Muñoz")),
        ("Rosa", ("", "Rosa")),
        ("Muñoz,", ("", "Muñoz")),
    ],
)
def test_a_full_name_is_split_with_two_surnames_together(full: str, parts: tuple[str, str]) -> None:
    assert split_name(full) == parts
