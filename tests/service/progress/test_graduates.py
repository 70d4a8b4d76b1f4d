"""The yearly run for graduates: who is touched, what is written, and nothing when something changed since the preview."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import Account, AuditEvent, Enrollment, Household, Role, Student
from connectivity.rules.calendar import city_today
from connectivity.service.progress import graduates
from tests import factories
from tests.conftest import PolicedClient

JUNE = dt.date(2027, 6, 15)
TODAY = dt.date(2027, 6, 1)
SEPTEMBER = dt.date(2027, 9, 15)  # three months later


@pytest.fixture
def families(session: Session) -> dict[str, Enrollment]:
    """Two of graduates only, and each kind that the run must leave alone."""

    def of(*grades: str, status: str = "active", **given: object) -> Enrollment:
        household = factories.household(session, students=[{"grade": grade} for grade in grades])
        return factories.enrollment(session, household, status, **given)

    made = {
        "one": of("12"),
        "twins": of("12", "12", status="contacted"),
        "sister": of("12", "K"),
        "younger": of("11"),
        "nobody": of(),
        "ended": of("12", status="ended"),
        "moving": of("12", leaving_reason="moved", service_until=dt.date(2027, 3, 1)),
    }
    session.commit()
    return made


def test_the_preview_counts_households_of_graduates_alone_and_writes_nothing(
    session: Session, families: dict[str, Enrollment]
) -> None:
    seen = graduates.preview(session, factories.program_year(session), JUNE, today=TODAY)
    assert (seen.households, seen.students, seen.left_out, seen.until) == (2, 3, 1, SEPTEMBER)
    wanted = {session.get_one(Household, families[one].household_id).reference for one in ("one", "twins")}
    assert {reference for reference, *_ in seen.first} == wanted
    assert not session.dirty
    assert families["one"].leaving_reason is None


def test_the_run_writes_what_the_preview_showed_and_a_second_run_finds_nobody(
    session: Session, families: dict[str, Enrollment], staff: Account
) -> None:
    year = factories.program_year(session)
    assert graduates.apply(session, account=staff, year=year, graduated_on=JUNE, seen=2, today=TODAY) == 2
    session.commit()
    session.expire_all()
    left = {name: (one.leaving_reason, one.service_until) for name, one in families.items()}
    assert left == dict.fromkeys(families, (None, None)) | {
        "one": ("graduated", SEPTEMBER),
        "twins": ("graduated", SEPTEMBER),
        "moving": ("moved", dt.date(2027, 3, 1)),
    }
    events = session.scalars(select(AuditEvent).where(AuditEvent.action == "enrollment.leaving")).all()
    assert {one.subject_id for one in events} == {families["one"].household_id, families["twins"].household_id}
    assert {one.changes["said_by"][1] for one in events} == {"program"}
    assert graduates.preview(session, year, JUNE, today=TODAY).households == 0


def test_nothing_is_written_when_somebody_joined_the_graduates_meanwhile(
    session: Session, families: dict[str, Enrollment], staff: Account
) -> None:
    moved = session.scalars(select(Student).where(Student.household_id == families["younger"].household_id)).one()
    moved.grade = "12"
    session.commit()
    with pytest.raises(graduates.Changed) as changed:
        graduates.apply(
            session, account=staff, year=factories.program_year(session), graduated_on=JUNE, seen=2, today=TODAY
        )
    assert changed.value.problems == {
        "graduated_on": "When you looked there were 2 households, now there are 3. Look again."
    }
    session.rollback()
    assert session.scalars(select(Enrollment).where(Enrollment.leaving_reason == "graduated")).all() == []


def test_the_page_shows_whom_it_touches_and_applies_on_confirmation(
    session: Session, families: dict[str, Enrollment], signed_in: Callable[..., PolicedClient]
) -> None:
    client = signed_in(Role.STAFF)
    year = str(factories.program_year(session).id)
    session.commit()
    seen = client.send("/service/graduates", {"year": year, "graduated_on": "2027-06-15"})
    assert "2 households with graduates only (students: 3)" in seen.text
    assert "Sep 15, 2027" in seen.text
    asked = {"year": year, "graduated_on": "2027-06-15", "seen": "2", "confirmed": "1"}
    done = client.send("/service/graduates", asked, follow_redirects=True)
    assert "2 households of graduates keep their service until Sep 15, 2027." in done.text
    again = client.send("/service/graduates", asked)
    assert again.status_code == 422
    assert "now there are 0" in again.text
    wrong = client.send("/service/graduates", {"year": year, "graduated_on": "2072-06-15"})
    assert wrong.status_code == 422
    assert "2026-27 lie between" in wrong.text


def test_whoever_would_end_tonight_is_ended_only_when_that_is_confirmed(
    session: Session, families: dict[str, Enrollment], staff: Account
) -> None:
    year = factories.program_year(session)
    assert not graduates.preview(session, year, JUNE, today=SEPTEMBER - dt.timedelta(days=1)).ends_tonight
    assert graduates.preview(session, year, JUNE, today=SEPTEMBER).ends_tonight
    given = {"account": staff, "year": year, "graduated_on": JUNE, "seen": 2, "today": SEPTEMBER}
    with pytest.raises(graduates.RunRefused) as refused:
        graduates.apply(session, **given)
    assert (
        "Their service ends tonight: the last day that follows is Sep 15, 2027."
        in refused.value.problems["end_tonight"]
    )
    assert families["one"].leaving_reason is None
    assert graduates.apply(session, **given, end_tonight=True) == 2


def test_a_graduation_before_the_program_year_starts_is_refused_and_the_page_asks_about_tonight(
    session: Session, signed_in: Callable[..., PolicedClient]
) -> None:
    today = city_today()
    year = factories.program_year(
        session, starts_on=today - dt.timedelta(days=200), ends_on=today + dt.timedelta(days=160)
    )
    household = factories.household(session, students=[{"grade": "12"}])
    long_ago = today - dt.timedelta(days=150)
    enrollment = factories.enrollment(session, household, "eligible", on=today - dt.timedelta(days=190))
    session.commit()
    client, asked = signed_in(Role.STAFF), {"year": str(year.id), "graduated_on": long_ago.isoformat()}
    early = {**asked, "graduated_on": (today - dt.timedelta(days=201)).isoformat()}
    refused = client.send("/service/graduates", early)
    assert (refused.status_code, "Enter a day in it, or choose the program year" in refused.text) == (422, True)
    assert "the service of 1 household ends tonight" in client.send("/service/graduates", asked).text
    asked |= {"seen": "1", "confirmed": "1"}
    unsaid = client.send("/service/graduates", asked)
    assert (unsaid.status_code, "Their service ends tonight" in unsaid.text) == (422, True)
    session.refresh(enrollment)
    assert enrollment.leaving_reason is None
    session.rollback()
    assert client.send("/service/graduates", {**asked, "end_tonight": "y"}).status_code == 302
    session.refresh(enrollment)
    assert enrollment.leaving_reason == "graduated"
