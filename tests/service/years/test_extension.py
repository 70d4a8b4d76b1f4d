"""The end of a year moves on, and with it what was the year's own: shown first, once, with a trace, and taken back while unused."""

import datetime as dt
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from connectivity.database import make_sessions, transaction
from connectivity.register import (
    Account,
    AuditEvent,
    CodeBatch,
    Enrollment,
    EnrollmentEvent,
    Household,
    ProgramYear,
    Role,
    YearExtension,
)
from connectivity.rules.service_states import EndReason
from connectivity.service.progress.leaving import Leaving, leave
from connectivity.service.progress.nightly import end_due
from connectivity.service.years.extension import ExtensionRefused, extend, preview, take_back
from tests import factories
from tests.conftest import PolicedClient
from tests.households.conftest import errors_of

SignedIn = Callable[..., PolicedClient]
OLD, NEW = dt.date(2027, 6, 30), dt.date(2028, 6, 30)


@pytest.fixture
def year(session: Session) -> ProgramYear:
    return factories.program_year(session)


@pytest.fixture
def homes(session: Session, year: ProgramYear) -> dict[str, Enrollment]:
    """One of each kind that an extension meets."""
    other = factories.program_year(session, label="Beside", ends_on=OLD)

    def of(status: str, **given: object) -> Enrollment:
        return factories.enrollment(session, factories.household(session), status, **given)

    till_end = {"leaving_reason": "moved", "service_until": OLD, "until_year_end": True}
    return {
        "goes on": of("active"),
        "till the end": of("active", **till_end),
        "its own day": of("active", leaving_reason="moved", service_until=dt.date(2027, 3, 1)),
        "graduates that day": of("active", leaving_reason="graduated", service_until=OLD),
        "ended": of("ended", **till_end),
        "another year": of("active", program_year_id=other.id, **till_end),
    }


def days(session: Session, homes: dict[str, Enrollment]) -> dict[str, dt.date | None]:
    session.expire_all()
    return {name: one.service_until for name, one in homes.items()}


def moved(session: Session, year: ProgramYear, account: Account, to: dt.date = NEW, **more: bool) -> YearExtension:
    done = extend(
        session, account=account, year=year, stood=year.ends_on, ends_on=to, reason="Board, August 13", **more
    )
    session.commit()
    return done


def test_the_preview_counts_what_moves_and_what_stays_and_writes_nothing(
    session: Session, year: ProgramYear, homes: dict[str, Enrollment]
) -> None:
    factories.membership_code(session)
    batch = session.scalars(select(CodeBatch)).one()
    batch.expires_on = OLD
    factories.membership_code(session, expires_on=dt.date(2027, 1, 31))  # a day of its own
    seen = preview(session, year, NEW)
    assert (seen.open_enrollments, seen.moved_days, seen.own_days, seen.ended) == (4, 1, 2, 1)
    assert seen.unused_codes == 1
    assert seen.overlaps == ("Beside (Jul 1, 2026 to Jun 30, 2027)",)
    assert year.ends_on == OLD
    assert session.scalars(select(YearExtension)).all() == []


def test_the_extension_moves_the_years_own_days_alone_and_each_household_is_told_why(
    session: Session, year: ProgramYear, homes: dict[str, Enrollment], admin: Account
) -> None:
    before = days(session, homes)
    done = moved(session, year, admin)
    assert (done.ended_on, done.ends_on, done.open_enrollments, done.moved_days) == (OLD, NEW, 4, 1)
    assert year.ends_on == NEW
    assert days(session, homes) == before | {"till the end": NEW}
    of_year, of_home = session.scalars(select(AuditEvent).order_by(AuditEvent.subject.desc())).all()
    assert (of_year.action, of_year.subject_id, of_year.account_id) == ("program_year.extended", year.id, admin.id)
    assert of_year.changes["ends_on"] == ["2027-06-30", "2028-06-30"]
    assert (of_home.action, of_home.subject_id) == ("enrollment.extended", homes["till the end"].household_id)
    assert of_home.changes["service_until"] == ["2027-06-30", "2028-06-30"]
    assert of_home.changes["note"] == [None, "Board, August 13"]


