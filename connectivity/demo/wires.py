"""What providers say of the addresses of homes that wait for a connection: one list of questions each, and one file of answers."""

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from connectivity.demo import days
from connectivity.demo.addresses import Homes
from connectivity.demo.funnel import ACTIVE, ENDED, SUSPENDED, Enrollments
from connectivity.demo.paths import STATUSES
from connectivity.demo.program import ASTOUND, COMCAST, Year
from connectivity.demo.service import ASTOUND_AREAS, Service
from connectivity.rules.service_states import Status
from connectivity.rules.serviceability_words import ExistingService, MatchResult, Serviceable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]
Words = NDArray[np.object_]
T = TypeVar("T")
Key = tuple[str, str, str, str, str]  # line, unit, five digits of the ZIP code, city, state

ASKED_DAYS_AGO, RECEIVED_DAYS_AGO = 17, 6  # nobody in the demo has moved since (households._live)
DECIDED_DAYS_AFTER = 2  # the answers: when staff looked at some corrected addresses
LEFT_WAITING = 3  # every third correction waits for somebody to look at it
_CONNECTING = [
    ACTIVE,
    SUSPENDED,
    *(STATUSES.index(one) for one in (Status.ORDERED, Status.KIT_SHIPPED, Status.INSTALLED)),
]

# How a provider's row comes back -> how often, and what stands in its note. Demo assumptions, as all shares here.
_BLANK, _EXACT, _CORRECTED, _SURVEY, _AMBIGUOUS, _NOT_FOUND = range(6)
_HOW_OFTEN = (0.3, 0.63, 0.02, 0.02, 0.015, 0.015)
_M = (MatchResult.EXACT, MatchResult.CORRECTED, MatchResult.EXACT, MatchResult.AMBIGUOUS, MatchResult.NOT_FOUND)
_MATCH = np.array(["", *(one.value for one in _M)], dtype=object)
_NOTES = np.array(["", "", "", "Site survey needed", "More than one building with this number", ""], dtype=object)
_SERVED_ALREADY = 0.05
_FIBER = 0.15


@dataclass(frozen=True)
class Network:
    """A provider’s wire. `areas`: where it has lines (None: everywhere); then the shares of addresses it does not reach, there and elsewhere."""

    provider: int
    areas: tuple[int, ...] | None
    cable_mbps: int
    fiber_mbps: int
    missing: float
    missing_elsewhere: float = 1.0


