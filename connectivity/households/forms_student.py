"""What the database says about a typed student: is the ID free, is there such a school."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup, escape
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectivity.casework.fields import add_error
from connectivity.households import schools
from connectivity.households.register import StudentFacts, StudentIdTaken, refuse_taken
from connectivity.register import Account, School


def read_student(session: Session, account: Account, form: Any, *, but: int | None = None) -> StudentFacts | None:
    """The student as typed into `StudentFields`; None if anything is wrong, each problem standing at its field.

    `but`: the student who is being edited and may keep the ID.
    """
    school = _school(session, form.school)
    if form.district_id.data and not form.district_id.errors:
        _refuse_taken(session, account, form.district_id, but)
    if school is None or any(field.errors for field in form):
        return None
    return StudentFacts(
        district_id=form.district_id.data,
        first_name=form.first_name.data,
        last_name=form.last_name.data,
        birth_date=form.birth_date.data,
        grade=form.grade.data,
        school_id=school.id,
    )


def tell_taken_just_now(violated: IntegrityError, field: Any) -> None:
    """Puts the database's own refusal of a second student with this ID at the field; any other refusal is raised again."""
    if "district_id" not in str(violated.orig):
        raise violated
    add_error(field, _("A student with this ID was registered just now by somebody else. Save again to see where."))


def _refuse_taken(session: Session, account: Account, field: Any, but: int | None) -> None:
    try:
        refuse_taken(session, account, field.data, but=but)
    except StudentIdTaken as taken:
        add_error(field, taken_words(taken))


def taken_words(taken: StudentIdTaken) -> Any:
    """Where the ID is registered, as far as the account may know, and what to do next."""
    if taken.holder is None:
        return _(
            "This student ID is already registered, with a household outside your area. Ask program staff before going on."
        )
    link = Markup('<a href="{}">{}</a>').format(url_for("households.show", reference=taken.holder), taken.holder)
    return escape(_("This student ID is already registered, with household %(link)s. Open it, or check the ID.")) % {
        "link": link
    }


def _school(session: Session, field: Any) -> School | None:
    if field.errors or not field.data:
        return None
    try:
        school = schools.chosen(session, field.data)
    except schools.SchoolNotFound as unknown:
        add_error(field, _unknown_words(unknown))
        return None
    field.data = schools.choice(school)
    return school


def _unknown_words(unknown: schools.SchoolNotFound) -> Any:
    if unknown.like:
        return _("More than one school fits: %(names)s. Choose one from the list.", names="; ".join(unknown.like))
    return _(
        "We do not know this school. Type part of its name and choose it from the list, or enter its six-digit id."
    )
