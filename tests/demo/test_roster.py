"""The demo's next roster: everybody as registered, with what was planted in it and nothing else, the same bytes on any database."""

import csv
import datetime as dt
import io
from collections import Counter
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.demo.create import DemoRefused
from connectivity.demo.roster import Wanted, Written, as_windows, write_roster
from connectivity.demo.roster_problems import FORMULA, UNKNOWN_SCHOOL
from connectivity.demo.roster_rows import FACTORS
from connectivity.geography.address import parse_parts
from connectivity.geography.placement import Certainty, place_many
from connectivity.reference import store
from connectivity.register import Household, Residence, School, Student
from connectivity.register.student import GRADES
from connectivity.tabular.built_in_profiles import TABLE_PROFILES
from connectivity.tabular.column_profiles import Match, match
from connectivity.tabular.roster_rows import ReadRows, read_rows
from connectivity.tabular.workbook import open_table
from tests.demo.programs import make

Rows = list[dict[str, str]]
NOTHING = {"changes": 0, "problems": 0, "new": 0}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "roster.csv"


def _rows(file: Path) -> Rows:
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8"), newline="")))


def _made(session: Session, file: Path, **wanted: object) -> tuple[Rows, Written]:
    done = write_roster(session, file, Wanted(**{**NOTHING, **wanted}))  # type: ignore[arg-type]
    return _rows(file), done


def _read(file: Path, year_starts: dt.date) -> tuple[Match, ReadRows]:
    """As the product reads it."""
    table = open_table(file, file_name=file.name)
    fitting = match(table.headings, TABLE_PROFILES)
    (chunk,) = table.chunks()
    cells = {name: chunk.columns[at] for at, name in fitting.columns.items()}
    return fitting, read_rows(cells, chunk.numbers, {}, year_starts=year_starts)


def _by_id(session: Session) -> dict[str, Student]:
    return {student.district_id: student for student in session.scalars(select(Student))}


def test_the_same_seed_writes_the_same_bytes_on_any_database(demo: Session, another: Session, tmp_path: Path):
    make(another)
    wanted = Wanted(seed=3, changes=30, problems=16, new=24, factors=True)
    for session, name in ((demo, "one"), (another, "other")):
        write_roster(session, tmp_path / name, wanted)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_another_seed_plants_into_other_families(demo: Session, tmp_path: Path):
    for seed in (1, 2):
        write_roster(demo, tmp_path / str(seed), Wanted(seed=seed))
    assert (tmp_path / "1").read_bytes() != (tmp_path / "2").read_bytes()


def test_with_nothing_planted_the_product_reads_every_student_as_registered(demo: Session, file: Path):
    _, done = _made(demo, file)
    fitting, read = _read(file, dt.date(2026, 7, 1))
    assert fitting.complete
    assert (read.problems, read.refused, done.planted, done.not_planted) == ([], set(), Counter(), 0)
    values, students = read.values, _by_id(demo)
    assert sorted(map(str, values["student_id"])) == sorted(students)
    for at, district_id in enumerate(values["student_id"]):
        student = students[str(district_id)]
        household = student.household
        home = next(home for home in household.residences if home.ends_on is None)
        assert tuple(values[name][at] for name in ("last_name", "first_name", "grade", "school_id")) == (
            student.last_name,
            student.first_name,
            student.grade,
            student.school_id,
        )
        assert values["birth_date"][at] == student.birth_date.isoformat()
        assert (values["guardian_first_name"][at], values["guardian_last_name"][at], values["email"][at]) == (
            household.guardian_first_name,
            household.guardian_last_name,
            household.email,
        )
        assert values["phone"][at] == household.phones[0].number
        read_home = parse_parts(*(values[name][at] or "" for name in ("address", "unit", "city", "state", "zip")))
        assert (read_home.line, read_home.unit, read_home.zip) == (home.line, home.unit, home.zip)


def test_every_problem_planted_is_in_the_file_as_often_as_it_is_said_to_be(demo: Session, file: Path):
    rows, done = _made(demo, file, problems=24)
    said, students = done.planted, _by_id(demo)
    assert said.total() + done.not_planted == 24
    assert len(said) == 8
    ids = [row["cps_student_id"] for row in rows]
    shorter = [one for one in ids if len(one) < 8 and one.isdigit()]
    assert all(f"{one:0>8}" in students for one in shorter)
    held = {school.id for school in demo.scalars(select(School))}
    assert said == {
        "IDs that lost their leading zeros": len(shorter),
        "IDs as a scientific number": sum("E+" in one for one in ids),
        "birth dates of 1899": sum(row["birth_date"].startswith("1899") for row in rows),
        "schools that do not exist": sum(row["cps_school_id"] not in held for row in rows),
        "formulas in place of a guardian": sum(row["guardian_name"] == FORMULA for row in rows),
        "students twice, at different addresses": len(ids) - len(set(ids)),
        "PO boxes in place of a home": sum(row["address_line1"].startswith("PO Box") for row in rows),
        "new students whose coordinates lie far from their address": sum(bool(row["lon"]) for row in rows),
    }
    assert UNKNOWN_SCHOOL not in held


