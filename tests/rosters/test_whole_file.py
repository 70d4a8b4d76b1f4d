"""What is odd about a file as a whole: sheets, addresses, columns that slipped, signs that cannot be stored, cells that must not be kept."""

import io
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.database import Base
from connectivity.register import (
    Enrollment,
    Household,
    HouseholdQuestion,
    ImportState,
    RosterImport,
    RosterProblem,
    RosterRow,
)
from tests import factories
from tests.conftest import PolicedClient
from tests.rosters import districts
from tests.rosters.conftest import Upload, apply_newest, newest, plain
from tests.rosters.districts import csv_bytes, family, forget_enrollments, outcomes, plan, row, take_in


def messages(session: Session, roster: RosterImport) -> list[str]:
    return list(session.scalars(select(RosterProblem.message).where(RosterProblem.import_id == roster.id)))


def test_a_workbook_of_two_sheets_says_which_was_read(session: Session, tmp_path: Path) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as workbook:
        for name in ("North", "South"):
            sheet, one = workbook.add_worksheet(name), row(session)
            sheet.write_row(0, 0, list(one))
            sheet.write_row(1, 0, list(one.values()))
    planned = plan(session, tmp_path, file.getvalue(), name="roster.xlsx")
    assert (planned.read_as["sheet"], planned.read_as["unread_sheets"]) == ("North", ["South"])
    assert messages(session, planned) == [
        "The sheet “North” was read. The workbook holds more that was not read: “South”."
    ]
    assert planned.counts["warnings"] == 1


@pytest.mark.parametrize(
    ("empty", "said"),
    [(3, ["The address is empty in every row."]), (2, ["The address is empty in 2 of 3 rows."]), (1, [])],
)
def test_addresses_that_are_not_there_are_told_once(
    session: Session, tmp_path: Path, empty: int, said: list[str]
) -> None:
    rows = [one | ({"address_line1": " "} if at < empty else {}) for at, one in enumerate(family(session))]
    planned = plan(session, tmp_path, csv_bytes(rows))
    assert [one for one in messages(session, planned) if "address is empty" in one] == said
    assert outcomes(session, planned) == {2: "new", 3: "new", 4: "new"}


