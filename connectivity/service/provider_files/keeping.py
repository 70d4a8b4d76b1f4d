"""How long what names families is kept: a file until it is applied or too old, its refused and ignored rows a while longer."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from connectivity.register import FileState, ProviderFile, ProviderFileRow, RowFate
from connectivity.service.provider_files import files

FILE_DAYS = 30  # after it came in, a file that nobody applied is put aside
ROW_DAYS = 90  # time for the provider to correct what was refused
FINAL = (FileState.APPLIED, FileState.REFUSED, FileState.DISCARDED)
TOO_OLD = f"Nobody applied this file within {FILE_DAYS} days, so it was put aside."


@dataclass(frozen=True, kw_only=True)
class Tidied:
    """What a night deleted."""

    files: int
    put_aside: int
    rows: int


def until(file: ProviderFile) -> dt.date:
    """The last day of what is still kept of a file: of its rows once it is applied, else of the file."""
    return file.received_on + dt.timedelta(days=ROW_DAYS if file.state == FileState.APPLIED else FILE_DAYS)


def tidy(session: Session, *, folder: Path, today: dt.date) -> Tidied:
    """Deletes what is past its day. `folder`: of uploads. A file that is put aside is deleted the night after, when that is certain."""
    deleted = _delete_files(session, folder)
    aside = _put_aside(session, today)
    old = select(ProviderFile.id).where(
        ProviderFile.state == FileState.APPLIED, ProviderFile.received_on < today - dt.timedelta(days=ROW_DAYS)
    )
    which = (ProviderFileRow.provider_file_id.in_(old), ProviderFileRow.fate.in_((RowFate.REFUSED, RowFate.IGNORED)))
    rows = session.execute(delete(ProviderFileRow).where(*which).returning(ProviderFileRow.number)).all()
    return Tidied(files=deleted, put_aside=aside, rows=len(rows))


def _delete_files(session: Session, folder: Path) -> int:
    """Those whose work is done: most are gone already, but a server can stop between the work and the deletion."""
    done = (ProviderFile.state.in_(FINAL), ProviderFile.stored_as != "")
    names = session.scalars(select(ProviderFile.stored_as).where(*done)).all()
    there = [path for name in names if (path := folder / name).exists()]
    for path in there:
        path.unlink(missing_ok=True)
    session.execute(update(ProviderFile).where(*done).values(stored_as="").execution_options(synchronize_session=False))
    return len(there)


def _put_aside(session: Session, today: dt.date) -> int:
    waiting = session.scalars(
        select(ProviderFile)
        .where(
            ProviderFile.state.in_((FileState.PLANNED, FileState.COLUMNS)),
            ProviderFile.received_on < today - dt.timedelta(days=FILE_DAYS),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for file in waiting:
        files.discard(session, account=None, file=file)
        file.refusal = TOO_OLD
    return len(waiting)
