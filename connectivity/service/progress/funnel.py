"""The way of a program year's households from eligible to connected: how many reached each stage, where they stand, how long it took.

Every figure comes from the steps alone, read once in their order and counted as arrays. Units: households, days.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, String, cast, func, literal, select
from sqlalchemy.orm import Session

from connectivity.register import Enrollment, EnrollmentEvent, Household
from connectivity.rules.service_stages import STAGE_OF, Stage
from connectivity.rules.service_states import Status

Ints = NDArray[np.int64]

_NEVER = np.iinfo(np.int64).max
# Enrollment and step travel as one number of 19 digits: enrollment * 2^32 + step + 2^62. Room for a billion enrollments.
_IDS, _WIDE, _DIGITS = 2**32, 2**62, 19
_STATUSES = tuple(Status)
# The row a status stands in: its stage, then suspended, then ended.
_SUSPENDED, _ENDED = len(Stage), len(Stage) + 1
_STANDS_IN = [
    {Status.SUSPENDED: _SUSPENDED, Status.ENDED: _ENDED}.get(status, int(STAGE_OF.get(status, 0)))
    for status in _STATUSES
]
_REACHES = [int(STAGE_OF[status]) if status in STAGE_OF else -1 for status in _STATUSES]
# Between which stages the days are counted.
SPANS = (*pairwise(Stage), (Stage.CODE_ISSUED, Stage.ACTIVE), (Stage.ELIGIBLE, Stage.ACTIVE))


@dataclass(frozen=True, kw_only=True)
class Reached:
    """One stage. `reached`: cumulative, a skipped stage counts as passed. `standing`: current, where a household is now."""

    stage: Stage
    reached: int
    standing: int
    share: float | None  # of those eligible, reached; 0-1; None without any


@dataclass(frozen=True, kw_only=True)
class Month:
    """One calendar month, to its last day or to the day of the count. Each tuple in the order of the stages."""

    starts_on: dt.date
    new: tuple[int, ...]  # reached in this month
    reached: tuple[int, ...]  # reached by its end: cumulative
    standing: tuple[int, ...]  # where households stood at its end: current
    suspended: int
    ended: int


@dataclass(frozen=True, kw_only=True)
class Span:
    """Days between two stages that were both recorded: a skipped stage tells nothing about waiting."""

    first: Stage
    then: Stage
    households: int
    median: float | None  # days; None without any household


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """All of it, counted by the end of `as_of`."""

    as_of: dt.date
    households: int
    stages: tuple[Reached, ...]
    suspended: int
    ended: int
    months: tuple[Month, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class _Steps:
    """Every step, in the order of enrollments and of their steps: whose (0, 1, 2, ...), which status, on which day (since 1970)."""

    whose: Ints
    status: Ints
    on: Ints

    @property
    def households(self) -> int:
        return int(self.whose[-1]) + 1 if len(self.whose) else 0


def funnel(session: Session, *, year_id: int, where: Sequence[ColumnElement[bool]], as_of: dt.date) -> Funnel:
    """`where`: the account's scope and what it narrowed to, over Enrollment and Household."""
    steps = _read(session, year_id, where, as_of)
    own = _own_days(steps)
    reached = _reached_days(own)
    months = _months(steps, reached, as_of)
    now = months[-1] if months else None
    eligible = int((reached[Stage.ELIGIBLE] < _NEVER).sum())
    return Funnel(
        as_of=as_of,
        households=steps.households,
        stages=tuple(
            Reached(
                stage=stage,
                reached=(number := int((reached[stage] < _NEVER).sum())),
                standing=now.standing[stage] if now else 0,
                share=number / eligible if eligible else None,
            )
            for stage in Stage
        ),
        suspended=now.suspended if now else 0,
        ended=now.ended if now else 0,
        months=months,
        spans=tuple(_span(own, first, then) for first, then in SPANS),
    )


def _read(session: Session, year_id: int, where: Sequence[ColumnElement[bool]], as_of: dt.date) -> _Steps:
    """All steps come as one text: as rows, by the hundred thousand, they would take three times as long to fetch."""
    which_and_whose = (
        EnrollmentEvent.enrollment_id * literal(_IDS, BigInteger) + EnrollmentEvent.id + literal(_WIDE, BigInteger)
    )
    line = cast(which_and_whose, String) + EnrollmentEvent.status + cast(EnrollmentEvent.happened_on, String)
    lines = session.scalar(
        select(func.aggregate_strings(line, ","))
        .select_from(Enrollment)
        .join(Household, Household.id == Enrollment.household_id)
        .join(EnrollmentEvent, EnrollmentEvent.enrollment_id == Enrollment.id)
        .where(Enrollment.program_year_id == year_id, EnrollmentEvent.happened_on <= as_of, *where)
    )
    return _parsed(f"{lines},") if lines else _Steps(*(np.zeros(0, dtype=np.int64) for _ in range(3)))


