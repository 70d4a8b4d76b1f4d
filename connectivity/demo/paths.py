"""The ways one enrollment can go through a program year, and the dates along the way."""

import numpy as np
from numpy.typing import NDArray

from connectivity.rules.service_states import EndReason, SaidBy, Status

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

STATUSES = tuple(Status)
SAID_BY = {
    Status.ELIGIBLE: SaidBy.DISTRICT,
    Status.ORDERED: SaidBy.PROVIDER,
    Status.KIT_SHIPPED: SaidBy.PROVIDER,
    Status.INSTALLED: SaidBy.PROVIDER,
    Status.ACTIVE: SaidBy.PROVIDER,
    Status.SUSPENDED: SaidBy.PROVIDER,
}  # the rest: program staff
NONE = -1
_E, _C, _K, _O, _H, _I, _A, _S, _X = range(len(STATUSES))

# name -> steps. A renewed household already has its line: it gets the new year's code and stays online.
PATHS: dict[str, tuple[int, ...]] = {
    "waiting": (_E,),
    "told": (_E, _C),
    "declined": (_E, _C, _X),
    "stalled_with_code": (_E, _C, _K),
    "stalled_with_order": (_E, _C, _K, _O),
    "stalled_with_kit": (_E, _C, _K, _O, _H),
    "not_yet_online": (_E, _C, _K, _O, _I),
    "never_installed": (_E, _C, _K, _O, _H, _X),
    "online": (_E, _C, _K, _O, _A),
    "online_by_kit": (_E, _C, _K, _O, _H, _A),
    "online_installed": (_E, _C, _K, _O, _I, _A),
    "online_at_once": (_E, _C, _K, _A),
    "interrupted": (_E, _C, _K, _O, _A, _S, _A),
    "suspended": (_E, _C, _K, _O, _A, _S),
    "left": (_E, _C, _K, _O, _A, _X),
    "renewed": (_E, _K, _A),
    "renewed_interrupted": (_E, _K, _A, _S, _A),
    "renewed_suspended": (_E, _K, _A, _S),
    "renewed_left": (_E, _K, _A, _X),
}
NAMES = tuple(PATHS)
LONGEST = max(map(len, PATHS.values())) + 1  # room for the end that the closing of a year adds
STEPS = np.full((len(PATHS), LONGEST), NONE, dtype=np.int64)
for _row, _steps in enumerate(PATHS.values()):
    STEPS[_row, : len(_steps)] = _steps

IF_ONLINE = {
    "online": 0.16,
    "online_by_kit": 0.34,
    "online_installed": 0.18,
    "online_at_once": 0.22,
    "interrupted": 0.1,
}
IF_RENEWED = {"renewed": 0.865, "renewed_interrupted": 0.03, "renewed_suspended": 0.02, "renewed_left": 0.085}
IF_NOT = {
    "waiting": 0.285,
    "told": 0.34,
    "declined": 0.06,
    "stalled_with_code": 0.16,
    "stalled_with_order": 0.02,
    "stalled_with_kit": 0.02,
    "not_yet_online": 0.015,
    "never_installed": 0.03,
    "suspended": 0.03,
    "left": 0.04,
}

# Days from one step to the next: at least, and the mean beyond that (exponential: most soon, some late).
_LAGS = {
    (_E, _C): (2, 16),
    (_E, _K): (0, 3),
    (_C, _K): (1, 22),
    (_C, _X): (3, 30),
    (_K, _O): (1, 16),
    (_K, _A): (2, 18),
    (_O, _A): (3, 12),
    (_O, _H): (1, 3),
    (_H, _A): (2, 9),
    (_O, _I): (3, 10),
    (_I, _A): (0, 1),
    (_H, _X): (30, 40),
    (_A, _S): (20, 70),
    (_A, _X): (25, 100),
    (_S, _A): (4, 18),
}
_RENEWAL_LAG = (1, 6)  # code to online for a line that is already there

