"""The roster's way through its states: handed in once, looked at, approved by a second person where it must, or put aside."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectivity.access import audit
from connectivity.database import now
from connectivity.register import (
    Account,
    Covers,
    ImportState,
    Outcome,
    ProgramYear,
    RosterChange,
    RosterDoubt,
    RosterHome,
    RosterImport,
    RosterProblem,
    RosterRow,
)
from connectivity.register.roster_import import GONE
from connectivity.rosters.left_out import LEFT_OUT

WAITING_FOR_PEOPLE = (ImportState.COLUMNS, ImportState.PLANNED, ImportState.HELD)
HANDED_IN_AGAIN = (
    "The same file was handed in again, and this plan did not fit any more, so it was put aside. "
    "What was repaired or left out here is offered on the page of the newer roster."
)
WORKING = (ImportState.QUEUED, ImportState.READING, ImportState.COMPARING, ImportState.APPLYING, ImportState.UNDOING)


class RosterRefused(ValueError):
    """The step cannot be taken now. The message is for the person."""


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """A file as it was received, and what it is said to be."""

    file_name: str
    file_bytes: int
    file_sha256: str
    stored_as: str
    covers: Covers = Covers.WHOLE


@dataclass(frozen=True)
class Submitted:
    """The import that now stands for the file. `first` is False when the same file had been handed in before."""

    roster: RosterImport
    first: bool


def submit(
    session: Session, *, account: Account | None, year: ProgramYear, file: HandedIn, again: bool = False
) -> Submitted:
    """Hands a file in. The same file for the same year finds the first import, unless that was undone, refused or put aside.

    `again` takes a file in that was applied before other rosters were: it makes a new import.
    """
    standing = _standing(session, year, file.file_sha256)
    if standing is not None and standing.state in WAITING_FOR_PEOPLE and _superseded(session, standing, file):
        discard(session, account=account, roster=standing, why=HANDED_IN_AGAIN)
        standing = None
    if standing is not None and not (again and standing.state == ImportState.APPLIED):
        return Submitted(standing, first=False)
    roster = RosterImport(
        program_year_id=year.id,
        submitted_by=account.id if account else None,
        state=ImportState.QUEUED,
        copy=standing.copy + 1 if standing else 1,
        **vars(file),
    )
    try:
        with session.begin_nested():
            session.add(roster)
    except IntegrityError:  # handed in twice at once: the other was first
        found = _standing(session, year, file.file_sha256)
        if found is None:
            raise
        return Submitted(found, first=False)
    _trace(session, account, "roster.submitted", roster)
    return Submitted(roster, first=True)


def _superseded(session: Session, standing: RosterImport, file: HandedIn) -> bool:
    """Whether a plan that waits is of no use any more: overtaken, or made for a whole roster where the file is now said to be a part."""
    says_itself = standing.read_as.get("kind") == "oneroster"  # whether it is whole stands in its manifest
    return overtaken(session, standing) or (standing.covers != file.covers and not says_itself)


def _standing(session: Session, year: ProgramYear, sha256: str) -> RosterImport | None:
    return session.scalar(
        select(RosterImport)
        .where(
            RosterImport.file_sha256 == sha256,
            RosterImport.program_year_id == year.id,
            RosterImport.state.not_in(GONE),
        )
        .order_by(RosterImport.copy.desc())
        .limit(1)
    )


def locked(session: Session, roster_id: int) -> RosterImport:
    """The import, held until the transaction ends: a second person waits and then sees what the first has done."""
    return session.scalars(
        select(RosterImport)
        .where(RosterImport.id == roster_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def last_applied(session: Session) -> RosterImport | None:
    """The roster that was applied last and stands: the only one that can be undone."""
    return session.scalar(
        select(RosterImport)
        .where(RosterImport.state == ImportState.APPLIED)
        .order_by(RosterImport.applied_at.desc(), RosterImport.id.desc())
        .limit(1)
    )


def overtaken(session: Session, roster: RosterImport) -> bool:
    """Whether another roster was applied or undone since this one was read: its plan cannot be applied."""
    before = last_applied(session)
    return (before.id if before else None) != roster.after_import_id


def approve(session: Session, *, account: Account, roster: RosterImport, reason: str) -> None:
    """A second person lets a held plan go on. Raises RosterRefused."""
    if roster.state != ImportState.HELD:
        raise RosterRefused("This roster is not waiting for a second person.")
    if roster.submitted_by == account.id:
        raise RosterRefused("You handed this roster in. Somebody else must look at it and approve it.")
    if not reason.strip():
        raise RosterRefused("Say why so large a change is right.")
    roster.state, roster.approved_by, roster.approved_at = ImportState.PLANNED, account.id, now()
    roster.approval_reason = reason.strip()
    _trace(session, account, "roster.approved", roster)


def discard(session: Session, *, account: Account | None, roster: RosterImport, why: str = "") -> None:
    """Puts a roster aside that was not applied. Its rows go; that it was handed in stays. Raises RosterRefused.

    `why`: it was not a person who wanted it gone, so rows that people repaired are kept for the next time the file comes.
    """
    if roster.state not in (*WAITING_FOR_PEOPLE, ImportState.QUEUED):
        raise RosterRefused("Only a roster that has not been applied can be put aside.")
    empty(session, roster.id, keep_repairs=bool(why))
    forget_samples(roster)
    roster.state, roster.refusal = ImportState.DISCARDED, why
    _trace(session, account, "roster.discarded", roster)


def empty(session: Session, roster_id: int, *, keep_repairs: bool = False) -> None:
    """Removes what was staged and planned of an import; with `keep_repairs` all but the rows that people repaired or left out."""
    repaired = and_(RosterRow.cells.is_not(None), RosterRow.outcome != Outcome.REJECTED)
    if keep_repairs:
        # They wait again: what a plan made of them is gone.
        kept = update(RosterRow).where(RosterRow.import_id == roster_id, repaired)
        waiting = kept.values(outcome=Outcome.WAITING, student_id=None, home=None, evidence=0)
        session.execute(waiting.execution_options(synchronize_session=False))
    for noun in (RosterDoubt, RosterHome, RosterChange, RosterProblem, RosterRow):
        gone = delete(noun).where(noun.import_id == roster_id)
        if keep_repairs and noun is RosterRow:
            gone = gone.where(~repaired, RosterRow.decision.is_distinct_from(LEFT_OUT))
        session.execute(gone.execution_options(synchronize_session=False))


def forget_samples(roster: RosterImport) -> None:
    """Cells that a person was shown to say which column is which are kept no longer than that."""
    roster.read_as = {name: kept for name, kept in roster.read_as.items() if name != "samples"}


def refuse(session: Session, *, roster: RosterImport, why: str) -> None:
    """The file cannot be taken: says why."""
    forget_samples(roster)
    roster.state, roster.refusal = ImportState.REFUSED, why
    _trace(session, None, "roster.refused", roster)


def newest(session: Session, *, most: int) -> Sequence[RosterImport]:
    """The newest imports first."""
    return session.scalars(select(RosterImport).order_by(RosterImport.id.desc()).limit(most)).all()


def count(session: Session) -> int:
    """How many files were ever handed in."""
    return session.scalar(select(func.count()).select_from(RosterImport)) or 0


def _trace(session: Session, account: Account | None, action: str, roster: RosterImport) -> None:
    session.flush()
    audit.record(session, account=account, action=action, subject="roster_import", subject_id=roster.id)
