"""What people, families and other rosters do meanwhile: plans that no longer hold, corrected IDs, spellings, moves in steps."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import (
    Covers,
    Household,
    HouseholdQuestion,
    ImportState,
    Residence,
    RosterChange,
    RosterImport,
    RosterProblem,
    RosterRow,
    SearchTerm,
    Student,
)
from connectivity.rosters import apply as applying
from connectivity.rosters import imports, steps
from tests import factories
from tests.rosters import districts
from tests.rosters.districts import csv_bytes, family, plan, row, take_in


def test_a_household_of_a_roster_is_found_by_the_same_words_as_one_registered_by_hand(
    session: Session, tmp_path: Path
) -> None:
    take_in(session, tmp_path, family(session))
    family_of_rosa = session.scalars(select(Household).where(Household.guardian_last_name == "Muñoz")).one()
    terms = set(session.scalars(select(SearchTerm.term).where(SearchTerm.household_id == family_of_rosa.id)))
    assert {
        "munoz",
        "rosa",
        "luz",
        "ana",
        "60000002",
        "7735550123",
        "wilson",
        "60640",
        family_of_rosa.reference.lower(),
    } <= terms


def test_a_student_registered_by_hand_after_the_plan_makes_the_plan_anew(session: Session, tmp_path: Path) -> None:
    planned = plan(session, tmp_path, csv_bytes(family(session)))
    with transaction(session):
        applying.claim(session, account=None, roster=imports.locked(session, planned.id))
    factories.household(session, students=[{"district_id": "60000001"}])
    session.commit()
    state = steps.apply(session, planned.id, rules=districts.RULES, report=districts.silent)
    again = session.get_one(RosterImport, planned.id, populate_existing=True)
    assert (state, again.state) == (ImportState.PLANNED, ImportState.PLANNED)
    assert "registered by hand" in again.refusal
    assert (again.counts["new"], again.counts["changed"]) == (2, 1)
    assert session.scalar(select(func.count()).select_from(Student)) == 1


def test_a_plan_that_another_roster_overtook_is_put_aside(session: Session, tmp_path: Path) -> None:
    slow = plan(session, tmp_path, csv_bytes(family(session)))
    take_in(session, tmp_path, family(session)[:2])
    with pytest.raises(applying.Overtaken):
        districts.apply(session, slow)


def test_a_field_that_a_person_changed_after_the_plan_stays(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, family(session))
    planned = plan(session, tmp_path, csv_bytes([{**one, "grade": "7"} for one in family(session)]))
    luz = session.scalars(select(Student).where(Student.district_id == "60000001")).one()
    luz.grade = "6"
    session.commit()
    assert (planned.counts["changed"], planned.counts["fields"]) == (3, 3)
    applied = districts.apply(session, planned)
    grades = dict(session.execute(select(Student.district_id, Student.grade)).all())
    assert grades == {"60000001": "6", "60000002": "7", "60000003": "7"}
    made = {name: applied.counts[name] for name in ("changed", "unchanged", "overruled", "fields", "kept")}
    assert made == {"changed": 2, "unchanged": 1, "overruled": 1, "fields": 2, "kept": 1}


def test_a_file_whose_plan_was_overtaken_is_read_anew_when_it_is_handed_in_again(
    session: Session, tmp_path: Path
) -> None:
    content = csv_bytes(family(session)[::-1])
    planned = plan(session, tmp_path, content)
    take_in(session, tmp_path, family(session))
    again = plan(session, tmp_path, content)
    assert (again.id != planned.id, again.counts["unchanged"]) == (True, 3)


def test_two_rows_never_come_to_one_student(session: Session, tmp_path: Path) -> None:
    """Staff corrected Luz's ID; the next file has her under the old one, and another child under the new one."""
    take_in(session, tmp_path, family(session)[:1])
    luz = session.scalars(select(Student)).one()
    luz.district_id = "60000009"
    session.commit()
    eva = row(session, cps_student_id="60000009", student_first_name="Eva", student_last_name="Nowak")
    planned = plan(session, tmp_path, csv_bytes([family(session)[0], {**eva, "guardian_name": "Ola Nowak"}]))
    assert (planned.counts["unchanged"], planned.counts["rejected"], planned.counts["vanished"]) == (1, 1, 0)
    districts.apply(session, planned)
    session.expire_all()
    assert (luz.first_name, luz.district_id) == ("Luz", "60000009")
    assert session.scalar(select(func.count()).select_from(RosterRow).where(RosterRow.current)) == 1


@pytest.mark.parametrize("covers", list(Covers))
def test_a_corrected_id_that_the_district_takes_over_is_one_student_with_one_last_word(
    session: Session, tmp_path: Path, covers: Covers
) -> None:
    take_in(session, tmp_path, family(session)[:1])
    session.scalars(select(Student)).one().district_id = "60000009"
    session.commit()
    planned = plan(session, tmp_path, csv_bytes([{**family(session)[0], "cps_student_id": "60000009"}]), covers=covers)
    assert (planned.counts["new"], planned.counts["vanished"]) == (0, 0)
    districts.apply(session, planned)
    current = session.execute(select(RosterRow.district_id).where(RosterRow.current)).all()
    assert current == [("60000009",)]


