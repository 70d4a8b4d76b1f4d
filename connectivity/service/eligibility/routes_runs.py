"""Pages: start a run, its preview, its groups of households with their file, applying it or putting it aside."""

from typing import Any

from flask import abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from connectivity.access import gate
from connectivity.access.disclosures import open_disclosure
from connectivity.access.factors import FactorsNotHeld, holds_factors, open_sealed
from connectivity.access.logged_file import LoggedFile, attachment
from connectivity.access.request_session import db
from connectivity.casework.fields import add_error
from connectivity.database import transaction
from connectivity.formats import count
from connectivity.jobs import jobs_of
from connectivity.reference import store
from connectivity.register import Account, Change, EligibilityPolicy, EligibilityRun, ProgramYear, Role, RunState
from connectivity.rules.calendar import city_today
from connectivity.rules.eligibility_what_if import shift
from connectivity.service.blueprint import blueprint
from connectivity.service.eligibility import again, labels, outcomes, runs
from connectivity.service.eligibility.drawing import draw
from connectivity.service.eligibility.homes import area_names
from connectivity.service.eligibility.jobs import APPLY, ASSESS, TASK_OF
from connectivity.service.eligibility.roles import MAKERS, VIEWERS
from connectivity.service.eligibility.routes_policies import index_page, run_form

KIND = "eligibility_group_csv"
BASIS = "School official with a legitimate educational interest (34 CFR 99.31(a)(1))"
LINES_A_PAGE = 50


@blueprint.post("/service/eligibility/runs")
@gate.open_to(MAKERS)
def start_run() -> ResponseReturnValue:
    """Asks for a preview; the worker makes it."""
    form = run_form()
    if not form.validate():
        return index_page(form), 422
    try:
        with transaction(db.session) as session:
            run_id = runs.start(
                session,
                account=gate.account(),
                year=session.get_one(ProgramYear, int(form.program_year.data)),
                policy=session.get_one(EligibilityPolicy, int(form.policy.data)),
                holds_factors=holds_factors(current_app),
                today=city_today(),
            ).id
    except runs.RunRefused as refused:
        add_error(form.policy, str(refused))
        return index_page(form), 422
    jobs_of(current_app).enqueue(ASSESS, run_id)
    return redirect(url_for("service.eligibility_run", run_id=run_id))


@blueprint.get("/service/eligibility/runs/<int:run_id>")
@gate.open_to(VIEWERS)
def eligibility_run(run_id: int) -> ResponseReturnValue:
    """How far it is, then the preview or the receipt."""
    run = _found(run_id)
    areas = outcomes.by_area(run, area_names(db.session))
    shades = {one.number: shift(one.before, one.after) for one in areas}
    return render_template(
        "service/eligibility/run.html",
        run=run,
        said=_said(run),
        working=run.state in TASK_OF,
        changes=labels.CHANGES,
        meanings=labels.MEANINGS,
        states=labels.STATES,
        areas=areas,
        map=draw(store.drawing_geojson(db.session), shades) if areas else None,
        ended=again.count_ended(db.session, gate.account(), run) if run.state in outcomes.SHOWN else 0,
        may_make=gate.account().role in MAKERS,
    )


def _found(run_id: int) -> EligibilityRun:
    wanted = (EligibilityRun.program_year, EligibilityRun.policy, EligibilityRun.starter, EligibilityRun.applier)
    options = [joinedload(one) for one in wanted]
    return db.session.scalar(select(EligibilityRun).where(EligibilityRun.id == run_id).options(*options)) or abort(404)


@blueprint.get("/service/eligibility/runs/<int:run_id>/progress")
@gate.open_to(VIEWERS)
def run_progress(run_id: int) -> ResponseReturnValue:
    """How far the work has come, for the script of the page."""
    return jsonify(_said(_found(run_id)))


def _said(run: EligibilityRun) -> dict[str, Any]:
    state, jobs = RunState(run.state), jobs_of(current_app)
    said = jobs.progress(TASK_OF[state], run.id) if state in TASK_OF else None
    stage, done, total = (said.stage, said.done, said.total) if said else ("", 0, 0)
    works = state not in TASK_OF or jobs.worker_runs()
    words = _("%(stage)s: %(done)s of %(total)s", stage=stage, done=count(done), total=count(total)) if total else stage
    none = _("No worker is running. Ask whoever runs the server to start it: flask jobs run")
    return {
        "state": run.state,
        "stage": stage,
        "done": done,
        "total": total,
        "worker": works,
        "words": words if works else none,
    }


