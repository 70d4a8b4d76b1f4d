"""What a plan says before anything is written: who is new, what changed, who vanished, what is wrong."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.register import (
    ChangeState,
    Covers,
    Household,
    ImportState,
    Outcome,
    Role,
    RosterChange,
    RosterHome,
    RosterImport,
    RosterProblem,
    RosterRow,
    Student,
)
from connectivity.rosters import imports, reading_beside, steps
from connectivity.rosters.comparison import vanished
from connectivity.rosters.holds import HoldRules, reasons
from connectivity.rosters.identities import LEFT_OUT
from connectivity.rosters.turns import at_work
from connectivity.tabular.table import Table
from tests import factories
from tests.rosters import districts
from tests.rosters.districts import csv_bytes, outcomes, plan, row, take_in


def changes(session: Session, roster: RosterImport) -> set[tuple[str, str | None, str | None, str]]:
    found = session.scalars(select(RosterChange).where(RosterChange.import_id == roster.id))
    return {(one.field, one.before, one.after, one.state) for one in found}


def problems(session: Session, roster: RosterImport) -> list[tuple[int, str, str]]:
    found = session.scalars(
        select(RosterProblem).where(RosterProblem.import_id == roster.id).order_by(RosterProblem.number)
    )
    return [(one.number, one.column, one.message) for one in found]


def test_a_plan_writes_nothing_to_the_register(session: Session, tmp_path: Path) -> None:
    planned = plan(session, tmp_path, csv_bytes([row(session)]))
    assert planned.state == ImportState.PLANNED
    assert planned.counts["new"] == planned.counts["new_households"] == 1
    assert session.scalar(select(func.count()).select_from(Household)) == 0
    assert session.scalar(select(func.count()).select_from(Student)) == 0


def test_rows_carry_the_sheets_own_numbers(session: Session, tmp_path: Path) -> None:
    content = csv_bytes([row(session), row(session, cps_student_id="123")])
    planned = plan(session, tmp_path, content)
    assert outcomes(session, planned) == {2: "new", 3: "rejected"}
    assert problems(session, planned)[0][:2] == (3, "student_id")


def test_a_roster_says_again_what_it_said_and_nothing_changes(session: Session, tmp_path: Path) -> None:
    rows = [row(session), row(session, cps_student_id="60000002", student_first_name="Ana")]
    take_in(session, tmp_path, rows)
    planned = plan(session, tmp_path, csv_bytes(rows[::-1]))  # another order: another file, the same roster
    assert outcomes(session, planned) == {2: "unchanged", 3: "unchanged"}
    assert changes(session, planned) == set()
    assert (planned.counts["vanished"], planned.counts["newly_eligible"], planned.counts["new_households"]) == (0, 0, 0)


def test_a_change_is_shown_field_by_field(session: Session, tmp_path: Path) -> None:
    first, second = districts.schools(session)
    take_in(session, tmp_path, [row(session)])
    planned = plan(
        session, tmp_path, csv_bytes([row(session, grade="6", cps_school_id=second, guardian_phone="312-555-0199")])
    )
    assert outcomes(session, planned) == {2: "changed"}
    assert changes(session, planned) == {
        ("grade", "5", "6", ChangeState.PLANNED),
        ("school_id", first, second, ChangeState.PLANNED),
        ("phones", "+17735550123", "+13125550199 +17735550123", ChangeState.PLANNED),
    }
    assert planned.counts["moved_school"] == 1


def test_a_student_who_is_not_in_the_next_roster_is_flagged_and_not_deleted(session: Session, tmp_path: Path) -> None:
    gone = row(session, cps_student_id="60000002", student_first_name="Ana")
    take_in(session, tmp_path, [row(session), gone])
    planned = plan(session, tmp_path, csv_bytes([row(session)]))
    assert planned.counts["vanished"] == 1
    assert session.scalars(select(RosterRow.district_id).where(vanished(planned))).all() == ["60000002"]
    districts.apply(session, planned)
    assert session.scalar(select(Student.first_name).where(Student.district_id == "60000002")) == "Ana"
    current = session.scalars(select(RosterRow.district_id).where(RosterRow.current)).all()
    assert current == ["60000001"]


def test_nobody_vanishes_from_a_file_that_covers_a_part(session: Session, tmp_path: Path) -> None:
    other = row(session, cps_student_id="60000002", student_first_name="Ana")
    take_in(session, tmp_path, [row(session), other])
    planned = plan(session, tmp_path, csv_bytes([row(session, grade="6")]), covers=Covers.PART)
    assert (planned.counts["vanished"], planned.counts["changed"]) == (0, 1)
    districts.apply(session, planned)
    assert sorted(session.scalars(select(RosterRow.district_id).where(RosterRow.current))) == ["60000001", "60000002"]


def test_a_student_who_comes_back_is_the_same_student(session: Session, tmp_path: Path) -> None:
    other = row(session, cps_student_id="60000002", student_first_name="Ana", unit="Apt 3", guardian_name="Ola Nowak")
    take_in(session, tmp_path, [row(session), other])
    take_in(session, tmp_path, [row(session)])
    before = session.scalar(select(Student.id).where(Student.district_id == "60000002"))
    back = take_in(session, tmp_path, [row(session), {**other, "grade": "7"}])
    assert (back.counts["new"], back.counts["changed"]) == (0, 1)
    assert session.scalar(select(Student.id).where(Student.district_id == "60000002", Student.grade == "7")) == before


def test_a_whole_family_that_moved_is_a_move(session: Session, tmp_path: Path) -> None:
    rows = [row(session), row(session, cps_student_id="60000002", student_first_name="Ana")]
    take_in(session, tmp_path, rows)
    moved = [{**one, "address_line1": "900 W Leland Ave", "unit": ""} for one in rows]
    planned = plan(session, tmp_path, csv_bytes(moved))
    assert changes(session, planned) == {
        ("address", "1135 W WILSON AVE APT 2", "900 W LELAND AVE", ChangeState.PLANNED)
    }
    home = session.scalars(select(RosterHome).where(RosterHome.import_id == planned.id)).one()
    assert (home.line, home.community_area, home.reference) == ("900 W LELAND AVE", 3, None)


def test_one_child_at_another_address_is_a_question_and_no_move(session: Session, tmp_path: Path) -> None:
    rows = [row(session), row(session, cps_student_id="60000002", student_first_name="Ana")]
    take_in(session, tmp_path, rows)
    planned = plan(
        session, tmp_path, csv_bytes([rows[0], {**rows[1], "address_line1": "900 W Leland Ave", "unit": ""}])
    )
    assert changes(session, planned) == set()
    assert (planned.counts["moved_house"], planned.counts["questions"]) == (0, 1)
    assert outcomes(session, planned) == {2: "unchanged", 3: "changed"}


def test_what_a_person_changed_stays_when_the_roster_only_repeats_itself(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, [row(session)])
    student = session.scalars(select(Student)).one()
    student.grade = "6"
    session.commit()
    planned = plan(session, tmp_path, csv_bytes([row(session, guardian_email="r.munoz@example.org")]))
    assert changes(session, planned) == {("email", "rosa@example.org", "r.munoz@example.org", ChangeState.PLANNED)}


def test_what_a_person_changed_stays_when_the_roster_says_something_new(session: Session, tmp_path: Path) -> None:
    account = factories.account(session, Role.STAFF)
    session.commit()
    take_in(session, tmp_path, [row(session)])
    student = session.scalars(select(Student)).one()
    student.grade = "6"
    factories.audit_event(
        session, account, student.household_id, {f"student.{student.id}.grade": ["5", "6"], "version": [1, 2]}
    )
    session.commit()
    planned = plan(session, tmp_path, csv_bytes([row(session, grade="4")]))
    assert changes(session, planned) == {("grade", "6", "4", ChangeState.KEPT)}
    districts.apply(session, planned)
    session.expire_all()
    assert student.grade == "6"


def test_where_roster_and_person_agreed_the_next_roster_is_followed_again(session: Session, tmp_path: Path) -> None:
    account = factories.account(session, Role.STAFF)
    session.commit()
    take_in(session, tmp_path, [row(session)])
    student = session.scalars(select(Student)).one()
    student.grade = "6"
    factories.audit_event(
        session, account, student.household_id, {f"student.{student.id}.grade": ["5", "6"], "version": [1, 2]}
    )
    session.commit()
    take_in(session, tmp_path, [row(session, grade="6")])
    planned = plan(session, tmp_path, csv_bytes([row(session, grade="7")]))
    assert changes(session, planned) == {("grade", "6", "7", ChangeState.PLANNED)}


def test_an_empty_cell_takes_nothing_away(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, [row(session)])
    empty = row(
        session, guardian_email="", guardian_phone="", home_language="", address_line1="", unit="", guardian_name=""
    )
    assert changes(session, plan(session, tmp_path, csv_bytes([empty]))) == set()


def test_a_household_that_nobody_entered_takes_on_what_the_first_roster_says(session: Session, tmp_path: Path) -> None:
    """As the demo makes them: no roster has named it, and no person's word is in its trail."""
    household = factories.household(session, students=[{"district_id": "60000001", "grade": "4"}])
    session.commit()
    planned = plan(session, tmp_path, csv_bytes([row(session)]))
    assert ("grade", "4", "5", ChangeState.PLANNED) in changes(session, planned)
    assert planned.counts["new"] == 0
    assert household.id == session.scalars(select(Student)).one().household_id


