"""What happens each night without anybody asking, in order. A step that fails is told of and does not keep the others from running."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from connectivity.database import now
from connectivity.service.bills import snapshots
from connectivity.service.codes import books, expire
from connectivity.service.letters import files, runs
from connectivity.service.progress.nightly import end_due
from connectivity.service.provider_files import keeping


@dataclass(frozen=True, kw_only=True)
class Night:
    """The day it is, and where local files lie."""

    today: dt.date
    folder: Path


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a step did, in one line. `well` False: somebody must look at it."""

    words: str
    well: bool = True


Step = Callable[[Session, Night], Said]


def end_enrollments(session: Session, night: Night) -> Said:
    """Enrollments whose last day of service has passed, each with its code."""
    return Said(
        words=f"Enrollments ended, as their last day of service has passed: {end_due(session, today=night.today):,}."
    )


def expire_codes(session: Session, night: Night) -> Said:
    """Codes past their last day."""
    expired = expire.expire_due(session, account=None, today=night.today)
    left = f"; redeemed ones past theirs, still in service and left alone: {expired.left_in_service:,}"
    return Said(words=f"Codes expired: {expired.count:,}{left if expired.left_in_service else ''}.")


def check_codes(session: Session, _night: Night) -> Said:
    """The books of codes."""
    found = books.check(session, account=None)
    if found.balanced:
        return Said(words=f"The books of codes balance. Codes in them: {found.imported:,}.")
    return Said(
        words=f"The books of codes do not balance. Faults: {found.faults:,}. See the page “Code books”.", well=False
    )


def take_snapshots(session: Session, night: Night) -> Said:
    """The homes each provider may bill this month, as they stood on its first day."""
    taken = snapshots.take_all(session, night.today.replace(day=1))
    return Said(words=f"Monthly snapshots of providers' homes taken: {taken:,}.")


def forget_letters(session: Session, night: Night) -> Said:
    """Printed letters hold names, addresses and codes: their files are kept a week."""
    forgotten = runs.forget_old(session, folder=files.folder_of(night.folder), at=now())
    return Said(words=f"Files of letters deleted, as they were {runs.KEPT.days} days old: {forgotten:,}.")


def tidy_provider_files(session: Session, night: Night) -> Said:
    """Files of providers that are done or were never applied, and refused rows past their day."""
    gone = keeping.tidy(session, folder=night.folder / "uploads", today=night.today)
    return Said(
        words=f"Providers' files put aside: {gone.put_aside:,}; files deleted: {gone.files:,}, rows: {gone.rows:,}."
    )


STEPS: tuple[Step, ...] = (
    take_snapshots,
    end_enrollments,
    expire_codes,
    check_codes,
    forget_letters,
    tidy_provider_files,
)