REASONS = tuple(EndReason)
_WHY_LEFT = {EndReason.MOVED: 0.47, EndReason.LEFT_DISTRICT: 0.26, EndReason.OPTED_OUT: 0.21, EndReason.OTHER: 0.06}
_WHY_LEFT_IN_JUNE = {**_WHY_LEFT, EndReason.GRADUATED: 0.8}
_WHY_DECLINED = {EndReason.OPTED_OUT: 0.72, EndReason.MOVED: 0.13, EndReason.DUPLICATE: 0.05, EndReason.OTHER: 0.1}

CONTACT_NOTES = ("", "By phone", "By text message", "By letter", "At the school", "By a partner organization")
OPT_OUT_NOTES = ("Fears a bill later", "Has service already", "Did not believe it is free", "Does not want it", "")


def draw(rng: np.random.Generator, shares: dict[str, float], count: int) -> Ints:
    """Path numbers (rows of STEPS) drawn by the given shares."""
    numbers = np.array([NAMES.index(name) for name in shares])
    weights = np.array(list(shares.values()))
    chosen: Ints = numbers[rng.choice(len(numbers), size=count, p=weights / weights.sum())]
    return chosen


def reasons(rng: np.random.Generator, before: Ints, on: Days) -> Ints:
    """Why each ended (index of REASONS), from the status (index of STATUSES) it ended after and the day. Children graduate in June."""
    june = on.astype("datetime64[M]").astype(np.int64) % 12 == 5
    left, graduates, declined = (
        _drawn_reasons(rng, shares, len(before)) for shares in (_WHY_LEFT, _WHY_LEFT_IN_JUNE, _WHY_DECLINED)
    )
    never = np.full(len(before), REASONS.index(EndReason.NOT_INSTALLED))
    return np.select(
        [(before == _A) & june, before == _A, np.isin(before, (_K, _O, _H, _I))], [graduates, left, never], declined
    )


def _drawn_reasons(rng: np.random.Generator, shares: dict[EndReason, float], count: int) -> Ints:
    numbers = np.array([REASONS.index(reason) for reason in shares])
    weights = np.array(list(shares.values()))
    drawn: Ints = numbers[rng.choice(len(numbers), size=count, p=weights / weights.sum())]
    return drawn


def dates(rng: np.random.Generator, steps: Ints, eligible_on: Days) -> Days:
    """The day of each step, shape of `steps`; NaT where there is none. Never backward; staff work on weekdays."""
    days = np.full(steps.shape, np.datetime64("NaT"), dtype="datetime64[D]")
    days[:, 0] = eligible_on
    lag = rng.exponential(size=steps.shape)
    for column in range(1, steps.shape[1]):
        least, mean = _lags(steps, column)
        days[:, column] = days[:, column - 1] + (least + lag[:, column] * mean).astype("timedelta64[D]")
    days[steps == NONE] = np.datetime64("NaT")
    known = ~np.isnat(days)
    days[known] = np.busday_offset(days[known], 0, roll="forward")
    return days


def _lags(steps: Ints, column: int) -> tuple[Ints, Ints]:
    least, mean = np.zeros(len(steps), dtype=np.int64), np.zeros(len(steps), dtype=np.int64)
    for (before, after), (days, more) in _LAGS.items():
        here = (steps[:, column - 1] == before) & (steps[:, column] == after)
        least[here], mean[here] = days, more
    if column > 1:
        renewed = (steps[:, column - 2] == _E) & (steps[:, column - 1] == _K) & (steps[:, column] == _A)
        least[renewed], mean[renewed] = _RENEWAL_LAG
    return least, mean


def until(steps: Ints, days: Days, last_day: np.datetime64, *, close: bool, year_end: np.datetime64) -> None:
    """Cuts, in place, what would happen after `last_day`. `close`: the year is over, so codes never used end with it."""
    late = ~np.isnat(days) & (days > last_day)
    late[:, 0] = False
    steps[late], days[late] = NONE, np.datetime64("NaT")
    if close:
        last = last_step(steps)
        unused = np.flatnonzero(np.isin(steps[np.arange(len(steps)), last], (_K, _O, _H, _I)))
        steps[unused, last[unused] + 1] = _X
        days[unused, last[unused] + 1] = year_end


def last_step(steps: Ints) -> Ints:
    """The column of each row's last step."""
    count: Ints = (steps != NONE).sum(axis=1) - 1
    return count
