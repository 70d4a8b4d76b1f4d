"""Pages: edit guardian and contacts, add or edit a student, correct the address, record a move."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.fields import add_error, filled
from connectivity.casework.pages import Unsaved, editable, saved, shown
from connectivity.database import transaction
from connectivity.geography.placement import Method
from connectivity.households import edit, schools
from connectivity.households.blueprint import blueprint
from connectivity.households.forms_household import ContactForm, CorrectAddressForm, MoveForm, StudentForm, Versioned
from connectivity.households.forms_student import read_student, tell_taken_just_now
from connectivity.households.homes import AddressRefused, Home, read_home
from connectivity.households.stale import Conflict, changes_since, compare, overtaken
from connectivity.register import CommunityArea, Household, Residence, School, Student

CONTACT_FIELDS = (
    "guardian_first_name", "guardian_last_name", "language", "phone_1", "phone_2", "phone_3", "email",
)  # fmt: skip
STUDENT_FIELDS = ("district_id", "first_name", "last_name", "birth_date", "grade", "school")
ADDRESS_FIELDS = ("line", "unit", "zip")
PLACEMENT_FIELDS = ("area", "method", "certainty", "lon", "lat")


def form_page(template: str, form: Versioned, household: Household, conflicts: list[Conflict], **more: Any) -> str:
    """A page with one form of the household."""
    return render_template(
        f"households/{template}.html",
        form=form,
        household=household,
        conflicts=conflicts,
        by=", ".join(sorted({conflict.by for conflict in conflicts if conflict.by})),
        **more,
    )


@blueprint.route("/<reference>/edit", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def edit_contact(reference: str) -> ResponseReturnValue:
    """Guardian, language, phones, e-mail."""
    if request.method == "GET":
        household = shown(reference)
        values = {field: value or "" for field, value in edit.contact_of(household).values().items()}
        form = ContactForm(data={**values, "version": household.version})
        form.offer_language(household.language)
        return form_page("edit", form, household, [])
    form = ContactForm()
    try:
        with transaction(db.session) as session:
            household = editable(session, reference)
            form.offer_language(household.language)
            if not form.validate():
                raise Unsaved
            changed = changes_since(session, household, form.opened_with, {field: field for field in CONTACT_FIELDS})
            current = edit.contact_of(household).values()
            raise_conflicts(form, household, compare(changed, form.contact.values(), current))
            edit.edit_contact(session, account=gate.account(), household=household, contact=form.contact)
    except Unsaved as unsaved:
        return form_page("edit", form, shown(reference), unsaved.conflicts), 409 if unsaved.conflicts else 422
    return saved(reference, _("Guardian and contacts are saved."))


def _student(session: Session, household: Household, student_id: int) -> Student:
    student = session.scalar(select(Student).where(Student.id == student_id, Student.household_id == household.id))
    if student is None:
        abort(404)
    return student


def _student_values(session: Session, student: Student) -> dict[str, Any]:
    school = session.get_one(School, student.school_id)
    return {**vars(edit.facts_of(student)), "school": schools.choice(school)}


def _student_page(form: StudentForm, reference: str, student_id: int | None, conflicts: list[Conflict]) -> str:
    household = shown(reference)
    student = _student(db.session, household, student_id) if student_id else None
    return form_page("student", form, household, conflicts, student=student, schools=schools.listed(db.session))


@blueprint.route("/<reference>/students/new", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def add_student(reference: str) -> ResponseReturnValue:
    """One more student of a registered household."""
    form = StudentForm()
    if request.method == "GET":
        form.version.data = str(shown(reference).version)
        return _student_page(form, reference, None, [])
    valid = form.validate()
    try:
        with transaction(db.session) as session:
            household = editable(session, reference)
            facts = read_student(session, gate.account(), form)
            if facts is None or not valid:
                raise Unsaved
            edit.add_student(session, account=gate.account(), household=household, facts=facts)
            name = facts.first_name
    except IntegrityError as violated:
        tell_taken_just_now(violated, form.district_id)
        return _student_page(form, reference, None, []), 422
    except Unsaved:
        return _student_page(form, reference, None, []), 422
    return saved(reference, _("%(name)s is added.", name=name))


@blueprint.route("/<reference>/students/<int:student_id>", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def edit_student(reference: str, student_id: int) -> ResponseReturnValue:
    """A student of the household."""
    if request.method == "GET":
        household = shown(reference)
        values = _student_values(db.session, _student(db.session, household, student_id))
        form = StudentForm(data={**values, "version": household.version})
        return _student_page(form, reference, student_id, [])
    form = StudentForm()
    valid = form.validate()
    try:
        with transaction(db.session) as session:
            household = editable(session, reference)
            student = _student(session, household, student_id)
            facts = read_student(session, gate.account(), form, but=student.id)
            if facts is None or not valid:
                raise Unsaved
            _refuse_stale_student(session, household, student, form)
            edit.edit_student(session, account=gate.account(), household=household, student=student, facts=facts)
            name = facts.first_name
    except IntegrityError as violated:
        tell_taken_just_now(violated, form.district_id)
        return _student_page(form, reference, student_id, []), 422
    except Unsaved as unsaved:
        return _student_page(form, reference, student_id, unsaved.conflicts), 409 if unsaved.conflicts else 422
    return saved(reference, _("%(name)s is saved.", name=name))


def _refuse_stale_student(session: Session, household: Household, student: Student, form: StudentForm) -> None:
    """Schools are compared by id, and shown by name."""
    recorded = {
        field: edit.student_field(student.id, "school_id" if field == "school" else field) for field in STUDENT_FIELDS
    }
    changed = changes_since(session, household, form.opened_with, recorded)
    typed = {field: form[field].data for field in STUDENT_FIELDS}
    current = _student_values(session, student)
    if "school" in changed:
        opened = session.get(School, changed["school"].base)
        changed["school"].base = schools.choice(opened) if opened else ""
    raise_conflicts(form, household, compare(changed, typed, current))


def raise_conflicts(form: Versioned, household: Household, conflicts: list[Conflict]) -> None:
    """Puts the others' values into the untouched fields and raises Unsaved; nothing if there is no conflict."""
    form.version.data = str(household.version)
    for conflict in conflicts:
        if conflict.taken:
            form[conflict.field].data = conflict.current
    if conflicts:
        raise Unsaved(conflicts)


