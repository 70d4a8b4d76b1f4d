"""Reconciling a bill as a task of the queue: it survives a closed tab, and a restarted server takes it up again."""

from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import select

from connectivity.access import uploads
from connectivity.jobs import Jobs, Report
from connectivity.register import Bill, BillState
from connectivity.service.bills import receive
from connectivity.service.bills.reconcile import reconcile

RECONCILE = "bill.reconcile"
FAULT = (
    "A fault of ours stopped the work. Nothing of the bill was kept. It is in the log: tell whoever runs the server."
)


def install(jobs: Jobs) -> None:
    """Makes the task known to the queue."""
    jobs.task(RECONCILE, _reconcile, failed=_failed)
    jobs.on_start(partial(_recover, jobs))


def _session(app: Flask) -> Any:
    return app.extensions["connectivity.sessions"]()


def _reconcile(app: Flask, bill_id: int, report: Report) -> None:
    with _session(app) as session:
        path = uploads.folder_of(app) / session.get_one(Bill, bill_id).stored_as
        session.rollback()
        reconcile(session, bill_id, path, report=report)
    uploads.discard(path)


def _failed(app: Flask, bill_id: int, _error: Exception) -> None:
    with _session(app) as session:
        stored = session.get_one(Bill, bill_id).stored_as
        session.rollback()
        receive.stop(session, bill_id, FAULT)
    if stored:
        uploads.discard(uploads.folder_of(app) / stored)


def _recover(jobs: Jobs, app: Flask) -> None:
    with _session(app) as session:
        waiting = select(Bill.id).where(Bill.state.in_((BillState.QUEUED, BillState.READING))).order_by(Bill.id)
        unfinished = list(session.scalars(waiting))
    for bill_id in unfinished:
        jobs.enqueue(RECONCILE, bill_id)
