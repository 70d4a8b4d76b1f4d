"""Pages: why a code does not work, and another code for a household whose own is lost."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.access.sign_in import limiter
from connectivity.casework.fields import add_error
from connectivity.casework.pages import Unsaved, editable, saved, shown
from connectivity.database import transaction
from connectivity.register import CodeEvent, Enrollment, Household
from connectivity.rules import membership_codes
from connectivity.rules.calendar import city_today
from connectivity.service.blueprint import blueprint
from connectivity.service.codes import pool
from connectivity.service.codes.forms import ReplaceForm, WhyForm
from connectivity.service.codes.replace import NotReplaced, replace
from connectivity.service.codes.why import Found, Unknown, look_up


# The code comes in the form alone, never in an address: addresses are kept in logs and histories.
@blueprint.route("/service/codes/why", methods=["GET", "POST"])
@gate.open_to(gate.READING)
@limiter.limit("300 per hour", methods=["POST"], key_func=lambda: f"why {gate.account().id}")
def why_code() -> ResponseReturnValue:
    """Where a code stands and what to do next."""
    form = WhyForm()
    found: Found | Unknown | None = None
    if form.validate_on_submit():
        try:
            with transaction(db.session) as session:
                found = look_up(session, account=gate.account(), text=form.code.data or "", today=city_today())
        except ValueError as unread:
            add_error(form.code, str(unread))
    page = render_template("service/codes/why.html", form=form, found=found, known=isinstance(found, Found))
    return page, 422 if form.errors else 200, {"Cache-Control": "no-store"}


@blueprint.route("/households/<reference>/enrollments/<int:year_id>/code", methods=["GET", "POST"])
@gate.open_to(gate.CASEWORK)
def replace_code(reference: str, year_id: int) -> ResponseReturnValue:
    """The code of an enrollment and its moves; another one, if it is lost."""
    form = ReplaceForm()
    if not form.is_submitted():
        return _code_page(reference, year_id, form)
    valid = form.validate()
    try:
        with transaction(db.session) as session:
            household = editable(session, reference)
            enrollment = _enrollment(session, household, year_id)
            if not valid:
                raise Unsaved
            done = replace(
                session,
                account=gate.account(),
                household=household,
                enrollment=enrollment,
                reason=form.reason.data or "",
                on=city_today(),
                text=form.code.data or "",
            )
            new = membership_codes.shown(done.new.code)
    except (NotReplaced, pool.CodeRefused) as refused:
        add_error(form.code, str(refused))
    except Unsaved:
        pass
    else:
        return saved(reference, _("The new code is %(code)s. Tell the family; the old one is dead.", code=new))
    return _code_page(reference, year_id, form), 422


def _enrollment(session: Session, household: Household, year_id: int) -> Enrollment:
    found = session.scalar(
        select(Enrollment).where(Enrollment.household_id == household.id, Enrollment.program_year_id == year_id)
    )
    if found is None or found.membership_code is None:
        abort(404)
    return found


def _code_page(reference: str, year_id: int, form: ReplaceForm) -> str:
    household = shown(reference)
    enrollment = _enrollment(db.session, household, year_id)
    moves = db.session.scalars(
        select(CodeEvent).where(CodeEvent.code_id == enrollment.membership_code_id).order_by(CodeEvent.id)
    ).all()
    return render_template(
        "service/codes/replace.html", form=form, household=household, enrollment=enrollment, moves=moves
    )
