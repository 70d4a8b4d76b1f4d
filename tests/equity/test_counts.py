"""Counts: a handful of households followed by hand."""

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from connectivity.equity.counts import count
from connectivity.equity.disclosure.whole_rows import Counts
from connectivity.register import Enrollment, EnrollmentEvent
from tests import factories

UPTOWN, AUSTIN = 3, 25
SEPTEMBER, OCTOBER, NOVEMBER = dt.date(2026, 9, 1), dt.date(2026, 10, 1), dt.date(2026, 11, 1)


@pytest.fixture
def enrollments(session: Session) -> dict[str, Enrollment]:
    """Four in Uptown, one in Austin, one not placed; all eligible on September 1."""
    made = {}
    for name, area in {"a": UPTOWN, "b": UPTOWN, "c": UPTOWN, "d": UPTOWN, "e": AUSTIN, "f": None}.items():
        home = factories.household(session, area=area)
        made[name] = factories.enrollment(session, home, on=SEPTEMBER)
    return made


def step(session: Session, enrollment: Enrollment, status: str, on: dt.date, reason: str | None = None) -> None:
    enrollment.status, enrollment.status_on = status, on
    session.add(EnrollmentEvent(enrollment_id=enrollment.id, status=status, happened_on=on, reason=reason))
    session.flush()


def counted(session: Session, as_of: dt.date) -> tuple[dict[int, Counts], Counts]:
    found = count(session, program_year=factories.program_year(session), as_of=as_of)
    return dict(found.areas), found.unplaced


def test_only_active_service_is_counted_as_enrolled(session: Session, enrollments: dict[str, Enrollment]) -> None:
    step(session, enrollments["a"], "active", OCTOBER)
    step(session, enrollments["b"], "ordered", OCTOBER)
    step(session, enrollments["c"], "active", SEPTEMBER)
    step(session, enrollments["c"], "suspended", OCTOBER)
    step(session, enrollments["e"], "active", OCTOBER)
    step(session, enrollments["f"], "active", OCTOBER)
    assert counted(session, NOVEMBER) == (
        {UPTOWN: Counts(eligible=4, active=1), AUSTIN: Counts(eligible=1, active=1)},
        Counts(eligible=1, active=1),
    )


def test_the_count_stands_as_it_stood_on_the_day(session: Session, enrollments: dict[str, Enrollment]) -> None:
    step(session, enrollments["a"], "active", OCTOBER)
    step(session, enrollments["a"], "ended", NOVEMBER, "moved")
    active = [counted(session, day)[0].get(UPTOWN) for day in (dt.date(2026, 8, 31), SEPTEMBER, OCTOBER, NOVEMBER)]
    assert active == [None, Counts(eligible=4, active=0), Counts(eligible=4, active=1), Counts(eligible=4, active=0)]


def test_of_two_steps_on_one_day_the_later_recorded_counts(
    session: Session, enrollments: dict[str, Enrollment]
) -> None:
    step(session, enrollments["a"], "suspended", OCTOBER)
    step(session, enrollments["a"], "active", OCTOBER)
    assert counted(session, OCTOBER)[0][UPTOWN].active == 1


def test_a_duplicate_record_is_no_household(session: Session, enrollments: dict[str, Enrollment]) -> None:
    step(session, enrollments["a"], "ended", OCTOBER, "duplicate")
    step(session, enrollments["b"], "ended", OCTOBER, "left_district")
    assert counted(session, OCTOBER)[0][UPTOWN] == Counts(eligible=3, active=0)


def test_a_merged_household_counts_once_as_the_kept_one(session: Session, enrollments: dict[str, Enrollment]) -> None:
    step(session, enrollments["a"], "active", OCTOBER)
    step(session, enrollments["e"], "active", OCTOBER)
    enrollments["e"].household.merged_into_id = enrollments["a"].household_id
    enrollments["f"].household.merged_into_id = enrollments["b"].household_id
    session.flush()
    assert counted(session, NOVEMBER) == ({UPTOWN: Counts(eligible=4, active=1)}, Counts(eligible=0, active=0))


def test_a_household_that_moved_counts_once_where_it_lives_now(
    session: Session, enrollments: dict[str, Enrollment]
) -> None:
    home = enrollments["a"].household
    home.residences[0].ends_on = OCTOBER
    session.flush()
    session.add(factories.residence(home.id, AUSTIN))
    session.flush()
    assert counted(session, NOVEMBER)[0] == {UPTOWN: Counts(eligible=3, active=0), AUSTIN: Counts(eligible=2, active=0)}


def test_another_program_year_is_not_counted(session: Session, enrollments: dict[str, Enrollment]) -> None:
    before = factories.program_year(
        session, label="2025-26", starts_on=dt.date(2025, 7, 1), ends_on=dt.date(2026, 6, 30)
    )
    factories.enrollment(session, enrollments["a"].household, "active", program_year_id=before.id, on=SEPTEMBER)
    assert counted(session, NOVEMBER)[0][UPTOWN] == Counts(eligible=4, active=0)


def test_nobody_enrolled_counts_nothing(session: Session) -> None:
    assert counted(session, NOVEMBER) == ({}, Counts(eligible=0, active=0))
