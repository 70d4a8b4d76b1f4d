"""Every page of every role: no axe violation, nothing wider than a phone, and the ways through it by keyboard alone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.casework import terms
from connectivity.register import Account, Household
from tests import factories
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser

Look = Callable[[Page, str], None]
PHONE = {"width": 320, "height": 700}  # the width WCAG 1.4.10 asks pages to reflow to


CUT_CAPTIONS = """[...document.querySelectorAll('.table-responsive caption')]
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth).map((one) => one.innerText)"""


@pytest.fixture
def backend() -> str:
    """What a browser draws does not depend on the database: one is enough here."""
    return "sqlite"


@pytest.fixture
def household(session: Session, uptown: None) -> Household:
    """One that is not placed, with an enrollment and one of a household merged into it, so that its page shows every part."""
    made = factories.household(session, area=None, phones=["+17735550142"], students=[{}, {"grade": "9"}])
    factories.enrollment(session, made, "contacted")
    merged = factories.household(session, reference="HMERGED1", merged_into_id=made.id, students=[])
    factories.enrollment(session, merged, "ordered")
    factories.enrollment(session, factories.household(session, phones=["+17735550143"]), "code_issued")  # stalled
    year = factories.program_year(session)
    session.add(factories.target(year))
    session.add(factories.extension(year))
    terms.refresh(session, made)
    session.commit()
    return made


def pages(household: Household, school: Account) -> dict[str, list[str]]:
    home = f"/households/{household.reference}"
    year = household.enrollments[0].program_year_id
    return {
        "": ["/", "/?measure=hardship", "/areas/25", "/?measure=nothing", "/nowhere", "/sign-in", "/my-code", "/mi-codigo"],
        "staff": [
            "/households", "/households/new", home, f"{home}/edit", f"{home}/students/new", f"{home}/address", f"{home}/move",
            f"{home}/students/{household.students[0].id}", f"{home}/place", f"{home}/responses", f"{home}/enrollments",
            f"{home}/enrollments/{year}", "/equity", "/rosters", "/rosters/format", "/rosters/sources",
            "/service/", "/service/bills",
            "/service/codes", "/service/codes/add", "/service/codes/make", "/service/codes/give", "/service/codes/why",
            "/service/letters", "/service/letters/choose", f"/service/letters/choose?year={year}",
            "/service/eligibility", "/service/eligibility/policies/1", "/service/eligibility/what-if", f"{home}/eligibility", f"{home}/eligibility/appeals",
            "/service/provider-files", "/service/provider-problems", "/service/providers", "/service/providers/new", "/service/serviceability", "/service/serviceability/corrections", "/service/no-wire",
            f"{home}/serviceability",
            "/service/stalled", "/service/funnel", "/service/years", f"/service/years/{year}", "/service/graduates",
            f"{home}/enrollments/{year}/leaves", f"{home}/enrollments/{year}/stays", f"{home}/enrollments/{year}/two/HMERGED1",
        ],
        "partner": ["/households", "/service/stalled", "/service/funnel", "/service/letters/choose"],
        "council": ["/equity", "/equity/areas/3", "/accounts"],
        "school": ["/school/students", "/school/downloads", "/password"],
        "admin": [
            "/service/eligibility", "/service/eligibility/policies/new", "/service/eligibility/policies/1/edit",
            "/accounts", "/accounts/new", f"/accounts/{school.id}", "/school/students",
            "/service/years/new", f"/service/years/{year}", f"/service/years/{year}/edit", f"/service/years/{year}/extend",
            f"/service/years/{year}/targets/new", f"/service/years/{year}/targets/1", f"/service/years/{year}/extensions/1/take-back",
        ],
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
        cut = page.evaluate(CUT_CAPTIONS)
        page.screenshot(path=f"test-artifacts/phone-{who or 'visitor'}-{number}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})
        assert wide <= 0, f"{path} is {wide} pixels wider than a phone"
        assert cut == [], f"{path}: captions that a phone cuts off"


def test_a_household_is_found_and_opened_by_keyboard_alone(
    page: Page, people: dict[str, Account], household: Household
) -> None:
    sign_in(page, "staff")
    page.goto("/households")
    for _ in range(20):
        if page.evaluate("document.activeElement.tagName") == "INPUT":
            break
        page.keyboard.press("Tab")
    # At once, so that there is one answer: later ones would take the focus from a link that was reached.
    page.keyboard.insert_text(household.guardian_last_name.replace("ñ", "n").lower())
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
    reading = page.locator("[aria-live], [role=status]")
    expect(reading.filter(has_text="Choose an area").first).to_be_visible()
    region = page.locator("[data-map], .map-frame, [tabindex='0'][aria-label*='map' i], [role=application]").first
    region.focus()
    page.keyboard.press("ArrowDown")
    area = reading.filter(has_text="%").filter(has_text=re.compile("class", re.IGNORECASE)).first
    expect(area).to_be_visible()
    first = area.inner_text()
    page.keyboard.press("ArrowDown")
    expect(area).not_to_have_text(first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/areas/*")


def test_the_map_is_one_tab_stop_before_its_buttons(page: Page, people: dict[str, Account], uptown: None) -> None:
    page.goto("/")
    frame = page.get_by_role("application", name="Map of the 77 community areas")
    frame.locator("path").first.hover()  # what hovering binds must not become a stop either
    frame.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Zoom in"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "map-frame"
    picked = page.locator("tr.picked a").get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{picked}")


def test_a_click_on_the_map_picks_the_area_that_enter_then_opens(
    page: Page, people: dict[str, Account], uptown: None
) -> None:
    page.goto("/")
    page.locator("#map-frame path.leaflet-interactive").nth(24).click()
    expect(page.locator(".area-tooltip")).to_have_text(str(page.locator("tr.picked").get_attribute("data-reading")))
    picked = page.locator("tr.picked a").get_attribute("href")
    assert page.evaluate("document.activeElement.id") == "map-frame"
    page.keyboard.press("Escape")
    page.locator(".area-tooltip").wait_for(state="detached")
    page.locator("#map-frame path.leaflet-interactive").nth(24).click()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{picked}")


FRAMES = """
const seen = [];
const corners = (path) => { const box = path.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom]; };
const look = (done) => {
  const paths = (what) => [...document.querySelectorAll(`#map-frame path${what}`)].map(corners);
  seen.push([paths(".leaflet-interactive"), paths("[stroke='#3d444b']")]);
  seen.length < 40 ? requestAnimationFrame(() => look(done)) : done(seen);
};
window.frames_seen = new Promise((done) => addEventListener("DOMContentLoaded", () => look(done)));
"""


def test_fills_and_borders_lie_on_each_other_from_the_first_frame(
    page: Page, people: dict[str, Account], uptown: None
) -> None:
    page.emulate_media(reduced_motion="no-preference")
    page.add_init_script(FRAMES)
    page.goto("/")
    seen = page.evaluate("window.frames_seen")
    last_fills = seen[-1][0]
    for number, (fills, borders) in enumerate(seen):
        assert len(fills) == len(borders) == 77, number
        for fill, border, at_rest in zip(fills, borders, last_fills, strict=True):
            # A fill's edge is wider than a border: half of the difference on each side, and a pixel for rounding.
            assert fill == pytest.approx(border, abs=2), f"frame {number}"
            assert fill == pytest.approx(at_rest, abs=2), f"frame {number}"


def test_the_printed_map_is_whole_and_its_table_ends_with_the_city(
    page: Page, people: dict[str, Account], uptown: None
) -> None:
    page.goto("/")
    page.emulate_media(media="print")
    expect(page.get_by_text("for program staff, partners, schools")).not_to_be_visible()
    style = "([one, name]) => getComputedStyle(document.querySelector(one))[name]"
    for cell in ("th", "td"):
        assert page.evaluate(style, [f"#ranked tfoot {cell}", "position"]) == "static", cell
    assert page.evaluate(style, ["#ranked thead th", "position"]) == "static"
    assert page.evaluate(style, [".map-figure", "breakInside"]) == "avoid"
    letter = (11 - 2 * 0.4) * 96  # a page's height in CSS pixels, less the margins a browser leaves
    assert page.locator(".map-figure").bounding_box()["height"] < letter  # type: ignore[index]
    page.set_viewport_size({"width": 739, "height": round(letter)})  # the sheet's own
    page.screenshot(path="test-artifacts/printed-map.png", full_page=True)
    frame = page.locator("#map-frame").bounding_box()
    shapes = page.locator("#map-frame path.leaflet-interactive").evaluate_all(
        "paths => paths.map((path) => path.getBoundingClientRect()).map((box) => [box.left, box.top, box.right, box.bottom])"
    )
    assert frame is not None
    assert len(shapes) == 77
    assert all(right > left and bottom > top for left, top, right, bottom in shapes), "an area is not drawn"
    assert min(shape[0] for shape in shapes) >= frame["x"]
    assert max(shape[2] for shape in shapes) <= frame["x"] + frame["width"]
    assert min(shape[1] for shape in shapes) >= frame["y"]
    assert max(shape[3] for shape in shapes) <= frame["y"] + frame["height"]
    expect(page.locator("#map-frame .area-label")).to_have_count(0)


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