def test_twins_whose_ids_staff_swapped_stay_swapped_when_the_district_agrees(session: Session, tmp_path: Path) -> None:
    twins = [row(session), row(session, cps_student_id="60000002", student_first_name="Ana")]
    take_in(session, tmp_path, twins)
    luz, ana = (session.scalars(select(Student).where(Student.first_name == name)).one() for name in ("Luz", "Ana"))
    luz.district_id = "swapping"
    session.flush()
    ana.district_id = "60000001"
    session.flush()
    luz.district_id = "60000002"
    session.commit()
    agreed = [{**twins[0], "cps_student_id": "60000002"}, {**twins[1], "cps_student_id": "60000001"}]
    planned = take_in(session, tmp_path, agreed)
    assert planned.counts["fields"] == 0
    session.expire_all()
    assert (luz.first_name, luz.district_id, ana.district_id) == ("Luz", "60000002", "60000001")


def test_a_household_merged_after_the_plan_makes_the_plan_stale(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, family(session))
    planned = plan(
        session,
        tmp_path,
        csv_bytes([*family(session), row(session, cps_student_id="60000007", student_first_name="Eva")]),
    )
    rosa, ola = session.scalars(select(Household).order_by(Household.guardian_first_name.desc())).all()
    assert rosa.guardian_first_name == "Rosa"
    rosa.merged_into_id = ola.id
    session.commit()
    with pytest.raises(applying.PlanStale, match="merged"):
        districts.apply(session, planned)


def test_a_family_that_staff_moved_after_the_plan_stays_where_staff_moved_it(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, family(session)[:2])
    moved = [{**one, "address_line1": "900 W Leland Ave", "unit": ""} for one in family(session)[:2]]
    planned = plan(session, tmp_path, csv_bytes(moved))
    home = session.scalars(select(Residence)).one()
    home.line, home.unit = "1139 W WILSON AVE", ""
    session.commit()
    districts.apply(session, planned)
    session.expire_all()
    assert [one.line for one in session.scalars(select(Residence))] == ["1139 W WILSON AVE"]
    assert session.scalars(select(RosterChange.state).where(RosterChange.import_id == planned.id)).all() == ["kept"]


def test_a_family_whose_children_are_moved_by_one_roster_after_the_other_moves_when_all_agree(
    session: Session, tmp_path: Path
) -> None:
    at = {"address_line1": "900 W Leland Ave", "unit": ""}
    luz, ana = family(session)[:2]
    take_in(session, tmp_path, [luz, ana])
    assert take_in(session, tmp_path, [{**luz, **at}, ana]).counts["moved_house"] == 0
    assert take_in(session, tmp_path, [{**luz, **at}, {**ana, **at}]).counts["moved_house"] == 1
    assert session.scalars(select(Residence.line).where(Residence.ends_on.is_(None))).all() == ["900 W LELAND AVE"]
    assert session.scalars(select(HouseholdQuestion.state)).all() == ["withdrawn"]  # nobody has left


@pytest.mark.parametrize(
    "written",
    [{"address_line1": "1135 W Wilson"}, {"unit": "Unit 2"}, {"unit": ""}, {"address_line1": "1135 Wilson Ave"}],
)
def test_another_spelling_of_the_address_is_no_move(session: Session, tmp_path: Path, written: dict[str, str]) -> None:
    take_in(session, tmp_path, family(session)[:1])
    planned = plan(session, tmp_path, csv_bytes([{**family(session)[0], **written}]))
    assert (planned.counts["moved_house"], planned.counts["questions"]) == (0, 0)


def test_a_home_on_the_map_is_not_given_up_for_an_address_that_cannot_be_placed(
    session: Session, tmp_path: Path
) -> None:
    take_in(session, tmp_path, family(session)[:1])
    planned = take_in(session, tmp_path, [{**family(session)[0], "address_line1": "PO Box 12", "unit": ""}])
    assert (planned.counts["moved_house"], planned.counts["kept"]) == (0, 1)
    assert [one.line for one in session.scalars(select(Residence))] == ["1135 W WILSON AVE"]
    said = session.scalars(select(RosterProblem.message).where(RosterProblem.column == "unplaced")).one()
    assert said.startswith("The family has a home on the map")


def test_a_student_with_two_rows_for_two_phones_is_unchanged_the_next_time(session: Session, tmp_path: Path) -> None:
    twice = [row(session), row(session, guardian_phone="312-555-0199")]
    take_in(session, tmp_path, twice)
    planned = plan(session, tmp_path, csv_bytes(twice) + b"\n")
    assert districts.outcomes(session, planned) == {2: "unchanged", 3: "repeated"}


def test_a_sister_registered_by_hand_after_the_plan_is_seen_before_it_is_applied(
    session: Session, tmp_path: Path
) -> None:
    planned = plan(session, tmp_path, csv_bytes(family(session)[:1]))
    factories.household(session, students=[{"district_id": "60000008"}])  # at 1135 W Wilson Ave
    session.commit()
    with pytest.raises(applying.PlanStale, match="registered by hand at the address"):
        districts.apply(session, planned)
