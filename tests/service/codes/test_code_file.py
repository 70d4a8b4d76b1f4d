"""A provider's list of codes is read whatever it was saved as, and every line that cannot be taken is told by its row."""

import datetime as dt
import io
from pathlib import Path

import pytest
import xlsxwriter

from connectivity.service.codes.code_file import CodeList, read_code_file
from connectivity.tabular.problems import FileRefused
from tests.service.codes.programs import file

TODAY = dt.date(2026, 11, 23)


def read(folder: Path, content: str | bytes, name: str = "codes.csv") -> CodeList:
    return read_code_file(file(folder, name, content), today=TODAY)


def workbook(rows: list[list[object]]) -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"default_date_format": "yyyy-mm-dd"}) as book:
        cover, sheet = book.add_worksheet("Cover"), book.add_worksheet("Codes")
        cover.hide()
        cover.write(0, 0, "not this one")
        sheet.activate()
        sheet.set_first_sheet()
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return kept.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_codes_are_found_by_their_heading_in_any_encoding(tmp_path: Path, encoding: str, separator: str) -> None:
    lines = [
        "Astound – códigos 2026",
        separator.join(["Nº", "Promo Code", "Expires on"]),
        separator.join(["1", "ab-123456", "6/30/2027"]),
        separator.join(["2", "CC-4F7K-9QX2", ""]),
    ]
    found = read(tmp_path, "\r\n".join([*lines, ""]).encode(encoding))
    assert [(one.number, one.code, one.expires_on) for one in found.lines] == [
        (3, "AB123456", dt.date(2027, 6, 30)),
        (4, "CC4F7K9QX2", None),
    ]
    assert (found.bad, found.heading) == ([], "Promo Code")


def test_a_column_alone_needs_no_heading_and_an_unknown_one_is_left_out(tmp_path: Path) -> None:
    assert [one.code for one in read(tmp_path, "AB123456\n\nAB123457\n").lines] == ["AB123456", "AB123457"]
    headed = read(tmp_path, "Comcast partner list\nAB123456\nAB123457\n")
    assert [(one.number, one.code) for one in headed.lines] == [(2, "AB123456"), (3, "AB123457")]
    lettered = read(tmp_path, "ABCDEFGH\nABCDEFGK\n")  # codes without a digit are codes
    assert [one.code for one in lettered.lines] == ["ABCDEFGH", "ABCDEFGK"]


def test_a_workbook_with_numbers_and_dates_is_read_from_the_sheet_people_see(tmp_path: Path) -> None:
    rows = [["Code", "Valid until"], [1234567890, dt.datetime(2027, 6, 30)], ["CC-4F7K-9QX2", ""]]  # noqa: DTZ001
    found = read(tmp_path, workbook(rows), "codes.xlsx")
    assert [(one.number, one.code, one.expires_on) for one in found.lines] == [
        (2, "1234567890", dt.date(2027, 6, 30)),
        (3, "CC4F7K9QX2", None),
    ]


def test_every_bad_line_is_told_with_row_value_and_what_to_do(tmp_path: Path) -> None:
    text = "Code,Expires\nAB123456,\n?,\n1.23E+11,\nAB123457,13/45/2027\nAB123458,11/22/2026\n,6/30/2027\nAB123459,6/30/27\nAB123460,11/24/2031\nAB123461,11/23/2031\n"
    bad = read(tmp_path, text).bad
    assert [(one.number, one.value) for one in bad] == [
        (3, "?"),
        (4, "1.23E+11"),
        (5, "13/45/2027"),
        (6, "11/22/2026"),
        (7, ""),
        (8, "6/30/27"),
        (9, "11/24/2031"),
    ]
    assert "delete the row" in bad[0].message
    assert "no such date" in bad[2].message
    assert "This day has passed" in bad[3].message
    assert "no code in this row" in bad[4].message
    assert "century" in bad[5].message
    assert "the latest day is Nov 23, 2031" in bad[6].message


def test_a_code_that_stands_twice_counts_once_unless_its_days_differ(tmp_path: Path) -> None:
    found = read(tmp_path, "AB123456\nAB-123456\nAB123457\n")
    assert ([one.code for one in found.lines], found.repeated, found.bad) == (["AB123456", "AB123457"], 1, [])
    differ = read(tmp_path, "Code,Expires\nAB123456,6/30/2027\nAB123456,7/31/2027\n")
    assert [(one.number, one.message) for one in differ.bad] == [
        (3, "The same code stands in row 2 with another last day. Delete one of the two rows.")
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "The file is empty"),
        ("\n\n", "The file is empty"),
        ("Code\n", "a heading, but no codes"),
        ("AB123456,Rosa\nAB123457,Ana\n", "cannot tell which column"),
        ("Code,Promo code\nAB123456,AB123457\n", "Two columns may hold the codes"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4, "cannot be read"),
        (b"PK\x03\x04 cut off", "cannot be read"),
    ],
    ids=["nothing", "blank lines", "heading alone", "no heading", "two columns", "no text", "broken workbook"],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        read(tmp_path, content)
