"""Pages: eligibility at a glance, one policy with its versions, adding and changing one."""

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from connectivity.access import gate
from connectivity.access.factors import holds_factors
from connectivity.access.request_session import db
from connectivity.database import transaction
from connectivity.register import EligibilityPolicy
from connectivity.rules.calendar import city_today
from connectivity.rules.eligibility import PolicyRefused
from connectivity.service.blueprint import blueprint
from connectivity.service.eligibility import labels, policies, runs
from connectivity.service.eligibility.by_hand import expired_overrides, open_appeals, years_to_decide
from connectivity.service.eligibility.forms import PolicyForm, RunForm
from connectivity.service.eligibility.roles import MAKERS, VIEWERS

NEWEST_RUNS = 20


@blueprint.get("/service/eligibility")
@gate.open_to(VIEWERS)
def eligibility() -> ResponseReturnValue:
    """Policies, runs, appeals that wait, and the form for the next run."""
    return index_page(run_form())


def run_form() -> RunForm:
    """The form of a run, with its lists."""
    form = RunForm()
    form.offer_years(years_to_decide(db.session, city_today()))
    form.offer_policies(policies.newest(db.session))
    return form


def index_page(form: RunForm) -> str:
    """The page, with the form as it is."""
    return render_template(
        "service/eligibility/index.html",
        form=form,
        policies=policies.newest(db.session),
        in_force=policies.in_force(db.session),
        runs=runs.newest_runs(db.session, NEWEST_RUNS),
        appeals=open_appeals(db.session, gate.account()),
        expired=expired_overrides(db.session, gate.account(), city_today()),
        may_make=gate.account().role in MAKERS,
        states=labels.STATES,
        modes=labels.MODES,
    )


@blueprint.get("/service/eligibility/policies/<int:policy_id>")
@gate.open_to(VIEWERS)
def eligibility_policy(policy_id: int) -> ResponseReturnValue:
    """One version of a policy in words, and the other versions."""
    policy = _found(policy_id)
    versions = policies.versions_of(db.session, policy)
    return render_template(
        "service/eligibility/policy.html",
        policy=policy,
        rules=policies.rules_of(policy),
        factors=labels.FACTORS,
        versions=versions,
        used=policies.used(db.session, versions),
        newest=versions[0].id == policy.id,
        may_make=gate.account().role in MAKERS,
    )


def _found(policy_id: int) -> EligibilityPolicy:
    return db.session.get(EligibilityPolicy, policy_id) or abort(404)


@blueprint.route("/service/eligibility/policies/new", methods=["GET", "POST"])
@gate.open_to(MAKERS)
def add_policy() -> ResponseReturnValue:
    """A new policy."""
    form = _form()
    if request.method == "POST" and form.validate():
        try:
            with transaction(db.session) as session:
                made = policies.add(
                    session, account=gate.account(), typed=form.version(), holds_factors=holds_factors(current_app)
                )
                policy_id = made.id
        except PolicyRefused as refused:
            form.refuse(refused.problems)
        else:
            flash(_("The policy is added. Nobody’s eligibility changes before a run with it is applied."), "success")
            return redirect(url_for("service.eligibility_policy", policy_id=policy_id))
    return _form_page(form, None)


def _form() -> PolicyForm:
    form = PolicyForm()
    form.offer(policies.vintages(db.session), sensitive=holds_factors(current_app))
    return form


@blueprint.route("/service/eligibility/policies/<int:policy_id>/edit", methods=["GET", "POST"])
@gate.open_to(MAKERS)
def edit_policy(policy_id: int) -> ResponseReturnValue:
    """Changes the newest version; one that a run has used stays, and the next version follows it."""
    policy, form = _found(policy_id), _form()
    newest = policies.versions_of(db.session, policy)[0]
    if request.method == "GET" and newest.id != policy.id:
        return redirect(url_for("service.edit_policy", policy_id=newest.id))
    if request.method == "GET":
        form.fill(policy, policies.stands_at(policy))
    elif form.validate():
        try:
            version = _revised(policy_id, form)
        except PolicyRefused as refused:
            form.refuse(refused.problems)
        else:
            flash(_("Saved as version %(version)s.", version=version[1]), "success")
            return redirect(url_for("service.eligibility_policy", policy_id=version[0]))
    return _form_page(form, _found(policy_id))


def _revised(policy_id: int, form: PolicyForm) -> tuple[int, int]:
    with transaction(db.session) as session:
        held = policies.revise(
            session,
            account=gate.account(),
            policy=_found(policy_id),
            stood=form.stood.data or "",
            typed=form.version(),
            holds_factors=holds_factors(current_app),
        )
        return held.id, held.version


def _form_page(form: PolicyForm, policy: EligibilityPolicy | None) -> ResponseReturnValue:
    used = bool(policy and policies.is_used(db.session, policy))
    page = render_template("service/eligibility/edit.html", form=form, policy=policy, used=used, factors=labels.FACTORS)
    return page, 422 if form.errors else 200
