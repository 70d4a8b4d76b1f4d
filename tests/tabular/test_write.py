"""Files as people and machines read them: what goes in comes out, and no cell runs as a formula."""

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectivity.tabular.write import FORMULA_STARTS, ROWS_A_CHUNK, Profile, guard, read_csv, unguard, write_csv

TABLES = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.text(max_size=8), min_size=width, max_size=width), min_size=1, max_size=6)
)
NASTY = st.text(alphabet="'=+-@\t\r\n\0＝＋－＠a\",; ", max_size=6)


def file_of(header: list[str], rows: list[list[object]], profile: Profile) -> bytes:
    return b"".join(write_csv(header, rows, profile=profile))


@pytest.mark.parametrize("profile", Profile)
@given(table=TABLES)
def test_what_is_written_is_read_back(profile: Profile, table: list[list[str]]) -> None:
    assert read_csv(file_of(table[0], table[1:], profile), profile=profile)[1:] == table[1:]


@given(cells=st.lists(NASTY, min_size=1, max_size=5))
@example(cells=["-Ann", "'-Ann", "''=x", "'", "''", "O'Hara", "'quoted'"])
def test_formula_starts_and_quotes_survive_the_guard(cells: list[str]) -> None:
    data = file_of(["text"], [[cell] for cell in cells], Profile.SPREADSHEET)
    assert [row[0] for row in read_csv(data, profile=Profile.SPREADSHEET)[1:]] == cells


@given(cell=NASTY | st.text(max_size=5))
def test_no_guarded_cell_starts_as_a_formula_and_only_dangerous_ones_change(cell: str) -> None:
    assert guard(cell)[:1] not in FORMULA_STARTS
    assert unguard(guard(cell)) == cell
    if cell.lstrip("'")[:1] not in FORMULA_STARTS:
        assert guard(cell) == cell


@pytest.mark.parametrize("start", sorted(FORMULA_STARTS))
def test_every_formula_start_is_guarded_and_quoted_in_a_spreadsheet_and_left_alone_for_a_machine(start: str) -> None:
    text = file_of(["a", "b"], [["plain", start + "1+1"]], Profile.SPREADSHEET).decode("utf-8-sig")
    assert f'"\'{start}1+1"' in text
    machine = file_of(["a", "b"], [["plain", start + "1+1"]], Profile.MACHINE)
    assert list(csv.reader(io.StringIO(machine.decode(), newline="")))[1] == ["plain", start + "1+1"]


def test_a_dangerous_cell_late_in_a_long_file_is_guarded() -> None:
    rows: list[list[object]] = [["ann", 1]] * (ROWS_A_CHUNK + 7) + [["@sum", -2]] + [["bob", 3]] * 3
    found = file_of(["name", "number"], rows, Profile.SPREADSHEET).decode("utf-8-sig").split("\r\n")
    assert found[ROWS_A_CHUNK + 8] == '"\'@sum",-2'
    assert found[-2] == "bob,3"


def test_a_spreadsheet_file_begins_with_the_mark_that_keeps_accents_and_a_machine_file_does_not() -> None:
    assert file_of(["name"], [["Núñez"]], Profile.SPREADSHEET).startswith(b"\xef\xbb\xbfname\r\nN\xc3\xba")
    assert file_of(["name"], [["Núñez"]], Profile.MACHINE) == b"name\r\nN\xc3\xba\xc3\xb1ez\r\n"


def test_ids_keep_their_leading_zeros_and_empty_cells_stay_empty() -> None:
    data = file_of(["id", "none", "number"], [["00123", None, 7]], Profile.SPREADSHEET)
    assert data.decode("utf-8-sig") == "id,none,number\r\n00123,,7\r\n"


def test_rows_are_asked_for_only_as_the_file_is_taken() -> None:
    asked = []

    def rows() -> Iterator[list[int]]:
        for number in range(3 * ROWS_A_CHUNK):
            asked.append(number)
            yield [number]

    chunks = write_csv(["n"], rows(), profile=Profile.MACHINE)
    next(chunks)
    assert asked == []
    next(chunks)
    assert len(asked) == ROWS_A_CHUNK


def test_numbers_of_equal_value_and_different_writing_stay_apart() -> None:
    assert (
        file_of(["a", "b", "c"], [[1, 1.0, "1.0"], [1.0, 1, "1"]], Profile.MACHINE)
        == b"a,b,c\r\n1,1.0,1.0\r\n1.0,1,1\r\n"
    )


def test_a_file_of_more_different_texts_than_are_remembered_is_whole() -> None:
    rows: list[list[object]] = [[f"name, {number}", "=x"] for number in range(45_000)]
    found = read_csv(file_of(["a", "b"], rows, Profile.SPREADSHEET), profile=Profile.SPREADSHEET)
    assert found[1:] == rows


def test_a_row_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="as wide"):
        file_of(["a", "b"], [["1", "2"], ["1"]], Profile.MACHINE)