def test_the_night_after_the_old_end_ends_nobody_who_goes_on(
    session: Session, year: ProgramYear, homes: dict[str, Enrollment], admin: Account
) -> None:
    moved(session, year, admin)
    end_due(session, today=OLD + dt.timedelta(days=1))
    session.commit()
    stands = {name: one.status for name, one in homes.items()}
    assert stands["till the end"] == "active"
    assert stands["graduates that day"] == "ended"


@pytest.mark.parametrize(
    ("to", "words"),
    [
        (OLD, "runs until Jun 30, 2027 already"),
        (dt.date(2026, 12, 31), "runs until Jun 30, 2027 already"),
        (dt.date(2072, 6, 30), "more than three years after Jun 30, 2027"),
    ],
)
def test_a_day_that_is_no_extension_is_refused(
    session: Session, year: ProgramYear, admin: Account, to: dt.date, words: str
) -> None:
    with pytest.raises(ExtensionRefused) as refused:
        moved(session, year, admin, to)
    assert words in refused.value.problems["ends_on"]


def test_codes_go_on_only_when_the_providers_agreed_and_only_those_of_the_old_last_day(
    session: Session, year: ProgramYear, admin: Account
) -> None:
    other = factories.provider(session, "Astound")
    factories.membership_code(session)
    factories.membership_code(session, provider_id=other.id)
    with_year, own = session.scalars(select(CodeBatch).order_by(CodeBatch.id)).all()
    with_year.expires_on, own.expires_on = OLD, dt.date(2027, 5, 31)
    session.commit()
    assert moved(session, year, admin, dt.date(2027, 12, 31)).moved_codes == 0
    assert with_year.expires_on == OLD
    with_year.expires_on = year.ends_on
    session.commit()
    assert moved(session, year, admin, NEW, codes_too=True).moved_codes == 1
    assert (with_year.expires_on, own.expires_on) == (NEW, dt.date(2027, 5, 31))


def test_two_extend_at_once_and_the_end_moves_once(
    session: Session, engine: Engine, year: ProgramYear, homes: dict[str, Enrollment], admin: Account
) -> None:
    session.commit()
    gate, outcomes = Barrier(2), list[str]()

    def run(to: dt.date) -> None:
        with make_sessions(engine)() as own:
            gate.wait()
            try:
                with transaction(own):
                    extend(
                        own,
                        account=own.get_one(Account, admin.id),
                        year=own.get_one(ProgramYear, year.id),
                        stood=OLD,
                        ends_on=to,
                        reason="Board",
                    )
                outcomes.append(to.isoformat())
            except ExtensionRefused as refused:
                outcomes.append(refused.problems["ends_on"])

    threads = [Thread(target=run, args=(to,)) for to in (NEW, dt.date(2027, 12, 31))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.rollback()
    session.expire_all()
    assert len([one for one in outcomes if "Somebody else moved the end" in one]) == 1, outcomes
    done = session.scalars(select(YearExtension)).one()
    assert year.ends_on == done.ends_on == homes["till the end"].service_until
    assert done.ends_on.isoformat() in outcomes


def test_who_leaves_at_the_years_end_while_it_is_extended_gets_the_new_end(
    session: Session, engine: Engine, year: ProgramYear, homes: dict[str, Enrollment], admin: Account
) -> None:
    session.commit()
    gate = Barrier(2)
    leaves = homes["goes on"]

    def run_extension() -> None:
        with make_sessions(engine)() as own:
            gate.wait()
            with transaction(own):
                account, one = own.get_one(Account, admin.id), own.get_one(ProgramYear, year.id)
                extend(own, account=account, year=one, stood=OLD, ends_on=NEW, reason="Board")

    def run_leaving() -> None:
        with make_sessions(engine)() as own:
            gate.wait()
            with transaction(own):
                household = own.get_one(Household, leaves.household_id, with_for_update=True)
                leave(
                    own,
                    account=own.get_one(Account, admin.id),
                    household=household,
                    enrollment=own.get_one(Enrollment, leaves.id),
                    leaving=Leaving(reason=EndReason.MOVED, left_on=dt.date(2027, 2, 1), until_year_end=True),
                )

    threads = [Thread(target=run) for run in (run_extension, run_leaving)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.rollback()
    session.expire_all()
    assert year.ends_on == NEW
    assert leaves.service_until == NEW  # whoever was first


def test_what_was_taken_back_stands_as_before_and_both_stay_in_the_trail(
    session: Session, year: ProgramYear, homes: dict[str, Enrollment], admin: Account
) -> None:
    factories.membership_code(session)
    batch = session.scalars(select(CodeBatch)).one()
    batch.expires_on = OLD
    session.commit()
    before = days(session, homes)
    done = moved(session, year, admin, codes_too=True)
    assert batch.expires_on == NEW
    take_back(session, account=admin, extension=done, reason="The wrong year was typed")
    session.commit()
    assert days(session, homes) == before
    assert (year.ends_on, batch.expires_on) == (OLD, OLD)
    assert (done.taken_back_by, done.taken_back_reason) == (admin.id, "The wrong year was typed")
    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject == "program_year")).all()
    assert sorted(actions) == ["program_year.extended", "program_year.extension_taken_back"]
    with pytest.raises(ExtensionRefused):
        take_back(session, account=admin, extension=done, reason="Again")
    assert moved(session, year, admin).ends_on == NEW  # and may be extended anew


