"""Letters whose code no longer works for their family: counted and listed on the page of their run, with what to do."""

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectivity.households.merge import merge
from connectivity.register import Account, Household, LetterRun, MembershipCode, Role
from connectivity.rules.service_states import CodeState, EndReason, Status
from connectivity.service.codes import give, ledger
from connectivity.service.letters import runs
from connectivity.service.letters.chosen import Wanted, choose
from connectivity.service.letters.lost import Lost, count_lost, lost
from tests.households.conftest import SignedIn
from tests.service.codes import programs
from tests.service.codes.programs import TODAY, waiting, wanted
from tests.service.letters.homes import home
from tests.service.test_enrollments import step_to


def run_of_all(session: Session, staff: Account) -> LetterRun:
    """A run that is printed, with a letter for each code that waits."""
    session.flush()
    run = runs.start(session, account=staff, wanted=Wanted(year_id=programs.year(session).id), on=TODAY)
    codes = [code for code, _ in runs.letters_of(session, run.id, on=TODAY)]
    session.commit()
    runs.finish(session, run.id, codes=codes, sha256="0" * 64)
    return run


def to(session: Session, code: str, *states: str, household: Household | None = None) -> None:
    """Takes the code through these states by the ledger."""
    one = session.scalars(select(MembershipCode).where(MembershipCode.code == code)).one()
    before = CodeState(one.state)
    for after in map(CodeState, states):
        assert ledger.turn(
            session,
            account=None,
            code_id=one.id,
            before=before,
            after=after,
            on=TODAY,
            household_id=household.id if household else None,
        )
        before = after
    session.commit()
    session.expire_all()


def test_a_letter_is_lost_once_its_code_died_unused_or_is_another_households(session: Session, staff: Account) -> None:
    """Seven letters. Lost are the revoked, the expired, the one back in the pool, and the one that another household got: four."""
    homes = {code: home(session, f"CC0000000{code}", "held" if code in (6, 7) else "issued") for code in range(1, 8)}
    run = run_of_all(session, staff)
    assert run.letters == 7
    assert lost(session, run.id) == []
    to(session, "CC00000002", "redeemed")
    to(session, "CC00000003", "redeemed", "expired")
    to(session, "CC00000004", "revoked")
    to(session, "CC00000005", "expired")
    to(session, "CC00000006", "free")  # as the release did before it asked the letters
    to(session, "CC00000007", "free", "issued", household=waiting(session).household)
    assert lost(session, run.id) == [
        Lost(household=homes[number].reference, code=f"CC-0000-000{number}", elsewhere=number == 7)
        for number in (4, 5, 6, 7)
    ]
    assert count_lost(session, [run.id, run.id + 1]) == {run.id: 4}


def test_a_code_that_went_with_a_merge_is_not_lost_and_its_letter_not_made_twice(
    session: Session, staff: Account
) -> None:
    """The folded household's code moves to the kept one, which had none: its letter reached the same home."""
    folded = home(session, "CC00000001")
    run = run_of_all(session, staff)
    kept = waiting(session, "active").household
    session.execute(update(MembershipCode).values(household_id=kept.id))
    merge(session, account=staff, household=kept, other=folded, reason="one home")
    session.commit()
    kept.enrollments[0].status = "code_issued"
    session.commit()
    assert lost(session, run.id) == []
    found = choose(session, account=staff, wanted=Wanted(year_id=programs.year(session).id), on=TODAY)
    assert (found.before, found.letters) == (1, [])


def test_a_household_whose_code_stood_in_anothers_letter_is_not_refused_its_own(
    session: Session, staff: Account
) -> None:
    """As the tester found it: the code of a printed letter was given to somebody who never had a letter."""
    first = home(session, "CC00000001")
    run = run_of_all(session, staff)
    second = waiting(session, "code_issued").household
    session.execute(update(MembershipCode).values(household_id=second.id))
    session.commit()
    found = choose(session, account=staff, wanted=Wanted(year_id=programs.year(session).id), on=TODAY)
    assert found.before == 0
    assert [one.household_id for one in found.letters] == [second.id]
    assert [(one.household, one.elsewhere) for one in lost(session, run.id)] == [(first.reference, True)]


def test_the_page_of_a_run_and_the_list_say_how_many_are_lost_and_what_to_do(
    session: Session, staff: Account, signed_in: SignedIn
) -> None:
    """Two are held and in letters; one enrollment ends, and its code dies with it."""
    programs.pool(session, "CC00000001", "CC00000002")
    first, second = waiting(session, on=TODAY - dt.timedelta(days=9)), waiting(session, on=TODAY - dt.timedelta(days=8))
    give.hold_for_all(session, account=staff, wanted=wanted(session), plan=programs.plan(session), on=TODAY)
    session.commit()
    run = run_of_all(session, staff)
    client = signed_in(Role.STAFF)
    page = client.get(f"/service/letters/{run.id}").text
    assert "does not work any more" not in page
    assert "do not work any more" not in client.get("/service/letters").text
    step_to(session, first, staff, Status.ENDED, reason=EndReason.OPTED_OUT)
    session.commit()
    page = client.get(f"/service/letters/{run.id}").text
    assert "The code of 1 letter does not work any more" in page
    assert "do not mail these letters" in page
    assert f"{first.household.reference}</a>: <code>CC-0000-0001</code>" in page
    assert second.household.reference not in page
    assert "1 code does not work any more" in client.get("/service/letters").text
    assert "belong" not in page.split("Since these letters")[1].split("</div>")[0]
