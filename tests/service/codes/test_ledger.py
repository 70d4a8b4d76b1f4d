"""The ledger: whatever happens to codes, the books balance, every move continues the one before, and no household has two live codes a year."""

import datetime as dt
import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectivity.database import make_engine, make_sessions, transaction
from connectivity.households.merge import MergeRefused, merge
from connectivity.households.merge_undo import UndoRefused, undo_merge
from connectivity.register import (
    Account,
    BatchSource,
    CodeBatch,
    CodeEvent,
    Enrollment,
    Household,
    HouseholdMerge,
    MembershipCode,
    ProgramYear,
    Role,
)
from connectivity.rules.service_states import CODE_NEXT, LIVE_CODE, CodeState, EndReason, Status
from connectivity.service.codes import batches, books, expire, give, ledger
from connectivity.service.codes.pool import CodeRefused
from connectivity.service.codes.replace import NotReplaced, replace
from connectivity.service.codes.waiting import Wanted
from connectivity.service.enrollments import Step, StepRefused, step
from tests import factories
from tests.conftest import Templates
from tests.service.codes import programs
from tests.service.codes.programs import TODAY, moves


def test_a_move_that_the_states_do_not_know_is_refused(session: Session) -> None:
    code = factories.membership_code(session)
    for before, after in ((CodeState.FREE, CodeState.REDEEMED), (CodeState.EXPIRED, CodeState.FREE)):
        with pytest.raises(ledger.MoveRefused):
            ledger.turn(session, account=None, code_id=code.id, before=before, after=after, on=TODAY)


def test_giving_many_gives_none_if_one_may_not_go(session: Session) -> None:
    home, other = factories.household(session), factories.household(session)
    free = factories.membership_code(session)
    dead = factories.membership_code(session, state="redeemed", household_id=factories.household(session).id)
    with pytest.raises(ledger.MoveRefused):
        ledger.give_all(
            session, account=None, given=[(free.id, home.id), (dead.id, other.id)], after=CodeState.ISSUED, on=TODAY
        )
    session.refresh(free)
    assert free.state == "free"


def test_the_database_refuses_a_second_live_code(session: Session) -> None:
    home = factories.household(session)
    first, second = factories.membership_code(session), factories.membership_code(session)
    ledger.give_all(session, account=None, given=[(first.id, home.id)], after=CodeState.HELD, on=TODAY)
    with pytest.raises(IntegrityError):
        ledger.give_all(session, account=None, given=[(second.id, home.id)], after=CodeState.ISSUED, on=TODAY)


def test_the_check_finds_each_kind_of_fault(session: Session) -> None:
    """One batch of six codes; each is broken in its own way, by hand, as no page could."""
    programs.pool(session, *(f"CC0000000{number}" for number in range(6)))
    codes = session.scalars(select(MembershipCode).order_by(MembershipCode.id)).all()
    other = factories.provider(session, "Astound")
    assert books.check(session, account=None).balanced
    session.execute(update(MembershipCode).where(MembershipCode.id == codes[0].id).values(state="revoked"))
    session.execute(text("DELETE FROM code_event WHERE code_id = :one"), {"one": codes[1].id})
    session.add(CodeEvent(code_id=codes[2].id, before="issued", state="free", happened_on=TODAY))
    session.add(CodeEvent(code_id=codes[3].id, before=None, state="free", happened_on=TODAY))
    session.execute(update(MembershipCode).where(MembershipCode.id == codes[4].id).values(provider_id=other.id))
    batch = session.scalars(select(CodeBatch)).one()
    batch.imported = 7
    session.flush()
    found = books.check(session, account=None)
    assert not found.balanced
    assert (found.imported, found.free, found.void, found.faults) == (7, 5, 1, 6)
    assert found.found == {
        "batches": [batch.id],
        "wrong_state": [codes[0].id],
        "without_moves": [codes[1].id],
        "broken_moves": [codes[2].id, codes[3].id],
        "wrong_batch": [codes[4].id],
    }


