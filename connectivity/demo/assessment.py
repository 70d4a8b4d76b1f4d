"""What the program's policy finds of every household on the day of the year's run, by the product's own rules."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from connectivity.demo import days, paths
from connectivity.demo.funnel import ENDED, Enrollments
from connectivity.register import Change
from connectivity.rules.eligibility import Assessment, Factor, Facts, Mode, Policy, assess
from connectivity.rules.eligibility_words import public_words

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

RUN = 1  # its number
RUN_DAYS_AGO = 21  # nobody in the demo has moved since (households._live)
END_DAYS_AFTER = 7  # the run: when staff end the enrollments of who is not eligible
# A demo assumption. The five areas with the least hardship stay below it; a program that holds factors of students weighs them too.
POLICY = Policy(mode=Mode.WEIGHTS, weights={Factor.HARDSHIP: 100}, threshold=15)
NAME = "Hardship of the community area"
NOTE = "Demo assumption: from 15 points, which all but the five areas with the least hardship reach."
VINTAGE = "2013-2017"  # of the hardship index that `figures.read` reads


@dataclass(frozen=True)
class Found:
    """What the policy makes of the homes of one area, and its public words."""

    assessment: Assessment
    words: str


@dataclass(frozen=True)
class Assessed:
    """The run, columns by household (index). `area`: 0 for a home that is not placed; `begun`: its enrollment began with the run."""

    run_on: np.datetime64
    area: Ints
    found: Mapping[int, Found]  # by area
    change: NDArray[np.object_]
    begun: Bools

    @property
    def eligible(self) -> Bools:
        return self._where(said=True)

    @property
    def not_eligible(self) -> Bools:
        return self._where(said=False)

    @property
    def undecided(self) -> Bools:
        return self._where(said=None)

    def _where(self, *, said: bool | None) -> Bools:
        areas = [area for area, found in self.found.items() if found.assessment.eligible is said]
        where: Bools = np.isin(self.area, areas)
        return where

    @property
    def counts(self) -> dict[str, int]:
        """Change -> households, and what applying did."""
        undecided = self.undecided.sum()
        return {
            **Counter(self.change.tolist()),
            "written": len(self.area) - int(undecided),
            "enrolled": int(self.begun.sum()),
            "left_alone": 0,
        }

    @property
    def by_area(self) -> dict[str, dict[str, int]]:
        """Area number -> change -> households."""
        found: dict[str, dict[str, int]] = {}
        for (area, change), count in Counter(zip(self.area.tolist(), self.change.tolist(), strict=True)).items():
            found.setdefault(str(area), {})[change] = count
        return found


def assess_all(
    enrollments: Enrollments,
    area: Ints,
    *,
    run_on: np.datetime64,
    hardship: Mapping[int, int],
    names: Mapping[int, str],
) -> Assessed:
    """`area`: of each household's home, 0 where it is not placed; `hardship`: the index by area, in tenths; `names`: by area."""
    found = {number: _judge(Facts(number, names.get(number, ""), hardship.get(number))) for number in (0, *hardship)}
    eligible = np.isin(area, [number for number, one in found.items() if one.assessment.eligible])
    current = _of_year(enrollments, int(enrollments.year.max()), len(area))
    begun = eligible & (enrollments.days[current, 0] == run_on)
    now = np.where(begun, _stood(enrollments, len(area)), enrollments.status_by(run_on, current) != ENDED)
    change = np.select(
        [area == 0, eligible & now, eligible, now],
        [Change.UNDECIDED.value, Change.STAYS_ELIGIBLE.value, Change.GAINS.value, Change.LOSES.value],
        Change.STAYS_OUT.value,
    ).astype(object)
    return Assessed(run_on, area, found, change, begun)


def _judge(facts: Facts) -> Found:
    found = assess(POLICY, facts)
    return Found(found, public_words(POLICY, facts, found))


def _of_year(enrollments: Enrollments, year: int, households: int) -> Ints:
    """The enrollment (index) of each household in a year (index), -1 where it has none."""
    rows = np.full(households, -1)
    at = np.flatnonzero(enrollments.year == year)
    rows[enrollments.household[at]] = at
    return rows


def _stood(enrollments: Enrollments, households: int) -> Bools:
    """Whether each household's enrollment of the year before went on to its end."""
    rows = _of_year(enrollments, int(enrollments.year.max()) - 1, households)
    stood: Bools = (rows >= 0) & (enrollments.status[rows] != ENDED)
    return stood


def end_not_eligible(
    enrollments: Enrollments, assessed: Assessed, *, saved: Collection[int], today: np.datetime64
) -> Ints:
    """Ends, in place, the enrollments of households that are not eligible, but for the `saved`. Returns those that it ended (index).

    Nothing else happens to them after the run.
    """
    on = days.on(assessed.run_on, END_DAYS_AFTER, until=today)
    out = np.setdiff1d(np.flatnonzero(assessed.not_eligible), list(saved))
    rows = _of_year(enrollments, int(enrollments.year.max()), len(assessed.area))[out]
    steps, dates = enrollments.steps[rows], enrollments.days[rows]
    paths.until(steps, dates, assessed.run_on, close=False, year_end=on)
    last = paths.last_step(steps)
    going_on = np.flatnonzero(steps[np.arange(len(steps)), last] != ENDED)
    steps[going_on, last[going_on] + 1] = ENDED
    dates[going_on, last[going_on] + 1] = on
    enrollments.steps[rows], enrollments.days[rows] = steps, dates
    ended: Ints = rows[going_on]
    return ended
