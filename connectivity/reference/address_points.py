"""Carries a county's address-point file into the database: the whole table replaced in the caller's transaction, or nothing."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from connectivity import bulk
from connectivity.database import Base, now
from connectivity.reference.address_columns import AddressFileRefused
from connectivity.reference.address_file import AddressFile, Box, Point, Tally
from connectivity.register import AddressPoint, ReferenceFile

ADDRESS_POINTS = "address_points"  # its name in the ledger of reference files
COLUMNS = ("direction", "street", "kind", "number", "zip", "lon", "lat")
LEAST_READ = 0.5  # of the rows
ROWS_AT_ONCE = 20_000

Report = Callable[[int], None]  # hears how many bytes of the file are read


@dataclass(frozen=True)
class AddressesLoaded:
    """What a load did. `same`: the table holds this file already, read by the same columns, and nothing was written."""

    points: int
    columns: Mapping[str, str]
    tally: Tally
    same: bool


def load_address_points(
    session: Session, file: AddressFile, *, box: Box, report: Report = lambda _bytes: None
) -> AddressesLoaded:
    """Replaces the table by the file's buildings inside `box` (degrees). Raises AddressFileRefused; the caller rolls back.

    600,000 rows are streamed. Two loads at once wait for each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE address_point IN EXCLUSIVE MODE"))
    checksum = _checksum(file)
    ledger = session.get(ReferenceFile, ADDRESS_POINTS)
    if ledger is not None and ledger.sha256 == checksum:
        count = session.scalar(select(func.count()).select_from(AddressPoint)) or 0
        return AddressesLoaded(count, file.columns, Tally(), same=True)
    session.execute(delete(AddressPoint))
    tally = Tally()
    _write(session, file, box, tally, report)
    _refuse_unreadable(tally)
    made = dt.datetime.fromtimestamp(file.path.stat().st_mtime, dt.UTC).date()
    session.merge(
        ReferenceFile(
            name=ADDRESS_POINTS,
            sha256=checksum,
            publisher=file.path.name,
            vintage=made.isoformat(),
            license="As its publisher says",
            content=None,
            loaded_at=now(),
        )
    )
    session.flush()
    return AddressesLoaded(tally.points, file.columns, tally, same=False)


def _checksum(file: AddressFile) -> str:
    """Of the file and of the columns it is read by: other columns are another table."""
    with file.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    digest.update(json.dumps(dict(file.columns), sort_keys=True).encode())
    return digest.hexdigest()


def _write(session: Session, file: AddressFile, box: Box, tally: Tally, report: Report) -> None:
    table = Base.metadata.tables[AddressPoint.__tablename__]
    bulk.widen_cache(session)
    with file.path.open("rb") as stream:
        for batch in _batches(file.points(stream, box, tally)):
            bulk.write(session, table, dict(zip(COLUMNS, zip(*batch, strict=True), strict=True)))
            report(stream.tell())


def _batches(points: Iterator[Point]) -> Iterator[list[Point]]:
    while batch := list(islice(points, ROWS_AT_ONCE)):
        yield batch


def _refuse_unreadable(tally: Tally) -> None:
    unread = sum(tally.unread.values())
    if not tally.rows:
        raise AddressFileRefused("The file has headings and no rows. Download it again.")
    if tally.rows - unread < LEAST_READ * tally.rows:
        raise AddressFileRefused(
            f"{unread:,} of {tally.rows:,} rows cannot be read, so nothing was loaded.",
            *tally.reasons,
            "If a column is the wrong one, name the right one with --column ours=THEIRS.",
        )
    if not tally.points:
        raise AddressFileRefused(
            f"None of the {tally.rows:,} rows lies in Chicago, so nothing was loaded. Check the columns city, lon and lat.",
            *tally.reasons,
        )
