"""Transactions, instants and SQLite's habits: what every other room relies on."""

import datetime as dt
from collections.abc import Callable
from threading import Thread

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectivity.database import make_sessions, transaction
from connectivity.register import AuditEvent, Household, ProgramYear
from tests import factories


def test_a_transaction_that_raises_leaves_nothing_behind(session: Session) -> None:
    def write_and_fail() -> None:
        with transaction(session):
            factories.household(session)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert session.scalars(select(Household)).all() == []


def test_a_transaction_that_ends_is_seen_by_others(session: Session, engine: Engine) -> None:
    with transaction(session):
        made = factories.household(session)
    with make_sessions(engine)() as other:
        assert other.get_one(Household, made.id).reference == made.reference


def test_a_rolled_back_savepoint_leaves_the_rest(session: Session) -> None:
    with transaction(session):
        kept = factories.household(session)
        with pytest.raises(IntegrityError), session.begin_nested():
            factories.household(session, reference=kept.reference)
    assert [one.id for one in session.scalars(select(Household))] == [kept.id]


def test_foreign_keys_are_held(session: Session) -> None:
    with pytest.raises(IntegrityError):
        session.execute(
            text("INSERT INTO household_phone (household_id, position, number) VALUES (999, 1, '+17735550100')")
        )


def test_an_instant_comes_back_with_its_zone_and_refuses_to_go_without(session: Session) -> None:
    chicago = dt.timezone(dt.timedelta(hours=-5))
    event = AuditEvent(action="a", subject="s", at=dt.datetime(2026, 9, 30, 9, 5, tzinfo=chicago))
    session.add(event)
    session.commit()
    session.expire_all()
    assert event.at == dt.datetime(2026, 9, 30, 14, 5, tzinfo=dt.UTC)
    assert event.at.utcoffset() == dt.timedelta(0)
    session.add(AuditEvent(action="a", subject="s", at=dt.datetime(2026, 9, 30)))  # noqa: DTZ001 - the point of the test
    with pytest.raises(Exception, match="time zone"):
        session.flush()


def test_two_writers_at_once_both_succeed(engine: Engine) -> None:
    """Each reads, then writes. Without a write lock from the start SQLite refuses the second one outright."""

    def write(label: str) -> Callable[[], None]:
        def work() -> None:
            with make_sessions(engine)() as mine, transaction(mine):
                mine.scalars(select(ProgramYear)).all()
                mine.add(
                    ProgramYear(
                        label=label,
                        starts_on=dt.date(2026, 7, 1),
                        ends_on=dt.date(2027, 6, 30),
                        funding="",
                        open_to_new=True,
                    )
                )

        return work

    threads = [Thread(target=write(f"year {number}")) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with make_sessions(engine)() as session:
        assert len(session.scalars(select(ProgramYear)).all()) == 8


def test_a_second_editor_of_the_same_household_is_refused(session: Session, engine: Engine) -> None:
    made = factories.household(session)
    session.commit()
    with make_sessions(engine)() as other:
        other.get_one(Household, made.id).language = "pl"
        other.commit()
    made.language = "en"
    with pytest.raises(Exception, match="expected to update 1 row"):
        session.commit()
