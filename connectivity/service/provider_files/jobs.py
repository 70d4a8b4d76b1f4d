"""Checking and applying a returned file as tasks of the queue: they survive a closed tab, and a restarted server takes them up again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from connectivity.access import uploads
from connectivity.database import transaction
from connectivity.jobs import Jobs, Report
from connectivity.register import FileState, ProviderFile
from connectivity.service.provider_files import apply as applying
from connectivity.service.provider_files import check as checking
from connectivity.service.provider_files import files

CHECK, APPLY = "provider_file.check", "provider_file.apply"
TASK_OF = {FileState.QUEUED: CHECK, FileState.CHECKING: CHECK, FileState.APPLYING: APPLY}
FAULT = "A fault of ours stopped the work. The register is as it was before. It is in the log: tell whoever runs the server."


def install(jobs: Jobs) -> None:
    """Makes the tasks known to the queue."""
    jobs.task(CHECK, _check, failed=_failed)
    jobs.task(APPLY, _apply, failed=_failed)
    jobs.on_start(partial(_recover, jobs))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Rows by the ten thousand hold no cycles, yet the collector would walk them again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _session(app: Flask) -> Any:
    return app.extensions["connectivity.sessions"]()


def path_of(app: Flask, file: ProviderFile) -> Path:
    """Where the file lies until it is applied or put aside."""
    return uploads.folder_of(app) / file.stored_as


@_no_collection()
def _check(app: Flask, file_id: int, report: Report) -> None:
    with _session(app) as session:
        path = path_of(app, session.get_one(ProviderFile, file_id))
        checking.check(session, file_id, path, report=report)


@_no_collection()
def _apply(app: Flask, file_id: int, report: Report) -> None:
    with _session(app) as session:
        path = path_of(app, session.get_one(ProviderFile, file_id))
        applying.apply(session, file_id, path, report=report)


def _failed(app: Flask, file_id: int, _error: Exception) -> None:
    with _session(app) as session, transaction(session):
        file = files.locked(session, file_id)
        back = FileState.PLANNED if file.state == FileState.APPLYING else FileState.REFUSED
        if file.state in TASK_OF:
            file.state, file.refusal = back, FAULT


def _recover(jobs: Jobs, app: Flask) -> None:
    """What a killed worker left unfinished begins again: a check anew, and an apply whose transaction was never committed."""
    with _session(app) as session:
        unfinished = session.execute(
            select(ProviderFile.id, ProviderFile.state).where(ProviderFile.state.in_(TASK_OF)).order_by(ProviderFile.id)
        ).all()
    for file_id, state in unfinished:
        jobs.enqueue(TASK_OF[FileState(state)], file_id)
