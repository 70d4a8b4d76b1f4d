"""Pages: add, change and take away a target of a program year."""

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.fields import add_error
from connectivity.database import transaction
from connectivity.register import ProgramTarget, ProgramYear
from connectivity.service.blueprint import blueprint
from connectivity.service.years import targets
from connectivity.service.years.forms_years import TargetForm
from connectivity.service.years.routes_years import ADMINS, found, to_year


@blueprint.route("/service/years/<int:year_id>/targets/new", methods=["GET", "POST"])
@gate.open_to(ADMINS)
def add_target(year_id: int) -> ResponseReturnValue:
    """A new target of the year."""
    year, form = found(db.session, year_id), TargetForm()
    if request.method == "GET":
        form.due_on.data = year.ends_on
    elif form.validate():
        try:
            with transaction(db.session) as session:
                targets.add(session, account=gate.account(), year=found(session, year_id), wanted=form.wanted())
        except targets.TargetRefused as refused:
            _told(form, refused)
        else:
            return to_year(year_id, _("The target is added."))
    return _page(form, found(db.session, year_id), None)


@blueprint.route("/service/years/<int:year_id>/targets/<int:target_id>", methods=["GET", "POST"])
@gate.open_to(ADMINS)
def edit_target(year_id: int, target_id: int) -> ResponseReturnValue:
    """Changes a target."""
    target, form = targets.of_year(db.session, year_id, target_id) or abort(404), TargetForm()
    if request.method == "GET":
        form.fill(target)
    elif form.validate():
        try:
            with transaction(db.session) as session:
                held = targets.of_year(session, year_id, target_id, held=True) or abort(404)
                changed = targets.change(session, account=gate.account(), target=held, wanted=form.wanted())
        except targets.TargetRefused as refused:
            _told(form, refused)
        else:
            return to_year(year_id, _("The target is changed.") if changed else _("Nothing was changed."))
    return _page(form, found(db.session, year_id), target)


@blueprint.post("/service/years/<int:year_id>/targets/<int:target_id>/remove")
@gate.open_to(ADMINS)
def remove_target(year_id: int, target_id: int) -> ResponseReturnValue:
    """Takes a target away."""
    with transaction(db.session) as session:
        target = targets.of_year(session, year_id, target_id, held=True) or abort(404)
        targets.remove(session, account=gate.account(), target=target)
    return to_year(year_id, _("The target is taken away. The history below keeps what it was."))


def _page(form: TargetForm, year: ProgramYear, target: ProgramTarget | None) -> ResponseReturnValue:
    page = render_template("service/years/target.html", form=form, year=year, target=target)
    return page, 422 if form.errors else 200


def _told(form: TargetForm, refused: targets.TargetRefused) -> None:
    for field, words in refused.problems.items():
        add_error(form[field], words)
