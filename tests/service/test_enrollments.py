"""Enrollments: started in an open year, taken step by step, and never one code for two households."""

import datetime as dt
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from connectivity.casework.program_years import continues, years_to_start
from connectivity.database import make_sessions, transaction
from connectivity.households.find import find
from connectivity.register import Account, AuditEvent, Enrollment, EnrollmentEvent, Household, MembershipCode, Role
from connectivity.rules.service_states import EndReason, Status
from connectivity.service.enrollments import (
    AlreadyEnrolled,
    Step,
    StepRefused,
    YearClosed,
    start,
    step,
)
from tests import factories
from tests.households.conftest import TODAY, SignedIn, errors_of

EARLIER = {"label": "2025-26", "starts_on": dt.date(2025, 7, 1), "ends_on": dt.date(2026, 6, 30)}


def step_to(session: Session, enrollment: Enrollment, account: Account, status: Status, **given: Any) -> Any:
    if status is Status.CODE_ISSUED:
        given.setdefault("plan", factories.provider(session).plans[0])
    taken = Step(**{"status": status, "happened_on": TODAY, **given})
    household = session.get_one(Household, enrollment.household_id)
    return step(session, account=account, household=household, enrollment=enrollment, taken=taken, today=TODAY)


def code_of(session: Session, text: str) -> MembershipCode:
    return session.scalars(select(MembershipCode).where(MembershipCode.code == text)).one()


def test_a_smartphone_is_held_by_a_student_of_the_household_and_nothing_else_is(
    session: Session, staff: Account
) -> None:
    phone = factories.provider(session, "T-Mobile", service_type="smartphone").plans[0]
    home, other = factories.household(session), factories.household(session)
    factories.membership_code(session, provider_id=phone.provider_id)
    enrollment = factories.enrollment(session, home, "eligible")
    for given in ({"plan": phone}, {"plan": phone, "holder": other.students[0]}, {"holder": home.students[0]}):
        with pytest.raises(StepRefused) as refused:
            step_to(session, enrollment, staff, Status.CODE_ISSUED, **given)
        assert list(refused.value.problems) == ["holder"]
    step_to(session, enrollment, staff, Status.CODE_ISSUED, plan=phone, holder=home.students[0])
    assert (enrollment.service_type, enrollment.holder_student_id) == ("smartphone", home.students[0].id)
    with pytest.raises(StepRefused) as refused:  # a phone is handed over, not installed
        step_to(session, enrollment, staff, Status.INSTALLED)
    assert list(refused.value.problems) == ["status"]


def test_an_enrollment_starts_as_eligible_with_its_first_step_and_a_trace(session: Session, staff: Account) -> None:
    household, year = factories.household(session), factories.program_year(session)
    made = start(session, account=staff, household=household, year=year, on=TODAY, today=TODAY)
    assert (made.status, made.status_on) == ("eligible", TODAY)
    assert [(one.status, one.happened_on, one.recorded_by) for one in made.events] == [("eligible", TODAY, staff.id)]
    assert session.scalars(select(AuditEvent.action)).all() == ["enrollment.started"]


def test_a_closed_year_takes_no_new_household_but_goes_on_with_one_that_had_service(
    session: Session, staff: Account
) -> None:
    closed = factories.program_year(session, open_to_new=False)
    earlier = factories.program_year(session, **EARLIER)
    new, asked, served = (factories.household(session) for _ in range(3))
    factories.enrollment(session, asked, "contacted", program_year_id=earlier.id)
    factories.enrollment(session, served, "active", program_year_id=earlier.id)
    for household in (new, asked):
        with pytest.raises(YearClosed, match="takes no new households"):
            start(session, account=staff, household=household, year=closed, on=TODAY, today=TODAY)
        assert closed not in years_to_start(session, household)
    assert continues(session, served, closed)
    start(session, account=staff, household=served, year=closed, on=TODAY, today=TODAY)


def test_a_household_is_in_a_year_once(session: Session, staff: Account) -> None:
    household, year = factories.household(session), factories.program_year(session)
    start(session, account=staff, household=household, year=year, on=TODAY, today=TODAY)
    with pytest.raises(AlreadyEnrolled):
        start(session, account=staff, household=household, year=year, on=TODAY, today=TODAY)


