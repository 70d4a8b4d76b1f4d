"""Page: record a dated answer about the connection."""

import datetime as dt

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.fields import add_error, filled
from connectivity.casework.pages import editable, saved, shown
from connectivity.database import transaction
from connectivity.households import responses
from connectivity.households.blueprint import blueprint
from connectivity.households.forms_responses import ResponseForm
from connectivity.rules.calendar import city_today
from connectivity.rules.connectivity_codes import RespondentRole, ResponseMode


def _today() -> dt.date:
    return city_today()


@blueprint.route("/<reference>/responses", methods=["GET", "POST"])
@gate.open_to(gate.CASEWORK)
def record_response(reference: str) -> ResponseReturnValue:
    """A dated answer about the home's connection."""
    household = shown(reference)
    form = ResponseForm()
    form.offer_students(household.students)
    if request.method == "GET":
        form.observed_on.data, form.language.data = _today(), household.language
        form.respondent.data = RespondentRole.GUARDIAN.value
        form.version.data = str(household.version)
        return render_template("households/response.html", form=form, household=household)
    valid = form.validate()
    for field, words in responses.response_problems(form.answers, _today(), _today()).items():
        add_error(form[field], words)
        valid = False
    if not valid:
        return render_template("households/response.html", form=form, household=household), 422
    try:
        with transaction(db.session) as session:
            responses.record_response(
                session,
                account=gate.account(),
                household=editable(session, reference),
                answers=form.answers,
                interview=responses.Interview(
                    observed_on=filled(form.observed_on.data),
                    respondent=RespondentRole(form.respondent.data),
                    mode=ResponseMode(form.mode.data),
                    language=form.language.data,
                    student_id=int(form.student.data) if form.student.data else None,
                ),
                today=_today(),
            )
    except responses.AlreadyRecorded:
        flash(_("These answers are recorded already. Nothing was added."), "info")
        return redirect(url_for("households.show", reference=reference))
    return saved(reference, _("The answer is recorded. Earlier answers stay in the history."))
