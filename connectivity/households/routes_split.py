"""Page: split some students off into a household of their own."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.fields import add_error
from connectivity.casework.pages import Unsaved, editable, saved, shown
from connectivity.database import transaction
from connectivity.households import edit
from connectivity.households.blueprint import blueprint
from connectivity.households.forms_merge import SplitForm
from connectivity.households.homes import Home
from connectivity.households.routes_edit import home_of
from connectivity.households.routes_merge import asked
from connectivity.households.split import SplitRefused, split
from connectivity.register import Household, HouseholdQuestion, RosterRow


@blueprint.route("/<reference>/split", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def split_off(reference: str) -> ResponseReturnValue:
    """Who leaves, for where, and who answers for them."""
    if request.method == "GET":
        return _page(_prefilled(shown(reference)), reference)
    form = SplitForm()
    try:
        with transaction(db.session) as session:
            household = editable(session, reference)
            _offer(form, household)
            if not form.validate():
                raise Unsaved
            if form.opened_with != household.version:
                raise SplitRefused("students", _changed())
            made = _split(session, household, form).reference
    except SplitRefused as refused:
        add_error(form[refused.field], str(refused))
        return _page(form, reference), 422
    except Unsaved:
        return _page(form, reference), 422
    return saved(made, _("These students are a household of their own now, split off from %(one)s.", one=reference))


def _changed() -> str:
    return str(
        _("Somebody changed this household while you were working. Nothing is saved yet: look again, then split it.")
    )


def _split(session: Session, household: Household, form: SplitForm) -> Household:
    home: Home | None = None if form.where.data == SplitForm.SAME else home_of(session, form, None)
    return split(
        session,
        account=gate.account(),
        household=household,
        student_ids=[int(one) for one in form.students.data or []],
        home=home,
        contact=form.contact,
        reason=form.reason.data or "",
    )


def _offer(form: SplitForm, household: Household) -> None:
    form.offer_students(household.students)
    form.offer_language(household.language)


def _page(form: SplitForm, reference: str) -> str:
    household = shown(reference)
    _renew(form, household)
    return render_template("households/split.html", form=form, household=household, asked=asked())


def _renew(form: SplitForm, household: Household) -> None:
    """The form is judged by the household as it is seen now."""
    form.version.data = str(household.version)
    form.offer_students(household.students)


def _prefilled(household: Household) -> SplitForm:
    """The household's own contacts; from a question of the queue, the student and the home as the roster has them."""
    values: dict[str, object] = {key: value or "" for key, value in edit.contact_of(household).values().items()}
    values |= {"city": "Chicago", "state": "IL", "where": SplitForm.ELSEWHERE}
    values |= _by_question(household)
    form = SplitForm(formdata=None, data=values)
    _offer(form, household)
    return form


def _by_question(household: Household) -> dict[str, object]:
    number = asked()
    question = db.session.get(HouseholdQuestion, number) if number is not None else None
    if question is None or question.household_id != household.id or question.student is None:
        return {}
    found: dict[str, object] = {"students": [str(question.student_id)], "line": question.address}
    row = db.session.scalar(
        select(RosterRow).where(text("roster_row.current"), RosterRow.district_id == question.student.district_id)
    )
    if row is not None and row.line:
        found |= {"line": row.line, "unit": row.unit or "", "zip": row.zip or ""}
    if row is not None and row.guardian_first_name and row.guardian_last_name:
        found |= {"guardian_first_name": row.guardian_first_name, "guardian_last_name": row.guardian_last_name}
    return found