def test_one_id_in_two_rows_with_different_addresses_rejects_both(session: Session, tmp_path: Path) -> None:
    planned = plan(session, tmp_path, csv_bytes([row(session), row(session, address_line1="900 W Leland Ave")]))
    assert outcomes(session, planned) == {2: "rejected", 3: "rejected"}
    message = problems(session, planned)[0][2]
    assert message == "Student ID 60000001 stands in rows 2 and 3, and they differ: address."


def test_a_row_that_repeats_another_with_a_second_phone_adds_the_phone(session: Session, tmp_path: Path) -> None:
    planned = plan(session, tmp_path, csv_bytes([row(session), row(session, guardian_phone="312-555-0199")]))
    assert outcomes(session, planned) == {2: "new", 3: "repeated"}
    home = session.scalars(select(RosterHome).where(RosterHome.import_id == planned.id)).one()
    assert home.phones == "+17735550123 +13125550199"


def test_the_same_child_under_another_id_waits_for_a_person(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, [row(session)])
    planned = plan(session, tmp_path, csv_bytes([row(session, cps_student_id="61111111")]))
    assert outcomes(session, planned) == {2: "ambiguous"}
    known = session.scalars(select(Student)).one()
    staged = session.scalars(select(RosterRow).where(RosterRow.import_id == planned.id)).one()
    assert staged.student_id == known.id


