"""Taking a file of answers as a task of the queue: it survives a closed tab, and a restarted server takes it up again."""

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
from connectivity.register import ServiceabilityFile
from connectivity.service.serviceability import files, take

TAKE = "serviceability.take"
FAULT = (
    "A fault of ours stopped the work. Nothing of the file was kept. It is in the log: tell whoever runs the server."
)


def install(jobs: Jobs) -> None:
    """Makes the task known to the queue."""
    jobs.task(TAKE, _take, failed=_failed)
    jobs.on_start(partial(_recover, jobs))


@contextmanager
def no_collection() -> Iterator[None]:
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


def _path(app: Flask, file: ServiceabilityFile) -> Path:
    return uploads.folder_of(app) / file.stored_as


@no_collection()
def _take(app: Flask, file_id: int, report: Report) -> None:
    with _session(app) as session:
        path = _path(app, session.get_one(ServiceabilityFile, file_id))
        take.take(session, file_id, path, report=report)


def _failed(app: Flask, file_id: int, _error: Exception) -> None:
    with _session(app) as session, transaction(session):
        file = files.locked(session, file_id)
        if file.state in files.WORKING:
            files.refuse(session, file=file, why=FAULT)
            uploads.discard(_path(app, file))


def _recover(jobs: Jobs, app: Flask) -> None:
    """What a killed worker left begins again: its transaction was never committed."""
    with _session(app) as session:
        waiting = select(ServiceabilityFile.id).where(ServiceabilityFile.state.in_(files.WORKING))
        unfinished = list(session.scalars(waiting.order_by(ServiceabilityFile.id)))
    for file_id in unfinished:
        jobs.enqueue(TAKE, file_id)
