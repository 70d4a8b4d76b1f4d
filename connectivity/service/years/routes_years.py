"""Pages: the program years, one of them, adding, changing and extending one."""

import datetime as dt

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.fields import add_error, filled
from connectivity.casework.labels import label
from connectivity.database import transaction
from connectivity.formats import count, day
from connectivity.register import ProgramYear, Role, YearExtension
from connectivity.rules.calendar import city_today
from connectivity.service.blueprint import blueprint
from connectivity.service.years import extension, years
from connectivity.service.years.forms_years import ExtendForm, TakeBackForm, YearForm
from connectivity.service.years.page import year_lines, year_page

ADMINS = frozenset({Role.ADMIN})


def _today() -> dt.date:
    return city_today()


@blueprint.get("/service/years")
@gate.open_to(gate.OFFICE)
def program_years() -> ResponseReturnValue:
    """All years, the newest first."""
    lines = year_lines(db.session, years.every_year(db.session), _today())
    return render_template("service/years/index.html", lines=lines, today=_today())


@blueprint.get("/service/years/<int:year_id>")
@gate.open_to(gate.OFFICE)
def program_year(year_id: int) -> ResponseReturnValue:
    """One year: its days, targets, extensions, and what was changed."""
    page = year_page(db.session, found(db.session, year_id), today=_today())
    return render_template("service/years/show.html", page=page, year=page.year, today=_today())


@blueprint.route("/service/years/new", methods=["GET", "POST"])
@gate.open_to(ADMINS)
def add_year() -> ResponseReturnValue:
    """A new year."""
    form = YearForm()
    if request.method == "POST" and form.validate():
        try:
            with transaction(db.session) as session:
                year_id = years.add(session, account=gate.account(), values=form.values()).id
        except years.YearRefused as refused:
            told(form, refused.problems)
        else:
            return to_year(year_id, _("%(year)s is added.", year=form.label.data))
    return _year_form(form, None)


@blueprint.route("/service/years/<int:year_id>/edit", methods=["GET", "POST"])
@gate.open_to(ADMINS)
def edit_year(year_id: int) -> ResponseReturnValue:
    """Changes a year."""
    year, form = found(db.session, year_id), YearForm()
    if request.method == "GET":
        form.fill(year)
    elif form.validate():
        try:
            with transaction(db.session) as session:
                held = years.for_change(session, year_id) or abort(404)
                changed = years.change(session, account=gate.account(), year=held, values=form.values())
        except years.YearRefused as refused:
            told(form, refused.problems)
        else:
            return to_year(year_id, _("The changes are saved.") if changed else _("Nothing was changed."))
    return _year_form(form, found(db.session, year_id))


def _year_form(form: YearForm, year: ProgramYear | None) -> ResponseReturnValue:
    asks = bool(form.overlap_meant.data or form.starts_on.errors)
    page = render_template("service/years/edit.html", form=form, year=year, asks_about_overlap=asks)
    return page, 422 if form.errors else 200


@blueprint.route("/service/years/<int:year_id>/extend", methods=["GET", "POST"])
@gate.open_to(ADMINS)
def extend_year(year_id: int) -> ResponseReturnValue:
    """The new end; then what it would touch; then, confirmed, the extension."""
    year, form = found(db.session, year_id), ExtendForm()
    seen = None
    if request.method == "GET":
        form.stood.data = year.ends_on.isoformat()
    elif form.validate():
        try:
            seen = extension.preview(db.session, year, filled(form.ends_on.data))
            if "confirmed" in request.form:
                return _extended(year_id, form)
        except extension.ExtensionRefused as refused:
            seen = None
            told(form, refused.problems)
            form.stood.data = found(db.session, year_id).ends_on.isoformat()
    page = render_template("service/years/extend.html", form=form, year=found(db.session, year_id), seen=seen)
    return page, 422 if form.errors else 200


def _extended(year_id: int, form: ExtendForm) -> ResponseReturnValue:
    with transaction(db.session) as session:
        done = extension.extend(
            session,
            account=gate.account(),
            year=found(session, year_id),
            stood=_day_of(form.stood.data),
            ends_on=filled(form.ends_on.data),
            reason=filled(form.reason.data),
            codes_too=bool(form.codes_too.data),
        )
        words = _("The year now ends on %(day)s.", day=day(done.ends_on))
    return to_year(year_id, words)


@blueprint.route("/service/years/<int:year_id>/extensions/<int:extension_id>/take-back", methods=["GET", "POST"])
@gate.open_to(ADMINS)
def take_back_extension(year_id: int, extension_id: int) -> ResponseReturnValue:
    """What was moved moves back, as long as nothing was built on it."""
    form = TakeBackForm()
    if form.validate_on_submit():
        try:
            with transaction(db.session) as session:
                one = _extension(session, year_id, extension_id)
                back_to = one.ended_on
                extension.take_back(session, account=gate.account(), extension=one, reason=filled(form.reason.data))
        except extension.ExtensionRefused as refused:
            told(form, refused.problems)
        else:
            return to_year(year_id, _("The extension is taken back. The year ends on %(day)s again.", day=day(back_to)))
    one = _extension(db.session, year_id, extension_id)
    page = render_template("service/years/take_back.html", form=form, year=one.program_year, extension=one)
    return page, 422 if form.errors else 200


def _extension(session: Session, year_id: int, extension_id: int) -> YearExtension:
    one = session.get(YearExtension, extension_id)
    return one if one is not None and one.program_year_id == year_id else abort(404)


def _day_of(text: str | None) -> dt.date:
    try:
        return dt.date.fromisoformat(text or "")
    except ValueError:
        abort(400)


def found(session: Session, year_id: int) -> ProgramYear:
    """The year, or a 404."""
    return session.get(ProgramYear, year_id) or abort(404)


def told(form: YearForm | ExtendForm | TakeBackForm, problems: dict[str, str]) -> None:
    """Puts each problem at its field."""
    for field, words in problems.items():
        add_error(form[field], words)


def to_year(year_id: int, words: str) -> ResponseReturnValue:
    """Back to the year, saying what was done."""
    flash(words, "success")
    return redirect(url_for("service.program_year", year_id=year_id))


@blueprint.app_template_filter()
def year_value(value: object, field: str) -> object:
    """A value of a year or target as the history shows it."""
    match field:
        case "starts_on" | "ends_on" | "due_on" if value:
            return day(dt.date.fromisoformat(str(value)))
        case "open_to_new":
            return _("yes") if value else _("no")
        case "unit" | "counted":
            return label(value, field)
        case "number" if isinstance(value, int):
            return count(value)
    return label(value, "year_field") if value is None else value
