"""A file of rows on its way out: one snapshot, constant memory, and a disclosure that is closed only after the last byte."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from flask import Response
from sqlalchemy.orm import Session, sessionmaker

from connectivity.access.disclosures import close_disclosure
from connectivity.database import transaction
from connectivity.tabular.write import Profile, Row, write_csv

Rows = Callable[[Session], Iterator[Row]]


@dataclass
class LoggedFile:
    """Iterate over it once; `close()` in any case. If it is closed early, its disclosure stays unfinished."""

    sessions: sessionmaker[Session]
    disclosure_id: int
    header: Sequence[str]
    rows: Rows
    profile: Profile = Profile.SPREADSHEET
    row_count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.session = self.sessions()
        if self.session.get_bind().dialect.name == "postgresql":
            # One snapshot for every page; SQLite's read transaction is one already.
            self.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})

    def __iter__(self) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for chunk in write_csv(self.header, self._counted(), profile=self.profile):
            digest.update(chunk)
            yield chunk
        self.close()
        with self.sessions() as session, transaction(session):
            close_disclosure(session, self.disclosure_id, row_count=self.row_count, sha256=digest.hexdigest())

    def _counted(self) -> Iterator[Row]:
        for row in self.rows(self.session):
            self.row_count += 1
            yield row

    def close(self) -> None:
        """Ends the snapshot."""
        self.session.close()


def attachment(file: LoggedFile, name: str) -> Response:
    """The file as an answer that no browser keeps or opens by itself."""
    response = Response(iter(file), content_type="text/csv; charset=utf-8; header=present")
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.call_on_close(file.close)
    return response
