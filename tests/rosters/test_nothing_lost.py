"""What a file says and what people did with it is not lost on the way: a cell's whole address, a damaged ID, repairs of a plan that fell away."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import Covers, ImportState, Outcome, Residence, Role, RosterImport, RosterProblem, RosterRow
from connectivity.rosters import steps
from connectivity.rosters.earlier_repairs import earlier_repairs
from connectivity.rosters.repairs import cells_of, repair
from tests import factories
from tests.rosters import districts
from tests.rosters.districts import csv_bytes, family, outcomes, plan, row, take_in

BESIDE = ("unit", "city", "state", "zip")


def repaired(session: Session, roster: RosterImport, number: int, **cells: str) -> None:
    """A person corrects a rejected row."""
    held = session.get_one(RosterRow, (roster.id, number))
    whole = {**(cells_of(roster, held) or {}), **cells}
    account = factories.account(session, Role.STAFF)
    session.commit()
    with transaction(session):
        repair(session, account=account, roster=session.get_one(RosterImport, roster.id), cells={number: whole})


def test_a_row_whose_address_stands_in_one_cell_comes_back_with_all_of_it(session: Session, tmp_path: Path) -> None:
    whole = "1135 W Wilson Ave, Apt 9, Chicago, IL 60640"
    rows = [
        {name: cell for name, cell in one.items() if name not in BESIDE}
        for one in (
            row(session, address_line1=whole),
            row(session, address_line1=whole, student_first_name="Ana", birth_date="2012-07-01"),
        )
    ]
    planned = plan(session, tmp_path, csv_bytes(rows, list(rows[0])))
    assert outcomes(session, planned) == {2: "rejected", 3: "rejected"}
    assert (cells_of(planned, session.get_one(RosterRow, (planned.id, 3))) or {})["address"] == whole
    repaired(session, planned, 3, student_id="60000002")
    assert session.get_one(RosterRow, (planned.id, 3)).unit == "APT 9"
    assert session.get_one(RosterRow, (planned.id, 3)).zip == "60640"


def test_a_student_under_an_id_that_nobody_can_read_has_not_vanished(session: Session, tmp_path: Path) -> None:
    luz, ana, jan = family(session)
    take_in(session, tmp_path, [luz, ana, jan])
    planned = plan(session, tmp_path, csv_bytes([{**luz, "cps_student_id": "6.00000E+07"}, ana]))
    assert planned.counts["rejected"] == 1
    assert planned.counts["vanished"] == 1
    another = {**luz, "cps_student_id": "6.00000E+07", "birth_date": "2014-01-02"}
    assert plan(session, tmp_path, csv_bytes([another, ana, jan])).counts["vanished"] == 1


@pytest.fixture
def wrong(session: Session) -> bytes:
    """Row 3 has a grade that nobody knows."""
    luz, ana, _ = family(session)
    return csv_bytes([luz, {**ana, "grade": "17"}])


def test_repairs_of_a_plan_that_another_roster_overtook_are_offered(
    session: Session, tmp_path: Path, wrong: bytes
) -> None:
    first = plan(session, tmp_path, wrong)
    repaired(session, first, 3, grade="8")
    take_in(session, tmp_path, [family(session)[2]], covers=Covers.PART)
    steps.compare_again(session, first.id, rules=districts.RULES, report=districts.silent)
    assert session.get_one(RosterImport, first.id, populate_existing=True).state == ImportState.DISCARDED
    again = plan(session, tmp_path, wrong)
    found = earlier_repairs(session, again)
    assert found is not None
    assert (found.repaired, found.left_out) == ({3: first.id}, {})


def test_repairs_of_a_plan_that_a_second_hand_in_puts_aside_are_offered_and_the_plan_says_why(
    session: Session, tmp_path: Path, wrong: bytes
) -> None:
    first = plan(session, tmp_path, wrong, covers=Covers.PART)
    repaired(session, first, 3, grade="8")
    again = plan(session, tmp_path, wrong, covers=Covers.WHOLE)
    aside = session.get_one(RosterImport, first.id, populate_existing=True)
    assert (aside.state, aside.refusal[:35]) == (ImportState.DISCARDED, "The same file was handed in again, ")
    left = session.scalars(select(RosterRow.number).where(RosterRow.import_id == first.id)).all()
    assert left == [3]
    assert earlier_repairs(session, again) is not None


def test_a_zip_that_does_not_reach_the_home_is_told_and_not_taken(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, [row(session)])
    planned = plan(session, tmp_path, csv_bytes([row(session, zip="60827")]))  # Riverdale, at the city's other end
    problem = session.scalars(select(RosterProblem).where(RosterProblem.import_id == planned.id)).one()
    assert (problem.number, problem.heading, problem.value, problem.stops) == (2, "zip", "60827", False)
    assert problem.message.startswith("This ZIP code does not reach the place")
    assert outcomes(session, planned) == {2: Outcome.UNCHANGED.value}
    districts.apply(session, planned)
    assert session.scalars(select(Residence.zip)).all() == ["60640"]
