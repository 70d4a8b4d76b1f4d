"""From the file to staged rows: each row checked cell by cell, its problems written down. Nothing in the register changes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from pathlib import Path
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from connectivity.bulk import fetch, stream, widen_cache, write
from connectivity.database import transaction
from connectivity.geography.school_addresses import SchoolAddresses
from connectivity.register import (
    Covers,
    ImportState,
    Outcome,
    RosterImport,
    RosterProblem,
    RosterProfile,
    RosterRow,
    School,
)
from connectivity.rosters.imports import empty, last_applied, locked, refuse
from connectivity.rosters.reading_beside import read_each
from connectivity.rosters.report import Report
from connectivity.rosters.row_values import RowReader, Seal
from connectivity.rosters.whole_file import Addresses, warnings
from connectivity.tabular.built_in_profiles import ONEROSTER, TABLE_PROFILES
from connectivity.tabular.column_profiles import COLUMN, SENSITIVE, Match, Profile, looks_sensitive, match, profile_from
from connectivity.tabular.problems import FileRefused, Problem
from connectivity.tabular.roster_rows import fingerprints
from connectivity.tabular.workbook import Chunk, Table, open_table

TO_READ = (ImportState.QUEUED, ImportState.READING, ImportState.COLUMNS)
READING = "Reading and checking rows"
ALIKE = 60  # percent; a heading less alike than this is no help
SAMPLES = 3  # cells of a column that a person is shown to say what it is
Held = tuple[str | None, bool | None, int | None]  # of a student in the last roster: fingerprint, eligible, student


def read(session: Session, roster_id: int, path: Path, *, report: Report, seal: Seal | None = None) -> ImportState:
    """Stages the file of an import, in short transactions. Returns its state: READING when all rows are staged, COLUMNS when a
    person must say which column is which, REFUSED with the reason in the import.

    Begins anew each time: what an earlier, interrupted reading left is removed first. An import that is not to be read is left as it is.
    """
    with transaction(session):
        roster = locked(session, roster_id)
        if roster.state not in TO_READ:
            return ImportState(roster.state)
        before = last_applied(session)
        roster.state, roster.after_import_id = ImportState.READING, before.id if before else None
        empty(session, roster_id)
    try:
        table = open_table(path, file_name=roster.file_name)
        fitting = match(table.headings, _profiles(session, table))
        table.show_only([at for at, name in fitting.columns.items() if name not in SENSITIVE])
        if not _readable(table, fitting):
            return _ask_for_columns(session, roster_id, table, fitting)
        _stage(session, roster, table, fitting, report, seal)
    except FileRefused as refused:
        return _refuse(session, roster_id, str(refused))
    return ImportState.READING


def _readable(table: Table, fitting: Match) -> bool:
    """Whether the columns are all there. A OneRoster file may come without birth dates: then it can tell of known students only."""
    missing = {one.column for one in fitting.missing}
    return not fitting.doubled and (not missing or (table.kind == "oneroster" and missing == {"birth_date"}))


def _refuse(session: Session, roster_id: int, why: str) -> ImportState:
    with transaction(session):
        empty(session, roster_id)
        refuse(session, roster=locked(session, roster_id), why=why)
    return ImportState.REFUSED


def _profiles(session: Session, table: Table) -> Sequence[Profile]:
    if table.kind == "oneroster":
        return (ONEROSTER,)
    saved = session.scalars(select(RosterProfile).order_by(RosterProfile.id.desc()))
    own = [profile_from(one.headings, title=one.name, key=f"saved-{one.id}") for one in saved]
    return (*own, *TABLE_PROFILES)


def _ask_for_columns(session: Session, roster_id: int, table: Table, fitting: Match) -> ImportState:
    """Keeps the headings with a few cells of each, so that a person can say once which column is which."""
    first = next(iter(table.chunks(size=SAMPLES)), None)
    samples = [list(column[:SAMPLES]) for column in first.columns] if first else [[] for _ in table.headings]
    sensitive = {one for one in table.headings if one in fitting.sensitive or looks_sensitive(one)}
    with transaction(session):
        roster = locked(session, roster_id)
        roster.state = ImportState.COLUMNS
        roster.read_as = {
            "headings": list(table.headings),
            "samples": [
                [] if heading in sensitive else cells for heading, cells in zip(table.headings, samples, strict=True)
            ],
            "not_shown": sorted(sensitive - set(fitting.sensitive)),
            "guesses": {table.headings[at]: name for at, name in fitting.columns.items()},
            "missing": [
                [COLUMN[one.column].title, one.nearest if one.score >= ALIKE else ""] for one in fitting.missing
            ],
            "doubled": fitting.doubled,
        }
    return ImportState.COLUMNS


@dataclass(frozen=True)
class _Known:
    """Of one chunk, what needs no reading: rows that say what the last roster said, and rows that are left out."""

    chunk: Chunk
    unchanged: list[int]  # their numbers
    ids: list[str]
    held: list[Held]


def _stage(
    session: Session, roster: RosterImport, table: Table, fitting: Match, report: Report, seal: Seal | None
) -> None:
    reader, known, staged = _reader(session, roster, table, fitting, seal), _last_roster(session), 0
    addresses = Addresses(next((at for at, name in fitting.columns.items() if name == "address"), None))
    pieces = (_piece(chunk, fitting, reader, known) for chunk in table.chunks())
    for piece, (columns, problems) in read_each(reader, pieces, file_bytes=roster.file_bytes):
        with transaction(session):
            widen_cache(session, megabytes=32)
            _write_unchanged(session, roster.id, piece)
            if columns["number"]:
                _write(session, RosterRow, roster.id, columns)
            _write_left_out(session, roster.id, piece.chunk)
            _write_problems(session, roster.id, [*problems, *piece.chunk.ragged])
        addresses.count(piece.chunk)
        staged += len(piece.chunk.numbers) + len(piece.chunk.left_out)
        report(READING, staged, 0)
    with transaction(session):
        held = locked(session, roster.id)
        held.profile, held.columns = fitting.profile.title, dict(reader.headings)
        held.read_as = _read_as(table, fitting, seal)
        _write_problems(session, roster.id, warnings(table, reader.headings, addresses))
        if not table.whole:
            held.covers = Covers.PART
        if session.get_bind().dialect.name == "postgresql":
            # Of rows that have just come PostgreSQL knows nothing, and would go through all of them for each one.
            session.execute(text("ANALYZE roster_row"))


def _reader(session: Session, roster: RosterImport, table: Table, fitting: Match, seal: Seal | None) -> RowReader:
    schools = fetch(session, select(School.id, School.name, School.address))
    return RowReader(
        headings={name: table.headings[at] for at, name in fitting.columns.items()},
        year_label=roster.program_year.label,
        year_starts=roster.program_year.starts_on,
        schools={one: name for one, name, _ in schools},
        school_addresses=SchoolAddresses.build((one, address) for one, _, address in schools),
        seal=seal,
        words=fitting.profile.values,
    )


def _last_roster(session: Session) -> dict[str, Held]:
    current = select(RosterRow.district_id, RosterRow.fingerprint, RosterRow.eligible, RosterRow.student_id)
    rows = stream(session, current.where(RosterRow.current))
    return {one: (mark, None if eligible is None else bool(eligible), student) for one, mark, eligible, student in rows}


def _refuse_another_year(cells: Sequence[str], label: str) -> None:
    """A file that is for another year altogether is one mistake, not one in every row."""
    said = {cell.strip() for cell in cells} - {""}
    if len(said) == 1 and re.fullmatch(r"\d{4}-\d{2}", year := said.pop()) and year != label:
        raise FileRefused(
            f"The rows of this file are for {year}, but it was handed in for {label}. Hand it in for {year}."
        )


def _piece(
    chunk: Chunk, fitting: Match, reader: RowReader, known: Mapping[str, Held]
) -> tuple[_Known, tuple[dict[str, list[str]], list[int]]]:
    cells = {name: chunk.columns[at] for at, name in fitting.columns.items()}
    _refuse_another_year(cells.get("program_year", ()), reader.year_label)
    # A sealed factor has no fingerprint, so where factors are held every row is read again.
    if not known or reader.seal is not None:
        return _Known(chunk, [], [], []), (cells, chunk.numbers)
    marks = fingerprints(cells)
    ids = [cell.strip() for cell in cells["student_id"]]
    same = [(held := known.get(one)) is not None and held[0] == mark for one, mark in zip(ids, marks, strict=True)]
    other = [not one for one in same]
    alike = list(compress(ids, same))
    piece = _Known(chunk, list(compress(chunk.numbers, same)), alike, [known[one] for one in alike])
    unread = {name: list(compress(column, other)) for name, column in cells.items()}
    return piece, (unread, list(compress(chunk.numbers, other)))


def _write_unchanged(session: Session, roster_id: int, piece: _Known) -> None:
    """Rows that say what the last roster said: their number, their student, nothing more."""
    count = len(piece.unchanged)
    if count:
        columns: dict[str, Any] = {
            "number": piece.unchanged,
            "outcome": [Outcome.UNCHANGED.value] * count,
            "district_id": piece.ids,
            "eligible": [eligible for _, eligible, _ in piece.held],
            "student_id": [student for *_, student in piece.held],
            "evidence": [0] * count,
            "current": [False] * count,
        }
        _write(session, RosterRow, roster_id, columns)


def _write_left_out(session: Session, roster_id: int, chunk: Chunk) -> None:
    """Rows with more or fewer cells than headings: rejected as they are."""
    numbers = sorted(chunk.left_out)
    if numbers:
        columns: dict[str, Any] = {
            "number": numbers,
            "outcome": [Outcome.REJECTED.value] * len(numbers),
            "evidence": [0] * len(numbers),
            "current": [False] * len(numbers),
        }
        _write(session, RosterRow, roster_id, columns)


def _write_problems(session: Session, roster_id: int, problems: Sequence[Problem]) -> None:
    if problems:
        names = ("column", "heading", "value", "message", "advice", "stops")
        columns: dict[str, list[Any]] = {name: [getattr(one, name) for one in problems] for name in names}
        _write(session, RosterProblem, roster_id, {"number": [one.row for one in problems], **columns})


def _write(session: Session, noun: Any, roster_id: int, columns: Mapping[str, Sequence[Any]]) -> None:
    count = len(next(iter(columns.values())))
    write(session, noun.__table__, {"import_id": [roster_id] * count, **columns})


def _read_as(table: Table, fitting: Match, seal: Seal | None) -> dict[str, Any]:
    return {
        "kind": table.kind,
        "encoding": table.encoding,
        "sheet": table.sheet,
        "unread_sheets": list(table.unread_sheets),
        "separator": table.separator,
        "heading_row": table.heading_row,
        "healed": [list(pair) for pair in table.healed],
        "examples": list(table.examples),
        "ignored": fitting.ignored,
        "sensitive": fitting.sensitive,
        "sealed": seal is not None,
    }
