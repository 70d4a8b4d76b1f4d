"""The pages of serviceability with something in them: no axe violation, nothing wider than a phone, and by keyboard alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import Account, Household, ServiceabilityAnswer
from tests import factories
from tests.browser.conftest import sign_in
from tests.service.serviceability.answers_back import Row, ask, csv_bytes, home, rows, take_back

pytestmark = pytest.mark.browser

Look = Callable[[Page, str], None]
PAGE = "/service/serviceability"


@pytest.fixture
def backend() -> str:
    """What a browser draws does not depend on the database: one is enough here."""
    return "sqlite"


@pytest.fixture
def households(session: Session, people: dict[str, Account], tmp_path: Path) -> list[Household]:
    """Four homes: no wire, a correction that waits, a row refused, and one left empty; and a file whose columns nobody knows."""
    made = [home(session, f"{number} N CLARK ST") for number in range(1, 5)]
    for one in made:
        factories.enrollment(session, one, "contacted")
    factories.provider(session, "Astound")
    no, corrected, refused, empty = rows(session, ask(session), match_result="exact", serviceable="no")
    theirs: Row = {"match_result": "corrected", "corrected_address": "2 N CLARK ST REAR", "note": "behind the shop"}
    blank: Row = {"match_result": "", "serviceable": ""}
    found = [no, corrected | theirs, refused | {"serviceable": "soon"}, empty | blank]
    take_back(session, tmp_path, found)
    renamed = [{("Servicable?" if name == "serviceable" else name): cell for name, cell in no.items()}]
    take_back(session, tmp_path, csv_bytes(renamed, tuple(renamed[0])))
    return made


def test_every_page_with_something_in_it_is_clean_for_axe_and_fits_a_phone(
    page: Page, households: list[Household], looked_at: Look
) -> None:
    sign_in(page, "staff")
    paths = [
        PAGE, f"{PAGE}/batches/1", f"{PAGE}/files/1", f"{PAGE}/files/2", f"{PAGE}/files/2/columns", f"{PAGE}/corrections",
        "/service/no-wire", f"/households/{households[0].reference}/serviceability",
        f"/households/{households[1].reference}/serviceability",
    ]  # fmt: skip
    for number, path in enumerate(paths):
        page.goto(path)
        looked_at(page, f"serviceability-{number}")
        page.set_viewport_size({"width": 320, "height": 700})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.screenshot(path=f"test-artifacts/phone-serviceability-{number}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})
        assert wide <= 0, f"{path} is {wide} pixels wider than a phone"


def test_a_corrected_address_is_decided_by_keyboard_alone(
    page: Page, households: list[Household], session: Session
) -> None:
    sign_in(page, "staff")
    page.goto(f"{PAGE}/corrections")
    page.get_by_role("radio", name="Later").focus()
    page.keyboard.press("ArrowDown")  # from the last of the three to the first
    expect(page.get_by_role("radio", name="Same place")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 address is decided.")).to_be_visible()
    session.rollback()
    assert session.scalars(
        select(ServiceabilityAnswer.accepted).where(ServiceabilityAnswer.match_result == "corrected")
    ).one()
