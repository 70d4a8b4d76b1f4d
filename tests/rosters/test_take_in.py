"""Applying a plan: everything of it in one transaction, once, with its traces."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectivity.database import make_sessions, transaction
from connectivity.register import (
    AuditEvent,
    Enrollment,
    EnrollmentEvent,
    Household,
    HouseholdPhone,
    HouseholdQuestion,
    ImportState,
    QuestionState,
    Residence,
    Role,
    RosterImport,
    RosterProblem,
    SearchTerm,
    Student,
)
from connectivity.rosters import apply as applying
from connectivity.rosters import imports, steps
from connectivity.rules.calendar import city_today
from tests import factories
from tests.rosters import districts
from tests.rosters.districts import csv_bytes, dump, family, forget_enrollments, hand_in, plan, row, take_in


def test_new_students_stand_in_the_register_with_everything_about_them(session: Session, tmp_path: Path) -> None:
    roster = take_in(session, tmp_path, family(session))
    assert roster.state == ImportState.APPLIED
    family_of_rosa = session.scalars(select(Household).where(Household.guardian_last_name == "Muñoz")).one()
    assert (family_of_rosa.guardian_first_name, family_of_rosa.language, family_of_rosa.email) == (
        "Rosa",
        "es",
        "rosa@example.org",
    )
    assert [student.first_name for student in family_of_rosa.students] == ["Ana", "Luz"]  # by birth date
    assert [(phone.position, phone.number) for phone in family_of_rosa.phones] == [(1, "+17735550123")]
    home = session.scalars(select(Residence).where(Residence.household_id == family_of_rosa.id)).one()
    assert (home.line, home.unit, home.zip, home.community_area) == ("1135 W WILSON AVE", "APT 2", "60640", 3)
    assert (home.method, home.starts_on, home.ends_on) == ("grid", city_today(), None)
    assert home.original == "1135 W Wilson Ave, Apt 2, Chicago, IL 60640"


def test_every_eligible_household_stands_at_eligible_once(session: Session, tmp_path: Path) -> None:
    rows = family(session)
    rows[2]["eligible"] = "no"
    take_in(session, tmp_path, rows)
    enrolled = session.execute(
        select(Household.guardian_last_name, Enrollment.status).join(
            Enrollment, Enrollment.household_id == Household.id
        )
    ).all()
    assert enrolled == [("Muñoz", "eligible")]
    assert session.scalar(select(func.count()).select_from(EnrollmentEvent)) == 1


def test_a_closed_year_takes_in_students_and_enrolls_no_new_household(session: Session, tmp_path: Path) -> None:
    factories.program_year(session, open_to_new=False)
    session.commit()
    take_in(session, tmp_path, family(session))
    assert session.scalar(select(func.count()).select_from(Student)) == 3
    assert session.scalar(select(func.count()).select_from(Enrollment)) == 0


def test_a_registered_household_whose_row_says_nothing_new_is_enrolled_in_the_new_year(
    session: Session, tmp_path: Path
) -> None:
    take_in(session, tmp_path, family(session))
    forget_enrollments(session)  # as if that roster had been one of last year
    roster = plan(session, tmp_path, csv_bytes(family(session)[::-1]))
    assert (roster.counts["unchanged"], roster.counts["newly_eligible"]) == (3, 2)
    districts.apply(session, roster)
    assert session.scalar(select(func.count()).select_from(Enrollment)) == 2


def test_a_new_sibling_joins_the_registered_household(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, family(session)[:1])
    family_of_rosa = session.scalars(select(Household)).one()
    version = family_of_rosa.version
    roster = take_in(session, tmp_path, family(session)[:2])
    session.refresh(family_of_rosa)
    assert (roster.counts["new_households"], roster.counts["joined_households"]) == (0, 1)
    assert {student.district_id for student in family_of_rosa.students} == {"60000001", "60000002"}
    assert family_of_rosa.version == version + 1  # an open form of the household is told
    assert "ana" in set(session.scalars(select(SearchTerm.term).where(SearchTerm.household_id == family_of_rosa.id)))


def test_a_changed_row_changes_the_register_and_leaves_a_trace(session: Session, tmp_path: Path) -> None:
    account = factories.account(session, Role.STAFF)
    session.commit()
    take_in(session, tmp_path, family(session))
    rows = family(session)
    rows[0] |= {"grade": "6", "student_last_name": "Muñoz Díaz"}
    rows[2] |= {"guardian_name": "Olga Nowak", "guardian_phone": "312-555-0200", "home_language": "English"}
    planned = plan(session, tmp_path, csv_bytes(rows))
    districts.apply(session, planned, account)
    luz = session.scalars(select(Student).where(Student.district_id == "60000001")).one()
    assert (luz.grade, luz.last_name, luz.sort_name) == ("6", "Muñoz Díaz", "munoz diaz\x01luz")
    nowak = session.scalars(select(Household).where(Household.guardian_last_name == "Nowak")).one()
    assert (nowak.guardian_first_name, nowak.language) == ("Olga", "en")
    assert [phone.number for phone in nowak.phones] == ["+13125550200", "+13125550199"]
    event = session.scalars(
        select(AuditEvent).where(AuditEvent.subject_id == nowak.id, AuditEvent.action == "household.edited")
    ).one()
    assert event.account_id == account.id
    assert event.changes["guardian_first_name"] == ["Ola", "Olga"]
    assert event.changes["phone_1"] == ["+13125550199", "+13125550200"]
    assert event.changes["roster"] == [None, planned.id]


def test_a_family_that_moved_lives_at_the_new_address_and_its_past_stays(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, family(session)[:2])
    take_in(
        session, tmp_path, [{**one, "address_line1": "900 W Leland Ave", "unit": ""} for one in family(session)[:2]]
    )
    homes = session.scalars(select(Residence).order_by(Residence.id)).all()
    assert [(home.line, home.ends_on) for home in homes] == [
        ("1135 W WILSON AVE", city_today()),
        ("900 W LELAND AVE", None),
    ]


def test_the_same_file_twice_is_one_import(session: Session, tmp_path: Path) -> None:
    content = csv_bytes(family(session))
    first = plan(session, tmp_path, content)
    districts.apply(session, first)
    again = hand_in(session, tmp_path, content)
    assert (again.first, again.roster.id) == (False, first.id)
    assert session.scalar(select(func.count()).select_from(RosterImport)) == 1


def test_the_same_file_handed_in_twice_at_once_is_one_import(session: Session, engine: Any, tmp_path: Path) -> None:
    """The other submit commits after this one has looked and before it writes."""
    year = factories.program_year(session)
    session.commit()
    file = imports.HandedIn(file_name="a.csv", file_bytes=1, file_sha256="ab" * 32, stored_as="x")
    with make_sessions(engine)() as other:
        imports.submit(other, account=None, year=year, file=file)
        other.commit()
    original = imports._standing
    seen: list[object] = []

    def blind_once(*given: Any) -> Any:
        seen.append(given)
        return None if len(seen) == 1 else original(*given)

    with pytest.MonkeyPatch.context() as patch, transaction(session):
        patch.setattr(imports, "_standing", blind_once)
        assert not imports.submit(session, account=None, year=year, file=file).first
    assert session.scalar(select(func.count()).select_from(RosterImport)) == 1


def test_a_plan_is_applied_once_however_often_it_is_asked(session: Session, tmp_path: Path) -> None:
    planned = plan(session, tmp_path, csv_bytes(family(session)))
    districts.apply(session, planned)
    before = dump(session)
    applying.apply(session, planned.id, report=districts.silent)
    with pytest.raises(imports.RosterRefused, match="applied already"), transaction(session):
        applying.claim(session, account=None, roster=imports.locked(session, planned.id))
    assert dump(session) == before


def test_taking_in_the_same_roster_from_another_file_changes_no_row_of_the_register(
    session: Session, tmp_path: Path
) -> None:
    take_in(session, tmp_path, family(session))
    before = dump(session), session.scalar(select(func.max(AuditEvent.id)))
    roster = take_in(session, tmp_path, family(session)[::-1])
    assert roster.counts["unchanged"] == 3
    assert dump(session) == before[0]
    events = session.scalars(
        select(AuditEvent.action).where(AuditEvent.id > before[1], AuditEvent.subject == "household")
    )
    assert events.all() == []


def test_a_doubt_becomes_one_question_and_a_decision_is_not_asked_again(session: Session, tmp_path: Path) -> None:
    """The same guardian, phone and e-mail at two addresses: split custody, or a stale address. People decide."""
    rows = [
        row(session),
        row(session, cps_student_id="60000002", student_first_name="Ana", address_line1="900 W Leland Ave"),
    ]
    take_in(session, tmp_path, rows)
    question = session.scalars(select(HouseholdQuestion)).one()
    assert (question.state, question.kind) == (QuestionState.OPEN, "same_household")
    question.state = QuestionState.SEPARATE
    session.commit()
    take_in(session, tmp_path, [{**one, "grade": "6"} for one in rows])
    take_in(session, tmp_path, [*rows, row(session, cps_student_id="60000003", student_first_name="Eva")])
    pairs = session.scalars(select(HouseholdQuestion)).all()
    assert [(one.id, one.state) for one in pairs] == [(question.id, QuestionState.SEPARATE)]


def test_two_households_at_one_address_stay_two(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, family(session))
    assert session.scalar(select(func.count()).select_from(Household)) == 2
    assert session.scalar(select(func.count()).select_from(HouseholdPhone)) == 2


def test_no_problem_echoes_a_sensitive_cell(session: Session, tmp_path: Path) -> None:
    roster = hand_in(session, tmp_path, csv_bytes([row(session, frl="=ZQX()")])).roster
    path = tmp_path / roster.stored_as
    steps.read_and_compare(
        session, roster.id, path, rules=districts.RULES, report=districts.silent, seal=lambda _values: b"sealed"
    )
    assert [one for one in session.scalars(select(RosterProblem.value)) if "ZQX" in one] == []


def test_a_registered_household_that_a_roster_enrolls_has_it_in_its_history(session: Session, tmp_path: Path) -> None:
    take_in(session, tmp_path, family(session)[:2])
    household = session.scalars(select(Household)).one()
    forget_enrollments(session)
    version = household.version
    roster = take_in(session, tmp_path, family(session)[:2][::-1])
    session.refresh(household)
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).where(AuditEvent.subject == "household"))
    assert event.first().changes == {  # type: ignore[union-attr]
        "status": [None, "eligible"],
        "roster": [None, roster.id],
        "version": [version, version + 1],
    }


def test_a_file_of_another_year_is_refused_as_one_mistake(session: Session, tmp_path: Path) -> None:
    planned = plan(session, tmp_path, csv_bytes([{**one, "program_year": "2025-26"} for one in family(session)]))
    assert planned.state == ImportState.REFUSED
    assert planned.refusal.startswith("The rows of this file are for 2025-26, but it was handed in for 2026-27.")


def test_a_file_of_ten_thousand_columns_is_refused(session: Session, tmp_path: Path) -> None:
    wide = {f"extra {number}": "x" for number in range(10_000)}
    planned = plan(session, tmp_path, csv_bytes([{**row(session), **wide}]))
    assert planned.state == ImportState.REFUSED
    assert "a roster has a few dozen" in planned.refusal
