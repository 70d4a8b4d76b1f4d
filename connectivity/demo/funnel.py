"""Who is eligible in which program year, and how far each household came. Take-up follows what was published: 28% in the first year."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from connectivity.demo import paths
from connectivity.demo.program import Year
from connectivity.rules.service_states import Status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]

FIRST_TAKE_UP = 0.285  # of those found eligible in the first year
LATER_TAKE_UP = 0.36
SECOND_TRY = 0.45  # how likely a family not reached before takes part, against one newly eligible
ASKED_AGAIN = 0.6  # share of households not reached that are found eligible again the year after
JOINED_BEFORE = {2020: 0.3, 2021: 0.1, 2022: 0.09, 2023: 0.08}  # first year of eligibility; the rest are new this year
ASSESSED_LATE = 0.1
QUIET = 0.25  # how likely families take part in the areas that the program hardly reached, against the city's average
ACTIVE, SUSPENDED = paths.STATUSES.index(Status.ACTIVE), paths.STATUSES.index(Status.SUSPENDED)
ENDED = paths.STATUSES.index(Status.ENDED)


@dataclass(frozen=True)
class Enrollments:
    """One row an enrollment, ordered by year and household. `steps` and `days`: shape (rows, paths.LONGEST)."""

    household: Ints
    year: Ints  # index into the program years
    steps: Ints
    days: Days

    @property
    def status(self) -> Ints:
        """Where each stands: index of paths.STATUSES."""
        found: Ints = self.steps[np.arange(len(self.steps)), paths.last_step(self.steps)]
        return found

    @property
    def status_on(self) -> Days:
        found: Days = self.days[np.arange(len(self.days)), paths.last_step(self.steps)]
        return found

    def status_by(self, day: np.datetime64, rows: Ints) -> Ints:
        """Where some of them (index) stood at the end of a day, on which all of them had begun: index of paths.STATUSES."""
        steps = self.steps[rows]
        last = (self.days[rows] <= day).sum(axis=1) - 1
        found: Ints = steps[np.arange(len(steps)), last]
        return found


def trust(rng: np.random.Generator, areas: int, quiet: Sequence[int]) -> Floats:
    """How much likelier than elsewhere families of each area (1 to `areas`) take part; `quiet` areas much less."""
    factor: Floats = np.clip(rng.normal(1.0, 0.2, size=areas + 1), 0.55, 1.4)
    factor[list(quiet)] = QUIET
    return factor


def enroll(
    rng: np.random.Generator,
    years: Sequence[Year],
    *,
    eldest_grade: Ints,
    willing: Floats,
    run_on: np.datetime64,
    today: np.datetime64,
) -> Enrollments:
    """Every household's enrollments. `eldest_grade`: index of GRADES now; `willing`: likelihood against the city's average.

    All households begin the current year, by the day of its run of the eligibility policy at the latest. Years closed to new families only
    carry on those online at the end of the year before.
    """
    first_year = _first_years(rng, years, eldest_grade)
    online = np.zeros(len(eldest_grade), dtype=bool)
    parts = []
    for index, year in enumerate(years):
        members = np.flatnonzero(_eligible(rng, year, index, first_year, online))
        likelihood = np.where((first_year < index) & ~online, SECOND_TRY, 1.0) * willing
        found_by = run_on if year.current else np.datetime64(year.ends_on)
        part = _one_year(rng, year, index, members, online[members], likelihood[members], found_by, today)
        online = np.zeros(len(eldest_grade), dtype=bool)
        online[part.household[part.status == ACTIVE]] = True
        parts.append(part)
    return Enrollments(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("household", "year", "steps", "days"))
    )


def _first_years(rng: np.random.Generator, years: Sequence[Year], eldest_grade: Ints) -> Ints:
    """The year (index) each household was first eligible: not before its eldest child went to school."""
    shares = np.array([JOINED_BEFORE.get(year.fall, 0.0) for year in years])
    shares[-1] = 0.0
    shares[-1] = 1.0 - shares.sum()
    drawn = rng.choice(len(years), size=len(eldest_grade), p=shares)
    current = len(years) - 1
    in_school_since = current - eldest_grade
    return np.where(drawn < in_school_since, current, drawn)


def _eligible(rng: np.random.Generator, year: Year, index: int, first_year: Ints, online: Bools) -> Bools:
    again = rng.random(len(first_year)) < ASKED_AGAIN
    if year.current:
        return np.ones(len(first_year), dtype=bool)
    if not year.joined:
        return online
    eligible: Bools = online | (first_year == index) | ((first_year < index) & again)
    return eligible


def _one_year(
    rng: np.random.Generator,
    year: Year,
    index: int,
    members: Ints,
    online: Bools,
    willing: Floats,
    found_by: np.datetime64,
    today: np.datetime64,
) -> Enrollments:
    year_end = np.datetime64(year.ends_on)
    last_day = min(year_end, today)
    take_up = FIRST_TAKE_UP if index == 0 else LATER_TAKE_UP
    takes_part = rng.random(len(members)) < np.clip(take_up * willing, 0.0, 0.95)
    drawn = [paths.draw(rng, shares, len(members)) for shares in (paths.IF_RENEWED, paths.IF_ONLINE, paths.IF_NOT)]
    steps = paths.STEPS[np.where(online, drawn[0], np.where(takes_part, drawn[1], drawn[2]))]
    days = paths.dates(rng, steps, np.minimum(_eligible_on(rng, year, online), found_by))
    paths.until(steps, days, last_day, close=not year.current, year_end=year_end)
    days[:, 0] = np.minimum(days[:, 0], found_by)
    return Enrollments(members, np.full(len(members), index), steps, days)


def _eligible_on(rng: np.random.Generator, year: Year, online: Bools) -> Days:
    """When the district found each household eligible: two waves in 2020, each summer since, renewals in July."""
    start = np.datetime64(year.starts_on)
    count = len(online)
    summer = start + rng.integers(10, 75, size=count).astype("timedelta64[D]")
    if year.fall == 2020:
        widened = np.datetime64("2020-12-04") + rng.integers(14, size=count).astype("timedelta64[D]")
        summer = start + (rng.beta(1, 3, size=count) * 80).astype("timedelta64[D]")
        return np.where(rng.random(count) < 0.42, widened, summer)
    late = summer + (rng.random(count) * 170).astype("timedelta64[D]")
    assessed = np.where(rng.random(count) < ASSESSED_LATE, late, summer)
    return np.where(online, start + rng.integers(21, size=count).astype("timedelta64[D]"), assessed)
