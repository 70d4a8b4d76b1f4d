"""Page: what other rules or fewer places would change, on a map and in a table. For staff, before anybody is told; nothing is stored."""

from typing import Any

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from connectivity.access import gate
from connectivity.access.factors import FactorsNotHeld, holds_factors
from connectivity.access.request_session import db
from connectivity.casework.fields import add_error
from connectivity.database import transaction
from connectivity.reference import store
from connectivity.register import Change, EligibilityPolicy, ProgramYear, Role
from connectivity.rules.calendar import city_today
from connectivity.rules.eligibility import Mode, Policy, PolicyRefused
from connectivity.rules.eligibility_what_if import AreaMove, NoScores, shift
from connectivity.service.blueprint import blueprint
from connectivity.service.eligibility import labels, policies
from connectivity.service.eligibility.by_hand import years_to_decide
from connectivity.service.eligibility.drawing import draw
from connectivity.service.eligibility.forms import WhatIfForm
from connectivity.service.eligibility.roles import VIEWERS
from connectivity.service.eligibility.what_if import Looked, NothingOpened, look


@blueprint.route("/service/eligibility/what-if", methods=["GET", "POST"])
@gate.open_to(VIEWERS)
def eligibility_what_if() -> ResponseReturnValue:
    """The form with a policy's rules; then what its changes would move. A form is sent by POST, so that no address carries a plan."""
    form = WhatIfForm()
    form.offer_years(years_to_decide(db.session, city_today()))
    form.offer(policies.vintages(db.session), sensitive=_sensitive())
    looked = None
    if request.method == "GET":
        _fill(form, request.args.get("policy", type=int))
    elif form.validate():
        looked = _looked(form)
    page = render_template("service/eligibility/what_if.html", form=form, factors=labels.FACTORS, **_shown(looked))
    return page, 422 if form.errors else 200


def _sensitive() -> bool:
    """Whether sealed factors may be weighed here: by the eligibility role, where the program holds them."""
    return gate.account().role == Role.ELIGIBILITY and holds_factors(current_app)


def _fill(form: WhatIfForm, policy_id: int | None) -> None:
    """Starts with the rules of the policy somebody came from, else of one with weights that this account may try."""
    newest = policies.newest(db.session)
    wanted = [db.session.get(EligibilityPolicy, min(max(policy_id, 0), 2**31 - 1))] if policy_id is not None else newest
    for policy in wanted:
        rules = policies.rules_of(policy) if policy else Policy()
        if policy and rules.mode is Mode.WEIGHTS and (form.sensitive or not rules.sensitive):
            form.fill_rules(rules, policy.hardship_vintage)
            return


def _looked(form: WhatIfForm) -> Looked | None:
    """What would move; None with the problems at their fields."""
    try:
        places = form.wanted_places
    except ValueError as problem:
        add_error(form.places, str(problem))
        places = None
    try:
        rules = policies.read(db.session, form.typed(), vintage=form.vintage.data or "", holds_factors=form.sensitive)
    except PolicyRefused as refused:
        form.refuse(refused.problems)
    if form.errors:
        return None
    try:
        if not rules.sensitive:
            return _look(db.session, form, rules, places)
        with transaction(db.session) as session:  # for the audit event of what is opened
            return _look(session, form, rules, places)
    except NoScores as refused:
        add_error(form.places, str(refused))
    except NothingOpened as refused:
        form.refuse({"run": str(refused)})
    except FactorsNotHeld:
        form.refuse({"run": _("No key of today opens what the last run has sealed. Start a run anew.")})
    return None


def _look(session: Session, form: WhatIfForm, rules: Policy, places: int | None) -> Looked:
    return look(
        session,
        account=gate.account(),
        year=session.get_one(ProgramYear, int(form.program_year.data)),
        policy=rules,
        vintage=form.vintage.data,
        places=places,
        today=city_today(),
    )


def _shown(looked: Looked | None) -> dict[str, Any]:
    if looked is None:
        return {"looked": None}
    moves = looked.moves
    shades = {one.area: shift(one.decided_before, one.eligible_after) for one in moves.areas}
    return {
        "looked": looked,
        "map": draw(store.drawing_geojson(db.session), shades),
        "undecided": labels.CHANGES[Change.UNDECIDED],
        "rows": sorted(moves.areas, key=lambda one: _largest_first(one, looked.names)),
        "shades": shades,
    }


def _largest_first(one: AreaMove, names: dict[int, str]) -> tuple[int, str]:
    return -abs(one.eligible_change), names[one.area]
