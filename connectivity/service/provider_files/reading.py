"""A provider's file as lines of cells, whatever way it was saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from connectivity.service.provider_files.headings import Column, Matched, match, plainly, read_as, words_of
from connectivity.tabular.problems import FileRefused, Problem
from connectivity.tabular.workbook import open_table
from connectivity.tabular.write import unguard

SAMPLES = 3  # cells of a column that a person is shown to say what it is


class Unreadable(ValueError):
    """The file cannot be taken. The message is for the person."""


class ColumnsUnknown(Unreadable):
    """A person must say which column is which. `read_as` holds the headings and a few cells of each."""

    def __init__(self, message: str, read_as: dict[str, object]) -> None:
        self.read_as = read_as
        super().__init__(message)


class Line(NamedTuple):
    """A row as it came. `number` is the spreadsheet's; `fault`: why its cells cannot be told apart."""

    number: int
    cells: list[str]
    fault: str = ""


@dataclass(frozen=True)
class Sheet:
    """A whole file. `places`: our column -> place of its cell in a line."""

    places: Mapping[str, int]
    lines: list[Line]
    read_as: dict[str, object]


def read(path: Path, *, file_name: str, columns: Sequence[Column], own: Mapping[str, str]) -> Sheet:
    """Every row. `own`: the provider's own headings. Raises Unreadable, ColumnsUnknown."""
    try:
        table = open_table(path, file_name=file_name)
        if table.kind == "oneroster":
            raise Unreadable("This is a roster of students, not the file we sent to the provider.")
        matched = match(table.headings, columns, own)
        if not matched.complete:
            raise _unknown(
                read_as(table, matched), matched, [chunk.columns for chunk in table.chunks(size=SAMPLES)][:1]
            )
        lines: list[Line] = []
        for chunk in table.chunks():
            lines += _ragged(chunk.ragged, chunk.left_out)
            rows = zip(*(list(map(unguard, column)) for column in chunk.columns), strict=True)
            lines += map(Line, chunk.numbers, map(list, rows))
    except FileRefused as refused:
        raise Unreadable(plainly(refused)) from refused
    lines.sort(key=lambda line: line.number)
    return Sheet(matched.columns, lines, read_as(table, matched))


def _unknown(shown: dict[str, object], matched: Matched, first: Sequence[list[list[str]]]) -> ColumnsUnknown:
    samples = [column[:SAMPLES] for column in first[0]] if first else []
    guesses = {name: name_of for name_of, name in _headings(shown).items()}
    missing = [[one.column, one.nearest] for one in matched.missing]
    more = {"samples": samples, "guesses": guesses, "missing": missing, "doubled": matched.doubled}
    return ColumnsUnknown(" ".join(words_of(matched)), {**shown, **more})


def _headings(shown: dict[str, object]) -> dict[str, str]:
    found = shown["columns"]
    return dict(found) if isinstance(found, dict) else {}


def _ragged(problems: Sequence[Problem], left_out: Mapping[int, list[str]]) -> list[Line]:
    """Rows with more or fewer cells than headings. A warning about how the file ends is no row."""
    return [
        Line(one.row, left_out.get(one.row, []), f"{one.message} {one.advice}")
        for one in problems
        if one.row in left_out
    ]
