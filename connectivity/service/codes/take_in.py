"""A provider's file of codes on its way into the books: read, then every line that cannot be taken told by its row, or all of them added."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from connectivity.register import Account, BatchSource, ProgramYear, Provider
from connectivity.service.codes import batches
from connectivity.service.codes.code_file import BadLine, CodeList


class LinesRefused(ValueError):
    """Lines of the file cannot be taken, so nothing of it was. In the order of the sheet."""

    def __init__(self, bad: Sequence[BadLine]) -> None:
        self.bad = sorted(bad, key=lambda line: line.number)
        super().__init__(f"Nothing was added: {len(self.bad)} lines cannot be taken.")


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that was handed in."""

    path: Path
    name: str
    sha256: str


def take_in(
    session: Session,
    *,
    account: Account | None,
    provider: Provider,
    year: ProgramYear,
    read: CodeList,
    file: File,
    on: dt.date,
    expires_on: dt.date | None = None,
) -> batches.Added:
    """Adds the codes of a file that was read. `expires_on`: the last day of those whose row names none. Raises LinesRefused."""
    if read.bad:
        raise LinesRefused(read.bad)
    try:
        return batches.add(
            session,
            account=account,
            provider=provider,
            year=year,
            codes=[line.code for line in read.lines],
            source=BatchSource.FILE,
            on=on,
            file_name=file.name,
            sha256=file.sha256,
            expires_on=expires_on,
            own_days={line.code: line.expires_on for line in read.lines if line.expires_on},
        )
    except batches.KnownElsewhere as known:
        rows = [
            BadLine(line.number, line.code, known.told[line.code]) for line in read.lines if line.code in known.told
        ]
        raise LinesRefused(rows) from known
