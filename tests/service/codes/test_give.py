"""Codes given to many at once: all who wait or nobody, the longest waiting first, and never two households on one code."""

import datetime as dt
import threading
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from connectivity.casework.terms import search_terms_of
from connectivity.database import make_sessions, transaction
from connectivity.households.find import find
from connectivity.households.history import history
from connectivity.register import (
    Account,
    AuditEvent,
    Enrollment,
    EnrollmentEvent,
    Household,
    MembershipCode,
    Plan,
    Role,
    SearchTerm,
)
from connectivity.rules.service_states import Status
from connectivity.service.codes import books, give
from connectivity.service.codes.release import Released
from connectivity.service.codes.waiting import Preview, Wanted, preview
from connectivity.service.enrollments import StepRefused
from tests.households.conftest import A_SCHOOL, SignedIn
from tests.service.codes import programs
from tests.service.codes.programs import TODAY, moves, states, waiting, wanted
from tests.service.test_enrollments import step_to

FIVE = [f"CC0000000{number}" for number in range(1, 6)]


def issue(session: Session, account: Account, **given: Any) -> give.Done:
    as_many = given.pop("as_many_as_there_are", False)
    of = given.pop("plan", None) or programs.plan(session)
    return give.issue_to_all(
        session,
        account=account,
        wanted=wanted(session, **given),
        plan=of,
        on=TODAY,
        as_many_as_there_are=as_many,
    )


def holders(session: Session) -> dict[int, str]:
    """Household -> its live code."""
    rows = session.execute(
        select(MembershipCode.household_id, MembershipCode.code).where(MembershipCode.state.in_(["held", "issued"]))
    )
    return dict(map(tuple, rows))


def test_everybody_who_waits_gets_one_code_with_step_version_trail_and_search_words(
    session: Session, staff: Account
) -> None:
    programs.pool(session, *FIVE)
    first = waiting(session, "contacted", on=TODAY - dt.timedelta(days=30))
    second = waiting(session, on=TODAY - dt.timedelta(days=10))
    session.commit()
    assert issue(session, staff) == give.Done(given=2, waiting=0)
    session.expire_all()
    plan = programs.plan(session)
    for enrollment, code in ((first, "CC00000001"), (second, "CC00000002")):
        assert (enrollment.status, enrollment.status_on, enrollment.plan_id) == ("code_issued", TODAY, plan.id)
        assert enrollment.membership_code is not None
        assert (enrollment.membership_code.code, enrollment.membership_code.issued_on) == (code, TODAY)
        assert (enrollment.provider_id, enrollment.service_type) == (plan.provider_id, "wired")
        assert enrollment.events[-1].status == "code_issued"
        assert enrollment.household.version == 2
        assert moves(session, code) == [(None, "free"), ("free", "issued")]
        terms = set(session.scalars(select(SearchTerm.term).where(SearchTerm.household_id == enrollment.household_id)))
        assert {code.lower(), "cc"} <= terms
        assert terms <= search_terms_of(session, enrollment.household)
    trail = session.scalars(select(AuditEvent).where(AuditEvent.action == "enrollment.stepped")).all()
    assert [one.changes for one in trail] == [
        {"status": ["contacted", "code_issued"], "membership_code": [None, "CC00000001"], "version": [1, 2]},
        {"status": ["eligible", "code_issued"], "membership_code": [None, "CC00000002"], "version": [1, 2]},
    ]
    assert [one.reference for one in find(session, staff, "CC-0000-0001").households] == [first.household.reference]
    assert books.check(session, account=staff).balanced


def test_the_households_own_history_tells_of_the_code(session: Session, staff: Account) -> None:
    programs.pool(session, *FIVE)
    enrollment = waiting(session)
    issue(session, staff)
    session.expire_all()
    issued = [one.issued.code for one in history(session, enrollment.household) if getattr(one, "issued", None)]
    assert issued == ["CC00000001"]


