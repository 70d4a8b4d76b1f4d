"""Pages: whom letters go to, the runs that were made, their files; and what a letter looks like."""

from typing import Any

from flask import Response, abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from connectivity.access import gate
from connectivity.access.disclosures import open_disclosure
from connectivity.access.request_session import db
from connectivity.casework.labels import label
from connectivity.casework.program_years import to_begin_with
from connectivity.database import now, transaction
from connectivity.formats import count
from connectivity.jobs import jobs_of
from connectivity.register import LetterRun, LetterState, Provider
from connectivity.rules.calendar import city_today
from connectivity.service.blueprint import blueprint
from connectivity.service.letters import files, runs, typeset
from connectivity.service.letters.chosen import NOT_ELIGIBLE, choose
from connectivity.service.letters.download import BASIS, COLUMNS, KIND, LoggedPdf
from connectivity.service.letters.forms import MakeForm, WhoForm
from connectivity.service.letters.jobs import PRINT, folder, sender
from connectivity.service.letters.lost import count_lost, lost
from connectivity.service.letters.settable import LANGUAGES
from connectivity.service.progress.narrowing import offered
from connectivity.service.years.years import every_year

NEWEST = 50
LISTED = 50


@blueprint.get("/service/letters")
@gate.open_to(gate.CASEWORK)
def letters() -> ResponseReturnValue:
    """The runs that were made, the newest first."""
    made = runs.newest(db.session, gate.account(), limit=NEWEST)
    lost_of = count_lost(db.session, [one.id for one in made])
    return render_template("service/letters/index.html", runs=made, kept=runs.KEPT, lost_of=lost_of)


@blueprint.get("/service/letters/choose")
@gate.open_to(gate.CASEWORK)
def choose_letters() -> ResponseReturnValue:
    """Whom letters would go to, whom not and why; then the button."""
    return _choose_page(_who())


def _who() -> WhoForm:
    form = WhoForm(MultiDict(request.args) or None, meta={"csrf": False})
    form.offer(every_year(db.session), offered(db.session, gate.account(), today=city_today()))
    return form


def _choose_page(form: WhoForm, refused: str = "") -> str:
    found = None
    if "year" in request.args and form.validate():
        found = choose(db.session, account=gate.account(), wanted=form.wanted, on=city_today())
    return render_template(
        "service/letters/choose.html",
        form=form,
        found=found,
        refused=refused,
        chosen=request.args.to_dict(),
        samples=LANGUAGES,
        listed=LISTED,
        most=runs.MOST_LETTERS,
    )


@blueprint.post("/service/letters/make")
@gate.open_to(gate.CASEWORK)
def make_letters() -> ResponseReturnValue:
    """A run for what the address says, printed by the worker."""
    form, make = _who(), MakeForm()
    seen = make.seen.data or ""
    if "year" not in request.args or not form.validate() or not (seen.isascii() and seen.isdecimal()):
        return _choose_page(form), 422
    try:
        with transaction(db.session) as session:
            run_id = runs.start(
                session, account=gate.account(), wanted=form.wanted, on=city_today(), seen=int(seen[:9])
            ).id
    except runs.RunRefused as refused:
        return _choose_page(form, str(refused)), 409 if isinstance(refused, runs.Changed) else 422
    jobs_of(current_app).enqueue(PRINT, run_id)
    return redirect(url_for("service.letter_run", run_id=run_id))


def _found(run_id: int) -> LetterRun:
    run = runs.visible(db.session, gate.account(), run_id, today=city_today())
    if run is None:
        abort(404)
    return run


@blueprint.get("/service/letters/<int:run_id>")
@gate.open_to(gate.CASEWORK)
def letter_run(run_id: int) -> ResponseReturnValue:
    """One run: how far it is, then its file."""
    run = _found(run_id)
    left_out = [
        (code if code in ("", NOT_ELIGIBLE) else label(code, "language"), number)
        for code, number in run.left_out.items()
    ]
    return render_template(
        "service/letters/show.html",
        run=run,
        said=_said(run),
        working=run.state in runs.UNFINISHED,
        left_out=left_out,
        lost=lost(db.session, run_id) if run.state in (LetterState.READY, LetterState.GONE) else [],
        listed=LISTED,
        deleted_on=run.finished_at + runs.KEPT if run.finished_at else None,
    )


