"""Pages: ask a provider about addresses, and the file for it."""

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from connectivity.access import gate
from connectivity.access.disclosures import open_disclosure
from connectivity.access.logged_file import LoggedFile, attachment
from connectivity.access.request_session import db
from connectivity.access.sign_in import limiter
from connectivity.casework.fields import add_error
from connectivity.database import transaction
from connectivity.register import CommunityArea, Provider, ServiceabilityAnswer, ServiceabilityBatch
from connectivity.register import ServiceabilityRequest as Request
from connectivity.rules.calendar import city_today
from connectivity.service.blueprint import blueprint
from connectivity.service.serviceability import ask, corrected, files, no_wire
from connectivity.service.serviceability.columns import HEADER
from connectivity.service.serviceability.forms_serviceability import AnswersForm, AskForm
from connectivity.service.serviceability.labels import HOMES, STATES, WHICH
from connectivity.service.years.years import current_year
from connectivity.tabular.write import Profile

BATCHES = 50


@blueprint.get("/service/serviceability")
@gate.open_to(gate.OFFICE)
def serviceability() -> ResponseReturnValue:
    """Ask, take answers back, and every file out and back."""
    return index_page(offered(AskForm(formdata=None)), offered(AnswersForm(formdata=None)))


def offered(form: Any) -> Any:
    """The form with its lists filled: whoever sells a wire may be asked, whoever was ever asked may answer."""
    session = db.session
    wired = ask.wired_providers(session)
    if isinstance(form, AskForm):
        form.offer(wired, session.scalars(select(CommunityArea).order_by(CommunityArea.name)))
    else:
        asked = select(ServiceabilityBatch.provider_id)
        form.offer(session.scalars(select(Provider).where(Provider.id.in_(asked)).order_by(Provider.name)))
    return form


def index_page(asking: AskForm, answers: AnswersForm) -> str:
    """The page with both forms as they are."""
    session, today = db.session, city_today()
    year = current_year(session, today)
    return render_template(
        "service/serviceability/index.html",
        asking=asking,
        answers=answers,
        batches=ask.every_batch(session, most=BATCHES),
        files=files.listed(session),
        states=STATES,
        corrections=corrected.count_waiting(session),
        no_wire=no_wire.count_lines(session, gate.account(), year, today=today),
        limit_mb=current_app.config["ROSTER_LIMIT_MB"],
    )


@blueprint.post("/service/serviceability")
@gate.open_to(gate.OFFICE)
@limiter.limit("60 per hour", key_func=lambda: str(gate.account().id))
def ask_serviceability() -> ResponseReturnValue:
    """Makes a batch of requests; its file is taken from its page."""
    form = offered(AskForm())
    if not form.validate():
        return index_page(form, offered(AnswersForm(formdata=None))), 422
    today = city_today()
    try:
        with transaction(db.session) as session:
            batch_id = ask.ask(
                session,
                account=gate.account(),
                provider=session.get_one(Provider, int(form.provider.data)),
                choice=form.choice(),
                year=current_year(session, today),
                today=today,
            ).id
    except ask.NothingToAsk as nothing:
        add_error(form.homes, str(nothing))
        return index_page(form, offered(AnswersForm(formdata=None))), 422
    except ask.AskedAlready as already:
        batch_id = already.batch_id
        flash(str(already), "info")
    return redirect(url_for("service.serviceability_batch", batch_id=batch_id))


def _batch(batch_id: int) -> ServiceabilityBatch:
    names = [joinedload(ServiceabilityBatch.provider), joinedload(ServiceabilityBatch.maker)]
    return db.session.get(ServiceabilityBatch, batch_id, options=names) or abort(404)


@blueprint.get("/service/serviceability/batches/<int:batch_id>")
@gate.open_to(gate.OFFICE)
def serviceability_batch(batch_id: int) -> ResponseReturnValue:
    """What was asked, how much of it is answered, and the file."""
    batch = _batch(batch_id)
    answered = (
        select(func.count(func.distinct(ServiceabilityAnswer.request_id)))
        .join(Request, Request.id == ServiceabilityAnswer.request_id)
        .where(Request.batch_id == batch_id)
    )
    area = db.session.get(CommunityArea, batch.chosen["area"]) if batch.chosen.get("area") else None
    return render_template(
        "service/serviceability/batch.html",
        batch=batch,
        answered=db.session.scalar(answered),
        area=area.name if area else None,
        homes=HOMES,
        which=WHICH,
        columns=HEADER,
    )


@blueprint.post("/service/serviceability/batches/<int:batch_id>/withdraw")
@gate.open_to(gate.OFFICE)
def withdraw_serviceability(batch_id: int) -> ResponseReturnValue:
    """Takes back a list without answers."""
    _batch(batch_id)
    try:
        with transaction(db.session) as session:
            ask.withdraw(session, account=gate.account(), batch_id=batch_id)
    except ask.Answered as answered:
        flash(str(answered), "error")
        return redirect(url_for("service.serviceability_batch", batch_id=batch_id))
    flash(_("The list is taken back. Answers to it will be refused."), "success")
    return redirect(url_for("service.serviceability"))


@blueprint.post("/service/serviceability/batches/<int:batch_id>/addresses.csv")
@gate.open_to(gate.OFFICE)
@limiter.limit("60 per hour", key_func=lambda: str(gate.account().id))
def serviceability_batch_csv(batch_id: int) -> ResponseReturnValue:
    """The batch as its provider gets it: our ids and the addresses, nobody's name."""
    _batch(batch_id)
    today = city_today()
    with transaction(db.session) as session:
        batch = session.get_one(ServiceabilityBatch, batch_id)
        isp = batch.provider.name_on(today)
        disclosure_id = open_disclosure(
            session,
            account=gate.account(),
            kind=ask.KIND,
            basis=ask.BASIS,
            scope={"provider": batch.provider_id, "batch": batch.id, "schools": [], "filters": batch.chosen},
            columns=HEADER,
        ).id
        reference = batch.reference
    file = LoggedFile(
        sessions=current_app.extensions["connectivity.sessions"],
        disclosure_id=disclosure_id,
        header=HEADER,
        rows=lambda own: ask.rows(own, own.get_one(ServiceabilityBatch, batch_id), isp),
        profile=Profile.SPREADSHEET,
    )
    demo = "_demo" if current_app.config["DEMO"] else ""
    return attachment(file, f"connectivity_addresses_{reference}_{today:%Y%m%d}_d{disclosure_id}{demo}.csv")
