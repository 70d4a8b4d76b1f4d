"""Homes at addresses of their own, questions about them, and files of answers as a provider sends them back."""

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import (
    Account,
    AnswersState,
    Household,
    Provider,
    Residence,
    Role,
    ServiceabilityAnswer,
    ServiceabilityBatch,
    ServiceabilityFile,
    ServiceabilityRequest,
    ServiceabilityRow,
)
from connectivity.service.serviceability import ask as asking
from connectivity.service.serviceability import files, take
from connectivity.service.serviceability.ask import Choice, Homes, Which
from connectivity.service.serviceability.columns import HEADER
from tests import factories

ASKED, TODAY = dt.date(2026, 9, 1), dt.date(2026, 10, 15)
EVERY = Choice(homes=Homes.EVERY, which=Which.EVERY)
EVERY_OTHERWISE = replace(EVERY, days=EVERY.days + 1)  # the same addresses, and not the same list
Row = dict[str, str]


def silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody listens."""


def home(session: Session, line: str = "1135 W WILSON AVE", unit: str = "", **given: object) -> Household:
    """A household at an address."""
    made = factories.household(session, **given)  # type: ignore[arg-type]
    lives = session.scalars(select(Residence).where(Residence.household_id == made.id)).one()
    lives.line, lives.unit = line, unit
    session.flush()
    return made


def ask(
    session: Session, provider: str = "Comcast", choice: Choice = EVERY, *, on: dt.date = ASKED
) -> ServiceabilityBatch:
    """A batch of questions to a provider."""
    asked = factories.provider(session, provider)
    year = factories.program_year(session)
    account = session.scalar(select(Account).limit(1)) or factories.account(session, Role.STAFF)
    session.commit()
    with transaction(session):
        return asking.ask(session, account=account, provider=asked, choice=choice, year=year, today=on)


def requests(session: Session, batch: ServiceabilityBatch) -> list[ServiceabilityRequest]:
    """In the order of the file."""
    of = select(ServiceabilityRequest).where(ServiceabilityRequest.batch_id == batch.id)
    return list(session.scalars(of.order_by(ServiceabilityRequest.id)))


def rows(session: Session, batch: ServiceabilityBatch, **answer: str) -> list[Row]:
    """The file as it went out, every row with the same answer."""
    sent = asking.rows(session, batch, session.get_one(Provider, batch.provider_id).name)
    return [dict(zip(HEADER, map(str, row), strict=True)) | answer for row in sent]


def csv_bytes(lines: Sequence[Mapping[str, str]], header: Sequence[str] = HEADER, encoding: str = "utf-8") -> bytes:
    """The rows under our headings."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, header, restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue().encode(encoding)


def hand_in(
    session: Session, folder: Path, content: bytes, *, provider: str = "Comcast", on: dt.date = TODAY
) -> tuple[int, Path]:
    """The file, waiting to be read."""
    session.commit()
    sha256 = hashlib.sha256(content).hexdigest()
    path = folder / f"file-{sha256}"
    path.write_bytes(content)
    given = files.HandedIn(file_name="october.csv", file_bytes=len(content), file_sha256=sha256, stored_as=path.name)
    with transaction(session):
        of = session.scalars(select(Provider).where(Provider.name == provider)).one()
        file, _ = files.submit(session, account=None, provider=of, given=given, on=on)
        return file.id, path


def take_back(
    session: Session,
    folder: Path,
    lines: Sequence[Mapping[str, str]] | bytes,
    *,
    provider: str = "Comcast",
    on: dt.date = TODAY,
) -> ServiceabilityFile:
    """Handed in and read."""
    content = lines if isinstance(lines, bytes) else csv_bytes(lines)
    file_id, path = hand_in(session, folder, content, provider=provider, on=on)
    take.take(session, file_id, path, report=silent)
    return session.get_one(ServiceabilityFile, file_id, populate_existing=True)


def taken(session: Session, folder: Path, lines: Sequence[Mapping[str, str]], **given: object) -> ServiceabilityFile:
    """As above, and it could be read."""
    file = take_back(session, folder, lines, **given)  # type: ignore[arg-type]
    assert file.state == AnswersState.TAKEN, file.refusal
    return file


def left(session: Session, file: ServiceabilityFile) -> list[tuple[str, str, str]]:
    """(fate, what is wrong, what was expected) of the rows that were not taken."""
    of = select(ServiceabilityRow).where(ServiceabilityRow.file_id == file.id).order_by(ServiceabilityRow.number)
    return [(one.fate, one.message, one.expected) for one in session.scalars(of)]


def answers(session: Session) -> list[ServiceabilityAnswer]:
    """All of them, as the database has them."""
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(ServiceabilityAnswer).order_by(ServiceabilityAnswer.id)))
