"""Which communities live in which area, and in which languages their families are addressed. Shares follow the ACS."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COMMUNITIES = (
    "hispanic",
    "black",
    "white",
    "polish",
    "chinese",
    "south_asian",
    "arabic",
    "vietnamese",
    "ukrainian",
    "west_african",
)
LANGUAGES = ("en", "es", "pl", "cmn", "ur", "gu", "hi", "ar", "vi", "uk", "fr", "am", "so", "sw", "yo")

# How a community's families want to be addressed. Hispanic families: by area, from the ACS count of Spanish speakers.
_LANGUAGE_SHARES: dict[str, dict[str, float]] = {
    "black": {"en": 1.0},
    "white": {"en": 1.0},
    "polish": {"pl": 0.7, "en": 0.3},
    "chinese": {"cmn": 0.85, "en": 0.15},
    "south_asian": {"ur": 0.38, "gu": 0.12, "hi": 0.1, "en": 0.4},
    "arabic": {"ar": 0.75, "en": 0.25},
    "vietnamese": {"vi": 0.8, "en": 0.2},
    "ukrainian": {"uk": 0.8, "en": 0.2},
    "west_african": {"fr": 0.4, "en": 0.25, "am": 0.1, "so": 0.1, "sw": 0.1, "yo": 0.05},
}

# Low-income families with children, against residents of any age and income: rough weights, the demo's own.
_LIKELIER_ELIGIBLE = {"hispanic": 1.25, "black": 1.35, "asian": 0.9, "white": 0.4}

# Where the communities that the census counts as white, Black or Asian are known to live. General knowledge of the city.
_POLISH = dict.fromkeys((10, 11, 15, 16, 17, 18, 19, 56, 57, 62, 64, 76), 0.35)
_UKRAINIAN = {24: 0.12, 22: 0.04, 17: 0.05, 76: 0.08, 11: 0.03, 10: 0.04}
_ARABIC = {70: 0.2, 65: 0.3, 66: 0.4, 64: 0.2, 56: 0.08, 13: 0.15, 14: 0.12, 2: 0.15, 62: 0.2, 4: 0.03}
_WEST_AFRICAN = {1: 0.35, 77: 0.35, 3: 0.3, 2: 0.3, 43: 0.04, 38: 0.02, 13: 0.1}
_CHINESE = dict.fromkeys((28, 32, 33, 34, 35, 58, 59, 60, 61), 0.95)
_SOUTH_ASIAN = {2: 0.85, 1: 0.6, 13: 0.5, 14: 0.4, 12: 0.4}
_VIETNAMESE = {3: 0.6, 77: 0.45, 4: 0.35, 14: 0.2}


@dataclass(frozen=True)
class AreaFigures:
    """The figures of one area the demo follows: residents, school-age residents, and shares between 0 and 1."""

    number: int
    school_age: float
    hispanic: float
    black: float
    asian: float
    white: float
    spanish: float  # residents of 5 and over who speak Spanish at home, as a share of all residents
    hardship: float
    no_broadband: float


def shares(areas: Mapping[int, AreaFigures]) -> Floats:
    """Community shares by area: row = area number (0 unused), column = COMMUNITIES; rows add to 1."""
    table = np.zeros((max(areas) + 1, len(COMMUNITIES)))
    for number, area in areas.items():
        for community, share in _of_area(area).items():
            table[number, COMMUNITIES.index(community)] = share
        table[number] /= table[number].sum()
    return table


def _of_area(area: AreaFigures) -> dict[str, float]:
    at = area.number
    groups = {group: getattr(area, group) * weight for group, weight in _LIKELIER_ELIGIBLE.items()}
    polish, ukrainian, arabic = _POLISH.get(at, 0.03), _UKRAINIAN.get(at, 0.005), _ARABIC.get(at, 0.02)
    african = _WEST_AFRICAN.get(at, 0.005)
    chinese = _CHINESE.get(at, 0.4)
    south_asian = min(_SOUTH_ASIAN.get(at, 0.35), 1 - chinese) if at in _CHINESE else _SOUTH_ASIAN.get(at, 0.35)
    vietnamese = min(_VIETNAMESE.get(at, 0.1), 1 - south_asian)
    chinese = chinese if at in _CHINESE else 1 - south_asian - vietnamese
    return {
        "hispanic": groups["hispanic"],
        "black": groups["black"] * (1 - african),
        "west_african": groups["black"] * african,
        "white": groups["white"] * (1 - polish - ukrainian - arabic),
        "polish": groups["white"] * polish,
        "ukrainian": groups["white"] * ukrainian,
        "arabic": groups["white"] * arabic,
        "chinese": groups["asian"] * chinese,
        "south_asian": groups["asian"] * south_asian,
        "vietnamese": groups["asian"] * vietnamese,
    }


def choose(rng: np.random.Generator, table: Floats, rows: Ints) -> Ints:
    """For each of `rows`, a column drawn by that row's shares."""
    edges = np.cumsum(table, axis=1)
    edges[:, -1] = 1.0
    chosen: Ints = (rng.random(len(rows))[:, None] > edges[rows]).sum(axis=1)
    return chosen


def languages(rng: np.random.Generator, areas: Mapping[int, AreaFigures], homes: Ints, communities: Ints) -> Ints:
    """The language (index of LANGUAGES) of each household, from its area and its community (index of COMMUNITIES)."""
    table = np.zeros((len(COMMUNITIES), len(LANGUAGES)))
    for community, wanted in _LANGUAGE_SHARES.items():
        for language, share in wanted.items():
            table[COMMUNITIES.index(community), LANGUAGES.index(language)] = share
    table[COMMUNITIES.index("hispanic"), LANGUAGES.index("en")] = 1.0
    drawn = choose(rng, table, communities)
    speak_spanish = np.zeros(max(areas) + 1)
    for number, area in areas.items():
        # Two in three families that speak Spanish at home also want letters in Spanish: the demo's assumption.
        speak_spanish[number] = min(area.spanish / max(area.hispanic, 0.01), 1.0) * 0.67
    spanish = (communities == COMMUNITIES.index("hispanic")) & (rng.random(len(homes)) < speak_spanish[homes])
    return np.where(spanish, LANGUAGES.index("es"), drawn)
