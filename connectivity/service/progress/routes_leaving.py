"""Pages: a household leaves, or stays after all; the yearly run for graduates."""

import datetime as dt

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.fields import add_error, filled
from connectivity.casework.pages import Unsaved, editable, saved, shown
from connectivity.database import transaction
from connectivity.formats import count, day
from connectivity.register import Enrollment, Household, ProgramYear
from connectivity.rules.calendar import city_today
from connectivity.rules.service_states import EndReason, service_until
from connectivity.service.blueprint import blueprint
from connectivity.service.progress import graduates, leaving
from connectivity.service.progress.forms_leaving import GraduatesForm, LeavingForm, StayForm
from connectivity.service.years.years import current_year, every_year


def _today() -> dt.date:
    return city_today()


def _enrollment(session: Session, household: Household, year_id: int) -> Enrollment:
    found = session.scalar(
        select(Enrollment).where(Enrollment.household_id == household.id, Enrollment.program_year_id == year_id)
    )
    return found or abort(404)


@blueprint.route("/households/<reference>/enrollments/<int:year_id>/leaves", methods=["GET", "POST"])
@gate.open_to(gate.CASEWORK)
def household_leaves(reference: str, year_id: int) -> ResponseReturnValue:
    """Why and when; the exit rules say until when service goes on."""
    form = LeavingForm()
    if request.method == "GET":
        enrollment = _enrollment(db.session, shown(reference), year_id)
        form.left_on.data = _today()
        form.reason.data = enrollment.leaving_reason or ""
        form.until_year_end.data = enrollment.until_year_end
        return _leaves_page(form, reference, year_id), 200
    valid = form.validate()
    try:
        with transaction(db.session) as session:
            household = editable(session, reference)
            enrollment = _enrollment(session, household, year_id)
            if not valid:
                raise Unsaved
            until = leaving.leave(
                session, account=gate.account(), household=household, enrollment=enrollment, leaving=form.leaving()
            )
    except leaving.LeavingRefused as refused:
        for field, words in refused.problems.items():
            add_error(form[field], words)
    except Unsaved:
        pass
    else:
        return saved(reference, _("Recorded. The last day of service is %(day)s.", day=day(until)))
    return _leaves_page(form, reference, year_id), 422


def _leaves_page(form: LeavingForm, reference: str, year_id: int) -> str:
    household = shown(reference)
    return render_template(
        "service/progress/leaves.html",
        form=form,
        household=household,
        enrollment=_enrollment(db.session, household, year_id),
        others=leaving.students_who_stay(db.session, household.id),
    )


@blueprint.route("/households/<reference>/enrollments/<int:year_id>/stays", methods=["GET", "POST"])
@gate.open_to(gate.CASEWORK)
def household_stays(reference: str, year_id: int) -> ResponseReturnValue:
    """Takes back that the household leaves, before its day."""
    form = StayForm()
    if request.method == "POST":
        valid = form.validate()
        try:
            with transaction(db.session) as session:
                household = editable(session, reference)
                enrollment = _enrollment(session, household, year_id)
                if not valid:
                    raise Unsaved
                leaving.stay(
                    session,
                    account=gate.account(),
                    household=household,
                    enrollment=enrollment,
                    note=filled(form.note.data),
                )
        except leaving.LeavingRefused as refused:
            add_error(form.note, refused.problems["note"])
        except Unsaved:
            pass
        else:
            return saved(reference, _("Recorded: the household stays."))
    household = shown(reference)
    enrollment = _enrollment(db.session, household, year_id)
    page = render_template("service/progress/stays.html", form=form, household=household, enrollment=enrollment)
    return page, 422 if form.errors else 200


@blueprint.route("/service/graduates", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def graduates_run() -> ResponseReturnValue:
    """The day of graduation; then who is leaving; then, applied, all of them."""
    form, years, seen = GraduatesForm(), list(every_year(db.session)), None
    form.offer(years)
    if request.method == "GET":
        current = current_year(db.session, _today())
        form.year.data = str(current.id) if current else ""
    elif form.validate():
        chosen = db.session.get_one(ProgramYear, int(form.year.data))
        try:
            seen = graduates.preview(db.session, chosen, filled(form.graduated_on.data), today=_today())
            if "confirmed" in request.form:
                return _applied(form, chosen.id)
        except graduates.RunRefused as refused:
            if "end_tonight" not in refused.problems:
                seen = None
            for field, words in refused.problems.items():
                add_error(form[field], words)
    year = next((one for one in years if str(one.id) == form.year.data), None)
    page = render_template("service/progress/graduates.html", form=form, year=year, seen=seen, years=years)
    return page, 422 if form.errors else 200


def _applied(form: GraduatesForm, year_id: int) -> ResponseReturnValue:
    seen = form.seen.data or ""
    with transaction(db.session) as session:
        done = graduates.apply(
            session,
            account=gate.account(),
            year=session.get_one(ProgramYear, year_id),
            graduated_on=filled(form.graduated_on.data),
            seen=int(seen) if seen.isdecimal() and len(seen) < 10 else -1,
            today=_today(),
            end_tonight=bool(form.end_tonight.data),
        )
    until = day(service_until(EndReason.GRADUATED, filled(form.graduated_on.data)))
    words = ngettext(
        "%(shown)s household of graduates keeps its service until %(until)s.",
        "%(shown)s households of graduates keep their service until %(until)s.",
        done,
        shown=count(done),
        until=until,
    )
    flash(words, "success")
    return redirect(url_for("service.graduates_run"))
