"""Page: codes given to many households at once, held for them, or released; first the counts, then the button."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import contains_eager
from werkzeug.datastructures import MultiDict

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.program_years import to_begin_with
from connectivity.database import transaction
from connectivity.formats import count
from connectivity.register import CommunityArea, MembershipCode, Plan, ProgramYear, Provider, School
from connectivity.rules.calendar import city_today
from connectivity.rules.service_states import CodeState, Status
from connectivity.service.blueprint import blueprint
from connectivity.service.codes import give
from connectivity.service.codes.forms import ChooseForm, GiveForm
from connectivity.service.codes.sold import is_sold, sold_in
from connectivity.service.codes.waiting import Wanted, preview
from connectivity.service.years.years import every_year


class Changed(give.GivingRefused):
    """Others were at work since the counts were shown."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a person chose, read and in range."""

    form: ChooseForm
    wanted: Wanted | None
    plan_id: int


def _asked() -> Asked:
    """The choice in the address. `wanted` None: nothing chosen yet, or something that cannot be."""
    form = ChooseForm(MultiDict(request.args) or None, meta={"csrf": False})
    years = every_year(db.session)
    chosen = next((one for one in years if str(one.id) == form.year.data), to_begin_with(years, city_today()))
    form.offer(years, _plans(chosen) if chosen else ())
    form.offer_narrowing(
        db.session.execute(select(CommunityArea.number, CommunityArea.name).order_by(CommunityArea.name)).all(),
        db.session.execute(select(School.id, School.name).order_by(School.name)).all(),
    )
    if "plan" not in request.args or not form.validate():
        return Asked(form=form, wanted=None, plan_id=0)
    wanted = Wanted(
        year_id=int(form.year.data),
        status=Status(form.status.data) if form.status.data else None,
        area=int(form.area.data) if form.area.data else None,
        school_id=form.school.data or None,
        language=form.language.data or "",
        path_known=bool(form.path_known.data),
    )
    return Asked(form=form, wanted=wanted, plan_id=int(form.plan.data))


def _plans(year: ProgramYear) -> Sequence[Plan]:
    """Those sold in the year; last, those that are not but whose provider's codes are still held: they can be released."""
    sold = and_(*sold_in(year, city_today()))
    still_held = exists().where(
        MembershipCode.provider_id == Plan.provider_id,
        MembershipCode.program_year_id == year.id,
        MembershipCode.state == CodeState.HELD,
    )
    plans = (
        select(Plan)
        .join(Plan.provider)
        .options(contains_eager(Plan.provider))
        .where(or_(sold, still_held))
        .order_by(sold.desc(), Provider.name, Plan.id)
    )
    return db.session.scalars(plans).all()


@blueprint.get("/service/codes/give")
@gate.open_to(gate.OFFICE)
def give_codes() -> ResponseReturnValue:
    """Who waits, and how many codes are free."""
    return _page(_asked())


def _page(asked: Asked, refused: give.GivingRefused | None = None) -> str:
    found = plan = year = None
    sold = False
    if asked.wanted:
        plan = db.session.get_one(Plan, asked.plan_id)
        year = db.session.get_one(ProgramYear, asked.wanted.year_id)
        found = preview(db.session, account=gate.account(), wanted=asked.wanted, plan=plan, on=city_today())
        sold = is_sold(db.session, plan, year, city_today())
    return render_template(
        "service/codes/give.html",
        form=asked.form,
        give=GiveForm(formdata=None),
        found=found,
        sold=sold,
        plan=plan,
        year=year,
        refused=refused,
        chosen=request.args.to_dict(),
    )


@blueprint.post("/service/codes/give/issue")
@gate.open_to(gate.OFFICE)
def issue_codes() -> ResponseReturnValue:
    """One code to each household that waits."""
    return _do(give.issue_to_all, lambda done: _("Codes issued: %(given)s.", given=count(done.given)))


@blueprint.post("/service/codes/give/hold")
@gate.open_to(gate.OFFICE)
def hold_codes() -> ResponseReturnValue:
    """One code set aside for each household that waits."""
    return _do(
        give.hold_for_all,
        lambda done: _("Codes held: %(given)s. Letters with them can be printed now.", given=count(done.given)),
    )


def _do(verb: Callable[..., give.Done], words: Callable[[give.Done], str]) -> ResponseReturnValue:
    asked, form = _asked(), GiveForm()
    if asked.wanted is None:
        return _page(asked), 422
    try:
        with transaction(db.session) as session:
            plan = session.get_one(Plan, asked.plan_id)
            _refuse_changed(asked.wanted, plan, form)
            done = verb(
                session,
                account=gate.account(),
                wanted=asked.wanted,
                plan=plan,
                on=city_today(),
                as_many_as_there_are=bool(form.as_many.data),
            )
    except give.GivingRefused as refused:
        return _page(asked, refused), 409 if isinstance(refused, Changed) else 422
    said = words(done)
    if done.waiting:
        said += " " + _("Households that still wait for one: %(waiting)s.", waiting=count(done.waiting))
    flash(said, "success")
    return _again()


def _again() -> ResponseReturnValue:
    """The same page anew, with the same choice."""
    chosen: dict[str, Any] = request.args.to_dict()
    return redirect(url_for("service.give_codes", **chosen))


def _refuse_changed(wanted: Wanted, plan: Plan, form: GiveForm) -> None:
    seen = form.seen.data or ""
    found = preview(db.session, account=gate.account(), wanted=wanted, plan=plan, on=city_today())
    if seen != str(found.households):
        raise Changed(
            _("Meanwhile the number of households changed: %(now)s wait now. Look at the counts again; nothing was given.", now=count(found.households))
        )  # fmt: skip


@blueprint.post("/service/codes/give/issue-held")
@gate.open_to(gate.OFFICE)
def issue_held_codes() -> ResponseReturnValue:
    """Held codes are issued: their letters are on the way."""
    asked = _asked()
    if asked.wanted is None:
        return _page(asked), 422
    try:
        with transaction(db.session) as session:
            plan = session.get_one(Plan, asked.plan_id)
            done = give.issue_held(session, account=gate.account(), wanted=asked.wanted, plan=plan, on=city_today())
    except give.GivingRefused as refused:
        return _page(asked, refused), 422
    flash(_("Held codes issued: %(given)s.", given=count(done.given)), "success")
    return _again()


@blueprint.post("/service/codes/give/release")
@gate.open_to(gate.OFFICE)
def release_codes() -> ResponseReturnValue:
    """Held codes go back into the pool, or die if letters with them were made."""
    asked, form = _asked(), GiveForm()
    if asked.wanted is None:
        return _page(asked), 422
    try:
        with transaction(db.session) as session:
            plan = session.get_one(Plan, asked.plan_id)
            released = give.release(session, account=gate.account(), wanted=asked.wanted, plan=plan, on=city_today())
            if str(released.revoked) != (form.in_letters.data or "0"):
                raise Changed(
                    _(
                        "Meanwhile letters with other held codes were made. Look at the counts again; nothing was released."
                    )
                )
    except Changed as refused:
        return _page(asked, refused), 409
    told = []
    if released.freed:
        told.append(_("Held codes that are free again: %(released)s.", released=count(released.freed)))
    if released.revoked:
        told.append(_("Held codes that are dead, as letters with them were made: %(dead)s. Do not mail these letters.", dead=count(released.revoked)))  # fmt: skip
    flash(
        " ".join(told) or _("Nothing was released: no code is held for these households."),
        "success" if told else "info",
    )
    return _again()
