"""The review queue on a phone: nothing wider than the screen, nothing clipped, the two sides one under the other."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from connectivity.households.merge import merge
from connectivity.register import Account, Household, HouseholdMerge, HouseholdQuestion, QuestionState
from connectivity.rules.household_evidence import Evidence
from tests import factories
from tests.browser.conftest import sign_in

pytestmark = pytest.mark.browser

Look = Callable[[Page, str], None]
DESK = {"width": 1280, "height": 900}
PHONES = ({"width": 375, "height": 800}, {"width": 320, "height": 700})
# What reaches beyond the screen, and what its own frame cuts off.
TOO_WIDE = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  if (!box.width || one.closest(".visually-hidden, .skip-link, svg") || style.position === "absolute") return false;
  const cut = style.overflowX !== "visible" && !one.matches("input, select, textarea") && one.scrollWidth > one.clientWidth + 1;
  return box.left < -1 || box.right > document.documentElement.clientWidth + 1 || cut;
}).map((one) => `${one.tagName}.${one.className}`)"""


@pytest.fixture
def backend() -> str:
    """What a browser draws does not depend on the database: one is enough here."""
    return "sqlite"


def family(session: Session, guardian: str, **given: object) -> Household:
    """A household whose words are as long as they come."""
    made = factories.household(
        session,
        area=None,
        guardian_first_name=guardian,
        guardian_last_name="Montes de Oca Chávez",
        email=f"{guardian.lower()}.montes-de-oca-chavez226@example.net",
        phones=["+17735550142", "+13125550129"],
        students=[
            {"first_name": "Alexander José", "last_name": "Montes de Oca Chávez"},
            {"first_name": "Lía", "last_name": "Chávez"},
        ],
        **given,
    )
    factories.enrollment(session, made, "ordered")
    return made


@pytest.fixture
def pages(session: Session, people: dict[str, Account]) -> dict[str, str]:
    """Name -> path of every page of the queue."""
    one, other, kept, folded = (family(session, name) for name in ("Guadalupe", "Esperanza", "Ada", "Bea"))
    pair = HouseholdQuestion(
        kind="same_household", household_id=one.id, other_id=other.id, state="open",
        evidence=int(Evidence.ADDRESS | Evidence.PHONE | Evidence.BOTH_SURNAMES | Evidence.OTHER_GUARDIAN),
    )  # fmt: skip
    gone = HouseholdQuestion(
        kind="left_home", household_id=one.id, student_id=one.students[0].id, state="open", evidence=0,
        address="1135 W WILSNO AVE, APT 412, Chicago, IL 60640",
    )  # fmt: skip
    session.add_all([pair, gone])
    session.flush()
    made: HouseholdMerge = merge(
        session, account=people["staff"], household=kept, other=folded, reason="one mother, by phone"
    )
    session.commit()
    home = f"/households/{one.reference}"
    return {
        "queue": "/households/questions",
        "decided": "/households/questions?show=decided",
        "pair": f"/households/questions/{pair.id}",
        "left": f"/households/questions/{gone.id}",
        "merge-with": f"{home}/merge",
        "merge": f"{home}/merge/{other.reference}?question={pair.id}",
        "undo": f"/households/merges/{made.id}/undo",
        "split": f"{home}/split?question={gone.id}",
        "unplaced": "/households/unplaced",
    }


def test_every_page_of_the_queue_is_clean_for_axe_and_whole_on_a_phone(
    page: Page, people: dict[str, Account], pages: dict[str, str], looked_at: Look
) -> None:
    sign_in(page, "staff")
    for name, path in pages.items():
        page.set_viewport_size(DESK)  # type: ignore[arg-type]
        page.goto(path)
        looked_at(page, f"queue-{name}")
        for phone in PHONES:
            page.set_viewport_size(phone)  # type: ignore[arg-type]
            page.screenshot(path=f"test-artifacts/queue-{name}-{phone['width']}.png", full_page=True)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert (wide, page.evaluate(TOO_WIDE)) == (0, []), f"{path} at {phone['width']}"


def test_the_two_sides_stand_beside_each_other_at_a_desk_and_one_under_the_other_on_a_phone(
    page: Page, people: dict[str, Account], pages: dict[str, str]
) -> None:
    sign_in(page, "staff")
    for name in ("pair", "merge", "left"):
        page.set_viewport_size(DESK)  # type: ignore[arg-type]
        page.goto(pages[name])
        sides = page.locator("table.sides tbody tr").first.locator("td[data-side]")
        expect(sides).to_have_count(2)
        one, other = (sides.nth(at).bounding_box() for at in (0, 1))
        assert one is not None
        assert other is not None
        assert (one["y"], one["x"] + one["width"] <= other["x"] + 1) == (other["y"], True), name
        page.set_viewport_size(PHONES[0])  # type: ignore[arg-type]
        one, other = (sides.nth(at).bounding_box() for at in (0, 1))
        assert one is not None
        assert other is not None
        assert (one["x"], one["y"] + one["height"] <= other["y"] + 1) == (other["x"], True), name


def test_a_misspelled_street_is_answered_and_the_answer_taken_back(
    page: Page, people: dict[str, Account], pages: dict[str, str], session: Session
) -> None:
    sign_in(page, "staff")
    page.goto(pages["left"])
    expect(page.get_by_text("looks like a spelling of the household’s, 1135 W WILSON AVE")).to_be_visible()
    page.get_by_label("How do you know?").select_option("roster_wrong")
    page.get_by_role("button", name="The student stays").click()
    expect(page.get_by_role("heading", level=1, name="One household or two?")).to_be_visible()
    page.get_by_role("link", name="Household questions").click()
    page.get_by_role("link", name="Decided").click()
    page.get_by_role("link", name="Has Alexander José").click()
    expect(page.get_by_text("The student stays.", exact=True)).to_be_visible()
    page.get_by_role("button", name="Take this decision back").click()
    expect(page.get_by_role("heading", name="Your decision")).to_be_visible()
    session.rollback()
    asked = session.get_one(HouseholdQuestion, int(pages["left"].rpartition("/")[2]), populate_existing=True)
    assert (asked.state, asked.reason) == (QuestionState.OPEN, "")
