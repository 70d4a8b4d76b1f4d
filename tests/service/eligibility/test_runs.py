"""Runs: previewed without a change, applied once, and never against what a person decided."""

import datetime as dt
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectivity.access.factors import FactorsClosed
from connectivity.database import make_sessions, transaction
from connectivity.register import (
    Account,
    AuditEvent,
    Determination,
    Enrollment,
    EnrollmentEvent,
    Household,
    ProgramYear,
    RunState,
)
from connectivity.service.eligibility import by_hand, runs
from connectivity.service.eligibility.apply import apply
from connectivity.service.eligibility.preview import preview
from tests import factories
from tests.service.eligibility.conftest import (
    ENGLEWOOD,
    LINCOLN_PARK,
    TODAY,
    applied,
    changes,
    claim,
    district_policy,
    in_force,
    policy_of,
    say,
    silent,
    start,
)

Seal = Callable[..., None]


def test_a_preview_tells_who_gains_and_loses_and_changes_nothing(
    session: Session, admin: Account, year: ProgramYear
) -> None:
    gains, stays_out = factories.household(session, area=ENGLEWOOD), factories.household(session, area=LINCOLN_PARK)
    loses, stays = factories.household(session, area=LINCOLN_PARK), factories.household(session, area=ENGLEWOOD)
    nowhere = factories.household(session, area=None)
    for one in (loses, stays):
        factories.enrollment(session, one, "active", program_year_id=year.id)
    run = start(session, admin, year, policy_of(session, admin))
    assert run.state == RunState.PLANNED
    assert changes(session, run) == {
        gains.id: "gains",
        stays_out.id: "stays_out",
        loses.id: "loses",
        stays.id: "stays_eligible",
        nowhere.id: "undecided",
    }
    assert run.counts == {"gains": 1, "stays_out": 1, "loses": 1, "stays_eligible": 1, "undecided": 1}
    assert run.by_area == {
        "68": {"gains": 1, "stays_eligible": 1},
        "7": {"stays_out": 1, "loses": 1},
        "0": {"undecided": 1},
    }
    assert session.scalar(select(func.count()).select_from(Determination)) == 0
    assert session.scalar(select(func.count()).select_from(Enrollment)) == 2


def test_applying_writes_determinations_and_starts_enrollments_and_ends_none(
    session: Session, admin: Account, year: ProgramYear
) -> None:
    gains, loses = factories.household(session, area=ENGLEWOOD), factories.household(session, area=LINCOLN_PARK)
    factories.enrollment(session, loses, "active", program_year_id=year.id)
    version = gains.version
    policy = policy_of(session, admin)
    run = applied(session, admin, year, policy)
    for household, eligible, words in (
        (gains, True, "Eligible: hardship index of Englewood 94 (94 points); score 94, threshold 50."),
        (loses, False, "Not eligible: hardship index of Lincoln Park 2 (2 points); score 2, threshold 50."),
    ):
        found = in_force(session, household, year)
        assert found is not None
        assert (found.eligible, found.explanation, found.decided_on) == (eligible, words, TODAY)
        assert (found.policy_id, found.run_id, found.source, found.threshold) == (policy.id, run.id, "policy", 50)
    begun = session.scalars(select(Enrollment).where(Enrollment.household_id == gains.id)).one()
    assert [(one.status, one.said_by, one.note, one.recorded_by) for one in begun.events] == [
        ("eligible", "program", f"Eligibility run {run.id}", admin.id)
    ]
    assert session.get_one(Household, gains.id).version == version + 1
    kept = session.scalars(select(Enrollment).where(Enrollment.household_id == loses.id)).one()
    assert kept.status == "active"
    assert (run.counts["written"], run.counts["enrolled"], run.counts["left_alone"]) == (2, 1, 0)
    assert "eligibility_run.applied" in session.scalars(select(AuditEvent.action)).all()


def test_a_run_applied_again_or_the_same_run_anew_changes_nothing(
    session: Session, admin: Account, year: ProgramYear
) -> None:
    factories.household(session, area=ENGLEWOOD)
    policy = policy_of(session, admin)
    run = applied(session, admin, year, policy)
    before = session.scalars(select(Determination.id)).all()
    assert not apply(session, run.id, today=TODAY, report=silent)
    with pytest.raises(runs.RunRefused, match="applied already"):
        claim(session, admin, run)
    session.rollback()
    again = applied(session, admin, year, policy)
    assert (again.counts["written"], again.counts["enrolled"]) == (0, 0)
    assert session.scalars(select(Determination.id)).all() == before
    assert session.scalar(select(func.count()).select_from(EnrollmentEvent)) == 1


