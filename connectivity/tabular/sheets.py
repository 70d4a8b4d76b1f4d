"""Rows of an XLSX workbook. Calamine reads the sheet in parts, so that memory does not grow with the sheet."""

import datetime as dt
import io
import posixpath
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, CalamineWorkbook

from connectivity.tabular.archive import open_archive
from connectivity.tabular.headings import FIRST_ROWS, find_headings
from connectivity.tabular.problems import FileRefused, Problem
from connectivity.tabular.sheet_parts import BROKEN, Part, parts
from connectivity.tabular.table import Source, Table

WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"


def xlsx_table(path: Path, most_rows: int) -> Table:
    """The first sheet with data that is not hidden. Raises FileRefused."""
    for name, member in _sheets(path):
        sheet = Sheet(path, name, member)
        first = list(islice(sheet.rows([]), FIRST_ROWS))
        if any(any(row) for row in first):
            heading_row, headings = find_headings(first)
            return Table("xlsx", headings, heading_row, Source(sheet.rows, pads=True), most_rows, sheet=name)
    raise FileRefused("The workbook is empty: no sheet has anything in it. Export the roster again and send that file.")


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook on disk."""

    path: Path
    name: str
    member: str

    def rows(self, _endings: list[Problem]) -> Iterator[list[str]]:
        """Every row from the first as texts, blank ones as []. Raises FileRefused."""
        at = 0
        with open_archive(self.path) as archive:
            frame = _frame(archive)
            for part in parts(archive, self.member):
                for number, row in self._laid_out(frame, part):
                    if number < at:
                        raise FileRefused(BROKEN)
                    yield from ([] for _ in range(number - at))
                    yield row
                    at = number + 1

    def _laid_out(self, frame: bytes, part: Part) -> Iterator[tuple[int, list[str]]]:
        try:
            sheet = CalamineWorkbook.from_filelike(_with(frame, self.member, part.xml)).get_sheet_by_name(self.name)
            rows = sheet.to_python()
        except CalamineError:
            raise FileRefused(BROKEN) from None
        first, left = sheet.start or (0, 0)
        broken: dict[int, list[int]] = {}
        for row_at, column in part.errors:
            broken.setdefault(row_at, []).append(column)
        for number, row in enumerate(rows, start=first):
            cells = [cell if cell.__class__ is str else text_of(cell) for cell in row]
            cells = [""] * left + cells if left else cells
            for column in broken.get(number, ()):
                cells.extend([""] * (column + 1 - len(cells)))
                cells[column] = part.errors[number, column]
            yield number, cells


def text_of(cell: Any) -> str:
    """A cell as a person reads it: 50000001.0 -> 50000001, a date as ISO, true -> yes."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ") if cell.time() != dt.time() else cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, (dt.date, dt.time)) else str(cell)


def _sheets(path: Path) -> list[tuple[str, str]]:
    """(name, member) of the sheets people see, in order."""
    with open_archive(path) as archive:
        try:
            relations = {one.get("Id"): one.get("Target", "") for one in _xml(archive, _RELATIONS)}
            sheets = [one for one in _xml(archive, WORKBOOK).iter() if one.tag.endswith("}sheet")]
        except (KeyError, ET.ParseError):
            raise FileRefused(BROKEN) from None
        known = set(archive.namelist())
    found = []
    for sheet in sheets:
        key = next((value for name, value in sheet.items() if name.endswith("}id")), "")
        member = posixpath.normpath(posixpath.join("/xl", relations.get(key, ""))).lstrip("/")
        if sheet.get("state", "visible") == "visible" and member in known and "chartsheet" not in member:
            found.append((sheet.get("name", ""), member))
    return found


def _xml(archive: zipfile.ZipFile, member: str) -> ET.Element:
    data = archive.read(member)
    if b"<!DOCTYPE" in data:  # no workbook has one; with it go entity bombs
        raise FileRefused(BROKEN)
    return ET.fromstring(data)  # noqa: S314  # no document type, so no entities


def _frame(archive: zipfile.ZipFile) -> bytes:
    """The workbook without its sheets: names, styles and shared texts."""
    frame = io.BytesIO()
    with zipfile.ZipFile(frame, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for name in archive.namelist():
            if posixpath.dirname(name) in ("", "_rels", "xl", "xl/_rels") and not name.endswith("/"):
                with archive.open(name) as source, out.open(name, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target)
    return frame.getvalue()


def _with(frame: bytes, member: str, xml: bytes) -> io.BytesIO:
    workbook = io.BytesIO()
    workbook.write(frame)
    with zipfile.ZipFile(workbook, "a", zipfile.ZIP_STORED) as out:
        out.writestr(member, xml)
    workbook.seek(0)
    return workbook
