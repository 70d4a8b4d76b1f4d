"""The three journeys as one story: a household is enrolled, the council's map counts it, the school's file contains it."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from connectivity.register import Account, School
from connectivity.rules.calendar import city_today
from tests.browser.conftest import sign_in, sign_out

pytestmark = pytest.mark.browser

Look = Callable[[Page, str], None]


def uptown_row(page: Page, connected: str, households: str) -> list[str]:
    """Uptown's cells, once the page shows these counts: after a click the page before it may stand for a moment, or none."""
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Uptown", exact=True))
    cells = row.locator("th, td")
    expect(cells.nth(-2)).to_have_text(connected)
    expect(cells.last).to_have_text(households)
    return [cell.strip() for cell in cells.all_inner_texts()]


def test_a_household_enrolled_in_uptown_is_counted_on_the_map_and_stands_in_the_schools_file(
    page: Page, people: dict[str, Account], uptown: None, looked_at: Look, tmp_path: Path
) -> None:
    school = people["school"].schools[0]
    page.goto("/")
    looked_at(page, "first-page")

    sign_in(page, "staff")
    looked_at(page, "find")
    page.get_by_role("link", name="Equity map").click()
    looked_at(page, "map-nothing-yet")
    page.get_by_role("button", name="Compute").click()
    uptown_row(page, "12", "24")

    register(page, school, looked_at)
    enroll(page, looked_at)

    page.get_by_role("link", name="Equity map").click()
    page.get_by_role("button", name="Compute").click()
    after = uptown_row(page, "13", "25")
    sign_out(page)

    sign_in(page, "council")
    assert uptown_row(page, "13", "25") == after
    looked_at(page, "equity-map")
    page.get_by_role("link", name="Uptown", exact=True).click()
    page.get_by_role("heading", level=1, name="Uptown").wait_for()
    looked_at(page, "area")
    sign_out(page)

    sign_in(page, "school")
    looked_at(page, "students")
    rows = download(page, tmp_path)
    assert [(row["cps_student_id"], row["student_last_name"], row["program_status"]) for row in rows] == [
        ("05012345", "Núñez Ortiz", "Active")
    ]
    assert rows[0]["cps_school_id"] == school.id


def register(page: Page, school: School, looked_at: Look) -> None:
    page.get_by_role("link", name="Register a household").click()
    looked_at(page, "register-empty")
    for name, value in {
        "guardian_first_name": "Marisol",
        "guardian_last_name": "Núñez Ortiz",
        "phone_1": "(773) 555-0142",
        "line": "1135 West Wilson Avenue",
        "unit": "Apt. 2B",
        "zip": "60640",
        "students-0-district_id": "05012345",
        "students-0-first_name": "Luz",
        "students-0-last_name": "Núñez Ortiz",
        "students-0-birth_date": "2015-03-14",
        "students-0-school": school.id,
    }.items():
        page.locator(f"[name='{name}']").fill(value)
    page.locator("[name=language]").select_option("es")
    page.locator("[name='students-0-grade']").select_option("5")
    looked_at(page, "register-filled")
    page.get_by_role("button", name="Register the household").last.click()
    page.get_by_role("heading", level=1).filter(has_text="Núñez Ortiz").wait_for()
    where = page.get_by_role("main").inner_text()
    assert "1135 W WILSON AVE" in where
    assert "1135 West Wilson Avenue" in where
    assert "Uptown" in where
    assert "Sure" in where
    looked_at(page, "household-new")


def enroll(page: Page, looked_at: Look) -> None:
    page.get_by_role("link", name="Start an enrollment").click()
    looked_at(page, "start-enrollment")
    page.get_by_label("Eligible since").fill(city_today().isoformat())
    page.get_by_role("button", name="Start the enrollment").click()
    for status in ("Code issued", "Service ordered", "Active"):
        link = page.get_by_role("link", name=f"Record: {status}")
        if not link.is_visible():  # the step that is meant next stands by itself, others behind a button
            page.get_by_text("Something else happened").click()
        link.click()
        page.get_by_label("When", exact=True).fill(city_today().isoformat())
        if status == "Code issued":
            page.get_by_label("Provider and plan").select_option(index=1)
            looked_at(page, "step")
        page.get_by_role("button", name="Record the step").click()
    expect(page.locator(".status-active").first).to_have_text("Active")
    for word in ("Eligible", "Code issued", "Service ordered", "CC-4F7K-9QX2"):
        expect(page.get_by_role("main")).to_contain_text(word)
    looked_at(page, "household-active")


def download(page: Page, folder: Path) -> list[dict[str, str]]:
    with page.expect_download() as started:
        page.get_by_role("button", name="Download").click()
    file = folder / started.value.suggested_filename
    started.value.save_as(file)
    content = file.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
