"""The public figures the demo follows: where school-age residents, hardship and homes without broadband are."""

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from connectivity.demo.communities import AreaFigures
from connectivity.reference.files import ACS_2022, HARDSHIP_GCI

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

QUIET_AREAS = (
    5  # the areas with fewest eligible families: fewer still, and hardly taking part, so that counts are withheld
)
QUIETER = 0.6


def read(data_folder: Path) -> dict[int, AreaFigures]:
    """The 77 areas' figures by number: ACS 2018-2022 counts, and the hardship index (0-100) of ACS 2013-2017."""
    hardship = {
        int(row["community_area"]): float(row["hardship_2013_2017"]) for row in _rows(data_folder / HARDSHIP_GCI)
    }
    return {
        number: _figures(number, row, hardship[number])
        for row in _rows(data_folder / ACS_2022)
        for number in [int(row["community_area"])]
    }


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _figures(number: int, row: Mapping[str, str], hardship: float) -> AreaFigures:
    people = float(row["population"])
    return AreaFigures(
        number=number,
        school_age=float(row["age_5_19"]),
        hispanic=float(row["hispanic"]) / people,
        black=float(row["black_nh"]) / people,
        asian=float(row["asian_nh"]) / people,
        white=float(row["white_nh"]) / people,
        spanish=float(row["pop_5_plus_spanish"]) / people,
        hardship=hardship / 100,
        no_broadband=1 - float(row["hh_broadband"]) / float(row["households"]),
    )


def eligible_weights(areas: Mapping[int, AreaFigures]) -> Floats:
    """Expected share of eligible households by area number (0 unused): school-age residents, times hardship, times need."""
    weights = np.zeros(max(areas) + 1)
    for number, area in areas.items():
        weights[number] = area.school_age * (0.12 + area.hardship) * (0.5 + 3 * area.no_broadband)
    weights[quiet(weights)] *= QUIETER
    shares: Floats = weights / weights.sum()
    return shares


def quiet(weights: Floats) -> list[int]:
    """The few areas with the least eligible families."""
    numbers = np.argsort(weights[1:], kind="stable")[:QUIET_AREAS] + 1
    return numbers.tolist()  # type: ignore[no-any-return]


def home_areas(rng: np.random.Generator, weights: Floats, households: int) -> Ints:
    """An area for each household; every area has at least one once there are enough households to go round."""
    numbers = np.arange(1, len(weights))
    each = numbers if households >= len(numbers) else numbers[:0]
    drawn = rng.choice(numbers, size=households - len(each), p=weights[1:])
    areas: Ints = rng.permutation(np.r_[each, drawn])
    return areas
