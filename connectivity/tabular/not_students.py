"""Rows under the headings that are no students: the headings once more, and the line of totals at the end."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from connectivity.tabular.column_profiles import fold_heading
from connectivity.tabular.problems import Problem, echo

MOST_CELLS = 3  # of a line of totals: a word, a figure, perhaps a date
_TOTAL = re.compile(
    r"\W*(?:(?:grand|sub)?\W*totals?|sum|(?:records?|rows?|students?)?\W*count|records?|rows?|number of|end of (?:file|report|roster))\b"
    r"|\W*[\d.,]+ (?:records?|rows?|students?)\W*$",
    re.IGNORECASE,
).match
# A quick look at the first cell of every row: what begins and ends with none of these is no line of totals.
_BEGINNINGS = ("*", "-", "=", "(", "grand", "sub", "total", "sum", "record", "row", "student", "count", "number", "end")
_ENDINGS = ("record", "records", "row", "rows", "student", "students")


@dataclass(frozen=True)
class NotStudents:
    """How the rows of one file are told that stand among the students and are none."""

    folded: tuple[str, ...]  # the headings
    first: str  # the first of them, without blanks and in small letters

    @classmethod
    def under(cls, headings: Sequence[str]) -> "NotStudents":
        """Of a file with these headings."""
        return cls(tuple(map(fold_heading, headings)), "".join(headings[0].split()).lower())

    def unlike(self, cell: str) -> bool:
        """Whether a row that begins with this cell is surely a student's. Asked of every row, so it is quick; no only means: look closely."""
        said = "".join(cell.split()).lower()
        return bool(said) and said != self.first and not said.startswith(_BEGINNINGS) and not said.endswith(_ENDINGS)

    def are_headings(self, row: Sequence[str]) -> bool:
        """Whether the headings stand here again, in whatever capitals and with whatever blanks."""
        return tuple(map(fold_heading, row)) == self.folded


def is_total_line(row: Sequence[str], width: int) -> bool:
    """Whether the row counts the students above it: a word for that, and hardly anything beside it."""
    filled = [cell for cell in row if cell.strip()]
    return 0 < len(filled) <= MOST_CELLS and 2 * len(filled) < width and _TOTAL(filled[0]) is not None


def headings_again(number: int) -> Problem:
    """Of a sheet that was put together from several."""
    return _no_student(number, "", "The headings stand here again.")


def total_line(number: int, row: Sequence[str]) -> Problem:
    """Of a sheet that ends with its own count."""
    filled = [cell.strip() for cell in row if cell.strip()]
    # Nothing but the word and its figures: a cell beside them may be a sensitive one that slipped.
    said = ", ".join([filled[0], *(cell for cell in filled[1:] if cell.replace(",", "").isdecimal())])
    return _no_student(number, echo(said), "This looks like a line of totals, not like a student.")


def _no_student(number: int, value: str, message: str) -> Problem:
    return Problem(
        row=number, column="", heading="", value=value, message=message, advice="Leave this row out.", stops=True
    )
