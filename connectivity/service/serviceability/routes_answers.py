"""Pages: a file of answers comes back, what became of it, which column is which, and addresses that the provider corrected."""

import re
from typing import Any

from flask import abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import joinedload

from connectivity.access import gate, uploads
from connectivity.access.disclosures import open_disclosure
from connectivity.access.logged_file import LoggedFile, attachment
from connectivity.access.request_session import db
from connectivity.access.sign_in import limiter
from connectivity.database import transaction
from connectivity.formats import count
from connectivity.jobs import jobs_of
from connectivity.register import AnswerFate, AnswersState, Provider, ServiceabilityFile
from connectivity.rules.calendar import city_today
from connectivity.service.blueprint import blueprint
from connectivity.service.serviceability import corrected, files
from connectivity.service.serviceability.forms_serviceability import AnswersForm, AskForm, columns_form
from connectivity.service.serviceability.jobs import TAKE
from connectivity.service.serviceability.labels import FATES, SERVICEABLE, STATES
from connectivity.service.serviceability.routes_ask import index_page, offered

SHOWN = 50  # rows or corrections on one page
_CORRECTION = re.compile(r"said-[0-9]{1,9}").fullmatch


@blueprint.post("/service/serviceability/answers")
@gate.open_to(gate.OFFICE, files=True)
def take_serviceability() -> ResponseReturnValue:
    """Takes a file back and leaves the reading to the worker. The same file again finds the first."""
    form = offered(AnswersForm())
    if not form.validate():
        return index_page(offered(AskForm(formdata=None)), form), 422
    received = uploads.receive(form.file.data, uploads.folder_of(current_app))
    if not received.bytes:
        uploads.discard(received.path)
        form.file.errors = [_("The file is empty. Save it again and send that file.")]
        return index_page(offered(AskForm(formdata=None)), form), 422
    try:
        file_id, first = _submit(form, received)
    except BaseException:
        uploads.discard(received.path)
        raise
    if first:
        jobs_of(current_app).enqueue(TAKE, file_id)
    else:
        uploads.discard(received.path)
        flash(_("This file was handed in before: this is where it stands. Nothing was changed."), "info")
    return redirect(url_for("service.serviceability_file", file_id=file_id))


def _submit(form: AnswersForm, received: uploads.Received) -> tuple[int, bool]:
    given = files.HandedIn(
        file_name=received.name,
        file_bytes=received.bytes,
        file_sha256=received.sha256,
        stored_as=received.path.name,
    )
    with transaction(db.session) as session:
        provider = session.get_one(Provider, int(form.provider.data))
        file, first = files.submit(session, account=gate.account(), provider=provider, given=given, on=city_today())
        return file.id, first


def _found(file_id: int) -> ServiceabilityFile:
    names = [joinedload(ServiceabilityFile.provider), joinedload(ServiceabilityFile.submitter)]
    return db.session.get(ServiceabilityFile, file_id, options=names) or abort(404)


@blueprint.get("/service/serviceability/files/<int:file_id>")
@gate.open_to(gate.OFFICE)
def serviceability_file(file_id: int) -> ResponseReturnValue:
    """Progress or summary, as the file stands."""
    file = _found(file_id)
    working = file.state in files.WORKING
    return render_template(
        "service/serviceability/file.html",
        file=file,
        states=STATES,
        fates=FATES,
        rows={fate: files.rows_of(db.session, file_id, fate, size=SHOWN) for fate in AnswerFate},
        working=working,
        said=_progress(file) if working else None,
    )


@blueprint.get("/service/serviceability/files/<int:file_id>/progress")
@gate.open_to(gate.OFFICE)
def serviceability_progress(file_id: int) -> ResponseReturnValue:
    """How far the work has come, for the script of the page: counts and stages, nobody's values."""
    return jsonify(_progress(_found(file_id)))


def _progress(file: ServiceabilityFile) -> dict[str, Any]:
    jobs, working = jobs_of(current_app), file.state in files.WORKING
    said = jobs.progress(TAKE, file.id) if working else None
    stage, done, total = (said.stage, said.done, said.total) if said else ("", 0, 0)
    words = _("%(stage)s: %(total)s rows", stage=stage, total=count(total)) if total else stage
    runs = not working or jobs.worker_runs()
    if not runs:
        words = _("No worker is running. Ask whoever runs the server to start it: flask jobs run")
    return {"state": file.state, "stage": stage, "done": done, "total": 0, "worker": runs, "words": words}


