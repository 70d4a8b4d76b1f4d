"""Whole rows: cleaned columns, problems by row and heading, fingerprints, and nothing sensitive unless asked for."""

import datetime as dt

from connectivity.tabular.roster_rows import ReadRows, fingerprints, read_rows

GOOD = {
    "student_id": "50001234",
    "last_name": "Muñoz",
    "first_name": "Luz",
    "birth_date": "9/30/2015",
    "grade": "04",
    "school_id": "609999",
}
NUMBERS = [2, 3, 5]


def read(columns: dict[str, list[str]], *, factors: bool = False) -> ReadRows:
    headings = {name: name.upper() for name in columns}
    numbers = NUMBERS[: len(next(iter(columns.values())))]
    return read_rows(columns, numbers, headings, year_starts=dt.date(2026, 7, 1), factors=factors)


def columns_of(*rows: dict[str, str]) -> dict[str, list[str]]:
    return {name: [row.get(name, "") for row in rows] for name in {name: 0 for row in rows for name in row}}


def test_good_rows_come_out_ready_for_the_database() -> None:
    rows = read(
        columns_of(
            GOOD | {"guardian_name": "Muñoz, Rosa", "phone": "(773) 555-0123", "lon": "-87.6566", "lat": "41.9653"}
        )
    )
    assert {name: column[0] for name, column in rows.values.items()} == GOOD | {
        "birth_date": "2015-09-30",
        "grade": "4",
        "guardian_first_name": "Rosa",
        "guardian_last_name": "Muñoz",
        "phone": "+17735550123",
        "lon": "-87.6566",
        "lat": "41.9653",
    }
    assert (rows.problems, rows.refused) == ([], set())


def test_every_problem_of_every_row_is_told_with_row_heading_and_value() -> None:
    rows = read(
        columns_of(GOOD | {"phone": "x"}, GOOD | {"student_id": "5E+07", "birth_date": ""}, GOOD | {"grade": "z" * 99})
    )
    told = [(one.row, one.column, one.heading, one.stops) for one in rows.problems]
    assert told == [
        (2, "phone", "PHONE", False),
        (3, "student_id", "STUDENT_ID", True),
        (3, "birth_date", "BIRTH_DATE", True),
        (5, "grade", "GRADE", True),
    ]
    assert rows.problems[1].value == "5E+07"
    assert rows.problems[2].message == "The birth date is missing."
    assert rows.problems[3].value == "z" * 59 + "…"
    assert rows.refused == {1, 2}
    assert rows.values["phone"] == [None] * 3


def test_a_guardian_given_in_halves_is_not_overwritten_by_the_full_name() -> None:
    rows = read(
        columns_of(
            {"guardian_name": "Ann Bee", "guardian_last_name": "Cee"},
            {"guardian_name": "Ann Bee"},
            {"guardian_name": ""},
        )
    )
    assert rows.values == {"guardian_first_name": [None, "Ann", None], "guardian_last_name": ["Cee", "Bee", None]}


def test_half_a_pair_of_coordinates_is_a_warning() -> None:
    rows = read(columns_of(GOOD | {"lon": "-87.6", "lat": ""}))
    assert [(one.column, one.stops) for one in rows.problems] == [("lon", False)]
    assert rows.values["lon"] == [None]


def test_sensitive_columns_come_only_when_asked_for() -> None:
    columns = columns_of(GOOD | {"frl": "Free"})
    assert "frl" not in read(columns).values
    assert read(columns, factors=True).values["frl"] == ["Free"]


def test_a_profiles_own_words_are_read() -> None:
    words = {"grade": {"Primero": "1"}}
    rows = read_rows({"grade": ["Primero", "2"]}, [2, 3], {}, year_starts=dt.date(2026, 7, 1), words=words)
    assert rows.values["grade"] == ["1", "2"]


def test_a_fingerprint_changes_with_a_cell_and_a_meaning_but_not_with_what_is_sensitive() -> None:
    columns = columns_of(GOOD, GOOD | {"grade": "05"}, GOOD)
    one, other, same = fingerprints(columns)
    assert one == same != other
    assert len(one) == 32
    assert fingerprints(columns | {"frl": ["a", "b", "c"]}) == [one, other, same]
    assert fingerprints(dict(reversed(columns.items()))) == [one, other, same]
    assert fingerprints({"phone": ["x"]}) != fingerprints({"phone_2": ["x"]})
    assert fingerprints({"last_name": ["ab"], "unit": [""]}) != fingerprints({"last_name": ["a"], "unit": ["b"]})
