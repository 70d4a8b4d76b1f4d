"""A people's file as a table: headings, and its rows in chunks of columns with the sheet's own row numbers."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from connectivity.tabular.decode import Letters
from connectivity.tabular.not_students import NotStudents, headings_again, is_total_line, total_line
from connectivity.tabular.problems import FileRefused, Problem

ROWS_A_CHUNK = 20_000
_ID = re.compile(r"[0-9]{8}").fullmatch
BATCH = 1000  # rows turned into columns at once: few enough to stay in the processor's cache


@dataclass(frozen=True)
class Chunk:
    """Rows as columns of equal length. `numbers` are the row numbers a spreadsheet shows."""

    numbers: list[int]
    columns: list[list[str]]
    ragged: list[Problem]  # rows left out of the columns, and warnings about how the file ends
    left_out: dict[int, list[str]] = field(default_factory=dict)  # the cells of the rows left out, by number


@dataclass
class Source:
    """Where the rows come from: every row from the sheet's first, blank ones too."""

    rows: Callable[[list[Problem]], Iterator[list[str]]]  # adds to the list what only the end of the file tells
    pads: bool = False  # a short row is no fault: a workbook does not write empty cells


@dataclass
class Table:
    """One file, opened. `healed` and `examples` fill while chunks are read."""

    kind: str  # csv, xlsx, oneroster
    headings: tuple[str, ...]
    heading_row: int
    source: Source
    most_rows: int
    encoding: str = ""  # words for the person
    separator: str = ""
    sheet: str = ""
    unread_sheets: tuple[str, ...] = ()  # of a workbook: the other sheets that hold something
    whole: bool = True  # False: only what changed (a OneRoster delta)
    letters: Letters = field(default_factory=lambda: Letters(guessed=False))
    quiet: frozenset[int] = frozenset()  # places of columns of which no value is shown

    def show_only(self, places: Collection[int]) -> None:
        """Takes examples of letters from these columns alone, and forgets those it has: any other column may be a sensitive one."""
        self.quiet = frozenset(range(len(self.headings))) - frozenset(places)
        self.letters.healed.clear()
        self.letters.examples.clear()

    @cached_property
    def others(self) -> NotStudents:
        """Tells rows that are no students."""
        return NotStudents.under(self.headings)

    @property
    def healed(self) -> list[tuple[str, str]]:
        """Up to five (before, after) of letters healed."""
        return self.letters.healed

    @property
    def examples(self) -> list[str]:
        """Up to five accented values of a file whose encoding is a guess, as we read them."""
        return self.letters.examples

    def chunks(self, size: int = ROWS_A_CHUNK) -> Iterator[Chunk]:
        """Every row under the headings. Raises FileRefused where the file turns out cut off, broken or too long: take nothing of it then."""
        endings: list[Problem] = []
        rows = islice(self.source.rows(endings), self.heading_row, None)
        next_number, taken = self.heading_row + 1, 0
        chunk = self._empty()
        while batch := list(islice(rows, min(size, BATCH))):
            self._add(next_number, batch, chunk)
            next_number += len(batch)
            if len(chunk.numbers) >= size:
                taken += len(chunk.numbers)
                self._check_length(taken)
                yield self._healed(chunk)
                chunk = self._empty()
        chunk.ragged.extend(endings)
        if chunk.numbers or chunk.ragged:
            self._check_length(taken + len(chunk.numbers))
            yield self._healed(chunk)

    def _empty(self) -> Chunk:
        return Chunk([], [[] for _ in self.headings], [])

    def _healed(self, chunk: Chunk) -> Chunk:
        chunk.columns[:] = [
            self.letters.read(column, shown=at not in self.quiet) for at, column in enumerate(chunk.columns)
        ]
        return chunk

    def _check_length(self, taken: int) -> None:
        if taken > self.most_rows:
            raise FileRefused(
                f"The file has more than {self.most_rows:,} rows, the most we take at once. Send it in several parts."
            )

    def _add(self, first: int, batch: list[list[str]], chunk: Chunk) -> None:
        numbers = range(first, first + len(batch))
        unlike = self.others.unlike
        if set(map(len, batch)) == {len(self.headings)} and all(unlike(row[0]) for row in batch):
            chunk.numbers.extend(numbers)
        else:
            batch = [row for number, row in zip(numbers, batch, strict=True) if self._fits(number, row, chunk)]
        for column, cells in zip(chunk.columns, zip(*batch, strict=True), strict=bool(batch)):
            column.extend(cells)

    def _fits(self, number: int, row: list[str], chunk: Chunk) -> bool:
        """Makes the row as wide as the headings, or reports it."""
        width = len(self.headings)
        if not "".join(row).strip():
            return False
        if len(row) > width and not "".join(row[width:]).strip():
            del row[width:]
        if len(row) < width and self.source.pads:
            row.extend([""] * (width - len(row)))
        if is_total_line(row, width):
            chunk.ragged.append(total_line(number, row))
        elif len(row) != width:
            chunk.ragged.append(_ragged(number, row, width))
        elif self.others.are_headings(row):
            chunk.ragged.append(headings_again(number))
        else:
            chunk.numbers.append(number)
            return True
        chunk.left_out[number] = row
        return False


def _ragged(number: int, row: list[str], width: int) -> Problem:
    """Repeats the student ID alone: nobody can tell which of the other cells is a sensitive one."""
    return Problem(
        row=number,
        column="",
        heading="",
        value=first if _ID(first := row[0].strip()) else "",
        message=f"This row has {len(row)} cell{'' if len(row) == 1 else 's'}, but there are {width} headings.",
        advice="Look for a comma inside an address or a name, or a missing cell, and correct the row.",
        stops=True,
    )
