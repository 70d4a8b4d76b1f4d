"""A roster's whole way as two people of an office walk it: hand in, look, repair, decide, approve, apply, take back.

The README's pictures of the walk are `test-artifacts/walk-*.png`.
"""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy.orm import Session

from connectivity.register import Account
from connectivity.rosters.row_groups import Group
from connectivity.settings import ROOT
from tests import factories
from tests.browser.conftest import ARTIFACTS, sign_in, sign_out
from tests.rosters.districts import csv_bytes, row, schools

pytestmark = pytest.mark.browser

Look = Callable[[Page, str], None]
PHONE = {"width": 320, "height": 700}
DESK = {"width": 1280, "height": 900}
NARROW = {"width": 375, "height": 800}
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 2  # no place to break it


@pytest.fixture
def backend() -> str:
    """What a browser draws does not depend on the database; the pages' own tests run on both."""
    return "sqlite"


@pytest.fixture
def worker(app: Flask, session: Session, database_url: str, tmp_path: Path) -> Iterator[None]:
    """A real worker of its own process, as `flask jobs run` starts it."""
    app.config["JOBS_IMMEDIATE"] = False
    factories.program_year(session)
    session.commit()
    environment = {
        **os.environ,
        "CONNECTIVITY_MODE": "development",
        "CONNECTIVITY_DATABASE_URL": database_url,
        "CONNECTIVITY_INSTANCE_FOLDER": str(tmp_path),
    }
    command = [sys.executable, "-m", "flask", "--app", str(ROOT / "app.py"), "jobs", "run"]
    child = subprocess.Popen(command, env=environment)
    yield
    child.terminate()
    child.wait(timeout=60)


@pytest.fixture
def see(looked_at: Look) -> Look:
    """Looks at a page at a desk and on a phone: no axe violation, nothing wider than the phone."""

    def look(page: Page, name: str) -> None:
        looked_at(page, f"roster-{name}")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.screenshot(path=f"test-artifacts/roster-phone-{name}.png", full_page=True)
        page.set_viewport_size(DESK)  # type: ignore[arg-type]
        assert wide <= 0, f"{name} is {wide} pixels wider than a phone"

    return look


def opened(page: Page, heading: str) -> Locator:
    """The page of this h1, once it is there: after a click the page before it may stand for a while."""
    found = page.get_by_role("heading", level=1, name=heading)
    expect(found).to_be_visible()
    return found


def picture(page: Page, name: str, top: Locator) -> None:
    """One screen of a desk for the README, from this place on."""
    top.evaluate("place => window.scrollTo(0, place.getBoundingClientRect().top + window.scrollY - 16)")
    page.screenshot(path=ARTIFACTS / f"walk-{name}.png")


def families(session: Session, count: int, first: int = 0) -> list[dict[str, str]]:
    """Families of one child each, in apartments of one building."""
    names = ("Abara", "Banaś", "Cruz", "Delgado", "Evans", "Farah", "Gómez", "Hill", "Ivanova", "Jones")
    return [
        row(
            session,
            cps_student_id=f"6{number:07}",
            student_last_name=f"{names[number % 10]} {names[number // 10 % 10]}",
            student_first_name=("Ada", "Ben", "Cleo", "Dan")[number % 4],
            guardian_name=f"Pat {names[number % 10]} {names[number // 10 % 10]}",
            guardian_phone=f"312-{220 + number * 9}-{1000 + number * 331 % 9000}",
            guardian_email=f"family{number}@example.org",
            unit=f"Apt {number + 1}",
        )
        for number in range(first, first + count)
    ]


def october(session: Session, september: list[dict[str, str]]) -> bytes:
    """The next roster: 25 gone, one in another grade and school, twins who are new, one perhaps known, two wrong rows."""
    stays = [dict(one) for one in september[25:]]
    stays[0] |= {"grade": "6", "cps_school_id": schools(session)[1]}
    stays[1] |= {"address_line1": "1139 W Wilson Ave"}
    twins = families(session, 2, first=60)
    twins[1] |= {name: twins[0][name] for name in ("student_last_name", "guardian_name", "guardian_phone", "unit")}
    namesake = {**september[0], "cps_student_id": "69999999"}
    damaged = {**families(session, 1, first=70)[0], "cps_student_id": "1.50163E+13", "grade": "17"}
    unborn = {**families(session, 1, first=71)[0], "birth_date": "1899-05-05"}
    box = {**families(session, 1, first=72)[0], "address_line1": "PO Box 12", "unit": ""}
    named = {"student_last_name": "Nu\u00c3\u00b1ez"}  # an ñ that an earlier program read wrongly
    return csv_bytes([*stays, *twins, namesake, damaged, unborn, box, {**families(session, 1, first=73)[0], **named}])


