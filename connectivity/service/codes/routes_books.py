"""Pages: the books of codes, a provider's list of codes taken in, codes made here."""

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from connectivity.access import gate, uploads
from connectivity.access.request_session import db
from connectivity.casework.fields import add_error
from connectivity.casework.program_years import to_begin_with
from connectivity.database import transaction
from connectivity.formats import count
from connectivity.register import ProgramYear, Provider
from connectivity.rules.calendar import city_today
from connectivity.service.blueprint import blueprint
from connectivity.service.codes import batches, books
from connectivity.service.codes.code_file import BadLine, read_code_file
from connectivity.service.codes.forms import AddForm, BatchForm, MakeForm
from connectivity.service.codes.take_in import File, LinesRefused, take_in
from connectivity.service.years.years import every_year
from connectivity.tabular.problems import FileRefused

LISTED = 200
MOST_BYTES = 32 * uploads.MEGABYTE


@blueprint.get("/service/codes")
@gate.open_to(gate.OFFICE)
def code_books() -> ResponseReturnValue:
    """Per provider, year and batch: what came in and where it stands."""
    today, every = city_today(), books.books(db.session)
    begins = to_begin_with([one.year for one in every], today)
    earlier = [one for one in every if books.is_earlier(one, today, begins)]
    return render_template(
        "service/codes/books.html",
        books=[one for one in every if one not in earlier],
        earlier=earlier,
        last=books.last_check(db.session),
    )


@blueprint.post("/service/codes/check")
@gate.open_to(gate.OFFICE)
def check_codes() -> ResponseReturnValue:
    """Checks the books now."""
    with transaction(db.session) as session:
        found = books.check(session, account=gate.account())
        balanced, empty = found.balanced, not found.imported
    if balanced and empty:
        flash(_("There is no code in the books yet, so there was nothing to check."), "info")
    elif balanced:
        flash(_("The books balance, and every code stands where its last move left it."), "success")
    else:
        flash(_("The books do not balance. What is off stands below."), "error")
    return redirect(url_for("service.code_books"))


@blueprint.route("/service/codes/add", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE, files=True)
def add_codes() -> ResponseReturnValue:
    """A provider's file of codes: all of it, or nothing and every bad line."""
    form = AddForm()
    _offer(form)
    if not form.validate_on_submit():
        return _add_page(form, []), 422 if form.errors else 200
    received = uploads.receive(form.file.data, uploads.folder_of(current_app))
    try:
        if received.bytes > MOST_BYTES:
            raise FileRefused("This file is larger than 32 MB, too large for a list of codes. Send the list alone.")
        return _take_in(form, received)
    except FileRefused as refused:
        add_error(form.file, str(refused))
        return _add_page(form, []), 422
    except LinesRefused as refused:
        add_error(form.file, str(_("Nothing was added. Mend the lines listed below, and hand the file in again.")))
        return _add_page(form, refused.bad), 422
    finally:
        uploads.discard(received.path)


def _take_in(form: AddForm, received: uploads.Received) -> ResponseReturnValue:
    today = city_today()
    read = read_code_file(received.path, today=today)
    with transaction(db.session) as session:
        provider = session.get_one(Provider, int(form.provider.data))
        added = take_in(
            session,
            account=gate.account(),
            provider=provider,
            year=session.get_one(ProgramYear, int(form.year.data)),
            read=read,
            file=File(path=received.path, name=received.name, sha256=received.sha256),
            on=today,
            expires_on=form.expires_on.data,
        )
        name = provider.name
    if added.new:
        said = _("%(name)s: new codes %(new)s, known already %(known)s.", name=name, new=count(added.new), known=count(added.known))  # fmt: skip
    else:
        said = _("Nothing was added: the books of %(name)s hold every code of this file already (%(known)s).", name=name, known=count(added.known))  # fmt: skip
    if read.repeated:
        said += " " + _("Lines that repeated a code further up: %(again)s.", again=count(read.repeated))
    flash(said, "success" if added.new else "info")
    return redirect(url_for("service.code_books"))


def _add_page(form: AddForm, bad: list[BadLine]) -> str:
    return render_template("service/codes/add.html", form=form, bad=bad[:LISTED], bad_lines=len(bad))


@blueprint.route("/service/codes/make", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def make_codes() -> ResponseReturnValue:
    """Codes made here, for a provider that takes ours."""
    form = MakeForm()
    _offer(form)
    if not form.validate_on_submit():
        return render_template("service/codes/make.html", form=form), 422 if form.errors else 200
    with transaction(db.session) as session:
        provider = session.get_one(Provider, int(form.provider.data))
        added = batches.generate(
            session,
            account=gate.account(),
            provider=provider,
            year=session.get_one(ProgramYear, int(form.year.data)),
            count=form.count.data or 0,
            on=city_today(),
            expires_on=form.expires_on.data,
        )
        name = provider.name
    flash(_("Codes made for %(name)s: %(new)s.", new=count(added.new), name=name), "success")
    return redirect(url_for("service.code_books"))


def _offer(form: BatchForm) -> None:
    form.offer(
        db.session.scalars(select(Provider).where(Provider.active).order_by(Provider.name)),
        every_year(db.session),
    )