def test_the_whole_way_with_its_code(session: Session, staff: Account) -> None:
    household = factories.household(session)
    enrollment = factories.enrollment(session, household)
    pool = factories.membership_code(session, code="CC00000001")
    step_to(session, enrollment, staff, Status.CONTACTED)
    step_to(session, enrollment, staff, Status.CODE_ISSUED)
    assert (pool.state, pool.household_id, pool.issued_on) == ("issued", household.id, TODAY)
    assert enrollment.membership_code is pool
    assert enrollment.plan is not None
    assert [one.reference for one in find(session, staff, "CC-0000-0001").households] == [household.reference]
    step_to(session, enrollment, staff, Status.ORDERED)
    step_to(session, enrollment, staff, Status.ACTIVE)
    assert pool.state == "redeemed"
    step_to(session, enrollment, staff, Status.SUSPENDED)
    step_to(session, enrollment, staff, Status.ACTIVE)
    step_to(session, enrollment, staff, Status.ENDED, reason=EndReason.MOVED, note="to Cicero")
    assert pool.state == "expired"
    session.refresh(enrollment)
    assert [one.status for one in enrollment.events] == [
        "eligible", "contacted", "code_issued", "ordered", "active", "suspended", "active", "ended",
    ]  # fmt: skip
    assert (enrollment.events[-1].reason, enrollment.events[-1].note) == ("moved", "to Cicero")
    assert {one.recorded_by for one in enrollment.events[1:]} == {staff.id}
    assert session.scalars(select(AuditEvent.action)).all() == ["enrollment.stepped"] * 7


def test_an_enrollment_begun_anew_gets_a_new_code(session: Session, staff: Account) -> None:
    household = factories.household(session)
    enrollment = factories.enrollment(session, household)
    first, second = (factories.membership_code(session) for _ in range(2))
    step_to(session, enrollment, staff, Status.CODE_ISSUED)
    step_to(session, enrollment, staff, Status.ENDED, reason=EndReason.OPTED_OUT)
    assert first.state == "revoked"
    step_to(session, enrollment, staff, Status.ELIGIBLE)
    assert enrollment.membership_code is None
    step_to(session, enrollment, staff, Status.CODE_ISSUED)
    assert enrollment.membership_code is second


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"status": Status.ACTIVE}, "status", "can come"),
        ({"status": Status.CONTACTED, "happened_on": TODAY + dt.timedelta(days=1)}, "happened_on", "future"),
        ({"status": Status.CONTACTED, "happened_on": dt.date(2025, 1, 1)}, "happened_on", "cannot be earlier"),
        ({"status": Status.ENDED}, "reason", "Choose why"),
        ({"status": Status.CONTACTED, "reason": EndReason.MOVED}, "reason", "Clear it"),
        ({"status": Status.CONTACTED, "code": "CC4F7K9QX2"}, "code", "Clear it"),
        ({"status": Status.CODE_ISSUED, "plan": None}, "plan", "Choose the provider"),
        ({"status": Status.CODE_ISSUED, "code": "CC-1"}, "code", "6 to 20 letters and digits"),
        ({"status": Status.CODE_ISSUED, "code": ""}, "code", "no free code left for 2026-27"),
    ],
)
def test_a_step_that_cannot_be_is_refused_at_its_field(
    session: Session, staff: Account, given: dict[str, Any], field: str, words: str
) -> None:
    enrollment = factories.enrollment(session, factories.household(session))
    with pytest.raises(StepRefused) as refused:
        step_to(session, enrollment, staff, **given)
    assert words in refused.value.problems[field]
    assert enrollment.status == "eligible"


