"""The committed data as the geography rooms take it, read once."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest

from connectivity.geography.address_grid import AddressGrid, StreetLine
from connectivity.geography.boundaries import Boundaries
from connectivity.geography.placement import ZipAreas

DATA = Path(__file__).parents[2] / "data"
SOURCES = DATA / "sources"


def rows(name: str) -> list[dict[str, str]]:
    with (SOURCES / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="session")
def boundaries() -> Boundaries:
    return Boundaries.from_geojson((DATA / "community_areas_full.geojson").read_bytes())


@pytest.fixture(scope="session")
def grid() -> AddressGrid:
    known = [
        StreetLine(row["street"], row["runs"], int(row["grid_number"]), row["grid_side"], known=True)
        for row in rows("street_grid_arterials.csv")
    ]
    return AddressGrid.build((SOURCES / "grid_model.json").read_bytes(), [*known, *estimated_lines()])


def estimated_lines() -> list[StreetLine]:
    return [
        StreetLine(
            row["street"],
            row["runs"],
            int(row["grid_number_est"]),
            row["grid_side"],
            known=False,
            deviation=int(row["median_abs_dev"]),
            flag=row["flag"],
        )
        for row in rows("street_axis_from_sites.csv")
    ]


@pytest.fixture(scope="session")
def zip_areas() -> ZipAreas:
    found: dict[str, set[int]] = {}
    for row in rows("crosswalk_zip_community_area.csv"):
        found.setdefault(row["zip"], set()).add(int(row["community_area"]))
    return {code: frozenset(areas) for code, areas in found.items()}


@pytest.fixture(scope="session")
def schools() -> Sequence[dict[str, str]]:
    return rows("cps_schools_sy2019_20.csv")
