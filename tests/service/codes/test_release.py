"""A code that is only held goes back to the pool when the household's enrollment ends, by hand or by night."""

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.casework.terms import refresh
from connectivity.register import Account, Enrollment, SearchTerm
from connectivity.rules.service_states import EndReason, Status
from connectivity.service.codes import books, give
from connectivity.service.progress.nightly import end_due
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