class World:
    """Three households, a batch, and everything that may happen to codes. A refusal is fine; a wrong ledger is not."""

    def __init__(self, session: Session, account: Account, drawn: random.Random) -> None:
        self.session, self.account, self.drawn = session, account, drawn
        self.year = programs.year(session)
        self.made = 0
        for language in ("es", "pl", "en"):
            programs.waiting(session, language=language, on=TODAY)
        self.provider = factories.provider(session)
        session.commit()

    @property
    def plan(self):
        return self.session.get_one(type(self.provider), self.provider.id).plans[0]

    def _wanted(self) -> Wanted:
        return Wanted(year_id=self.year.id, language=self.drawn.choice(["", "es", "pl", "en"]))

    def _enrollment(self) -> Enrollment:
        return self.drawn.choice(self.session.scalars(select(Enrollment).order_by(Enrollment.id)).all())

    def come_in(self) -> None:
        day = self.drawn.choice([None, TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=9)])
        codes = [f"CC{number:08d}" for number in range(self.made, self.made + self.drawn.randint(1, 3))]
        self.made += len(codes) - self.drawn.randint(0, 1)  # sometimes one of the last list stands in the next again
        batches.add(
            self.session,
            account=None,
            provider=self.session.get_one(type(self.provider), self.provider.id),
            year=self.session.get_one(ProgramYear, self.year.id),
            codes=codes,
            source=BatchSource.GENERATED,
            on=TODAY,
            expires_on=day,
        )

    def hold(self) -> None:
        give.hold_for_all(
            self.session,
            account=self.account,
            wanted=self._wanted(),
            plan=self.plan,
            on=TODAY,
            as_many_as_there_are=True,
        )

    def issue_held(self) -> None:
        give.issue_held(self.session, account=self.account, wanted=self._wanted(), plan=self.plan, on=TODAY)

    def issue_batch(self) -> None:
        give.issue_to_all(
            self.session,
            account=self.account,
            wanted=self._wanted(),
            plan=self.plan,
            on=TODAY,
            as_many_as_there_are=True,
        )

    def release(self) -> None:
        give.release(self.session, account=self.account, wanted=self._wanted(), plan=self.plan, on=TODAY)

    def expire(self) -> None:
        expire.expire_due(self.session, account=None, today=TODAY, redeemed_too=self.drawn.random() < 0.3)

    def replace(self) -> None:
        enrollment = self._enrollment()
        replace(
            self.session,
            account=self.account,
            household=self.session.get_one(Household, enrollment.household_id),
            enrollment=enrollment,
            reason="lost",
            on=TODAY,
        )

    def walk(self) -> None:
        enrollment = self._enrollment()
        status = self.drawn.choice([Status.CODE_ISSUED, Status.ACTIVE, Status.ENDED, Status.ELIGIBLE])
        issuing = status is Status.CODE_ISSUED
        codes = self.session.scalars(select(MembershipCode.code).order_by(MembershipCode.id)).all()
        typed = self.drawn.choice([*codes, "CC99999999"]) if self.drawn.random() < 0.4 else ""
        step(
            self.session,
            account=self.account,
            household=self.session.get_one(Household, enrollment.household_id),
            enrollment=enrollment,
            taken=Step(
                status=status,
                happened_on=TODAY,
                reason=EndReason.OTHER if status is Status.ENDED else None,
                plan=self.plan if issuing else None,
                code=typed if issuing else "",
            ),
            today=TODAY,
        )

    def merge(self) -> None:
        homes = self.session.scalars(select(Household).order_by(Household.id)).all()
        one, other = self.drawn.sample(list(homes), 2)
        merge(self.session, account=self.account, household=one, other=other, reason="same family")

    def unmerge(self) -> None:
        merges = self.session.scalars(select(HouseholdMerge).where(HouseholdMerge.undone_at.is_(None))).all()
        if merges:
            undo_merge(self.session, account=self.account, merge=self.drawn.choice(list(merges)), reason="two families")

    def hold_true(self) -> None:
        """What must be so after every event."""
        session = self.session
        found = books.check(session, account=None)
        assert found.balanced, found.found
        twice = (
            select(MembershipCode.household_id)
            .where(MembershipCode.state.in_(LIVE_CODE))
            .group_by(MembershipCode.household_id, MembershipCode.program_year_id)
            .having(func.count() > 1)
        )
        assert session.scalars(twice).all() == []
        for before, after in session.execute(select(CodeEvent.before, CodeEvent.state)):
            assert before is None or CodeState(after) in CODE_NEXT[CodeState(before)]
        current = select(MembershipCode.state).join(Enrollment, Enrollment.membership_code_id == MembershipCode.id)
        assert set(session.scalars(current)) <= {"issued", "redeemed", "expired", "revoked"}


EVENTS = [
    "come_in",
    "hold",
    "issue_held",
    "issue_batch",
    "release",
    "expire",
    "replace",
    "walk",
    "walk",
    "merge",
    "unmerge",
]
REFUSALS = (give.GivingRefused, NotReplaced, CodeRefused, StepRefused, MergeRefused, UndoRefused)


ANY = {"events": st.lists(st.sampled_from(EVENTS), min_size=4, max_size=14), "seed": st.integers(0, 2**16)}


@settings(max_examples=60)
@given(**ANY)
def test_any_sequence_of_events_balances_and_leaves_one_live_code_a_household(
    templates: Callable[[str], Templates], events: list[str], seed: int
) -> None:
    _play(templates("sqlite"), events, seed)


@pytest.mark.postgresql
@settings(max_examples=10)
@given(**ANY)
def test_so_it_does_on_the_other_database(templates: Callable[[str], Templates], events: list[str], seed: int) -> None:
    _play(templates("postgresql"), events, seed)


def _play(databases: Templates, events: list[str], seed: int) -> None:
    url = databases.clone("loaded")
    engine = make_engine(url)
    try:
        with make_sessions(engine)() as session:
            world = World(session, factories.account(session, Role.STAFF), random.Random(seed))
            for event in ["come_in", *events]:
                with suppress(*REFUSALS), transaction(session):
                    getattr(world, event)()
                with transaction(session):
                    world.hold_true()
    finally:
        engine.dispose()
        databases.drop(url)


def test_a_code_keeps_its_whole_story(session: Session) -> None:
    account = factories.account(session, Role.STAFF)
    programs.pool(session, "CC00000001")
    enrollment = programs.waiting(session, on=TODAY)
    of = {"account": account, "wanted": programs.wanted(session), "plan": programs.plan(session), "on": TODAY}
    give.hold_for_all(session, **of)
    give.release(session, **of)
    give.issue_to_all(session, **of)
    session.expire_all()
    for status, reason in ((Status.ACTIVE, None), (Status.ENDED, EndReason.MOVED)):
        step(
            session,
            account=account,
            household=enrollment.household,
            enrollment=enrollment,
            taken=Step(status=status, happened_on=TODAY, reason=reason),
            today=TODAY,
        )
    assert moves(session, "CC00000001") == [
        (None, "free"),
        ("free", "held"),
        ("held", "free"),
        ("free", "issued"),
        ("issued", "redeemed"),
        ("redeemed", "expired"),
    ]
