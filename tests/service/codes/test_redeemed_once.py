"""A code is redeemed once, however many say so at the same moment."""

from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from connectivity.casework.trail import for_change
from connectivity.database import make_sessions, transaction
from connectivity.register import Account, CodeEvent, Enrollment, EnrollmentEvent, MembershipCode
from connectivity.rules.service_states import CodeState, Status
from connectivity.service.codes import books, ledger
from connectivity.service.enrollments import Step, StepRefused, step
from tests import factories
from tests.service.codes import programs
from tests.service.codes.programs import TODAY, moves
from tests.service.test_enrollments import step_to


def test_two_who_say_at_once_that_a_family_is_online_redeem_its_code_once(
    session: Session, engine: Engine, staff: Account
) -> None:
    programs.pool(session, "CC00000001")
    enrollment = programs.waiting(session)
    household = enrollment.household
    plan = programs.plan(session)
    taken = Step(status=Status.CODE_ISSUED, happened_on=TODAY, plan=plan)
    step(session, account=staff, household=household, enrollment=enrollment, taken=taken, today=TODAY)
    session.commit()
    gate, outcomes = Barrier(2), []
    reference, enrollment_id, account_id = household.reference, enrollment.id, staff.id

    def say() -> None:
        with make_sessions(engine)() as own:
            account = own.get_one(Account, account_id)
            own.rollback()
            gate.wait()
            try:
                with transaction(own):
                    home = for_change(own, account, reference)
                    assert home is not None
                    of = own.get_one(Enrollment, enrollment_id, populate_existing=True)
                    online = Step(status=Status.ACTIVE, happened_on=TODAY)
                    step(own, account=account, household=home, enrollment=of, taken=online, today=TODAY)
                    outcomes.append("redeemed")
            except StepRefused as refused:
                outcomes.append(refused.problems["status"])

    threads = [Thread(target=say) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[1] == "redeemed"
    assert min(outcomes).startswith("After “active” can come")
    session.rollback()
    assert moves(session, "CC00000001") == [(None, "free"), ("free", "issued"), ("issued", "redeemed")]
    online = select(EnrollmentEvent.id).where(EnrollmentEvent.status == "active")
    assert len(session.scalars(online).all()) == 1
    assert books.check(session, account=staff).balanced


def test_the_ledger_itself_redeems_a_code_for_one_of_two_at_once(
    session: Session, engine: Engine, staff: Account
) -> None:
    home = factories.household(session)
    code_id = factories.membership_code(session, state="issued", household_id=home.id, issued_on=TODAY).id
    session.commit()
    gate, outcomes = Barrier(2), []

    def redeem() -> None:
        with make_sessions(engine)() as own:
            gate.wait()
            with transaction(own):
                done = ledger.turn(
                    own, account=None, code_id=code_id, before=CodeState.ISSUED, after=CodeState.REDEEMED, on=TODAY
                )
                outcomes.append(done)

    threads = [Thread(target=redeem) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False, True]
    session.rollback()
    assert session.get_one(MembershipCode, code_id).state == "redeemed"
    redeemed = select(CodeEvent.id).where(CodeEvent.code_id == code_id, CodeEvent.state == "redeemed")
    assert len(session.scalars(redeemed).all()) == 1


@pytest.mark.parametrize("end", [CodeState.EXPIRED, CodeState.REVOKED])
def test_a_code_that_was_ever_redeemed_is_never_given_again(session: Session, staff: Account, end: CodeState) -> None:
    """The same code is given again when it died unused, and refused once it was used, whatever became of it."""
    programs.pool(session, "CC00000001")
    enrollment = programs.waiting(session)
    session.commit()
    step_to(session, enrollment, staff, Status.CODE_ISSUED)
    code = enrollment.membership_code
    assert code is not None
    turned: dict[str, Any] = {"account": None, "code_id": code.id, "on": TODAY}
    ledger.turn(session, before=CodeState.ISSUED, after=end, **turned)
    session.refresh(code)
    enrollment.status = Status.CONTACTED
    step_to(session, enrollment, staff, Status.CODE_ISSUED, code="CC00000001")
    ledger.turn(session, before=CodeState.ISSUED, after=CodeState.REDEEMED, **turned)
    ledger.turn(session, before=CodeState.REDEEMED, after=end, **turned)
    session.refresh(code)
    enrollment.status = Status.CONTACTED
    with pytest.raises(StepRefused) as refused:
        step_to(session, enrollment, staff, Status.CODE_ISSUED, code="CC00000001")
    assert "CC-0000-0001 was used already, and a code works once" in refused.value.problems["code"]