def test_the_product_refuses_each_damaged_row_and_no_other(demo: Session, file: Path):
    _, done = _made(demo, file, problems=24)
    _, read = _read(file, dt.date(2026, 7, 1))
    damaged = (
        "IDs that lost their leading zeros",
        "IDs as a scientific number",
        "birth dates of 1899",
        "formulas in place of a guardian",
    )
    assert len(read.refused) == sum(done.planted[name] for name in damaged)


def test_coordinates_planted_far_from_the_address_do_not_pass_as_sure(demo: Session, file: Path):
    rows, _ = _made(demo, file, problems=24)
    far = [row for row in rows if row["lon"]]
    placed = place_many(
        [parse_parts(row["address_line1"], row["unit"], zip_code=row["zip"]) for row in far],
        store.boundaries(demo),
        store.address_grid(demo),
        store.zip_areas(demo),
        lon=[float(row["lon"]) for row in far],
        lat=[float(row["lat"]) for row in far],
    )
    assert all(one.method != "coordinates" or one.certainty != Certainty.SURE for one in placed)


@pytest.mark.parametrize("wanted", [0, 1, 2, 7, 40])
def test_as_many_new_students_come_as_were_asked_for_with_ids_of_their_own(demo: Session, file: Path, wanted: int):
    rows, _ = _made(demo, file, new=wanted)
    students = _by_id(demo)
    new = [row["cps_student_id"] for row in rows if row["cps_student_id"] not in students]
    assert len(new) == len(set(new)) == wanted
    assert len(rows) == len(students) + wanted
    _, read = _read(file, dt.date(2026, 7, 1))
    assert not read.problems


def test_new_students_are_siblings_twins_half_siblings_guests_and_neighbors(demo: Session, file: Path):
    rows, done = _made(demo, file, new=80)
    students = _by_id(demo)
    families: dict[tuple[str, ...], Rows] = {}
    for row in rows:
        families.setdefault(
            tuple(row[name] for name in ("guardian_name", "guardian_phone", "address_line1", "unit")), []
        ).append(row)
    homes: dict[tuple[str, str], set[str]] = {}
    for guardian, _, line, unit in families:
        homes.setdefault((line, unit), set()).add(guardian)

    def newcomers(family: Rows) -> Rows:
        return [row for row in family if row["cps_student_id"] not in students]

    new = {key: newcomers(family) for key, family in families.items()}
    whole = [family for key, family in new.items() if len(family) == len(families[key])]
    siblings = sum(len(family) for key, family in new.items() if len(family) < len(families[key]))
    twins = [pair for pair in whole if len(pair) == 2 and pair[0]["birth_date"] == pair[1]["birth_date"]]
    halves = [pair for pair in whole if len({row["student_last_name"] for row in pair}) == 2]
    assert siblings == done.planted["new siblings of registered students"]
    assert len(twins) == done.planted["new families with twins"]
    assert len(halves) == done.planted["new families whose children bear two surnames"]
    lines = {home.line for home in demo.scalars(select(Residence).where(Residence.ends_on.is_(None)))}
    guests = [family for family in whole if len(homes[family[0]["address_line1"], family[0]["unit"]]) == 2]
    assert len(guests) >= done.planted["new families doubled up with a registered one"] > 0
    near = [family for family in whole if family not in guests and family[0]["address_line1"] in lines]
    assert len(near) >= done.planted["new families in another apartment of a registered one's building"] > 0


def test_a_file_differs_from_the_register_only_where_a_change_was_planted(demo: Session, tmp_path: Path):
    before, _ = _made(demo, tmp_path / "before.csv")
    after, done = _made(demo, tmp_path / "after.csv", changes=50)
    now = {row["cps_student_id"]: row for row in after}
    household = {one.district_id: one.household_id for one in _by_id(demo).values()}
    changed = {household[row["cps_student_id"]] for row in before if now.get(row["cps_student_id"]) != row}
    assert len(changed) == done.planted.total() == len(list(demo.scalars(select(Household.id)))) // 2
    gone = {household[row["cps_student_id"]] for row in before if row["cps_student_id"] not in now}
    assert len(gone) == done.planted["families not in the roster any more"] > 0
    assert not gone & {household[one] for one in now}
    moved: dict[int, list[bool]] = {}
    for row in before:
        if row["cps_student_id"] in now:
            same = now[row["cps_student_id"]]["unit"] == row["unit"]
            line = now[row["cps_student_id"]]["address_line1"]
            elsewhere = not same or sorted(line) != sorted(row["address_line1"])
            moved.setdefault(household[row["cps_student_id"]], []).append(elsewhere)
    some = sum(any(children) and not all(children) for children in moved.values())
    assert some == done.planted["children who moved without their siblings"] > 0


