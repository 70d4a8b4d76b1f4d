"""What staff say once of a source: which of our columns each of its headings stands for."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectivity.access import audit
from connectivity.register import Account, ImportState, RosterImport, RosterProfile
from connectivity.rosters.imports import RosterRefused, forget_samples

TAKEN = "Another source has this name. Choose another one."


class NameTaken(RosterRefused):
    """Another source has this name already."""


def name_columns(
    session: Session, *, account: Account | None, roster: RosterImport, name: str, headings: Mapping[str, str]
) -> None:
    """Saves the profile (heading -> our column, "" leaves it out) and lets the file be read with it. Raises RosterRefused, NameTaken."""
    if roster.state != ImportState.COLUMNS:
        raise RosterRefused("The columns of this roster are known already.")
    _refuse_taken(session, name)
    session.add(RosterProfile(name=name, headings=dict(headings), made_by=account.id if account else None))
    roster.state = ImportState.QUEUED
    forget_samples(roster)
    session.flush()
    audit.record(session, account=account, action="roster.columns_named", subject="roster_import", subject_id=roster.id)


def every(session: Session) -> Sequence[tuple[RosterProfile, Account | None]]:
    """The sources that staff explained, the newest first, with who did it (None: the command line)."""
    found = select(RosterProfile, Account).outerjoin(Account, Account.id == RosterProfile.made_by)
    return [(profile, account) for profile, account in session.execute(found.order_by(RosterProfile.id.desc()))]


def rename(session: Session, *, account: Account | None, profile: RosterProfile, name: str) -> None:
    """Calls a source something else. Raises NameTaken."""
    if name == profile.name:
        return
    _refuse_taken(session, name)
    before = profile.name
    try:
        with session.begin_nested():
            profile.name = name
    except IntegrityError:  # two people took one name at once
        raise NameTaken(TAKEN) from None
    _trace(session, account, "roster_source.renamed", profile.id, {"name": [before, name]})


def forget(session: Session, *, account: Account | None, profile: RosterProfile) -> None:
    """Files with its headings are asked about again. Rosters that were read with it keep its name in their receipt."""
    session.delete(profile)
    session.flush()
    _trace(session, account, "roster_source.deleted", profile.id, {"name": [profile.name, None]})


def _refuse_taken(session: Session, name: str) -> None:
    if session.scalar(select(RosterProfile.id).where(RosterProfile.name == name)) is not None:
        raise NameTaken(TAKEN)


def _trace(
    session: Session, account: Account | None, action: str, source_id: int, changes: dict[str, list[str | None]]
) -> None:
    audit.record(
        session, account=account, action=action, subject="roster_source", subject_id=source_id, changes=changes
    )
