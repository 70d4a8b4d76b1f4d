"""Why a code does not work: an answer for each state, no word of a family, a trace of each look; and another code for a lost one."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.casework import terms
from connectivity.database import transaction
from connectivity.households.find import find
from connectivity.register import Account, AuditEvent, CodeBatch, Enrollment, Household, MembershipCode, Role
from connectivity.rules.service_states import CodeState, Status
from connectivity.service.codes import books, ledger
from connectivity.service.codes.replace import NotReplaced, replace
from tests import factories
from tests.households.conftest import SignedIn, errors_of
from tests.service.codes import programs
from tests.service.codes.programs import TODAY, moves
from tests.service.test_enrollments import step_to

WHY = "/service/codes/why"


def ask(client: Any, code: str) -> str:
    return client.send(WHY, {"code": code}).text


def coded(session: Session, state: str, code: str = "CC4F7K9QX2", **given: Any) -> Household:
    """A household with a family name that must never show, and its code."""
    programs.year(session)
    home = factories.household(session, guardian_last_name="Wyszyńska", **given)
    factories.membership_code(session, code=code, state=state, household_id=home.id, issued_on=TODAY)
    return home


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("free", "Nobody was given this code"),
        ("held", "not given out yet"),
        ("issued", "The code is good"),
        ("redeemed", "a code works once"),
        ("expired", "The code is dead, and no new one was given"),
        ("revoked", "taken back, and no new one was given"),
    ],
)
def test_each_state_says_what_to_do_and_names_nobody(
    session: Session, signed_in: SignedIn, state: str, said: str
) -> None:
    programs.year(session)
    if state == "free":
        programs.pool(session, "CC4F7K9QX2")
    else:
        coded(session, state)
    page = ask(signed_in(Role.ELIGIBILITY), " cc-4f7k 9qx2")
    assert said in page
    assert "CC-4F7K-9QX2" in page
    assert "2026-27" in page
    assert "Comcast" in page
    assert "Wyszyńska" not in page
    assert "WILSON" not in page


def test_dates_tell_why_a_good_code_does_not_work_yet_or_any_more(session: Session, signed_in: SignedIn) -> None:
    day = dt.timedelta(days=1)
    coded(session, "issued")
    year = programs.year(session)
    client = signed_in(Role.STAFF)
    year.starts_on = TODAY + day
    session.commit()
    assert "its program year begins on" in ask(client, "CC4F7K9QX2")
    year.starts_on, year.ends_on = TODAY - 9 * day, TODAY - day
    session.commit()
    assert "Its program year is over" in ask(client, "CC4F7K9QX2")
    session.scalars(select(CodeBatch)).one().expires_on = TODAY - day
    session.commit()
    assert "Its last day has passed" in ask(client, "CC4F7K9QX2")


def test_a_replaced_code_sends_the_family_to_its_newest_letter(session: Session, signed_in: SignedIn) -> None:
    home = coded(session, "revoked")
    factories.membership_code(session, code="CC00000001", state="issued", household_id=home.id)
    page = ask(signed_in(Role.STAFF), "CC4F7K9QX2")
    assert "read the code from its newest letter" in page
    assert "0000-0001" not in page


def test_an_unknown_code_is_never_answered_with_a_real_one(session: Session, signed_in: SignedIn) -> None:
    programs.pool(session, "CC00000001")
    client = signed_in(Role.STAFF)
    page = ask(client, "CC0000000I")
    assert "not in our books" in page
    assert "Here stands I" in page
    assert "0000-0001" not in page
    assert "letter by letter" in ask(client, "CC00000009")
    assert "6 to 20 letters and digits" in errors_of(ask(client, "?"))["code"]
    assert "Enter the code" in errors_of(ask(client, ""))["code"]


def test_each_look_is_in_the_trail_with_the_codes_id_and_no_more(session: Session, signed_in: SignedIn) -> None:
    coded(session, "issued")
    client = signed_in(Role.ELIGIBILITY)
    ask(client, "CC4F7K9QX2")
    ask(client, "CC00000009")
    session.rollback()
    code_id = session.scalars(select(MembershipCode.id)).one()
    looks = session.scalars(select(AuditEvent).where(AuditEvent.action == "code.looked_up").order_by(AuditEvent.id))
    assert [(one.subject_id, one.changes) for one in looks] == [(code_id, {}), (None, {})]


def test_only_who_may_see_the_household_gets_a_link_to_it(
    session: Session, partner: Account, signed_in: SignedIn
) -> None:
    inside, outside = coded(session, "issued"), coded(session, "issued", "CC00000001", area=25)
    merged = coded(session, "issued", "CC00000002")
    merged.merged_into_id = inside.id
    session.commit()
    client = signed_in(partner)
    assert f"/households/{inside.reference}" in ask(client, "CC4F7K9QX2")
    assert "/households/H" not in ask(client, "CC00000001")
    assert outside.reference not in ask(client, "CC00000001")
    assert f"/households/{inside.reference}" in ask(client, "CC00000002")
    assert "The code is good" in ask(client, "CC00000001")


def test_the_code_is_taken_from_the_form_alone(session: Session, signed_in: SignedIn) -> None:
    coded(session, "issued")
    assert "CC-4F7K-9QX2" not in signed_in(Role.STAFF).get(f"{WHY}?code=CC4F7K9QX2").text


def issued(session: Session, account: Account, *codes: str) -> Enrollment:
    """An enrollment that has the first of the codes; the others are free."""
    programs.pool(session, *codes)
    enrollment = programs.waiting(session, on=TODAY)
    step_to(session, enrollment, account, Status.CODE_ISSUED, plan=programs.plan(session))
    session.commit()
    return enrollment


def lost(session: Session, account: Account, enrollment: Enrollment, **given: Any) -> Any:
    return replace(
        session,
        account=account,
        household=session.get_one(Household, enrollment.household_id),
        enrollment=enrollment,
        reason="the letter never came",
        on=TODAY,
        **given,
    )


def test_a_lost_code_dies_as_the_new_one_is_given(session: Session, staff: Account) -> None:
    enrollment = issued(session, staff, "CC00000001", "CC00000002")
    with transaction(session):
        lost(session, staff, enrollment)
    assert enrollment.membership_code is not None
    assert (enrollment.membership_code.code, enrollment.status) == ("CC00000002", "code_issued")
    assert moves(session, "CC00000001") == [(None, "free"), ("free", "issued"), ("issued", "revoked")]
    assert moves(session, "CC00000002") == [(None, "free"), ("free", "issued")]
    found = find(session, staff, "CC-0000-0002").households
    assert [one.reference for one in found] == [enrollment.household.reference]
    trail = session.scalars(select(AuditEvent).where(AuditEvent.action == "code.replaced")).one()
    assert trail.changes["membership_code"] == ["CC00000001", "CC00000002"]
    assert books.check(session, account=None).balanced


def test_an_expired_code_is_replaced_and_a_redeemed_one_is_not(session: Session, staff: Account) -> None:
    enrollment = issued(session, staff, "CC00000001", "CC00000002", "CC00000003")
    code = enrollment.membership_code
    assert code is not None
    from connectivity.rules.service_states import CodeState
    from connectivity.service.codes import ledger

    ledger.turn(session, account=None, code_id=code.id, before=CodeState.ISSUED, after=CodeState.EXPIRED, on=TODAY)
    session.refresh(code)
    assert lost(session, staff, enrollment).new.code == "CC00000002"
    step_to(session, enrollment, staff, Status.ACTIVE)
    with pytest.raises(NotReplaced, match="service runs on it"):
        lost(session, staff, enrollment)


def test_without_another_code_the_old_one_lives_on(session: Session, staff: Account) -> None:
    from connectivity.service.codes.pool import CodeRefused

    enrollment = issued(session, staff, "CC00000001")
    with pytest.raises(CodeRefused, match="no free code left"), transaction(session):
        lost(session, staff, enrollment)
    assert moves(session, "CC00000001")[-1] == ("free", "issued")
    with pytest.raises(NotReplaced, match="the lost code itself"), transaction(session):
        lost(session, staff, enrollment, text="CC00000001")
    assert moves(session, "CC00000001")[-1] == ("free", "issued")


def test_the_page_replaces_a_code_and_shows_its_moves(session: Session, signed_in: SignedIn, staff: Account) -> None:
    enrollment = issued(session, staff, "CC00000001", "CC00000002")
    terms.refresh(session, enrollment.household)
    session.commit()
    client = signed_in(Role.STAFF)
    path = f"/households/{enrollment.household.reference}/enrollments/{enrollment.program_year_id}/code"
    assert "CC-0000-0001" in client.get(path).text
    assert set(errors_of(client.send(path, {}).text)) == {"reason", "sure"}
    done = client.send(path, {"reason": "lost", "sure": "y"}, follow_redirects=True)
    assert "The new code is CC-0000-0002" in done.text
    assert "no free code left" in errors_of(client.send(path, {"reason": "lost", "sure": "y"}).text)["code"]
    assert client.get(path.replace(str(enrollment.program_year_id), "9999")).status_code == 404


def test_a_code_that_ended_with_its_service_shows_no_last_day_to_use_it(session: Session, signed_in: SignedIn) -> None:
    programs.pool(session, "CC00000001", expires_on=TODAY)
    home = factories.household(session)
    code_id = session.scalars(select(MembershipCode.id)).one()
    ledger.give_all(session, account=None, given=[(code_id, home.id)], after=CodeState.ISSUED, on=TODAY)
    session.commit()
    client = signed_in(Role.STAFF)
    assert "Last day to use it" in ask(client, "CC00000001")
    for before, after in ((CodeState.ISSUED, CodeState.REDEEMED), (CodeState.REDEEMED, CodeState.EXPIRED)):
        with transaction(session):
            ledger.turn(session, account=None, code_id=code_id, before=before, after=after, on=TODAY)
        assert "Last day to use it" not in ask(client, "CC00000001")


@pytest.mark.parametrize(
    ("state", "issued", "said"),
    [
        ("held", False, "it is held for"),
        ("revoked", False, "it was held for"),
        ("revoked", True, "it was given to"),
        ("issued", True, "it was given to"),
    ],
)
def test_the_way_to_the_household_says_held_of_what_was_only_held(
    session: Session, signed_in: SignedIn, state: str, issued: bool, said: str
) -> None:
    programs.year(session)
    home = factories.household(session)
    factories.membership_code(
        session, code="CC4F7K9QX2", state=state, household_id=home.id, issued_on=TODAY if issued else None
    )
    page = ask(signed_in(Role.STAFF), "CC4F7K9QX2")
    assert f"Open the household {said}</a>" in page
    assert page.count("Open the household") == 1
