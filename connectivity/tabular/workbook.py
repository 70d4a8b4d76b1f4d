"""A roster file of any kind, told by what is in it and not by its name, opened as one Table."""

from pathlib import Path

from connectivity.tabular.archive import open_archive
from connectivity.tabular.oneroster import oneroster_table
from connectivity.tabular.problems import NO_STUDENTS, FileRefused
from connectivity.tabular.separated import csv_table
from connectivity.tabular.sheets import WORKBOOK, xlsx_table
from connectivity.tabular.table import Chunk, Table

__all__ = ["Chunk", "Table", "open_table"]

MOST_ROWS = 1_000_000
MOST_BYTES = 1_000_000_000
_SEND = "Save the roster as .xlsx or CSV and send that."
_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"SQLite format 3\0", "a database"),
    (b"{\\rtf", "a text document"),
)
_WEB_PAGE = (b"<!doctype html", b"<html", b"<table", b"<?xml")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def open_table(path: Path, *, file_name: str, most_rows: int = MOST_ROWS) -> Table:
    """Opens the file at `path`; `file_name` is its name where it came from, for the words only.

    Reads as far as the first student. Raises FileRefused, here or while the chunks are read.
    """
    if path.stat().st_size > MOST_BYTES:
        raise FileRefused(
            f"“{file_name}” is larger than 1 GB. A roster of a million students is smaller: check that it is the right file."
        )
    with path.open("rb") as stream:
        start = stream.read(1024)
    _refuse_other_kinds(path, start, file_name)
    table = (
        _zipped(path, most_rows, file_name)
        if start.startswith(b"PK")
        else csv_table(lambda: path.open("rb"), most_rows)
    )
    if table.kind != "oneroster":  # it says so itself, at its end
        _refuse_without_students(table)
    return table


def _refuse_other_kinds(path: Path, start: bytes, file_name: str) -> None:
    for magic, what in _MAGIC:
        if start.startswith(magic):
            raise FileRefused(f"“{file_name}” is {what}, whatever its name says. {_SEND}")
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(_WEB_PAGE):
        raise FileRefused(
            f"“{file_name}” is a web page, as some systems export under the name of a spreadsheet. Open it in a spreadsheet. {_SEND}"
        )
    if start.startswith(_OLE):
        if _ENCRYPTED in path.read_bytes():
            raise FileRefused("The workbook is protected by a password. Take the password off and send it again.")
        raise FileRefused(
            f"“{file_name}” is an old .xls workbook, which we do not read. Open it in a spreadsheet. {_SEND}"
        )


def _zipped(path: Path, most_rows: int, file_name: str) -> Table:
    with open_archive(path) as archive:
        names = set(archive.namelist())
    if WORKBOOK in names:
        return xlsx_table(path, most_rows)
    if "manifest.csv" in names:
        return oneroster_table(path, most_rows)
    raise FileRefused(_other_zip(names, file_name))


def _other_zip(names: set[str], file_name: str) -> str:
    if any(name.endswith("/manifest.csv") for name in names):
        return "The OneRoster files lie in a folder inside the ZIP. Zip the files themselves, so that manifest.csv is at the top, and send that."
    if "mimetype" in names and "content.xml" in names:
        return f"“{file_name}” is an OpenDocument (.ods) file, which we do not read. Open it in a spreadsheet. {_SEND}"
    if "xl/workbook.bin" in names:
        return f"“{file_name}” is a binary workbook (.xlsb), which we do not read. Open it in a spreadsheet. {_SEND}"
    return (
        f"“{file_name}” is a ZIP file that is neither an .xlsx workbook nor a OneRoster file (it has no manifest.csv). "
        "If the roster is inside, unzip it and send the CSV alone."
    )


def _refuse_without_students(table: Table) -> None:
    if not any(chunk.numbers or chunk.ragged for chunk in table.chunks(size=200)):
        raise FileRefused(NO_STUDENTS)
