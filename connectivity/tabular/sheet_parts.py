"""The XML of one sheet of a workbook, cut at row ends into parts small enough to lay out, and looked over before anything lays it out."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from connectivity.tabular.archive import blocks
from connectivity.tabular.problems import FileRefused

FIRST_ROWS, ROWS_A_PART = 200, 30_000  # the first part is small: often only the headings are wanted
MOST_CELLS = 10_000_000  # laid out at once: about 300 MB
BROKEN = "The workbook is broken or was cut off on its way. Save it again as .xlsx, or as CSV, and send the whole."
_SHEET_DATA = re.compile(rb"<(\w+:)?sheetData\s*(/?)>")
_ROW_NUMBER = re.compile(rb"<(?:\w+:)?row\b[^<>]*?\br=[\"']\d")
# Patterns that begin with plain signs: four times as fast as any other, and every cell is looked at.
_ROWS_NAMED = (re.compile(rb' r="[A-Z]*(\d+)'), re.compile(rb" r='[A-Z]*(\d+)"))
_LATE_COLUMNS = (re.compile(rb' r="([A-Z]{2,})\d'), re.compile(rb" r='([A-Z]{2,})\d"))
# A cell whose formula failed: calamine gives "" for it, which would look like no value at all. Nothing is tried twice (atomic groups,
# no part of it crosses into the next tag), or a file made to annoy would take hours.
_ERROR = re.compile(
    rb"<(?:\w+:)?c\b(?=[^<>]*\bt=[\"']e[\"'])(?>[^<>]*?\br=[\"']([A-Z]+)(\d+)[\"'])[^<>]*+>"
    rb"(?>(?:(?!</?(?:\w+:)?[cv]\b).)*)<(?:\w+:)?v>([^<]*)<",
    re.DOTALL,
)


@dataclass(frozen=True)
class Part:
    """A sheet with some of its rows, at the places they have in the whole."""

    xml: bytes
    errors: dict[tuple[int, int], str]  # (row, column), from 0 -> "#N/A"


def parts(archive: zipfile.ZipFile, member: str) -> Iterator[Part]:
    """The parts in order. Raises FileRefused for a sheet that ends early, or whose cells lie too far apart."""
    with archive.open(member) as stream:
        following = blocks(stream)
        head, prefix, rest = _head(following)
        if not head:
            return
        for rows in _rows(rest, following, prefix):
            _check_extent(rows)
            yield Part(head + rows + b"</%bsheetData></%bworksheet>" % (prefix, prefix), _errors(rows))


def _head(following: Iterator[bytes]) -> tuple[bytes, bytes, bytes]:
    """(everything to <sheetData>, the namespace prefix, what was read beyond it); an empty head for a sheet without rows."""
    read = b""
    for block in following:
        read += block
        if found := _SHEET_DATA.search(read):
            if found[2]:
                break
            return read[: found.end()], found[1] or b"", read[found.end() :]
    else:
        raise FileRefused(BROKEN)
    for _ in following:
        pass  # to the end: only there is the check sum looked at
    return b"", b"", b""


def _rows(rest: bytes, following: Iterator[bytes], prefix: bytes) -> Iterator[bytes]:
    row_end, sheet_end = b"</%brow>" % prefix, b"</%bsheetData>" % prefix
    buffer, count = bytearray(rest), rest.count(row_end)
    numbered, wanted = None, FIRST_ROWS
    while (end := buffer.find(sheet_end, max(0, len(buffer) - 2 * len(rest) - len(sheet_end)))) < 0:
        if numbered is None and len(buffer) > 1000:
            numbered = _ROW_NUMBER.search(buffer) is not None
        if count >= wanted and numbered:
            cut = buffer.rfind(row_end) + len(row_end)
            yield bytes(buffer[:cut])
            del buffer[:cut]
            count, wanted = 0, ROWS_A_PART
        rest = next(following, b"")
        if not rest:
            raise FileRefused(BROKEN)
        seen = max(0, len(buffer) - len(row_end) + 1)
        buffer += rest
        count += buffer.count(row_end, seen)
    yield bytes(buffer[:end])
    for _ in following:
        pass


def _check_extent(rows: bytes) -> None:
    """Calamine lays out the rectangle around all cells; two cells at opposite corners would be billions."""
    named = {int(number) for pattern in _ROWS_NAMED for number in set(pattern.findall(rows))}
    height = max(named) - min(named) + 1 if named else 1
    late = {_column(letters) for pattern in _LATE_COLUMNS for letters in set(pattern.findall(rows))}
    width = max(late, default=25) + 1
    if height * width > MOST_CELLS:
        raise FileRefused(
            "The sheet has single cells far below or far to the right of the roster. "
            "Copy the roster into a new workbook, or save it as CSV, and send that."
        )


def _errors(rows: bytes) -> dict[tuple[int, int], str]:
    if b't="e"' not in rows and b"t='e'" not in rows:
        return {}
    return {(int(row) - 1, _column(column)): value.decode() for column, row, value in _ERROR.findall(rows)}


def _column(letters: bytes) -> int:
    """A -> 0, Z -> 25, AA -> 26."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number - 1
