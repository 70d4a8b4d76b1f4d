"""A file of answers on its way: handed in once, read by the worker, its columns named by a person where they must be."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from connectivity.access import audit
from connectivity.register import (
    Account,
    AnswerFate,
    AnswersState,
    Provider,
    ServiceabilityFile,
    ServiceabilityRow,
)
from connectivity.service.serviceability.columns import column_problems
from connectivity.tabular.column_profiles import fold_heading
from connectivity.tabular.write import Row

WORKING = (AnswersState.QUEUED, AnswersState.READING)
ROWS_KIND = "serviceability_rows_file"
ROWS_BASIS = "The provider's own rows, back to it (34 CFR 99.31(a)(1)(i)(B)); addresses without names"
ADDED = ("row", "what_is_wrong", "expected")
ROWS_A_PAGE = 1000
MOST_LISTED = 50


class FileStepRefused(ValueError):
    """The step cannot be taken now. The message is for the person."""


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """A file as it was received. `stored_as`: its name in the folder of uploads."""

    file_name: str
    file_bytes: int
    file_sha256: str
    stored_as: str


def submit(
    session: Session, *, account: Account | None, provider: Provider, given: HandedIn, on: dt.date
) -> tuple[ServiceabilityFile, bool]:
    """The file, and whether it is new: the same bytes of the same provider find the first, unless that could not be read."""
    if (standing := _standing(session, provider, given)) is not None:
        return standing, False
    file = ServiceabilityFile(
        provider_id=provider.id,
        received_on=on,
        state=AnswersState.QUEUED,
        submitted_by=account.id if account else None,
        **vars(given),
    )
    try:
        with session.begin_nested():
            session.add(file)
    except IntegrityError:  # handed in twice at once: the other was first
        found = _standing(session, provider, given)
        if found is None:
            raise
        return found, False
    trace(session, account, "serviceability.handed_in", file)
    return file, True


def _standing(session: Session, provider: Provider, given: HandedIn) -> ServiceabilityFile | None:
    return session.scalar(
        select(ServiceabilityFile).where(
            ServiceabilityFile.provider_id == provider.id,
            ServiceabilityFile.file_sha256 == given.file_sha256,
            ServiceabilityFile.state != AnswersState.REFUSED,
        )
    )


def locked(session: Session, file_id: int) -> ServiceabilityFile:
    """The file, held until the transaction ends."""
    return session.scalars(
        select(ServiceabilityFile)
        .where(ServiceabilityFile.id == file_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def refuse(session: Session, *, file: ServiceabilityFile, why: str) -> None:
    """The file cannot be read: says why."""
    file.state, file.refusal = AnswersState.REFUSED, why
    trace(session, None, "serviceability.refused", file)


def name_columns(
    session: Session, *, account: Account | None, file: ServiceabilityFile, headings: Mapping[str, str]
) -> None:
    """Keeps what each heading of this provider stands for, "" for one that is left out; the file is read anew. Raises FileStepRefused."""
    if file.state != AnswersState.COLUMNS:
        raise FileStepRefused("The columns of this file are known already.")
    if problems := column_problems(dict(headings)):
        raise FileStepRefused(" ".join(problems))
    fresh = {fold_heading(heading) for heading in headings}
    earlier = own_headings(session, file)
    kept = {heading: name for heading, name in earlier.items() if fold_heading(heading) not in fresh}
    file.named, file.state, file.refusal = kept | dict(headings), AnswersState.QUEUED, ""
    trace(session, account, "serviceability.columns_named", file)


def own_headings(session: Session, file: ServiceabilityFile) -> dict[str, str]:
    """Heading -> our column, as a person said last of this provider's files."""
    if file.named:
        return dict(file.named)
    earlier = session.scalars(
        select(ServiceabilityFile.named)
        .where(ServiceabilityFile.provider_id == file.provider_id, ServiceabilityFile.id < file.id)
        .order_by(ServiceabilityFile.id.desc())
        .limit(MOST_LISTED)
    )
    return next((dict(named) for named in earlier if named), {})


def listed(session: Session) -> Sequence[ServiceabilityFile]:
    """The newest files, with whose they are and who handed them in."""
    names = (joinedload(ServiceabilityFile.provider), joinedload(ServiceabilityFile.submitter))
    newest = select(ServiceabilityFile).options(*names).order_by(ServiceabilityFile.id.desc())
    return session.scalars(newest.limit(MOST_LISTED)).all()


def rows_of(session: Session, file_id: int, fate: AnswerFate, *, after: int = 0, size: int) -> list[ServiceabilityRow]:
    """The next rows of a fate, by number."""
    row = ServiceabilityRow
    of = (row.file_id == file_id, row.fate == fate, row.number > after)
    return list(session.scalars(select(row).where(*of).order_by(row.number).limit(size)))


def rows_header(file: ServiceabilityFile) -> tuple[str, ...]:
    """The file's own headings, then ours."""
    return (*file.read_as.get("headings", ()), *ADDED)


def every_row(session: Session, file_id: int, fate: AnswerFate, width: int) -> Iterator[Row]:
    """Rows as they came, filled up to `width` cells, with what is wrong and what was expected behind them."""
    after = 0
    while found := rows_of(session, file_id, fate, after=after, size=ROWS_A_PAGE):
        for row in found:
            cells = row.cells[: width - len(ADDED)]
            blank = [""] * (width - len(ADDED) - len(cells))
            yield (*cells, *blank, row.number, row.message, row.expected)
        after = found[-1].number
        session.expunge_all()


def trace(session: Session, account: Account | None, action: str, file: ServiceabilityFile) -> None:
    """Writes the audit event of a file."""
    session.flush()
    audit.record(session, account=account, action=action, subject="serviceability_file", subject_id=file.id)
