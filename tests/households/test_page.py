"""The household page: everything known, its whole history, and nobody's meal or Medicaid."""

import datetime as dt
import re

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from connectivity.access import audit
from connectivity.households.page import household_page
from connectivity.register import Account, ConnectivityResponse, Determination, Household, Role
from tests import factories
from tests.households.conftest import TODAY, SignedIn

PATHS = {
    "": "partner",
    "/responses": "partner",
    "/enrollments/{year}": "partner",
    "/edit": "staff",
    "/students/new": "staff",
    "/students/{student}": "staff",
    "/address": "staff",
    "/move": "staff",
    "/place": "staff",
    "/enrollments": "staff",
}


def answer(household_id: int, on: dt.date, access: str) -> ConnectivityResponse:
    return ConnectivityResponse(
        household_id=household_id, observed_on=on, respondent="guardian", mode="phone", language="es",
        instrument="test", access=access,
    )  # fmt: skip


def test_the_history_holds_everything_newest_first(session: Session, staff: Account) -> None:
    household = factories.household(session)
    moved = dt.date(2026, 1, 10)
    household.residences[0].ends_on = moved
    session.flush()
    after = factories.residence(household.id, 8)
    after.starts_on = moved
    session.add(after)
    factories.enrollment(session, household, "contacted", on=dt.date(2025, 10, 1))
    session.add_all(
        [answer(household.id, dt.date(2025, 11, 1), "No"), answer(household.id, dt.date(2026, 2, 1), "Yes")]
    )
    audit.record(
        session, account=staff, action="household.edited", subject="household", subject_id=household.id,
        changes={"language": ["en", "es"], "version": [1, 2]},
    )  # fmt: skip
    audit.record(session, account=staff, action="household.edited", subject="household", subject_id=household.id + 1)
    session.commit()
    page = household_page(session, staff, household.reference, TODAY)
    assert page is not None
    assert [(one.on, one.kind) for one in page.history] == [
        (TODAY, "household.edited"),
        (dt.date(2026, 2, 1), "response"),
        (moved, "residence"),
        (dt.date(2025, 11, 1), "response"),
        (dt.date(2025, 10, 1), "step"),
        (dt.date(2025, 10, 1), "step"),
        (factories.DAY, "residence"),
    ]
    assert page.history[0].changes == (("", "language", "en", "es"),)
    assert page.history[0].by == staff.name


def test_the_number_of_queries_does_not_grow_with_the_history(session: Session, staff: Account) -> None:
    short, long = factories.household(session), factories.household(session, students=[{} for _ in range(6)])
    for household, many in ((short, 1), (long, 12)):
        session.add_all(answer(household.id, dt.date(2025, 9, day), "No") for day in range(1, many + 1))
        factories.enrollment(session, household, "ordered")
    session.commit()
    asked: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *given: asked.append(given[2]))
    taken = []
    for household in (short, short, long):
        session.expunge_all()
        asked.clear()
        household_page(session, staff, household.reference, TODAY)
        taken.append(len(asked))
    assert taken[1] == taken[2]


def test_the_page_shows_contacts_students_home_and_next_step(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session, phones=["+17735550123"], email="rosa@example.org")
    factories.enrollment(session, household, "ordered")
    text = signed_in(Role.STAFF).get(f"/households/{household.reference}").text
    for known in (
        "(773) 555-0123", "rosa@example.org", "Spanish", household.students[0].district_id, "Mar 14, 2015",
        "1135 W WILSON AVE", "Uptown", "2000 feet away", "Service ordered", "Check that the equipment came and works",
        '<path d="M', "Uptown and its neighbors, with the home marked",
    ):  # fmt: skip
        assert known in text
    for unwanted in ("meal", "lunch", "Medicaid", "homeless"):
        assert unwanted.lower() not in text.lower()


def test_a_household_outside_the_partners_areas_does_not_exist_for_it(session: Session, signed_in: SignedIn) -> None:
    organization = factories.organization(session, areas=[3])
    inside, outside = factories.household(session, area=3), factories.household(session, area=8)
    nowhere = factories.household(session, area=None)
    for household in (inside, outside, nowhere):
        factories.enrollment(session, household)
    year = factories.program_year(session).id
    partner = signed_in(Role.PARTNER, organization_id=organization.id)
    for path, least in PATHS.items():
        for household in (inside, outside, nowhere):
            where = path.format(year=year, student=household.students[0].id)
            expected = 403 if least == "staff" else 200 if household is inside else 404
            assert partner.get(f"/households/{household.reference}{where}").status_code == expected, (path, expected)
    for household in (outside, nowhere):
        token = partner.token(f"/households/{inside.reference}/responses")
        sent = partner.post(f"/households/{household.reference}/responses", data={"csrf_token": token, "access": "No"})
        assert sent.status_code == 404


