"""The pages of eligibility with a run behind them: no axe violation, nothing wider than a phone."""

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from connectivity.register import Account
from connectivity.rules.calendar import city_today
from tests import factories
from tests.browser.conftest import sign_in
from tests.service.eligibility.conftest import ENGLEWOOD, LINCOLN_PARK, applied, policy_of, start

pytestmark = pytest.mark.browser

Look = Callable[[Page, str], None]
PHONE = {"width": 320, "height": 700}  # the width WCAG 1.4.10 asks pages to reflow to


@pytest.fixture
def backend() -> str:
    """What a browser draws does not depend on the database: one is enough here."""
    return "sqlite"


def test_the_pages_of_a_run_and_of_a_household_are_clean_for_axe_and_fit_a_phone(
    page: Page, people: dict[str, Account], session: Session, looked_at: Look
) -> None:
    maker, today = session.get_one(Account, people["admin"].id), city_today()
    begins, ends = today - dt.timedelta(days=60), today + dt.timedelta(days=300)
    year = factories.program_year(session, starts_on=begins, ends_on=ends)
    home = factories.household(session, area=LINCOLN_PARK)
    factories.household(session, area=ENGLEWOOD)
    factories.enrollment(session, home, "active", program_year_id=year.id)
    policy = policy_of(session, maker)
    done = applied(session, maker, year, policy)
    waits = start(session, maker, year, policy)
    session.commit()
    paths = [
        "/service/eligibility", f"/service/eligibility/policies/{policy.id}", f"/service/eligibility/runs/{waits.id}",
        f"/service/eligibility/runs/{done.id}/loses", f"/households/{home.reference}/eligibility",
        f"/households/{home.reference}/eligibility/appeals", "/service/eligibility/what-if",
    ]  # fmt: skip
    session.rollback()
    sign_in(page, "staff")
    for number, path in enumerate(paths):
        page.goto(path)
        _look(page, looked_at, f"eligibility-{number}")
    page.get_by_role("button", name="Show what would change").click()
    page.get_by_role("heading", name="What would change").wait_for()
    _look(page, looked_at, "eligibility-what-if")


def _look(page: Page, looked_at: Look, name: str) -> None:
    looked_at(page, name)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert wide <= 0, f"{page.url} is {wide} pixels wider than a phone"
