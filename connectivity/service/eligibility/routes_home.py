"""Pages of one household: who determined what and why, an override, an appeal and its decision."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access import gate
from connectivity.access.factors import FactorsNotHeld, open_sealed
from connectivity.access.request_session import db
from connectivity.casework.determinations import deciding
from connectivity.casework.fields import filled
from connectivity.casework.pages import Unsaved, editable, shown
from connectivity.database import transaction
from connectivity.register import Appeal, AppealState, Determination, Household, ProgramYear, Role
from connectivity.rules.calendar import city_today
from connectivity.service.blueprint import blueprint
from connectivity.service.eligibility import by_hand, labels
from connectivity.service.eligibility.by_hand import DecisionRefused
from connectivity.service.eligibility.forms import AppealForm, DecideForm, OverrideForm, YearsForm
from connectivity.service.eligibility.roles import DECIDERS, VIEWERS


@dataclass(frozen=True, kw_only=True)
class YearOfHome:
    """One program year of a household. `counts`: what decides today, where the current one has expired the one before it, if any."""

    year: ProgramYear
    current: Determination | None
    counts: Determination | None
    earlier: Sequence[Determination]  # the newest first


@blueprint.get("/households/<reference>/eligibility")
@gate.open_to(gate.READING)
def household_eligibility(reference: str) -> ResponseReturnValue:
    """Who determined what, when and why. What is sealed is opened for the eligibility role, and written down."""
    household = shown(reference)
    opened = _opened(by_hand.determinations_of(db.session, household), household)
    household, found = shown(reference), by_hand.determinations_of(db.session, household)
    appeals = by_hand.appeals_of(db.session, household)
    return render_template(
        "service/eligibility/household.html",
        household=household,
        years=_years(found, deciding(db.session, household.id, on=city_today())),
        opened=opened,
        appeals=appeals,
        may_decide=gate.account().role in DECIDERS,
        may_appeal=gate.account().role in VIEWERS,
        years_left=by_hand.years_to_decide(db.session, city_today()),
        today=city_today(),
        sources=labels.SOURCES,
        appeal_words=labels.APPEALS,
    )


def _years(found: Sequence[Determination], decide: set[int]) -> list[YearOfHome]:
    years = dict.fromkeys(one.program_year for one in found)
    return [
        YearOfHome(
            year=year,
            current=next((one for one in found if one.program_year_id == year.id and one.ended_on is None), None),
            counts=next((one for one in found if one.program_year_id == year.id and one.id in decide), None),
            earlier=[one for one in found if one.program_year_id == year.id and one.ended_on is not None],
        )
        for year in years
    ]


def _opened(found: Sequence[Determination], household: Household) -> dict[int, str]:
    """Determination -> the words for the eligibility office."""
    sealed = [one for one in found if one.sealed]
    if not sealed or gate.account().role != Role.ELIGIBILITY:
        return {}
    try:
        with transaction(db.session) as session:
            # Not "household": its history is read by people who may not know even that something was opened.
            words = open_sealed(
                session,
                account=gate.account(),
                tokens=[one.sealed for one in sealed],
                subject="eligibility_of_household",
                subject_id=household.id,
            )
    except FactorsNotHeld:
        return {}
    return {one.id: said["words"] for one, said in zip(sealed, words, strict=True) if said}


@blueprint.app_template_test("written_for")
def written_for(author_id: int | None) -> bool:
    """Whether this account may read a reason or ground: the eligibility role, and whoever wrote it."""
    return gate.account().role == Role.ELIGIBILITY or author_id == gate.account().id


def _offer_years(form: YearsForm) -> None:
    form.offer_years(by_hand.years_to_decide(db.session, city_today()))


def _told(form: OverrideForm | AppealForm | DecideForm, problems: dict[str, str]) -> None:
    for field, words in problems.items():
        form[field].errors = [*form[field].errors, words]


def _back(reference: str, *messages: str) -> ResponseReturnValue:
    for words in filter(None, messages):
        flash(words, "success" if words == messages[0] else "info")
    return redirect(url_for("service.household_eligibility", reference=reference))


@blueprint.route("/households/<reference>/eligibility/override", methods=["GET", "POST"])
@gate.open_to(DECIDERS)
def override_eligibility(reference: str) -> ResponseReturnValue:
    """A person decides otherwise, with a reason and a last day."""
    form = OverrideForm()
    _offer_years(form)
    valid = request.method == "POST" and form.validate()
    try:
        if request.method == "POST":
            with transaction(db.session) as session:
                household = editable(session, reference)
                decided = _override(session, household, form, valid=valid)
                why_not = decided.why_not
            return _back(reference, _("The decision is recorded."), why_not)
    except DecisionRefused as refused:
        _told(form, refused.problems)
    except Unsaved:
        pass
    page = render_template("service/eligibility/override.html", form=form, household=shown(reference))
    return page, 422 if form.errors else 200


def _override(session: Session, household: Household, form: OverrideForm, *, valid: bool) -> by_hand.Decided:
    if not valid:
        raise Unsaved
    return by_hand.override(
        session,
        account=gate.account(),
        household=household,
        year=session.get_one(ProgramYear, int(form.program_year.data)),
        eligible=form.eligible.data == "yes",
        reason=form.reason.data or "",
        expires_on=form.expires_on.data,
        today=city_today(),
    )


@blueprint.route("/households/<reference>/eligibility/appeals", methods=["GET", "POST"])
@gate.open_to(VIEWERS)
def open_appeal(reference: str) -> ResponseReturnValue:
    """Takes a family's appeal down."""
    form = AppealForm()
    _offer_years(form)
    if request.method == "GET":
        form.opened_on.data = city_today()
    valid = request.method == "POST" and form.validate()
    try:
        if request.method == "POST":
            with transaction(db.session) as session:
                household = editable(session, reference)
                if not valid:
                    raise Unsaved
                by_hand.open_appeal(
                    session,
                    account=gate.account(),
                    household=household,
                    year=session.get_one(ProgramYear, int(form.program_year.data)),
                    ground=form.ground.data or "",
                    on=filled(form.opened_on.data),
                    today=city_today(),
                )
            return _back(reference, _("The appeal is recorded. The eligibility office decides it."))
    except DecisionRefused as refused:
        _told(form, refused.problems)
    except Unsaved:
        pass
    page = render_template("service/eligibility/appeal.html", form=form, household=shown(reference))
    return page, 422 if form.errors else 200


