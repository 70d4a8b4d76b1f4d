"""What families said about their connection and device: CEDS codes that obey the question set's skip logic."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from connectivity.rules.connectivity_codes import (
    Access,
    AccessType,
    Barrier,
    Device,
    DeviceAccess,
    DeviceProvider,
    Performance,
    RespondentRole,
    ResponseMode,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]
Words = NDArray[np.object_]

ANSWERED = 0.45  # share of households that ever answered
ANSWERED_AGAIN = 0.24  # of those, share with a second answer
# What those say who are neither sure of internet nor without it; the rest said yes or no.
SAID_UNKNOWN, SAID_DECLINED, SKIPPED = 0.035, 0.03, 0.012
ONLINE_SAYS_YES = 0.95

Shares = dict[str | None, float]

_TYPE_WIRED: Shares = {AccessType.RESIDENTIAL_BROADBAND: 0.94, AccessType.UNKNOWN: 0.04, None: 0.02}
_TYPE_HOTSPOT: Shares = {AccessType.HOT_SPOT: 0.95, AccessType.UNKNOWN: 0.03, None: 0.02}
_TYPE_OWN: Shares = {
    AccessType.RESIDENTIAL_BROADBAND: 0.56,
    AccessType.CELLULAR_NETWORK: 0.27,
    AccessType.HOT_SPOT: 0.05,
    AccessType.COMMUNITY_PROVIDED_WIFI: 0.03,
    AccessType.SATELLITE: 0.01,
    AccessType.DIALUP: 0.005,
    AccessType.OTHER: 0.015,
    AccessType.UNKNOWN: 0.06,
}
_WORKS: Shares = {Performance.YES: 0.6, Performance.SOMETIMES: 0.27, Performance.NO: 0.08, None: 0.05}
_BARRIER: Shares = {
    Barrier.NOT_AFFORDABLE: 0.6,
    Barrier.NOT_AVAILABLE: 0.1,
    Barrier.NOT_DESIRED: 0.12,
    Barrier.OTHER: 0.13,
    None: 0.05,
}
_NO_TYPE: Shares = {AccessType.NONE: 0.5, None: 0.5}
_DEVICE: Shares = {
    Device.CHROMEBOOK: 0.52,
    Device.LAPTOP: 0.17,
    Device.TABLET: 0.1,
    Device.SMARTPHONE: 0.09,
    Device.DESKTOP: 0.05,
    Device.NONE: 0.03,
    Device.OTHER: 0.01,
    None: 0.03,
}
_SHARED: Shares = {DeviceAccess.NOT_SHARED: 0.6, DeviceAccess.SHARED: 0.34, DeviceAccess.UNKNOWN: 0.04, None: 0.02}
_PROVIDED: Shares = {DeviceProvider.SCHOOL: 0.68, DeviceProvider.PERSONAL: 0.28, DeviceProvider.OTHER: 0.02, None: 0.02}
_ROLE: Shares = {
    RespondentRole.GUARDIAN: 0.84,
    RespondentRole.STUDENT: 0.06,
    RespondentRole.STAFF: 0.03,
    RespondentRole.PARTNER: 0.07,
}
_MODE: Shares = {
    ResponseMode.PHONE: 0.46,
    ResponseMode.ONLINE: 0.3,
    ResponseMode.IN_PERSON: 0.14,
    ResponseMode.PAPER: 0.1,
}


@dataclass(frozen=True)
class Responses:
    """One row an answered question set, ordered by household and day; `codes` maps a column of the table to its values."""

    household: Ints
    observed_on: Days
    codes: dict[str, list[str | None]]


def respond(
    rng: np.random.Generator, *, since: Days, today: np.datetime64, online: Bools, hotspot: Bools, without: Floats
) -> Responses:
    """Answers of some households: on a day between `since` and today. `without`: the area's share of homes without broadband."""
    household, observed_on = _when(rng, since, today)
    on, spot, lacking = online[household], hotspot[household], without[household]
    access = _access(rng, on, lacking)
    yes, no = access == Access.YES, access == Access.NO
    count = len(household)
    kind = np.where(
        on,
        np.where(spot, _drawn(rng, _TYPE_HOTSPOT, count), _drawn(rng, _TYPE_WIRED, count)),
        _drawn(rng, _TYPE_OWN, count),
    )
    device = _drawn(rng, _DEVICE, count)
    device[(access == None) & (device == None)] = Device.CHROMEBOOK  # noqa: E711 - element by element; an empty answer is none
    held = (device != None) & (device != Device.NONE)  # noqa: E711 - element by element
    columns = {
        "access": access,
        "barrier": _asked(no, _drawn(rng, _BARRIER, count)),
        "access_type": np.where(yes, kind, _asked(no, _drawn(rng, _NO_TYPE, count))),
        "performance": _asked(yes, _drawn(rng, _WORKS, count)),
        "device": device,
        "device_access": _asked(held, _drawn(rng, _SHARED, count)),
        "device_provider": _asked(held, _drawn(rng, _PROVIDED, count)),
        "respondent": _drawn(rng, _ROLE, count),
        "mode": _drawn(rng, _MODE, count),
    }
    return Responses(household, observed_on, {name: _texts(values) for name, values in columns.items()})


def _when(rng: np.random.Generator, since: Days, today: np.datetime64) -> tuple[Ints, Days]:
    """Households (index) that answered and when, some twice; never before `since`."""
    answered = np.flatnonzero(rng.random(len(since)) < ANSWERED)
    span = (today - since[answered]).astype(np.int64)
    first = (rng.random(len(answered)) * (np.minimum(span, 500) + 1)).astype(np.int64)
    rest = span - first
    again = (rng.random(len(answered)) < ANSWERED_AGAIN) & (rest > 60)
    second = first + 60 + (rng.random(len(answered)) * (rest - 59)).astype(np.int64)
    household = np.r_[answered, answered[again]]
    day = np.r_[since[answered] + first, since[answered[again]] + second[again]]
    order = np.lexsort((day, household))
    return household[order], day[order]


def _access(rng: np.random.Generator, online: Bools, lacking: Floats) -> Words:
    count = len(online)
    draw, says = rng.random(count), rng.random(count)
    # Eligible families go without far more often than their area's average home.
    yes = says < np.where(online, ONLINE_SAYS_YES, np.clip(1.0 - 2.2 * lacking, 0.25, 0.9))
    found: Words = np.where(yes, Access.YES, Access.NO).astype(object)
    found[draw < SAID_UNKNOWN + SAID_DECLINED + SKIPPED] = Access.DECLINED
    found[draw < SAID_UNKNOWN + SKIPPED] = Access.UNKNOWN
    found[draw < SKIPPED] = None
    return found


def _drawn(rng: np.random.Generator, shares: Shares, count: int) -> Words:
    values = np.empty(len(shares), dtype=object)
    values[:] = list(shares)
    weights = np.array(list(shares.values()))
    drawn: Words = values[rng.choice(len(shares), size=count, p=weights / weights.sum())]
    return drawn


def _asked(where: Bools, answers: Words) -> Words:
    """The answers where the question was asked, and nothing elsewhere."""
    answers[~where] = None
    return answers


def _texts(values: Words) -> list[str | None]:
    return [None if value is None else str(value) for value in values.tolist()]