@pytest.mark.parametrize(("decision", "students"), [("same", ["61111111"]), ("another", ["60000001", "61111111"])])
def test_a_person_decides_who_the_ambiguous_row_is(
    session: Session, tmp_path: Path, decision: str, students: list[str]
) -> None:
    take_in(session, tmp_path, [row(session)])
    planned = plan(session, tmp_path, csv_bytes([row(session, cps_student_id="61111111")]))
    with transaction(session):
        session.scalars(select(RosterRow).where(RosterRow.import_id == planned.id)).one().decision = decision
    steps.compare_again(session, planned.id, rules=districts.RULES, report=districts.silent)
    districts.apply(session, planned)
    assert sorted(session.scalars(select(Student.district_id))) == students


def test_a_namesake_with_nothing_else_in_common_is_another_child_with_a_warning(
    session: Session, tmp_path: Path
) -> None:
    take_in(session, tmp_path, [row(session)])
    other = row(
        session,
        cps_student_id="61111111",
        guardian_name="Ola Nowak",
        guardian_phone="312-555-0199",
        guardian_email="",
        address_line1="900 W Leland Ave",
    )
    planned = plan(session, tmp_path, csv_bytes([other]), covers=Covers.PART)
    assert outcomes(session, planned) == {2: "new"}
    assert "registered under the ID 60000001" in problems(session, planned)[0][2]


def test_a_school_that_does_not_exist_rejects_the_row(session: Session, tmp_path: Path) -> None:
    planned = plan(session, tmp_path, csv_bytes([row(session, cps_school_id="999999")]))
    assert problems(session, planned) == [(2, "school_id", "There is no school with the ID 999999.")]
    assert outcomes(session, planned) == {2: Outcome.REJECTED}


