"""Pages: the sources whose headings staff explained once: which they are, what was said, renaming and forgetting them."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.database import transaction
from connectivity.register import RosterProfile
from connectivity.rosters import own_profiles
from connectivity.rosters.blueprint import blueprint
from connectivity.rosters.forms import SourceForm
from connectivity.tabular.column_profiles import COLUMN


@blueprint.get("/sources")
@gate.open_to(gate.OFFICE)
def sources() -> ResponseReturnValue:
    """Every one of them."""
    return render_template("rosters/sources.html", sources=own_profiles.every(db.session))


@blueprint.route("/sources/<int:source_id>", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def source(source_id: int) -> ResponseReturnValue:
    """What was said of one source; a new name for it."""
    found = _found(source_id)
    form = SourceForm(obj=found)
    if form.is_submitted() and form.validate():
        try:
            with transaction(db.session) as session:
                own_profiles.rename(
                    session, account=gate.account(), profile=_found(source_id), name=form.name.data or ""
                )
        except own_profiles.NameTaken as taken:
            form.name.errors = [str(taken)]
        else:
            flash(_("The source is renamed."), "success")
            return redirect(url_for("rosters.sources"))
    page = render_template("rosters/source.html", source=_found(source_id), form=form, columns=COLUMN)
    return page, 422 if form.errors else 200


def _found(source_id: int) -> RosterProfile:
    return db.session.get(RosterProfile, source_id) or abort(404)


@blueprint.post("/sources/<int:source_id>/forget")
@gate.open_to(gate.OFFICE)
def forget_source(source_id: int) -> ResponseReturnValue:
    """The next file of this source is asked about again."""
    _found(source_id)
    with transaction(db.session) as session:
        profile = _found(source_id)
        name = profile.name
        own_profiles.forget(session, account=gate.account(), profile=profile)
    flash(
        _("“%(name)s” is deleted. The next file of this source asks again which column is which.", name=name), "success"
    )
    return redirect(url_for("rosters.sources"))