def fill_in(page: Page, name: str, content: bytes) -> None:
    page.goto("/rosters")
    page.get_by_label("The file", exact=True).set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.get_by_label("What the file holds").select_option("whole")


def hand_in(page: Page, name: str, content: bytes) -> None:
    fill_in(page, name, content)
    page.get_by_role("button", name="Hand it in").click()


def apply(page: Page) -> None:
    page.get_by_label("I have looked at these figures").check()
    page.get_by_role("button", name="Apply this plan").click()
    opened(page, "Receipt for")


def test_two_people_take_a_roster_in_and_take_it_back(
    page: Page, people: dict[str, Account], worker: None, session: Session, see: Look, tmp_path: Path
) -> None:
    september = families(session, 40)
    sign_in(page, "staff")
    page.get_by_role("link", name="Rosters", exact=True).click()
    opened(page, "Rosters")
    see(page, "01-nothing-yet")
    page.get_by_role("button", name="Hand it in").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose the file first.")
    see(page, "02-form-errors")
    hand_in(page, "september.csv", csv_bytes(september))
    opened(page, "Plan for september.csv")
    see(page, "03-first-plan")
    apply(page)
    see(page, "04-first-receipt")

    fill_in(page, "october.csv", october(session, september))
    picture(page, "1-hand-in", page.get_by_role("banner"))
    page.get_by_role("button", name="Hand it in").click()
    plan = opened(page, "Plan for october.csv")
    see(page, "05-held-for-its-sender")
    picture(page, "2-plan", plan)
    look_at_groups(page, see)
    decide_and_repair(page, see, tmp_path)
    page.get_by_role("button", name="Check again").click()
    opened(page, "Plan for october.csv")
    held = page.get_by_role("heading", name="A second person must look at this")
    expect(held).to_be_visible()
    see(page, "13-checked-again")
    address = page.url
    sign_out(page)

    sign_in(page, "admin")
    page.goto(address)
    see(page, "14-second-person")
    page.get_by_label("Why is so large a change right?").fill("The eighth grade left for high school.")
    picture(page, "4-second-person", held)
    page.get_by_role("button", name="Approve this plan").click()
    expect(page.get_by_role("heading", level=2, name="Apply this plan")).to_be_visible()
    see(page, "15-approved")
    apply(page)
    see(page, "16-receipt")
    picture(page, "5-receipt", opened(page, "Receipt for october.csv"))

    page.get_by_text("Take this roster back").first.click()
    page.get_by_label("Why is it taken back?").fill("It was the file of last year.")
    page.get_by_role("button", name="Take this roster back").click()
    expect(page.get_by_text("Nothing stayed")).to_be_visible()
    see(page, "17-taken-back")
    picture(page, "6-taken-back", opened(page, "Receipt for october.csv"))
    page.get_by_role("link", name="Rosters", exact=True).click()
    opened(page, "Rosters")
    see(page, "18-list")


def look_at_groups(page: Page, see: Look) -> None:
    for number, (figure, heading) in enumerate(
        (
            ("New students", "New students"),
            ("Students with changes", "Students with changes"),
            ("Students not in this roster", "Students not in this roster"),
        )
    ):
        page.get_by_role("list").get_by_role("link", name=figure, exact=True).click()
        opened(page, heading)
        see(page, f"06-group-{number}")
        page.get_by_role("link", name="Plan for october.csv").click()
        opened(page, "Plan for october.csv")


def decide_and_repair(page: Page, see: Look, folder: Path) -> None:
    page.get_by_role("link", name="Decide who it is").click()
    opened(page, "Rows that need a decision")
    see(page, "07-ambiguous")
    page.get_by_role("button", name="It is the same student").click()
    expect(page.get_by_role("status")).to_contain_text("is decided. Check the plan again")
    page.get_by_role("link", name="Plan for october.csv").click()
    opened(page, "Plan for october.csv")
    page.get_by_role("link", name="See and repair them").click()
    opened(page, "Rows not taken in")
    see(page, "08-rejected")
    page.get_by_role("link", name="Repair", exact=False).filter(has_text="Repair").first.click()
    row = opened(page, "Repair row")
    see(page, "09-repair")
    picture(page, "3-repair", row)
    page.get_by_label("grade", exact=True).fill("7")
    page.get_by_role("button", name="Save and check this row").click()
    expect(page.get_by_role("status")).to_contain_text("something is still wrong")
    see(page, "10-still-wrong")
    page.get_by_label("cps_student_id").fill("60000070")
    page.get_by_role("button", name="Save and check this row").click()
    expect(page.get_by_role("status")).to_contain_text("is repaired. Check the plan again")
    see(page, "11-repaired")
    send_back(page, folder)
    expect(page.get_by_role("status")).to_contain_text("Good now: 1. Still wrong: 0.")
    see(page, "12-sent-back")


