"""Who is eligible in the demo: what the product's own run would find, and what people decided agrees with where each household stands."""

import datetime as dt
from collections import Counter, defaultdict

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.casework.determinations import found_not_eligible
from connectivity.database import transaction
from connectivity.register import (
    Account,
    Appeal,
    AppealState,
    Change,
    Determination,
    EligibilityOutcome,
    EligibilityRun,
    Enrollment,
    EnrollmentEvent,
    Household,
    MembershipCode,
    ProgramYear,
    Residence,
    Role,
    Source,
)
from connectivity.rules.calendar import city_day
from connectivity.rules.eligibility import TypedPolicy
from connectivity.rules.service_states import LIVE_CODE, EndReason, Status
from connectivity.service.eligibility import by_hand, policies, runs
from connectivity.service.eligibility.apply import apply
from connectivity.service.eligibility.preview import preview
from tests import factories
from tests.demo.programs import HOUSEHOLDS, TODAY, make


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Nobody listens."""


def _year(session: Session) -> ProgramYear:
    return session.scalars(select(ProgramYear).where(ProgramYear.open_to_new)).one()


def _run(session: Session) -> EligibilityRun:
    return session.scalars(select(EligibilityRun).order_by(EligibilityRun.id).limit(1)).one()


def _of_the_year(session: Session) -> list[Enrollment]:
    return list(session.scalars(select(Enrollment).where(Enrollment.program_year_id == _year(session).id)))


def _not_eligible(session: Session, *, on: dt.date = TODAY) -> set[int]:
    """Households, by the one condition that codes, letters and pages ask."""
    return set(session.scalars(select(Household.id).where(found_not_eligible(Household.id, _year(session).id, on=on))))


def _steps(session: Session) -> dict[int, list[EnrollmentEvent]]:
    """Enrollment -> its steps in their order."""
    steps = defaultdict(list)
    for event in session.scalars(select(EnrollmentEvent).order_by(EnrollmentEvent.id)):
        steps[event.enrollment_id].append(event)
    return steps


def test_the_policy_is_one_that_the_form_would_take(demo: Session):
    policy = _run(demo).policy
    typed = TypedPolicy(mode="weights", weights={"hardship_index": "100"}, threshold="15")
    assert policies.rules_of(policy) == policies.read(demo, typed, vintage=policy.hardship_vintage, holds_factors=False)
    assert policy.hardship_vintage in policies.vintages(demo)
    assert policies.in_force(demo) == {policy.id: [_year(demo).label]}


def test_the_run_counts_what_it_found_of_every_household(demo: Session):
    run = _run(demo)
    found = demo.execute(select(EligibilityOutcome.change, EligibilityOutcome.community_area)).all()
    assert len(found) == HOUSEHOLDS
    changes = {name: run.counts[name] for name in set(Change) & set(run.counts)}
    assert changes == Counter(change for change, _ in found)
    of_area = {
        (int(area), change): number for area, changes in run.by_area.items() for change, number in changes.items()
    }
    assert of_area == Counter((area or 0, change) for change, area in found)
    written = select(func.count()).where(Determination.run_id == run.id)
    assert run.counts["written"] == demo.scalar(written)
    begun = select(func.count()).where(EnrollmentEvent.note == f"Eligibility run {run.id}")
    assert run.counts["enrolled"] == demo.scalar(begun) > 0
    assert {Change.GAINS, Change.LOSES, Change.STAYS_ELIGIBLE, Change.UNDECIDED} <= set(changes)


def test_each_change_follows_from_how_the_household_stood_before_the_run(demo: Session):
    run, year, steps = _run(demo), _year(demo), _steps(demo)
    before = demo.scalars(
        select(ProgramYear).where(ProgramYear.starts_on < year.starts_on).order_by(ProgramYear.starts_on.desc())
    ).first()
    last = dict(
        demo.execute(
            select(Enrollment.household_id, Enrollment.status).where(Enrollment.program_year_id == before.id)
        ).all()
    )
    of = {one.household_id: one for one in _of_the_year(demo)}
    day, note = city_day(run.applied_at), f"Eligibility run {run.id}"
    for outcome in demo.scalars(select(EligibilityOutcome)):
        known = [one for one in steps[of[outcome.household_id].id] if one.happened_on <= day and one.note != note]
        status = known[-1].status if known else last.get(outcome.household_id, Status.ENDED)
        was = status != Status.ENDED
        expected = {
            True: Change.STAYS_ELIGIBLE if was else Change.GAINS,
            False: Change.LOSES if was else Change.STAYS_OUT,
            None: Change.UNDECIDED,
        }
        assert outcome.change == expected[outcome.eligible]


def test_everybody_whose_home_is_placed_has_one_determination_in_force(demo: Session):
    placed = select(Residence.household_id).where(Residence.ends_on.is_(None), Residence.community_area.is_not(None))
    by_the_run = demo.scalars(select(Determination).where(Determination.run_id == _run(demo).id)).all()
    assert {one.household_id for one in by_the_run} == set(demo.scalars(placed))
    assert {one.source for one in by_the_run} == {Source.POLICY}
    in_force = Counter(demo.scalars(select(Determination.household_id).where(Determination.ended_on.is_(None))))
    assert set(in_force.values()) == {1}
    assert set(in_force) >= {one.household_id for one in by_the_run}


def test_whoever_goes_on_in_the_year_is_eligible_and_who_is_not_has_ended_without_a_live_code(demo: Session):
    out = _not_eligible(demo)
    assert 0 < len(out) < HOUSEHOLDS / 20
    assert {one.status for one in _of_the_year(demo) if one.household_id in out} == {Status.ENDED}
    live = select(MembershipCode.household_id).where(MembershipCode.state.in_(LIVE_CODE))
    assert not out & set(demo.scalars(live.where(MembershipCode.program_year_id == _year(demo).id)))


def test_nobody_got_a_code_while_found_not_eligible(demo: Session):
    issued = {
        one.household_id: on
        for one, on in demo.execute(
            select(Enrollment, EnrollmentEvent.happened_on)
            .join(EnrollmentEvent, EnrollmentEvent.enrollment_id == Enrollment.id)
            .where(Enrollment.program_year_id == _year(demo).id, EnrollmentEvent.status == Status.CODE_ISSUED)
        )
    }
    found = demo.scalars(select(Determination).where(Determination.eligible.is_(False))).all()
    assert {one.household_id for one in found} & set(issued)
    for one in found:
        on = issued.get(one.household_id)
        assert on is None or not one.decided_on < on < (one.ended_on or dt.date.max)


def test_who_lost_eligibility_was_ended_for_it_after_the_run(demo: Session):
    out, day = _not_eligible(demo), city_day(_run(demo).applied_at)
    households = dict(demo.execute(select(Enrollment.id, Enrollment.household_id)).all())
    ended = demo.scalars(select(EnrollmentEvent).where(EnrollmentEvent.reason == EndReason.NOT_ELIGIBLE)).all()
    assert ended
    assert {households[one.enrollment_id] for one in ended} <= out
    assert all(day <= one.happened_on <= TODAY for one in ended)


@pytest.mark.parametrize("today", [TODAY, dt.date(2026, 7, 4)])
def test_the_products_own_run_finds_the_same_and_has_nothing_to_write(session: Session, today: dt.date):
    make(session, households=200, today=today)
    account = factories.account(session, Role.ELIGIBILITY)
    first, year = _run(session), _year(session)
    session.commit()
    with transaction(session):
        run = runs.start(session, account=account, year=year, policy=first.policy, holds_factors=False, today=today)
    preview(session, run.id, today=today, report=_silent)
    assert _found(session, run.id) == _found(session, first.id)
    with transaction(session):
        runs.claim(session, account=account, run_id=run.id)
    assert apply(session, run.id, today=today, report=_silent)
    session.expire_all()
    assert {name: run.counts[name] for name in ("written", "enrolled", "left_alone")} == dict.fromkeys(
        ("written", "enrolled", "left_alone"), 0
    )
    saved = session.scalars(
        select(Determination.household_id).where(
            Determination.source.in_((Source.OVERRIDE, Source.APPEAL)),
            (Determination.expires_on.is_(None)) | (Determination.expires_on >= today),
        )
    ).all()
    held = select(EligibilityOutcome.household_id).where(
        EligibilityOutcome.run_id == run.id, EligibilityOutcome.change == Change.HELD
    )
    assert set(session.scalars(held)) == set(saved)
    assert saved


def _found(session: Session, run_id: int) -> dict[int, tuple[object, ...]]:
    outcome = EligibilityOutcome
    columns = (outcome.household_id, outcome.eligible, outcome.score, outcome.explanation, outcome.community_area)
    return {row[0]: tuple(row[1:]) for row in session.execute(select(*columns).where(outcome.run_id == run_id))}


def test_every_determination_says_what_the_run_found_of_its_household(demo: Session):
    run = _run(demo)
    found = _found(demo, run.id)
    for one in demo.scalars(select(Determination).where(Determination.run_id == run.id)):
        assert (one.eligible, one.score, one.explanation) == found[one.household_id][:3]
        assert (one.policy_id, one.threshold) == (run.policy_id, run.policy.threshold)
        assert one.decided_on == city_day(run.applied_at)


def test_an_override_follows_the_run_and_says_what_the_page_would_write(session: Session):
    make(session)
    year, account = _year(session), factories.account(session, Role.ELIGIBILITY)
    made = session.scalars(select(Determination).where(Determination.source == Source.OVERRIDE)).all()
    standing = [one for one in made if one.expires_on >= TODAY]
    assert standing
    for one in standing:
        before = session.scalars(
            select(Determination).where(
                Determination.household_id == one.household_id, Determination.source == Source.POLICY
            )
        ).one()
        assert (before.eligible, before.ended_on) == (False, one.decided_on)
        assert before.id < one.id
    other = session.scalars(select(Household).where(Household.id.not_in([one.household_id for one in made]))).first()
    same = by_hand.override(
        session,
        account=account,
        household=other,
        year=year,
        eligible=True,
        reason=standing[0].reason,
        expires_on=standing[0].expires_on,
        today=TODAY,
    )
    assert same.determination.explanation == standing[0].explanation


def test_expired_overrides_are_of_homes_that_nobody_could_place_and_are_listed(demo: Session):
    expired = by_hand.expired_overrides(demo, Account(role=Role.ELIGIBILITY.value), TODAY)
    assert expired
    area = select(Residence.community_area).where(Residence.ends_on.is_(None))
    for one, household in expired:
        assert one.expires_on < TODAY
        assert demo.scalar(area.where(Residence.household_id == household.id)) is None
        assert household.id not in _not_eligible(demo)


def test_one_or_two_appeals_wait_and_the_decided_ones_have_their_reason_and_their_outcome(demo: Session):
    waiting = by_hand.open_appeals(demo, Account(role=Role.ELIGIBILITY.value))
    assert 1 <= len(waiting) <= 2
    out, day = _not_eligible(demo), city_day(_run(demo).applied_at)
    appeals = demo.scalars(select(Appeal)).all()
    assert {one.state for one in appeals} == set(AppealState)
    for one in appeals:
        assert day <= one.opened_on <= TODAY
        assert (one.household_id in out) == (one.state != AppealState.GRANTED)
        assert (one.state == AppealState.OPEN) == (one.decided_on is None) == (one.reason == "")
    granted = demo.scalars(select(Determination).where(Determination.source == Source.APPEAL)).all()
    assert {one.household_id for one in granted} == {
        one.household_id for one in appeals if one.state == AppealState.GRANTED
    }


@pytest.mark.parametrize("today", [dt.date(2020, 9, 1), dt.date(2026, 7, 4), dt.date(2026, 7, 20)])
def test_on_any_day_of_the_year_the_run_lies_in_it_and_nothing_after_the_day(session: Session, today: dt.date):
    make(session, households=120, today=today)
    year, run = _year(session), _run(session)
    assert year.starts_on <= city_day(run.applied_at) <= today
    begun = session.scalars(
        select(func.max(EnrollmentEvent.happened_on)).join(Enrollment).where(Enrollment.program_year_id == year.id)
    ).one()
    assert begun <= today
    assert session.scalar(select(func.max(Determination.decided_on))) <= today
    out = _not_eligible(session, on=today)
    assert out
    assert {one.status for one in _of_the_year(session) if one.household_id in out} == {Status.ENDED}
