"""Page: the funnel of a program year, for all of it or for an area, a school, a partner organization."""

import datetime as dt
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.rules.calendar import city_today
from connectivity.service.blueprint import blueprint
from connectivity.service.progress.forms_stalled import NarrowingForm
from connectivity.service.progress.funnel import Funnel
from connectivity.service.progress.funnel import funnel as counted
from connectivity.service.progress.labels import STAGE
from connectivity.service.progress.narrowing import conditions, offered
from connectivity.service.years.years import current_year, every_year

WIDTH, BAR, GAP, LABELS, FIGURES = 640, 30, 14, 150, 90  # of the chart, in its own units


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of the chart; the same number stands in the table beside it."""

    words: object
    number: int
    y: int
    width: float


def _today() -> dt.date:
    return city_today()


@blueprint.get("/service/funnel")
@gate.open_to(gate.CASEWORK)
def funnel() -> ResponseReturnValue:
    """Exact counts for the program's own work: not to be published."""
    account, today, session = gate.account(), _today(), db.session
    years, form = every_year(session), NarrowingForm(request.args)
    choices = offered(session, account, today=today)
    form.offer(choices, years, current_year(session, today))
    valid = form.validate()
    year = next((one for one in years if str(one.id) == form.year.data), None)
    found = None
    if valid and year is not None:
        where = conditions(account, form.narrowing(), today=today)
        found = counted(session, year_id=year.id, where=where, as_of=today)
    page = render_template(
        "service/progress/funnel.html",
        form=form,
        year=year,
        found=found,
        of_whom=_of_whom(form) if valid else [],
        bars=_bars(found) if found else [],
        chart={"width": WIDTH, "height": len(STAGE) * (BAR + GAP), "bar": BAR, "labels": LABELS},
        stages=STAGE,
        today=today,
    )
    return page, 200 if valid else 400


def _bars(found: Funnel) -> list[Bar]:
    most = max((one.reached for one in found.stages), default=0) or 1
    room = WIDTH - LABELS - FIGURES
    return [
        Bar(words=STAGE[one.stage], number=one.reached, y=at * (BAR + GAP), width=round(room * one.reached / most, 1))
        for at, one in enumerate(found.stages)
    ]


def _of_whom(form: NarrowingForm) -> list[str]:
    """The names of what the figures are narrowed to."""
    chosen = (form.area, form.school, form.organization)
    return [
        str({value: words for value, words, *_ in field.iter_choices()}[field.data]) for field in chosen if field.data
    ]


@blueprint.app_template_filter()
def month_name(day: dt.date) -> str:
    """`Nov 2026`."""
    return f"{day:%b %Y}"
