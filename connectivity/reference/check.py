"""Whether data/ may be loaded: every problem of every file, found by reading alone."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from connectivity.geography import boundaries
from connectivity.geography.address_grid import AddressGrid
from connectivity.geography.boundaries import Boundaries
from connectivity.geography.projection import to_feet
from connectivity.reference.files import (
    ACS_2020,
    ACS_2022,
    AREAS,
    ARTERIALS,
    DRAWING,
    FULL,
    GRID_MODEL,
    HARDSHIP_CITY,
    HARDSHIP_GCI,
    INTERNET_2019,
    SCHOOLS,
    STREETS,
    ZIP_AREAS,
)
from connectivity.reference.reading import DataFolder, Problem, Row, read

_BY_AREA = (AREAS, ACS_2022, ACS_2020, HARDSHIP_CITY, HARDSHIP_GCI, INTERNET_2019)
# The source rounds the parts of areas that share a census tract to a tenth each, or to a whole number: sums may miss by one.
_ROUNDING = 0.2
_SUMS = (
    ("households", ("hh_internet_any", "hh_no_internet")),
    ("households", ("hh_with_computer", "hh_no_computer")),
    ("population", ("white_nh", "hispanic", "black_nh", "asian_nh", "other_nh")),
)
_PARTS = (
    ("hh_internet_any", "hh_broadband"),
    ("hh_with_computer", "hh_smartphone_only"),
    ("population", "age_5_19"),
    ("pop_5_plus_non_english", "pop_5_plus_limited_english"),
    ("pop_5_plus_non_english", "pop_5_plus_spanish"),
)


# The least and the greatest value that an index can take, as its publisher documents it.
_INDEXES = {
    HARDSHIP_GCI: (("hardship_2010_2014", 0, 100), ("hardship_2013_2017", 0, 100)),
    HARDSHIP_CITY: (("hardship_index", 1, 98),),
}


def check(folder: Path) -> list[Problem]:
    """Every problem of the files in `folder`; empty when they may be loaded."""
    return problems(read(folder))


def problems(data: DataFolder) -> list[Problem]:
    """Every problem of what was read: first those of the files themselves, then those of what they say."""
    found = list(data.problems)
    for file in (FULL, DRAWING):
        if file in data.contents:
            found += [Problem(file, reason) for reason in boundaries.problems(data.contents[file])]
    for file, rows in data.tables.items():
        found += [Problem(file, reason) for reason in _table_problems(file, rows)]
    if GRID_MODEL in data.contents:
        found += [Problem(GRID_MODEL, reason) for reason in _model_problems(data.contents[GRID_MODEL])]
    return found + [Problem(SCHOOLS, reason) for reason in _misplaced_schools(data, found)]


def _table_problems(file: str, rows: Sequence[Row]) -> list[str]:
    if unread := list(_not_numbers(rows)):
        return unread  # what follows calculates
    found = [*_area_problems(rows, once=file in _BY_AREA)] if "community_area" in rows[0] else []
    checks = {ACS_2022: _count_problems, ACS_2020: _count_problems, SCHOOLS: _school_problems, ZIP_AREAS: _zip_problems}
    checks |= {ARTERIALS: _street_problems, STREETS: _street_problems}
    found += _beyond_the_scale(file, rows)
    return found + list(checks[file](rows)) if file in checks else found


_TEXT = frozenset(
    (
        "name",
        "name_in_shapefile",
        "name_variants_seen",
        "side",
        "school_id",
        "short_name",
        "address",
        "zip",
        "category",
        "grades",
        "type",
        "governance_by_id",
        "community_area_name",
        "street",
        "runs",
        "grid_side",
        "flag",
    )
)
_DEGREES = frozenset(("lon", "label_lon"))


def _not_numbers(rows: Sequence[Row]) -> Iterator[str]:
    for line, row in enumerate(rows, start=2):
        for column in row.keys() - _TEXT:
            try:
                value = float(row[column])
            except ValueError:
                yield f"line {line}: {column} is not a number: “{row[column]}”"
                continue
            if not np.isfinite(value) or (value < 0 and column not in _DEGREES):
                yield f"line {line}: {column} cannot be {row[column]}"


def _area_problems(rows: Sequence[Row], *, once: bool) -> Iterator[str]:
    """Area numbers run from 1 to 77; in a table by area each stands there once."""
    seen = Counter(row["community_area"] for row in rows)
    expected = {str(number) for number in range(1, boundaries.AREAS + 1)}
    yield from (f"there is no community area “{number}”" for number in sorted(seen.keys() - expected))
    if once:
        yield from (f"community area {number} is missing" for number in sorted(expected - seen.keys(), key=int))
        yield from (
            f"community area {number} stands there {times} times" for number, times in seen.items() if times > 1
        )


def _count_problems(rows: Sequence[Row]) -> Iterator[str]:
    """Parts add up to their whole, and no part exceeds it."""
    for row in rows:
        for whole, parts in _SUMS:
            if abs(sum(float(row[part]) for part in parts) - float(row[whole])) > _ROUNDING:
                yield f"{row['name']}: {' + '.join(parts)} is not {whole}"
        for whole, part in _PARTS:
            if float(row[part]) > float(row[whole]) + _ROUNDING:
                yield f"{row['name']}: {part} exceeds {whole}"


def _beyond_the_scale(file: str, rows: Sequence[Row]) -> Iterator[str]:
    for column, least, greatest in _INDEXES.get(file, ()):
        for row in rows:
            if not least <= float(row[column]) <= greatest:
                yield f"{row['name']}: {column} is {row[column]} and must lie between {least} and {greatest}"


def _school_problems(rows: Sequence[Row]) -> Iterator[str]:
    seen = Counter(row["school_id"] for row in rows)
    yield from (f"school id {number} stands there {times} times" for number, times in seen.items() if times > 1)
    yield from (
        f"school id “{number}” is not six digits" for number in seen if not (number.isdigit() and len(number) == 6)
    )


def _zip_problems(rows: Sequence[Row]) -> Iterator[str]:
    seen = Counter((row["zip"], row["community_area"]) for row in rows)
    yield from (
        f"ZIP code {code} and area {area} stand there {times} times"
        for (code, area), times in seen.items()
        if times > 1
    )
    yield from (f"ZIP code “{code}” is not five digits" for code, _ in seen if not (code.isdigit() and len(code) == 5))
    for row in rows:
        if max(float(row["share_of_zip_area"]), float(row["share_of_community_area"])) > 1:
            yield f"ZIP code {row['zip']}, area {row['community_area']}: a share above 1"


def _street_problems(rows: Sequence[Row]) -> Iterator[str]:
    seen = Counter((row["street"], row["runs"]) for row in rows)
    yield from (f"{street} ({runs}) stands there {times} times" for (street, runs), times in seen.items() if times > 1)
    for row in rows:
        across = {"NS": "EW", "EW": "NS"}.get(row["runs"], "")
        if not across or row["grid_side"] not in ("", *across):
            yield f"{row['street']}: runs {row['runs'] or '?'} at {row['grid_side'] or '?'}"


def _model_problems(content: bytes) -> list[str]:
    try:
        grid = AddressGrid.build(content, [])
        sound = np.shape([grid.cx, grid.cy]) == (2, 4) and set(grid.miles) == {"N", "S", "E", "W"}
    except (KeyError, TypeError, ValueError) as unread:
        return [f"not an address grid: {unread!r}"]
    return [] if sound else ["not an address grid: four constants each for x and y, and miles for N, S, E and W"]


def _misplaced_schools(data: DataFolder, found: Sequence[Problem]) -> Iterator[str]:
    """Schools that do not lie inside the area they claim. Silent while polygons or schools have problems of their own."""
    if {FULL, SCHOOLS} & {problem.file for problem in found} or not {FULL, SCHOOLS} <= data.contents.keys():
        return
    schools = data.tables[SCHOOLS]
    x, y = to_feet([float(school["lon"]) for school in schools], [float(school["lat"]) for school in schools])
    areas = Boundaries.from_geojson(data.contents[FULL]).areas_of(x, y)
    for school, area in zip(schools, areas.tolist(), strict=True):
        if int(school["community_area"]) != area:
            yield f"school {school['school_id']} claims community area {school['community_area']} and lies in {area or 'none'}"
