"""Page: register a household."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.fields import add_error
from connectivity.database import transaction
from connectivity.households import schools
from connectivity.households.blueprint import blueprint
from connectivity.households.duplicates import PossibleDuplicate, possible_duplicates
from connectivity.households.forms_household import RegisterForm
from connectivity.households.forms_student import read_student, tell_taken_just_now
from connectivity.households.homes import AddressRefused, Home, read_home
from connectivity.households.register import StudentFacts, register
from connectivity.register import Account, Household
from connectivity.rules.calendar import city_today


class _NotYet(Exception):
    """The form goes back to the person: problems, or look-alikes to decide on."""

    def __init__(self, alike: list[PossibleDuplicate]) -> None:
        self.alike = alike


@blueprint.route("/new", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def new() -> ResponseReturnValue:
    """The form; rows of students come and go with and without a script."""
    form = RegisterForm()
    if request.method == "GET":
        return _page(form)
    if "add_student" in request.form:
        form.students.append_entry()
        return _page(form, focus=f"students-{form.students.last_index}-district_id")
    if "remove_student" in request.form:
        _remove(form, request.form["remove_student"])
        return _page(form)
    try:
        with transaction(db.session) as session:
            household = _register(session, form)
            reference, guardian = household.reference, f"{household.guardian_first_name} {household.guardian_last_name}"
    except _NotYet as not_yet:
        return _page(form, alike=not_yet.alike), 422
    except IntegrityError as violated:
        # Another clerk registered one of the students between our look and our write.
        tell_taken_just_now(violated, form.students[0].form.district_id)
        return _page(form), 422
    flash(_("The household of %(guardian)s is registered.", guardian=guardian), "success")
    return redirect(url_for("households.show", reference=reference))


def _page(form: RegisterForm, *, alike: list[PossibleDuplicate] | None = None, focus: str = "") -> str:
    return render_template(
        "households/new.html", form=form, schools=schools.listed(db.session), alike=alike or [], focus=focus
    )


def _remove(form: RegisterForm, name: str) -> None:
    kept = [entry.data for entry in form.students if entry.name != name]
    while form.students.entries:
        form.students.pop_entry()
    for data in kept or [{}]:
        form.students.append_entry(data)


def _register(session: Session, form: RegisterForm) -> Household:
    account = gate.account()
    valid = form.validate()
    students = _students(session, account, form)
    home = _home(session, form)
    alike = possible_duplicates(
        session,
        account,
        guardian=f"{form.guardian_first_name.data} {form.guardian_last_name.data}",
        phones=form.phones,
        address=home.address if home else None,
    )
    if not valid or home is None or len(students) < len(form.students) or (alike and not form.separate.data):
        raise _NotYet(alike)
    return register(
        session,
        account=account,
        contact=form.contact,
        home=home,
        students=students,
        starts_on=form.starts_on.data or city_today(),
        separate_from=[one.reference for one in alike],
    )


def _students(session: Session, account: Account, form: RegisterForm) -> list[StudentFacts]:
    """The students that are right; each problem of the others stands at its field."""
    for field in form.repeated_ids():
        if field.data:
            add_error(field, _("Another student above has this ID. Each student has an ID of their own."))
    right = [facts for entry in form.students if (facts := read_student(session, account, entry.form)) is not None]
    form.students.errors = [*form.students.errors, *(entry.errors for entry in form.students if entry.errors)]
    return right


def _home(session: Session, form: RegisterForm) -> Home | None:
    if any(field.errors for field in (form.line, form.unit, form.city, form.state, form.zip, form.lon, form.lat)):
        return None
    try:
        return read_home(session, form.typed)
    except AddressRefused as refused:
        add_error(form[refused.field], refused.reason)
        return None
