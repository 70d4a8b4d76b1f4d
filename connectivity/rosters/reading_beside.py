"""Reads the rows of a large file in a second process."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from connectivity.rosters.beside import each, two_cores
from connectivity.rosters.row_values import RowReader
from connectivity.tabular.problems import Problem

LARGE_BYTES = 8_000_000  # below this the second process starts later than the first one is done

Cells = Mapping[str, Sequence[str]]
Read = tuple[dict[str, list[Any]], list[Problem]]
Kept = TypeVar("Kept")


def read_each(
    reader: RowReader, pieces: Iterable[tuple[Kept, tuple[Cells, Sequence[int]]]], *, file_bytes: int
) -> Iterator[tuple[Kept, Read]]:
    """Reads each piece (what goes along with it; its cells and row numbers), in their order."""
    # Sealing needs the keys of this process, so it stays here.
    if file_bytes >= LARGE_BYTES and reader.seal is None and two_cores():
        yield from each(_read, pieces, prepare=_begin, given=(reader,))
    else:
        yield from ((kept, reader.read(cells, numbers)) for kept, (cells, numbers) in pieces)


_reader: RowReader | None = None


def _begin(reader: RowReader) -> None:
    global _reader
    _reader = reader


def _read(cells: Cells, numbers: Sequence[int]) -> Read:
    assert _reader is not None  # noqa: S101 - set when the process began
    return _reader.read(cells, numbers)