@blueprint.post("/service/eligibility/runs/<int:run_id>/apply")
@gate.open_to(MAKERS)
def apply_run(run_id: int) -> ResponseReturnValue:
    """A person says yes to the preview; the worker applies it."""
    _found(run_id)
    try:
        with transaction(db.session) as session:
            runs.claim(session, account=gate.account(), run_id=run_id)
    except runs.RunRefused as refused:
        flash(str(refused), "error")
    else:
        jobs_of(current_app).enqueue(APPLY, run_id)
    return redirect(url_for("service.eligibility_run", run_id=run_id))


@blueprint.post("/service/eligibility/runs/<int:run_id>/aside")
@gate.open_to(MAKERS)
def put_run_aside(run_id: int) -> ResponseReturnValue:
    """The preview is not wanted."""
    _found(run_id)
    try:
        with transaction(db.session) as session:
            runs.discard(session, account=gate.account(), run=runs.locked(session, run_id))
    except runs.RunRefused as refused:
        flash(str(refused), "error")
    else:
        flash(_("The preview is put aside. Nothing was changed."), "success")
    return redirect(url_for("service.eligibility_run", run_id=run_id))


@blueprint.get("/service/eligibility/runs/<int:run_id>/<group>")
@gate.open_to(VIEWERS)
def run_group(run_id: int, group: str) -> ResponseReturnValue:
    """The households of one group, a page at a time. What is sealed is opened for the eligibility role, and written down."""
    run, change = _shown(run_id, group)
    after = min(max(request.args.get("after", 0, type=int), 0), 2**31 - 1)
    found = outcomes.lines(db.session, gate.account(), run, change, after=after, size=LINES_A_PAGE + 1)
    lines = found[:LINES_A_PAGE]
    return render_template(
        "service/eligibility/group.html",
        run=run,
        change=change,
        changes=labels.CHANGES,
        meanings=labels.MEANINGS,
        lines=lines,
        opened=_opened(lines, run_id),
        first=after <= 0,
        following=lines[-1].household_id if len(found) > LINES_A_PAGE else None,
        columns=outcomes.HEADER,
    )


@blueprint.get("/service/eligibility/runs/<int:run_id>/ended-enrollments")
@gate.open_to(VIEWERS)
def run_ended(run_id: int) -> ResponseReturnValue:
    """Households that become eligible again while their enrollment has ended, a page at a time."""
    run = _found(run_id)
    if run.state not in outcomes.SHOWN:
        abort(404)
    after = min(max(request.args.get("after", 0, type=int), 0), 2**31 - 1)
    found = again.ended(db.session, gate.account(), run, after=after, size=LINES_A_PAGE + 1)
    lines = found[:LINES_A_PAGE]
    return render_template(
        "service/eligibility/ended.html",
        run=run,
        lines=lines,
        total=again.count_ended(db.session, gate.account(), run),
        first=after <= 0,
        following=lines[-1].household_id if len(found) > LINES_A_PAGE else None,
    )


def _shown(run_id: int, group: str) -> tuple[EligibilityRun, Change]:
    run = _found(run_id)
    if group not in set(Change) or run.state not in outcomes.SHOWN:
        abort(404)
    return run, Change(group)


def _opened(lines: list[outcomes.Line], run_id: int) -> dict[int, str]:
    """Household -> the words for the eligibility office."""
    sealed = [one for one in lines if one.sealed]
    if not sealed or gate.account().role != Role.ELIGIBILITY:
        return {}
    try:
        with transaction(db.session) as session:
            found = open_sealed(
                session,
                account=gate.account(),
                tokens=[one.sealed for one in sealed],
                subject="eligibility_run",
                subject_id=run_id,
            )
    except FactorsNotHeld:
        return {}
    return {one.household_id: words["words"] for one, words in zip(sealed, found, strict=True) if words}


@blueprint.post("/service/eligibility/runs/<int:run_id>/<group>/households.csv")
@gate.open_to(VIEWERS)
def run_file(run_id: int, group: str) -> ResponseReturnValue:
    """The households of one group as a file; the download is written down."""
    run, change = _shown(run_id, group)
    words, account_id = str(labels.CHANGES[change]), gate.account().id
    with transaction(db.session) as session:
        disclosure_id = open_disclosure(
            session,
            account=gate.account(),
            kind=KIND,
            basis=BASIS,
            scope={"run": run.id, "group": change.value},
            columns=outcomes.HEADER,
        ).id

    def rows(session: Session) -> Any:
        return outcomes.file_rows(session, session.get_one(Account, account_id), run_id, change, words)

    file = LoggedFile(current_app.extensions["connectivity.sessions"], disclosure_id, outcomes.HEADER, rows)
    demo = "_demo" if current_app.config["DEMO"] else ""
    return attachment(file, f"connectivity_eligibility_run{run_id}_{change}_d{disclosure_id}{demo}.csv")
