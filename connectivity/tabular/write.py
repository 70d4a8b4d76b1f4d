"""Rows to CSV bytes, in chunks: one profile for spreadsheets (formula guard, BOM), one for machines, and the way back."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import islice
from typing import Any

# What a spreadsheet takes for the start of a formula (CWE-1236; OWASP's list with LF, ASVS 1.2.10's NUL, and the full-width forms).
FORMULA_STARTS = frozenset("=+-@\t\r\n\0＝＋－＠")
GUARD = "'"
ROWS_A_CHUNK = 1000
BOM = "\ufeff"

Row = Sequence[Any]

# Not empty, nothing to quote, and not a first sign to look at twice: nearly every cell.
_PLAIN = re.compile("""[^"',\r\n=+\\-@\t\0＝＋－＠][^",\r\n]*""").fullmatch
_NEEDS_QUOTES = re.compile(r'[",\r\n]').search


class Profile(StrEnum):
    """Whom a file is for."""

    SPREADSHEET = "spreadsheet"  # UTF-8 with BOM, formula starts guarded and quoted
    MACHINE = "machine"  # UTF-8 without BOM, cells exactly as they are


def write_csv(header: Sequence[str], rows: Iterable[Row], *, profile: Profile) -> Iterator[bytes]:
    """RFC 4180 bytes: the header first, alone, then chunks of rows. Memory stays at one chunk.

    Cells are text, numbers, dates or None (written empty). Raises ValueError for a row that is not as wide as the header.
    """
    spreadsheet = profile is Profile.SPREADSHEET
    written = _Written(guarded=spreadsheet, lonely=len(header) == 1)
    yield (BOM if spreadsheet else "").encode() + _lines([header], written)
    remaining = iter(rows)
    while chunk := list(islice(remaining, ROWS_A_CHUNK)):
        if set(map(len, chunk)) != {len(header)}:
            raise ValueError("a row is not as wide as the header")
        yield _lines(chunk, written)


def read_csv(data: bytes, *, profile: Profile) -> list[list[str]]:
    """The cells of a file of ours, header first, with the guard taken off again: the inverse of `write_csv` for text."""
    spreadsheet = profile is Profile.SPREADSHEET
    text = data.decode("utf-8-sig" if spreadsheet else "utf-8")
    found = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    return [[unguard(cell) for cell in row] for row in found] if spreadsheet else found


def guard(cell: str) -> str:
    """The cell as a spreadsheet shows it without running it: `=1+1` -> `'=1+1`. One more quote where quotes stood before, so that `unguard` is exact."""
    return GUARD + cell if cell.lstrip(GUARD)[:1] in FORMULA_STARTS else cell


def unguard(cell: str) -> str:
    """The cell before `guard`."""
    return cell[1:] if cell.startswith(GUARD) and cell.lstrip(GUARD)[:1] in FORMULA_STARTS else cell


def _lines(rows: Iterable[Row], written: "_Written") -> bytes:
    return "".join([",".join([written[cell] for cell in row]) + "\r\n" for row in rows]).encode()


class _Written(dict[Any, str]):
    """Cell -> how it is written. Remembers texts: in a file of people most cells repeat, and looking one up is faster than writing it."""

    LARGEST = 20_000

    def __init__(self, *, guarded: bool, lonely: bool) -> None:
        super().__init__()
        self.guarded = guarded
        self.empty = '""' if lonely else ""  # a lonely empty cell would make an empty line, which is no row

    def __missing__(self, cell: Any) -> str:
        if not isinstance(cell, str):
            # Numbers and dates hold no sign that means anything to CSV. Not remembered: 1 and 1.0 would be one key.
            return self.empty if cell is None else str(cell)
        if len(self) >= self.LARGEST:
            self.clear()
        text = self[cell] = cell if _PLAIN(cell) else self._not_plain(cell)
        return text

    def _not_plain(self, cell: str) -> str:
        if not cell:
            return self.empty
        text = guard(cell) if self.guarded else cell
        if text is not cell or _NEEDS_QUOTES(text):
            return '"' + text.replace('"', '""') + '"'
        return text