def test_a_post_office_box_is_taken_in_and_waits_to_be_placed(session: Session, tmp_path: Path) -> None:
    planned = plan(session, tmp_path, csv_bytes([row(session, address_line1="PO Box 12", unit="")]))
    assert outcomes(session, planned) == {2: "new"}
    home = session.scalars(select(RosterHome).where(RosterHome.import_id == planned.id)).one()
    assert (home.community_area, home.certainty) == (None, "unplaced")
    assert "post office box" in (home.reason or "")
    assert home.original == "PO Box 12, Chicago, IL 60640"


def test_a_school_as_the_home_is_flagged(session: Session, tmp_path: Path) -> None:
    school = factories.any_school(session)
    planned = plan(session, tmp_path, csv_bytes([row(session, address_line1=school.address, unit="", zip=school.zip)]))
    assert problems(session, planned) == [(2, "address", f"This is the address of {school.name}, not a home.")]


def test_a_file_without_a_needed_column_asks_which_column_is_which(session: Session, tmp_path: Path) -> None:
    one = row(session)
    one["born"] = one.pop("birth_date")
    content = csv_bytes([one], list(one))
    planned = plan(session, tmp_path, content)
    assert planned.state == ImportState.COLUMNS
    assert planned.read_as["headings"] == list(one)
    assert [title for title, _ in planned.read_as["missing"]] == ["Birth date"]


