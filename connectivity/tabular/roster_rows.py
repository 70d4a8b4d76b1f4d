"""Rows of a roster, cleaned: columns of raw cells -> columns ready for the database, with every problem by row."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from connectivity.tabular import cells
from connectivity.tabular.column_profiles import COLUMN, REQUIRED, SENSITIVE
from connectivity.tabular.coordinates import read_pairs
from connectivity.tabular.dates import birth_date, date
from connectivity.tabular.people_names import split_name
from connectivity.tabular.problems import Problem, echo
from connectivity.tabular.trouble import Trouble

# Changes whenever the same cells would be read differently: then the same file is no longer "nothing new".
RULES_VERSION = "1"
Columns = Mapping[str, Sequence[str]]

_READERS: dict[str, cells.Reader] = {
    "student_id": cells.student_id,
    "last_name": cells.name,
    "first_name": cells.name,
    "grade": cells.grade,
    "school_id": cells.school_id,
    "guardian_name": cells.name,
    "guardian_first_name": cells.name,
    "guardian_last_name": cells.name,
    "phone": cells.phone,
    "phone_2": cells.phone,
    "phone_3": cells.phone,
    "email": cells.email,
    "language": cells.language,
    "zip": cells.zip_code,
    "eligible": cells.yes_no,
    "leaving": cells.yes_no,
    "program_year": cells.program_year,
    "as_of": date,
}
_PAIR = ("lon", "lat")


@dataclass
class ReadRows:
    """Cleaned columns, all as long as the rows given. A refused row has its place too, with what could be read of it."""

    values: dict[str, list[str | None]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)  # by row
    refused: set[int] = field(default_factory=set)  # positions of rows that must not be taken


def fingerprints(columns: Columns) -> list[str]:
    """A hash for each row over its raw cells (column name -> cells), without the sensitive ones and the day of the export.

    Two rows have one fingerprint only if they would be read alike. The names are hashed too: a phone mapped as second phone is another row.
    """
    names = sorted(columns.keys() - SENSITIVE - {"as_of"})
    start = blake2b("\x1f".join([RULES_VERSION, *names]).encode() + b"\x1e", digest_size=16)
    found = []
    # The separator is a control character: a row that holds one itself is refused, so no two good rows can run together.
    for row in zip(*(columns[name] for name in names), strict=True):
        one = start.copy()
        one.update("\x1f".join(row).encode("utf-8", "surrogatepass"))
        found.append(one.hexdigest())
    return found


def read_rows(
    columns: Columns,
    numbers: Sequence[int],
    headings: Mapping[str, str],
    *,
    year_starts: dt.date,
    words: Mapping[str, Mapping[str, str]] | None = None,
    factors: bool = False,
) -> ReadRows:
    """Reads columns of raw cells (column name -> cells). `numbers` are the sheet's row numbers, `headings` column name -> as the file writes it.

    `words` are a profile's own value maps. Sensitive columns are left out unless `factors`. A row without a required value is
    refused if the column is there at all; which columns must be there is `match`'s business.
    """
    reading = _Reading(columns, numbers, headings, ReadRows())
    readers = _READERS | {"birth_date": birth_date(year_starts)}
    for name in COLUMN:
        if name in columns and name not in _PAIR and (factors or name not in SENSITIVE):
            reading.one(name, _with_words(readers.get(name, cells.text), (words or {}).get(name, {})))
    if all(name in columns for name in _PAIR):
        reading.pair()
    _split_guardians(reading.rows.values)
    reading.rows.problems.sort(key=lambda problem: problem.row)
    return reading.rows


def _with_words(reader: cells.Reader, words: Mapping[str, str]) -> cells.Reader:
    return (lambda cell: reader(words.get(cell.strip(), cell))) if words else reader


@dataclass(frozen=True)
class _Reading:
    columns: Columns
    numbers: Sequence[int]
    headings: Mapping[str, str]
    rows: ReadRows

    def one(self, name: str, reader: cells.Reader) -> None:
        """A column read cell by cell."""
        values, troubles = cells.read_column(self.columns[name], reader)
        self.rows.values[name] = values
        if name in REQUIRED and None in values:
            missing = Trouble(f"The {COLUMN[name].title.lower()} is missing.", "Fill the cell.")
            troubles = {at: missing for at, value in enumerate(values) if value is None} | troubles
        self._report(name, troubles)

    def pair(self) -> None:
        """Longitude and latitude, which mean something only together."""
        east, north, troubles = read_pairs(self.columns["lon"], self.columns["lat"])
        self.rows.values |= {"lon": east, "lat": north}
        self._report("lon", troubles)

    def _report(self, name: str, troubles: Mapping[int, Trouble]) -> None:
        for at, trouble in troubles.items():
            value = echo(self.columns[name][at])
            heading = self.headings.get(name, name)
            self.rows.problems.append(
                Problem(self.numbers[at], name, heading, value, trouble.message, trouble.advice, trouble.stops)
            )
            if trouble.stops:
                self.rows.refused.add(at)


def _split_guardians(values: dict[str, list[str | None]]) -> None:
    """The full name fills the two halves where these are empty."""
    full = values.pop("guardian_name", None)
    if full is None:
        return
    nothing: list[str | None] = [None] * len(full)
    firsts = values.get("guardian_first_name", nothing)
    lasts = values.get("guardian_last_name", nothing)
    split = [
        (first, last) if first or last or name is None else split_name(name)
        for name, first, last in zip(full, firsts, lasts, strict=True)
    ]
    values["guardian_first_name"] = [first or None for first, _ in split]
    values["guardian_last_name"] = [last or None for _, last in split]
