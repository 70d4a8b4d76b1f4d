"""Several people at once about eligibility: one of them is first, the others are told, and the books stay whole."""

from collections.abc import Callable

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from connectivity.database import make_sessions, transaction
from connectivity.register import (
    Account,
    Appeal,
    Determination,
    EligibilityPolicy,
    EligibilityRun,
    ProgramYear,
    Role,
    RunState,
)
from connectivity.rules.eligibility import PolicyRefused, TypedPolicy
from connectivity.service.eligibility import policies, runs
from connectivity.service.eligibility.policies import TypedVersion
from tests import factories
from tests.conftest import PolicedClient
from tests.households.at_once import at_once, sent
from tests.service.eligibility.conftest import ENGLEWOOD, LINCOLN_PARK, TODAY, VINTAGE, policy_of, start

SignedIn = Callable[..., PolicedClient]


def test_two_people_who_apply_one_preview_at_once_apply_it_once(
    session: Session, engine: Engine, office: Account, year: ProgramYear
) -> None:
    factories.household(session, area=ENGLEWOOD)
    run = start(session, office, year, policy_of(session, office))
    run_id, account_id = run.id, office.id
    session.rollback()

    def claim() -> str:
        with make_sessions(engine)() as own:
            try:
                with transaction(own):
                    runs.claim(own, account=own.get_one(Account, account_id), run_id=run_id)
            except runs.RunRefused as refused:
                return str(refused)
        return "claimed"

    assert sorted(at_once(claim, claim, claim)) == [
        *["This run is being applied. Nothing more to do."] * 2,
        "claimed",
    ]


def test_a_policy_changed_at_the_moment_its_preview_is_applied_never_decides_with_other_rules(
    session: Session, engine: Engine, office: Account, year: ProgramYear
) -> None:
    factories.household(session, area=ENGLEWOOD)
    policy = policy_of(session, office)
    run = start(session, office, year, policy)
    run_id, account_id, policy_id, stood = run.id, office.id, policy.id, policies.stands_at(policy)
    session.rollback()

    def claim() -> str:
        with make_sessions(engine)() as own:
            try:
                with transaction(own):
                    runs.claim(own, account=own.get_one(Account, account_id), run_id=run_id)
            except runs.RunRefused as refused:
                return str(refused)
        return "claimed"

    def revise() -> str:
        typed = TypedPolicy(mode="weights", weights={"hardship_index": "100"}, threshold="90")
        with make_sessions(engine)() as own, transaction(own):
            made = policies.revise(
                own,
                account=own.get_one(Account, account_id),
                policy=own.get_one(EligibilityPolicy, policy_id),
                stood=stood,
                typed=TypedVersion(name="Hardship", policy=typed, vintage=VINTAGE),
                holds_factors=False,
            )
            return f"version {made.version}"

    told = set(at_once(claim, revise))
    session.rollback()
    kept = session.get_one(EligibilityRun, run_id, populate_existing=True)
    if "claimed" in told:
        assert told == {"claimed", "version 2"}
        assert (kept.state, kept.policy.threshold) == (RunState.APPLYING, 50)
    else:
        assert told == {"This run has no preview to apply.", "version 1"}
        assert kept.state == RunState.DISCARDED


def test_one_name_given_to_two_policies_at_once_makes_one_policy(
    session: Session, engine: Engine, office: Account
) -> None:
    account_id = office.id
    session.commit()

    def add() -> str:
        typed = TypedPolicy(mode="weights", weights={"hardship_index": "100"}, threshold="50")
        with make_sessions(engine)() as own:
            try:
                with transaction(own):
                    policies.add(
                        own,
                        account=own.get_one(Account, account_id),
                        typed=TypedVersion(name="Hardship", policy=typed, vintage=VINTAGE),
                        holds_factors=False,
                    )
            except PolicyRefused as refused:
                return refused.problems["name"]
        return "added"

    told = sorted(at_once(add, add))
    assert told[1] == "added"
    assert told[0].startswith("There is a policy named “Hardship” already.")


def test_an_override_and_an_appeal_sent_twice_at_once_leave_one_in_force(
    session: Session, office: Account, year: ProgramYear, signed_in: SignedIn
) -> None:
    home = factories.household(session, area=LINCOLN_PARK)
    staff = factories.account(session, Role.STAFF)
    session.commit()
    page = f"/households/{home.reference}/eligibility"
    fields = {"program_year": year.id, "eligible": "yes", "reason": "Fire", "expires_on": TODAY.isoformat()}
    appeal = {"program_year": year.id, "opened_on": TODAY.isoformat(), "ground": "We moved"}
    clients = [signed_in(one) for one in (office, office, staff, staff)]
    session.rollback()
    told = at_once(
        *(sent(client, f"{page}/override", **fields) for client in clients[:2]),
        *(sent(client, f"{page}/appeals", **appeal) for client in clients[2:]),
    )
    session.rollback()
    assert ["The decision is recorded." in one for one in told[:2]] == [True, True]
    assert sorted("The appeal is recorded." in one for one in told[2:]) == [False, True]
    assert sum("is open already. Decide that one first." in one for one in told[2:]) == 1
    in_force = select(func.count()).select_from(Determination).where(Determination.ended_on.is_(None))
    assert session.scalar(in_force) == 1
    assert session.scalar(select(func.count()).select_from(Determination)) == 1  # the same twice
    assert session.scalar(select(func.count()).select_from(Appeal)) == 1