@blueprint.route("/households/<reference>/eligibility/appeals/<int:appeal_id>", methods=["GET", "POST"])
@gate.open_to(DECIDERS)
def decide_appeal(reference: str, appeal_id: int) -> ResponseReturnValue:
    """Grants or denies."""
    form = DecideForm()
    if request.method == "GET":
        form.decided_on.data = city_today()
    valid = request.method == "POST" and form.validate()
    try:
        if request.method == "POST":
            with transaction(db.session) as session:
                household = editable(session, reference)
                appeal = _appeal(session, household, appeal_id)
                if not valid:
                    raise Unsaved
                decided = by_hand.decide_appeal(
                    session,
                    account=gate.account(),
                    household=household,
                    appeal=appeal,
                    granted=form.outcome.data == AppealState.GRANTED,
                    reason=form.reason.data or "",
                    on=filled(form.decided_on.data),
                    today=city_today(),
                )
                why_not = decided.why_not if decided else ""
            return _back(reference, _("The appeal is decided."), why_not)
    except DecisionRefused as refused:
        _told(form, refused.problems)
    except Unsaved:
        pass
    household = shown(reference)
    appeal = _appeal(db.session, household, appeal_id)
    page = render_template("service/eligibility/decide.html", form=form, household=household, appeal=appeal)
    return page, 422 if form.errors else 200


def _appeal(session: Session, household: Household, appeal_id: int) -> Appeal:
    wanted = select(Appeal).where(Appeal.id == appeal_id, Appeal.household_id == household.id)
    return session.scalar(wanted.execution_options(populate_existing=True)) or abort(404)
