"""One CSV file at the root of a OneRoster ZIP, its cells by heading."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from zipfile import ZipFile

from connectivity.tabular.archive import refusing_broken
from connectivity.tabular.decode import detect
from connectivity.tabular.problems import FileRefused, Problem
from connectivity.tabular.separated import Separated

Row = list[str]


@dataclass(frozen=True)
class Member:
    """A file of the ZIP, still inside it."""

    name: str
    file: Separated
    headings: tuple[str, ...]

    def column(self, heading: str, *, optional: bool = False) -> Callable[[Row], str]:
        """How to take that cell out of a row. Headings are compared exactly, as OneRoster asks. Raises FileRefused if it is missing."""
        if heading not in self.headings:
            if optional:
                return lambda _row: ""
            raise FileRefused(f"{self.name} has no column {heading}. Export it again as the OneRoster standard says.")
        index = self.headings.index(heading)
        return lambda row: row[index]

    def rows(self) -> Iterator[Row]:
        """The rows under the headings, blank ones left out."""
        return (row for row in self.numbered([]) if row)

    def numbered(self, endings: list[Problem]) -> Iterator[Row]:
        """As `rows`, with [] for a blank one. Raises FileRefused for a row that is not as wide as the headings."""
        width = len(self.headings)
        rows = self.file.rows(endings)
        next(rows, None)
        for number, row in enumerate(rows, start=2):
            if len(row) != width and any(row) and (len(row) < width or any(row[width:])):
                raise FileRefused(
                    f"Row {number} of {self.name} has {len(row)} cell{'' if len(row) == 1 else 's'}, but there are {width} headings. Export the file again."
                )
            yield row


def open_member(archive: ZipFile, name: str) -> Member:
    """Raises FileRefused."""
    opener = partial(archive.open, name)
    try:
        with refusing_broken(), opener() as stream:
            encoding = detect(stream)
    except FileRefused as refused:
        raise FileRefused(f"{name}: {refused}") from None
    file = Separated(opener, encoding, ",", label=name)
    headings = tuple(next(file.rows([]), []))
    return Member(name, replace(file, width=len(headings)), headings)