def _parsed(lines: str) -> _Steps:
    """Lines such as `4611686356040581171ordered2026-11-23,`: enrollment and step as one number, status, day."""
    signs = np.frombuffer(lines.encode("ascii"), dtype=np.uint8)
    ends = np.flatnonzero(signs == ord(","))
    starts = np.append(0, ends[:-1] + 1)
    numbers = _number(signs, starts, _DIGITS) - _WIDE
    order = np.argsort(numbers, kind="stable")  # by enrollment, then by step
    ids = numbers[order] // _IDS
    return _Steps(
        whose=np.cumsum(np.diff(ids, prepend=ids[0]) != 0),
        status=_status(signs, starts[order] + _DIGITS),
        on=_day(signs, ends[order] - len("2026-11-23")),
    )


def _number(signs: NDArray[np.uint8], starts: Ints, digits: int) -> Ints:
    """The decimal number of so many digits that begins at each place."""
    found = np.zeros(len(starts), dtype=np.int64)
    for at in range(digits):
        found = found * 10 + (signs[starts + at] - ord("0"))
    return found


def _status(signs: NDArray[np.uint8], starts: Ints) -> Ints:
    """The status whose name begins at each place, as its place in _STATUSES: the first three letters tell them apart."""
    letters = _letters(*(signs[starts + at].astype(np.int64) for at in range(3)))
    known = np.array([int(_letters(*(np.int64(ord(sign)) for sign in status.value[:3]))) for status in _STATUSES])
    by_letters = np.argsort(known)
    found: Ints = by_letters[np.searchsorted(known[by_letters], letters)]
    return found


def _letters(first: Any, second: Any, third: Any) -> Any:
    return (first * 256 + second) * 256 + third


def _day(signs: NDArray[np.uint8], starts: Ints) -> Ints:
    """The day `2026-11-23` that begins at each place, in days since 1970."""
    months = (_number(signs, starts, 4) - 1970) * 12 + _number(signs, starts + 5, 2) - 1
    first: Ints = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first + _number(signs, starts + 8, 2) - 1


def _own_days(steps: _Steps) -> Ints:
    """Stage x household -> the day of the first step that belongs to the stage itself; _NEVER where none was recorded."""
    own = np.full((len(Stage), steps.households), _NEVER, dtype=np.int64)
    stage = np.array(_REACHES, dtype=np.int64)[steps.status]
    counts = stage >= 0
    np.minimum.at(own, (stage[counts], steps.whose[counts]), steps.on[counts])
    return own


def _reached_days(own: Ints) -> Ints:
    """As `own`, but whoever reached a later stage has passed all before it: the day is that of this stage or of the next recorded one."""
    reached: Ints = np.minimum.accumulate(own[::-1], axis=0)[::-1]
    return reached


def _span(own: Ints, first: Stage, then: Stage) -> Span:
    both = (own[first] < _NEVER) & (own[then] < _NEVER) & (own[then] >= own[first])
    days = own[then][both] - own[first][both]
    return Span(first=first, then=then, households=len(days), median=float(np.median(days)) if len(days) else None)


def _months(steps: _Steps, reached: Ints, as_of: dt.date) -> tuple[Month, ...]:
    if not len(steps.on):
        return ()
    starts = _month_starts(int(steps.on.min()), as_of)
    ends = np.append(starts[1:], np.int64(_since_1970(as_of) + 1))  # the first day after each month
    new = np.array([_by_month(row[row < _NEVER], ends) for row in reached])
    by_end = np.cumsum(new, axis=1)
    standing = _standing(steps, ends)
    return tuple(
        Month(
            starts_on=dt.date(1970, 1, 1) + dt.timedelta(days=int(start)),
            new=tuple(new[:, at].tolist()),
            reached=tuple(by_end[:, at].tolist()),
            standing=tuple(standing[: len(Stage), at].tolist()),
            suspended=int(standing[_SUSPENDED, at]),
            ended=int(standing[_ENDED, at]),
        )
        for at, start in enumerate(starts.tolist())
    )


def _standing(steps: _Steps, ends: Ints) -> Ints:
    """Row x month -> households that stood there at the month's end: steps taken by then, less those that another step followed by then."""
    row = np.array(_STANDS_IN, dtype=np.int64)[steps.status]
    followed = steps.whose[:-1] == steps.whose[1:]
    left_on, left_row = steps.on[1:][followed], row[:-1][followed]
    change = [
        _by_month(steps.on[row == which], ends) - _by_month(left_on[left_row == which], ends)
        for which in range(_ENDED + 1)
    ]
    return np.cumsum(np.array(change), axis=1)


def _by_month(days: Ints, ends: Ints) -> Ints:
    """How many of the days lie in each month."""
    return np.bincount(np.searchsorted(ends, days, side="right"), minlength=len(ends)).astype(np.int64)


def _month_starts(first: int, as_of: dt.date) -> Ints:
    months = np.arange(
        np.datetime64(first, "D").astype("datetime64[M]"), np.datetime64(as_of, "M") + np.timedelta64(1, "M")
    )
    days: Ints = months.astype("datetime64[D]").astype(np.int64)
    return days


def _since_1970(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days