def test_more_than_the_families_can_carry_is_said_to_be_left_out(demo: Session, file: Path):
    _, done = _made(demo, file, changes=100, problems=24)
    assert done.planted.total() + done.not_planted == 400 + 24
    assert done.not_planted >= 24


def test_in_the_next_season_everybody_is_a_grade_up_and_the_last_grade_is_gone(demo: Session, file: Path):
    rows, done = _made(demo, file, next_season=True, aspen=True)
    students = _by_id(demo)
    assert {row["CPS Student ID"] for row in rows} == {
        one.district_id for one in students.values() if one.grade != "12"
    }
    assert {row["School Year"] for row in rows} == {"2027-28"}
    for row in rows:
        assert GRADES.index(row["Grade Level"]) == GRADES.index(students[row["CPS Student ID"]].grade) + 1
    another_school = sum(row["CPS School ID"] != students[row["CPS Student ID"]].school_id for row in rows)
    assert another_school == done.planted["students whose school does not have their new grade"] > 0
    fitting, read = _read(file, dt.date(2027, 7, 1))
    assert fitting.profile.key == "cps_aspen"
    assert not read.problems


def test_as_windows_1252_accents_stay_and_letters_it_has_not_lose_theirs(demo: Session, file: Path):
    assert as_windows(
        "Muñoz, Zoë – O’Hara, Wałęsa, Đặng, 王".encode()
    ) == "Muñoz, Zoë – O’Hara, Walesa, Dang, ?".encode("cp1252")
    write_roster(demo, file, Wanted(windows=True))
    with pytest.raises(UnicodeDecodeError):
        file.read_bytes().decode()
    table = open_table(file, file_name="roster.csv")
    assert "Windows-1252" in table.encoding


def test_factors_are_in_the_file_only_if_asked_for(demo: Session, file: Path):
    plain, _ = _made(demo, file)
    assert not set(FACTORS) & set(plain[0])
    sensitive, _ = _made(demo, file, factors=True)
    assert set(FACTORS) <= set(sensitive[0])
    assert set(_read(file, dt.date(2026, 7, 1))[0].sensitive) == set(FACTORS)
    assert [{name: cell for name, cell in row.items() if name not in FACTORS} for row in sensitive] == plain


def test_a_family_without_a_home_comes_first_and_others_can_still_move(session: Session, file: Path):
    make(session, households=5)
    first = session.scalars(select(Residence).where(Residence.household_id == 1, Residence.ends_on.is_(None))).one()
    first.ends_on = dt.date(2026, 11, 23)
    session.flush()
    rows, done = _made(session, file, changes=100, new=0)
    assert done.planted.total() + done.not_planted == 5
    assert len(_by_id(session)) >= len(rows) > 0


def test_without_a_demo_there_is_no_roster_and_no_file(session: Session, file: Path):
    with pytest.raises(DemoRefused, match="flask demo create"):
        write_roster(session, file, Wanted())
    assert not file.exists()


def _run(app: Flask, *arguments: str) -> Result:
    return FlaskCliRunner(app).invoke(args=["demo", *arguments])


def test_the_command_writes_the_file_and_says_what_it_planted(app: Flask, file: Path):
    app.config["DEMO"] = True
    assert _run(app, "create", "--households", "30", "--today", "2026-11-23").exit_code == 0
    done = _run(app, "roster", str(file), "--changes", "0", "--problems", "2", "--new", "1")
    assert done.exit_code == 0, done.output
    assert f"{len(_rows(file)):,} rows for 2026-27" in done.output
    assert "1 new sibling of registered students" in done.output


def test_the_command_refuses_outside_demo_mode(app: Flask, file: Path):
    done = _run(app, "roster", str(file))
    assert done.exit_code != 0
    assert "CONNECTIVITY_MODE=demo" in done.output
    assert not file.exists()


def test_the_command_says_in_words_that_a_file_cannot_be_written(app: Flask, tmp_path: Path):
    app.config["DEMO"] = True
    assert _run(app, "create", "--households", "5", "--today", "2026-11-23").exit_code == 0
    done = _run(app, "roster", str(tmp_path / "no" / "folder.csv"))
    assert done.exit_code == 1
    assert "cannot be written" in done.output
