"""A returned file's way through its states: handed in once, looked at, applied or put aside."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from connectivity.access import audit
from connectivity.database import now
from connectivity.register import (
    Account,
    FileState,
    ProgramYear,
    Provider,
    ProviderFile,
    ProviderFileRow,
    ProviderProfile,
)
from connectivity.service.provider_files.columns import COLUMN, COLUMNS
from connectivity.tabular.column_profiles import fold_heading

WORKING = (FileState.QUEUED, FileState.CHECKING, FileState.APPLYING)
GONE = (FileState.REFUSED, FileState.DISCARDED)
MOST_LISTED = 100


class FileStepRefused(ValueError):
    """The step cannot be taken now. The message is for the person."""


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """A file as it was received."""

    file_name: str
    file_bytes: int
    file_sha256: str
    stored_as: str


@dataclass(frozen=True)
class Submitted:
    """The file that now stands. `first` False: the same one was handed in before."""

    file: ProviderFile
    first: bool


def submit(
    session: Session, *, account: Account | None, provider: Provider, year: ProgramYear, given: HandedIn, on: dt.date
) -> Submitted:
    """Hands a file in. The same bytes for the same provider and year find the first, unless that was refused or put aside."""
    standing = _standing(session, provider, year, given.file_sha256)
    if standing is not None:
        return Submitted(standing, first=False)
    file = ProviderFile(
        provider_id=provider.id,
        program_year_id=year.id,
        received_on=on,
        state=FileState.QUEUED,
        submitted_by=account.id if account else None,
        **vars(given),
    )
    try:
        with session.begin_nested():
            session.add(file)
    except IntegrityError:  # handed in twice at once: the other was first
        found = _standing(session, provider, year, given.file_sha256)
        if found is None:
            raise
        return Submitted(found, first=False)
    _trace(session, account, "provider_file.submitted", file)
    return Submitted(file, first=True)


def _standing(session: Session, provider: Provider, year: ProgramYear, sha256: str) -> ProviderFile | None:
    return session.scalar(
        select(ProviderFile).where(
            ProviderFile.provider_id == provider.id,
            ProviderFile.program_year_id == year.id,
            ProviderFile.file_sha256 == sha256,
            ProviderFile.state.not_in(GONE),
        )
    )


def locked(session: Session, file_id: int) -> ProviderFile:
    """The file, held until the transaction ends."""
    return session.scalars(
        select(ProviderFile)
        .where(ProviderFile.id == file_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def claim(session: Session, *, account: Account | None, file: ProviderFile, looked_at: str | None) -> None:
    """Marks the file as being applied by this account. `looked_at`: when the summary that the person saw was made. Raises FileStepRefused."""
    if file.state != FileState.PLANNED:
        raise FileStepRefused("This file is not ready to be applied, or it has been applied already.")
    if file.checked_at is None or file.checked_at.isoformat() != looked_at:
        raise FileStepRefused("The summary was made anew since you opened this page. Look at it once more.")
    file.state, file.applied_by, file.refusal = FileState.APPLYING, account.id if account else None, ""
    session.flush()


def discard(session: Session, *, account: Account | None, file: ProviderFile) -> None:
    """Puts a file aside that was not applied. Raises FileStepRefused."""
    if file.state not in (FileState.PLANNED, FileState.COLUMNS, FileState.QUEUED):
        raise FileStepRefused("Only a file that has not been applied can be put aside.")
    empty(session, file.id)
    file.state, file.read_as = FileState.DISCARDED, {}  # it may hold cells
    _trace(session, account, "provider_file.discarded", file)


def refuse(session: Session, *, file: ProviderFile, why: str) -> None:
    """The file cannot be taken: says why."""
    empty(session, file.id)
    file.state, file.refusal, file.read_as = FileState.REFUSED, why, {}
    _trace(session, None, "provider_file.refused", file)


def empty(session: Session, file_id: int) -> None:
    """Removes what was staged of a file."""
    session.execute(
        delete(ProviderFileRow)
        .where(ProviderFileRow.provider_file_id == file_id)
        .execution_options(synchronize_session=False)
    )


def name_columns(session: Session, *, account: Account | None, file: ProviderFile, headings: Mapping[str, str]) -> None:
    """Keeps what each heading (as written) of this provider stands for, "" for one that is left out. Raises FileStepRefused."""
    if file.state != FileState.COLUMNS:
        raise FileStepRefused("The columns of this file are known already.")
    if problems := column_problems(headings):
        raise FileStepRefused(" ".join(problems))
    profile = session.get(ProviderProfile, file.provider_id) or ProviderProfile(
        provider_id=file.provider_id, headings={}
    )
    fresh = {fold_heading(heading) for heading in headings}
    kept = {heading: name for heading, name in profile.headings.items() if fold_heading(heading) not in fresh}
    profile.headings = kept | dict(headings)
    profile.made_by, profile.made_at = account.id if account else None, now()
    session.add(profile)
    file.state = FileState.QUEUED
    _trace(session, account, "provider_file.columns_named", file)


def forget_columns(session: Session, *, account: Account | None, provider: Provider) -> None:
    """Unlearns the provider's own headings: they were told wrongly. Its next file that needs them asks again."""
    profile = session.get(ProviderProfile, provider.id)
    if profile is not None:
        session.delete(profile)
        session.flush()
        audit.record(
            session, account=account, action="provider.columns_forgotten", subject="provider", subject_id=provider.id
        )


def column_problems(headings: Mapping[str, str]) -> list[str]:
    """What stands against a choice of columns, in sentences."""
    given = [name for name in headings.values() if name]
    doubled = sorted({name for name in given if given.count(name) > 1 and name in COLUMN})
    missing = [one.name for one in COLUMNS if one.required and one.name not in given]
    return [f"Two headings are given to {name}. Choose one of them." for name in doubled] + [
        f"No heading is given to {name}, which every row needs." for name in missing
    ]


def profile_of(session: Session, provider_id: int) -> dict[str, str]:
    """Heading -> our column, as staff said of this provider."""
    profile = session.get(ProviderProfile, provider_id)
    return dict(profile.headings) if profile else {}


def profiles(session: Session) -> dict[int, dict[str, str]]:
    """Provider -> heading -> our column, of those whose headings are not ours."""
    return {one.provider_id: dict(one.headings) for one in session.scalars(select(ProviderProfile))}


def listed(session: Session) -> Sequence[ProviderFile]:
    """The newest files, with who handed them in, of whom, for which year."""
    names = (
        joinedload(ProviderFile.provider),
        joinedload(ProviderFile.program_year),
        joinedload(ProviderFile.submitter),
    )
    return session.scalars(
        select(ProviderFile).options(*names).order_by(ProviderFile.id.desc()).limit(MOST_LISTED)
    ).all()


def _trace(session: Session, account: Account | None, action: str, file: ProviderFile) -> None:
    session.flush()
    audit.record(session, account=account, action=action, subject="provider_file", subject_id=file.id)
