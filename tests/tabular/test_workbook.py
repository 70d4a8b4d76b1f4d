"""Any file a district sends: opened with the sheet's own row numbers, or refused with a sentence that says what to do."""

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from connectivity.tabular import sheet_parts, sheets
from connectivity.tabular.built_in_profiles import TABLE_PROFILES
from connectivity.tabular.column_profiles import SENSITIVE, looks_sensitive
from connectivity.tabular.problems import FileRefused
from connectivity.tabular.write import Profile, unguard, write_csv
from tests.tabular.files import HEADINGS, ROW, csv_of, opened, rows_of, xlsx_of, zip_of

CELL = st.text(alphabet="azñé7 ,;\t\n\"'=+-@’", max_size=8)
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "upright bar"}


@given(
    rows=st.lists(st.lists(CELL, min_size=7, max_size=7), min_size=1, max_size=5),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    separator=st.sampled_from(sorted(SEPARATORS)),
)
def test_what_a_spreadsheet_writes_is_read_in_every_encoding_and_separator(
    rows: list[list[str]], encoding: str, separator: str
) -> None:
    rows = [["x" + row[0], *row[1:]] for row in rows]
    written = b"".join(write_csv(HEADINGS, rows, profile=Profile.SPREADSHEET)).decode("utf-8-sig")
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(csv.reader(io.StringIO(written, newline="")))
    with TemporaryDirectory() as folder:
        table = opened(Path(folder), text.getvalue().encode(encoding))
        assert [[unguard(cell) for cell in row] for row in rows_of(table)] == rows
        assert (table.kind, table.separator, table.headings) == ("csv", SEPARATORS[separator], tuple(HEADINGS))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_file_cut_off_anywhere_but_at_a_line_end_never_passes_in_silence(tmp_path: Path, encoding: str) -> None:
    rows = [
        [f"5000{at:04}", '"Muñoz, ""Z"""', "Luz", "2015-09-30", "4", "609999", f'"{at} W\nWilson"'] for at in range(9)
    ]
    data = csv_of(rows).decode().encode(encoding)
    step = 2 if encoding == "utf-16" else 1
    whole_rows = {len(csv_of(rows[:count]).decode().encode(encoding)): count for count in range(10)}
    whole_rows |= {size - step: count for size, count in whole_rows.items()}  # the CR is a line end too
    for size in range(len(data)):
        try:
            chunks = list(opened(tmp_path, data[:size]).chunks())
        except FileRefused:
            continue
        if size in whole_rows:
            assert sum(len(chunk.numbers) for chunk in chunks) == whole_rows[size]
        else:
            assert any(chunk.ragged for chunk in chunks), data[:size][-30:]


def test_row_numbers_are_the_sheets_own_with_titles_blank_lines_and_line_breaks(tmp_path: Path) -> None:
    lines = [
        "Chicago roster",
        "",
        ",".join(HEADINGS),
        ",".join(ROW),
        "",
        '50001235,Ng,"A\nB",2015-01-02,4,609999,1 W A',
        ",,,,,,",
    ]
    table = opened(tmp_path, "\n".join([*lines, ",".join(ROW), ""]).encode())
    assert table.heading_row == 3
    assert [chunk.numbers for chunk in table.chunks()] == [[4, 6, 8]]
    assert [number for chunk in table.chunks(size=1) for number in chunk.numbers] == [4, 6, 8]


def test_rows_too_short_or_too_long_are_told_and_trailing_empty_cells_forgiven(tmp_path: Path) -> None:
    table = opened(tmp_path, csv_of([ROW, ROW[:3], [*ROW, "", ""], [*ROW, "", "x"], ROW]))
    (chunk,) = table.chunks()
    assert chunk.numbers == [2, 4, 6]
    assert [(one.row, one.stops) for one in chunk.ragged] == [(3, True), (5, True)]
    assert "3 cells" in chunk.ragged[0].message
    assert chunk.left_out[3] == ROW[:3]


