"""Where each role begins, and the administrator's accounts."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access import accounts as verbs
from connectivity.access import factors as sealed
from connectivity.access import gate, passwords
from connectivity.access.account_forms import ROLE_WORDS, AccountForm
from connectivity.access.request_session import db
from connectivity.access.scope import in_scope
from connectivity.database import transaction
from connectivity.register import Account, Organization, Role, Student

blueprint = Blueprint("access", __name__)

ADMINS = frozenset({Role.ADMIN})
FIRST_PAGE = {
    Role.ADMIN: "households.find",
    Role.STAFF: "households.find",
    Role.ELIGIBILITY: "households.find",
    Role.PARTNER: "households.find",
    Role.SCHOOL: "school_exports.students",
    Role.COUNCIL: "equity.program_map",
}


@blueprint.get("/start")
@gate.open_to(gate.SIGNED_IN)
def start() -> ResponseReturnValue:
    """Sends each role to the page it works on."""
    return redirect(url_for(FIRST_PAGE[Role(gate.account().role)]))


@blueprint.get("/students/<int:student_id>/factors")
@gate.open_to(gate.ELIGIBILITY)
def factors(student_id: int) -> ResponseReturnValue:
    """A student's sensitive factors. The view is written down before the page is shown."""
    held = sealed.holds_factors(current_app)
    with transaction(db.session) as session:
        account = gate.account()
        seen = select(Student).where(Student.id == student_id, in_scope(Student, account))
        student = session.scalar(seen) or abort(404)
        years = sealed.open_factors(session, account=account, student=student) if held else []
    return render_template("access/factors.html", student=student, held=held, years=years)


@blueprint.get("/accounts")
@gate.open_to(ADMINS)
def accounts() -> ResponseReturnValue:
    """Everybody who may sign in, and who once could."""
    return render_template("access/accounts.html", accounts=verbs.all_accounts(db.session), role_words=ROLE_WORDS)


@blueprint.route("/accounts/new", methods=["GET", "POST"])
@gate.open_to(ADMINS)
def new_account() -> ResponseReturnValue:
    """Opens an account and shows its first password, once."""
    form = _form(db.session)
    if not form.validate_on_submit():
        return render_template("access/account_new.html", form=form)
    password = passwords.generate()
    try:
        with transaction(db.session) as session:
            account = verbs.create_account(session, form.wanted(), by=gate.account(), password=password)
    except verbs.AccountRefused as refused:
        form.refuse(refused.problems)
        return render_template("access/account_new.html", form=form), 422
    # Shown in the answer itself: a redirect would have to keep the password somewhere.
    return render_template("access/account_password.html", account=account, password=password, new=True), 201


@blueprint.route("/accounts/<int:account_id>", methods=["GET", "POST"])
@gate.open_to(ADMINS)
def account(account_id: int) -> ResponseReturnValue:
    """One account: its name, rights and whether it may sign in."""
    found = db.session.get(Account, account_id) or abort(404)
    form = _form(db.session)
    if not form.validate_on_submit():
        form.show(found)
        return render_template("access/account.html", form=form, account=found)
    try:
        with transaction(db.session) as session:
            changes = verbs.change_account(
                session, session.get_one(Account, account_id), form.wanted(), by=gate.account()
            )
    except verbs.AccountRefused as refused:
        form.refuse(refused.problems)
        return render_template("access/account.html", form=form, account=db.session.get_one(Account, account_id)), 422
    flash(_("The account is changed.") if changes else _("Nothing was changed."), "success")
    return redirect(url_for("access.accounts"))


@blueprint.post("/accounts/<int:account_id>/password")
@gate.open_to(ADMINS)
def new_password(account_id: int) -> ResponseReturnValue:
    """Gives an account a new first password, shown once; it is signed out everywhere."""
    password = passwords.generate()
    with transaction(db.session) as session:
        found = session.get(Account, account_id) or abort(404)
        verbs.set_password(session, found, by=gate.account(), password=password)
    return render_template("access/account_password.html", account=found, password=password, new=False)


@blueprint.post("/accounts/<int:account_id>/sign-out")
@gate.open_to(ADMINS)
def sign_out_everywhere(account_id: int) -> ResponseReturnValue:
    """Ends every session of an account."""
    with transaction(db.session) as session:
        found = session.get(Account, account_id) or abort(404)
        verbs.end_sessions(session, found, by=gate.account())
        name = found.name
    flash(_("%(name)s is signed out everywhere.", name=name), "success")
    return redirect(url_for("access.accounts"))


def _form(session: Session) -> AccountForm:
    form = AccountForm()
    form.offer(list(session.scalars(select(Organization).order_by(Organization.name))))
    return form
