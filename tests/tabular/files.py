"""Files as bytes, made in the test: CSV in any writing, workbooks, OneRoster ZIPs."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

from connectivity.tabular.workbook import Table, open_table

HEADINGS = ["Student ID", "Last name", "First name", "Birth date", "Grade", "School ID", "Address"]
ROW = ["50001234", "Muñoz", "Luz", "2015-09-30", "4", "609999", "1135 W Wilson Ave"]


def opened(folder: Path, data: bytes, file_name: str = "roster.csv", **more: int) -> Table:
    path = folder / "upload"
    path.write_bytes(data)
    return open_table(path, file_name=file_name, **more)


def rows_of(table: Table) -> list[tuple[str, ...]]:
    return [row for chunk in table.chunks() for row in zip(*chunk.columns, strict=True)]


def csv_of(rows: Sequence[Sequence[str]], *, headings: Sequence[str] = HEADINGS, separator: str = ",") -> bytes:
    return "".join(separator.join(row) + "\r\n" for row in [headings, *rows]).encode()


def xlsx_of(*sheets: Sequence[Sequence[object]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        date = workbook.add_format({"num_format": "m/d/yyyy"})
        workbook.set_calc_mode("auto")
        for rows in sheets:
            sheet = workbook.add_worksheet()
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if str(cell).startswith("=NA"):
                        sheet.write_formula(at, column, str(cell), value="#N/A")
                    elif hasattr(cell, "year"):
                        sheet.write_datetime(at, column, cell, date)
                    else:
                        sheet.write(at, column, cell)
    return file.getvalue()


def zip_of(files: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return file.getvalue()


def manifest(version: str, mode: str = "bulk", **files: str) -> str:
    names = ("orgs", "users", *(("roles",) if version == "1.2" else ()))
    modes = dict.fromkeys(names, mode) | files
    lines = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
    return "\n".join([*lines, *(f"file.{name},{value}" for name, value in modes.items())]) + "\n"
