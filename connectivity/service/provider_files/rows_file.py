"""Rows that were not taken, as a file to send back: the provider's own cells, what is wrong, what was expected."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from connectivity.register import ProviderFile, ProviderFileRow, RowFate
from connectivity.tabular.write import Row

KIND = "provider_rows_file"
ADDED = ("row", "what_is_wrong", "expected")
ROWS_A_PAGE = 2000


def header(file: ProviderFile) -> tuple[str, ...]:
    """The file's own headings, then ours. Those that we added to an earlier file of refused rows are not said twice."""
    headings = _headings(file)
    return (*(headings[at] for at in _own(headings)), *ADDED)


def _headings(file: ProviderFile) -> Sequence[str]:
    found: Sequence[str] = file.read_as.get("headings", ())
    return found


def _own(headings: Sequence[str]) -> list[int]:
    return [at for at, heading in enumerate(headings) if heading not in ADDED]


def rows(session: Session, file_id: int, fate: RowFate) -> Iterator[Row]:
    """Every row of a fate under `header`. A row with cells too many loses those without a heading; what is wrong says so."""
    own = _own(_headings(session.get_one(ProviderFile, file_id)))
    after = 0
    while found := session.scalars(page(file_id, fate, after=after, size=ROWS_A_PAGE)).all():
        for row in found:
            cells = row.cells or []
            kept = [cells[at] if at < len(cells) else "" for at in own]
            yield (*kept, row.number, row.message, row.expected)
        after = found[-1].number
        session.expunge_all()  # else every page stays in memory


def page(file_id: int, fate: RowFate, *, after: int, size: int) -> Select[ProviderFileRow]:
    """The next rows of a fate by number."""
    return (
        select(ProviderFileRow)
        .where(
            ProviderFileRow.provider_file_id == file_id, ProviderFileRow.fate == fate, ProviderFileRow.number > after
        )
        .order_by(ProviderFileRow.number)
        .limit(size)
    )
