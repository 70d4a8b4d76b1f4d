"""One chunk of a roster as columns of a staged row: cells read, school known, address read, the rest of the sheet left aside."""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connectivity.geography.address import AddressNotRead, fold, parse_parts
from connectivity.geography.school_addresses import SchoolAddresses
from connectivity.register import Outcome
from connectivity.rules.names import sort_name
from connectivity.tabular.column_profiles import SENSITIVE
from connectivity.tabular.problems import Problem, echo, visible
from connectivity.tabular.roster_rows import ReadRows, fingerprints, read_rows

Seal = Callable[[Mapping[str, str]], bytes]
MOST_REMEMBERED = 200_000
_ADDRESS = ("address", "unit", "city", "state", "zip")
_PHONES = ("phone", "phone_2", "phone_3")
_AS_READ = (
    "last_name",
    "first_name",
    "birth_date",
    "grade",
    "school_id",
    "guardian_first_name",
    "guardian_last_name",
    "email",
    "language",
)


@dataclass(frozen=True)
class Home:
    """An address as staged. `trouble`: why it could not be read; it is kept in the file's own words then."""

    original: str
    line: str
    unit: str
    zip: str
    school: str | None = None  # whose address this is
    trouble: str = ""


@dataclass
class RowReader:
    """Reads the rows of one file. Addresses are remembered: siblings share them."""

    headings: Mapping[str, str]  # our column -> the file's heading
    year_label: str
    year_starts: dt.date
    schools: Mapping[str, str]  # id -> name
    school_addresses: SchoolAddresses
    seal: Seal | None = None  # None: sensitive columns are not taken in
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _homes: dict[tuple[str, ...], Home] = field(default_factory=dict)

    def read(
        self, cells: Mapping[str, Sequence[str]], numbers: Sequence[int]
    ) -> tuple[dict[str, list[Any]], list[Problem]]:
        """Columns of RosterRow (without the import) and every problem. A refused row keeps its cells as written."""
        rows = read_rows(
            cells,
            numbers,
            self.headings,
            year_starts=self.year_starts,
            words=self.words,
            factors=self.seal is not None,
        )
        count = len(numbers)
        values = {name: rows.values.get(name) or [None] * count for name in (*_AS_READ, *_PHONES, *_ADDRESS)}
        self._check_schools(rows, numbers)
        self._check_years(rows, numbers)
        homes = self._read_homes(cells, count)
        self._check_homes(homes, rows, numbers)
        leaving = rows.values.get("leaving") or [None] * count
        columns: dict[str, list[Any]] = {
            "number": list(numbers),
            "outcome": [_outcome(at in rows.refused, gone) for at, gone in enumerate(leaving)],
            "district_id": rows.values["student_id"],
            "fingerprint": fingerprints(cells),
            **{name: values[name] for name in _AS_READ},
            "sort_name": [
                sort_name(last or "", first or "")
                for last, first in zip(values["last_name"], values["first_name"], strict=True)
            ],
            "phones": [
                " ".join(dict.fromkeys(filter(None, three)))
                for three in zip(*(values[name] for name in _PHONES), strict=True)
            ],
            "original": [home.original if home else None for home in homes],
            "line": [home.line if home else None for home in homes],
            "unit": [home.unit if home else None for home in homes],
            "zip": [home.zip if home else None for home in homes],
            "lon": _floats(rows, "lon", count),
            "lat": _floats(rows, "lat", count),
            "eligible": [_yes(word) for word in rows.values.get("eligible") or [None] * count],
            "cells": [_as_written(cells, at) if at in rows.refused else None for at in range(count)],
            "factors": self._sealed(rows, count),
            "evidence": [0] * count,
            "current": [False] * count,
        }
        return columns, [replace(one, value="") if one.column in SENSITIVE else one for one in rows.problems]

    def _check_schools(self, rows: ReadRows, numbers: Sequence[int]) -> None:
        for at, school in enumerate(rows.values.get("school_id") or ()):
            if school and school not in self.schools:
                advice = (
                    "Correct the ID. A new school comes in with the next list of schools: ask whoever runs the server."
                )
                self._add(rows, numbers, at, "school_id", school, f"There is no school with the ID {school}.", advice)

    def _check_years(self, rows: ReadRows, numbers: Sequence[int]) -> None:
        for at, year in enumerate(rows.values.get("program_year") or ()):
            if year and year != self.year_label:
                message = f"This row is for {year}, but the roster is handed in for {self.year_label}."
                self._add(rows, numbers, at, "program_year", year, message, "Hand each year's roster in by itself.")

    def _read_homes(self, cells: Mapping[str, Sequence[str]], count: int) -> list[Home | None]:
        columns = [cells.get(name) or [""] * count for name in _ADDRESS]
        remembered = self._homes
        if len(remembered) > MOST_REMEMBERED:
            remembered.clear()
        found: list[Home | None] = []
        for written in zip(*columns, strict=True):
            home = remembered.get(written)
            if home is None and written[0].strip():
                home = remembered[written] = read_home(self.school_addresses, *map(visible, written))
            found.append(home)
        return found

    def _check_homes(self, homes: Sequence[Home | None], rows: ReadRows, numbers: Sequence[int]) -> None:
        for at, home in enumerate(homes):
            if home is None:
                continue
            if home.trouble:
                advice = (
                    "The student is taken in. A new home waits under “Homes to place” until somebody looks at it; "
                    "a registered one stays as it is."
                )
                self._add(rows, numbers, at, "address", home.original, home.trouble, advice, stops=False)
            elif home.school is not None:
                message = f"This is the address of {self.schools[home.school]}, not a home."
                advice = (
                    "Ask the family where the student lives. Until somebody changes it, this is taken for the home."
                )
                self._add(rows, numbers, at, "address", home.original, message, advice, stops=False)

    def _sealed(self, rows: ReadRows, count: int) -> list[bytes | None]:
        names = [name for name in sorted(SENSITIVE) if name in rows.values]
        if self.seal is None or not names:
            return [None] * count
        held = [{name: rows.values[name][at] for name in names if rows.values[name][at]} for at in range(count)]
        return [self.seal(one) if one else None for one in held]  # type: ignore[arg-type]

    def _add(
        self,
        rows: ReadRows,
        numbers: Sequence[int],
        at: int,
        column: str,
        value: str,
        message: str,
        advice: str,
        *,
        stops: bool = True,
    ) -> None:
        heading = self.headings.get(column, column)
        rows.problems.append(Problem(numbers[at], column, heading, echo(value), message, advice, stops))
        if stops:
            rows.refused.add(at)


