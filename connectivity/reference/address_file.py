"""A county's open address-point CSV, read row by row; every unreadable row is counted with its reason."""

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self

from connectivity.geography.address import AddressNotRead, fold, parse_parts
from connectivity.geography.address_points import MOST_NUMBER, Street
from connectivity.geography.address_words import CITY_NAMES
from connectivity.reference.address_columns import AddressFileRefused, find_columns, read_header

FIRST_ROWS = 5  # row numbers shown for each reason
_NUMBER = re.compile(r"\s*0*([1-9]\d{0,4})(?:\.0*)?\s*")

Point = tuple[str, str, str, int, str, float, float]  # direction, street, kind, number, zip, lon, lat
Box = tuple[float, float, float, float]  # west, south, east, north


@dataclass
class Tally:
    """What became of a file's rows, filled while they are read. The headings are row 1."""

    rows: int = 0
    points: int = 0
    doubles: int = 0
    outside: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    first_rows: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    @property
    def reasons(self) -> list[str]:
        """`1,204 rows: the house number is missing (rows 17, 23, 40 …)`, the most frequent first."""
        return [f"{_rows(count)}: {reason} ({self._where(reason)})" for reason, count in self.unread.most_common()]

    def miss(self, row: int, reason: str) -> None:
        """Counts a row that cannot be read."""
        self.unread[reason] += 1
        if len(self.first_rows[reason]) < FIRST_ROWS:
            self.first_rows[reason].append(row)

    def _where(self, reason: str) -> str:
        first = self.first_rows[reason]
        more = " …" if self.unread[reason] > len(first) else ""
        return f"{'row' if len(first) == 1 else 'rows'} {', '.join(map(str, first))}{more}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


@dataclass(frozen=True)
class AddressFile:
    """A file whose columns are known. `columns`: our column -> the heading of the file."""

    path: Path
    separator: str
    headings: tuple[str, ...]
    columns: Mapping[str, str]

    @classmethod
    def open(cls, path: Path, named: Mapping[str, str]) -> Self:
        """`named` (our column -> a heading of the file) outranks the known headings. Raises AddressFileRefused."""
        separator, headings = read_header(path)
        return cls(path, separator, headings, find_columns(headings, named))

    def points(self, stream: BinaryIO, box: Box, tally: Tally) -> Iterator[Point]:
        """Each building of the city once, in the spelling of `geography.address`, while `tally` counts all rows.

        Memory holds one row, the streets, and one number for each building. Raises AddressFileRefused where the CSV is broken.
        """
        text = io.TextIOWrapper(stream, "utf-8-sig", "replace", newline="")
        rows = csv.reader(text, delimiter=self.separator)
        reader = _Rows({ours: self.headings.index(theirs) for ours, theirs in self.columns.items()}, box, tally)
        width = len(self.headings)
        try:
            next(rows)
            for number, cells in enumerate(rows, start=2):
                if cells and (point := reader.read(number, cells, width)):
                    yield point
        except csv.Error as broken:
            reason = f"Line {rows.line_num:,} cannot be read as CSV ({broken}). Download the file again."
            raise AddressFileRefused(reason) from broken
        finally:
            text.detach()  # the stream is the caller's to close


class _NotRead(ValueError):
    """Why a row cannot be read."""


class _Rows:
    """Reads one row after another, and remembers streets and buildings seen."""

    def __init__(self, at: Mapping[str, int], box: Box, tally: Tally) -> None:
        self._at, self._tally = at, tally
        self._west, self._south, self._east, self._north = box
        self._streets: dict[tuple[str, ...], Street | None] = {}
        self._codes: dict[Street, int] = {}
        self._seen: set[int] = set()
        self._cities: dict[str, bool] = {}

    def read(self, row: int, cells: Sequence[str], width: int) -> Point | None:
        """The building, if it is one of the city's and a new one; else it is counted why not."""
        self._tally.rows += 1
        try:
            if len(cells) < width:
                raise _NotRead("the row has fewer cells than there are headings")
            if not self._in_city(cells):
                self._tally.outside += 1
                return None
            number, street = self._address(cells)
        except _NotRead as unread:
            self._tally.miss(row, str(unread))
            return None
        building = self._codes.setdefault(street, len(self._codes)) * (MOST_NUMBER + 1) + number
        if building in self._seen:
            self._tally.doubles += 1
            return None
        self._seen.add(building)
        self._tally.points += 1
        zip_code = cells[self._at["zip"]].strip()[:5] if "zip" in self._at else ""
        return (*street, number, zip_code, *self._lonlat(cells))

    def _in_city(self, cells: Sequence[str]) -> bool:
        if "city" in self._at and not self._is_chicago(cells[self._at["city"]]):
            return False
        lon, lat = self._lonlat(cells)
        if self._west <= lon <= self._east and self._south <= lat <= self._north:
            return True
        if not (-180 <= lon <= 180 and -180 <= lat <= 180):
            raise _NotRead("the coordinates are not degrees of longitude and latitude")
        if self._west <= lat <= self._east and self._south <= lon <= self._north:
            raise _NotRead("longitude and latitude are swapped")
        return False

    def _is_chicago(self, name: str) -> bool:
        """A row without a municipality is judged by its coordinates."""
        if name not in self._cities:
            self._cities[name] = not name.strip() or fold(name) in CITY_NAMES
        return self._cities[name]

    def _lonlat(self, cells: Sequence[str]) -> tuple[float, float]:
        try:
            return float(cells[self._at["lon"]]), float(cells[self._at["lat"]])
        except ValueError as unread:
            raise _NotRead("the coordinates are missing or are not numbers") from unread

    def _address(self, cells: Sequence[str]) -> tuple[int, Street]:
        digits, words = self._number_and_street(cells)
        number = _NUMBER.fullmatch(digits)
        if not number:
            raise _NotRead("the house number is missing or is not a number from 1 to 99999")
        if words not in self._streets:
            self._streets[words] = _street(words)
        street = self._streets[words]
        if street is None:
            raise _NotRead("the street is missing or cannot be read")
        return int(number[1]), street

    def _number_and_street(self, cells: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        at = self._at
        if "street" in at and "number" in at:
            parts = ("direction", "street", "kind")
            return cells[at["number"]], tuple(cells[at[part]] if part in at else "" for part in parts)
        digits, _, street = cells[at["line"]].strip().partition(" ")
        return digits, (street,)


def _street(words: Sequence[str]) -> Street | None:
    """The same reading that a family's address has."""
    try:
        read = parse_parts(f"1 {' '.join(words)}")
    except AddressNotRead:
        return None
    return read.direction, read.street, read.kind