def test_two_workers_that_apply_one_run_at_once_apply_it_once(
    session: Session, engine: Engine, admin: Account, year: ProgramYear
) -> None:
    for _ in range(20):
        factories.household(session, area=ENGLEWOOD)
    run = start(session, admin, year, policy_of(session, admin))
    claim(session, admin, run)
    meet, done = Barrier(2), list[bool]()

    def work() -> None:
        with make_sessions(engine)() as own:
            meet.wait()
            done.append(apply(own, run.id, today=TODAY, report=silent))

    threads = [Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(done) == [False, True]
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Determination)) == 20
    assert session.scalar(select(func.count()).select_from(Enrollment)) == 20


def test_a_person_who_decides_while_a_run_is_applied_is_never_overruled(
    session: Session, engine: Engine, office: Account, year: ProgramYear
) -> None:
    homes = [factories.household(session, area=ENGLEWOOD) for _ in range(10)]
    run = start(session, office, year, policy_of(session, office))
    claim(session, office, run)
    run_id, year_id, account_id, ids = run.id, year.id, office.id, [one.id for one in homes]
    session.rollback()  # `session` is this thread's alone, and must not look at the register before both are done
    meet = Barrier(2)

    def decide() -> None:
        with make_sessions(engine)() as own:
            meet.wait()
            for one in ids[::-1]:
                with transaction(own):
                    household = own.scalars(select(Household).where(Household.id == one).with_for_update()).one()
                    by_hand.override(
                        own,
                        account=own.get_one(Account, account_id),
                        household=household,
                        year=own.get_one(ProgramYear, year_id),
                        eligible=False,
                        reason="Checked by telephone",
                        expires_on=TODAY,
                        today=TODAY,
                    )

    person = Thread(target=decide)
    person.start()
    with make_sessions(engine)() as own:
        meet.wait()
        apply(own, run_id, today=TODAY, report=silent)
    person.join()
    decided = [in_force(session, home, year) for home in homes]
    assert [one.source for one in decided if one] == ["override"] * 10


def test_overrides_in_force_and_granted_appeals_are_held_and_expired_ones_are_not(
    session: Session, office: Account, year: ProgramYear
) -> None:
    held, expired, appealed = (factories.household(session, area=LINCOLN_PARK) for _ in range(3))
    for household, until in ((held, TODAY), (expired, TODAY + dt.timedelta(days=1))):
        by_hand.override(
            session,
            account=office,
            household=household,
            year=year,
            eligible=True,
            reason="Fire in the building",
            expires_on=until,
            today=TODAY,
        )
    one = in_force(session, expired, year)
    assert one is not None
    one.decided_on, one.expires_on = TODAY - dt.timedelta(days=9), TODAY - dt.timedelta(days=1)
    appeal = by_hand.open_appeal(
        session, account=office, household=appealed, year=year, ground="New baby", on=TODAY, today=TODAY
    )
    by_hand.decide_appeal(
        session, account=office, household=appealed, appeal=appeal, granted=True, reason="Yes", on=TODAY, today=TODAY
    )
    run = applied(session, office, year, policy_of(session, office))
    assert changes(session, run) == {held.id: "held", appealed.id: "held", expired.id: "stays_out"}
    sources = [in_force(session, home, year) for home in (held, expired, appealed)]
    assert [(one.source, one.eligible) for one in sources if one] == [
        ("override", True),
        ("policy", False),
        ("appeal", True),
    ]


def test_what_a_person_decides_after_the_preview_is_left_alone_and_told(
    session: Session, office: Account, year: ProgramYear
) -> None:
    home = factories.household(session, area=ENGLEWOOD)
    run = start(session, office, year, policy_of(session, office))
    by_hand.override(
        session,
        account=office,
        household=home,
        year=year,
        eligible=False,
        reason="Moved to Evanston",
        expires_on=TODAY,
        today=TODAY,
    )
    claim(session, office, run)
    apply(session, run.id, today=TODAY, report=silent)
    session.expire_all()
    found = in_force(session, home, year)
    assert found is not None
    assert found.source == "override"
    assert (run.counts["written"], run.counts["left_alone"]) == (0, 1)
    assert session.scalar(select(func.count()).select_from(Enrollment)) == 0


def test_the_database_lets_one_determination_be_in_force(session: Session, year: ProgramYear) -> None:
    home = factories.household(session)
    for _ in range(2):
        session.add(
            Determination(
                household_id=home.id,
                program_year_id=year.id,
                eligible=True,
                source="appeal",
                reason="x",
                explanation="x",
                decided_on=TODAY,
            )
        )
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_closed_year_takes_only_households_that_had_service(
    session: Session, admin: Account, year: ProgramYear
) -> None:
    year.open_to_new = False
    earlier = factories.program_year(
        session, label="before", starts_on=TODAY - dt.timedelta(days=500), ends_on=TODAY - dt.timedelta(days=100)
    )
    new, served = (factories.household(session, area=ENGLEWOOD) for _ in range(2))
    factories.enrollment(session, served, "active", program_year_id=earlier.id)
    run = applied(session, admin, year, policy_of(session, admin))
    assert changes(session, run) == {new.id: "gains", served.id: "stays_eligible"}
    enrolled = session.scalars(select(Enrollment.household_id).where(Enrollment.program_year_id == year.id)).all()
    assert enrolled == [served.id]


