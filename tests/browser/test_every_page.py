"""Every page of every role: no axe violation, nothing wider than a phone, and the ways through it by keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.households import terms
from connectivity.register import Account, Household
from tests import factories
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser

Look = Callable[[Page, str], None]
PHONE = {"width": 320, "height": 700}  # the width WCAG 1.4.10 asks pages to reflow to


@pytest.fixture
def backend() -> str:
    """What a browser draws does not depend on the database: one is enough here."""
    return "sqlite"


@pytest.fixture
def household(session: Session, uptown: None) -> Household:
    """One that is not placed, with an enrollment and an answer, so that its page shows every part."""
    made = factories.household(session, area=None, phones=["+17735550142"], students=[{}, {"grade": "9"}])
    factories.enrollment(session, made, "contacted")
    terms.refresh(session, made)
    session.commit()
    return made


def pages(household: Household, school: Account) -> dict[str, list[str]]:
    home = f"/households/{household.reference}"
    year = household.enrollments[0].program_year_id
    return {
        "": ["/", "/?measure=hardship", "/areas/25", "/?measure=nothing", "/nowhere", "/sign-in"],
        "staff": [
            "/households", "/households/new", home, f"{home}/edit", f"{home}/students/new", f"{home}/address", f"{home}/move",
            f"{home}/students/{household.students[0].id}", f"{home}/place", f"{home}/responses", f"{home}/enrollments",
            f"{home}/enrollments/{year}", "/equity",
        ],
        "partner": ["/households"],
        "council": ["/equity", "/equity/areas/3", "/accounts"],
        "school": ["/school/students", "/school/downloads", "/password"],
        "admin": ["/accounts", "/accounts/new", f"/accounts/{school.id}", "/school/students"],
    }  # fmt: skip


@pytest.mark.parametrize("who", ["", "staff", "partner", "council", "school", "admin"])
def test_every_page_is_clean_for_axe_and_fits_a_phone(
    page: Page, people: dict[str, Account], household: Household, looked_at: Look, who: str
) -> None:
    if who:
        sign_in(page, who)
    for number, path in enumerate(pages(household, people["school"])[who]):
        page.goto(path)
        looked_at(page, f"page-{who or 'visitor'}-{number}")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.screenshot(path=f"test-artifacts/phone-{who or 'visitor'}-{number}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})
        assert wide <= 0, f"{path} is {wide} pixels wider than a phone"


def test_a_household_is_found_and_opened_by_keyboard_alone(
    page: Page, people: dict[str, Account], household: Household
) -> None:
    sign_in(page, "staff")
    page.goto("/households")
    for _ in range(20):
        if page.evaluate("document.activeElement.tagName") == "INPUT":
            break
        page.keyboard.press("Tab")
    page.keyboard.type(household.guardian_last_name.replace("ñ", "n").lower(), delay=20)
    page.get_by_role("link", name=household.guardian_last_name).first.wait_for()
    for _ in range(20):
        page.keyboard.press("Tab")
        if household.reference in str(page.evaluate("document.activeElement.getAttribute('href')")):
            break
    page.keyboard.press("Enter")
    page.get_by_role("heading", level=1).filter(has_text=household.guardian_last_name).wait_for()
    assert household.guardian_last_name not in page.url


def test_the_map_is_read_by_keyboard_from_area_to_area(page: Page, people: dict[str, Account], uptown: None) -> None:
    page.goto("/")
    page.get_by_role("link", name="Skip to the content").focus()
    reading = page.locator("[aria-live], [role=status]").filter(has_text="Choose an area")
    reading.first.wait_for()
    region = page.locator("[data-map], .map-frame, [tabindex='0'][aria-label*='map' i], [role=application]").first
    region.focus()
    page.keyboard.press("ArrowDown")
    first = page.locator("[aria-live], [role=status]").all_inner_texts()
    page.keyboard.press("ArrowDown")
    second = page.locator("[aria-live], [role=status]").all_inner_texts()
    assert any("%" in text and "class" in text.lower() for text in first), first
    assert first != second
    page.keyboard.press("Enter")
    page.wait_for_url("**/areas/*")


def test_what_is_typed_into_the_search_never_reaches_the_address_bar_or_the_log(
    page: Page, people: dict[str, Account], household: Household, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    sign_in(page, "staff")
    name = session.scalars(select(Household.guardian_last_name).where(Household.id == household.id)).one()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/households")
    page.locator("main input[type=search], main input[type=text]").first.fill(name)
    page.get_by_role("link", name=name).first.wait_for()
    assert [url for url in asked if name in url or "Mu%C3%B1oz" in url] == []
    assert name not in capsys.readouterr().out
