"""Files that were handed in: read, then deleted. This takes away those that were left behind, so that none lies on the disk for good."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.database import Base, now, transaction
from connectivity.register import ImportState, RosterImport
from connectivity.rosters.imports import discard

# Days that a file waits for somebody to say which column is which. A roster holds the names and homes of every family, and a later
# export replaces it: what nobody looked at for a month will not be read any more. The receipt keeps name, size and SHA-256.
KEPT_DAYS = 30
# A file that belongs to nothing was left by a server that stopped while it came in. A day is longer than any upload takes.
STRAY_HOURS = 24
NEEDS_ITS_FILE = (ImportState.QUEUED, ImportState.READING, ImportState.COLUMNS)
WAITED = f"Nobody said within {KEPT_DAYS} days which column is which, so the file was deleted. Hand it in again."


@dataclass(frozen=True, kw_only=True)
class Swept:
    """How many files were deleted, and how many rosters were put aside because theirs had waited too long."""

    files: int
    put_aside: int


def sweep(session: Session, folder: Path) -> Swept:
    """Deletes files of rosters that waited too long for their columns, that were read or refused, and files that belong to nothing."""
    put_aside = _put_aside(session)
    needed, known = _names(session)
    files = 0
    for path in sorted(folder.glob("*")):
        stray = path.name not in known and _age(path) > dt.timedelta(hours=STRAY_HOURS)
        if path.is_file() and path.name not in needed and (stray or path.name in known):
            path.unlink(missing_ok=True)
            files += 1
    return Swept(files=files, put_aside=put_aside)


def _put_aside(session: Session) -> int:
    with transaction(session):
        late = session.scalars(
            select(RosterImport)
            .where(
                RosterImport.state == ImportState.COLUMNS,
                RosterImport.submitted_at < now() - dt.timedelta(days=KEPT_DAYS),
            )
            .with_for_update(skip_locked=True)
        ).all()
        for roster in late:
            discard(session, account=None, roster=roster, why=WAITED)
        return len(late)


def _names(session: Session) -> tuple[set[str], set[str]]:
    """(files that are still to be read, files of rosters). Files of other rooms lie in the same folder: each room deletes its own."""
    rosters = session.execute(select(RosterImport.stored_as, RosterImport.state)).all()
    needed = {name for name, state in rosters if state in NEEDS_ITS_FILE}
    for table in Base.metadata.sorted_tables:
        if "stored_as" in table.columns and table.name != RosterImport.__tablename__:
            needed |= set(session.scalars(select(table.c.stored_as)))
    return needed, {name for name, _ in rosters}


def _age(path: Path) -> dt.timedelta:
    try:
        return now() - dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    except FileNotFoundError:  # read and deleted in this moment
        return dt.timedelta()