def test_a_short_pool_says_how_many_are_missing_and_gives_none_unless_told_to(session: Session, staff: Account) -> None:
    programs.pool(session, *FIVE[:2])
    late = waiting(session, on=TODAY - dt.timedelta(days=1))
    early = [waiting(session, on=TODAY - dt.timedelta(days=days)) for days in (9, 8)]
    session.commit()
    with pytest.raises(give.PoolTooSmall, match="1 too few, so no code was given") as refused:
        issue(session, staff)
    assert (refused.value.households, refused.value.free, refused.value.missing) == (3, 2, 1)
    assert states(session) == {"free": 2}
    assert issue(session, staff, as_many_as_there_are=True) == give.Done(given=2, waiting=1)
    assert set(holders(session)) == {one.household_id for one in early}
    assert late.household_id not in holders(session)


def test_nobody_who_waits_and_no_code_at_all_are_refused(session: Session, staff: Account) -> None:
    programs.pool(session, *FIVE)
    with pytest.raises(give.NobodyWaits):
        issue(session, staff)
    waiting(session)
    with pytest.raises(give.PoolTooSmall):
        issue(session, staff, plan=programs.plan(session, "Astound"), as_many_as_there_are=True)


def test_who_is_asked_for_is_who_gets_one(session: Session, staff: Account) -> None:
    """Seven households; each narrowing finds the ones that were planted for it."""
    programs.pool(session, *FIVE)
    kept = {
        "contacted": waiting(session, "contacted"),
        "polish": waiting(session, language="pl"),
        "elsewhere": waiting(session, area=25),
        "at_school": waiting(session, students=[{"school_id": A_SCHOOL}]),
        "hotspot": waiting(session, service_type="hotspot"),
        "wired": waiting(session, service_type="wired"),
    }
    waiting(session, "ordered")
    merged = waiting(session)
    merged.household.merged_into_id = kept["polish"].household_id
    session.commit()
    wired, hotspot = (
        programs.plan(session),
        programs.plan(session, "T-Mobile", service_type="hotspot"),
    )

    def counts(plan: Plan = wired, **given: Any) -> Preview:
        return preview(session, account=staff, wanted=wanted(session, **given), plan=plan, on=TODAY)

    assert counts() == Preview(households=5, held=0, other_path=1, free=5)
    assert counts(hotspot) == Preview(households=5, held=0, other_path=1, free=0)
    assert counts(path_known=True).households == 1
    assert counts(status="contacted").households == 1
    assert counts(language="pl").households == 1
    assert counts(area=25).households == 1
    assert counts(school_id=A_SCHOOL).households == 1
    issue(session, staff, area=25)
    assert set(holders(session)) == {kept["elsewhere"].household_id}
    assert counts().households == 4


def test_a_code_past_its_day_is_not_given(session: Session, staff: Account) -> None:
    yesterday = TODAY - dt.timedelta(days=1)
    programs.pool(session, "CC00000001", expires_on=yesterday)
    programs.pool(session, "CC00000002", own_days={"CC00000002": yesterday})
    programs.pool(session, "CC00000003", expires_on=yesterday, own_days={"CC00000003": TODAY})
    waiting(session)
    issue(session, staff)
    assert list(holders(session).values()) == ["CC00000003"]


def test_held_codes_are_live_wait_for_the_letter_and_go_back_when_released(session: Session, staff: Account) -> None:
    programs.pool(session, *FIVE)
    enrollment = waiting(session)
    other = waiting(session, language="pl")
    plan = programs.plan(session)
    done = give.hold_for_all(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY)
    assert done == give.Done(given=2, waiting=0)
    session.expire_all()
    assert (enrollment.status, enrollment.membership_code_id) == ("eligible", None)
    assert preview(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY) == Preview(
        households=0, held=2, other_path=0, free=3, releasable=2
    )
    released = give.release(session, account=staff, wanted=wanted(session, language="pl"), plan=plan, on=TODAY)
    session.commit()
    assert (released, states(session)) == (Released(freed=1), {"free": 4, "held": 1})
    assert set(holders(session)) == {enrollment.household_id}
    assert other.household_id not in holders(session)
    assert books.check(session, account=staff).balanced


