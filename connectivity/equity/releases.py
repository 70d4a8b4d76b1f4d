"""Releases: the program's counts, protected, frozen and named by their hash. Whatever the council sees is read from here."""

import datetime as dt
import json
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from connectivity.access.audit import record
from connectivity.equity import counts
from connectivity.equity.disclosure.whole_rows import Counts, Protected, protect
from connectivity.register import Account, CommunityArea, ProgramYear, Release, ReleaseCount
from connectivity.rules.calendar import city_today

# A past year counted afresh must not take the place of the year that runs.
_LATEST = (ProgramYear.starts_on.desc(), Release.as_of.desc(), Release.id.desc())


class ReleaseRefused(Exception):
    """The counts cannot be computed. The message is for the person who asked."""


class NoProgramYear(ReleaseRefused):
    """No program year fits the day or the label."""


class DayToCome(ReleaseRefused):
    """The as-of date is in the future."""


class OutsideProgramYear(ReleaseRefused):
    """The as-of date does not lie in the program year."""


def program_year_on(session: Session, *, as_of: dt.date, label: str | None = None) -> ProgramYear:
    """The program year with this label, or else the one that runs on `as_of`, or else the last one before. Raises NoProgramYear."""
    if label:
        found = session.scalar(select(ProgramYear).where(ProgramYear.label == label))
        if found is None:
            known = ", ".join(session.scalars(select(ProgramYear.label).order_by(ProgramYear.starts_on))) or "none yet"
            raise NoProgramYear(f"There is no program year “{label}”. Program years: {known}.")
        return found
    started = select(ProgramYear).where(ProgramYear.starts_on <= as_of).order_by(ProgramYear.starts_on.desc()).limit(1)
    found = session.scalar(started)
    if found is None:
        raise NoProgramYear(f"No program year had begun on {_said(as_of)}. Add the program year first.")
    return found


def last_countable_day(program_year: ProgramYear) -> dt.date:
    """Today, or the last day of a program year that has ended."""
    return min(city_today(), program_year.ends_on)


def compute(session: Session, *, program_year: ProgramYear, as_of: dt.date, account: Account | None) -> Release:
    """Counts, protects and stores. Nothing but protected values is written. `account` None: the command line.

    Raises DayToCome, OutsideProgramYear.
    """
    _refuse_wrong_day(program_year, as_of)
    counted = counts.count(session, program_year=program_year, as_of=as_of)
    nobody = Counts(eligible=0, active=0)
    areas = {number: counted.areas.get(number, nobody) for number in session.scalars(select(CommunityArea.number))}
    protected = protect(areas, counted.unplaced)
    release = Release(
        program_year=program_year,
        as_of=as_of,
        computed_by=account.id if account else None,
        sha256=content_hash(protected, program_year=program_year.label, as_of=as_of),
        city_eligible=protected.city.eligible if protected.city else None,
        city_active=protected.city.active if protected.city else None,
        unplaced_eligible=protected.unplaced.eligible if protected.unplaced else None,
        unplaced_active=protected.unplaced.active if protected.unplaced else None,
        counts=[_row(number, shown) for number, shown in protected.areas.items()],
    )
    session.add(release)
    session.flush()
    record(session, account=account, action="release.computed", subject="release", subject_id=release.id)
    return release


def latest(session: Session) -> Release | None:
    """The newest program year's release of the latest day, the newest of that day, with its rows and program year.

    None before the first computation.
    """
    return session.scalar(
        select(Release)
        .join(Release.program_year)
        .options(selectinload(Release.counts), selectinload(Release.program_year))
        .order_by(*_LATEST)
        .limit(1)
    )


def latest_version(session: Session) -> tuple[int, str, dt.datetime] | None:
    """Id, hash and time of what `latest` would load: whatever is drawn from a release may be kept under this."""
    version = select(Release.id, Release.sha256, Release.computed_at).join(Release.program_year)
    found = session.execute(version.order_by(*_LATEST).limit(1)).first()
    return (found[0], found[1], found[2]) if found else None


def _refuse_wrong_day(program_year: ProgramYear, as_of: dt.date) -> None:
    year, starts, ends = program_year.label, program_year.starts_on, program_year.ends_on
    if as_of < starts:
        raise OutsideProgramYear(
            f"Program year {year} begins on {_said(starts)}: {_said(as_of)} lies before it. Choose a day within the year."
        )
    if as_of > city_today():
        raise DayToCome(f"{_said(as_of)} is still to come. Choose today or an earlier day.")
    if as_of > ends:
        raise OutsideProgramYear(
            f"Program year {year} ended on {_said(ends)}: {_said(as_of)} lies after it. Choose that day or an earlier one."
        )


def _said(day: dt.date) -> str:
    return f"{day:%b} {day.day}, {day.year}"


def content_hash(protected: Protected, *, program_year: str, as_of: dt.date) -> str:
    """SHA-256 (hex) of the protected values in canonical JSON: the same content has the same hash on every host."""
    content = {
        "as_of": as_of.isoformat(),
        "areas": [[number, *_pair(shown)] for number, shown in sorted(protected.areas.items())],
        "city": _pair(protected.city),
        "program_year": program_year,
        "unplaced": _pair(protected.unplaced),
    }
    return sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _pair(shown: Counts | None) -> list[int | None]:
    return [shown.eligible, shown.active] if shown else [None, None]


def _row(number: int, shown: Counts | None) -> ReleaseCount:
    eligible, active = _pair(shown)
    return ReleaseCount(community_area=number, withheld=shown is None, eligible=eligible, active=active)
