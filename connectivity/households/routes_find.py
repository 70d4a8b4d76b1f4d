"""Pages: find a household, and the household itself."""

from typing import Any

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.pages import gone
from connectivity.households import find as finding
from connectivity.households.blueprint import blueprint
from connectivity.households.page import household_page
from connectivity.rules.calendar import city_today


@blueprint.get("")
@gate.open_to(gate.READING)
def find() -> ResponseReturnValue:
    """The search page."""
    return render_template("households/find.html", text="", found=None, said="")


@blueprint.post("/search")
@gate.open_to(gate.READING)
def search() -> ResponseReturnValue:
    """The result: as a page for a form, as a piece of page for the script that asks while somebody types. Writes nothing."""
    text = request.form.get("text", "")
    found = finding.find(db.session, gate.account(), text)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        piece = render_template("households/results.html", found=found)
        return jsonify(said=said(found), html=piece)
    return render_template("households/find.html", text=text, found=found, said=said(found))


def said(found: finding.Found) -> Any:
    """The result in one sentence, for eyes and screen readers alike."""
    if not found.words:
        return ""
    if found.more:
        return _("More than %(shown)s households match. Type another word to narrow it down.", shown=finding.SHOWN)
    if not found.households:
        return _("No household matches. Check the spelling, or try a phone number or student ID.")
    return ngettext("%(num)s household matches.", "%(num)s households match.", len(found.households))


@blueprint.get("/<reference>")
@gate.open_to(gate.READING)
def show(reference: str) -> ResponseReturnValue:
    """One household."""
    page = household_page(db.session, gate.account(), reference, city_today())
    if page is None:
        gone(db.session, reference)
    role = gate.account().role
    return render_template(
        "households/show.html", page=page, may_edit=role in gate.OFFICE, may_record=role in gate.CASEWORK
    )