def read_home(schools: SchoolAddresses, address: str, unit: str, city: str, state: str, zip_code: str) -> Home:
    """The address normalized, or, where it cannot be read, folded to capitals with the reason."""
    place = f"{state.strip()} {zip_code.strip()}".strip()
    original = ", ".join(part for part in (address.strip(), unit.strip(), city.strip(), place) if part)
    try:
        read = parse_parts(address, unit, city, state, zip_code)
    except AddressNotRead as unread:
        return Home(original, fold(address), fold(unit), "", trouble=unread.reason)
    return Home(original, read.line, read.unit, read.zip, schools.at(read))


def _outcome(refused: object, leaving: str | None) -> str:
    if refused:
        return Outcome.REJECTED.value
    return Outcome.LEAVING.value if leaving == "yes" else Outcome.WAITING.value


def _yes(word: str | None) -> bool | None:
    return None if word is None else word == "yes"


def _floats(rows: ReadRows, name: str, count: int) -> list[float | None]:
    return [None if cell is None else float(cell) for cell in rows.values.get(name) or [None] * count]


def _as_written(cells: Mapping[str, Sequence[str]], at: int) -> str:
    """As the database takes JSON. Sensitive cells are not kept."""
    return json.dumps({name: column[at] for name, column in cells.items() if name not in SENSITIVE})