def test_held_codes_are_issued_when_their_letters_go_out(session: Session, staff: Account) -> None:
    programs.pool(session, *FIVE)
    first, second = waiting(session, language="es"), waiting(session, language="pl")
    plan = programs.plan(session)
    give.hold_for_all(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY)
    held = holders(session)
    done = give.issue_held(session, account=staff, wanted=wanted(session, language="pl"), plan=plan, on=TODAY)
    session.commit()
    assert done == give.Done(given=1, waiting=0)
    assert holders(session) == held
    assert (first.status, second.status, second.plan_id) == ("eligible", "code_issued", plan.id)
    assert moves(session, held[second.household_id]) == [(None, "free"), ("free", "held"), ("held", "issued")]
    with pytest.raises(give.NobodyWaits, match="No code is held"):
        give.issue_held(session, account=staff, wanted=wanted(session, language="pl"), plan=plan, on=TODAY)
    session.rollback()
    assert books.check(session, account=staff).balanced


def at_once(engine: Engine, staff: Account, plan: Plan, asked: list[Wanted]) -> list[object]:
    """Each asks on a connection of its own, at the same moment; returns what happened to each."""
    gate, outcomes = threading.Barrier(len(asked)), []
    plan_id, account_id = plan.id, staff.id

    def work(one: Wanted) -> None:
        with make_sessions(engine)() as own:
            own.get_one(Account, account_id)
            gate.wait()
            try:
                with transaction(own):
                    outcomes.append(
                        give.issue_to_all(
                            own,
                            account=own.get_one(Account, account_id),
                            wanted=one,
                            plan=own.get_one(Plan, plan_id),
                            on=TODAY,
                            as_many_as_there_are=True,
                        )
                    )
            except give.GivingRefused as refused:
                outcomes.append(refused)

    threads = [threading.Thread(target=work, args=(one,)) for one in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_eight_issuers_at_once_on_the_same_households_give_each_one_code(
    session: Session, engine: Engine, staff: Account
) -> None:
    programs.pool(session, *(f"CC{number:08d}" for number in range(400)))
    for _ in range(120):
        waiting(session)
    plan, asked = programs.plan(session), wanted(session)
    session.commit()
    outcomes = at_once(engine, staff, plan, [asked] * 8)
    assert len(outcomes) == 8
    assert sum(one.given for one in outcomes if isinstance(one, give.Done)) == 120
    assert states(session) == {"free": 280, "issued": 120}
    _each_has_its_own(session, 120)


def test_eight_issuers_at_once_on_other_households_share_the_pool_without_a_double(
    session: Session, engine: Engine, staff: Account
) -> None:
    """Eight areas of ten, and 60 codes: twenty households go without, nobody gets another's code."""
    programs.pool(session, *(f"CC{number:08d}" for number in range(60)))
    for area in range(1, 9):
        for _ in range(10):
            waiting(session, area=area)
    plan, asked = programs.plan(session), [wanted(session, area=area) for area in range(1, 9)]
    session.commit()
    outcomes = at_once(engine, staff, plan, asked)
    given = sum(one.given for one in outcomes if isinstance(one, give.Done))
    assert len(outcomes) == 8
    # On PostgreSQL one may find codes taken by another that is not done yet; it says so, and can be asked again.
    assert 10 <= given <= 60
    _each_has_its_own(session, given)
    session.rollback()
    assert books.check(session, account=staff).balanced


def _each_has_its_own(session: Session, given: int) -> None:
    session.rollback()
    issued = session.scalars(select(MembershipCode).where(MembershipCode.state == "issued")).all()
    assert len(issued) == given
    assert len({one.household_id for one in issued}) == given
    of_enrollments = session.scalars(
        select(Enrollment.membership_code_id).where(Enrollment.status == "code_issued")
    ).all()
    assert sorted(of_enrollments) == sorted(one.id for one in issued)
    steps = select(func.count()).select_from(EnrollmentEvent).where(EnrollmentEvent.status == "code_issued")
    assert session.scalar(steps) == given


def test_the_page_counts_first_and_gives_what_it_showed(session: Session, signed_in: SignedIn) -> None:
    programs.pool(session, *FIVE)
    waiting(session)
    plan, year = programs.plan(session), programs.year(session)
    client = signed_in(Role.STAFF)
    path = f"/service/codes/give?year={year.id}&plan={plan.id}"
    page = client.get(path).text
    assert "Issue 1 code<" in page
    waiting(session, language="pl")
    session.commit()
    token = client.token("/service/codes/give")
    post = path.replace("give?", "give/issue?")
    told = client.post(post, data={"csrf_token": token, "seen": "1"})
    assert told.status_code == 409
    assert "2 wait now" in told.text
    assert states(session) == {"free": 5}
    done = client.post(post, data={"csrf_token": token, "seen": "2"}, follow_redirects=True)
    assert "Codes issued: 2." in done.text
    assert states(session) == {"free": 3, "issued": 2}


def test_the_page_holds_codes_and_issues_them_later(session: Session, signed_in: SignedIn) -> None:
    programs.pool(session, *FIVE)
    waiting(session)
    plan, year = programs.plan(session), programs.year(session)
    client = signed_in(Role.STAFF)
    choice = f"plan={plan.id}&year={year.id}"
    page = f"/service/codes/give?{choice}"
    client.send(f"/service/codes/give/hold?{choice}", {"seen": "1"}, page=page)
    assert states(session) == {"free": 4, "held": 1}
    answer = client.send(f"/service/codes/give/issue-held?{choice}", {"seen": "1"}, page=page, follow_redirects=True)
    assert "Held codes issued: 1." in answer.text
    assert states(session) == {"free": 4, "issued": 1}
    again = client.send(f"/service/codes/give/issue-held?{choice}", page=page)
    assert again.status_code == 422
    assert "No code is held" in again.text


def test_the_page_of_a_short_pool_offers_as_many_as_there_are(session: Session, signed_in: SignedIn) -> None:
    programs.pool(session, FIVE[0])
    for _ in range(3):
        waiting(session)
    plan, year = programs.plan(session), programs.year(session)
    client = signed_in(Role.STAFF)
    path = f"/service/codes/give?year={year.id}&plan={plan.id}"
    page = client.get(path).text
    assert "2 too few" in page
    assert "Hold the 1 code there is" in page
    data = {"csrf_token": client.token("/service/codes/give"), "seen": "3"}
    hold = path.replace("give?", "give/hold?")
    refused = client.post(hold, data=data)
    assert refused.status_code == 422
    assert "2 too few, so no code was given" in refused.text
    held = client.post(hold, data={**data, "as_many": "yes"}, follow_redirects=True)
    assert "Codes held: 1." in held.text
    assert "Households that still wait for one: 2." in held.text
    freed = client.post(path.replace("give?", "give/release?"), data=data, follow_redirects=True)
    assert "Held codes that are free again: 1." in freed.text
    assert states(session) == {"free": 1}


def test_what_cannot_be_chosen_is_answered_in_the_form(session: Session, signed_in: SignedIn) -> None:
    programs.plan(session)
    programs.year(session)
    page = signed_in(Role.STAFF).get("/service/codes/give?plan=x&year=999&area=99&school=NONE&status=active")
    assert page.status_code == 200
    assert "Choose one from the list" in page.text


def test_a_household_with_a_held_code_gets_that_one_step_by_step_too(session: Session, staff: Account) -> None:
    programs.pool(session, *FIVE)
    enrollment = waiting(session)
    plan = programs.plan(session)
    give.hold_for_all(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY)
    held = holders(session)[enrollment.household_id]
    household = session.get_one(Household, enrollment.household_id)
    session.expire_all()
    astound = programs.plan(session, "Astound")
    with pytest.raises(StepRefused) as refused:
        step_to(session, enrollment, staff, Status.CODE_ISSUED, plan=astound)
    assert "A code of Comcast is held for this household" in refused.value.problems["code"]
    with pytest.raises(StepRefused) as refused:
        step_to(session, enrollment, staff, Status.CODE_ISSUED, plan=plan, code="CC00000005")
    assert "is held for this household" in refused.value.problems["code"]
    step_to(session, enrollment, staff, Status.CODE_ISSUED, plan=plan)
    assert (enrollment.membership_code.code, household.id) == (held, enrollment.household_id)
