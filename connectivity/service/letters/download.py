"""The printed letters on their way out: a disclosure that is closed only after the last byte."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from sqlalchemy.orm import Session, sessionmaker

from connectivity.access.disclosures import close_disclosure
from connectivity.database import transaction

BASIS = (
    "School official with a legitimate educational interest (34 CFR 99.31(a)(1)); letters to the families themselves"
)
KIND = "letters_pdf"
COLUMNS = ("name", "address", "membership_code")
PIECE = 1 << 18  # bytes


@dataclass(frozen=True)
class LoggedPdf:
    """Iterate over it once; `close()` in any case. Closed early, its disclosure stays unfinished."""

    sessions: sessionmaker[Session]
    disclosure_id: int
    file: IO[bytes]
    letters: int

    def __iter__(self) -> Iterator[bytes]:
        digest = hashlib.sha256()
        while piece := self.file.read(PIECE):
            digest.update(piece)
            yield piece
        self.close()
        with self.sessions() as session, transaction(session):
            close_disclosure(session, self.disclosure_id, row_count=self.letters, sha256=digest.hexdigest())

    def close(self) -> None:
        """Lets go of the file."""
        self.file.close()
