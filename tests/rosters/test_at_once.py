"""A roster meets people, and another roster, at one moment: whoever comes second sees what the first has done, and is told."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from connectivity.database import make_sessions, transaction
from connectivity.register import (
    Covers,
    Enrollment,
    EnrollmentEvent,
    Household,
    HouseholdQuestion,
    ImportState,
    ProgramYear,
    Residence,
    RosterChange,
    RosterImport,
    RosterRow,
    Student,
)
from connectivity.rosters import apply as applying
from connectivity.rosters import imports, steps
from connectivity.rosters import undo as undoing
from tests import factories
from tests.conftest import PolicedClient
from tests.households.at_once import Act, among, at_once, hold_whole, meeting, sent
from tests.rosters import districts
from tests.rosters.conftest import compared
from tests.rosters.districts import csv_bytes, family, plan, row, take_in

ROUNDS = 2
MERGED, GONE = r"^\w+ is merged into \w+\.", "^We cannot find this page"
SAVED = r"^Guardian and contacts are saved\."
APPLYING, UNDOING = "connectivity.rosters.apply_homes:make_households", "connectivity.rosters.undo_homes:take_back"
Rows = list[dict[str, str]]
Meet = Callable[[str, Act, Act], list[str]]


@pytest.fixture(params=["roster", "person"])
def first(request: pytest.FixtureRequest) -> str:
    """Who is there first."""
    return str(request.param)


@pytest.fixture
def meet(engine: Engine, monkeypatch: pytest.MonkeyPatch, first: str) -> Callable[..., list[str]]:
    """What the roster and the person are told; the one who is first stands in the middle of its work when the other one comes."""

    def of(roster: Act, person: Act, *, in_roster: str, in_page: str) -> list[str]:
        if first == "roster":
            return meeting(engine, monkeypatch, in_roster, roster, person)
        return meeting(engine, monkeypatch, in_page, person, roster)[::-1]

    return of


def claimed(session: Session, folder: Path, rows: Rows) -> int:
    """A plan that somebody has asked to apply."""
    planned = plan(session, folder, csv_bytes(rows))
    with transaction(session):
        applying.claim(session, account=None, roster=imports.locked(session, planned.id))
    return planned.id


def applies(engine: Engine, roster_id: int) -> Act:
    """A worker's own session."""

    def act() -> str:
        with make_sessions(engine)() as own:
            return steps.apply(own, roster_id, rules=districts.RULES, report=districts.silent).value

    return act


def takes_back(engine: Engine, session: Session, roster_id: int) -> Act:
    with transaction(session):
        undoing.claim(session, account=None, roster=imports.locked(session, roster_id), reason="a wrong file")

    def act() -> str:
        with make_sessions(engine)() as own:
            return steps.undo(own, roster_id, report=districts.silent).value

    return act


def stands(session: Session, roster_id: int) -> RosterImport:
    session.rollback()
    return session.get_one(RosterImport, roster_id, populate_existing=True)


def of(session: Session, last_name: str) -> Household:
    session.rollback()
    return session.scalars(select(Household).where(Household.guardian_last_name == last_name)).one()


def hold_to(session: Session, *students: str) -> None:
    """These students, each once, at most one last word of the district about each, and everything else whole."""
    hold_whole(session)
    assert session.scalars(select(Student.district_id).order_by(Student.district_id)).all() == sorted(students)
    words = session.scalars(select(RosterRow.district_id).where(RosterRow.current)).all()
    assert len(words) == len(set(words))
    at_home = select(func.count()).select_from(Residence).where(Residence.ends_on.is_(None))
    homes = session.scalars(at_home.group_by(Residence.household_id)).all()
    assert set(homes) <= {1}


def registered(session: Session) -> None:
    """The families of `family`, registered by hand."""
    for rows in (family(session)[:2], family(session)[2:]):
        guardian = rows[0]["guardian_name"].split()
        students = [
            {
                "district_id": one["cps_student_id"],
                "first_name": one["student_first_name"],
                "last_name": one["student_last_name"],
                "birth_date": dt.date.fromisoformat(one["birth_date"]),
            }
            for one in rows
        ]
        made = factories.household(
            session, guardian_first_name=guardian[0], guardian_last_name=guardian[1], students=students
        )
        made.residences[0].unit = rows[0]["unit"].upper()
    session.commit()


