"""Releases: only protected values are stored, the same content has the same hash, and each one leaves a trace."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectivity.equity import releases
from connectivity.register import AuditEvent, CommunityArea, ProgramYear, Release, ReleaseCount, Role
from tests import factories
from tests.equity import programs

UPTOWN = 3


def test_a_release_holds_every_area_and_no_count_of_a_withheld_one(session: Session) -> None:
    programs.everywhere(session, eligible=24, active=12, but={47: (9, 4), 37: (22, 11)})
    release = programs.released(session)
    rows = {row.community_area: row for row in release.counts}
    assert rows.keys() == set(session.scalars(select(CommunityArea.number)))
    assert {number for number, row in rows.items() if row.withheld} == {37, 47}
    assert all((row.eligible, row.active) == (None, None) for row in rows.values() if row.withheld)
    assert {(row.eligible, row.active) for row in rows.values() if not row.withheld} == {(24, 12)}
    assert (release.city_eligible, release.city_active) == (75 * 24 + 9 + 22, 75 * 12 + 4 + 11)
    assert (release.unplaced_eligible, release.unplaced_active) == (0, 0)


def test_few_unplaced_households_are_withheld_with_two_areas(session: Session) -> None:
    programs.everywhere(session, eligible=24, active=12)
    programs.enroll(session, None, eligible=3, active=1)
    release = programs.released(session)
    assert (release.unplaced_eligible, release.unplaced_active) == (None, None)
    assert sum(row.withheld for row in release.counts) == 2


def test_with_nobody_enrolled_everything_is_withheld(session: Session) -> None:
    factories.program_year(session)
    release = programs.released(session)
    assert all(row.withheld for row in release.counts)
    assert release.city_eligible is None


def test_the_same_content_has_the_same_hash_and_one_household_more_another(session: Session) -> None:
    programs.everywhere(session, eligible=24, active=12)
    first, second = programs.released(session), programs.released(session)
    programs.enroll(session, UPTOWN, eligible=1, active=1)
    assert first.id != second.id
    assert first.sha256 == second.sha256 != programs.released(session).sha256


def test_the_latest_is_of_the_latest_day_and_then_the_newest(session: Session) -> None:
    year = factories.program_year(session)
    made = [
        releases.compute(session, program_year=year, as_of=dt.date(2026, month, 1), account=None)
        for month in (9, 10, 10, 8)
    ]
    latest = releases.latest(session)
    assert latest is not None
    assert latest.id == made[2].id


def past_year(session: Session) -> ProgramYear:
    return factories.program_year(
        session, label="2022-23", starts_on=dt.date(2022, 7, 1), ends_on=dt.date(2023, 6, 30), open_to_new=False
    )


def test_a_past_year_counted_afresh_does_not_take_the_running_years_place(session: Session) -> None:
    year, past = factories.program_year(session), past_year(session)
    running = releases.compute(session, program_year=year, as_of=year.starts_on, account=None)
    releases.compute(session, program_year=past, as_of=past.ends_on, account=None)
    latest, version = releases.latest(session), releases.latest_version(session)
    assert latest is not None
    assert version is not None
    assert latest.id == version[0] == running.id


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (dt.date(2022, 6, 30), "Program year 2022-23 begins on Jul 1, 2022: Jun 30, 2022 lies before it"),
        (dt.date(2023, 7, 1), "Program year 2022-23 ended on Jun 30, 2023: Jul 1, 2023 lies after it"),
    ],
)
def test_a_day_outside_the_program_year_is_refused_in_words(session: Session, day: dt.date, said: str) -> None:
    with pytest.raises(releases.OutsideProgramYear, match=said):
        releases.compute(session, program_year=past_year(session), as_of=day, account=None)
    assert session.scalar(select(func.count()).select_from(Release)) == 0


@pytest.mark.parametrize("day", [dt.date(2022, 7, 1), dt.date(2023, 6, 30)])
def test_the_first_and_the_last_day_of_a_program_year_can_be_counted(session: Session, day: dt.date) -> None:
    assert releases.compute(session, program_year=past_year(session), as_of=day, account=None).as_of == day


def test_the_command_counts_a_past_year_as_of_its_last_day(app: Flask, session: Session) -> None:
    past_year(session)
    session.commit()
    run = app.test_cli_runner().invoke
    done = run(args=["equity", "compute", "--year", "2022-23"])
    assert done.exit_code == 0, done.output
    assert session.scalars(select(Release.as_of)).one() == dt.date(2023, 6, 30)
    refused = run(args=["equity", "compute", "--year", "2022-23", "--as-of", "2023-07-01"])
    assert refused.exit_code == 1
    assert "Program year 2022-23 ended on Jun 30, 2023" in refused.output


def test_a_computation_leaves_one_audit_event_with_its_account(session: Session) -> None:
    account = factories.account(session, Role.STAFF)
    release = releases.compute(
        session, program_year=factories.program_year(session), as_of=programs.AS_OF, account=account
    )
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "release.computed")).one()
    assert (event.subject, event.subject_id, event.account_id) == ("release", release.id, account.id)
    assert release.computed_by == account.id


def test_a_day_to_come_and_a_missing_program_year_are_refused_in_words(session: Session) -> None:
    with pytest.raises(releases.NoProgramYear, match="Add the program year first"):
        releases.program_year_on(session, as_of=programs.AS_OF)
    year = factories.program_year(session)
    with pytest.raises(releases.NoProgramYear, match=r"“1999-00”\. Program years: 2026-27"):
        releases.program_year_on(session, as_of=programs.AS_OF, label="1999-00")
    with pytest.raises(releases.DayToCome):
        releases.compute(session, program_year=year, as_of=dt.date(2999, 1, 1), account=None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"withheld": True, "eligible": 4, "active": 1},
        {"withheld": False},
        {"withheld": False, "eligible": 4, "active": 5},
    ],
)
def test_the_database_refuses_a_count_on_a_withheld_row_and_a_shown_row_without(
    session: Session, wrong: dict[str, Any]
) -> None:
    year = factories.program_year(session)
    release = Release(program_year=year, as_of=programs.AS_OF, sha256="")
    release.counts = [ReleaseCount(community_area=UPTOWN, **wrong)]
    session.add(release)
    with pytest.raises(IntegrityError, match="withheld_whole_row"):
        session.flush()


def test_the_command_computes_for_a_day_and_a_year(app: Flask, session: Session) -> None:
    programs.everywhere(session, eligible=24, active=12)
    session.commit()
    done = app.test_cli_runner().invoke(args=["equity", "compute", "--as-of", "2026-10-01", "--year", "2026-27"])
    assert done.exit_code == 0, done.output
    stored = session.scalars(select(Release)).one()
    assert (stored.as_of, stored.computed_by) == (programs.AS_OF, None)
    assert stored.sha256 in done.output
    assert "77 areas shown, 0 withheld" in done.output


def test_the_command_says_what_is_missing_and_stores_nothing(app: Flask, session: Session) -> None:
    done = app.test_cli_runner().invoke(args=["equity", "compute", "--year", "1999-00"])
    assert done.exit_code == 1
    assert "There is no program year “1999-00”" in done.output
    assert session.scalar(select(func.count()).select_from(Release)) == 0
