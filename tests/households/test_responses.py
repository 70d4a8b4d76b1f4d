"""Answers about the connection: dated, in the standard's codes, added and never overwritten."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import AuditEvent, ConnectivityResponse, Role
from tests import factories
from tests.households.conftest import TODAY, SignedIn, errors_of

SPOKEN = {"observed_on": TODAY.isoformat(), "respondent": "guardian", "mode": "phone", "language": "es"}


def test_an_answer_is_added_with_who_when_how_and_where(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session)
    client = signed_in(Role.STAFF)
    path = f"/households/{household.reference}"
    student = household.students[0]
    for answer in (
        {"access": "No", "barrier": "NotAffordable", "access_type": "None"},
        {"access": "Yes", "access_type": "HotSpot", "performance": "Sometimes", "device": "Chromebook",
         "device_access": "Shared", "device_provider": "School", "student": str(student.id)},
    ):  # fmt: skip
        assert client.send(f"{path}/responses", SPOKEN | answer).status_code == 302
    session.rollback()  # to see what was committed since
    first, second = session.scalars(select(ConnectivityResponse).order_by(ConnectivityResponse.id)).all()
    assert (first.access, first.barrier, first.residence_id) == ("No", "NotAffordable", household.residences[0].id)
    assert (first.respondent, first.mode, first.language, first.observed_on) == ("guardian", "phone", "es", TODAY)
    assert (second.access_type, second.device_provider, second.student_id) == ("HotSpot", "School", student.id)
    assert session.scalars(select(AuditEvent.action)).all() == ["response.recorded", "response.recorded"]
    page = client.get(path).text
    assert "Hot Spot" in page  # the newest, in Ed-Fi's words
    assert "Not Affordable" in page  # the one before, in the history


def test_unknown_and_declined_are_answers_and_not_asked_is_none(session: Session, signed_in: SignedIn) -> None:
    client = signed_in(Role.STAFF)
    for access, stored in (("Unknown", "Unknown"), ("Declined", "Declined"), ("", None)):
        household = factories.household(session)
        session.commit()
        path = f"/households/{household.reference}"
        assert client.send(f"{path}/responses", SPOKEN | {"access": access, "device": "Tablet"}).status_code == 302
        row = session.scalars(
            select(ConnectivityResponse).where(ConnectivityResponse.household_id == household.id)
        ).one()
        assert row.access == stored
        assert f"<dd>{stored or 'Not asked'}</dd>" in client.get(path).text
        session.rollback()


def test_bad_answers_are_told_all_at_once_and_nothing_is_written(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session)
    client = signed_in(Role.STAFF)
    path = f"/households/{household.reference}/responses"
    tomorrow = (TODAY + dt.timedelta(days=1)).isoformat()
    for typed, fields in (
        ({}, {"access"}),
        ({"access": "Yes", "barrier": "Other", "access_type": "None"}, {"barrier", "access_type"}),
        ({"access": "No", "performance": "Yes", "device": "None", "device_access": "Shared"}, {"performance", "device_access"}),
        ({"access": "Maybe", "device": "Tablet"}, {"access"}),
        ({"access": "No", "observed_on": tomorrow}, {"observed_on"}),
        ({"access": "No", "observed_on": ""}, {"observed_on"}),
        ({"access": "No", "mode": "carrier pigeon"}, {"mode"}),
        ({"access": "No", "student": "999999"}, {"student"}),
    ):  # fmt: skip
        answer = client.send(path, SPOKEN | typed)
        assert answer.status_code == 422, typed
        assert set(errors_of(answer.text)) == fields, typed
    assert session.scalars(select(ConnectivityResponse)).all() == []


def test_an_answer_older_than_a_year_is_flagged(session: Session, signed_in: SignedIn) -> None:
    client = signed_in(Role.STAFF)
    for days, stale in ((366, True), (364, False)):
        household = factories.household(session)
        session.commit()
        path = f"/households/{household.reference}"
        client.send(
            f"{path}/responses", SPOKEN | {"access": "Yes", "observed_on": f"{TODAY - dt.timedelta(days=days)}"}
        )
        assert ("more than 12 months old" in client.get(path).text) == stale


def test_a_partner_records_answers_and_steps_in_its_areas(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session, area=3)
    enrollment = factories.enrollment(session, household)
    client = signed_in(Role.PARTNER, organization_id=factories.organization(session, areas=[3]).id)
    path = f"/households/{household.reference}"
    assert client.send(f"{path}/responses", SPOKEN | {"access": "No"}).status_code == 302
    step = {"status": "contacted", "happened_on": TODAY.isoformat()}
    assert client.send(f"{path}/enrollments/{enrollment.program_year_id}", step).status_code == 302
