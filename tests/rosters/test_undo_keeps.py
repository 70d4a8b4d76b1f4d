"""What hangs on a roster's households, students, enrollments and homes by the time it is taken back: it stays, and so do they."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, ForeignKey, Integer, PrimaryKeyConstraint, Table, UniqueConstraint, insert, select
from sqlalchemy.orm import Session

from connectivity.bulk import table_of
from connectivity.database import Base
from connectivity.register import (
    Appeal,
    ConnectivityResponse,
    Determination,
    Enrollment,
    EnrollmentEvent,
    Household,
    HouseholdQuestion,
    ImportState,
    Residence,
    RosterImport,
    Student,
)
from connectivity.rosters.hanging import WHY, named, references
from connectivity.rosters.undo_homes import own_of_enrollments, own_of_households, own_of_students
from tests import factories
from tests.rosters import districts
from tests.rosters.districts import family, take_in

DELETED = {"household": Household, "student": Student, "enrollment": Enrollment, "residence": Residence}


def household_of(session: Session, last_name: str) -> Household:
    return session.scalars(select(Household).where(Household.guardian_last_name == last_name)).one()


def answer(session: Session, household: Household, **given: int) -> None:
    session.add(
        ConnectivityResponse(
            household_id=household.id, observed_on=dt.date(2026, 9, 1), respondent="guardian",
            mode="phone", language="en", instrument="test", access="Yes", **given,
        )
    )  # fmt: skip
    session.commit()


@pytest.fixture(params=DELETED)
def later(request: pytest.FixtureRequest, session: Session) -> Iterator[tuple[str, Table]]:
    """A table that somebody adds next year, of records about households (students, enrollments, homes)."""
    target = table_of(DELETED[request.param])
    key = Column("about_id", Integer, ForeignKey(target.c.id, ondelete="CASCADE"))
    table = Table("visit_note", Base.metadata, Column("id", Integer, primary_key=True), key)
    try:
        table.create(session.connection())
        session.commit()
        yield request.param, table
    finally:
        session.rollback()
        Base.metadata.remove(table)


def test_a_record_of_a_table_that_is_added_later_keeps_what_it_is_about(
    session: Session, tmp_path: Path, later: tuple[str, Table]
) -> None:
    target, notes = later
    roster = take_in(session, tmp_path, family(session))
    nowak = household_of(session, "Nowak")
    parts = {
        "household": nowak,
        "student": nowak.students[0],
        "enrollment": nowak.enrollments[0],
        "residence": nowak.residences[0],
    }
    session.execute(insert(notes).values(about_id=parts[target].id))
    session.commit()
    undone = districts.undo(session, roster)
    assert undone.kept == [[nowak.reference, "other records refer to it (visit note)"]]
    assert session.scalars(select(Household.reference)).all() == [nowak.reference]
    assert len(session.execute(select(notes)).all()) == 1
    assert [len(nowak.students), len(nowak.enrollments), len(nowak.residences)] == [1, 1, 1]


def test_every_reference_to_what_an_undo_deletes_is_part_of_it_or_has_words(session: Session, tmp_path: Path) -> None:
    roster = take_in(session, tmp_path, family(session))
    own = {
        "household": own_of_households(roster),
        "student": own_of_students(roster),
        "enrollment": own_of_enrollments(),
        "residence": {},
    }
    silent = [
        named(column)
        for target, noun in DELETED.items()
        for column in references(table_of(noun))
        if named(column) not in own[target] and named(column) not in WHY and column.table.name not in WHY
    ]
    assert silent == []


def test_a_household_that_was_determined_or_appealed_stays_and_says_so(session: Session, tmp_path: Path) -> None:
    roster = take_in(session, tmp_path, family(session))
    munoz, nowak = household_of(session, "Muñoz"), household_of(session, "Nowak")
    session.add(
        Determination(
            household_id=munoz.id, program_year_id=roster.program_year_id, eligible=True, source="appeal",
            explanation="Granted.", reason="seen", decided_on=dt.date(2026, 9, 1),
        )
    )  # fmt: skip
    session.add(
        Appeal(
            household_id=nowak.id, program_year_id=roster.program_year_id, opened_on=dt.date(2026, 9, 1),
            ground="a letter of the school", state="open",
        )
    )  # fmt: skip
    session.commit()
    undone = districts.undo(session, roster)
    assert sorted(undone.kept) == sorted(
        [[munoz.reference, "its eligibility was decided since"], [nowak.reference, "the family appealed since"]]
    )
    assert (len(session.scalars(select(Determination)).all()), len(session.scalars(select(Appeal)).all())) == (1, 1)
    assert len(session.scalars(select(Student)).all()) == 3


def test_a_household_for_which_a_code_was_held_once_stays(session: Session, tmp_path: Path) -> None:
    """The code went back to the pool; the ledger names the household for ever."""
    roster = take_in(session, tmp_path, family(session))
    nowak = household_of(session, "Nowak")
    code = factories.membership_code(session, state="held", household_id=nowak.id)
    code.state, code.household_id = "free", None
    session.commit()
    assert districts.undo(session, roster).kept == [
        [nowak.reference, "a membership code was held for it or given to it"]
    ]


def test_a_new_student_with_an_answer_about_a_device_stays_in_the_older_household(
    session: Session, tmp_path: Path
) -> None:
    take_in(session, tmp_path, family(session)[:1])
    roster = take_in(session, tmp_path, family(session)[:2])
    ana = session.scalars(select(Student).where(Student.first_name == "Ana")).one()
    answer(session, ana.household, student_id=ana.id)
    undone = districts.undo(session, roster)
    assert undone.kept == [["60000002", "there is an answer about the student's device"]]
    assert len(session.scalars(select(Student)).all()) == 2


def test_a_family_that_answered_at_its_new_home_stays_there(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, family(session)[:2])
    moved = [{**one, "address_line1": "900 W Leland Ave", "unit": ""} for one in family(session)[:2]]
    roster = take_in(session, tmp_path, moved)
    munoz = household_of(session, "Muñoz")
    home = next(one for one in munoz.residences if one.ends_on is None)
    answer(session, munoz, residence_id=home.id)
    undone = districts.undo(session, roster)
    assert undone.kept == [
        [munoz.reference, "the address stays: there are connectivity answers about that home"],
    ]
    assert session.scalars(select(Residence.line).where(Residence.ends_on.is_(None))).all() == ["900 W LELAND AVE"]


def test_an_enrollment_of_which_somebody_named_the_plan_goes_on(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, family(session))
    districts.forget_enrollments(session)
    roster = take_in(session, tmp_path, family(session)[::-1])
    nowak = household_of(session, "Nowak")
    nowak.enrollments[0].service_type = "hotspot"
    session.commit()
    undone = districts.undo(session, roster)
    assert (undone.state, undone.kept) == (ImportState.UNDONE, [[nowak.reference, "its enrollment went on"]])


def test_an_undo_beside_what_nobody_touched_leaves_nothing_else(session: Session, tmp_path: Path) -> None:
    roster: RosterImport = take_in(session, tmp_path, family(session))
    answer(session, household_of(session, "Nowak"))
    districts.undo(session, roster)
    assert session.scalars(select(Student.district_id)).all() == ["60000003"]


def _finds(column: Column[Any]) -> bool:
    """Whether an index begins with the column, over all rows that name anything."""
    heads = [
        next(iter(one.columns))
        for one in column.table.constraints
        if isinstance(one, PrimaryKeyConstraint | UniqueConstraint)
    ]
    for index in column.table.indexes:
        condition = index.dialect_options["sqlite"]["where"]
        if condition is None or str(condition) == f"{column.name} IS NOT NULL":
            heads.append(next(iter(index.columns)))
    return column in heads


@pytest.mark.parametrize("noun", [*DELETED.values(), HouseholdQuestion, EnrollmentEvent])
def test_whoever_refers_to_what_an_undo_deletes_is_found_by_an_index(noun: type[Base]) -> None:
    """Without one the database reads the whole referring table for every row deleted: minutes for a roster of 43,000."""
    assert [named(column) for column in references(table_of(noun)) if not _finds(column)] == []
