"""Pages: the work file out, the same file back, its summary, and applying it."""

from functools import partial
from typing import Any

from flask import abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access import gate, uploads
from connectivity.access.disclosures import open_disclosure
from connectivity.access.logged_file import LoggedFile, attachment
from connectivity.access.request_session import db
from connectivity.access.sign_in import limiter
from connectivity.database import transaction
from connectivity.formats import count
from connectivity.jobs import jobs_of
from connectivity.register import FileState, ProgramYear, Provider, ProviderFile, RowFate
from connectivity.rules.calendar import city_today
from connectivity.service.blueprint import blueprint
from connectivity.service.provider_files import files, keeping, open_words
from connectivity.service.provider_files.columns import HEADER
from connectivity.service.provider_files.forms import ApplyForm, HandInForm, OfProvider, WorkFileForm, columns_form
from connectivity.service.provider_files.jobs import APPLY, CHECK, TASK_OF, path_of
from connectivity.service.provider_files.labels import NEXT_STEPS, SAID, STATES
from connectivity.service.provider_files.rows_file import KIND as ROWS_KIND
from connectivity.service.provider_files.rows_file import header, page
from connectivity.service.provider_files.rows_file import rows as refused_rows
from connectivity.service.provider_files.work_file import BASIS, KIND
from connectivity.service.provider_files.work_file import rows as work_rows
from connectivity.service.years.years import every_year
from connectivity.tabular.write import Profile

SHOWN = 50  # rows of a fate on one page


@blueprint.get("/service/provider-files")
@gate.open_to(gate.OFFICE)
def provider_files() -> ResponseReturnValue:
    """Send a work file, take one back, and every file that came back."""
    return _index(_offered(WorkFileForm(formdata=None)), _offered(HandInForm(formdata=None)))


def _offered(form: Any) -> Any:
    if isinstance(form, OfProvider):
        providers = db.session.scalars(select(Provider).where(Provider.active).order_by(Provider.name))
        form.offer(providers, every_year(db.session))
    return form


def _index(work: WorkFileForm, hand_in: HandInForm) -> str:
    return render_template(
        "service/provider_files/index.html",
        work=work,
        hand_in=hand_in,
        files=files.listed(db.session),
        states=STATES,
        limit_mb=current_app.config["ROSTER_LIMIT_MB"],
    )


@blueprint.post("/service/provider-files/work-file.csv")
@gate.open_to(gate.OFFICE)
@limiter.limit("60 per hour", key_func=lambda: str(gate.account().id))
def work_file() -> ResponseReturnValue:
    """The records of one provider and year, as a file for it."""
    form = _offered(WorkFileForm())
    if not form.validate():
        return _index(form, _offered(HandInForm(formdata=None))), 422
    today = city_today()
    with transaction(db.session) as session:
        provider = session.get_one(Provider, int(form.provider.data))
        year = session.get_one(ProgramYear, int(form.year.data))
        name, label = provider.name_on(today), year.label
        disclosure_id = open_disclosure(
            session,
            account=gate.account(),
            kind=KIND,
            basis=BASIS,
            scope={"provider": provider.id, "program_year": label, "schools": [], "filters": {}},
            columns=HEADER,
        ).id
        rows = partial(work_rows, provider_id=provider.id, program_year_id=year.id, provider=name, today=today)
    file = LoggedFile(
        sessions=current_app.extensions["connectivity.sessions"],
        disclosure_id=disclosure_id,
        header=HEADER,
        rows=rows,
        profile=Profile(form.profile.data),
    )
    plain = "".join(sign if sign.isalnum() and sign.isascii() else "_" for sign in name.lower())
    return attachment(file, f"connectivity_work_{plain}_{label}_{today:%Y%m%d}_d{disclosure_id}{_demo()}.csv")


def _demo() -> str:
    return "_demo" if current_app.config["DEMO"] else ""