def test_a_household_that_another_one_with_service_was_merged_into_is_no_new_household(
    session: Session, admin: Account, year: ProgramYear
) -> None:
    year.open_to_new = False
    earlier = factories.program_year(
        session, label="before", starts_on=TODAY - dt.timedelta(days=500), ends_on=TODAY - dt.timedelta(days=100)
    )
    kept, between, served = (factories.household(session, area=ENGLEWOOD) for _ in range(3))
    factories.enrollment(session, served, "active", program_year_id=earlier.id)
    served.merged_into_id, between.merged_into_id = between.id, kept.id
    run = applied(session, admin, year, policy_of(session, admin))
    assert changes(session, run) == {kept.id: "gains"}
    enrolled = session.scalars(select(Enrollment.household_id).where(Enrollment.program_year_id == year.id)).all()
    assert enrolled == [kept.id]


def test_the_districts_word_makes_eligible_if_it_says_so_of_any_student(
    session: Session, admin: Account, year: ProgramYear
) -> None:
    yes, no, listed, unheard, other_year = (factories.household(session, students=[{}, {}]) for _ in range(5))
    say(session, year, yes, False, True)
    say(session, year, no, False, False)
    say(session, year, listed, None, None)
    last = factories.program_year(
        session, label="before", starts_on=TODAY - dt.timedelta(days=500), ends_on=TODAY - dt.timedelta(days=100)
    )
    say(session, last, other_year, True, True)
    run = applied(session, admin, year, district_policy(session))
    assert changes(session, run) == {
        yes.id: "gains",
        no.id: "stays_out",
        listed.id: "gains",
        unheard.id: "undecided",
        other_year.id: "undecided",
    }
    found = in_force(session, yes, year)
    assert found is not None
    assert (found.source, found.explanation) == ("district", "Eligible: the district determined it, in its roster.")
    begun = session.scalars(select(EnrollmentEvent.said_by)).all()
    assert begun == ["district", "district"]


def test_a_household_has_a_factor_if_any_student_has_and_lacks_it_only_if_all_are_known(
    session: Session, office: Account, year: ProgramYear, seal: Seal
) -> None:
    any_, none, open_, unheard = (factories.household(session, area=LINCOLN_PARK, students=[{}, {}]) for _ in range(4))
    seal(any_, {"frl": "N"}, {"frl": "Free"})
    seal(none, {"frl": "N"}, {"frl": "Paid"})
    seal(open_, {"frl": "N"}, None)
    policy = policy_of(session, office, "Lunch", weights={"frl": "60"}, threshold="60")
    run = start(session, office, year, policy)
    assert changes(session, run) == {
        any_.id: "gains",
        none.id: "stays_out",
        open_.id: "undecided",
        unheard.id: "undecided",
    }
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "factors.opened_in_bulk")).one()
    assert (event.account_id, event.subject_id, event.changes["students"]) == (office.id, run.id, [None, 5])


def test_only_the_eligibility_office_starts_a_run_that_opens_factors(
    session: Session, admin: Account, office: Account, year: ProgramYear, seal: Seal
) -> None:
    seal(factories.household(session), {"frl": "Y"})
    policy = policy_of(session, office, "Lunch", weights={"frl": "60"}, threshold="60")
    with pytest.raises(runs.RunRefused, match="eligibility office alone"):
        start(session, admin, year, policy)
    session.rollback()
    with transaction(session):
        run = runs.start(session, account=office, year=year, policy=policy, holds_factors=True, today=TODAY)
    office.role = "staff"  # since then
    session.commit()
    with pytest.raises(FactorsClosed):
        preview(session, run.id, today=TODAY, report=silent)


def test_a_newer_preview_takes_the_place_of_the_one_that_waits(
    session: Session, admin: Account, year: ProgramYear
) -> None:
    factories.household(session, area=ENGLEWOOD)
    policy = policy_of(session, admin)
    first, second = start(session, admin, year, policy), start(session, admin, year, policy)
    session.refresh(first)
    assert (first.state, second.state) == (RunState.DISCARDED, RunState.PLANNED)
    assert changes(session, first) == {}
    claim(session, admin, second)
    with pytest.raises(runs.RunRefused, match="being worked on"):
        start(session, admin, year, policy)


def test_a_run_for_a_year_that_has_ended_is_refused(session: Session, admin: Account) -> None:
    over = factories.program_year(
        session, label="over", starts_on=TODAY - dt.timedelta(days=500), ends_on=TODAY - dt.timedelta(days=1)
    )
    with pytest.raises(runs.RunRefused, match="has ended"):
        start(session, admin, over, district_policy(session))
