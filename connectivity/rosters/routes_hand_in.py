"""Pages: every roster that was handed in, handing in another, and what a file must look like."""

from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connectivity.access import gate, uploads
from connectivity.access.factors import holds_factors
from connectivity.access.request_session import db
from connectivity.database import transaction
from connectivity.jobs import jobs_of
from connectivity.register import Covers, ImportState, ProgramYear
from connectivity.rosters import imports, pages
from connectivity.rosters.blueprint import blueprint
from connectivity.rosters.forms import UploadForm
from connectivity.rosters.jobs import READ
from connectivity.rosters.received_files import KEPT_DAYS
from connectivity.tabular.built_in_profiles import PROFILES
from connectivity.tabular.column_profiles import COLUMNS
from connectivity.tabular.template import roster_template, roster_template_csv

TEMPLATES: dict[str, tuple[Any, str]] = {
    "xlsx": (roster_template, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (roster_template_csv, "text/csv; charset=utf-8; header=present"),
}


@blueprint.get("")
@gate.open_to(gate.OFFICE)
def index() -> ResponseReturnValue:
    """Every roster, the newest first, and the form for the next."""
    form = _form()
    form.again.data = again = request.args.get("again", type=int) is not None
    return _page(form, again=again)


def _form() -> UploadForm:
    form = UploadForm()
    form.year.offer((str(one.id), one.label) for one in pages.years(db.session))
    return form


def _page(form: UploadForm, *, again: bool) -> str:
    return render_template(
        "rosters/index.html",
        form=form,
        again=again,
        rosters=pages.listed(db.session),
        handed_in=imports.count(db.session),
        limit_mb=current_app.config["ROSTER_LIMIT_MB"],
    )


@blueprint.post("")
@gate.open_to(gate.OFFICE, files=True)
def upload() -> ResponseReturnValue:
    """Takes a file and leaves the reading to the worker. The same file again finds the first."""
    form = _form()
    if not form.validate():
        return _page(form, again=bool(form.again.data)), 422
    received = uploads.receive(form.file.data, uploads.folder_of(current_app))
    if not received.bytes:
        uploads.discard(received.path)
        form.file.errors = [_("The file is empty. Export the roster again and send that file.")]
        return _page(form, again=bool(form.again.data)), 422
    try:
        roster_id, first, state = _submit(form, received)
    except BaseException:
        uploads.discard(received.path)
        raise
    if first:
        jobs_of(current_app).enqueue(READ, roster_id)
    else:
        uploads.discard(received.path)
        flash(_known_before(state), "info")
    return redirect(url_for("rosters.show", roster_id=roster_id))


def _submit(form: UploadForm, received: uploads.Received) -> tuple[int, bool, str]:
    file = imports.HandedIn(
        file_name=received.name,
        file_bytes=received.bytes,
        file_sha256=received.sha256,
        stored_as=received.path.name,
        covers=Covers(form.covers.data),
    )
    with transaction(db.session) as session:
        year = session.get_one(ProgramYear, int(form.year.data))
        submitted = imports.submit(session, account=gate.account(), year=year, file=file, again=bool(form.again.data))
        return submitted.roster.id, submitted.first, submitted.roster.state


def _known_before(state: str) -> str:
    if state == ImportState.APPLIED:
        return str(_("This file was handed in before: this is its receipt. Nothing was changed."))
    if state in (ImportState.PLANNED, ImportState.HELD):
        return str(_("This file was handed in before: this is its plan."))
    return str(_("This file was handed in before: this is where it stands."))


@blueprint.get("/format")
@gate.open_to(gate.OFFICE)
def accepted() -> ResponseReturnValue:
    """The data dictionary, and the sources whose headings are known."""
    factors = holds_factors(current_app)
    return render_template(
        "rosters/accepted.html", columns=COLUMNS, profiles=PROFILES, factors=factors, kept_days=KEPT_DAYS
    )


@blueprint.get("/template.<any(xlsx, csv):kind>")
@gate.open_to(gate.OFFICE)
def template(kind: str) -> ResponseReturnValue:
    """An empty roster with our headings."""
    make, mimetype = TEMPLATES[kind]
    headers = {"Content-Disposition": f"attachment; filename=roster_template.{kind}"}
    return Response(make(), content_type=mimetype, headers=headers)