@blueprint.post("/service/provider-files")
@gate.open_to(gate.OFFICE, files=True)
def take_provider_file() -> ResponseReturnValue:
    """Takes a file back and leaves the reading to the worker. The same file again finds the first."""
    form = _offered(HandInForm())
    if not form.validate():
        return _index(_offered(WorkFileForm(formdata=None)), form), 422
    received = uploads.receive(form.file.data, uploads.folder_of(current_app))
    if not received.bytes:
        uploads.discard(received.path)
        form.file.errors = [_("The file is empty. Save it again and send that file.")]
        return _index(_offered(WorkFileForm(formdata=None)), form), 422
    try:
        file_id, first = _submit(form, received)
    except BaseException:
        uploads.discard(received.path)
        raise
    if first:
        jobs_of(current_app).enqueue(CHECK, file_id)
    else:
        uploads.discard(received.path)
        flash(_("This file was handed in before: this is where it stands. Nothing was changed."), "info")
    return redirect(url_for("service.provider_file", file_id=file_id))


def _submit(form: HandInForm, received: uploads.Received) -> tuple[int, bool]:
    given = files.HandedIn(
        file_name=received.name,
        file_bytes=received.bytes,
        file_sha256=received.sha256,
        stored_as=received.path.name,
    )
    with transaction(db.session) as session:
        submitted = files.submit(
            session,
            account=gate.account(),
            provider=session.get_one(Provider, int(form.provider.data)),
            year=session.get_one(ProgramYear, int(form.year.data)),
            given=given,
            on=city_today(),
        )
        return submitted.file.id, submitted.first


def _found(session: Session, file_id: int) -> ProviderFile:
    return session.get(ProviderFile, file_id) or abort(404)


@blueprint.get("/service/provider-files/<int:file_id>")
@gate.open_to(gate.OFFICE)
def provider_file(file_id: int) -> ResponseReturnValue:
    """Progress, summary or receipt, as the file stands."""
    return _page(file_id, ApplyForm(formdata=None))


def _page(file_id: int, form: ApplyForm) -> str:
    file = _found(db.session, file_id)
    if file.checked_at:
        form.looked_at.data = file.checked_at.isoformat()
    samples = {
        fate.value: db.session.scalars(page(file_id, fate, after=0, size=5)).all()
        for fate in (RowFate.REFUSED, RowFate.IGNORED)
    }
    return render_template(
        "service/provider_files/show.html",
        file=file,
        form=form,
        samples=samples,
        kept_until=keeping.until(file),
        states=STATES,
        working=file.state in files.WORKING,
        said=_progress(file) if file.state in files.WORKING else None,
    )


@blueprint.get("/service/provider-files/<int:file_id>/progress")
@gate.open_to(gate.OFFICE)
def provider_file_progress(file_id: int) -> ResponseReturnValue:
    """How far the work has come, for the script of the page: counts and stages, nobody's values."""
    return jsonify(_progress(_found(db.session, file_id)))


def _progress(file: ProviderFile) -> dict[str, Any]:
    state, jobs = FileState(file.state), jobs_of(current_app)
    said = jobs.progress(TASK_OF[state], file.id) if state in TASK_OF else None
    runs = state not in TASK_OF or jobs.worker_runs()
    stage, done, total = (said.stage, said.done, said.total) if said else ("", 0, 0)
    words = _("%(stage)s: %(total)s rows", stage=stage, total=count(total)) if total else stage
    if not runs:
        words = _("No worker is running. Ask whoever runs the server to start it: flask jobs run")
    return {"state": state.value, "stage": stage, "done": done, "total": 0, "worker": runs, "words": words}


