"""What people decided about a few households after the run: overrides, and appeals with their decisions."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from connectivity.demo import days
from connectivity.demo.assessment import Assessed
from connectivity.demo.funnel import ENDED, Enrollments
from connectivity.register import AppealState

Ints = NDArray[np.int64]

# Below the threshold, in this order: as many households as there are.
_PLAN = ("open", "override", "granted", "open", "denied", "override", "override", "override")
DECIDED_DAYS_AFTER = 6  # the run, at the latest
EXPIRED = 2  # overrides of homes that nobody could place, whose last day has passed
EXPIRES_DAYS_AFTER, SHORT_DAYS_AFTER = 7, 120

OVERRIDE_REASONS = (
    "The family moved in with relatives after a fire. The school’s counselor confirmed it.",
    "The building is subsidized: its rent does not follow the area’s. Lease seen.",
    "A grandmother took the children in, who are from another neighborhood. Court paper seen.",
    "A parent lost work and gets SNAP benefits now. Letter seen.",
)
UNPLACED_REASON = "Nobody can place this address yet. Lease seen; stands until the home is on the map."
GROUNDS = (
    "Our building is public housing. The rents around it are not ours.",
    "We rent one room here since we lost our apartment. The neighbors’ income is not ours.",
    "The father’s hours were cut. We cannot pay for internet any more.",
    "Three children share one phone for homework. Income should count, not the street.",
)
GRANTED_REASON = "Lease of public housing seen: the area’s index does not fit this building."
DENIED_REASON = "The area’s index decides this year. The family named nothing else that would count."


@dataclass(frozen=True)
class Override:
    """A household (index) that is eligible by a person's decision."""

    household: int
    reason: str
    decided_on: dt.date
    expires_on: dt.date


@dataclass(frozen=True)
class Appealed:
    """An appeal of a household (index). `decided_on` None: it is open."""

    household: int
    ground: str
    opened_on: dt.date
    state: AppealState
    decided_on: dt.date | None = None
    reason: str = ""


@dataclass(frozen=True)
class ByHand:
    """All that was decided. `expired`: overrides that stand no more, of households about which the run could decide nothing."""

    overrides: list[Override]
    expired: list[Override]
    appeals: list[Appealed]

    @property
    def granted(self) -> list[Appealed]:
        return [one for one in self.appeals if one.state is AppealState.GRANTED]

    @property
    def saved(self) -> list[int]:
        """Households below the threshold that are eligible all the same."""
        return [*(one.household for one in self.overrides), *(one.household for one in self.granted)]


def decide(
    rng: np.random.Generator, assessed: Assessed, enrollments: Enrollments, *, year_ends: dt.date, today: np.datetime64
) -> ByHand:
    """Decides about a few of the households whose enrollment goes on, and to which nothing happened while they waited for the decision."""
    going_on = np.zeros(len(assessed.area), dtype=bool)
    current = enrollments.year == enrollments.year.max()
    dates, decided_by = enrollments.days[current], days.on(assessed.run_on, DECIDED_DAYS_AFTER, until=today)
    quiet = ~((dates > assessed.run_on) & (dates <= decided_by)).any(axis=1)
    going_on[enrollments.household[current]] = quiet & (enrollments.status[current] != ENDED)
    below = rng.permutation(np.flatnonzero(assessed.not_eligible & going_on))
    unplaced = rng.permutation(np.flatnonzero(assessed.undecided & going_on))
    planned = list(zip(_PLAN, below.tolist(), strict=False))
    overridden = [household for what, household in planned if what == "override"]
    return ByHand(
        overrides=list(_overrides(overridden, assessed.run_on, year_ends, today)),
        expired=list(_expired(unplaced[:EXPIRED].tolist(), assessed.run_on, today)),
        appeals=list(_appeals(planned, assessed.run_on, today)),
    )


def _overrides(
    households: list[int], run_on: np.datetime64, year_ends: dt.date, today: np.datetime64
) -> Iterator[Override]:
    """Some for the rest of the year, some until somebody looks again."""
    for at, household in enumerate(households):
        decided_on = days.plain(days.on(run_on, 1 + at, until=today))
        soon = days.plain(today) + dt.timedelta(days=SHORT_DAYS_AFTER)
        expires_on = year_ends if at % 2 == 0 else min(soon, year_ends)
        yield Override(household, OVERRIDE_REASONS[at % len(OVERRIDE_REASONS)], decided_on, expires_on)


def _expired(households: list[int], run_on: np.datetime64, today: np.datetime64) -> Iterator[Override]:
    decided_on = days.on(run_on, 1, until=today)
    expires_on = decided_on + np.timedelta64(EXPIRES_DAYS_AFTER, "D")
    if expires_on < today:
        for household in households:
            yield Override(household, UNPLACED_REASON, days.plain(decided_on), days.plain(expires_on))


def _appeals(planned: list[tuple[str, int]], run_on: np.datetime64, today: np.datetime64) -> Iterator[Appealed]:
    """Those decided were opened soon after the run; the open ones came later."""
    decided_on = days.plain(days.on(run_on, DECIDED_DAYS_AFTER, until=today))
    asked = [(what, household) for what, household in planned if what != "override"]
    for at, (what, household) in enumerate(asked):
        ground = GROUNDS[at % len(GROUNDS)]
        state = AppealState(what)
        if state is AppealState.OPEN:
            yield Appealed(household, ground, days.plain(days.on(run_on, 9 + 3 * at, until=today)), state)
        else:
            reason = GRANTED_REASON if state is AppealState.GRANTED else DENIED_REASON
            opened_on = days.plain(days.on(run_on, 2 + at // 2, until=today))
            yield Appealed(household, ground, opened_on, state, decided_on, reason)
