"""Pages: the providers under the names they had, and their plans with speed and price by day."""

import datetime as dt
from decimal import Decimal

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.fields import add_error, filled
from connectivity.database import transaction
from connectivity.register import Plan, Provider
from connectivity.rules.calendar import city_today
from connectivity.rules.service_states import ServiceType
from connectivity.service.blueprint import blueprint
from connectivity.service.provider_files import files
from connectivity.service.provider_files import providers as sold
from connectivity.service.provider_files.forms import NameForm, PlanForm, ProviderForm, VersionForm


@blueprint.get("/service/providers")
@gate.open_to(gate.OFFICE)
def providers() -> ResponseReturnValue:
    """Every provider with its names and plans."""
    return render_template(
        "service/provider_files/providers.html",
        providers=sold.every_provider(db.session),
        profiles=files.profiles(db.session),
        today=city_today(),
        before=lambda day: day - dt.timedelta(days=1),
    )


@blueprint.route("/service/providers/new", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def new_provider() -> ResponseReturnValue:
    """A provider that is new to the program; its first plan is the next page."""
    form = ProviderForm()
    if form.is_submitted() and form.validate():
        try:
            with transaction(db.session) as session:
                made = sold.add_provider(session, account=gate.account(), name=filled(form.name.data)).id
        except sold.ProviderRefused as refused:
            add_error(form[refused.field], str(refused))
        else:
            flash(_("The provider is added. Add its first plan now."), "success")
            return redirect(url_for("service.new_plan", provider_id=made))
    shown = render_template("service/provider_files/new_provider.html", form=form)
    return shown, 422 if form.errors else 200


@blueprint.route("/service/providers/<int:provider_id>/plans/new", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def new_plan(provider_id: int) -> ResponseReturnValue:
    """A plan with its first speed and price."""
    if db.session.get(Provider, provider_id) is None:
        abort(404)
    form = PlanForm()
    if form.is_submitted() and form.validate():
        try:
            with transaction(db.session) as session:
                sold.add_plan(
                    session,
                    account=gate.account(),
                    provider=_held(session, provider_id),
                    name=filled(form.name.data),
                    service_type=ServiceType(form.service_type.data),
                    terms=_terms(form),
                )
        except sold.ProviderRefused as refused:
            add_error(form[refused.field], str(refused))
        else:
            flash(_("The plan is added."), "success")
            return redirect(url_for("service.providers"))
    provider = db.session.get_one(Provider, provider_id)
    shown = render_template("service/provider_files/new_plan.html", provider=provider, form=form)
    return shown, 422 if form.errors else 200


@blueprint.post("/service/providers/<int:provider_id>/forget-columns")
@gate.open_to(gate.OFFICE)
def forget_columns(provider_id: int) -> ResponseReturnValue:
    """The provider's own headings were told wrongly."""
    with transaction(db.session) as session:
        files.forget_columns(session, account=gate.account(), provider=_held(session, provider_id))
    flash(_("The headings are forgotten. Hand the file in again: you are asked once more."), "success")
    return redirect(url_for("service.providers"))


def _held(session: Session, provider_id: int) -> Provider:
    return sold.held(session, provider_id) or abort(404)


@blueprint.route("/service/providers/<int:provider_id>/name", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def provider_name(provider_id: int) -> ResponseReturnValue:
    """A new name from a day on."""
    provider = db.session.get(Provider, provider_id) or abort(404)
    form = NameForm()
    if form.is_submitted() and form.validate():
        try:
            with transaction(db.session) as session:
                sold.rename(
                    session,
                    account=gate.account(),
                    provider=_held(session, provider_id),
                    name=filled(form.name.data),
                    starts_on=filled(form.starts_on.data),
                    today=city_today(),
                )
        except sold.ProviderRefused as refused:
            add_error(form[refused.field], str(refused))
        else:
            flash(_("The name is added."), "success")
            return redirect(url_for("service.providers"))
    provider = db.session.get_one(Provider, provider_id)
    shown = render_template("service/provider_files/name.html", provider=provider, form=form)
    return shown, 422 if form.errors else 200


@blueprint.route("/service/plans/<int:plan_id>/version", methods=["GET", "POST"])
@gate.open_to(gate.OFFICE)
def plan_version(plan_id: int) -> ResponseReturnValue:
    """A new speed or price from a day on."""
    plan = db.session.get(Plan, plan_id) or abort(404)
    form = VersionForm()
    if not form.is_submitted():
        form.down_mbps.data, form.up_mbps.data = plan.down_mbps, plan.up_mbps
        form.price.data = _last_price(plan)
    elif form.validate():
        try:
            with transaction(db.session) as session:
                plan = session.get_one(Plan, plan_id)
                _held(session, plan.provider_id)
                sold.add_version(session, account=gate.account(), plan=plan, terms=_terms(form))
        except sold.ProviderRefused as refused:
            add_error(form[refused.field], str(refused))
        else:
            flash(_("The new speed and price are added."), "success")
            return redirect(url_for("service.providers"))
    shown = render_template("service/provider_files/version.html", plan=db.session.get_one(Plan, plan_id), form=form)
    return shown, 422 if form.errors else 200


def _last_price(plan: Plan) -> Decimal | None:
    cents = plan.versions[-1].monthly_cents if plan.versions else None
    return None if cents is None else Decimal(cents) / 100


def _terms(form: VersionForm) -> sold.Terms:
    return sold.Terms(
        starts_on=filled(form.starts_on.data),
        down_mbps=filled(form.down_mbps.data),
        up_mbps=filled(form.up_mbps.data),
        monthly_cents=form.cents(),
    )
