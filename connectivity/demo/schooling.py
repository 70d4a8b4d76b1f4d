"""Which school each student attends: one that has the grade, near home; high schools draw from farther away."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from connectivity.geography.projection import to_feet
from connectivity.register import School
from connectivity.register.student import GRADES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEAREST = {
    "elementary": (0.68, 0.17, 0.08, 0.04, 0.03),
    "high": (0.34, 0.2, 0.14, 0.1, 0.07, 0.05, 0.04, 0.03, 0.02, 0.01),
}
ANYWHERE_HIGH = 0.12  # selective and citywide high schools
FIRST_HIGH_GRADE = GRADES.index("9")
OUT_OF_THE_WAY_FEET = 4 * 5280.0  # an options or specialty school is chosen as if it lay this much farther away


def grades_taught(text: str) -> frozenset[int]:
    """Grades (index of GRADES) in a published range: `PK-8`, `9-12`, `K,4-8`. What cannot be read is left out."""
    taught: set[int] = set()
    for part in re.split(r"\s*,\s*", text.strip()):
        ends = [GRADES.index(end) for end in part.split("-") if end in GRADES]
        if ends:
            taught.update(range(ends[0], ends[-1] + 1))
    return frozenset(taught)


def schools_attended(
    rng: np.random.Generator, schools: Sequence[School], *, household: Ints, grade: Ints, x: Floats, y: Floats
) -> list[str]:
    """A school id for each student. `x`, `y`: the households' homes in feet (EPSG:3435). Siblings mostly go together."""
    taught = [grades_taught(school.grades) for school in schools]
    school_x, school_y = to_feet([school.lon for school in schools], [school.lat for school in schools])
    aside = np.array([0.0 if school.type == "Traditional" else OUT_OF_THE_WAY_FEET for school in schools])
    same_for_home = rng.random(len(x))
    citywide = rng.random(len(household)) < ANYWHERE_HIGH
    anywhere = rng.random(len(household))
    chosen = np.zeros(len(household), dtype=np.int64)
    for number in np.unique(grade).tolist():
        options = np.array([index for index, has in enumerate(taught) if number in has], dtype=np.int64)
        high = number >= FIRST_HIGH_GRADE
        here = np.flatnonzero(grade == number)
        home = household[here]
        away = np.hypot(x[home, None] - school_x[options], y[home, None] - school_y[options]) + aside[options]
        rank = _rank(same_for_home[home], NEAREST["high" if high else "elementary"], len(options))
        order = np.argpartition(away, np.unique(rank), axis=1)
        chosen[here] = options[order[np.arange(len(here)), rank]]
        if high:
            far = here[citywide[here]]
            chosen[far] = options[(anywhere[far] * len(options)).astype(np.int64)]
    ids = [school.id for school in schools]
    return [ids[index] for index in chosen.tolist()]


def _rank(draw: Floats, shares: Sequence[float], options: int) -> Ints:
    rank: Ints = np.minimum(np.searchsorted(np.cumsum(shares)[:-1], draw, side="right"), options - 1)
    return rank
