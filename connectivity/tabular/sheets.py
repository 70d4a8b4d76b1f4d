"""Rows of an XLSX workbook. Calamine reads the sheet in parts, so that memory does not grow with the sheet."""

import datetime as dt
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, CalamineWorkbook

from connectivity.tabular.archive import blocks, open_archive
from connectivity.tabular.headings import FIRST_ROWS, find_headings
from connectivity.tabular.problems import FileRefused, Problem
from connectivity.tabular.sheet_parts import BROKEN, Part, parts
from connectivity.tabular.table import Source, Table

WORKBOOK = "xl/workbook.xml"
DICTIONARY = "Data dictionary"  # the second sheet of our own template
# The shared texts and styles, unpacked: calamine holds all of them at once, whatever part of the sheet it lays out.
MOST_FRAME_BYTES, MOST_TEXTS = 256_000_000, 10_000_000
TOO_MANY_TEXTS = (
    "The workbook brings more text beside its sheet than a roster of a million students has. "
    "Nothing in it was read. Copy the roster alone into a new workbook, or save it as CSV, and send that."
)
_FILLED = re.compile(rb"<(?:\w+:)?(?:v|is)\b").search
_TEXT = re.compile(rb"<(?:\w+:)?si\b").findall
_RELATIONS = "xl/_rels/workbook.xml.rels"


def xlsx_table(path: Path, most_rows: int) -> Table:
    """The first sheet with data that is not hidden, and the names of the others that hold something. Raises FileRefused."""
    sheets = [Sheet(path, *found) for found in _sheets(path)]
    sheet, first = _to_read(sheets)
    heading_row, headings = find_headings(first)
    others = (one for one in sheets if one != sheet and one.name != DICTIONARY)
    return Table(
        "xlsx",
        headings,
        heading_row,
        Source(sheet.rows, pads=True),
        most_rows,
        sheet=sheet.name,
        unread_sheets=tuple(one.words for one in others if one.holds_something()),
    )


def _to_read(sheets: Sequence["Sheet"]) -> tuple["Sheet", list[list[str]]]:
    """(the sheet that is read, its first rows)."""
    for sheet in sheets:
        if sheet.seen:
            first = list(islice(sheet.rows([]), FIRST_ROWS))
            if any(map(any, first)):
                return sheet, first
    raise FileRefused("The workbook is empty: no sheet has anything in it. Export the roster again and send that file.")


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook on disk."""

    path: Path
    name: str
    member: str
    seen: bool = True  # False: hidden

    @property
    def words(self) -> str:
        """Its name for the person, who may not know that there is a hidden sheet."""
        return self.name if self.seen else f"{self.name} (hidden)"

    def holds_something(self) -> bool:
        """Whether a cell of its first rows is filled, without laying them out. A sheet that cannot be read holds something too."""
        try:
            with open_archive(self.path) as archive:
                return any(_FILLED(part.xml) for part in islice(parts(archive, self.member), 1))
        except FileRefused:
            return True

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


class Stored(str):
    """A number with a fraction as the workbook stores it, all its digits; what its sheet shows has fewer."""

    __slots__ = ()


def text_of(cell: Any) -> str:
    """A cell as a person reads it: 50000001.0 -> 50000001, a date as ISO, true -> yes. Numbers with a fraction come as Stored."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else Stored(repr(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ") if cell.time() != dt.time() else cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, (dt.date, dt.time)) else str(cell)


def _sheets(path: Path) -> list[tuple[str, str, bool]]:
    """(name, member, whether people see it) of the sheets, in order."""
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
        if member in known and "chartsheet" not in member:
            found.append((sheet.get("name", ""), member, sheet.get("state", "visible") == "visible"))
    return found


def _xml(archive: zipfile.ZipFile, member: str) -> ET.Element:
    data = archive.read(member)
    if b"<!DOCTYPE" in data:  # no workbook has one; with it go entity bombs
        raise FileRefused(BROKEN)
    return ET.fromstring(data)  # noqa: S314  # no document type, so no entities


def _frame(archive: zipfile.ZipFile) -> bytes:
    """The workbook without its sheets: names, styles and shared texts."""
    _check_size(archive)
    frame = io.BytesIO()
    with zipfile.ZipFile(frame, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for name in _of_frame(archive):
            with archive.open(name) as source, out.open(name, "w", force_zip64=True) as target:
                _copy(source, target)
    return frame.getvalue()


def _check_size(archive: zipfile.ZipFile) -> None:
    if sum(archive.getinfo(name).file_size for name in _of_frame(archive)) > MOST_FRAME_BYTES:
        raise FileRefused(TOO_MANY_TEXTS)


def _of_frame(archive: zipfile.ZipFile) -> list[str]:
    parts = ("", "_rels", "xl", "xl/_rels")
    return [name for name in archive.namelist() if posixpath.dirname(name) in parts and not name.endswith("/")]


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    """Each text, even an empty one, is an object once it is laid out: they are counted on their way."""
    count = 0
    for block in blocks(source):
        count += len(_TEXT(block))
        if count > MOST_TEXTS:
            raise FileRefused(TOO_MANY_TEXTS)
        target.write(block)


def _with(frame: bytes, member: str, xml: bytes) -> io.BytesIO:
    workbook = io.BytesIO()
    workbook.write(frame)
    with zipfile.ZipFile(workbook, "a", zipfile.ZIP_STORED) as out:
        out.writestr(member, xml)
    workbook.seek(0)
    return workbook