def test_a_file_that_is_no_roster_is_refused_in_words(session: Session, tmp_path: Path) -> None:
    planned = plan(session, tmp_path, b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    assert planned.state == ImportState.REFUSED
    assert "is a picture" in planned.refusal
    again = districts.hand_in(session, tmp_path, b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    assert again.first  # a refused file changes nothing and may be sent again


def test_sensitive_columns_are_never_staged_by_default(session: Session, tmp_path: Path) -> None:
    planned = plan(session, tmp_path, csv_bytes([row(session, frl="ZQX-FREE", stls="Y", cps_student_id="12")]))
    assert planned.read_as["sensitive"] == ["frl", "stls"]
    staged = session.scalars(select(RosterRow).where(RosterRow.import_id == planned.id)).one()
    assert "ZQX-FREE" not in str(vars(staged))
    assert staged.factors is None


@pytest.mark.parametrize(
    ("counts", "held"),
    [
        ({"vanished": 20, "last_roster": 199}, True),  # 10.05%
        ({"vanished": 20, "last_roster": 200}, False),  # exactly the limit
        ({"vanished": 19, "last_roster": 20}, False),  # too few to say anything
        ({"moved_house": 40, "known_households": 200}, True),
        ({"moved_school": 50, "known_students": 200}, False),
        ({"moved_school": 51, "known_students": 200}, True),
    ],
)
def test_a_plan_is_held_above_its_limit_and_not_at_it(counts: dict[str, int], *, held: bool) -> None:
    assert bool(reasons(counts, HoldRules(vanished=10, addresses=15, schools=25))) == held


def test_a_held_plan_needs_a_second_person_and_a_reason(session: Session, tmp_path: Path) -> None:
    sender, other = (
        factories.account(session, Role.STAFF),
        factories.account(session, Role.STAFF, email="other@example.org"),
    )
    session.commit()
    rows = [row(session, cps_student_id=f"6000{number:04}", student_first_name=f"A{number}") for number in range(1, 41)]
    take_in(session, tmp_path, rows)
    planned = plan(session, tmp_path, csv_bytes(rows[:10]), account=sender)
    assert planned.state == ImportState.HELD
    assert planned.holds == ["30 of 40 students of the last roster (75%) are not in this one. The limit is 10%."]
    for account, reason, words in ((sender, "It is right.", "You handed"), (other, " ", "Say why")):
        with pytest.raises(imports.RosterRefused, match=words), transaction(session):
            imports.approve(session, account=account, roster=imports.locked(session, planned.id), reason=reason)
    with pytest.raises(imports.RosterRefused, match="second person"):
        districts.apply(session, planned)
    with transaction(session):
        imports.approve(session, account=other, roster=imports.locked(session, planned.id), reason="Year end.")
    assert districts.apply(session, planned).state == ImportState.APPLIED


def test_a_repeated_row_that_was_left_out_frees_the_one_that_says_nothing_new(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, [row(session)])
    planned = plan(session, tmp_path, csv_bytes([row(session), row(session, address_line1="900 W Leland Ave")]))
    assert outcomes(session, planned) == {2: "rejected", 3: "rejected"}
    with transaction(session):
        session.get_one(RosterRow, (planned.id, 3)).decision = LEFT_OUT
    steps.compare_again(session, planned.id, rules=districts.RULES, report=districts.silent)
    assert outcomes(session, planned) == {2: "unchanged", 3: "rejected"}


def test_a_roster_put_aside_keeps_no_row_and_is_not_read_by_a_late_worker(session: Session, tmp_path: Path) -> None:
    content = csv_bytes([row(session)])
    planned = plan(session, tmp_path, content)
    with transaction(session):
        imports.discard(session, account=None, roster=imports.locked(session, planned.id))
    assert outcomes(session, planned) == {}
    state = steps.read_and_compare(
        session, planned.id, tmp_path / planned.stored_as, rules=districts.RULES, report=districts.silent, seal=None
    )
    assert state == ImportState.DISCARDED
    assert outcomes(session, planned) == {}


def test_an_approval_holds_for_the_plan_that_was_seen_alone(session: Session, tmp_path: Path) -> None:
    other = factories.account(session, Role.STAFF)
    session.commit()
    rows = [row(session, cps_student_id=f"6000{number:04}", student_first_name=f"A{number}") for number in range(1, 41)]
    take_in(session, tmp_path, rows)
    planned = plan(session, tmp_path, csv_bytes(rows[:10]))
    with transaction(session):
        imports.approve(session, account=other, roster=imports.locked(session, planned.id), reason="Year end.")
    steps.compare_again(session, planned.id, rules=districts.RULES, report=districts.silent)
    again = session.get_one(RosterImport, planned.id, populate_existing=True)
    assert (again.state, again.approved_by, again.approval_reason) == (ImportState.HELD, None, "")


def test_a_row_decided_after_the_plan_must_be_compared_before_it_is_applied(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, [row(session)])
    planned = plan(session, tmp_path, csv_bytes([row(session, cps_student_id="61111111")]))
    with transaction(session):
        session.scalars(select(RosterRow).where(RosterRow.import_id == planned.id)).one().decision = "another"
    with pytest.raises(imports.RosterRefused, match="Check the plan again"):
        districts.apply(session, planned)


def test_a_large_file_read_by_a_second_process_is_read_the_same(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_beside, "LARGE_BYTES", 1)
    monkeypatch.setattr(Table.chunks, "__defaults__", (2,))  # several chunks
    rows = [row(session, cps_student_id=f"6000{number:04}", student_first_name=f"A{number}") for number in range(1, 8)]
    planned = plan(session, tmp_path, csv_bytes([*rows, row(session, cps_student_id="12")]))
    assert outcomes(session, planned) == dict.fromkeys(range(2, 9), "new") | {9: "rejected"}
    assert problems(session, planned)[0][:2] == (9, "student_id")


def test_worker_and_command_line_take_turns(tmp_path: Path) -> None:
    with at_work(tmp_path, 1) as first, at_work(tmp_path, 1) as second, at_work(tmp_path, 2) as other:
        assert (first, second, other) == (True, False, True)
    with at_work(tmp_path, 1) as again:
        assert again


def test_a_file_that_is_said_to_be_a_part_after_all_is_planned_anew(session: Session, tmp_path: Path) -> None:
    other = row(session, cps_student_id="60000002", student_first_name="Ana")
    take_in(session, tmp_path, [row(session), other])
    content = csv_bytes([row(session, grade="6")])
    whole = plan(session, tmp_path, content)
    part = plan(session, tmp_path, content, covers=Covers.PART)
    assert (whole.id != part.id, whole.counts["vanished"], part.counts["vanished"]) == (True, 1, 0)
    assert session.get_one(RosterImport, whole.id, populate_existing=True).state == ImportState.DISCARDED
