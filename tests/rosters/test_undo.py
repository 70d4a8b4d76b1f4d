"""Taking a roster back: what it made goes, what it changed returns, what people did since stays and is named."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.register import (
    Enrollment,
    EnrollmentEvent,
    Household,
    ImportState,
    Role,
    RosterImport,
    RosterRow,
    Student,
    StudentFactors,
)
from connectivity.rosters import apply as applying
from connectivity.rosters import imports, steps
from connectivity.rules.calendar import city_today
from tests import factories
from tests.rosters import districts
from tests.rosters.districts import REGISTER, csv_bytes, dump, family, forget_enrollments, hand_in, plan, row, take_in


def test_an_undone_roster_leaves_the_register_as_it_was(session: Session, tmp_path: Path) -> None:
    account = factories.account(session, Role.STAFF)
    session.commit()
    take_in(session, tmp_path, family(session))
    before = dump(session)
    rows = family(session)
    rows[0] |= {"grade": "6", "student_last_name": "Díaz", "birth_date": "2015-03-15"}
    rows[2] |= {"guardian_name": "Olga Nowak", "guardian_phone": "312-555-0200", "guardian_email": "o@example.org"}
    rows[2] |= {"address_line1": "900 W Leland Ave"}
    rows.append(row(session, cps_student_id="60000009", student_first_name="Eva"))  # joins the Muñoz
    rows.append(
        {
            **family(session)[2],
            "cps_student_id": "60000010",
            "student_last_name": "Chen",
            "guardian_name": "Li Chen",
            "guardian_phone": "312-555-0300",
            "unit": "Apt 9",
        }
    )
    roster = districts.apply(session, plan(session, tmp_path, csv_bytes(rows)), account)
    assert dump(session) != before
    undone = districts.undo(session, roster, account)
    assert (undone.state, undone.kept) == (ImportState.UNDONE, [])
    session.expire_all()
    assert dump(session) == before
    current = session.execute(select(RosterRow.district_id, RosterRow.import_id).where(RosterRow.current)).all()
    assert {one for one, _ in current} == {"60000001", "60000002", "60000003"}
    assert {of for _, of in current} == {roster.id - 1}


def test_the_first_roster_undone_leaves_an_empty_register(session: Session, tmp_path: Path) -> None:
    roster = take_in(session, tmp_path, family(session))
    districts.undo(session, roster)
    assert {name: len(rows) for name, rows in dump(session).items()} == dict.fromkeys(REGISTER, 0)


def test_an_undone_file_can_be_handed_in_again(session: Session, tmp_path: Path) -> None:
    roster = take_in(session, tmp_path, family(session))
    districts.undo(session, roster)
    again = take_in(session, tmp_path, family(session))
    assert again.id != roster.id
    assert again.counts["new"] == 3


def test_an_undo_keeps_what_people_did_since_and_says_so(session: Session, tmp_path: Path) -> None:
    roster = take_in(session, tmp_path, family(session))
    nowak = session.scalars(select(Household).where(Household.guardian_last_name == "Nowak")).one()
    nowak.email = "ola@example.org"
    session.commit()  # raises its version, as every change by people does
    undone = districts.undo(session, roster)
    assert undone.kept == [[nowak.reference, "people changed the household since"]]
    assert session.scalars(select(Student.district_id)).all() == ["60000003"]
    assert session.scalars(select(Enrollment.household_id)).all() == [nowak.id]


def test_an_undo_keeps_an_enrollment_that_went_on(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, family(session))
    forget_enrollments(session)
    roster = take_in(session, tmp_path, family(session)[::-1])  # enrolls two registered households
    nowak = session.scalars(select(Household).where(Household.guardian_last_name == "Nowak")).one()
    session.add(EnrollmentEvent(enrollment_id=nowak.enrollments[0].id, status="contacted", happened_on=city_today()))
    session.commit()
    undone = districts.undo(session, roster)
    assert undone.kept == [[nowak.reference, "its enrollment went on"]]
    assert session.scalars(select(Enrollment.household_id)).all() == [nowak.id]


def test_an_undo_keeps_a_field_that_was_changed_again(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, family(session))
    roster = take_in(session, tmp_path, [{**one, "grade": "7"} for one in family(session)])
    luz = session.scalars(select(Student).where(Student.district_id == "60000001")).one()
    luz.grade = "8"
    session.commit()
    undone = districts.undo(session, roster)
    grades = dict(session.execute(select(Student.district_id, Student.grade)).all())
    assert grades == {"60000001": "8", "60000002": "8", "60000003": "5"}
    assert undone.kept == [["60000001", "the grade was changed again since"]]


def test_only_the_last_roster_can_be_taken_back(session: Session, tmp_path: Path) -> None:
    first = take_in(session, tmp_path, family(session))
    second = take_in(session, tmp_path, [*family(session)[:2], family(session)[2] | {"grade": "6"}])
    with pytest.raises(imports.RosterRefused, match=f"Roster {second.id} was applied after"):
        districts.undo(session, first)
    districts.undo(session, second)
    assert districts.undo(session, first).state == ImportState.UNDONE


def test_a_plan_read_before_another_roster_is_never_applied_not_even_after_checking_again(
    session: Session, tmp_path: Path
) -> None:
    first = take_in(session, tmp_path, family(session))
    planned = plan(session, tmp_path, csv_bytes(family(session)[::-1]))
    districts.undo(session, first)
    with pytest.raises(applying.Overtaken):
        districts.apply(session, planned)
    assert steps.compare_again(session, planned.id, rules=districts.RULES, report=districts.silent) == "discarded"
    again = take_in(session, tmp_path, family(session)[::-1])
    assert (again.id, again.counts["new"]) == (planned.id + 1, 3)


def test_rosters_taken_back_one_after_another_leave_nothing_of_them(session: Session, tmp_path: Path) -> None:
    first = take_in(session, tmp_path, family(session))
    second = take_in(session, tmp_path, [{**one, "grade": "7"} for one in family(session)])
    assert districts.undo(session, second).kept == []
    assert districts.undo(session, first).kept == []
    assert {name: len(rows) for name, rows in dump(session).items()} == dict.fromkeys(REGISTER, 0)


def test_sealed_factors_of_an_earlier_roster_come_back_with_an_undo(session: Session, tmp_path: Path) -> None:
    def sealed(rows: list[dict[str, str]]) -> RosterImport:
        roster = hand_in(session, tmp_path, csv_bytes(rows)).roster
        path = tmp_path / roster.stored_as
        steps.read_and_compare(session, roster.id, path, rules=districts.RULES, report=districts.silent, seal=seal)
        return districts.apply(session, roster)

    def seal(values: Any) -> bytes:
        return repr(sorted(values.items())).encode()

    first = sealed([{**family(session)[0], "frl": "F"}])
    sealed([{**family(session)[0], "frl": ""}])
    third = sealed([{**family(session)[0], "frl": "X"}])
    districts.undo(session, third)
    held = session.execute(select(StudentFactors.sealed, StudentFactors.import_id)).all()
    assert held == [(b"[('frl', 'F')]", first.id)]
