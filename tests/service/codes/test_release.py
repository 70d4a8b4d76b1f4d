"""A code that is only held goes back to the pool when it is released or its enrollment ends; one that stands in a letter dies."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from connectivity.casework.terms import refresh
from connectivity.database import make_sessions, transaction
from connectivity.households.merge import merge
from connectivity.register import Account, Enrollment, LetterRun, MembershipCode, Plan, Role, SearchTerm
from connectivity.rules.service_states import EndReason, Status
from connectivity.service.codes import books, give
from connectivity.service.codes.release import Released
from connectivity.service.codes.waiting import preview
from connectivity.service.letters import runs
from connectivity.service.letters.chosen import Wanted as LettersWanted
from connectivity.service.progress.nightly import end_due
from tests.households.conftest import SignedIn
from tests.service.codes import programs
from tests.service.codes.programs import TODAY, moves, states, waiting, wanted
from tests.service.test_enrollments import step_to

TOLD = [(None, "free"), ("free", "held"), ("held", "free")]


def two_held(session: Session, staff: Account) -> tuple[Enrollment, Enrollment]:
    """CC00000001 is held for the first, CC00000002 for the second; both are found by their code."""
    programs.pool(session, "CC00000001", "CC00000002")
    first, second = waiting(session, on=TODAY - dt.timedelta(days=9)), waiting(session, on=TODAY - dt.timedelta(days=8))
    give.hold_for_all(session, account=staff, wanted=wanted(session), plan=programs.plan(session), on=TODAY)
    session.expire_all()
    for one in (first, second):
        refresh(session, one.household)
    session.commit()
    return first, second


def _free_and_forgotten(session: Session, kept: Enrollment) -> None:
    assert states(session) == {"free": 1, "held": 1}
    assert moves(session, "CC00000001") == TOLD
    terms = select(SearchTerm.household_id, SearchTerm.term).where(SearchTerm.term.in_(["cc00000001", "cc00000002"]))
    assert {tuple(row) for row in session.execute(terms)} == {(kept.household_id, "cc00000002")}


def test_ending_by_hand_frees_the_code_held_for_that_household_alone(session: Session, staff: Account) -> None:
    first, second = two_held(session, staff)
    step_to(session, first, staff, Status.ENDED, reason=EndReason.OPTED_OUT)
    session.commit()
    _free_and_forgotten(session, second)
    assert books.check(session, account=staff).balanced


def test_the_night_that_ends_an_enrollment_frees_it_too(session: Session, staff: Account) -> None:
    first, second = two_held(session, staff)
    first.service_until, first.leaving_reason = TODAY - dt.timedelta(days=1), "moved"
    session.commit()
    assert end_due(session, today=TODAY) == 1
    session.commit()
    _free_and_forgotten(session, second)
    assert books.check(session, account=staff).balanced


def letters_for_all(session: Session, staff: Account) -> LetterRun:
    """A run with a letter for each code that waits, not printed yet."""
    run = runs.start(session, account=staff, wanted=LettersWanted(year_id=programs.year(session).id), on=TODAY)
    session.commit()
    return run


def told_on_paper(session: Session, staff: Account) -> tuple[Enrollment, Enrollment]:
    """CC00000001 is held for the first and stands in its letter; CC00000002 is held for the second since."""
    programs.pool(session, "CC00000001", "CC00000002")
    plan, first = programs.plan(session), waiting(session, on=TODAY - dt.timedelta(days=9))
    give.hold_for_all(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY)
    session.commit()
    letters_for_all(session, staff)
    second = waiting(session, on=TODAY - dt.timedelta(days=8))
    give.hold_for_all(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY)
    session.commit()
    return first, second


def test_a_held_code_that_a_letter_tells_dies_on_release_and_is_given_to_nobody_else(
    session: Session, staff: Account
) -> None:
    first, second = told_on_paper(session, staff)
    plan = programs.plan(session)
    found = preview(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY)
    assert (found.releasable, found.in_letters, found.merged) == (2, 1, 0)
    released = give.release(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY)
    session.commit()
    assert released == Released(freed=1, revoked=1)
    assert states(session) == {"free": 1, "revoked": 1}
    assert moves(session, "CC00000001") == [(None, "free"), ("free", "held"), ("held", "revoked")]
    done = give.issue_to_all(
        session, account=staff, wanted=wanted(session), plan=plan, on=TODAY, as_many_as_there_are=True
    )
    session.commit()
    session.expire_all()
    assert done == give.Done(given=1, waiting=1)
    assert first.membership_code is not None
    assert (first.membership_code.code, second.membership_code_id) == ("CC00000002", None)
    assert books.check(session, account=staff).balanced


@pytest.mark.parametrize("how", ["by hand", "by night"])
def test_it_dies_too_when_the_enrollment_ends(session: Session, staff: Account, how: str) -> None:
    first, _ = told_on_paper(session, staff)
    if how == "by hand":
        step_to(session, first, staff, Status.ENDED, reason=EndReason.OPTED_OUT)
    else:
        first.service_until, first.leaving_reason = TODAY - dt.timedelta(days=1), "moved"
        session.commit()
        assert end_due(session, today=TODAY) == 1
    session.commit()
    assert states(session) == {"held": 1, "revoked": 1}
    assert moves(session, "CC00000001")[-1] == ("held", "revoked")
    assert books.check(session, account=staff).balanced


def test_a_letter_that_could_not_be_made_told_nobody(session: Session, staff: Account) -> None:
    two_held(session, staff)
    runs.fail(session, letters_for_all(session, staff).id)
    released = give.release(session, account=staff, wanted=wanted(session), plan=programs.plan(session), on=TODAY)
    assert released == Released(freed=2)


def test_a_release_and_letters_begun_at_once_leave_no_code_both_free_and_printed(
    session: Session, engine: Engine, staff: Account
) -> None:
    """Thirty codes held in the order opposite to their households', so that two who hold them row by row would wait for each other."""
    programs.pool(session, *(f"CC000000{number:02}" for number in range(30)))
    for age in range(30):
        waiting(session, on=TODAY - dt.timedelta(days=9 + age))
    plan = programs.plan(session)
    give.hold_for_all(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY)
    asked, account_id, plan_id = wanted(session), staff.id, plan.id
    session.commit()
    gate, outcomes = threading.Barrier(2), []

    def work(verb: Callable[[Session, Account], object]) -> None:
        with make_sessions(engine)() as own:
            account = own.get_one(Account, account_id)
            gate.wait()
            try:
                with transaction(own):
                    outcomes.append(verb(own, account))
            except runs.RunRefused:
                pass

    def release(own: Session, account: Account) -> object:
        return give.release(own, account=account, wanted=asked, plan=own.get_one(Plan, plan_id), on=TODAY)

    def write(own: Session, account: Account) -> object:
        return runs.start(own, account=account, wanted=LettersWanted(year_id=asked.year_id), on=TODAY).id

    threads = [threading.Thread(target=work, args=(verb,)) for verb in (release, write)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [released] = [one for one in outcomes if isinstance(one, Released)]
    printed = [code for one in outcomes if isinstance(one, int) for code in runs.letters_of(session, one, on=TODAY)]
    assert printed == []
    assert (released, states(session)) in (
        (Released(freed=30), {"free": 30}),
        (Released(revoked=30), {"revoked": 30}),
    )


def test_the_page_warns_of_codes_in_letters_and_releases_none_before_it_was_seen(
    session: Session, staff: Account, signed_in: SignedIn
) -> None:
    told_on_paper(session, staff)
    client = signed_in(Role.STAFF)
    choice = f"plan={programs.plan(session).id}&year={programs.year(session).id}"
    page = f"/service/codes/give?{choice}"
    shown = client.get(page).text
    assert "held for these households: 2." in shown
    assert "1 of these codes stands in a letter." in shown
    release = f"/service/codes/give/release?{choice}"
    unseen = client.send(release, {"in_letters": "0"}, page=page)
    assert unseen.status_code == 409
    assert "letters with other held codes were made" in unseen.text
    assert states(session) == {"held": 2}
    done = client.send(release, {"in_letters": "1"}, page=page, follow_redirects=True).text
    assert "free again: 1." in done
    assert "dead, as letters with them were made: 1." in done
    assert states(session) == {"free": 1, "revoked": 1}


def test_a_code_held_for_a_household_that_was_merged_since_is_counted_told_and_released(
    session: Session, staff: Account, signed_in: SignedIn
) -> None:
    """Two are held for homes in area 3; one home is merged into an active one there: it is issued nothing, and released by area too."""
    _first, second = two_held(session, staff)
    kept = waiting(session, "active")
    merge(session, account=staff, household=kept.household, other=second.household, reason="one home")
    session.commit()
    session.expire_all()
    assert second.household.merged_into_id == kept.household_id
    plan = programs.plan(session)
    assert give.issue_held(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY).given == 1
    session.commit()
    assert states(session) == {"held": 1, "issued": 1}
    client = signed_in(Role.STAFF)
    choice = f"plan={plan.id}&year={programs.year(session).id}&area=3"
    page = client.get(f"/service/codes/give?{choice}").text
    assert "held for these households: 1." in page
    assert "merged into another one since: 1;" in page
    assert "Issue the held codes" not in page
    why = client.send("/service/codes/why", {"code": "CC00000002"}).text
    assert "merged into another one since, so it is never given out" in why
    assert "issue it when the letter is printed" not in why
    release = f"/service/codes/give/release?{choice}"
    done = client.send(release, {"in_letters": "0"}, page="/service/codes", follow_redirects=True).text
    assert "free again: 1." in done
    assert states(session) == {"free": 1, "issued": 1}
    assert session.scalars(select(SearchTerm.household_id).where(SearchTerm.term == "cc00000002")).all() == []
    [freed] = session.scalars(select(MembershipCode).where(MembershipCode.state == "free"))
    assert (freed.code, freed.household_id) == ("CC00000002", None)