def a_grade_up(session: Session) -> Rows:
    return [{**one, "grade": "9"} for one in family(session)]


def test_a_merge_of_two_households_that_the_roster_names(
    session: Session, engine: Engine, tmp_path: Path, staff: PolicedClient, meet: Any, first: str
) -> None:
    registered(session)
    sister = {**family(session)[2], "cps_student_id": "60000004", "student_first_name": "Zofia", "grade": "9"}
    roster = claimed(session, tmp_path, [*a_grade_up(session), sister])
    one, other = of(session, "Muñoz"), of(session, "Nowak")
    told = meet(
        applies(engine, roster),
        sent(staff, f"/households/{one.reference}/merge/{other.reference}", reason="one mother"),
        in_roster=APPLYING,
        in_page="connectivity.households.merge:pass_over",
    )
    outcome = among(told, roster=("applied", "changed while you were looking"), person=("planned", MERGED))
    assert outcome == first
    hold_to(session, "60000001", "60000002", "60000003", *(["60000004"] if first == "roster" else []))
    merged = session.scalars(select(Household.id).where(Household.merged_into_id.is_not(None))).all()
    grades = set(session.scalars(select(Student.grade)))
    assert (len(merged), grades) == {"roster": (0, {"9"}), "person": (1, {"5"})}[first]
    if first == "person":
        assert "merged" in stands(session, roster).refusal


def test_an_edit_of_what_the_roster_changes(
    session: Session, engine: Engine, tmp_path: Path, staff: PolicedClient, meet: Any, first: str
) -> None:
    registered(session)
    rows = [*family(session)[:2], {**family(session)[2], "guardian_email": "of-the-roster@example.org"}]
    roster, nowak = claimed(session, tmp_path, rows), of(session, "Nowak")
    contact = {"guardian_first_name": "Ola", "guardian_last_name": "Nowak", "language": "pl"}
    told = meet(
        applies(engine, roster),
        sent(staff, f"/households/{nowak.reference}/edit", **contact, email="of-the-family@example.org"),
        in_roster=APPLYING,
        in_page="connectivity.households.edit:edit_contact",
    )
    among(told, roster=("applied", "changed this household while you were working"), person=("applied", SAVED))
    hold_to(session, "60000001", "60000002", "60000003")
    change = select(RosterChange.state).where(RosterChange.noun_id == nowak.id, RosterChange.field == "email")
    state = session.scalars(change).one()
    assert (of(session, "Nowak").email, state) == {
        "roster": ("of-the-roster@example.org", "applied"),
        "person": ("of-the-family@example.org", "kept"),
    }[first]


def test_an_enrollment_that_the_roster_begins_too(
    session: Session, engine: Engine, tmp_path: Path, staff: PolicedClient, meet: Any, first: str
) -> None:
    registered(session)
    roster, nowak = claimed(session, tmp_path, a_grade_up(session)), of(session, "Nowak")
    year = session.scalars(select(ProgramYear)).one()
    told = meet(
        applies(engine, roster),
        sent(
            staff,
            f"/households/{nowak.reference}/enrollments",
            program_year=year.id,
            happened_on=year.starts_on.isoformat(),
        ),
        in_roster=APPLYING,
        in_page="connectivity.service.enrollments:start",
    )
    outcome = among(told, roster=("applied", "already in 2026-27"), person=("applied", "The household is in 2026-27"))
    assert outcome == first
    hold_to(session, "60000001", "60000002", "60000003")
    begun = session.execute(
        select(Household.guardian_last_name, EnrollmentEvent.status)
        .join(Enrollment, Enrollment.household_id == Household.id)
        .join(EnrollmentEvent)
    ).all()
    assert sorted(map(tuple, begun)) == [("Muñoz", "eligible"), ("Nowak", "eligible")]


def test_a_student_who_is_registered_by_hand_as_well(
    session: Session,
    engine: Engine,
    tmp_path: Path,
    staff: PolicedClient,
    meet: Any,
    first: str,
    by_hand: dict[str, str],
) -> None:
    roster = claimed(session, tmp_path, family(session)[:1])
    told = meet(
        applies(engine, roster),
        sent(staff, "/households/new", **by_hand),
        in_roster=APPLYING,
        in_page="connectivity.households.register:refresh",
    )
    outcome = among(
        told,
        roster=("applied", "This student ID is already registered|with this ID was registered just now"),
        person=("planned", "is registered"),
    )
    assert outcome == first
    hold_to(session, "60000001")
    if first == "person":
        assert "registered by hand" in stands(session, roster).refusal


