"""One step of taking a roster in, alone in its process so that its memory is its own: python -m benchmarks._roster_steps STEP URL ...

Prints one line of JSON. Steps: submit URL FILE, read URL ROSTER FILE, apply URL ROSTER, undo URL ROSTER, fingerprint URL, floor FILE.
"""

import csv
import hashlib
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zlib import crc32

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.bulk import fetch
from connectivity.database import Base, make_engine, make_sessions, transaction
from connectivity.register import ImportState, ProgramYear, RosterImport
from connectivity.rosters import apply as applying
from connectivity.rosters import steps
from connectivity.rosters import undo as undoing
from connectivity.rosters.holds import HoldRules
from connectivity.rosters.imports import HandedIn, submit
from connectivity.rosters.report import Report

# The import's own papers; what is left is the register. That a file came is written down in the audit trail, too.
PAPERS = ("roster_", "audit_event")
Answer = dict[str, Any]


def submit_file(session: Session, path: str) -> Answer:
    """Hands the file in for the year that its first row names."""
    file = Path(path)
    with file.open(encoding="utf-8", newline="") as lines:
        label = next(csv.DictReader(lines))["program_year"]
    began = time.perf_counter()
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    with transaction(session):
        year = session.scalars(select(ProgramYear).where(ProgramYear.label == label)).one()
        handed_in = HandedIn(
            file_name=file.name, file_bytes=file.stat().st_size, file_sha256=digest, stored_as=file.name
        )
        done = submit(session, account=None, year=year, file=handed_in)
        return {"seconds": time.perf_counter() - began, "roster": done.roster.id, "first": done.first}


def read(session: Session, roster: str, path: str) -> Answer:
    """Read, check and plan. The step removes the file it has read, so it gets a copy."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copy(path, folder))
        return _reported(
            session,
            roster,
            lambda number, report: steps.read_and_compare(
                session, number, copy, rules=HoldRules(), report=report, seal=None
            ),
            ImportState.PLANNED,
        )


def apply(session: Session, roster: str) -> Answer:
    with transaction(session):
        applying.claim(session, account=None, roster=session.get_one(RosterImport, int(roster)))
    return _reported(
        session,
        roster,
        lambda number, report: steps.apply(session, number, rules=HoldRules(), report=report),
        ImportState.APPLIED,
    )


def undo(session: Session, roster: str) -> Answer:
    with transaction(session):
        undoing.claim(session, account=None, roster=session.get_one(RosterImport, int(roster)), reason="Benchmark")
    return _reported(
        session, roster, lambda number, report: steps.undo(session, number, report=report), ImportState.UNDONE
    )


def _reported(session: Session, roster: str, work: Callable[[int, Report], ImportState], wanted: ImportState) -> Answer:
    """Seconds in all, and of each stretch between two reports."""
    stretches: dict[str, float] = {}
    began = last = time.perf_counter()
    said = "Beginning"

    def report(step: str, _done: int, _total: int) -> None:
        nonlocal last, said
        moment = time.perf_counter()
        stretches[said] = stretches.get(said, 0) + moment - last
        last, said = moment, step

    state = work(int(roster), report)
    report("", 0, 0)
    seconds = time.perf_counter() - began
    session.expire_all()
    row = session.get_one(RosterImport, int(roster))
    if state != wanted:
        raise SystemExit(f"The roster is {state}, not {wanted}: {row.refusal} {row.holds} {row.read_as}")
    return {"seconds": seconds, "stretches": stretches, "counts": row.counts, "kept": len(row.kept)}


def fingerprint(session: Session) -> Answer:
    """Table of the register -> its rows and a sum over all of them."""
    tables = [table for name, table in Base.metadata.tables.items() if not name.startswith(PAPERS)]
    found = {}
    for table in tables:
        rows = fetch(session, select(table))
        found[table.name] = [len(rows), sum(crc32(repr(row).encode()) for row in rows)]
    return {"tables": found}


def floor(path: str) -> Answer:
    """The plain way: no check, no comparison, no index, one table of texts."""
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "floor.sqlite")
        began = time.perf_counter()
        with Path(path).open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines)
            names = rows.fieldnames or []
            connection.execute(f"CREATE TABLE bare ({', '.join(names)})")
            into = f"INSERT INTO bare VALUES ({', '.join('?' * len(names))})"
            connection.executemany(into, (tuple(row.values()) for row in rows))
            connection.commit()
        seconds = time.perf_counter() - began
        connection.close()
    return {"seconds": seconds}


STEPS: dict[str, Callable[..., Answer]] = {
    "submit": submit_file,
    "read": read,
    "apply": apply,
    "undo": undo,
    "fingerprint": fingerprint,
}


def main() -> None:
    step, *given = sys.argv[1:]
    if step == "floor":
        print(json.dumps(floor(*given)))
        return
    url, *rest = given
    engine = make_engine(url)
    with make_sessions(engine)() as session:
        answer = STEPS[step](session, *rest)
    engine.dispose()
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