def test_no_message_repeats_a_cell_that_may_be_sensitive(tmp_path: Path) -> None:
    """A row with a cell too few has its cells under other headings; a file without its last line end ends in any column."""
    headings = [*HEADINGS, "Medicaid"]
    short = [ROW[0], "Reduced lunch", "Medicaid yes"]
    data = csv_of([[*ROW, "Y"], short, ["Luz", "Medicaid yes"], [*ROW, "Medicaid yes"]], headings=headings).rstrip()
    (chunk,) = opened(tmp_path, data).chunks()
    assert [one.row for one in chunk.ragged] == [3, 4, 5]
    assert [one.value for one in chunk.ragged] == ["50001234", "", ""]
    assert not any("Medicaid" in f"{one.value}{one.message}{one.advice}" for one in chunk.ragged)
    (chunk,) = opened(tmp_path, csv_of([[*ROW, "Y"], ["Total", "Medicaid yes", "60"]], headings=headings)).chunks()
    assert chunk.ragged[0].value == "Total, 60"


def test_letters_are_shown_from_the_columns_that_may_be_shown_alone(tmp_path: Path) -> None:
    data = csv_of([[*ROW, "visiÃ³n"]], headings=[*HEADINGS, "Disability"]).replace("Muñoz".encode(), "MuÃ±oz".encode())
    table = opened(tmp_path, data)
    table.show_only(range(len(HEADINGS)))
    (row,) = rows_of(table)
    assert (row[1], row[-1]) == ("Muñoz", "visión")
    assert table.healed == [("MuÃ±oz", "Muñoz")]


def test_the_other_sheets_of_a_workbook_are_named_and_empty_ones_are_not(tmp_path: Path) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        for name, rows in (("Notes", []), ("North", [HEADINGS, ROW]), ("South", [HEADINGS, ROW]), ("Old", [["x"]])):
            sheet = workbook.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
        sheet.hide()
    table = opened(tmp_path, file.getvalue(), "roster.xlsx")
    assert (table.sheet, table.unread_sheets) == ("North", ("South", "Old (hidden)"))


@pytest.mark.parametrize("limit", ["MOST_TEXTS", "MOST_FRAME_BYTES"])
def test_shared_texts_beyond_what_a_roster_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """Nearly a thousand texts, in less than 100,000 bytes: neither fills the memory."""
    data = xlsx_of([HEADINGS, *([f"{50000000 + at}", f"Name {at}", *ROW[2:]] for at in range(450))])
    assert len(rows_of(opened(tmp_path, data))) == 450
    monkeypatch.setattr(sheets, limit, 500)
    with pytest.raises(FileRefused, match="more text beside its sheet"):
        opened(tmp_path, data)


@pytest.mark.parametrize("heading", ["Lunch code", "FRL", "Medicaid ID", "Housing status", "IEP?", "504 Plan"])
def test_a_heading_that_sounds_sensitive_is_taken_for_it(heading: str) -> None:
    assert looks_sensitive(heading)


def test_no_heading_that_everybody_needs_sounds_sensitive() -> None:
    plain = [name for profile in TABLE_PROFILES for name, column in profile.headings.items() if column not in SENSITIVE]
    assert [name for name in plain if looks_sensitive(name)] == []


def test_headings_that_stand_again_further_down_are_one_problem_of_their_row(tmp_path: Path) -> None:
    again = [f" {heading.upper().replace(' ', '  ')}" for heading in HEADINGS]
    for data, name in (
        (csv_of([ROW, HEADINGS, ROW, again]), "roster.csv"),
        (xlsx_of([HEADINGS, ROW, HEADINGS, ROW, again]), "roster.xlsx"),
    ):
        (chunk,) = opened(tmp_path, data, name).chunks()
        assert chunk.numbers == [2, 4]
        assert [(one.row, one.message, one.advice, one.stops) for one in chunk.ragged] == [
            (row, "The headings stand here again.", "Leave this row out.", True) for row in (3, 5)
        ]
        assert sorted(chunk.left_out) == [3, 5]


LAST_LINES = [
    ["Total", "60"],
    ["TOTAL STUDENTS:", "", "", "60"],
    ["", "Grand total", "60"],
    ["Record count: 60"],
    ["60 students"],
    ["*** End of report ***"],
]


