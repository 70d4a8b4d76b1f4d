"""Pages: start an enrollment, take its next step, end one of two that go on for one home."""

import datetime as dt

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework import labels
from connectivity.casework.fields import add_error, filled
from connectivity.casework.merged import take_turns
from connectivity.casework.pages import Unsaved, editable, saved, shown
from connectivity.casework.program_years import years_to_start
from connectivity.casework.trail import hold
from connectivity.database import transaction
from connectivity.register import Account, Enrollment, Household, Plan, ProgramYear, Provider, Student
from connectivity.rules.calendar import city_today
from connectivity.rules.service_states import EndReason, SaidBy, ServiceType, Status, may_follow
from connectivity.service import enrollments, one_of_two
from connectivity.service.blueprint import blueprint
from connectivity.service.codes.sold import sold_in
from connectivity.service.forms_steps import OneOfTwoForm, StartForm, StepForm


def _today() -> dt.date:
    return city_today()


@blueprint.route("/households/<reference>/enrollments", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def start_enrollment(reference: str) -> ResponseReturnValue:
    """Begins an enrollment in a program year."""
    form = StartForm()
    form.offer_years(db.session.scalars(select(ProgramYear).order_by(ProgramYear.starts_on.desc())).all())
    if request.method == "GET":
        form.happened_on.data = _today()
        if years := years_to_start(db.session, shown(reference)):
            form.program_year.data = str(years[0].id)
        return render_template("service/start.html", form=form, household=shown(reference))
    valid = form.validate()
    try:
        with transaction(db.session) as session:
            household = editable(session, reference)
            if not valid:
                raise Unsaved
            year = session.get_one(ProgramYear, int(form.program_year.data))
            enrollments.start(
                session,
                account=gate.account(),
                household=household,
                year=year,
                on=filled(form.happened_on.data),
                today=_today(),
            )
            label = year.label
    except enrollments.EnrollmentRefused as refused:
        add_error(form.program_year, str(refused))
    except enrollments.StepRefused as refused:
        for field, words in refused.problems.items():
            add_error(form[field], words)
    except Unsaved:
        pass
    else:
        return saved(reference, _("The household is in %(year)s.", year=label))
    return render_template("service/start.html", form=form, household=shown(reference)), 422


def _enrollment(session: Session, household: Household, year_id: int) -> Enrollment:
    found = session.scalar(
        select(Enrollment).where(Enrollment.household_id == household.id, Enrollment.program_year_id == year_id)
    )
    if found is None:
        abort(404)
    return found


def _steps_after(enrollment: Enrollment) -> tuple[Status, ...]:
    path = ServiceType(enrollment.service_type) if enrollment.service_type else None
    return may_follow(Status(enrollment.status), path)


def _step_form(enrollment: Enrollment) -> StepForm:
    form = StepForm()
    year = enrollment.program_year
    plans = db.session.scalars(
        select(Plan)
        .join(Plan.provider)
        .options(contains_eager(Plan.provider))
        .where(*sold_in(year, enrollment.status_on))  # no step comes before the one that stands
        .order_by(Provider.name, Plan.id)
    )
    form.offer(_steps_after(enrollment), plans, enrollment.household.students)
    return form


@blueprint.route("/households/<reference>/enrollments/<int:year_id>", methods=["GET", "POST"])
@gate.open_to(gate.CASEWORK)
def take_step(reference: str, year_id: int) -> ResponseReturnValue:
    """The next step of an enrollment, on the day it happened."""
    household = shown(reference)
    enrollment = _enrollment(db.session, household, year_id)
    form = _step_form(enrollment)
    if request.method == "GET":
        form.happened_on.data = _today()
        offered, wanted = _steps_after(enrollment), request.args.get("status")
        form.status.data = wanted if wanted in offered else offered[0]
        form.stood.data = enrollment.status
        return render_template("service/step.html", form=form, household=household, enrollment=enrollment)
    valid = form.validate()
    try:
        with transaction(db.session) as session:
            household = editable(session, reference)
            enrollment = _enrollment(session, household, year_id)
            _tell_of_step_meanwhile(session, form, enrollment)
            if not valid:
                raise Unsaved
            event = enrollments.step(
                session,
                account=gate.account(),
                household=household,
                enrollment=enrollment,
                taken=_taken(session, form),
                today=_today(),
            )
            done = labels.label(event.status, "status")
    except enrollments.StepRefused as refused:
        for field, words in refused.problems.items():
            add_error(form[field], words)
    except Unsaved:
        pass
    else:
        return saved(reference, _("Recorded: %(step)s.", step=done))
    household = shown(reference)
    return render_template(
        "service/step.html", form=form, household=household, enrollment=_enrollment(db.session, household, year_id)
    ), 422


def _tell_of_step_meanwhile(session: Session, form: StepForm, enrollment: Enrollment) -> None:
    """Raises Unsaved if somebody else took a step while the form was open; what was typed stays in it."""
    if form.stood.data in (None, "", enrollment.status):
        return
    last = enrollment.events[-1]
    by = session.get(Account, last.recorded_by) if last.recorded_by else None
    form.status.errors = [
        _(
            "%(who)s recorded “%(step)s” while you were working. Nothing of yours is saved yet: choose what comes after it.",
            who=by.name if by else _("Somebody else"),
            step=labels.label(last.status, "status"),
        )
    ]
    form.stood.data = enrollment.status
    raise Unsaved


def _taken(session: Session, form: StepForm) -> enrollments.Step:
    return enrollments.Step(
        status=Status(form.status.data),
        happened_on=filled(form.happened_on.data),
        reason=EndReason(form.reason.data) if form.reason.data else None,
        said_by=SaidBy(form.said_by.data),
        note=form.note.data or "",
        plan=session.get(Plan, int(form.plan.data)) if form.plan.data else None,
        code=form.code.data or "",
        holder=session.get(Student, int(form.holder.data)) if form.holder.data else None,
    )


@blueprint.route("/households/<reference>/enrollments/<int:year_id>/two/<part>", methods=["GET", "POST"])
@gate.open_to(gate.CASEWORK)
def end_one_of_two(reference: str, year_id: int, part: str) -> ResponseReturnValue:
    """Two enrollments go on for one home since `part` was merged into the household: one of them ends."""
    two = one_of_two.two_of(db.session, shown(reference), year_id, part)
    if two is None:
        return _no_two(reference)
    form = _two_form(two, part)
    if request.method == "GET":
        form.stood.data, form.happened_on.data, form.ends.data = two.stood, _today(), request.args.get("ends")
        return _two_page(form, reference, two, part)
    try:
        _end(form, reference, two, part, valid=form.validate())
    except enrollments.StepRefused as refused:
        for field, words in refused.problems.items():
            add_error(form.ends if field == "status" else form[field], words)
    except Unsaved:
        pass
    else:
        return saved(reference, _("Recorded: one enrollment goes on for this home."))
    two = one_of_two.two_of(db.session, shown(reference), year_id, part)
    if two is None:
        return _no_two(reference)
    form.stood.data = two.stood
    return _two_page(form, reference, two, part), 422


def _end(form: OneOfTwoForm, reference: str, seen: one_of_two.Two, part: str, *, valid: bool) -> None:
    year_id, both = seen.own.program_year_id, (seen.own.household_id, seen.theirs.household_id)
    with transaction(db.session) as session:
        take_turns(session)
        hold(session, *both)
        household = editable(session, reference)
        two = one_of_two.two_of(session, household, year_id, part)
        if two is None or two.stood != form.stood.data:
            add_error(form.ends, _("One of the two moved on while you were looking. Look at both again."))
            raise Unsaved
        if not valid:
            raise Unsaved
        one_of_two.end_one(
            session,
            account=gate.account(),
            household=household,
            two=two,
            ends=one_of_two.Ends(form.ends.data),
            taken=_ending(form),
            today=_today(),
        )


def _no_two(reference: str) -> ResponseReturnValue:
    flash(_("There are no two enrollments to choose from any more. Nothing was changed now."), "info")
    return redirect(url_for("households.show", reference=reference))


def _two_form(two: one_of_two.Two, part: str) -> OneOfTwoForm:
    form, ended = OneOfTwoForm(), two.own.status == Status.ENDED
    theirs = _("End the one of %(reference)s", reference=part)
    own = (
        _("Let the one of %(reference)s go on: this household’s own has ended", reference=part)
        if ended
        else _("End this household’s own: the one of %(reference)s goes on", reference=part)
    )
    form.ends.offer([(one_of_two.Ends.THEIRS.value, theirs), (one_of_two.Ends.OWN.value, own)])
    return form


def _ending(form: OneOfTwoForm) -> enrollments.Step:
    return enrollments.Step(
        status=Status.ENDED,
        happened_on=filled(form.happened_on.data),
        reason=EndReason(form.reason.data),
        said_by=SaidBy(form.said_by.data),
        note=form.note.data or "",
    )


def _two_page(form: OneOfTwoForm, reference: str, two: one_of_two.Two, part: str) -> str:
    return render_template("service/one_of_two.html", form=form, household=shown(reference), two=two, part=part)
