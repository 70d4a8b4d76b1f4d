"""What the page of one program year shows."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.register import Account, AuditEvent, Enrollment, Household, ProgramYear, YearExtension
from connectivity.rules.service_states import Status
from connectivity.service.years.extension import extensions_of
from connectivity.service.years.targets import Standing, standings


@dataclass(frozen=True, kw_only=True)
class YearPage:
    """One year. `counts`: status -> households that stand there on the day of the page."""

    year: ProgramYear
    counts: Mapping[Status, int]
    targets: Sequence[Standing]
    extensions: Sequence[YearExtension]
    trail: Sequence[tuple[AuditEvent, str]]  # event, who; the newest first

    @property
    def last_extension(self) -> YearExtension | None:
        """The one that the year's end comes from."""
        return next((one for one in self.extensions if one.taken_back_at is None), None)

    @property
    def first_end(self) -> dt.date | None:
        """Where the year ended before it was extended; None if it was not."""
        return next((one.ended_on for one in reversed(self.extensions) if one.taken_back_at is None), None)

    @property
    def households(self) -> int:
        """All that are in the year, wherever they stand."""
        return sum(self.counts.values())


@dataclass(frozen=True, kw_only=True)
class YearLine:
    """One year in the list. Units: households."""

    year: ProgramYear
    households: int
    active: int
    runs_now: bool


def year_page(session: Session, year: ProgramYear, *, today: dt.date) -> YearPage:
    trail = session.execute(
        select(AuditEvent, Account.name)
        .outerjoin(Account, Account.id == AuditEvent.account_id)
        .where(AuditEvent.subject == "program_year", AuditEvent.subject_id == year.id)
        .order_by(AuditEvent.id.desc())
    ).all()
    found = _counts(session, [year]).get(year.id, {})
    return YearPage(
        year=year,
        counts={status: found[status] for status in Status if status in found},
        targets=standings(session, year, today=today),
        extensions=extensions_of(session, year.id),
        trail=[(event, name or "") for event, name in trail],
    )


def year_lines(session: Session, years: Sequence[ProgramYear], today: dt.date) -> list[YearLine]:
    """Each year with how many households are in it and how many of them are connected now."""
    counts = _counts(session, years)
    return [
        YearLine(
            year=year,
            households=sum(counts.get(year.id, {}).values()),
            active=counts.get(year.id, {}).get(Status.ACTIVE, 0),
            runs_now=year.starts_on <= today <= year.ends_on,
        )
        for year in years
    ]


def _counts(session: Session, years: Sequence[ProgramYear]) -> dict[int, dict[Status, int]]:
    """Year -> status -> households. One that was merged into another is not counted beside it."""
    rows = session.execute(
        select(Enrollment.program_year_id, Enrollment.status, func.count())
        .join(Household, Household.id == Enrollment.household_id)
        .where(Enrollment.program_year_id.in_([year.id for year in years]), Household.merged_into_id.is_(None))
        .group_by(Enrollment.program_year_id, Enrollment.status)
    )
    found: dict[int, dict[Status, int]] = {}
    for year_id, status, number in rows:
        found.setdefault(year_id, {})[Status(status)] = number
    return found
