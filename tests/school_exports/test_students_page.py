"""What a school reads about its own students, and what stays hidden from it."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from html import unescape

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import ProgramYear, Role, School, Student
from connectivity.school_exports import routes
from connectivity.school_exports.filters import STATUSES
from connectivity.school_exports.students import current_program_year
from tests import factories
from tests.conftest import PolicedClient

SignIn = Callable[..., PolicedClient]


def names_in(page: str) -> list[str]:
    """Last names in the table, in order."""
    return [unescape(name) for name in re.findall(r'<th scope="row">([^,<]+),', page)]


def counts_in(page: str) -> list[int]:
    """The counts by status, in the order of STATUSES."""
    return [int(number) for number in re.findall(r'<span class="num">(\d+)</span></a>', page)]


def walked(client: PolicedClient) -> Iterator[str]:
    """The pages of the whole list, each reached from the one before; no name stands in an address."""
    address: str | None = "/school/students"
    while address:
        page = client.get(address).text
        yield page
        following = re.search(r'href="(/school/students\?[^"]*after=[^"]*)"', page)
        address = unescape(following[1]) if following else None
        assert re.fullmatch(r"/school/students\?after=\d+", address or "/school/students?after=0")


@pytest.fixture
def funnel(session: Session, schools: list[str]) -> dict[str, str]:
    """One student a status at the first school, named after it, and one at the second school with a sibling at the first."""
    for at, status in enumerate(STATUSES):
        home = factories.household(
            session,
            language="es" if at % 2 else "en",
            students=[{"school_id": schools[0], "last_name": f"{status.upper()}", "grade": "9" if at < 2 else "5"}],
        )
        if status != "not_in_program":
            factories.enrollment(session, home, status)
    factories.household(
        session,
        language="pl",
        students=[{"school_id": schools[1], "last_name": "OTHER"}, {"school_id": schools[0], "last_name": "SIBLING"}],
    )
    session.commit()
    return {status: status.upper() for status in STATUSES}


def test_a_school_sees_status_date_next_step_and_language_in_words(
    session: Session, signed_in: SignIn, schools: list[str]
) -> None:
    home = factories.household(session, language="es", students=[{"school_id": schools[0], "last_name": "Zulu"}])
    factories.enrollment(session, home, "code_issued", on=dt.date(2026, 8, 3))
    page = signed_in(Role.SCHOOL, schools=schools[:1]).get("/school/students").text
    for words in (
        "Zulu, Luz",
        "Code issued",
        "Help the family order service with their code",
        "Aug 3, 2026",
        "Spanish",
    ):
        assert words in page


def test_a_school_sees_its_own_students_and_never_the_sibling_at_another_school(
    funnel: dict[str, str], signed_in: SignIn, schools: list[str]
) -> None:
    page = signed_in(Role.SCHOOL, schools=schools[:1]).get("/school/students").text
    assert names_in(page) == sorted([*funnel.values(), "SIBLING"])
    assert "OTHER" not in page


def test_counts_by_status_add_up_to_the_list(funnel: dict[str, str], signed_in: SignIn, schools: list[str]) -> None:
    page = signed_in(Role.SCHOOL, schools=schools[:1]).get("/school/students").text
    assert counts_in(page) == [1, 1, 1, 1, 1, 1, 1, 1, 1, 2]
    assert "Not in the program this year" in page


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_filter_lists_what_its_count_says(
    funnel: dict[str, str], signed_in: SignIn, schools: list[str], status: str
) -> None:
    page = signed_in(Role.SCHOOL, schools=schools[:1]).get(f"/school/students?status={status}").text
    assert names_in(page)[0] == funnel[status]
    assert len(names_in(page)) == counts_in(page)[STATUSES.index(status)]


@pytest.mark.parametrize("status", STATUSES)
def test_with_only_next_steps_wanted_each_count_is_still_what_its_link_lists(
    funnel: dict[str, str], signed_in: SignIn, schools: list[str], status: str
) -> None:
    client = signed_in(Role.SCHOOL, schools=schools[:1])
    number = counts_in(client.get("/school/students?needs=1").text)[STATUSES.index(status)]
    assert len(names_in(client.get(f"/school/students?needs=1&status={status}").text)) == number


def test_only_those_who_may_list_all_schools_are_offered_them(signed_in: SignIn, schools: list[str]) -> None:
    staff = signed_in(Role.STAFF).get("/school/students").text
    assert "All schools" not in staff
    assert '<option selected value="">Choose a school</option>' in staff
    for client in (signed_in(Role.ADMIN), signed_in(Role.SCHOOL, schools=schools)):
        assert '<option selected value="">All schools</option>' in client.get("/school/students").text


def test_a_file_is_not_asked_to_wait_and_the_page_says_how_excel_keeps_zeros(
    funnel: dict[str, str], signed_in: SignIn, schools: list[str]
) -> None:
    client = signed_in(Role.SCHOOL, schools=schools[:1])
    assert "Excel drops leading zeros" in client.get("/school/students").text
    assert "Retry-After" not in client.send("/school/students.csv", page="/school/students").headers
    assert "Excel drops leading zeros" in client.get("/school/downloads").text


def test_filters_narrow_by_grade_language_and_open_steps(
    funnel: dict[str, str], signed_in: SignIn, schools: list[str]
) -> None:
    client = signed_in(Role.SCHOOL, schools=schools[:1])
    assert names_in(client.get("/school/students?grade=9").text) == ["CONTACTED", "ELIGIBLE"]
    assert names_in(client.get("/school/students?language=pl").text) == ["SIBLING"]
    waiting = ["CODE_ISSUED", "CONTACTED", "ELIGIBLE", "INSTALLED", "KIT_SHIPPED", "ORDERED", "SUSPENDED"]
    assert names_in(client.get("/school/students?needs=1").text) == waiting
    assert names_in(client.get("/school/students?needs=1&grade=9&language=en").text) == ["ELIGIBLE"]


def test_unknown_filters_are_answered_at_their_fields_all_at_once(
    funnel: dict[str, str], signed_in: SignIn, schools: list[str]
) -> None:
    answer = signed_in(Role.SCHOOL, schools=schools[:1]).get("/school/students?status=nice&grade=42")
    assert answer.status_code == 400
    assert answer.text.count("This is not one of the choices") == 4  # at each field and in the summary
    assert "Download" not in answer.text


def test_a_page_token_walks_the_whole_list_once_and_carries_no_name(
    session: Session, signed_in: SignIn, schools: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "ROWS_A_PAGE", 3)
    people = [
        {"school_id": schools[0], "last_name": name, "first_name": first}
        for name in ("A", "B")
        for first in ("X", "X", "Y", "Z")
    ]
    factories.household(session, students=people)
    pages = list(walked(signed_in(Role.SCHOOL, schools=schools[:1])))
    seen = [district_id for page in pages for district_id in re.findall(r'<span class="under">(\d+)</span>', page)]
    in_order = select(Student.district_id).order_by(Student.last_name, Student.first_name, Student.id)
    assert seen == list(session.scalars(in_order))
    assert "Students 7 to 8 of 8" in pages[-1]


@pytest.mark.parametrize("token", ["0", "x", "99999999999999999999", "-1"])
def test_a_token_that_leads_nowhere_shows_the_beginning(
    funnel: dict[str, str], signed_in: SignIn, schools: list[str], token: str
) -> None:
    page = signed_in(Role.SCHOOL, schools=schools[:1]).get(f"/school/students?after={token}").text
    assert "The list has changed meanwhile" in page
    assert len(names_in(page)) == len(STATUSES) + 1


def test_a_token_of_another_schools_student_tells_nothing(
    funnel: dict[str, str], session: Session, signed_in: SignIn, schools: list[str]
) -> None:
    other = session.scalar(select(Student.id).where(Student.last_name == "OTHER"))
    page = signed_in(Role.SCHOOL, schools=schools[:1]).get(f"/school/students?after={other}").text
    assert len(names_in(page)) == len(STATUSES) + 1


def test_another_school_is_not_found(funnel: dict[str, str], signed_in: SignIn, schools: list[str]) -> None:
    client = signed_in(Role.SCHOOL, schools=schools[:1])
    assert client.get(f"/school/students?school={schools[1]}").status_code == 404
    assert client.get("/school/students?school=000000").status_code == 404


def test_an_account_with_two_schools_chooses_between_them(
    funnel: dict[str, str], session: Session, signed_in: SignIn, schools: list[str]
) -> None:
    client = signed_in(Role.SCHOOL, schools=schools)
    both = client.get("/school/students").text
    assert {"OTHER", "SIBLING"} <= set(names_in(both))
    assert session.get_one(School, schools[1]).name in unescape(both)
    assert names_in(client.get(f"/school/students?school={schools[1]}").text) == ["OTHER"]


def test_staff_choose_a_school_first_and_an_administrator_may_see_all(
    funnel: dict[str, str], signed_in: SignIn, schools: list[str]
) -> None:
    staff = signed_in(Role.STAFF)
    asked = staff.get("/school/students").text
    assert "Choose a school above" in asked
    assert names_in(asked) == []
    assert names_in(staff.get(f"/school/students?school={schools[1]}").text) == ["OTHER"]
    assert len(names_in(signed_in(Role.ADMIN).get("/school/students").text)) == len(STATUSES) + 2


def test_empty_lists_say_what_to_do_next(session: Session, signed_in: SignIn, schools: list[str]) -> None:
    assert "Your account has no school yet" in signed_in(Role.SCHOOL).get("/school/students").text
    client = signed_in(Role.SCHOOL, schools=schools[:1])
    assert "Students appear here when" in client.get("/school/students").text
    factories.household(session, students=[{"school_id": schools[0]}])
    session.commit()
    assert "Clear the filters, or choose others" in client.get("/school/students?status=active").text


def test_no_address_phone_birth_date_or_guardian_reaches_the_page(
    session: Session, signed_in: SignIn, schools: list[str]
) -> None:
    factories.household(
        session, phones=["+17735550123"], guardian_last_name="Guardian", students=[{"school_id": schools[0]}]
    )
    page = signed_in(Role.SCHOOL, schools=schools[:1]).get("/school/students").text
    assert "Luz" in page
    for hidden in ("5550123", "555-0123", "WILSON", "Wilson", "Guardian", "2015", "60640"):
        assert hidden not in page


def test_the_organization_assigned_to_the_area_today_is_named(
    session: Session, signed_in: SignIn, schools: list[str], today: dt.date
) -> None:
    now = factories.organization(session, areas=[3])
    past = factories.organization(session, areas=[3], ends_on=today - dt.timedelta(days=1))
    factories.household(session, area=3, students=[{"school_id": schools[0]}])
    page = signed_in(Role.SCHOOL, schools=schools[:1]).get("/school/students").text
    assert now.name in page
    assert past.name not in page


def test_the_current_program_year_contains_today_or_is_the_latest_begun(session: Session) -> None:
    years = {
        label: factories.program_year(
            session, label=label, starts_on=dt.date(first, 7, 1), ends_on=dt.date(first + 1, 6, 30)
        )
        for label, first in (("2020-21", 2020), ("2021-22", 2021), ("2023-24", 2023))
    }

    def label_on(day: dt.date) -> str | None:
        found: ProgramYear | None = current_program_year(session, day)
        return found.label if found else None

    assert label_on(dt.date(2020, 6, 30)) is None
    assert label_on(dt.date(2021, 6, 30)) == "2020-21"
    assert label_on(dt.date(2021, 7, 1)) == "2021-22"
    assert label_on(dt.date(2023, 1, 1)) == "2021-22"
    assert label_on(dt.date(2030, 1, 1)) == years["2023-24"].label


def test_a_new_program_year_starts_from_nothing(session: Session, signed_in: SignIn, schools: list[str]) -> None:
    last = factories.program_year(session, label="2025-26", starts_on=dt.date(2025, 7, 1), ends_on=dt.date(2026, 6, 30))
    factories.program_year(session)
    home = factories.household(session, students=[{"school_id": schools[0]}])
    factories.enrollment(session, home, "active", program_year_id=last.id)
    page = signed_in(Role.SCHOOL, schools=schools[:1]).get("/school/students").text
    assert counts_in(page) == [0] * 9 + [1]