@pytest.fixture
def by_hand(session: Session) -> dict[str, str]:
    """Luz, as the family registers her at the counter."""
    luz = row(session)
    return {
        "guardian_first_name": "Rosa", "guardian_last_name": "Muñoz", "language": "es", "line": luz["address_line1"],
        "unit": luz["unit"], "city": "Chicago", "state": "IL", "students-0-district_id": luz["cps_student_id"],
        "students-0-first_name": "Luz", "students-0-last_name": "Muñoz", "students-0-birth_date": luz["birth_date"],
        "students-0-grade": "5", "students-0-school": luz["cps_school_id"],
    }  # fmt: skip


@pytest.mark.parametrize("first", ["person"], indirect=True)
def test_an_answer_to_a_question_about_what_the_roster_names(
    session: Session, engine: Engine, tmp_path: Path, staff: PolicedClient, meet: Any
) -> None:
    registered(session)
    one, other = sorted((of(session, "Muñoz").id, of(session, "Nowak").id))
    asked = HouseholdQuestion(kind="same_household", household_id=one, other_id=other, evidence=1, state="open")
    session.add(asked)
    session.commit()
    roster, question = claimed(session, tmp_path, a_grade_up(session)), asked.id
    told = meet(
        applies(engine, roster),
        sent(staff, f"/households/questions/{question}", why="apart"),
        in_roster=APPLYING,
        in_page="connectivity.households.questions:decide",
    )
    among(told, both=("applied", "Your decision is kept"))
    hold_to(session, "60000001", "60000002", "60000003")
    assert session.get_one(HouseholdQuestion, question, populate_existing=True).state == "separate"
    assert set(session.scalars(select(Student.grade))) == {"9"}


def test_a_split_of_a_household_that_a_student_of_the_roster_joins(
    session: Session, engine: Engine, tmp_path: Path, staff: PolicedClient, meet: Any, first: str
) -> None:
    """The roster has Ana elsewhere, while somebody splits her off: then nobody is asked whether she has left."""
    registered(session)
    luz, ana, jan = family(session)
    eva = row(session, cps_student_id="60000004", student_first_name="Eva", birth_date="2018-01-02")
    away = {**ana, "address_line1": "900 W Leland Ave", "unit": ""}
    roster, munoz = claimed(session, tmp_path, [luz, away, jan, eva]), of(session, "Muñoz")
    leaves = next(one for one in munoz.students if one.first_name == "Ana")
    told = meet(
        applies(engine, roster),
        sent(
            staff, f"/households/{munoz.reference}/split", students=[str(leaves.id)], where="same", reason="an aunt",
            guardian_first_name="Carla", guardian_last_name="Soto", language="en",
        ),
        in_roster=APPLYING,
        in_page="connectivity.households.split:settle",
    )  # fmt: skip
    outcome = among(
        told, roster=("applied", "Somebody changed this household"), person=("applied", "household of their own now")
    )
    assert outcome == first
    hold_to(session, "60000001", "60000002", "60000003", "60000004")
    asked = session.scalars(select(HouseholdQuestion.state).where(HouseholdQuestion.kind == "left_home")).all()
    assert asked == {"roster": ["open"], "person": []}[first]


def test_an_edit_of_a_household_that_is_taken_back(
    session: Session, engine: Engine, tmp_path: Path, staff: PolicedClient, meet: Any, first: str
) -> None:
    made = take_in(session, tmp_path, family(session)).id
    nowak = of(session, "Nowak").reference
    contact = {"guardian_first_name": "Ola", "guardian_last_name": "Nowak", "language": "pl"}
    page = sent(staff, f"/households/{nowak}/edit", **contact, email="ola@example.org")
    told = meet(
        takes_back(engine, session, made),
        page,
        in_roster=UNDOING,
        in_page="connectivity.households.edit:edit_contact",
    )
    among(told, roster=("undone", GONE), person=("undone", SAVED))
    kept = stands(session, made).kept
    assert kept == {"roster": [], "person": [[nowak, "people changed the household since"]]}[first]
    hold_to(session, *(["60000003"] if first == "person" else []))


