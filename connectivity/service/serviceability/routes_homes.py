"""Pages: what serves the address of a household, and the homes that no wire reaches."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from connectivity.access import gate
from connectivity.access.request_session import db
from connectivity.casework.pages import shown
from connectivity.rules.calendar import city_today
from connectivity.service.blueprint import blueprint
from connectivity.service.progress.narrowing import offered
from connectivity.service.serviceability import no_wire
from connectivity.service.serviceability.home import home_of
from connectivity.service.serviceability.labels import BUTTON, EXISTING, MATCH, NEXT_STEP, SERVICEABLE
from connectivity.service.years.years import current_year

LINES_A_PAGE = 50


@blueprint.get("/service/no-wire")
@gate.open_to(gate.CASEWORK)
def no_wire_homes() -> ResponseReturnValue:
    """Homes that no wire reaches, with the next step of each."""
    account, today, session = gate.account(), city_today(), db.session
    year = current_year(session, today)
    after = min(max(request.args.get("after", 0, type=int), 0), 2**31 - 1)
    found = no_wire.lines(session, account, year, today=today, after=after, size=LINES_A_PAGE + 1)
    return render_template(
        "service/serviceability/no_wire.html",
        year=year,
        lines=found[:LINES_A_PAGE],
        total=no_wire.count_lines(session, account, year, today=today),
        first=not after,
        following=found[LINES_A_PAGE - 1].household_id if len(found) > LINES_A_PAGE else None,
        areas=offered(session, account, today=today).areas,
        next_steps=NEXT_STEP,
        buttons=BUTTON,
        statuses=no_wire.STATUS_AFTER,
    )


@blueprint.get("/households/<reference>/serviceability")
@gate.open_to(gate.READING)
def what_serves(reference: str) -> ResponseReturnValue:
    """Each provider's answer about the address where the connection goes."""
    household = shown(reference)
    year, home = current_year(db.session, city_today()), home_of(db.session, household)
    standing = next((one for one in household.enrollments if year and one.program_year_id == year.id), None)
    return render_template(
        "service/serviceability/home.html",
        household=household,
        home=home,
        year=year,
        standing=standing,
        may_install=home.may_install(standing),
        serviceable=SERVICEABLE,
        existing=EXISTING,
        matches=MATCH,
    )
