"""A school's file on its way out: one snapshot, constant memory, and a disclosure that is closed only after the last byte."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy.orm import Session, sessionmaker

from connectivity.access.disclosures import close_disclosure
from connectivity.database import transaction
from connectivity.school_exports.student_file import OFFICE_COLUMNS, SCHOOL_COLUMNS, in_words, surroundings
from connectivity.school_exports.students import Listing, all_students, count_students
from connectivity.tabular.write import Profile, write_csv

BASIS = "School official with a legitimate educational interest (34 CFR 99.31(a)(1))"


@dataclass
class Download:
    """One file. Iterate over it once; `close()` in any case. If it is closed early, its disclosure stays unfinished."""

    sessions: sessionmaker[Session]
    listing: Listing
    year_label: str
    today: dt.date
    office: bool
    disclosure_id: int
    row_count: int = field(init=False)

    def __post_init__(self) -> None:
        self.session = self.sessions()
        if self.session.get_bind().dialect.name == "postgresql":
            # One snapshot for the count and every page; SQLite's read transaction is one already.
            self.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        self.row_count = count_students(self.session, self.listing)

    def __iter__(self) -> Iterator[bytes]:
        digest = hashlib.sha256()
        around = surroundings(self.session, today=self.today, year_label=self.year_label)
        rows = in_words(all_students(self.session, self.listing), around, office=self.office)
        header = OFFICE_COLUMNS if self.office else SCHOOL_COLUMNS
        for chunk in write_csv(header, rows, profile=Profile.SPREADSHEET):
            digest.update(chunk)
            yield chunk
        self.close()
        with self.sessions() as session, transaction(session):
            close_disclosure(session, self.disclosure_id, row_count=self.row_count, sha256=digest.hexdigest())

    def close(self) -> None:
        """Ends the snapshot."""
        self.session.close()