@blueprint.route("/service/serviceability/files/<int:file_id>/columns", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def serviceability_columns(file_id: int) -> ResponseReturnValue:
    """Which column is which: said once, kept for the provider's next file."""
    file = _found(file_id)
    if file.state != AnswersState.COLUMNS:
        return redirect(url_for("service.serviceability_file", file_id=file_id))
    form = columns_form(file.read_as)
    if form.is_submitted() and form.validate():
        try:
            with transaction(db.session) as session:
                file = files.locked(session, file_id)
                files.name_columns(session, account=gate.account(), file=file, headings=form.mapping())
        except files.FileStepRefused as refused:
            flash(str(refused), "info")
        else:
            jobs_of(current_app).enqueue(TAKE, file_id)
        return redirect(url_for("service.serviceability_file", file_id=file_id))
    shown = render_template("service/serviceability/columns.html", file=_found(file_id), form=form)
    return shown, 422 if form.form_errors or form.errors else 200


@blueprint.post("/service/serviceability/files/<int:file_id>/<fate>.csv")
@gate.open_to(gate.OFFICE)
@limiter.limit("60 per hour", key_func=lambda: str(gate.account().id))
def serviceability_rows_csv(file_id: int, fate: str) -> ResponseReturnValue:
    """The rows of one fate with their own cells, what is wrong and what was expected: to send back."""
    file = _found(file_id)
    if fate not in {one.value for one in AnswerFate}:
        abort(404)
    header, wanted = files.rows_header(file), AnswerFate(fate)
    with transaction(db.session) as session:
        disclosure_id = open_disclosure(
            session,
            account=gate.account(),
            kind=files.ROWS_KIND,
            basis=files.ROWS_BASIS,
            scope={"serviceability_file": file_id, "fate": fate, "schools": [], "filters": {}},
            columns=header,
        ).id
    made = LoggedFile(
        sessions=current_app.extensions["connectivity.sessions"],
        disclosure_id=disclosure_id,
        header=header,
        rows=lambda own: files.every_row(own, file_id, wanted, len(header)),
    )
    demo = "_demo" if current_app.config["DEMO"] else ""
    return attachment(made, f"connectivity_answers_{file_id}_{fate}_d{disclosure_id}{demo}.csv")


@blueprint.get("/service/serviceability/corrections")
@gate.open_to(gate.OFFICE)
def serviceability_corrections() -> ResponseReturnValue:
    """Addresses that a provider corrected: is it the same place?"""
    after = min(max(request.args.get("after", 0, type=int), 0), 2**31 - 1)
    found = corrected.waiting(db.session, after=after, size=SHOWN + 1)
    return render_template(
        "service/serviceability/corrections.html",
        waiting=found[:SHOWN],
        total=corrected.count_waiting(db.session),
        first=not after,
        following=found[SHOWN - 1].id if len(found) > SHOWN else None,
        decided=corrected.decided_lately(db.session, most=20),
        serviceable=SERVICEABLE,
    )


@blueprint.post("/service/serviceability/corrections")
@gate.open_to(gate.OFFICE)
def decide_serviceability() -> ResponseReturnValue:
    """Same place or another place, of each correction of the page that the person has looked at."""
    same = {
        int(name.removeprefix("said-")): said == "same"
        for name, said in request.form.items()
        if _CORRECTION(name) and said in ("same", "other")
    }
    if not same:
        flash(_("Nothing was chosen. Say “Same place” or “Another place” of an address first."), "info")
        return redirect(url_for("service.serviceability_corrections"))
    with transaction(db.session) as session:
        decided = corrected.decide(session, account=gate.account(), same=same)
    flash(ngettext("%(num)s address is decided.", "%(num)s addresses are decided.", decided), "success")
    if passed := len(same) - decided:
        flash(
            ngettext(
                "%(num)s was not changed: somebody has decided already, or a newer answer came meanwhile.",
                "%(num)s were not changed: somebody has decided already, or newer answers came meanwhile.",
                passed,
            ),
            "info",
        )
    return redirect(url_for("service.serviceability_corrections"))


@blueprint.post("/service/serviceability/corrections/<int:answer_id>/again")
@gate.open_to(gate.OFFICE)
def reopen_serviceability(answer_id: int) -> ResponseReturnValue:
    """Takes a decision back."""
    try:
        with transaction(db.session) as session:
            corrected.reopen(session, account=gate.account(), answer_id=answer_id)
    except corrected.DecisionRefused as refused:
        flash(str(refused), "error")
    else:
        flash(_("It waits again."), "success")
    return redirect(url_for("service.serviceability_corrections"))
