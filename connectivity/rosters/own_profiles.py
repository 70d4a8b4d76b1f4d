"""What staff say once of a source: which of our columns each of its headings stands for."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access import audit
from connectivity.register import Account, ImportState, RosterImport, RosterProfile
from connectivity.rosters.imports import RosterRefused


class NameTaken(RosterRefused):
    """Another source has this name already."""


def name_columns(
    session: Session, *, account: Account | None, roster: RosterImport, name: str, headings: Mapping[str, str]
) -> None:
    """Saves the profile (heading -> our column, "" leaves it out) and lets the file be read with it. Raises RosterRefused, NameTaken."""
    if roster.state != ImportState.COLUMNS:
        raise RosterRefused("The columns of this roster are known already.")
    if session.scalar(select(RosterProfile.id).where(RosterProfile.name == name)) is not None:
        raise NameTaken("Another source has this name. Choose another one.")
    session.add(RosterProfile(name=name, headings=dict(headings), made_by=account.id if account else None))
    roster.state = ImportState.QUEUED
    session.flush()
    audit.record(session, account=account, action="roster.columns_named", subject="roster_import", subject_id=roster.id)
