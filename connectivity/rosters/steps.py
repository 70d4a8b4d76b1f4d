"""The long steps of an import, from the state it stands in to the next: the queue and the command line both take them here."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import ImportState
from connectivity.rosters import apply as applying
from connectivity.rosters import undo as undoing
from connectivity.rosters.comparison import compare
from connectivity.rosters.holds import HoldRules
from connectivity.rosters.imports import empty, locked, overtaken
from connectivity.rosters.reading import read
from connectivity.rosters.report import Report
from connectivity.rosters.row_values import Seal

MANY = 10_000  # rows after which the database should look at its tables anew


@contextmanager
def _no_collection() -> Iterator[None]:
    """Rows by the hundred thousand hold no cycles, yet the collector would walk them again and again: a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@_no_collection()
def read_and_compare(
    session: Session, roster_id: int, path: Path, *, rules: HoldRules, report: Report, seal: Seal | None
) -> ImportState:
    """From the file to the plan. Returns where it came to: planned, held, columns or refused. Begins anew whenever it is called."""
    state = read(session, roster_id, path, report=report, seal=seal)
    if state == ImportState.READING:
        state = compare_again(session, roster_id, rules=rules, report=report)
    if state != ImportState.COLUMNS:
        path.unlink(missing_ok=True)
    return state


@_no_collection()
def compare_again(session: Session, roster_id: int, *, rules: HoldRules, report: Report) -> ImportState:
    """Makes the plan anew from the staged rows. Puts it aside if another roster came between: its rows were read against the one before."""
    with transaction(session):
        roster = locked(session, roster_id)
        late = overtaken(session, roster)
        roster.state = ImportState.COMPARING
    if late:
        return _set_aside(session, roster_id, applying.OVERTAKEN)
    compare(session, roster_id, rules=rules, report=report)
    return ImportState(locked(session, roster_id).state)


@_no_collection()
def apply(session: Session, roster_id: int, *, rules: HoldRules, report: Report) -> ImportState:
    """Applies a claimed plan. If the register has changed since, the plan is made anew instead and waits for a person to look again."""
    try:
        applying.apply(session, roster_id, report=report)
    except applying.Overtaken as late:
        return _set_aside(session, roster_id, str(late))
    except applying.PlanStale as stale:
        state = compare_again(session, roster_id, rules=rules, report=report)
        _say(session, roster_id, str(stale))
        return state
    with transaction(session):
        roster = locked(session, roster_id)
        if roster.counts.get("new", 0) > MANY:
            applying.look_at_tables(session)
    return ImportState(roster.state)


@_no_collection()
def undo(session: Session, roster_id: int, *, report: Report) -> ImportState:
    """Takes a claimed roster back."""
    undoing.undo(session, roster_id, report=report)
    return ImportState(locked(session, roster_id).state)


def _set_aside(session: Session, roster_id: int, why: str) -> ImportState:
    with transaction(session):
        roster = locked(session, roster_id)
        empty(session, roster_id, keep_repairs=True)
        roster.state, roster.refusal = ImportState.DISCARDED, why
    return ImportState.DISCARDED


def _say(session: Session, roster_id: int, why: str) -> None:
    with transaction(session):
        locked(session, roster_id).refusal = why


def stop(session: Session, roster_id: int, why: str) -> None:
    """After a fault of ours: the import goes back to where a person can go on, and says what happened."""
    with transaction(session):
        roster = locked(session, roster_id)
        back = {
            ImportState.APPLYING: ImportState.PLANNED,
            ImportState.UNDOING: ImportState.APPLIED,
            ImportState.COMPARING: ImportState.REFUSED,
            ImportState.READING: ImportState.REFUSED,
            ImportState.QUEUED: ImportState.REFUSED,
        }
        roster.state, roster.refusal = back.get(ImportState(roster.state), roster.state), why
