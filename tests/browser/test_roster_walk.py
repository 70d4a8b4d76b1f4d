"""A roster's whole way as two people of an office walk it: hand in, look, repair, decide, approve, apply, take back."""

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
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from connectivity.register import Account
from connectivity.settings import ROOT
from tests import factories
from tests.browser.conftest import sign_in, sign_out
from tests.rosters.districts import csv_bytes, row, schools

pytestmark = pytest.mark.browser

Look = Callable[[Page, str], None]
PHONE = {"width": 320, "height": 700}
DESK = {"width": 1280, "height": 900}


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
    child.wait(timeout=20)


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


def hand_in(page: Page, name: str, content: bytes) -> None:
    page.get_by_role("link", name="Rosters", exact=True).click()
    page.get_by_label("The file", exact=True).set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.get_by_label("What the file holds").select_option("whole")
    page.get_by_role("button", name="Hand it in").click()


def apply(page: Page) -> None:
    page.get_by_label("I have looked at these figures").check()
    page.get_by_role("button", name="Apply this plan").click()
    page.get_by_role("heading", level=1, name="Receipt for").wait_for()


def test_two_people_take_a_roster_in_and_take_it_back(
    page: Page, people: dict[str, Account], worker: None, session: Session, see: Look, tmp_path: Path
) -> None:
    september = families(session, 40)
    sign_in(page, "staff")
    page.get_by_role("link", name="Rosters", exact=True).click()
    see(page, "01-nothing-yet")
    page.get_by_role("button", name="Hand it in").click()
    see(page, "02-form-errors")
    hand_in(page, "september.csv", csv_bytes(september))
    page.get_by_role("heading", level=1, name="Plan for september.csv").wait_for()
    see(page, "03-first-plan")
    apply(page)
    see(page, "04-first-receipt")

    hand_in(page, "october.csv", october(session, september))
    page.get_by_role("heading", level=1, name="Plan for october.csv").wait_for()
    see(page, "05-held-for-its-sender")
    look_at_groups(page, see)
    decide_and_repair(page, see, tmp_path)
    page.get_by_role("button", name="Check again").click()
    page.get_by_text("Rows not taken in").first.wait_for()
    page.get_by_role("heading", name="A second person must look at this").wait_for()
    see(page, "13-checked-again")
    plan = page.url
    sign_out(page)

    sign_in(page, "admin")
    page.goto(plan)
    see(page, "14-second-person")
    page.get_by_label("Why is so large a change right?").fill("The eighth grade left for high school.")
    page.get_by_role("button", name="Approve this plan").click()
    page.get_by_role("heading", level=2, name="Apply this plan").wait_for()
    see(page, "15-approved")
    apply(page)
    see(page, "16-receipt")

    page.get_by_text("Take this roster back").first.click()
    page.get_by_label("Why is it taken back?").fill("It was the file of last year.")
    page.get_by_role("button", name="Take this roster back").click()
    page.get_by_text("Nothing stayed").wait_for()
    see(page, "17-taken-back")
    page.get_by_role("link", name="Rosters", exact=True).click()
    see(page, "18-list")


def look_at_groups(page: Page, see: Look) -> None:
    for number, (figure, heading) in enumerate(
        (
            ("New students", "New students"),
            ("Students with changes", "Students with changes"),
            ("Not in this roster", "Students not in this roster"),
        )
    ):
        page.get_by_role("list").get_by_role("link", name=figure, exact=True).click()
        page.get_by_role("heading", level=1, name=heading).wait_for()
        see(page, f"06-group-{number}")
        page.get_by_role("link", name="Plan for october.csv").click()


def decide_and_repair(page: Page, see: Look, folder: Path) -> None:
    page.get_by_role("link", name="Decide who they are").click()
    see(page, "07-ambiguous")
    page.get_by_role("button", name="It is the same student").click()
    page.get_by_text("is decided. Check the plan again").wait_for()
    page.get_by_role("link", name="Plan for october.csv").click()
    page.get_by_role("link", name="See and repair them").click()
    see(page, "08-rejected")
    page.get_by_role("link", name="Repair", exact=False).filter(has_text="Repair").first.click()
    see(page, "09-repair")
    page.get_by_label("grade", exact=True).fill("7")
    page.get_by_role("button", name="Save and check this row").click()
    page.get_by_text("something is still wrong").wait_for()
    see(page, "10-still-wrong")
    page.get_by_label("cps_student_id").fill("60000070")
    page.get_by_role("button", name="Save and check this row").click()
    page.get_by_text("is repaired. Check the plan again").wait_for()
    see(page, "11-repaired")
    send_back(page, folder)
    page.get_by_text("Good now: 1. Still wrong: 0.").wait_for()
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
    see(page, "20-columns")
    page.get_by_role("button", name="Save and read the file").click()
    see(page, "21-columns-errors")
    page.get_by_label("born").select_option("birth_date")
    page.get_by_label("Name for this source").fill("The other source")
    page.get_by_role("button", name="Save and read the file").click()
    page.get_by_role("heading", level=1, name="Plan for other-source.csv").wait_for()
    page.get_by_text("The file, and how it was read").click()
    page.get_by_text("The other source").wait_for()
    see(page, "22-columns-plan")


def test_a_page_without_a_worker_says_so_and_goes_on_by_itself_when_one_comes(
    page: Page, app: Flask, people: dict[str, Account], session: Session, see: Look, request: pytest.FixtureRequest
) -> None:
    app.config["JOBS_IMMEDIATE"] = False
    factories.program_year(session)
    session.commit()
    sign_in(page, "staff")
    hand_in(page, "september.csv", csv_bytes(families(session, 3)))
    page.get_by_text("No worker is running.").wait_for()
    see(page, "30-no-worker")
    request.getfixturevalue("worker")
    page.get_by_role("heading", level=1, name="Plan for september.csv").wait_for(timeout=30_000)
