"""Printing letters as a task of the queue: it survives a closed tab, and a restarted server takes it up again."""

from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from connectivity.jobs import Jobs, Report
from connectivity.register import LetterRun
from connectivity.rules.calendar import city_today
from connectivity.service.letters import files, runs
from connectivity.service.letters.printing import print_run
from connectivity.service.letters.typeset import Sender

PRINT = "letters.print"


def install(jobs: Jobs) -> None:
    """Makes the task known to the queue."""
    jobs.task(PRINT, _print, failed=_failed)
    jobs.on_start(partial(_recover, jobs))


def folder(app: Flask) -> Path:
    """Where the files lie until they are fetched."""
    return files.folder_of(Path(app.instance_path))


def sender(app: Flask, year: str = "") -> Sender:
    """Who writes."""
    config = app.config
    return Sender(program=config["PROGRAM_NAME"], help=config["HELP_CONTACT"], year=year, demo=config["DEMO"])


def _session(app: Flask) -> Any:
    return app.extensions["connectivity.sessions"]()


def _print(app: Flask, run_id: int, report: Report) -> None:
    with _session(app) as session:
        print_run(session, run_id, folder=folder(app), sender=sender(app), on=city_today(), report=report)


def _failed(app: Flask, run_id: int, _error: Exception) -> None:
    files.discard(folder(app), run_id)
    with _session(app) as session:
        runs.fail(session, run_id)


def _recover(jobs: Jobs, app: Flask) -> None:
    with _session(app) as session:
        unfinished = list(
            session.scalars(select(LetterRun.id).where(LetterRun.state.in_(runs.UNFINISHED)).order_by(LetterRun.id))
        )
    for run_id in unfinished:
        jobs.enqueue(PRINT, run_id)