def test_a_typed_code_is_given_whatever_its_writing(session: Session, staff: Account) -> None:
    for text, pooled in (("AB–123456", False), ("cc-4f7k 9qx2", True)):
        household = factories.household(session)
        enrollment = factories.enrollment(session, household)
        if pooled:
            factories.membership_code(session, code="CC4F7K9QX2")
        step_to(session, enrollment, staff, Status.CODE_ISSUED, code=text)
        assert enrollment.membership_code is not None
        given = code_of(session, "CC4F7K9QX2" if pooled else "AB123456")
        assert (given.id, given.state) == (enrollment.membership_code.id, "issued")
        assert given.household_id == household.id


def test_where_the_providers_list_is_loaded_a_code_that_is_not_on_it_is_refused(
    session: Session, staff: Account
) -> None:
    factories.membership_code(session, code="CC4F7K9QX2")
    assert "is not among Comcast’s codes" in refused_code(session, staff, "CC4F7K9QX3")
    assert "is not among Comcast’s codes" in refused_code(session, staff, "773-555-0142")


def test_a_step_on_a_day_outside_its_program_year_is_refused_at_the_date(session: Session, staff: Account) -> None:
    household = factories.household(session)
    past = factories.program_year(
        session, label="2020-21", starts_on=dt.date(2020, 7, 1), ends_on=dt.date(2021, 6, 30), open_to_new=False
    )
    enrollment = factories.enrollment(session, household, program_year_id=past.id, on=dt.date(2020, 9, 1))
    with pytest.raises(StepRefused) as refused:
        step_to(session, enrollment, staff, Status.CONTACTED)
    assert "Steps of 2020-21 lie between Jul 1, 2019 and Sep 30, 2021" in refused.value.problems["happened_on"]


def test_an_ended_enrollment_does_not_begin_anew_in_a_closed_year(session: Session, staff: Account) -> None:
    closed = factories.program_year(session, label="2026-27", open_to_new=False)
    enrollment = factories.enrollment(session, factories.household(session), "ended", program_year_id=closed.id)
    with pytest.raises(StepRefused) as refused:
        step_to(session, enrollment, staff, Status.ELIGIBLE)
    assert "2026-27 is closed" in refused.value.problems["status"]


def refused_code(session: Session, account: Account, code: str) -> str:
    enrollment = factories.enrollment(session, factories.household(session))
    with pytest.raises(StepRefused) as refused:
        step_to(session, enrollment, account, Status.CODE_ISSUED, code=code)
    return str(refused.value.problems["code"])


def test_a_code_used_twice_is_refused_and_the_holder_named_to_who_may_know(
    session: Session, staff: Account, partner: Account
) -> None:
    holder = factories.household(session, area=8)
    factories.membership_code(session, code="CC4F7K9QX2", state="issued", household_id=holder.id)
    assert f"household {holder.reference}" in refused_code(session, staff, "CC-4F7K-9QX2")
    said = refused_code(session, partner, "CC-4F7K-9QX2")
    assert "another household" in said
    assert holder.reference not in said


def test_a_code_that_cannot_be_given_says_why(session: Session, staff: Account) -> None:
    other = factories.provider(session, "Astound")
    year = factories.program_year(session, **EARLIER)
    factories.membership_code(session, code="CC0000000A", provider_id=other.id)
    factories.membership_code(session, code="CC0000000B", program_year_id=year.id)
    factories.membership_code(session, code="CC0000000C", state="held", household_id=factories.household(session).id)
    factories.membership_code(session, code="CC0000000D", state="revoked")
    assert "a code of Astound" in refused_code(session, staff, "CC0000000A")
    assert "a code for 2025-26" in refused_code(session, staff, "CC0000000B")
    assert "one household only" in refused_code(session, staff, "CC0000000C")
    assert "is revoked" in refused_code(session, staff, "CC0000000D")


