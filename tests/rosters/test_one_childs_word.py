"""One child's row speaks for one child: not for siblings who are not in the file, not for a student it might be, not for a deleted family."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.households.history import history
from connectivity.register import (
    Covers,
    Household,
    HouseholdQuestion,
    Residence,
    RosterImport,
    RosterProblem,
    Student,
    StudentFactors,
)
from connectivity.rosters import steps
from tests.rosters import districts
from tests.rosters.districts import apply, csv_bytes, family, hand_in, outcomes, plan, row, take_in, undo

ELSEWHERE = {"address_line1": "4540 N Ashland Ave", "unit": "Apt 1"}


def home_of(session: Session, district_id: str) -> str:
    return session.scalars(
        select(Residence.line)
        .join(Student, Student.household_id == Residence.household_id)
        .where(Student.district_id == district_id, Residence.ends_on.is_(None))
    ).one()


def test_a_part_that_names_one_sibling_at_another_home_moves_nobody_and_asks(session: Session, tmp_path: Path) -> None:
    luz, ana, _ = family(session)
    take_in(session, tmp_path, [luz, ana])
    planned = plan(session, tmp_path, csv_bytes([{**luz, **ELSEWHERE}]), covers=Covers.PART)
    assert planned.counts.get("moved_house", 0) == 0
    apply(session, planned)
    assert home_of(session, luz["cps_student_id"]) == "1135 W WILSON AVE"
    assert [one.kind for one in session.scalars(select(HouseholdQuestion))] == ["left_home"]


def test_a_sibling_whose_row_is_refused_still_lives_where_the_last_roster_said(
    session: Session, tmp_path: Path
) -> None:
    luz, ana, _ = family(session)
    take_in(session, tmp_path, [luz, ana])
    rows = [{**luz, **ELSEWHERE}, {**ana, "birth_date": "1899-01-01"}]
    planned = plan(session, tmp_path, csv_bytes(rows))
    assert (planned.counts["rejected"], planned.counts.get("moved_house", 0)) == (1, 0)


def test_a_part_with_one_siblings_new_guardian_is_told_and_not_taken(session: Session, tmp_path: Path) -> None:
    luz, ana, _ = family(session)
    take_in(session, tmp_path, [luz, ana])
    changed = {**luz, "guardian_name": "Ola Nowak"}
    planned = plan(session, tmp_path, csv_bytes([changed]), covers=Covers.PART)
    told = session.scalars(select(RosterProblem.value).where(RosterProblem.import_id == planned.id)).all()
    apply(session, planned)
    assert session.scalars(select(Household.guardian_first_name)).all() == ["Rosa"]
    assert "Ola Nowak" in told


def test_a_whole_roster_without_the_sibling_moves_the_one_who_is_left(session: Session, tmp_path: Path) -> None:
    luz, ana, jan = family(session)
    take_in(session, tmp_path, [luz, ana, jan])
    planned = plan(session, tmp_path, csv_bytes([{**luz, **ELSEWHERE}, jan]))
    assert (planned.counts["moved_house"], planned.counts["vanished"]) == (1, 1)


def test_a_family_does_not_inherit_the_history_of_one_that_was_taken_back(session: Session, tmp_path: Path) -> None:
    first = row(session, cps_student_id="60000009", student_last_name="Zielinski", guardian_name="Ewa Zielinski")
    made = take_in(session, tmp_path, [first], covers=Covers.PART)
    gone = session.scalars(select(Household.id)).one()
    changed = take_in(session, tmp_path, [{**first, "guardian_email": "secret@example.org"}], covers=Covers.PART)
    undo(session, changed)
    undo(session, made)
    assert session.scalars(select(Household.id)).all() == []
    take_in(session, tmp_path, [family(session)[2]], covers=Covers.PART)
    new = session.scalars(select(Household)).one()
    assert new.id != gone
    assert "secret@example.org" not in str([vars(entry) for entry in history(session, new, [])])


def seal(values: Mapping[str, str]) -> bytes:
    return repr(sorted(values.items())).encode()


def test_factors_of_a_row_that_waits_for_a_decision_are_not_taken_in(session: Session, tmp_path: Path) -> None:
    def sealed(rows: list[dict[str, str]], **given: Any) -> RosterImport:
        roster = hand_in(session, tmp_path, csv_bytes(rows), **given).roster
        path = tmp_path / roster.stored_as
        steps.read_and_compare(session, roster.id, path, rules=districts.RULES, report=districts.silent, seal=seal)
        return apply(session, roster)

    first = sealed([{**family(session)[0], "frl": "F"}])
    under_another_id = {**family(session)[0], "cps_student_id": "60000077", "frl": "R"}
    second = sealed([under_another_id], covers=Covers.PART)
    assert outcomes(session, second) == {2: "ambiguous"}
    held = session.execute(select(StudentFactors.sealed, StudentFactors.import_id)).all()
    assert held == [(b"[('frl', 'F')]", first.id)]
    undo(session, second)
    assert session.execute(select(StudentFactors.sealed, StudentFactors.import_id)).all() == held
