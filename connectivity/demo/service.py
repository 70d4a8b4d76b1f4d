"""Which provider, plan and membership code each enrollment came to have, and the free codes that are left."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from connectivity.demo import paths
from connectivity.demo.funnel import Enrollments
from connectivity.demo.marks import marks
from connectivity.demo.program import ASTOUND, COMCAST, PLANS, PROVIDERS, T_MOBILE
from connectivity.rules.service_states import CodeState, Status

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

HOTSPOT_SHARE = 0.1  # no wire at the address, or unstable housing
# Where Astound (once RCN) has its own lines: the north lakefront and a few neighborhoods more. Roughly; general knowledge.
ASTOUND_AREAS = (1, 2, 3, 4, 5, 6, 7, 8, 13, 14, 16, 21, 22, 24, 28, 32, 33, 34, 35, 38, 39, 41, 42, 60, 61, 77)
ASTOUND_SHARE = 0.35
FREE_CODES = 400  # each provider, for the current year

_SHIPPED, _INSTALLED = paths.STATUSES.index(Status.KIT_SHIPPED), paths.STATUSES.index(Status.INSTALLED)
_ISSUED, _ACTIVE = paths.STATUSES.index(Status.CODE_ISSUED), paths.STATUSES.index(Status.ACTIVE)
_ENDED = paths.STATUSES.index(Status.ENDED)
_STATE_AT = {
    Status.CODE_ISSUED: CodeState.ISSUED,
    Status.ORDERED: CodeState.ISSUED,
    Status.KIT_SHIPPED: CodeState.ISSUED,
    Status.INSTALLED: CodeState.ISSUED,
    Status.ACTIVE: CodeState.REDEEMED,
    Status.SUSPENDED: CodeState.REDEEMED,
}


@dataclass(frozen=True)
class Codes:
    """Every membership code, columns of equal length; the id is the row's place from 1. `household`: index, -1 for a free code."""

    code: list[str]
    provider: Ints
    year: Ints
    state: list[str]
    household: Ints
    issued_on: Days
    redeemed_on: Days  # NaT for a code that was never used
    ended_on: Days  # NaT while the enrollment goes on


@dataclass(frozen=True)
class Service:
    """For each enrollment its provider, plan and code by id; 0 where no code was given yet."""

    provider: Ints
    plan: Ints
    code: Ints
    codes: Codes


def providers(rng: np.random.Generator, areas: Ints) -> Ints:
    """The provider (id) that serves each household's address."""
    draw = rng.random(len(areas))
    wired = np.where(np.isin(areas, ASTOUND_AREAS) & (draw < HOTSPOT_SHARE + ASTOUND_SHARE), ASTOUND, COMCAST)
    return np.where(draw < HOTSPOT_SHARE, T_MOBILE, wired)


def give_codes(rng: np.random.Generator, enrollments: Enrollments, provider_of: Ints, *, current_year: int) -> Service:
    """A code for each enrollment that came so far, and free codes of the current year (index) for each provider."""
    at = enrollments.steps == _ISSUED
    given = np.flatnonzero(at.any(axis=1))
    issued_on = enrollments.days[given, at[given].argmax(axis=1)]
    household = enrollments.household[given]
    provider = np.zeros(len(at), dtype=np.int64)
    provider[given] = provider_of[household]
    hand_over_hotspots(enrollments, provider == T_MOBILE)
    plan = np.zeros(len(at), dtype=np.int64)
    plan[given] = _plans(provider[given], issued_on)
    code = np.zeros(len(at), dtype=np.int64)
    code[given] = np.arange(1, len(given) + 1)
    free = np.repeat([number for number, *_ in PROVIDERS], FREE_CODES)
    never = np.full(len(free), np.datetime64("NaT"))
    codes = Codes(
        code=[f"CC{mark}" for mark in marks(rng, len(given) + len(free))],
        provider=np.r_[provider[given], free],
        year=np.r_[enrollments.year[given], np.full(len(free), current_year)],
        state=[*_states(enrollments, given), *[CodeState.FREE.value] * len(free)],
        household=np.r_[household, np.full(len(free), -1)],
        issued_on=np.r_[issued_on, never],
        redeemed_on=np.r_[_first_day(enrollments, given, _ACTIVE), never],
        ended_on=np.r_[_first_day(enrollments, given, _ENDED), never],
    )
    return Service(provider, plan, code, codes)


def _first_day(enrollments: Enrollments, rows: Ints, step: int) -> Days:
    """The day of the first such step of each row; NaT where there is none."""
    at = enrollments.steps[rows] == step
    days: Days = enrollments.days[rows, at.argmax(axis=1)].copy()
    days[~at.any(axis=1)] = np.datetime64("NaT")
    return days


def hand_over_hotspots(enrollments: Enrollments, hotspot: NDArray[np.bool_]) -> None:
    """A hotspot is shipped, not installed: rewrites, in place, the step of those rows."""
    steps = enrollments.steps
    steps[hotspot[:, None] & (steps == _INSTALLED)] = _SHIPPED


def _plans(provider: Ints, day: Days) -> Ints:
    """The plan (id) each provider sold on the day."""
    found = np.zeros(len(provider), dtype=np.int64)
    for plan in PLANS:
        sold = (day >= np.datetime64(plan.starts_on)) & (plan.ends_on is None or day <= np.datetime64(plan.ends_on))
        found[(provider == plan.provider) & sold] = plan.id
    return found


def _states(enrollments: Enrollments, given: Ints) -> list[str]:
    """Issued until used, redeemed once online. When an enrollment ends, a used code expires and one never used is revoked."""
    was_online = (enrollments.steps[given] == _ACTIVE).any(axis=1).tolist()
    states = []
    for status, online in zip(enrollments.status[given].tolist(), was_online, strict=True):
        ended = CodeState.EXPIRED if online else CodeState.REVOKED
        states.append(_STATE_AT.get(paths.STATUSES[status], ended).value)
    return states