def send_back(page: Page, folder: Path) -> None:
    with page.expect_download() as started:
        page.get_by_role("button", name="Download all of them").click()
    file = folder / "rejected.csv"
    started.value.save_as(file)
    lines: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))
    lines[0]["birth_date"] = "2015-05-05"
    page.get_by_label("File with the corrected rows").set_input_files(
        {"name": "fixed.csv", "mimeType": "text/csv", "buffer": csv_bytes(lines, list(lines[0]))}
    )
    page.get_by_role("button", name="Send the corrected rows").click()


def test_the_columns_of_a_new_source_are_said_once(
    page: Page, people: dict[str, Account], worker: None, session: Session, see: Look
) -> None:
    rows = [{**one, "frl": "Y", "born": one["birth_date"]} for one in families(session, 2)]
    for one in rows:
        del one["birth_date"]
    sign_in(page, "staff")
    hand_in(page, "other-source.csv", csv_bytes(rows, list(rows[0])))
    page.get_by_role("link", name="Say which column is which").click()
    opened(page, "Which column is which?")
    see(page, "20-columns")
    page.get_by_role("button", name="Save and read the file").click()
    expect(page.get_by_role("alert")).to_contain_text("Give this source a name")
    see(page, "21-columns-errors")
    page.get_by_label("born").select_option("birth_date")
    page.get_by_label("Name for this source").fill("The other source")
    page.get_by_role("button", name="Save and read the file").click()
    opened(page, "Plan for other-source.csv")
    page.get_by_text("The file, and how it was read").click()
    expect(page.get_by_text("The other source")).to_be_visible()
    see(page, "22-columns-plan")


def test_a_page_without_a_worker_says_so_and_goes_on_by_itself_when_one_comes(
    page: Page, app: Flask, people: dict[str, Account], session: Session, see: Look, request: pytest.FixtureRequest
) -> None:
    app.config["JOBS_IMMEDIATE"] = False
    factories.program_year(session)
    session.commit()
    sign_in(page, "staff")
    hand_in(page, "september.csv", csv_bytes(families(session, 3)))
    expect(page.get_by_text("No worker is running.")).to_be_visible()
    see(page, "30-no-worker")
    request.getfixturevalue("worker")
    opened(page, "Plan for september.csv")


def stubborn(session: Session) -> list[dict[str, str]]:
    """Rows whose cells are long words: a good one, a formula, a home nobody can place, and the first one once more."""
    one = {"student_last_name": LONG, "guardian_name": f"Ana {LONG}", "guardian_email": f"{LONG}@example.org"}
    return [
        row(session, **one),
        row(session, **one, cps_student_id="60000002", unit=f'=HYPERLINK("http://example.org/{LONG}")'),
        row(session, cps_student_id="60000003", **{**one, "address_line1": f"1 {LONG}", "guardian_phone": LONG}),
        row(session, **one, grade="6", cps_student_id="60000001"),
    ]


def without(rows: list[dict[str, str]], name: str) -> bytes:
    headings = [one for one in rows[0] if one != name]
    return csv_bytes([{one: row[one] for one in headings} for row in rows], headings)


def test_no_page_of_a_roster_is_wider_than_a_phone_whatever_its_cells_hold(
    page: Page, people: dict[str, Account], session: Session
) -> None:
    factories.program_year(session)
    session.commit()
    name = f"{LONG}_{LONG}.csv"

    def fits() -> None:
        page.screenshot(path=ARTIFACTS / "roster-stubborn.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], page.url

    sign_in(page, "staff")
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    unknown = [{**one, "a" + LONG: LONG, "born" + LONG: one["birth_date"]} for one in stubborn(session)]
    hand_in(page, name, without(unknown, "birth_date"))
    page.get_by_role("link", name="Say which column is which").click()
    opened(page, "Which column is which?")
    fits()
    hand_in(page, name, csv_bytes(stubborn(session)))
    opened(page, "Plan for")
    fits()
    plan = page.url
    for group in Group:
        page.goto(f"{plan}/rows/{group}")
        fits()
    page.goto(f"{plan}/rows/3/repair")
    fits()
    page.goto(plan)
    apply(page)
    fits()
    for group in Group:
        page.goto(f"{plan}/rows/{group}")
        fits()
    page.goto("/rosters")
    fits()
