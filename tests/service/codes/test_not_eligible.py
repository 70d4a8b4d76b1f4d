"""Households found not eligible: no code in bulk or by hand, no letter, and no word on the families' page that they are eligible."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from connectivity.register import Account, Determination, Enrollment, Role
from connectivity.rules.service_states import Status
from connectivity.service.codes import give
from connectivity.service.codes.family import Answer, Standing
from connectivity.service.codes.release import Released
from connectivity.service.codes.replace import NotReplaced, replace
from connectivity.service.codes.waiting import Preview, preview
from connectivity.service.enrollments import StepRefused
from connectivity.service.letters import runs
from connectivity.service.letters.chosen import Wanted as LettersWanted
from connectivity.service.letters.chosen import choose
from tests import factories
from tests.households.conftest import SignedIn
from tests.service.codes import programs
from tests.service.codes.programs import TODAY, states, waiting, wanted
from tests.service.codes.test_family import home, told
from tests.service.letters.homes import home as home_with_code
from tests.service.test_enrollments import step_to

YESTERDAY = TODAY - dt.timedelta(days=1)


def decide(session: Session, household_id: int, *, eligible: bool = False, **given: Any) -> None:
    """A determination of the present year, by an appeal unless told otherwise."""
    session.add(
        Determination(
            **{
                "household_id": household_id,
                "program_year_id": programs.year(session).id,
                "eligible": eligible,
                "source": "appeal",
                "reason": "x",
                "explanation": "x",
                "decided_on": YESTERDAY,
                **given,
            }
        )
    )
    session.flush()


def override(session: Session, enrollment: Enrollment, last: dt.date, *, eligible: bool = False) -> None:
    decide(session, enrollment.household_id, eligible=eligible, source="override", expires_on=last)


def test_only_a_no_that_is_in_force_leaves_a_household_out_and_the_count_says_so(
    session: Session, staff: Account
) -> None:
    """Eight wait; left out are the granted-no, the override whose last day is today, and the no from before an expired override: three."""
    programs.pool(session, *(f"CC0000000{number}" for number in range(9)))
    out = [waiting(session), waiting(session), waiting(session)]
    kept = [waiting(session) for _ in range(5)]
    decide(session, out[0].household_id)
    override(session, out[1], TODAY)
    decide(session, out[2].household_id, ended_on=YESTERDAY)
    override(session, out[2], YESTERDAY, eligible=True)
    override(session, kept[0], YESTERDAY)
    override(session, kept[1], TODAY, eligible=True)
    decide(session, kept[2].household_id, ended_on=TODAY)
    decide(session, kept[2].household_id, eligible=True)
    earlier = factories.program_year(
        session, label="before", starts_on=TODAY - dt.timedelta(days=500), ends_on=TODAY - dt.timedelta(days=101)
    )
    decide(session, kept[3].household_id, program_year_id=earlier.id)
    plan = programs.plan(session)
    assert preview(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY) == Preview(
        households=5, held=0, other_path=0, free=9, not_eligible=3
    )
    session.commit()
    assert give.issue_to_all(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY).given == 5
    session.expire_all()
    assert [one.status for one in out] == ["eligible"] * 3
    assert [one.status for one in kept] == ["code_issued"] * 5


def test_no_code_is_held_for_them_and_a_held_one_is_not_issued_but_released(session: Session, staff: Account) -> None:
    programs.pool(session, "CC00000001", "CC00000002", "CC00000003")
    never, later, good = waiting(session), waiting(session), waiting(session)
    decide(session, never.household_id)
    plan = programs.plan(session)
    assert give.hold_for_all(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY).given == 2
    decide(session, later.household_id)
    found = preview(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY)
    assert (found.held, found.held_not_eligible, found.not_eligible) == (2, 1, 1)
    assert give.issue_held(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY).given == 1
    assert give.release(session, account=staff, wanted=wanted(session), plan=plan, on=TODAY) == Released(freed=1)
    session.commit()
    session.expire_all()
    assert (good.status, later.status) == ("code_issued", "eligible")
    assert states(session) == {"free": 2, "issued": 1}


def test_the_page_says_how_many_are_left_out_for_it(session: Session, signed_in: SignedIn) -> None:
    programs.pool(session, "CC00000001")
    decide(session, waiting(session).household_id)
    plan, year = programs.plan(session), programs.year(session)
    page = signed_in(Role.STAFF).get(f"/service/codes/give?year={year.id}&plan={plan.id}").text
    assert f"Left out: found not eligible for {year.label}</dt><dd>1" in page
    assert "No household waits for a code here" in page


def test_by_hand_the_step_is_refused_with_what_to_do_until_the_word_changes(session: Session, staff: Account) -> None:
    programs.pool(session, "CC00000001")
    enrollment = waiting(session)
    decide(session, enrollment.household_id)
    with pytest.raises(StepRefused) as refused:
        step_to(session, enrollment, staff, Status.CODE_ISSUED)
    assert set(refused.value.problems) == {"status"}
    assert "not eligible for 2026-27" in refused.value.problems["status"]
    assert "override" in refused.value.problems["status"]
    assert "end this enrollment" in refused.value.problems["status"]
    assert states(session) == {}  # the refusal left nothing: what was not committed is gone


def test_no_letter_goes_to_them_even_when_the_word_comes_after_the_button(session: Session, staff: Account) -> None:
    out, good = home_with_code(session, "CC00000001"), home_with_code(session, "CC00000002")
    decide(session, out.id)
    year_id = programs.year(session).id
    found = choose(session, account=staff, wanted=LettersWanted(year_id=year_id), on=TODAY)
    assert [one.household_id for one in found.letters] == [good.id]
    assert (found.not_eligible, found.left_out) == (1, {"not_eligible": 1})
    run = runs.start(session, account=staff, wanted=LettersWanted(year_id=year_id), on=TODAY)
    assert len(runs.letters_of(session, run.id, on=TODAY)) == 1
    decide(session, good.id)
    assert runs.letters_of(session, run.id, on=TODAY) == []


@pytest.mark.parametrize(
    ("status", "state"),
    [("eligible", None), ("contacted", None), ("code_issued", "issued"), ("code_issued", "expired")],
)
def test_the_family_is_answered_as_one_that_is_not_on_the_list(
    session: Session, status: str, state: str | None
) -> None:
    made = home(session, status, state)
    decide(session, made.id)
    assert told(session) == Answer(standing=Standing.NOT_LISTED, year="2026-27")


def test_a_family_whose_service_runs_is_still_told_that_it_is_connected(session: Session) -> None:
    made = home(session, "active", "redeemed")
    decide(session, made.id)
    answer = told(session)
    assert answer is not None
    assert answer.standing is Standing.CONNECTED


def test_a_lost_code_is_not_replaced_for_them_and_the_old_one_stays(session: Session, staff: Account) -> None:
    programs.pool(session, "CC00000001", "CC00000002")
    enrollment = waiting(session)
    step_to(session, enrollment, staff, Status.CODE_ISSUED)
    decide(session, enrollment.household_id)
    session.commit()
    given = {
        "account": staff,
        "household": enrollment.household,
        "enrollment": enrollment,
        "reason": "lost",
        "on": TODAY,
    }
    with pytest.raises(NotReplaced, match="found not eligible for 2026-27, so it gets no code"):
        replace(session, **given)
    assert states(session) == {"free": 1, "issued": 1}
    session.execute(update(Determination).values(ended_on=TODAY))
    override(session, enrollment, TODAY, eligible=True)
    session.commit()
    assert replace(session, **given).new.code == "CC00000002"
