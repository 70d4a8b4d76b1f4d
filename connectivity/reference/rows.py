"""The rows of the register's reference tables, made from the files of data/."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from connectivity.reference.catalog import SOURCES, Source
from connectivity.reference.files import AREAS, ARTERIALS, BY_NAME, FILES, SCHOOLS, STREETS, ZIP_AREAS
from connectivity.reference.manifest import sha256
from connectivity.reference.reading import DataFolder, Row

Rows = list[dict[str, Any]]


def fold_name(name: str) -> str:
    """A community area's name as it is looked up: lower case letters alone. `O'Hare` and `O HARE` are `ohare`."""
    return "".join(letter for letter in name.lower() if letter.isalpha())


def areas(data: DataFolder) -> Rows:
    return [
        {
            "number": int(row["community_area"]),
            "name": row["name"],
            "side": row["side"],
            "area_sq_mi": float(row["area_sq_mi"]),
            "label_lon": float(row["label_lon"]),
            "label_lat": float(row["label_lat"]),
        }
        for row in data.tables[AREAS]
    ]


def aliases(data: DataFolder) -> Rows:
    """Every spelling of every area's name, its own among them."""
    spellings = {
        fold_name(name): int(row["community_area"])
        for row in data.tables[AREAS]
        for name in (row["name"], row["name_in_shapefile"], *row["name_variants_seen"].split("|"))
        if name
    }
    return [{"alias": alias, "community_area": number} for alias, number in spellings.items()]


def indicators(_data: DataFolder) -> Rows:
    names = ("key", "vintage", "title", "definition", "unit", "numerator", "denominator", "publisher")
    return [{name: getattr(source, name) for name in names} for source in SOURCES]


def indicator_values(data: DataFolder, ids: dict[tuple[str, str], int]) -> Rows:
    """One row for each indicator and area. `ids`: (key, vintage) -> the indicator's id."""
    return [
        {
            "indicator_id": ids[source.key, source.vintage],
            "community_area": int(row["community_area"]),
            **_figures(source, row),
        }
        for source in SOURCES
        for row in data.tables[source.file]
    ]


def _figures(source: Source, row: Row) -> dict[str, int | float | None]:
    if source.value:
        return {"numerator": None, "denominator": None, "value": float(row[source.value])}
    # The source splits a tract that two areas share and prints tenths. Whole households are what a count means; the share is
    # taken before rounding, or it would differ from the published one by a tenth of a point in small areas.
    counted = float(row[source.counted]) - (float(row[source.without]) if source.without else 0)
    of = float(row[source.of])
    return {"numerator": round(counted), "denominator": round(of), "value": counted / of if of else None}


def schools(data: DataFolder) -> Rows:
    return [
        {
            "id": row["school_id"],
            "name": row["short_name"],
            "address": row["address"],
            "zip": row["zip"],
            "category": row["category"],
            "grades": row["grades"],
            "type": row["type"],
            "governance": row["governance_by_id"],
            "lon": float(row["lon"]),
            "lat": float(row["lat"]),
            "community_area": int(row["community_area"]),
            "vintage": BY_NAME[SCHOOLS].vintage,
        }
        for row in data.tables[SCHOOLS]
    ]


def zip_areas(data: DataFolder) -> Rows:
    return [
        {
            "zip": row["zip"],
            "community_area": int(row["community_area"]),
            "share_of_zip_area": float(row["share_of_zip_area"]),
            "share_of_community_area": float(row["share_of_community_area"]),
        }
        for row in data.tables[ZIP_AREAS]
    ]


def street_axes(data: DataFolder) -> Rows:
    return [*_street_axes(data)]


def _street_axes(data: DataFolder) -> Iterator[dict[str, Any]]:
    for row in data.tables[ARTERIALS]:
        yield _axis(row, "arterial", row["grid_number"]) | {"sites": None, "deviation": None, "flag": ""}
    for row in data.tables[STREETS]:
        yield _axis(row, "site", row["grid_number_est"]) | {
            "sites": int(row["sites"]),
            "deviation": int(row["median_abs_dev"]),
            "flag": row["flag"],
        }


def _axis(row: Row, source: str, number: str) -> dict[str, Any]:
    return {
        "street": row["street"],
        "runs": row["runs"],
        "source": source,
        "grid_number": int(number),
        "grid_side": row["grid_side"],
    }


def reference_files(data: DataFolder, loaded_at: dt.datetime) -> Rows:
    return [
        {
            "name": file.name,
            "sha256": sha256(data.contents[file.name]),
            "publisher": file.publisher,
            "vintage": file.vintage,
            "license": file.license,
            "content": data.contents[file.name] if file.kept else None,
            "loaded_at": loaded_at,
        }
        for file in FILES
    ]