@pytest.mark.parametrize("typed", ["", "CC00000007"], ids=["next free code", "one typed code"])
def test_issuing_at_once_never_gives_one_code_to_two_households(
    session: Session, engine: Engine, staff: Account, typed: str
) -> None:
    """Four people, each on a connection of its own, at the same moment, and three codes in the pool."""
    for number in range(3):
        factories.membership_code(session, code=f"CC0000000{number + 6}")
    enrollments = [factories.enrollment(session, factories.household(session)).id for _ in range(4)]
    plan_id = factories.provider(session).plans[0].id
    session.commit()
    gate, outcomes = Barrier(len(enrollments)), {}

    def issue(enrollment_id: int) -> None:
        with make_sessions(engine)() as own:
            gate.wait()
            try:
                with transaction(own):
                    enrollment = own.get_one(Enrollment, enrollment_id)
                    plan = own.get_one(type(factories.provider(own).plans[0]), plan_id)
                    step_to(own, enrollment, own.get_one(Account, staff.id), Status.CODE_ISSUED, plan=plan, code=typed)
                    assert enrollment.membership_code is not None
                    outcomes[enrollment_id] = enrollment.membership_code.code
            except StepRefused as refused:
                outcomes[enrollment_id] = refused.problems["code"]

    threads = [Thread(target=issue, args=(one,)) for one in enrollments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    given = [one for one in outcomes.values() if one.startswith("CC") and " " not in one]
    assert sorted(given) == (["CC00000007"] if typed else ["CC00000006", "CC00000007", "CC00000008"])
    assert len(outcomes) == 4
    session.rollback()
    issued = session.scalars(select(MembershipCode).where(MembershipCode.state == "issued")).all()
    assert len({code.household_id for code in issued}) == len(issued) == len(given)


def test_the_pages_lead_from_start_to_code(session: Session, signed_in: SignedIn) -> None:
    household, year = factories.household(session), factories.program_year(session)
    plan = factories.provider(session).plans[0]
    factories.membership_code(session, code="CC4F7K9QX2")
    client = signed_in(Role.STAFF)
    path = f"/households/{household.reference}"
    begun = client.send(f"{path}/enrollments", {"program_year": str(year.id), "happened_on": TODAY.isoformat()})
    assert begun.status_code == 302
    page = client.get(path).text
    assert "Tell the family they are eligible" in page
    step_path = f"{path}/enrollments/{year.id}"
    issued = {"status": "code_issued", "happened_on": TODAY.isoformat(), "plan": str(plan.id)}
    assert client.send(step_path, issued).status_code == 302
    page = client.get(path).text
    assert "CC-4F7K-9QX2" in page
    assert "Help the family order service with their code" in page
    again = client.send(step_path, issued)
    assert again.status_code == 422
    assert "Choose one from the list" in errors_of(again.text)["status"]


def test_bad_steps_are_answered_on_their_page_at_their_field(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session)
    enrollment = factories.enrollment(session, household)
    closed = factories.program_year(session, open_to_new=False, **EARLIER)
    client = signed_in(Role.STAFF)
    path = f"/households/{household.reference}/enrollments"
    answer = client.send(path, {"program_year": str(closed.id), "happened_on": TODAY.isoformat()})
    assert answer.status_code == 422
    assert "takes no new households" in errors_of(answer.text)["program_year"]
    tomorrow = (TODAY + dt.timedelta(days=1)).isoformat()
    answer = client.send(f"{path}/{enrollment.program_year_id}", {"status": "ended", "happened_on": tomorrow})
    assert set(errors_of(answer.text)) == {"happened_on", "reason"}
    answer = client.send(f"{path}/{enrollment.program_year_id}", {"status": "ended", "happened_on": "", "reason": "x"})
    assert set(errors_of(answer.text)) == {"happened_on", "reason"}
    assert client.get(f"{path}/99999").status_code == 404


def test_two_people_at_one_step_the_second_hears_of_the_first(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session)
    enrollment = factories.enrollment(session, household)
    path = f"/households/{household.reference}/enrollments/{enrollment.program_year_id}"
    first, second = signed_in(Role.STAFF, name="Ana First"), signed_in(Role.STAFF)
    contacted = {"status": "contacted", "happened_on": TODAY.isoformat(), "stood": "eligible", "note": "by text"}
    assert first.send(path, contacted).status_code == 302
    told = second.send(path, contacted)
    assert told.status_code == 422
    assert "Ana First recorded “Contacted” while you were working" in errors_of(told.text)["status"]
    assert "by text</textarea>" in told.text
    session.rollback()
    assert len(session.scalars(select(EnrollmentEvent)).all()) == 2
