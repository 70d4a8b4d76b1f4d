"""A household leaves: its last day of service by the exit rules, taken back before it, ended by the program in the night after."""

import datetime as dt
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import (
    Account,
    AuditEvent,
    CodeEvent,
    Enrollment,
    EnrollmentEvent,
    Household,
    MembershipCode,
)
from connectivity.rules.service_states import EndReason, SaidBy, Status
from connectivity.service.enrollments import Step, step
from connectivity.service.progress.leaving import Leaving, LeavingRefused, leave, stay
from connectivity.service.progress.nightly import end_due
from tests import factories

YEAR_END = dt.date(2027, 6, 30)  # of the factories' program year
STEP = dt.date(2026, 9, 10)


def active(session: Session, grades: tuple[str, ...] = ("12",), status: str = "active", **given: Any) -> Enrollment:
    """A household at a status since September 10, 2026, with its code, redeemed unless it is on the way."""
    household = factories.household(session, students=[{"grade": grade} for grade in grades])
    code = factories.membership_code(
        session,
        household_id=household.id,
        state="redeemed" if status in ("active", "suspended") else "issued",
        issued_on=STEP,
    )
    return factories.enrollment(session, household, status, on=STEP, membership_code_id=code.id, **given)


def leaves(session: Session, account: Account, enrollment: Enrollment, reason: str, on: str, **more: Any) -> dt.date:
    return leave(
        session,
        account=account,
        household=session.get_one(Household, enrollment.household_id),
        enrollment=enrollment,
        leaving=Leaving(reason=EndReason(reason), left_on=dt.date.fromisoformat(on), **more),
    )


@pytest.mark.parametrize(
    ("reason", "on", "until"),
    [
        ("graduated", "2027-06-15", "2027-09-15"),
        ("city_colleges", "2027-06-15", "2030-06-15"),
        ("moved", "2027-03-02", "2027-03-02"),
        ("left_district", "2027-03-02", "2027-03-02"),
        ("opted_out", "2027-03-02", "2027-03-02"),
    ],
)
def test_the_last_day_of_service_follows_from_reason_and_day(
    session: Session, staff: Account, reason: str, on: str, until: str
) -> None:
    enrollment = active(session)
    assert leaves(session, staff, enrollment, reason, on) == dt.date.fromisoformat(until)
    assert (enrollment.leaving_reason, enrollment.service_until) == (reason, dt.date.fromisoformat(until))
    assert enrollment.status == "active"


def test_service_may_go_on_to_the_end_of_the_year_but_not_for_graduates(session: Session, staff: Account) -> None:
    enrollment = active(session)
    assert leaves(session, staff, enrollment, "opted_out", "2027-03-02", until_year_end=True) == YEAR_END
    assert enrollment.until_year_end
    with pytest.raises(LeavingRefused) as refused:
        leaves(session, staff, enrollment, "graduated", "2027-06-15", until_year_end=True)
    assert set(refused.value.problems) == {"until_year_end"}
    leaves(session, staff, enrollment, "moved", "2027-03-02")
    assert not enrollment.until_year_end


def test_a_household_with_a_younger_student_does_not_leave_by_graduation(session: Session, staff: Account) -> None:
    enrollment = active(session, ("12", "5"))
    for reason in ("graduated", "city_colleges"):
        with pytest.raises(LeavingRefused) as refused:
            leaves(session, staff, enrollment, reason, "2027-06-15")
        assert "Luz (grade 5) would go on at school" in refused.value.problems["reason"]
    leaves(session, staff, enrollment, "moved", "2027-06-15")


def test_days_that_cannot_be_are_refused_at_the_field(session: Session, staff: Account) -> None:
    enrollment = active(session)
    with pytest.raises(LeavingRefused) as refused:
        leaves(session, staff, enrollment, "moved", "2026-09-09")
    assert refused.value.problems["left_on"] == (
        "Service would end on Sep 9, 2026, but the last step was on Sep 10, 2026. Check the day."
    )
    with pytest.raises(LeavingRefused) as refused:
        leaves(session, staff, enrollment, "moved", "2072-03-02")
    assert "2026-27 lie between" in refused.value.problems["left_on"]
    for reason, far in product(("moved", "graduated", "city_colleges"), ("9999-12-31", "9999-10-01", "0001-01-01")):
        with pytest.raises(LeavingRefused) as refused:
            leaves(session, staff, enrollment, reason, far)
        assert "2026-27 lie between" in refused.value.problems["left_on"], far
    # Graduated before the last step, but service goes on after it.
    assert leaves(session, staff, enrollment, "graduated", "2026-06-15") == dt.date(2026, 9, 15)