def home_of(session: Session, form: Any, stands: Residence | None) -> Home:
    """The typed address, read and placed; `stands` as for `read_home`. Raises Unsaved with the problem at its field."""
    try:
        return read_home(session, form.typed, stands=stands)
    except AddressRefused as refused:
        add_error(form[refused.field], refused.reason)
        raise Unsaved from refused


def named_areas(session: Session, conflicts: list[Conflict]) -> list[Conflict]:
    """The conflicts with community areas by name."""

    def name(number: Any) -> Any:
        area = session.get(CommunityArea, int(number)) if number else None
        return area.name if area else number

    return [
        replace(one, yours=name(one.yours), current=name(one.current)) if one.field == "area" else one
        for one in conflicts
    ]


def _address_conflicts(
    session: Session, household: Household, form: Versioned, home: Home, residence: Residence | None
) -> list[Conflict]:
    """What others changed of the address, and of a placement that saving would replace."""
    current = edit.address_values(residence)
    moving = isinstance(form, MoveForm)
    written = {field: field for field in ADDRESS_FIELDS}
    typed = {"line": home.address.line, "unit": home.address.unit, "zip": home.address.zip}
    found = compare(changes_since(session, household, form.opened_with, written), typed, current)
    if moving:  # its form opens empty: whatever stands in it was typed
        return [replace(one, taken=False) for one in found]
    placed = changes_since(session, household, form.opened_with, {field: field for field in PLACEMENT_FIELDS})
    at = home.placement
    wanted = {"area": at.area, "method": at.method, "certainty": at.certainty, "lon": at.lon, "lat": at.lat}
    return found + named_areas(session, overtaken(placed, current, wanted))


def _address_page(template: str, form: Versioned, reference: str, conflicts: list[Conflict]) -> str:
    household = shown(reference)
    return form_page(template, form, household, conflicts, home=edit.current_residence(db.session, household))


def _save_address(
    template: str, form: Any, reference: str, write: Callable[[Session, Household, Home], None]
) -> ResponseReturnValue | None:
    """Reads, compares and writes an address; None when it is saved."""
    valid = form.validate()
    try:
        with transaction(db.session) as session:
            household = editable(session, reference)
            if not valid:
                raise Unsaved
            residence = edit.current_residence(session, household)
            moving = isinstance(form, MoveForm)
            home = home_of(session, form, None if moving else residence)
            if moving:
                edit.refuse_same_home(residence, home)
            raise_conflicts(form, household, _address_conflicts(session, household, form, home, residence))
            write(session, household, home)
    except edit.MoveRefused as refused:
        add_error(form[refused.field], str(refused))
        return _address_page(template, form, reference, []), 422
    except Unsaved as unsaved:
        return _address_page(template, form, reference, unsaved.conflicts), 409 if unsaved.conflicts else 422
    return None


def _address_of(home: Residence | None) -> dict[str, str]:
    return {"line": home.line, "unit": home.unit, "zip": home.zip} if home else {}


@blueprint.route("/<reference>/address", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def correct_address(reference: str) -> ResponseReturnValue:
    """The present address, written right: the family has not moved."""
    if request.method == "GET":
        household = shown(reference)
        values = _address_of(edit.current_residence(db.session, household))
        form = CorrectAddressForm(data={**values, "city": "Chicago", "state": "IL", "version": household.version})
        return _address_page("address", form, reference, [])

    said = _("The address is corrected.")

    def write(session: Session, household: Household, home: Home) -> None:
        nonlocal said
        before = edit.current_residence(session, household)
        placed = before.method if before else ""
        changes = edit.correct_address(session, account=gate.account(), household=household, home=home)
        if changes.keys() & set(PLACEMENT_FIELDS):
            said = _corrected(placed)

    unsaved = _save_address("address", CorrectAddressForm(), reference, write)
    return unsaved or saved(reference, said)


def _corrected(placed: str) -> Any:
    """What to say of a correction that placed the home anew. `placed`: how it was placed before."""
    if placed == Method.HAND:
        return _(
            "The address is corrected and placed anew. It had been placed by hand: that placement no longer applies. "
            "Check the community area, and place the home by hand again if it is wrong."
        )
    if placed == Method.COORDINATES:
        return _(
            "The address is corrected and placed anew. The coordinates given earlier no longer apply. "
            "Check the community area, and place the home by hand if it is wrong."
        )
    return _("The address is corrected.")


@blueprint.route("/<reference>/move", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def move(reference: str) -> ResponseReturnValue:
    """A new address from a day on; the old one stays in the history."""
    form = MoveForm()
    if request.method == "GET":
        form.version.data = str(shown(reference).version)
        return _address_page("move", form, reference, [])

    def write(session: Session, household: Household, home: Home) -> None:
        edit.move(session, account=gate.account(), household=household, home=home, on=filled(form.moved_on.data))

    unsaved = _save_address("move", form, reference, write)
    return unsaved or saved(reference, _("The move is recorded. The former address stays in the history."))