NETWORKS = (
    Network(COMCAST, None, 1200, 2000, missing=0.06),
    Network(ASTOUND, ASTOUND_AREAS, 1500, 5000, missing=0.2, missing_elsewhere=0.93),
)
HEADINGS = (
    "batch_id", "request_id", "match_result", "corrected_address", "serviceable", "existing_service", "technology",
    "max_down_mbps", "checked_on", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Answers:
    """Rows that the provider filled in. `request`: index; `accepted`: of a corrected address, None while nobody looked at it."""

    request: Ints
    match: list[str]
    found_address: list[str]
    serviceable: list[str]
    existing: list[str]
    technology: list[str]
    mbps: list[int | None]
    checked_on: Days
    note: list[str]
    accepted: list[bool | None]


@dataclass(frozen=True)
class Asked:
    """A list of questions with its answers. `request`: the random id of each address."""

    provider: int
    reference: str
    asked_on: np.datetime64
    received_on: np.datetime64
    decided_on: np.datetime64
    keys: Sequence[Key]
    request: list[str]
    answers: Answers

    @property
    def counts(self) -> dict[str, int]:
        """The figures of the file when it was taken in: nobody had looked at a corrected address yet."""
        answers, taken = self.answers, len(self.answers.request)
        corrected = np.array(answers.match) == MatchResult.CORRECTED
        said = np.array(answers.serviceable)[~corrected]
        return {
            "rows": len(self.keys),
            "taken": taken,
            "unchanged": 0,
            "blank": len(self.keys) - taken,
            "ignored": 0,
            "refused": 0,
            **{one.value: int((said == one).sum()) for one in Serviceable},
            "corrected": int(corrected.sum()),
            "kept_unknown": 0,
        }

    def file(self) -> bytes:
        """The file that came back, as CSV."""
        filled = {request: at for at, request in enumerate(self.answers.request.tolist())}
        text = io.StringIO(newline="")
        out = csv.writer(text)
        out.writerow(HEADINGS)
        for at, request in enumerate(self.request):
            out.writerow((self.reference, request, *self._cells(filled.get(at))))
        return text.getvalue().encode()

    def _cells(self, at: int | None) -> tuple[object, ...]:
        said = self.answers
        if at is None:
            return ("",) * (len(HEADINGS) - 2)
        words = (said.match[at], said.found_address[at], said.serviceable[at], said.existing[at], said.technology[at])
        return (*words, said.mbps[at], said.checked_on[at], said.note[at])


def ask_all(
    rng: np.random.Generator,
    homes: Homes,
    area: Ints,
    enrollments: Enrollments,
    service: Service,
    *,
    year: Year,
    today: np.datetime64,
) -> list[Asked]:
    """Asks every provider of a wire about the homes that are in the program and not connected. `area`: of each home, 0: not placed."""
    asked_on = days.back(today, ASKED_DAYS_AGO, since=year.starts_on)
    current = np.flatnonzero(enrollments.year == enrollments.year.max())
    waits = ~np.isin(enrollments.status_by(asked_on, current), (ACTIVE, ENDED))
    every = [(home.line, home.unit, home.zip[:5], home.city, home.state) for home in homes.address]
    where = {every[home]: home for home in enrollments.household[current[waits]].tolist()}
    keys = sorted(where)
    areas = area[np.array([where[key] for key in keys], dtype=np.int64)]
    asked = []
    for network in NETWORKS:
        connects = (service.provider[current] == network.provider) & np.isin(enrollments.status[current], _CONNECTING)
        reached = {every[home] for home in enrollments.household[current[connects]].tolist()}
        own = np.array([key in reached for key in keys], dtype=bool)
        asked.append(_ask(rng, network, keys, areas, own, asked_on, year, today))
    return asked


def _ask(
    rng: np.random.Generator,
    network: Network,
    keys: Sequence[Key],
    area: Ints,
    own: Bools,
    asked_on: np.datetime64,
    year: Year,
    today: np.datetime64,
) -> Asked:
    """`own`: addresses that the provider is connecting or serves, which its wire reaches."""
    received_on = days.back(today, RECEIVED_DAYS_AGO, since=year.starts_on)
    how, reaches = _drawn(rng, network, area, own)
    return Asked(
        provider=network.provider,
        reference=f"B{base64.b32encode(rng.bytes(5)).decode()}",
        asked_on=asked_on,
        received_on=received_on,
        decided_on=days.on(received_on, DECIDED_DAYS_AFTER, until=today),
        keys=keys,
        request=_references(rng, len(keys)),
        answers=_answers(rng, network, keys, how, reaches, _days(rng, asked_on, received_on, len(keys))),
    )


def _references(rng: np.random.Generator, count: int) -> list[str]:
    """Random ids of 80 bits, as the product writes them."""
    letters = base64.b32encode(rng.bytes(10 * count)).decode()
    return [f"Q{letters[at : at + 16]}" for at in range(0, len(letters), 16)]


def _drawn(rng: np.random.Generator, network: Network, area: Ints, own: Bools) -> tuple[Ints, Bools]:
    """How each row comes back, and whether the wire reaches the address."""
    how: Ints = rng.choice(len(_HOW_OFTEN), size=len(area), p=_HOW_OFTEN)
    how[own & (how != _BLANK)] = _EXACT
    inside = np.ones(len(area), dtype=bool) if network.areas is None else np.isin(area, network.areas)
    missing = np.where(inside, network.missing, network.missing_elsewhere)
    reaches: Bools = own | (rng.random(len(area)) >= missing)
    return how, reaches


def _days(rng: np.random.Generator, first: np.datetime64, last: np.datetime64, count: int) -> Days:
    days_: Days = first + rng.integers((last - first).astype(np.int64) + 1, size=count).astype("timedelta64[D]")
    return days_


def _answers(
    rng: np.random.Generator, network: Network, keys: Sequence[Key], how: Ints, reaches: Bools, checked_on: Days
) -> Answers:
    """What stands in the rows that were not left blank, as the product reads them."""
    request = np.flatnonzero(how != _BLANK)
    how, count = how[request], len(request)
    known, served, fiber = np.isin(how, (_EXACT, _CORRECTED)), *(rng.random((2, count)) < [[_SERVED_ALREADY], [_FIBER]])
    yes = known & reaches[request]
    corrected = np.flatnonzero(how == _CORRECTED)
    found_address, accepted = _corrections([keys[at] for at in request[corrected].tolist()])
    speeds = np.select([yes & fiber, yes], [network.fiber_mbps, network.cable_mbps])
    return Answers(
        request=request,
        match=_MATCH[how].tolist(),
        found_address=_spread(found_address, corrected, count, ""),
        serviceable=np.select([yes, known], [Serviceable.YES, Serviceable.NO], Serviceable.UNKNOWN).tolist(),
        existing=np.select(
            [yes & served, known], [ExistingService.YES, ExistingService.NO], ExistingService.NOT_DISCLOSED
        ).tolist(),
        technology=np.select([yes & fiber, yes], ["fiber", "cable"], "").tolist(),
        mbps=[speed or None for speed in speeds.tolist()],
        checked_on=checked_on[request],
        note=_NOTES[how].tolist(),
        accepted=_spread(accepted, corrected, count, None),
    )


def _corrections(keys: Sequence[Key]) -> tuple[list[str], list[bool | None]]:
    """The provider's own address for each of ours, and what staff said: the same place, another one, or nothing yet."""
    theirs, said = [], list[bool | None]()
    for at, (line, unit, zip_code, city, state) in enumerate(keys):
        waits, another = at % LEFT_WAITING == 0, at % 2 == 1
        number, street = line.split(" ", 1)
        place = f"{int(number) + 10} {street} {unit}".rstrip() if another else line if unit else f"{line} FL 1"
        theirs.append(f"{place}, {city}, {state} {zip_code}")
        said.append(None if waits else not another)
    return theirs, said


def _spread(values: Sequence[T], at: Ints, count: int, otherwise: T) -> list[T]:
    """The values at their places, and `otherwise` everywhere else."""
    found = [otherwise] * count
    for place, value in zip(at.tolist(), values, strict=True):
        found[place] = value
    return found