@pytest.mark.parametrize("role", [Role.SCHOOL, Role.COUNCIL])
def test_schools_and_council_do_not_enter(session: Session, signed_in: SignedIn, role: Role) -> None:
    household = factories.household(session)
    factories.enrollment(session, household)
    scope = {"schools": [household.students[0].school_id]} if role is Role.SCHOOL else {}
    client = signed_in(role, **scope)
    for path in ("", "/new", *(f"/{household.reference}{path}" for path in PATHS)):
        where = path.format(year=factories.program_year(session).id, student=household.students[0].id)
        assert client.get(f"/households{where}").status_code == 403, path


def test_who_is_not_signed_in_is_asked_to(session: Session, visitor: object) -> None:
    household = factories.household(session)
    session.commit()
    answer = visitor.get(f"/households/{household.reference}")  # type: ignore[attr-defined]
    assert answer.status_code == 302
    assert "/sign-in" in answer.location


def test_a_reference_that_is_none_is_not_found(signed_in: SignedIn) -> None:
    client = signed_in(Role.STAFF)
    for path in ("HNOTHERE", "HNOTHERE/edit", "HNOTHERE/students/1", "HNOTHERE/enrollments/1", "%00", "a" * 300):
        assert client.get(f"/households/{path}").status_code == 404


def test_a_year_that_is_over_asks_for_no_next_step(session: Session, signed_in: SignedIn) -> None:
    """A past year's "tell the family they are eligible" would send somebody to the phone for nothing."""
    household = factories.household(session)
    past = factories.program_year(
        session, label="2023-24", starts_on=dt.date(2023, 7, 1), ends_on=dt.date(2024, 6, 30), open_to_new=False
    )
    factories.enrollment(session, household, program_year_id=past.id, on=dt.date(2023, 9, 4))
    text = signed_in(Role.STAFF).get(f"/households/{household.reference}").text
    assert "Tell the family they are eligible" not in text
    assert "This program year ended on Jun 30, 2024" in text


def test_the_next_step_of_whoever_is_determined_not_eligible_is_to_end_the_enrollment_or_to_ask(
    session: Session, staff: Account
) -> None:
    def home(status: str, *said: tuple[bool, str, int | None]) -> Household:
        household = factories.household(session)
        year = factories.enrollment(session, household, status).program_year_id
        for number, (eligible, source, days) in enumerate(said, start=1):
            session.add(
                Determination(
                    household_id=household.id,
                    program_year_id=year,
                    eligible=eligible,
                    source=source,
                    explanation="x",
                    reason="x",
                    decided_on=TODAY - dt.timedelta(days=30),
                    expires_on=None if days is None else TODAY + dt.timedelta(days=days),
                    ended_on=TODAY if number < len(said) else None,
                )
            )
            session.flush()
        return household

    yes, no = (True, "appeal", None), (False, "appeal", None)
    told = {
        "open": home("eligible", no),
        "overridden": home("contacted", yes, (False, "override", 0)),
        "no again": home("active", no, (True, "override", -1)),
    }
    untold = {
        "eligible": home("eligible", yes),
        "none": home("eligible"),
        "ended": home("ended", no),
        "granted": home("eligible", no, yes),
        "expired": home("eligible", yes, (False, "override", -1)),
        "only expired": home("eligible", (False, "override", -1)),
        "a mistake, corrected": home("eligible", (False, "override", 200), (True, "override", -1)),
    }
    session.commit()

    def steps(homes: dict[str, Household]) -> dict[str, bool]:
        pages = {name: household_page(session, staff, one.reference, TODAY) for name, one in homes.items()}
        return {name: "Determined not eligible" in page.standings[0].next_step for name, page in pages.items() if page}

    assert steps(told) == dict.fromkeys(told, True)
    assert steps(untold) == dict.fromkeys(untold, False)


@pytest.mark.parametrize(
    ("status", "eligible", "named", "others"),
    [
        ("contacted", False, "Ended", ["Code issued"]),
        ("active", False, "Ended", ["Suspended"]),
        ("contacted", True, "Code issued", ["Ended"]),
    ],
)
def test_the_button_that_stands_out_is_the_step_that_comes_next(
    session: Session, signed_in: SignedIn, status: str, eligible: bool, named: str, others: list[str]
) -> None:
    household = factories.household(session)
    year = factories.enrollment(session, household, status).program_year_id
    session.add(
        Determination(
            household_id=household.id, program_year_id=year, eligible=eligible, source="appeal", explanation="x",
            reason="x", decided_on=TODAY,
        )
    )  # fmt: skip
    session.commit()
    section = signed_in(Role.STAFF).get(f"/households/{household.reference}").text.partition('id="enrollment"')[2]
    section = section.partition("</section>")[0]
    assert re.findall(r'class="btn btn-sm btn-primary"[^>]*>([^<]+)<', section) == [f"Record: {named}"]
    assert re.findall(r'<li><a class=""[^>]*>([^<]+)<', section) == [f"Record: {one}" for one in others]
