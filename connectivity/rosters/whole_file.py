"""What is odd about a file as a whole: warnings that belong to no student's row."""

from collections.abc import Mapping
from dataclasses import dataclass

from connectivity.tabular.problems import Problem
from connectivity.tabular.table import Chunk, Table

FEWEST = 2  # rows; one empty cell says nothing of its column
MOST_EMPTY = 0.5  # of the addresses; beyond that something is wrong with the column, not with the families


@dataclass
class Addresses:
    """How many rows a file has, and in how many the address is empty."""

    place: int | None  # of the column; None: the source has none for anybody
    rows: int = 0
    empty: int = 0

    def count(self, chunk: Chunk) -> None:
        """Adds the rows of a chunk."""
        if self.place is not None:
            self.rows += len(chunk.numbers)
            self.empty += sum(not cell or cell.isspace() for cell in chunk.columns[self.place])


def warnings(table: Table, headings: Mapping[str, str], addresses: Addresses) -> list[Problem]:
    """At the row of the headings: sheets that were not read, addresses that are not there."""
    found = []
    if table.unread_sheets:
        others = ", ".join(f"“{name}”" for name in table.unread_sheets)
        found.append(
            _warning(
                table,
                "",
                "",
                f"The sheet “{table.sheet}” was read. The workbook holds more that was not read: {others}.",
                "If there are students in another sheet, copy all of them into one sheet, or hand that sheet in by itself as a part.",
            )
        )
    if addresses.rows >= FEWEST and addresses.empty > MOST_EMPTY * addresses.rows:
        every = addresses.empty == addresses.rows
        found.append(
            _warning(
                table,
                "address",
                headings.get("address", ""),
                "The address is empty in every row."
                if every
                else f"The address is empty in {addresses.empty:,} of {addresses.rows:,} rows.",
                "Look whether the export left the addresses out, or has them under another heading. New students without an "
                "address get no home, and each of them a household of its own unless a phone or e-mail joins them.",
            )
        )
    return found


def _warning(table: Table, column: str, heading: str, message: str, advice: str) -> Problem:
    return Problem(table.heading_row, column, heading, "", message, advice, stops=False)
