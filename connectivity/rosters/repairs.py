"""Small repairs before a plan is applied: a row corrected and read again, left out, or decided."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import Session

from connectivity.access import audit
from connectivity.bulk import table_of, write
from connectivity.bulk import update as update_rows
from connectivity.geography.school_addresses import SchoolAddresses
from connectivity.register import Account, ImportState, Outcome, RosterImport, RosterProblem, RosterRow, School
from connectivity.rosters.imports import RosterRefused
from connectivity.rosters.left_out import ACTION, LEFT_OUT, not_taken_in
from connectivity.rosters.row_values import RowReader
from connectivity.tabular.built_in_profiles import PROFILES
from connectivity.tabular.column_profiles import SENSITIVE
from connectivity.tabular.problems import Problem

DECISIONS = ("same", "another")
MOST_AT_ONCE = 500
Cells = Mapping[str, str]  # our column -> as written


@dataclass
class Reread:
    """Rows that were read again: those that can be taken in now, and those that are still wrong. Or left out again."""

    good: list[int] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)
    strangers: list[str] = field(
        default_factory=list
    )  # rows of a file that are none of ours, as it writes their number


def columns_of(roster: RosterImport) -> dict[str, str]:
    """Our column -> the file's heading, without what is sensitive."""
    return {name: heading for name, heading in roster.columns.items() if name not in SENSITIVE}


def cells_of(roster: RosterImport, row: RosterRow) -> dict[str, str] | None:
    """A row's cells as written; of a row that was read well and rejected later, its values. None: its cells lie under no heading."""
    if row.cells is not None:
        return {name: row.cells.get(name, "") for name in columns_of(roster)}
    if row.last_name is None:
        return None
    names = columns_of(roster)
    found = {name: _value(row, name) for name in names}
    if "address" in names and not {"unit", "zip"} <= names.keys():
        # The address column held more than the line: all of it goes back there, and nothing beside it.
        found |= dict.fromkeys(names.keys() & {"unit", "city", "state", "zip"}, "")
        found["address"] = row.original or ""
    return found


def _value(row: RosterRow, name: str) -> str:
    phones = (row.phones or "").split()
    read: dict[str, Any] = {
        "student_id": row.district_id,
        "guardian_name": f"{row.guardian_first_name or ''} {row.guardian_last_name or ''}".strip(),
        "address": row.line,
        **dict(zip(("phone", "phone_2", "phone_3"), phones, strict=False)),
        "eligible": {True: "yes", False: "no"}.get(row.eligible) if row.eligible is not None else None,
    }
    value = read[name] if name in read else getattr(row, name, None)
    return "" if value is None else str(value)


def repair(session: Session, *, account: Account, roster: RosterImport, cells: Mapping[int, Cells]) -> Reread:
    """Writes the corrected cells of rejected rows and reads them with the same checks. Raises RosterRefused."""
    refuse_unless_open(roster)
    done = Reread()
    numbers = sorted(cells)
    for at in range(0, len(numbers), MOST_AT_ONCE):
        some = numbers[at : at + MOST_AT_ONCE]
        _read_again(session, roster, {number: cells[number] for number in some}, done)
    _trace(session, account, roster, "roster.rows_repaired", done.good)
    _count_again(session, roster)
    return done


def _read_again(session: Session, roster: RosterImport, cells: Mapping[int, Cells], done: Reread) -> None:
    numbers, names = list(cells), list(columns_of(roster))
    written = {name: [cells[number].get(name, "") for number in numbers] for name in names}
    columns, problems = reader_of(session, roster).read(written, numbers)
    for name in ("number", "factors", "current", "evidence"):
        columns.pop(name)
    count = len(numbers)
    columns |= {
        "cells": [json.dumps({name: cells[number].get(name, "") for name in names}) for number in numbers],
        **{name: [None] * count for name in ("decision", "student_id", "home")},
        "import_id": [roster.id] * count,
        "number": numbers,
    }
    update_rows(session, table_of(RosterRow), ("import_id", "number"), columns)
    _replace_problems(session, roster, numbers, problems)
    stopped = {one.row for one in problems if one.stops}
    done.good += [number for number in numbers if number not in stopped]
    done.wrong += [number for number in numbers if number in stopped]
    session.expire_all()


