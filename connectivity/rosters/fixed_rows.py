"""The file of rejected rows, as it leaves and as it comes back corrected: matched by its column `Row`."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import Account, Outcome, RosterImport, RosterRow
from connectivity.rosters.imports import RosterRefused
from connectivity.rosters.repairs import MOST_AT_ONCE, Reread, columns_of, refuse_unless_open, repair
from connectivity.rosters.rows_of import of_import
from connectivity.rules.names import fold
from connectivity.tabular.column_profiles import fold_heading
from connectivity.tabular.workbook import Table, open_table
from connectivity.tabular.write import unguard

ROW, PROBLEM = "Row", "Problem"  # the columns it has beside those of the district's own file
_REPAIRABLE = (Outcome.REJECTED, Outcome.WAITING)


def take_fixed(session: Session, *, account: Account, roster: RosterImport, path: Path, file_name: str) -> Reread:
    """Reads a file of rejected rows that were corrected, matched by its column `Row`. Raises RosterRefused, FileRefused."""
    refuse_unless_open(roster)
    table = open_table(path, file_name=file_name)
    places = _places(roster, table)
    done = Reread()
    for chunk in table.chunks():
        read = [(row, _number(cell, done)) for row, cell in enumerate(chunk.columns[places[ROW]])]
        times = Counter(number for _, number in read)
        given = {
            number: {name: unguard(chunk.columns[at][row]) for name, at in places.items() if name != ROW}
            for row, number in read
            if number is not None and times[number] == 1
        }
        done.strangers += [f"{number} (more than once)" for number, count in times.items() if number and count > 1]
        known = _may_be_repaired(session, roster, list(given))
        known = _same_children(session, roster, known, given)
        done.strangers += [str(number) for number in given if number not in known]
        found = repair(
            session, account=account, roster=roster, cells={one: given[one] for one in given if one in known}
        )
        done.good += found.good
        done.wrong += found.wrong
        done.strangers += [f"line {line} of the file" for line in sorted(chunk.left_out)]
    return done


def _places(roster: RosterImport, table: Table) -> dict[str, int]:
    """Our column, and `Row`, -> where it stands in the file. Raises RosterRefused with every heading that is missing."""
    at = {fold_heading(heading): place for place, heading in enumerate(table.headings)}
    wanted = {ROW: ROW, **columns_of(roster)}
    missing = [f"“{heading}”" for heading in wanted.values() if fold_heading(heading) not in at]
    if missing:
        raise RosterRefused(
            f"The file has no column {', '.join(missing)}. Download the rows that were not taken in, correct them in that file, "
            "and keep its headings."
        )
    return {name: at[fold_heading(heading)] for name, heading in wanted.items()}


def _number(cell: str, done: Reread) -> int | None:
    read = re.fullmatch(r"\s*(\d{1,9})(\.0+)?\s*", cell)
    if read is None:
        done.strangers.append(cell.strip()[:20] or "(empty)")
        return None
    return int(read[1])


def _same_children(
    session: Session, roster: RosterImport, numbers: set[int], given: Mapping[int, Mapping[str, str]]
) -> set[int]:
    """The rows whose ID or name is that of the roster's row: another roster's file has the same row numbers."""
    found = set[int]()
    chosen = sorted(numbers)
    for at in range(0, len(chosen), MOST_AT_ONCE):
        some = RosterRow.number.in_(chosen[at : at + MOST_AT_ONCE])
        for row in session.scalars(select(RosterRow).where(of_import(roster.id), some)):
            written, now = (
                row.cells or {name: getattr(row, of) or "" for name, of in _AS_READ.items()},
                given[row.number],
            )
            if not any(written.values()) or any(
                all(_alike(written.get(name, ""), now.get(name, "")) for name in names) for names in _WHO
            ):
                found.add(row.number)
    return found


def _alike(one: str, other: str) -> bool:
    return fold(one).strip() == fold(other).strip()


_AS_READ = {"student_id": "district_id", "last_name": "last_name", "first_name": "first_name"}
_WHO = (("student_id",), ("last_name", "first_name"))


def _may_be_repaired(session: Session, roster: RosterImport, numbers: Sequence[int]) -> set[int]:
    found = set[int]()
    for at in range(0, len(numbers), MOST_AT_ONCE):
        some = RosterRow.number.in_(numbers[at : at + MOST_AT_ONCE])
        found |= set(session.scalars(select(RosterRow.number).where(of_import(roster.id, *_REPAIRABLE), some)))
    return found
