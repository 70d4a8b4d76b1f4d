"""The roster's long steps as tasks of the queue: they survive a closed tab, and a restarted server takes them up again."""

from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from connectivity.access import factors, uploads
from connectivity.jobs import Jobs, Report, Work
from connectivity.register import ImportState, RosterImport
from connectivity.rosters import received_files, steps
from connectivity.rosters.holds import HoldRules
from connectivity.rosters.turns import at_work

READ, COMPARE, APPLY, UNDO = "roster.read", "roster.compare", "roster.apply", "roster.undo"
TASK_OF = {
    ImportState.QUEUED: READ,
    ImportState.READING: READ,
    ImportState.COMPARING: COMPARE,
    ImportState.APPLYING: APPLY,
    ImportState.UNDOING: UNDO,
}
FAULT = "A fault of ours stopped the work. The register is as it was before. It is in the log: tell whoever runs the server."


def install(jobs: Jobs) -> None:
    """Makes the tasks known to the queue."""
    for name, work in ((READ, _read), (COMPARE, _compare), (APPLY, _apply), (UNDO, _undo)):
        jobs.task(name, _in_turn(work), failed=_failed)
    jobs.on_start(partial(_recover, jobs))


def rules_of(app: Flask) -> HoldRules:
    """From which shares on a plan waits for a second person, as the settings say."""
    shares = (app.config[f"HOLD_{what}_PERCENT"] for what in ("VANISHED", "ADDRESSES", "SCHOOLS"))
    return HoldRules(*shares)


def _session(app: Flask) -> Any:
    return app.extensions["connectivity.sessions"]()


def turns_folder(app: Flask) -> Path:
    """Where the locks of imports at work lie, an empty file each."""
    return Path(app.instance_path) / "turns"


def _in_turn(work: Work) -> Work:
    """Leaves an import alone that the command line is working on."""

    def take_turn(app: Flask, roster_id: int, report: Report) -> None:
        with at_work(turns_folder(app), roster_id) as ours:
            if ours:
                work(app, roster_id, report)

    return take_turn


def _read(app: Flask, roster_id: int, report: Report) -> None:
    with _session(app) as session:
        received_files.sweep(session, uploads.folder_of(app))
        path = uploads.folder_of(app) / session.get_one(RosterImport, roster_id).stored_as
        steps.read_and_compare(
            session,
            roster_id,
            path,
            rules=rules_of(app),
            report=report,
            seal=factors.seal if factors.holds_factors(app) else None,
        )


def _compare(app: Flask, roster_id: int, report: Report) -> None:
    with _session(app) as session:
        steps.compare_again(session, roster_id, rules=rules_of(app), report=report)


def _apply(app: Flask, roster_id: int, report: Report) -> None:
    with _session(app) as session:
        steps.apply(session, roster_id, rules=rules_of(app), report=report)


def _undo(app: Flask, roster_id: int, report: Report) -> None:
    with _session(app) as session:
        steps.undo(session, roster_id, report=report)


def _failed(app: Flask, roster_id: int, _error: Exception) -> None:
    with _session(app) as session:
        steps.stop(session, roster_id, FAULT)


def _recover(jobs: Jobs, app: Flask) -> None:
    """What a killed worker left unfinished begins again: reading anew, and an apply or undo whose transaction was never committed."""
    with _session(app) as session:
        received_files.sweep(session, uploads.folder_of(app))
        unfinished = session.execute(
            select(RosterImport.id, RosterImport.state).where(RosterImport.state.in_(TASK_OF)).order_by(RosterImport.id)
        ).all()
    for roster_id, state in unfinished:
        jobs.enqueue(TASK_OF[ImportState(state)], roster_id)