def many(session: Session, **changed: str) -> list[dict[str, str]]:
    """Forty students of forty families; what is changed is so of the first ten."""
    return [
        row(
            session,
            cps_student_id=f"6000{at:04}",
            student_first_name=f"A{chr(97 + at % 26)}{chr(97 + at // 26)}",
            guardian_phone=f"773-555-{1000 + at}",
            **(changed if at < 30 else {}),
        )
        for at in range(40)
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"grade": "4"}, "30 of 40 students (75%) would go back to a lower grade. The limit is 10%."),
        ({"student_last_name": "Polk"}, "30 of 40 students (75%) would get another name or birth date."),
        ({"birth_date": "2014-01-01"}, "30 of 40 students (75%) would get another name or birth date."),
    ],
)
def test_a_file_in_which_columns_slipped_waits_for_a_second_person(
    session: Session, tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    take_in(session, tmp_path, many(session))
    planned = plan(session, tmp_path, csv_bytes(many(session, **changed)))
    assert planned.state == ImportState.HELD
    assert said in " ".join(planned.holds)


def test_a_season_in_which_everybody_goes_on_a_grade_is_not_held(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, many(session))
    planned = plan(session, tmp_path, csv_bytes(many(session, grade="6")))
    assert (planned.state, planned.counts["fields"], planned.counts["grades_fell"]) == (ImportState.PLANNED, 30, 0)


@pytest.mark.parametrize(
    "cell",
    [
        "address_line1",
        "unit",
        "city",
        "zip",
        "guardian_name",
        "student_last_name",
        "cps_student_id",
        "guardian_email",
        "grade",
    ],
)
def test_a_sign_that_cannot_be_stored_is_a_problem_of_its_row(session: Session, tmp_path: Path, cell: str) -> None:
    good = family(session)[2]
    bad = row(session)
    planned = plan(session, tmp_path, csv_bytes([bad | {cell: f"{bad[cell]}\x00"}, good]))
    assert planned.state == ImportState.PLANNED
    assert outcomes(session, planned)[3] == "new"
    assert any("control character" in one for one in messages(session, planned))
    values = session.scalars(select(RosterProblem.value).where(RosterProblem.number == 2)).all()
    assert any("␀" in one for one in values)


def test_a_sign_that_cannot_be_stored_in_a_heading_or_a_row_too_long_stops_nothing(
    session: Session, tmp_path: Path
) -> None:
    data = csv_bytes(family(session)[1:]).replace(b"home_language", b"home_language\x00", 1)
    planned = plan(session, tmp_path, data + b"50001111,\x00" + b"," * 20 + b"x\r\n")
    assert (planned.state, outcomes(session, planned)[4]) == (ImportState.PLANNED, "rejected")


def test_a_repair_with_a_sign_that_cannot_be_stored_is_still_wrong(
    session: Session, upload: Upload, staff: PolicedClient
) -> None:
    upload([row(session, grade="99"), family(session)[2]])
    roster = newest(session)
    path = f"/rosters/{roster.id}/rows/2/repair"
    cells = session.get_one(RosterRow, (roster.id, 2)).cells or {}
    page = staff.send(path, {**cells, "grade": "5", "address": "1135 W\x00 Wilson Ave"}, follow_redirects=True)
    assert "something is still wrong" in plain(page.text)


def test_no_cell_of_a_sensitive_column_is_kept_anywhere(session: Session, tmp_path: Path) -> None:
    """In whatever column, row or state of the file it comes: known, unknown, ragged, at the end without a line end."""
    one = {**row(session), "frl": "ZQXfree", "medicaid": "ZQXyes", "Lunch code": "ZQXlunch", "note": "ok"}
    data = csv_bytes([one, one | {"cps_student_id": "12"}]).decode()
    ragged = ",".join([*[cell for cell in one.values() if cell][:3], "ZQXragged", "ZQXyes"])
    last = csv_bytes([one | {"cps_student_id": "60000009"}]).decode().splitlines()[1].removesuffix(",ok") + ",ZQXend"
    plan(session, tmp_path, f"{data}{ragged}\r\n{last}".encode())
    unknown = {("born" if name == "birth_date" else name): cell for name, cell in one.items()}
    assert plan(session, tmp_path, csv_bytes([unknown], list(unknown))).state == ImportState.COLUMNS
    for table in Base.metadata.sorted_tables:
        if table.name.startswith("roster_"):
            assert "ZQX" not in repr(session.execute(select(table)).all()), table.name


def test_the_household_that_a_new_sibling_joins_is_counted_as_newly_eligible(session: Session, tmp_path: Path) -> None:
    """Luz is registered and, the district says, not eligible; Ana is new, joins her household, and is."""
    luz, ana = family(session)[:2]
    take_in(session, tmp_path, [luz | {"eligible": "no"}])
    planned = plan(session, tmp_path, csv_bytes([luz | {"eligible": "no"}, ana | {"eligible": "yes"}]))
    assert agrees(session, planned) == 1


def test_a_student_whose_id_staff_corrected_is_counted_as_newly_eligible(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, family(session)[:1])
    forget_enrollments(session)
    student = session.scalars(select(Household)).one().students[0]
    student.district_id = "60000099"
    session.commit()
    assert agrees(session, plan(session, tmp_path, csv_bytes([family(session)[0] | {"grade": "6"}]))) == 1


@pytest.mark.parametrize("had_service", [True, False])
def test_a_closed_year_counts_those_that_it_takes_in(session: Session, tmp_path: Path, *, had_service: bool) -> None:
    take_in(session, tmp_path, family(session)[:1])
    forget_enrollments(session)
    factories.program_year(session).open_to_new = False
    home = session.scalars(select(Household)).one()
    if had_service:
        before = factories.program_year(
            session, label="2025-26", starts_on=home.created_at.date().replace(year=2025, month=7, day=1),
            ends_on=home.created_at.date().replace(year=2026, month=6, day=30),
        )  # fmt: skip
        factories.enrollment(session, home, "active", program_year_id=before.id)
    session.commit()
    planned = plan(session, tmp_path, csv_bytes([family(session)[0] | {"grade": "6"}]))
    assert agrees(session, planned) == int(had_service)


def agrees(session: Session, planned: RosterImport) -> int:
    """The plan's figure, which is what applying it enrolls of the households that were registered before."""
    this_year = select(Enrollment.household_id).where(Enrollment.program_year_id == planned.program_year_id)
    registered = set(session.scalars(select(Household.id)))
    before = set(session.scalars(this_year))
    figure: int = planned.counts["newly_eligible"]
    districts.apply(session, planned)
    assert len((set(session.scalars(this_year)) - before) & registered) == figure
    return figure


def test_what_was_asked_before_is_not_counted_as_a_question_again(session: Session, tmp_path: Path) -> None:
    luz, ana = family(session)[:2]
    away = {"address_line1": "900 W Leland Ave", "unit": ""}
    take_in(session, tmp_path, [luz, ana])
    first = plan(session, tmp_path, csv_bytes([luz | away, ana]))
    assert first.counts["questions"] == 1
    districts.apply(session, first)
    again = plan(session, tmp_path, csv_bytes([ana, luz | {"address_line1": "901 W Leland Ave", "unit": ""}]))
    assert again.counts["questions"] == 0
    districts.apply(session, again)
    assert session.scalar(select(func.count()).select_from(HouseholdQuestion)) == 1


def test_the_receipt_counts_the_questions_that_wait_and_no_others(
    session: Session, upload: Upload, staff: PolicedClient
) -> None:
    luz, ana = family(session)[:2]
    upload([luz, ana])
    apply_newest(session, staff)
    upload([luz | {"address_line1": "900 W Leland Ave", "unit": ""}, ana])
    page = plain(apply_newest(session, staff).text)
    assert "1 question that this roster raised waits for an answer." in page
    assert "Open 1" in plain(staff.get("/households/questions").text)
    session.rollback()
    session.scalars(select(HouseholdQuestion)).one().state = "same"
    session.commit()
    assert "that this roster raised" not in plain(staff.get(f"/rosters/{newest(session).id}").text)


def test_a_plan_with_repairs_says_that_its_figures_are_from_before(
    session: Session, staff: PolicedClient, planned: RosterImport
) -> None:
    path = f"/rosters/{planned.id}"
    before = "These figures are of the plan before 1 row was repaired or decided."
    assert before not in plain(staff.get(path).text)
    staff.send(f"{path}/rows/7/decide", {"decision": "same"}, page=f"{path}/rows/ambiguous")
    assert before in plain(staff.get(path).text)
