"""Rows of a CSV file: separator and headings found by trying, cut-off ends noticed."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO

from connectivity.tabular.archive import refusing_broken
from connectivity.tabular.decode import Encoding, Letters, detect
from connectivity.tabular.headings import FIRST_ROWS, find_headings, known
from connectivity.tabular.not_students import is_total_line
from connectivity.tabular.problems import FileRefused, Problem
from connectivity.tabular.table import Source, Table

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "upright bar"}
HEAD = 1 << 16  # signs to look for separator and headings in
Opener = Callable[[], IO[bytes]]


@dataclass(frozen=True)
class Separated:
    """A CSV file: how to open it, and how it is written."""

    open: Opener
    encoding: Encoding
    separator: str
    width: int = 0  # of the headings, once they are known
    label: str = "The file"

    def rows(self, endings: list[Problem]) -> Iterator[list[str]]:
        """Every row from the first, blank ones as []. Raises FileRefused where the file is cut off; a last line without its end is a warning."""
        number = 0
        row: list[str] | None = None
        with refusing_broken(), _text(self.open(), self.encoding) as lines:
            try:
                for following in csv.reader(lines, delimiter=self.separator, strict=True):
                    if row is not None:
                        yield row
                    row = following
                    number += 1
            except csv.Error as fault:
                raise self._unreadable(number + 1, str(fault)) from None
        if row is not None:
            if not self.encoding.ends_line:
                self._end_inside(number, row, endings)
            yield row

    def _end_inside(self, number: int, row: list[str], endings: list[Problem]) -> None:
        if is_total_line(row, self.width):
            return
        if len(row) < self.width:
            raise self._cut_off(number)
        endings.append(
            Problem(
                row=number,
                column="",
                heading="",
                value="",  # its last cell may be a sensitive one
                message=f"The file ends in row {number} without a line end, so it may have been cut off there.",
                advice="Check that this is the last student of the roster. If not, export the file again.",
                stops=False,
            )
        )

    def _unreadable(self, number: int, fault: str) -> FileRefused:
        if "unexpected end" in fault:
            return self._cut_off(number)
        return FileRefused(
            f"{self.label} has a quotation mark in row {number} that is not closed, or one in the middle of a quoted cell, "
            "so nobody can tell where its cells end. Correct that row, or save the file again from the spreadsheet."
        )

    def _cut_off(self, number: int) -> FileRefused:
        return FileRefused(
            f"{self.label} is cut off: it ends in the middle of row {number}. "
            "Export it again and send the whole; nothing of it was taken."
        )


def open_separated(opener: Opener) -> tuple[Separated, int, tuple[str, ...]]:
    """(file, row number of the headings, headings). Raises FileRefused."""
    with opener() as stream:
        encoding = detect(stream)
    with _text(opener(), encoding) as lines:
        head = lines.read(HEAD)
    firsts = {separator: _first_rows(head, separator) for separator in SEPARATORS}
    separator = max(SEPARATORS, key=lambda one: _fit(firsts[one]))
    heading_row, headings = find_headings(firsts[separator])
    letters = Letters(guessed=False)
    return Separated(opener, encoding, separator, len(headings)), heading_row, tuple(letters.read(headings))


def csv_table(opener: Opener, most_rows: int) -> Table:
    """A CSV file as a table."""
    file, heading_row, headings = open_separated(opener)
    return Table(
        kind="csv",
        headings=headings,
        heading_row=heading_row,
        source=Source(file.rows),
        most_rows=most_rows,
        encoding=file.encoding.words,
        separator=SEPARATORS[file.separator],
        letters=Letters(guessed=file.encoding.guessed),
    )


def _text(stream: IO[bytes], encoding: Encoding) -> io.TextIOWrapper:
    """Bytes that Windows-1252 does not know become U+FFFD, which is reported by row."""
    lines = io.TextIOWrapper(stream, encoding.codec, errors="replace", newline="")
    if encoding.codec.startswith("utf-16"):
        _skip_mark(lines)
    return lines


def _skip_mark(lines: io.TextIOWrapper) -> None:
    start = lines.tell()
    if lines.read(1) != "\ufeff":
        lines.seek(start)


def _first_rows(head: str, separator: str) -> list[list[str]]:
    return list(islice(csv.reader(io.StringIO(head, newline=""), delimiter=separator), FIRST_ROWS))


def _fit(rows: list[list[str]]) -> tuple[int, int]:
    """More known headings in a row, then more cells, speak for a separator."""
    return max(map(known, rows), default=0), sum(len(row) - 1 for row in rows if row)
