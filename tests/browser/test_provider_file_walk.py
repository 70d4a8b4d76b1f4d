"""A provider's file as somebody of the office walks it: work file out, the same file back, columns named, looked at, applied.

The README's pictures of the walk are `test-artifacts/provider-file-*.png`.
"""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from connectivity.register import Account
from tests.browser.conftest import sign_in
from tests.service.provider_files.files_back import record

pytestmark = pytest.mark.browser

Look = Callable[[Page, str], None]
PHONE, DESK = {"width": 320, "height": 700}, {"width": 1280, "height": 900}


@pytest.fixture
def backend() -> str:
    """What a browser draws does not depend on the database; the pages' own tests run on both."""
    return "sqlite"


@pytest.fixture
def see(looked_at: Look) -> Look:
    """Looks at a page at a desk and on a phone: no axe violation, nothing wider than the phone."""

    def look(page: Page, name: str) -> None:
        looked_at(page, f"provider-file-{name}")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.set_viewport_size(DESK)  # type: ignore[arg-type]
        assert wide <= 0, f"{name} is {wide} pixels wider than a phone"

    return look


def answered(sent: Path) -> bytes:
    """As the provider sends it back: a heading of its own, a new status in each row, one last name mistyped."""
    rows = list(csv.reader(io.StringIO(sent.read_text("utf-8-sig"))))
    status, name = rows[0].index("status"), rows[0].index("account_holder_last_name")
    rows[0][status] = "Outcome"
    for line, said in zip(rows[1:], ("active", "address not serviceable", "active"), strict=True):
        line[status] = said
    rows[3][name] = "Smith"
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def test_a_provider_file_goes_out_comes_back_and_is_applied(
    page: Page, people: dict[str, Account], session: Session, see: Look, tmp_path: Path
) -> None:
    for name in ("Muñoz", "Kowalski", "Washington"):
        record(session, name=name)
    session.commit()
    sign_in(page, "staff")
    page.goto("/service/provider-files")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the work file").click()
    download.value.save_as(tmp_path / "work.csv")
    back = {"name": "october.csv", "mimeType": "text/csv", "buffer": answered(tmp_path / "work.csv")}
    page.get_by_label("The file").set_input_files(back)  # type: ignore[arg-type]
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("link", name="Say which column is which").click()
    see(page, "columns")
    page.get_by_label("Outcome").select_option("status")
    page.get_by_role("button", name="Save and check").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Summary of october.csv")
    see(page, "summary")
    page.get_by_role("link", name="Refused", exact=True).click()
    see(page, "refused")
    page.go_back()
    page.get_by_role("link", name="Updated", exact=True).click()
    see(page, "updated")
    page.go_back()
    page.get_by_label("I have looked at these figures").check()
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt for october.csv")
    see(page, "receipt")
    page.goto("/service/provider-problems")
    expect(page.get_by_text("Offer the family a hotspot")).to_be_visible()
    see(page, "problems")
    page.goto("/service/providers")
    page.get_by_text("Its own headings").click()
    see(page, "providers")
    page.get_by_role("link", name="New plan of Comcast").click()
    page.get_by_role("button", name="Add the plan").click()
    see(page, "new-plan")