@blueprint.route("/service/provider-files/<int:file_id>/columns", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def provider_file_columns(file_id: int) -> ResponseReturnValue:
    """Which column is which: said once, kept for the provider's next file."""
    file = _found(db.session, file_id)
    if file.state != FileState.COLUMNS:
        return redirect(url_for("service.provider_file", file_id=file_id))
    form = columns_form(file.read_as)
    if form.is_submitted() and form.validate():
        try:
            with transaction(db.session) as session:
                file = files.locked(session, file_id)
                files.name_columns(session, account=gate.account(), file=file, headings=form.mapping())
        except files.FileStepRefused as refused:
            flash(str(refused), "info")
        else:
            jobs_of(current_app).enqueue(CHECK, file_id)
        return redirect(url_for("service.provider_file", file_id=file_id))
    shown = render_template("service/provider_files/columns.html", file=_found(db.session, file_id), form=form)
    return shown, 422 if form.form_errors or form.errors else 200


@blueprint.post("/service/provider-files/<int:file_id>/apply")
@gate.open_to(gate.OFFICE)
def apply_provider_file(file_id: int) -> ResponseReturnValue:
    """The register changes as the summary says."""
    form = ApplyForm()
    _found(db.session, file_id)
    if not form.validate():
        return _page(file_id, form), 422
    try:
        with transaction(db.session) as session:
            file = files.locked(session, file_id)
            files.claim(session, account=gate.account(), file=file, looked_at=form.looked_at.data)
    except files.FileStepRefused as refused:
        flash(str(refused), "error")
    else:
        jobs_of(current_app).enqueue(APPLY, file_id)
    return redirect(url_for("service.provider_file", file_id=file_id))


@blueprint.post("/service/provider-files/<int:file_id>/discard")
@gate.open_to(gate.OFFICE)
def discard_provider_file(file_id: int) -> ResponseReturnValue:
    """Puts a file aside that was not applied."""
    _found(db.session, file_id)
    try:
        with transaction(db.session) as session:
            file = files.locked(session, file_id)
            files.discard(session, account=gate.account(), file=file)
            path = path_of(current_app, file)
    except files.FileStepRefused as refused:
        flash(str(refused), "error")
    else:
        uploads.discard(path)
        flash(_("The file is put aside. Nothing was changed."), "success")
    return redirect(url_for("service.provider_file", file_id=file_id))


def _fate(name: str) -> RowFate:
    if name not in {fate.value for fate in RowFate}:
        abort(404)
    return RowFate(name)


@blueprint.get("/service/provider-files/<int:file_id>/rows/<fate>")
@gate.open_to(gate.OFFICE)
def provider_file_rows(file_id: int, fate: str) -> ResponseReturnValue:
    """The rows of one fate, a page at a time."""
    file, wanted = _found(db.session, file_id), _fate(fate)
    after = min(max(request.args.get("after", 0, type=int), 0), 2**31 - 1)
    rows = db.session.scalars(page(file_id, wanted, after=after, size=SHOWN + 1)).all()
    return render_template(
        "service/provider_files/rows.html",
        file=file,
        fate=wanted.value,
        kept_until=keeping.until(file),
        rows=rows[:SHOWN],
        following=rows[SHOWN - 1].number if len(rows) > SHOWN else None,
        households=open_words.references(db.session, [row.enrollment_id for row in rows if row.enrollment_id]),
        said=SAID,
    )


@blueprint.post("/service/provider-files/<int:file_id>/rows/<fate>.csv")
@gate.open_to(gate.OFFICE)
@limiter.limit("60 per hour", key_func=lambda: str(gate.account().id))
def provider_file_rows_csv(file_id: int, fate: str) -> ResponseReturnValue:
    """The same rows as a file to send back: the provider's own cells, what is wrong, what was expected."""
    file, wanted = _found(db.session, file_id), _fate(fate)
    if wanted is RowFate.UPDATED:
        abort(404)
    titles = header(file)
    with transaction(db.session) as session:
        disclosure_id = open_disclosure(
            session,
            account=gate.account(),
            kind=ROWS_KIND,
            basis=BASIS,
            scope={"provider_file": file_id, "fate": wanted.value, "schools": [], "filters": {}},
            columns=titles,
        ).id
    sending = LoggedFile(
        sessions=current_app.extensions["connectivity.sessions"],
        disclosure_id=disclosure_id,
        header=titles,
        rows=partial(refused_rows, file_id=file_id, fate=wanted),
    )
    return attachment(sending, f"connectivity_{wanted.value}_file{file_id}_d{disclosure_id}{_demo()}.csv")


@blueprint.get("/service/provider-problems")
@gate.open_to(gate.OFFICE)
def provider_problems() -> ResponseReturnValue:
    """What providers report instead of a step, with what to do about each."""
    return render_template(
        "service/provider_files/problems.html",
        problems=open_words.problems(db.session, gate.account(), most=SHOWN * 4),
        total=open_words.count_problems(db.session, gate.account()),
        said=SAID,
        next_steps=NEXT_STEPS,
    )
