"""Preview and apply as tasks of the queue: they survive a closed tab, and a restarted server takes them up again."""

from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import select

from connectivity.access.factors import FactorsClosed, FactorsNotHeld
from connectivity.database import transaction
from connectivity.jobs import Jobs, Report
from connectivity.register import EligibilityRun, RunState
from connectivity.rules.calendar import city_today
from connectivity.service.eligibility import apply as applying
from connectivity.service.eligibility import preview as previewing
from connectivity.service.eligibility import runs

ASSESS, APPLY = "eligibility.assess", "eligibility.apply"
TASK_OF = {RunState.QUEUED: ASSESS, RunState.ASSESSING: ASSESS, RunState.APPLYING: APPLY}
FAULT = "A fault of ours stopped the work. The register is as it was before. It is in the log: tell whoever runs the server."
CLOSED = "The sealed factors could not be opened for this run: the program holds no key any more, or the starter’s role has changed."


def install(jobs: Jobs) -> None:
    """Makes the tasks known to the queue."""
    for name, work in ((ASSESS, _assess), (APPLY, _apply)):
        jobs.task(name, work, failed=_failed)
    jobs.on_start(partial(_recover, jobs))


def _session(app: Flask) -> Any:
    return app.extensions["connectivity.sessions"]()


def _assess(app: Flask, run_id: int, report: Report) -> None:
    with _session(app) as session:
        previewing.preview(session, run_id, today=city_today(), report=report)


def _apply(app: Flask, run_id: int, report: Report) -> None:
    with _session(app) as session:
        applying.apply(session, run_id, today=city_today(), report=report)


def _failed(app: Flask, run_id: int, error: Exception) -> None:
    with _session(app) as session, transaction(session):
        runs.stop(session, run_id, CLOSED if isinstance(error, FactorsNotHeld | FactorsClosed) else FAULT)


def _recover(jobs: Jobs, app: Flask) -> None:
    """What a killed worker left unfinished begins again: no transaction of it was committed."""
    with _session(app) as session:
        unfinished = session.execute(
            select(EligibilityRun.id, EligibilityRun.state)
            .where(EligibilityRun.state.in_(TASK_OF))
            .order_by(EligibilityRun.id)
        ).all()
    for run_id, state in unfinished:
        jobs.enqueue(TASK_OF[RunState(state)], run_id)
