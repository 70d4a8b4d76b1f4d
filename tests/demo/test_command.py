"""`flask demo create`: in demo mode only, in an empty database only, once if asked."""

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.demo import create
from connectivity.register import (
    Account,
    Appeal,
    AuditEvent,
    Determination,
    EligibilityRun,
    Enrollment,
    Household,
    MembershipCode,
    ProgramYear,
    Role,
    ServiceabilityAnswer,
    ServiceabilityBatch,
    ServiceabilityFile,
    Student,
)
from tests import factories


def _create(app: Flask, *options: str) -> Result:
    app.config["DEMO"] = True
    return FlaskCliRunner(app).invoke(args=["demo", "create", "--households", "30", "--today", "2026-11-23", *options])


def _count(session: Session, noun: type) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(noun)) or 0


def test_it_creates_as_many_households_as_asked_and_says_so(app: Flask, session: Session):
    done = _create(app)
    assert done.exit_code == 0
    assert "30 households" in done.output
    assert _count(session, Household) == 30
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "demo.created")).one()
    assert event.changes["seed"] == [None, 1]


def test_it_opens_an_account_of_every_role_and_says_how_to_sign_in(app: Flask, session: Session):
    done = _create(app)
    accounts = session.scalars(select(Account)).all()
    assert {account.role for account in accounts} == set(Role)
    assert all(account.demo and account.email in done.output for account in accounts)


def test_what_office_and_staff_did_is_in_the_name_of_the_demo_accounts(app: Flask, session: Session):
    _create(app, "--households", "100")
    of = {account.role: account.id for account in session.scalars(select(Account))}
    run = session.scalars(select(EligibilityRun)).one()
    assert run.started_by == run.applied_by == of[Role.ELIGIBILITY]
    assert set(session.scalars(select(Determination.account_id))) == {of[Role.ELIGIBILITY]}
    assert set(session.scalars(select(Appeal.opened_by))) == {of[Role.STAFF]}
    assert set(session.scalars(select(ServiceabilityBatch.made_by))) == {of[Role.STAFF]}
    assert set(session.scalars(select(ServiceabilityFile.submitted_by))) == {of[Role.STAFF]}


def test_when_the_last_step_fails_nothing_at_all_is_written(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
):
    def broken(_session: Session, _tables: object) -> None:
        raise RuntimeError("no counters today")

    monkeypatch.setattr(create, "continue_counters", broken)
    done = _create(app)
    assert isinstance(done.exception, RuntimeError)
    for noun in (Account, Household, ProgramYear, Determination, ServiceabilityAnswer, AuditEvent):
        assert _count(session, noun) == 0


def test_outside_demo_mode_it_refuses_and_writes_nothing(app: Flask, session: Session):
    done = FlaskCliRunner(app).invoke(args=["demo", "create", "--households", "30"])
    assert done.exit_code != 0
    assert "CONNECTIVITY_MODE=demo" in done.output
    assert _count(session, Household) == _count(session, ProgramYear) == 0


def test_beside_real_households_it_refuses_and_leaves_them_alone(app: Flask, session: Session):
    factories.household(session)
    session.commit()
    done = _create(app)
    assert done.exit_code != 0
    assert "household: 1" in done.output
    assert _count(session, Household) == 1
    assert _count(session, Student) == 1


def test_with_once_it_still_refuses_beside_real_households(app: Flask, session: Session):
    factories.household(session)
    session.commit()
    assert _create(app, "--once").exit_code != 0


def test_a_second_demo_is_refused(app: Flask, session: Session):
    _create(app)
    again = _create(app, "--seed", "2")
    assert again.exit_code != 0
    assert "already" in again.output
    assert _count(session, Household) == 30


def test_once_leaves_an_existing_demo_as_people_have_changed_it(app: Flask, session: Session):
    _create(app)
    session.rollback()
    factories.household(session)
    session.commit()
    again = _create(app, "--once")
    assert again.exit_code == 0
    assert "Nothing was changed" in again.output
    assert _count(session, Household) == 31
    assert session.scalar(select(func.count()).where(AuditEvent.action == "demo.created")) == 1


def test_a_day_before_the_program_began_is_refused_in_words(app: Flask, session: Session):
    done = _create(app, "--today", "2019-11-23")
    assert done.exit_code != 0
    assert "2020-09-01" in done.output
    assert _count(session, ProgramYear) == 0


def test_rows_added_afterwards_get_ids_of_their_own(app: Flask, session: Session):
    _create(app)
    with transaction(session):
        household = factories.household(session, students=[{"school_id": "609772"}])
        enrollment = factories.enrollment(session, household)
        code = factories.membership_code(session)
        session.add(EligibilityRun(program_year_id=enrollment.program_year_id, policy_id=1, state="discarded"))
    assert household.id > 30
    assert _count(session, EligibilityRun) == 2
    assert enrollment.id == _count(session, Enrollment)
    assert code.id == _count(session, MembershipCode)