@pytest.mark.parametrize("first", ["person"], indirect=True)
def test_a_merge_of_two_households_that_are_taken_back(
    session: Session, engine: Engine, tmp_path: Path, staff: PolicedClient, meet: Any
) -> None:
    made = take_in(session, tmp_path, family(session)).id
    one, other = of(session, "Muñoz").reference, of(session, "Nowak").reference
    page = sent(staff, f"/households/{one}/merge/{other}", reason="one mother")
    told = meet(
        takes_back(engine, session, made),
        page,
        in_roster=UNDOING,
        in_page="connectivity.households.merge:pass_over",
    )
    among(told, person=("undone", MERGED))
    hold_to(session, "60000001", "60000002", "60000003")
    assert {reference for reference, _ in stands(session, made).kept} == {one, other}


def test_two_workers_with_one_plan(session: Session, engine: Engine, tmp_path: Path) -> None:
    for number, letter in enumerate("abc"[:ROUNDS]):
        rows = family(session)
        for one in rows:
            one["cps_student_id"] = f"6000{number}{one['cps_student_id'][-3:]}"
            one["student_last_name"] += letter
            one["guardian_name"] += letter
            one |= {"guardian_email": "", "guardian_phone": "", "unit": f"{one['unit']}{letter}"}
        planned = plan(session, tmp_path, csv_bytes(rows), covers=Covers.PART)
        with transaction(session):
            applying.claim(session, account=None, roster=imports.locked(session, planned.id))
        assert at_once(*[applies(engine, planned.id)] * 2) == ["applied", "applied"]
        assert session.scalar(select(func.count()).select_from(Student)) == 3 * (number + 1)
        hold_whole(session)
    events = select(func.count()).select_from(EnrollmentEvent)
    assert session.scalar(events) == session.scalar(select(func.count()).select_from(Enrollment))


def test_two_people_with_one_plan(
    session: Session, tmp_path: Path, staff: PolicedClient, second: PolicedClient
) -> None:
    planned = stands(session, plan(session, tmp_path, csv_bytes(family(session))).id)
    page = f"/rosters/{planned.id}"
    told = at_once(
        *(sent(one, f"{page}/apply", page=page, sure="y", plan=compared(planned)) for one in (staff, second))
    )
    late = "not ready to be applied, or it has been applied already"
    among(told, first=("^$", late), second=(late, "^$"))
    assert stands(session, planned.id).state == ImportState.APPLIED
    hold_to(session, "60000001", "60000002", "60000003")


def test_two_plans_at_once(session: Session, engine: Engine, tmp_path: Path) -> None:
    one = claimed(session, tmp_path, family(session))
    other = claimed(session, tmp_path, family(session)[::-1])
    told = at_once(applies(engine, one), applies(engine, other))
    among(told, one=("applied", "discarded"), other=("discarded", "applied"))
    hold_to(session, "60000001", "60000002", "60000003")
    assert session.scalar(select(func.count()).select_from(Household)) == 2


def test_everything_at_once(
    session: Session, engine: Engine, tmp_path: Path, staff: PolicedClient, second: PolicedClient
) -> None:
    """One merges, one edits, and the roster changes all of their students."""
    registered(session)
    for grade in ("9", "10")[:ROUNDS]:
        rows = [{**one, "grade": grade} for one in family(session)]
        roster = claimed(session, tmp_path, rows)
        munoz, nowak = of(session, "Muñoz"), of(session, "Nowak")
        contact = {"guardian_first_name": "Ola", "guardian_last_name": "Nowak", "language": "pl"}
        if nowak.merged_into_id is not None:
            break
        told = at_once(
            applies(engine, roster),
            sent(staff, f"/households/{munoz.reference}/merge/{nowak.reference}", reason="one mother"),
            sent(second, f"/households/{nowak.reference}/edit", **contact, email=f"ola{grade}@example.org"),
        )
        assert told[0] in ("applied", "planned"), told
        merged = re.search(MERGED, told[1]) is not None
        assert merged or "changed while you were looking" in told[1], told
        hold_to(session, "60000001", "60000002", "60000003")
        assert (session.scalar(select(Household.merged_into_id).where(Household.id == nowak.id)) is not None) == merged
