"""Which year a form begins with: the one that runs today, also once next year's is entered; else the next to come, else the last."""

import datetime as dt
import re

import pytest
from sqlalchemy.orm import Session

from connectivity.casework.program_years import to_begin_with, years_to_start
from connectivity.register import ProgramYear, Role
from tests import factories
from tests.conftest import PolicedClient
from tests.households.conftest import SignedIn
from tests.service.codes import programs
from tests.service.codes.programs import TODAY

DAY = dt.timedelta(days=1)
# Two years of service, a gap of a month, two funders side by side, and nothing after.
YEARS = [
    ProgramYear(label=label, starts_on=dt.date.fromisoformat(first), ends_on=dt.date.fromisoformat(last))
    for label, first, last in (
        ("later", "2028-07-01", "2029-06-30"),
        ("beside", "2027-10-01", "2028-06-30"),
        ("next", "2027-08-01", "2028-06-30"),
        ("first", "2026-07-01", "2027-06-30"),
    )
]


@pytest.mark.parametrize(
    ("today", "label"),
    [
        ("2026-01-01", "first"),
        ("2026-07-01", "first"),
        ("2027-06-30", "first"),
        ("2027-07-01", "next"),
        ("2027-09-30", "next"),
        ("2027-10-01", "beside"),
        ("2028-07-01", "later"),
        ("2030-01-01", "later"),
    ],
)
def test_a_form_begins_with_the_year_that_runs_else_the_next_else_the_last(today: str, label: str) -> None:
    for years in (YEARS, YEARS[::-1]):
        found = to_begin_with(years, dt.date.fromisoformat(today))
        assert found is not None
        assert found.label == label


def test_without_a_year_there_is_none_to_begin_with() -> None:
    assert to_begin_with([], TODAY) is None


def next_year(session: Session) -> tuple[ProgramYear, ProgramYear]:
    """The year that runs, and the one after it, entered today."""
    running = programs.year(session)
    coming = factories.program_year(
        session, label="2027-28", starts_on=running.ends_on + DAY, ends_on=running.ends_on + 365 * DAY
    )
    return running, coming


def chosen(client: PolicedClient, path: str) -> list[str]:
    """The program year that each list of years on the page shows."""
    lists = re.findall(r'<select[^>]*name="(?:year|program_year)".*?</select>', client.get(path).text, re.DOTALL)
    assert lists
    assert all("2027-28" in one for one in lists)
    return [
        (re.findall(r"<option selected[^>]*>([^<]*)", one) or re.findall(r"<option[^>]*>([^<]*)", one))[0]
        for one in lists
    ]


@pytest.mark.parametrize(
    ("path", "lists"),
    [
        ("/service/codes/give", 1),
        ("/service/codes/add", 1),
        ("/service/codes/make", 1),
        ("/service/letters/choose", 1),
        ("/service/provider-files", 2),
        ("/households/{}/enrollments", 1),
        ("/service/stalled", 1),
        ("/service/funnel", 1),
        ("/service/graduates", 1),
    ],
)
def test_once_next_year_is_entered_every_form_still_begins_with_the_one_that_runs(
    session: Session, signed_in: SignedIn, path: str, lists: int
) -> None:
    next_year(session)
    programs.plan(session)
    home = factories.household(session)
    client = signed_in(Role.STAFF)
    session.commit()
    assert chosen(client, path.format(home.reference)) == ["2026-27"] * lists


def test_a_year_that_a_person_chose_stays_chosen(session: Session, signed_in: SignedIn) -> None:
    _, coming = next_year(session)
    plan = programs.plan(session)
    client = signed_in(Role.STAFF)
    session.commit()
    for path in (f"/service/codes/give?year={coming.id}&plan={plan.id}", f"/service/letters/choose?year={coming.id}"):
        assert chosen(client, path) == ["2027-28"]
    form = {"provider": str(plan.provider_id), "count": "5"}
    assert "Choose one from the list." in client.send("/service/codes/make", form).text


def test_a_household_is_started_in_the_year_that_runs(session: Session, signed_in: SignedIn) -> None:
    running, coming = next_year(session)
    home = factories.household(session)
    client = signed_in(Role.STAFF)
    session.commit()
    assert years_to_start(session, home) == [running, coming]
    assert "Start an enrollment in 2026-27" in client.get(f"/households/{home.reference}").text
    factories.enrollment(session, home)
    session.commit()
    assert years_to_start(session, home) == [coming]


def test_the_books_of_the_year_that_runs_are_no_earlier_ones(session: Session, signed_in: SignedIn) -> None:
    running, coming = next_year(session)
    over = factories.program_year(
        session, label="2025-26", starts_on=running.starts_on - 365 * DAY, ends_on=running.starts_on - DAY
    )
    for number, year in enumerate((running, coming, over)):
        factories.membership_code(session, code=f"CC0000000{number}", program_year_id=year.id)
    client = signed_in(Role.STAFF)
    session.commit()
    shown, folded = client.get("/service/codes").text.split("<details>", 1)
    assert "Earlier program years: 1 books" in folded
    assert [label for label in ("2025-26", "2026-27", "2027-28") if f"Comcast, {label}</h2>" in shown] == [
        "2026-27",
        "2027-28",
    ]
    assert "Comcast, 2025-26</h2>" in folded