def test_only_the_last_extension_is_taken_back_and_none_that_is_in_use(
    session: Session, year: ProgramYear, homes: dict[str, Enrollment], admin: Account
) -> None:
    first = moved(session, year, admin, dt.date(2027, 12, 31))
    last = moved(session, year, admin)
    with pytest.raises(ExtensionRefused) as refused:
        take_back(session, account=admin, extension=first, reason="Wrong")
    assert "ends on Jun 30, 2028 now" in refused.value.problems["reason"]
    session.rollback()
    step = EnrollmentEvent(
        enrollment_id=homes["goes on"].id, status="suspended", happened_on=dt.date(2028, 1, 1), said_by="provider"
    )
    session.add(step)
    session.commit()
    with pytest.raises(ExtensionRefused) as refused:
        take_back(session, account=admin, extension=last, reason="Wrong")
    assert "on days after Dec 31, 2027 that were recorded since this extension: 1." in refused.value.problems["reason"]


def test_the_page_shows_what_it_touches_and_saves_only_when_confirmed(
    session: Session, year: ProgramYear, homes: dict[str, Enrollment], signed_in: SignedIn
) -> None:
    client = signed_in(Role.ADMIN)
    path = f"/service/years/{year.id}/extend"
    asked = {"stood": "2027-06-30", "ends_on": "2028-06-30", "reason": "Board, August 13", "codes_too": "y"}
    seen = client.send(path, asked)
    assert "4 open enrollments go on" in seen.text
    assert "Nothing is saved yet" in seen.text
    session.rollback()
    assert session.scalars(select(YearExtension)).all() == []
    done = client.send(path, {**asked, "confirmed": "1"}, follow_redirects=True)
    assert "The year now ends on Jun 30, 2028." in done.text
    assert "extended from Jun 30, 2027" in done.text
    again = client.send(path, {**asked, "ends_on": "2028-12-31", "confirmed": "1"})
    assert again.status_code == 422
    assert "Somebody else moved the end to Jun 30, 2028" in errors_of(again.text)["ends_on"]
    bad = client.send(path, {"stood": "2028-06-30", "ends_on": "2027-01-01", "reason": "Board"})
    assert "runs until Jun 30, 2028 already" in errors_of(bad.text)["ends_on"]
    assert set(errors_of(client.send(path, {"stood": "2028-06-30"}).text)) == {"ends_on", "reason"}
    session.rollback()
    one = session.scalars(select(YearExtension)).one()
    back = f"/service/years/{year.id}/extensions/{one.id}/take-back"
    assert set(errors_of(client.send(back, {}).text)) == {"reason"}
    taken = client.send(back, {"reason": "The wrong year was typed"}, follow_redirects=True)
    assert "The year ends on Jun 30, 2027 again." in taken.text
    assert "Taken back on" in taken.text
    assert client.send(back, {"reason": "Twice"}).status_code == 422
    assert client.get(f"/service/years/99999/extensions/{one.id}/take-back").status_code == 404
