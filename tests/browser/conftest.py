"""A real browser against a real server on loopback. Screenshots of every page go to test-artifacts/, for somebody to look at."""

import datetime as dt
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask_security import hash_password
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from app import create_app
from connectivity.register import Account, Role, School
from connectivity.rules.calendar import city_today
from connectivity.settings import Settings
from tests import factories

ARTIFACTS = Path("test-artifacts")
PATIENCE = 30_000  # ms; a machine that runs other things too is slow, not wrong
expect.set_options(timeout=PATIENCE)
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(
    scope="module"
)  # not for the session: its event loop would stand in the way of every later test in this process
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield running
        running.close()


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    """A thread for what needs Flask's context: Playwright's event loop runs in the test's own, where Flask will not close one."""
    with ThreadPoolExecutor(1) as thread:
        yield thread


@pytest.fixture
def app(settings: Settings, elsewhere: ThreadPoolExecutor) -> Iterator[Flask]:
    made = elsewhere.submit(create_app, settings).result()
    made.testing = True
    yield made
    made.extensions["connectivity.sessions"].kw["bind"].dispose()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application, served on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A fresh visitor. Fails on any script error, refused content or request to an outside host."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    made = context.new_page()
    wrong: list[str] = []
    made.on("pageerror", lambda error: wrong.append(f"script error: {error}"))
    made.on(
        "console",
        lambda message: (
            wrong.append(message.text)
            if message.type == "error" and "the server responded" not in message.text
            else None
        ),
    )
    made.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "data:", "blob:"))
            else wrong.append(f"outside host: {request.url}")
        ),
    )
    yield made
    made.screenshot(path=ARTIFACTS / "last-seen.png", full_page=True)  # where a failed test stood
    context.close()
    assert wrong == []


@pytest.fixture
def looked_at() -> Callable[[Page, str], None]:
    """Takes a screenshot under a name and holds the page to zero axe violations."""
    ARTIFACTS.mkdir(exist_ok=True)

    def look(page: Page, name: str) -> None:
        page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)
        found = Axe().run(
            page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
        )
        assert found.violations_count == 0, found.generate_report()

    return look


PASSWORD = "a quiet lake in October"  # of accounts that live as long as a test
UPTOWN = 3


def hashed(app: Flask) -> str:
    with app.app_context():
        return str(hash_password(PASSWORD))


@pytest.fixture
def people(app: Flask, elsewhere: ThreadPoolExecutor, session: Session) -> dict[str, Account]:
    """Somebody of each role, who signs in with PASSWORD."""
    password = elsewhere.submit(hashed, app).result()
    school = session.scalars(select(School).where(School.community_area == UPTOWN).order_by(School.id)).first()
    assert school is not None
    made = {
        role.value: factories.account(
            session,
            role,
            email=f"{role.value}@example.org",
            password=password,
            schools=[school.id] if role is Role.SCHOOL else [],
        )
        for role in Role
    }
    made["partner"].organization_id = factories.organization(session, areas=[UPTOWN]).id
    session.commit()
    return made


@pytest.fixture
def uptown(session: Session) -> None:
    """Twelve connected homes in Uptown and twelve on the way; two areas too small to show, yet large enough to hide behind; a free code."""
    today = city_today()
    factories.program_year(session, starts_on=today - dt.timedelta(days=100), ends_on=today + dt.timedelta(days=200))
    for area, connected, on_the_way in ((UPTOWN, 12, 12), (1, 7, 8), (2, 7, 8)):
        for number in range(connected + on_the_way):
            home = factories.household(session, area=area)
            factories.enrollment(
                session, home, "active" if number < connected else "contacted", on=today - dt.timedelta(days=30)
            )
    factories.membership_code(session, code="CC4F7K9QX2")
    session.commit()


def sign_in(page: Page, who: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(f"{who}@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").first.wait_for()