@blueprint.get("/service/letters/<int:run_id>/progress")
@gate.open_to(gate.CASEWORK)
def letter_progress(run_id: int) -> ResponseReturnValue:
    """How far the work has come, for the script of the page."""
    return jsonify(_said(_found(run_id)))


def _said(run: LetterRun) -> dict[str, Any]:
    jobs = jobs_of(current_app)
    working = run.state in runs.UNFINISHED
    said = jobs.progress(PRINT, run.id) if working else None
    stage, done, total = (said.stage, said.done, said.total) if said else ("", 0, 0)
    worker = not working or jobs.worker_runs()
    none = _("No worker is running. Ask whoever runs the server to start it: flask jobs run")
    words = f"{stage}: {count(done)} / {count(total)}" if total and done else stage
    return {"state": run.state, "stage": stage, "done": done, "total": total if done else 0, "worker": worker, "words": words if worker else none}  # fmt: skip


@blueprint.post("/service/letters/<int:run_id>/letters.pdf")
@gate.open_to(gate.CASEWORK)
def letter_file(run_id: int) -> ResponseReturnValue:
    """The letters, for printing."""
    run = _found(run_id)
    try:
        file = files.path_of(folder(current_app), run.id).open("rb")
    except FileNotFoundError:
        flash(_("The file of these letters was deleted. Make them again if you still need them."), "error")
        return redirect(url_for("service.letter_run", run_id=run_id))
    letters = run.letters
    with transaction(db.session) as session:
        disclosure_id = open_disclosure(
            session, account=gate.account(), kind=KIND, basis=BASIS, scope={"letter_run": run_id}, columns=COLUMNS
        ).id
    demo = "_demo" if current_app.config["DEMO"] else ""
    logged = LoggedPdf(current_app.extensions["connectivity.sessions"], disclosure_id, file, letters)
    response = _private(Response(iter(logged), content_type="application/pdf"))
    name = f"connectivity_letters_run{run_id}_d{disclosure_id}{demo}.pdf"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.call_on_close(logged.close)
    return response


@blueprint.post("/service/letters/<int:run_id>/forget")
@gate.open_to(gate.CASEWORK)
def forget_letters(run_id: int) -> ResponseReturnValue:
    """Deletes the file before its time."""
    _found(run_id)
    with transaction(db.session) as session:
        run = session.get_one(LetterRun, run_id, with_for_update=True)
        if run.state != LetterState.READY:
            abort(404)
        runs.forget(session, account=gate.account(), run=run, folder=folder(current_app))
    flash(_("The file is deleted. The list of runs still says that it was made."), "success")
    return redirect(url_for("service.letter_run", run_id=run_id))


@blueprint.get("/service/letters/sample/<any(en,es,pl):language>.<any(pdf,png):kind>")
@gate.open_to(gate.CASEWORK)
def letter_sample(language: str, kind: str) -> ResponseReturnValue:
    """What the letter looks like, to a family that is made up."""
    year = to_begin_with(every_year(db.session), city_today())
    provider = db.session.scalar(select(Provider.name).where(Provider.active).order_by(Provider.id).limit(1))
    letter = typeset.LetterTo(
        language=language,
        address=("Maria Example", "100 N SAMPLE ST", "CHICAGO, IL 60600"),
        code="CC00000000",
        provider=provider or "Comcast",
        use_by=year.ends_on if year else None,
    )
    by = sender(current_app, year.label if year else "2026-27")
    if kind == "png":
        return _private(Response(typeset.picture(letter, by), content_type="image/png"))
    return _private(Response(typeset.pdf([letter], by, made_at=now()), content_type="application/pdf"))


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
