"""Program years: found, added, changed. A year that has enrollments ends later by an extension only."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectivity.access.audit import record
from connectivity.register import Account, Enrollment, EnrollmentEvent, ProgramYear
from connectivity.rules.calendar import city_today
from connectivity.rules.service_states import EARLIEST_BEFORE

FIRST_DAY = dt.date(2015, 1, 1)  # the program is younger
YEARS_AHEAD = 20
LONGEST = dt.timedelta(days=2 * 366)  # of a year as it is entered; 2072 typed for 2027 must not stand


class YearRefused(ValueError):
    """The year cannot be like this. `problems`: field -> a sentence for the person."""

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__()


@dataclass(frozen=True, kw_only=True)
class Values:
    """A program year as a person entered it. `overlap_meant`: it may run beside another year."""

    label: str
    starts_on: dt.date
    ends_on: dt.date
    funding: str
    open_to_new: bool
    overlap_meant: bool = False

    def columns(self) -> dict[str, Any]:
        """Field -> value, as the year stores them."""
        return {name: value for name, value in asdict(self).items() if name != "overlap_meant"}


def every_year(session: Session) -> Sequence[ProgramYear]:
    """All of them, the newest first."""
    return session.scalars(select(ProgramYear).order_by(ProgramYear.starts_on.desc(), ProgramYear.id.desc())).all()


def current_year(session: Session, today: dt.date) -> ProgramYear | None:
    """The year that `today` lies in (the one that began last, if two run side by side), else the latest that has begun, else None."""
    return session.scalar(
        select(ProgramYear)
        .where(ProgramYear.starts_on <= today)
        .order_by((ProgramYear.ends_on >= today).desc(), ProgramYear.starts_on.desc())
        .limit(1)
    )


def overlapping(
    session: Session, *, starts_on: dt.date, ends_on: dt.date, besides: int | None = None
) -> list[ProgramYear]:
    """Other years that share a day with this span, the earliest first. `besides`: id of the year itself."""
    found = session.scalars(
        select(ProgramYear)
        .where(ProgramYear.starts_on <= ends_on, ProgramYear.ends_on >= starts_on)
        .order_by(ProgramYear.starts_on)
    )
    return [year for year in found if year.id != besides]


def add(session: Session, *, account: Account | None, values: Values) -> ProgramYear:
    """A new year. `account` None: the command line. Raises YearRefused."""
    _take_turns(session)
    _refuse(session, values, None)
    year = ProgramYear(**values.columns())
    try:
        with session.begin_nested():
            session.add(year)
            session.flush()
    except IntegrityError as taken:
        raise YearRefused({"label": _taken(values.label)}) from taken
    record(
        session,
        account=account,
        action="program_year.added",
        subject="program_year",
        subject_id=year.id,
        changes={field: [None, _as_json(value)] for field, value in values.columns().items()},
    )
    return year


def change(session: Session, *, account: Account | None, year: ProgramYear, values: Values) -> bool:
    """Changes a year that is held (`for_change`); False if everything was so already. Raises YearRefused."""
    _refuse(session, values, year)
    changes = {
        field: [_as_json(getattr(year, field)), _as_json(value)]
        for field, value in values.columns().items()
        if getattr(year, field) != value
    }
    if not changes:
        return False
    for field, value in values.columns().items():
        setattr(year, field, value)
    session.flush()
    record(
        session,
        account=account,
        action="program_year.changed",
        subject="program_year",
        subject_id=year.id,
        changes=changes,
    )
    return True


def for_change(session: Session, year_id: int) -> ProgramYear | None:
    """The year, held until the transaction ends, as all others are."""
    _take_turns(session)
    return session.get(ProgramYear, year_id, populate_existing=True)


def has_enrollments(session: Session, year: ProgramYear) -> bool:
    """Whether any household is in it."""
    return bool(session.scalar(select(exists().where(Enrollment.program_year_id == year.id))))


def runs(year: ProgramYear) -> str:
    """`2025-26 (Jul 1, 2025 to Jun 30, 2026)`."""
    return f"{year.label} ({_day(year.starts_on)} to {_day(year.ends_on)})"


def _take_turns(session: Session) -> None:
    """Two who enter years at once would not see that their years overlap: the second waits for the first."""
    session.execute(select(ProgramYear.id).order_by(ProgramYear.id).with_for_update())


def _refuse(session: Session, values: Values, year: ProgramYear | None) -> None:
    problems = dict[str, str]()
    same_name = session.scalar(select(ProgramYear.id).where(ProgramYear.label == values.label))
    if same_name is not None and (year is None or same_name != year.id):
        problems["label"] = _taken(values.label)
    problems |= _beyond(values)
    if problems.keys() & {"starts_on", "ends_on"}:
        raise YearRefused(problems)
    if values.ends_on <= values.starts_on:
        problems["ends_on"] = f"The year must end after it starts, on {_day(values.starts_on)}. Check both days."
    elif values.ends_on - values.starts_on > LONGEST:
        problems["ends_on"] = "This is more than two years after the first day. Check the years of both days."
    elif year is not None and values.ends_on != year.ends_on and has_enrollments(session, year):
        problems["ends_on"] = (
            f"Households are in this year, so its end stays {_day(year.ends_on)} here. To end it later, use “Extend this year”."
        )
    elif not values.overlap_meant and (
        others := overlapping(
            session, starts_on=values.starts_on, ends_on=values.ends_on, besides=year.id if year else None
        )
    ):
        problems["starts_on"] = (
            f"These days overlap with {', '.join(map(runs, others))}. Change them, or confirm that the years run side by side."
        )
    if year is not None and (step := _first_step(session, year)) and step < values.starts_on - EARLIEST_BEFORE:
        problems["starts_on"] = (
            f"A step was recorded on {_day(step)}, more than a year before this day. Enter an earlier first day."
        )
    if problems:
        raise YearRefused(problems)


def _beyond(values: Values) -> dict[str, str]:
    """Field -> what is wrong with a day that no program year has."""
    last = last_day(city_today())
    words = f"Program years lie between {_day(FIRST_DAY)} and {_day(last)}. Check the year of this day."
    days = {"starts_on": values.starts_on, "ends_on": values.ends_on}
    return {field: words for field, day in days.items() if not FIRST_DAY <= day <= last}


def last_day(today: dt.date) -> dt.date:
    """The last day that a program year may have."""
    return dt.date(today.year + YEARS_AHEAD, 12, 31)


def _first_step(session: Session, year: ProgramYear) -> dt.date | None:
    return session.scalar(
        select(func.min(EnrollmentEvent.happened_on))
        .join(Enrollment, Enrollment.id == EnrollmentEvent.enrollment_id)
        .where(Enrollment.program_year_id == year.id)
    )


def _taken(label: str) -> str:
    return f"There is a program year {label} already. Give this one another name."


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def _day(day: dt.date) -> str:
    return f"{day:%b} {day.day}, {day.year}"