@pytest.mark.parametrize("line", LAST_LINES)
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("end", [b"", b"\r\n"])
def test_a_line_of_totals_is_told_as_one_and_does_not_refuse_the_file(
    tmp_path: Path, line: list[str], end: bytes, *, wide: bool
) -> None:
    line = [*line, *[""] * (len(HEADINGS) - len(line))] if wide else line
    said = ", ".join(cell for cell in line if cell)
    for data, name in (
        (csv_of([ROW, ROW, line]).removesuffix(b"\r\n") + end, "roster.csv"),
        (xlsx_of([HEADINGS, ROW, ROW, line]), "roster.xlsx"),
    ):
        (chunk,) = opened(tmp_path, data, name).chunks()
        assert chunk.numbers == [2, 3]
        assert [(one.row, one.value, one.message, one.advice, one.stops) for one in chunk.ragged] == [
            (4, said, "This looks like a line of totals, not like a student.", "Leave this row out.", True)
        ]
        assert list(chunk.left_out) == [4]


@pytest.mark.parametrize("name", ["Total", "Count", "Row", "Numberson", "Endo"])
def test_a_student_who_is_called_like_a_line_of_totals_is_a_student(tmp_path: Path, name: str) -> None:
    headings = ["Last name", "First name", "Student ID", *HEADINGS[3:]]
    (chunk,) = opened(tmp_path, csv_of([[name, "Luz", *ROW[:1], *ROW[3:]]], headings=headings)).chunks()
    assert (chunk.numbers, chunk.ragged) == ([2], [])


def test_a_student_in_whose_row_one_cell_is_its_heading_is_no_heading_row(tmp_path: Path) -> None:
    (chunk,) = opened(tmp_path, csv_of([[HEADINGS[0], *ROW[1:]]])).chunks()
    assert (chunk.numbers, chunk.ragged) == ([2], [])


def test_a_file_of_an_unmapped_source_is_opened_by_its_first_wide_row_of_words(tmp_path: Path) -> None:
    table = opened(tmp_path, b"Made for the city\nKey;Nom;Rue\n1;Luz;Rue 1\n")
    assert (table.headings, table.heading_row) == (("Key", "Nom", "Rue"), 2)


def test_a_last_line_without_its_end_is_a_warning(tmp_path: Path) -> None:
    (chunk,) = opened(tmp_path, csv_of([ROW]).rstrip()).chunks()
    assert chunk.numbers == [2]
    assert [(one.row, one.stops) for one in chunk.ragged] == [(2, False)]


PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
BAD = {
    "nothing": (b"", "is empty"),
    "blank lines": (b"\r\n,,\r\n", "is empty"),
    "headings only": (csv_of([]), "no students"),
    "headings and blank lines": (csv_of([]) + b"\r\n,,,,,,\r\n", "no students"),
    "a picture": (PICTURE, "is a picture"),
    "a PDF": (b"%PDF-1.7\n" + PICTURE, "is a PDF"),
    "a program": (bytes(range(256)) * 40, "not a text file"),
    "a web page": (b"\xef\xbb\xbf<html><table>", "is a web page"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"old \.xls"),
    "a protected workbook": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "protected by a password",
    ),
    "an OpenDocument": (zip_of({"mimetype": "x", "content.xml": "x"}), r"\.ods"),
    "any ZIP": (zip_of({"roster.csv": "x"}), "unzip it"),
    "no headings": (csv_of([ROW], headings=ROW), "no heading row"),
    "a heading twice": (csv_of([[*ROW, "x"]], headings=[*HEADINGS, "BIRTH_DATE"]), "“Birth date” twice"),
    "an open quote": (csv_of([ROW, ['"5000', *ROW[1:]]]), "ends in the middle of row 3"),
    "a quote inside": (csv_of([ROW, ['"Apt "B""', *ROW[1:]], ROW]), "in row 3"),
    "half a last row": (csv_of([ROW]) + b"50001235,Ng", "ends in the middle of row 3"),
    "an empty workbook": (xlsx_of([]), "is empty"),
    "half a workbook": (xlsx_of([HEADINGS, ROW])[:-200], "broken"),
    "a ZIP bomb": (zip_of({"xl/workbook.xml": b"0" * 5_000_000}), "200 times"),
    "many members": (zip_of({f"{at}": "" for at in range(1001)}), "1,001 files"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_file_that_is_no_roster_is_refused_in_one_sentence(tmp_path: Path, what: str) -> None:
    data, words = BAD[what]
    with pytest.raises(FileRefused, match=words):
        rows_of(opened(tmp_path, data))


def test_a_doubled_heading_that_nobody_uses_is_no_matter(tmp_path: Path) -> None:
    table = opened(tmp_path, csv_of([[*ROW, "a", "b"]], headings=[*HEADINGS, "Locker", "Locker"]))
    assert len(rows_of(table)) == 1


def test_more_rows_than_allowed_are_refused(tmp_path: Path) -> None:
    assert len(rows_of(opened(tmp_path, csv_of([ROW] * 5), most_rows=5))) == 5
    with pytest.raises(FileRefused, match="more than 4 rows"):
        rows_of(opened(tmp_path, csv_of([ROW] * 5), most_rows=4))


def test_a_workbooks_cells_are_read_as_people_see_them(tmp_path: Path) -> None:
    row = [50001234, "Muñoz", True, dt.date(2015, 9, 30), 4, 609999.0, "=NA()", 41.9653]
    table = opened(tmp_path, xlsx_of([], [[], ["", "District"], ["", *HEADINGS, "Lat"], [], ["", *row]]), "r.xlsx")
    assert (table.kind, table.sheet, table.heading_row) == ("xlsx", "Sheet2", 3)
    (chunk,) = table.chunks()
    assert chunk.numbers == [5]
    read = ["50001234", "Muñoz", "yes", "2015-09-30", "4", "609999", "#N/A", "41.9653"]
    assert [column[0] for column in chunk.columns] == ["", *read]


def test_a_workbook_read_in_many_parts_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[f"{50000000 + at}", *ROW[1:-1], "" if at % 3 else f"{at} W A"] for at in range(700)]
    data = xlsx_of([HEADINGS, *rows[:300], [], *rows[300:]])
    monkeypatch.setattr(sheet_parts, "FIRST_ROWS", 7)
    monkeypatch.setattr(sheet_parts, "ROWS_A_PART", 11)
    monkeypatch.setattr(sheet_parts, "blocks", lambda stream: iter(lambda: stream.read(97), b""))
    table = opened(tmp_path, data)
    assert rows_of(table) == [tuple(row) for row in rows]
    assert [number for chunk in table.chunks() for number in chunk.numbers] == [*range(2, 302), *range(303, 703)]


def edited(data: bytes, member: str, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert old in files[member]
    return zip_of(files | {member: files[member].replace(old, new)})


def test_one_cell_in_the_far_corner_cannot_fill_the_memory(tmp_path: Path) -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    data = edited(xlsx_of([HEADINGS, ROW]), "xl/worksheets/sheet1.xml", b"</sheetData>", far)
    with pytest.raises(FileRefused, match="far below"):
        opened(tmp_path, data)


def test_a_sheet_that_ends_early_or_brings_entities_is_broken(tmp_path: Path) -> None:
    data = xlsx_of([HEADINGS, ROW])
    for member, old, new in (
        ("xl/worksheets/sheet1.xml", b"</sheetData>", b""),
        ("xl/workbook.xml", b"<workbook", b"<!DOCTYPE x><workbook"),
    ):
        with pytest.raises(FileRefused, match="broken"):
            opened(tmp_path, edited(data, member, old, new))


def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    data = bytearray(zip_of({"manifest.csv": "propertyName,value\n" * 500}))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (50).to_bytes(4, "little")  # the central directory's uncompressed size
    with pytest.raises(FileRefused, match="broken"):
        opened(tmp_path, bytes(data))


def test_a_member_with_a_password_is_refused(tmp_path: Path) -> None:
    data = bytearray(zip_of({"manifest.csv": "x"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    with pytest.raises(FileRefused, match="Take the password off"):
        opened(tmp_path, bytes(data))