def _replace_problems(
    session: Session, roster: RosterImport, numbers: Sequence[int], problems: Sequence[Problem]
) -> None:
    mine = and_(RosterProblem.import_id == roster.id, RosterProblem.number.in_(numbers))
    session.execute(delete(RosterProblem).where(mine).execution_options(synchronize_session=False))
    if problems:
        names = ("column", "heading", "value", "message", "advice", "stops")
        said: dict[str, list[Any]] = {name: [getattr(one, name) for one in problems] for name in names}
        keys = {"import_id": [roster.id] * len(problems), "number": [one.row for one in problems]}
        write(session, table_of(RosterProblem), {**keys, **said})


def reader_of(session: Session, roster: RosterImport) -> RowReader:
    """Reads rows of this import as its file was read. Sensitive cells were never kept, so there are none to seal."""
    schools = session.execute(select(School.id, School.name, School.address)).all()
    return RowReader(
        headings=columns_of(roster),
        year_label=roster.program_year.label,
        year_starts=roster.program_year.starts_on,
        schools={one: name for one, name, _ in schools},
        school_addresses=SchoolAddresses.build((one, address) for one, _, address in schools),
        words=next((one.values for one in PROFILES if one.title == roster.profile), {}),
    )


def rejected(session: Session, roster: RosterImport, number: int) -> RosterRow | None:
    """A row that may be repaired: rejected, or repaired already and not compared yet."""
    row = session.get(RosterRow, (roster.id, number), populate_existing=True)
    return row if row is not None and row.outcome in (Outcome.REJECTED, Outcome.WAITING) else None


def leave_out(session: Session, *, account: Account, roster: RosterImport, rows: Sequence[RosterRow]) -> None:
    """The rows stay rejected, whatever the next comparison finds. Raises RosterRefused."""
    refuse_unless_open(roster)
    for row in rows:
        row.outcome, row.decision = Outcome.REJECTED, LEFT_OUT
        # An event for each: the page says of each row who left it out.
        _trace(session, account, roster, ACTION, [row.number])
    session.flush()
    _count_again(session, roster)


def decide(session: Session, *, account: Account, roster: RosterImport, row: RosterRow, decision: str) -> None:
    """Whether an ambiguous row is the registered student ("same") or "another" child. Raises RosterRefused."""
    refuse_unless_open(roster)
    if row.outcome != Outcome.AMBIGUOUS:
        raise RosterRefused("This row needs no decision any more.")
    row.decision = decision
    _trace(session, account, roster, f"roster.row_is_{decision}", [row.number])


def check_again(session: Session, *, account: Account | None, roster: RosterImport) -> None:
    """Lets the plan be made anew. Raises RosterRefused."""
    refuse_unless_open(roster)
    roster.state, roster.refusal = ImportState.COMPARING, ""
    _trace(session, account, roster, "roster.checked_again", [])


def refuse_unless_open(roster: RosterImport) -> None:
    """Raises RosterRefused unless a plan waits for people."""
    if roster.state not in (ImportState.PLANNED, ImportState.HELD):
        raise RosterRefused("This roster has no plan that waits, so its rows cannot be changed.")


def _count_again(session: Session, roster: RosterImport) -> None:
    roster.counts = roster.counts | not_taken_in(session, roster)


def _trace(
    session: Session, account: Account | None, roster: RosterImport, action: str, numbers: Sequence[int]
) -> None:
    what = {"row": [None, numbers[0]]} if len(numbers) == 1 else {"rows": [None, len(numbers)]} if numbers else {}
    audit.record(session, account=account, action=action, subject="roster_import", subject_id=roster.id, changes=what)