def test_an_enrollment_that_has_ended_neither_leaves_nor_stays(session: Session, staff: Account) -> None:
    household = factories.household(session)
    ended = factories.enrollment(session, household, "ended")
    with pytest.raises(LeavingRefused):
        leaves(session, staff, ended, "moved", "2026-09-10")
    with pytest.raises(LeavingRefused):
        stay(session, account=staff, household=household, enrollment=ended, note="They came back")


def test_it_is_taken_back_before_the_day_and_both_stand_in_the_trail(session: Session, staff: Account) -> None:
    enrollment = active(session)
    household = session.get_one(Household, enrollment.household_id)
    leaves(session, staff, enrollment, "moved", "2027-03-02", said_by=SaidBy.FAMILY, note="To Gary")
    stay(session, account=staff, household=household, enrollment=enrollment, note="The move fell through")
    assert (enrollment.leaving_reason, enrollment.service_until) == (None, None)
    first, second = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert (first.action, second.action) == ("enrollment.leaving", "enrollment.stays")
    assert first.changes["service_until"] == [None, "2027-03-02"]
    assert first.changes["said_by"] == [None, "family"]
    assert second.changes["service_until"] == ["2027-03-02", None]
    assert end_due(session, today=dt.date(2027, 4, 1)) == 0
    with pytest.raises(LeavingRefused):
        stay(session, account=staff, household=household, enrollment=enrollment, note="Again")


def test_the_night_after_the_last_day_ends_the_enrollment_and_its_code_and_no_night_before(
    session: Session, staff: Account
) -> None:
    used, unused, other = active(session), active(session, status="ordered"), active(session)
    for enrollment in (used, unused):
        leaves(session, staff, enrollment, "moved", "2027-03-02")
    session.commit()
    assert end_due(session, today=dt.date(2027, 3, 2)) == 0
    assert end_due(session, today=dt.date(2027, 3, 3)) == 2
    assert [(one.status, one.status_on) for one in (used, unused)] == [("ended", dt.date(2027, 3, 2))] * 2
    assert other.status == "active"
    states = {one.id: one.state for one in session.scalars(select(MembershipCode))}
    assert [states[one.membership_code_id or 0] for one in (used, unused, other)] == ["expired", "revoked", "redeemed"]
    last = session.scalars(select(EnrollmentEvent).where(EnrollmentEvent.enrollment_id == used.id)).all()[-1]
    assert (last.status, last.reason, last.said_by, last.recorded_by) == ("ended", "moved", "program", None)
    assert last.happened_on == dt.date(2027, 3, 2)


def test_the_ledger_and_the_trail_know_of_the_night_and_a_second_night_changes_nothing(
    session: Session, staff: Account
) -> None:
    enrollment = active(session)
    leaves(session, staff, enrollment, "graduated", "2027-06-15")
    session.commit()
    version = session.get_one(Household, enrollment.household_id).version
    assert end_due(session, today=dt.date(2027, 9, 16)) == 1
    session.commit()
    moved = session.scalars(select(CodeEvent).order_by(CodeEvent.id.desc())).first()
    assert moved is not None
    assert (moved.before, moved.state, moved.happened_on) == ("redeemed", "expired", dt.date(2027, 9, 15))
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert (event.action, event.account_id, event.subject_id) == ("enrollment.stepped", None, enrollment.household_id)
    assert event.changes == {"status": ["active", "ended"], "version": [version, version + 1]}
    assert session.get_one(Household, enrollment.household_id, populate_existing=True).version == version + 1
    events = len(session.scalars(select(EnrollmentEvent)).all())
    assert end_due(session, today=dt.date(2027, 9, 17)) == 0
    assert len(session.scalars(select(EnrollmentEvent)).all()) == events


def test_a_step_after_the_last_day_is_not_turned_back_by_the_night(session: Session, staff: Account) -> None:
    enrollment = active(session)
    leaves(session, staff, enrollment, "moved", "2026-09-12")
    enrollment.status, enrollment.status_on = "suspended", dt.date(2026, 9, 20)  # the provider said so meanwhile
    session.commit()
    end_due(session, today=dt.date(2026, 10, 1))
    assert enrollment.status_on == dt.date(2026, 9, 20)


def test_whoever_begins_anew_is_not_ended_again_by_the_old_leaving(session: Session, staff: Account) -> None:
    enrollment = active(session)
    leaves(session, staff, enrollment, "moved", "2026-09-12", until_year_end=False)
    session.commit()
    end_due(session, today=dt.date(2026, 9, 13))
    again = Step(status=Status.ELIGIBLE, happened_on=dt.date(2026, 9, 14))
    step(
        session,
        account=staff,
        household=session.get_one(Household, enrollment.household_id),
        enrollment=enrollment,
        taken=again,
        today=dt.date(2026, 9, 14),
    )
    session.commit()
    assert end_due(session, today=dt.date(2026, 9, 15)) == 0
    assert enrollment.status == "eligible"
