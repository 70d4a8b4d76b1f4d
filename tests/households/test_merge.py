"""Two households become one: neither loses a student, an enrollment or a code, and everything can go back."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.casework.program_years import continues
from connectivity.casework.terms import refresh
from connectivity.database import Base, transaction
from connectivity.households.edit import add_student, contact_of, edit_contact, edit_student, facts_of, move
from connectivity.households.find import find
from connectivity.households.history import history
from connectivity.households.merge import NOUNS, STAYS, MergeRefused, choose, merge
from connectivity.households.merge_undo import Undone, UndoRefused, undo_merge
from connectivity.households.page import household_page
from connectivity.households.register import StudentFacts
from connectivity.households.service_address import current_service_address, record_service_address
from connectivity.households.split import split
from connectivity.register import (
    Account,
    Appeal,
    ConnectivityResponse,
    Determination,
    Enrollment,
    Household,
    HouseholdMerge,
    HouseholdQuestion,
    MembershipCode,
    Student,
)
from connectivity.rules.service_states import Status
from connectivity.service.enrollments import Step, start, step
from tests import factories
from tests.households.conftest import TODAY, home_at

EARLIER = {"label": "2025-26", "starts_on": dt.date(2025, 7, 1), "ends_on": dt.date(2026, 6, 30)}


@contextmanager
def writing(session: Session) -> Iterator[Session]:
    """One transaction of its own, and a session that remembers nothing afterwards."""
    session.commit()
    with transaction(session):
        yield session
    session.expire_all()


def merged(session: Session, account: Account, one: Household, other: Household, reason: str = "same family") -> Any:
    with writing(session):
        return merge(session, account=account, household=one, other=other, reason=reason)


def undone(session: Session, account: Account, made: HouseholdMerge, reason: str = "two families") -> Undone:
    with writing(session):
        return undo_merge(session, account=account, merge=made, reason=reason)


def enrolled(session: Session, household: Household, status: str, code: str, **year: Any) -> Enrollment:
    """Enrolled in the open year (or `year`) with a live code of its own."""
    year_id = factories.program_year(session, **year).id
    given = factories.membership_code(
        session, code=code, state="issued", household_id=household.id, program_year_id=year_id, issued_on=factories.DAY
    )
    return factories.enrollment(session, household, status, program_year_id=year_id, membership_code_id=given.id)


def answer(session: Session, household: Household, on: dt.date = factories.DAY) -> ConnectivityResponse:
    made = ConnectivityResponse(
        household_id=household.id, residence_id=household.residences[0].id, observed_on=on, respondent="guardian",
        mode="phone", language="es", instrument="test", access="No",
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def determined(session: Session, household: Household, **given: Any) -> Determination:
    """An override, in force in the open year unless told otherwise."""
    year_id = given.pop("program_year_id", None) or factories.program_year(session).id
    made = Determination(
        **{
            "household_id": household.id, "program_year_id": year_id, "eligible": True, "source": "override",
            "explanation": "A caseworker decided.", "reason": "seen", "decided_on": factories.DAY,
            "expires_on": factories.DAY, **given,
        }
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def appealed(session: Session, household: Household, **given: Any) -> Appeal:
    """An open appeal in the open year unless told otherwise."""
    year_id = given.pop("program_year_id", None) or factories.program_year(session).id
    values = {"household_id": household.id, "program_year_id": year_id, "opened_on": factories.DAY, "ground": "letter"}
    made = Appeal(**{**values, "state": "open", **given})
    session.add(made)
    session.flush()
    return made


def asked(session: Session, one: Household, other: Household, **given: Any) -> HouseholdQuestion:
    first, second = sorted((one.id, other.id))
    made = HouseholdQuestion(
        **{"kind": "same_household", "household_id": first, "other_id": second, "evidence": 1, "state": "open", **given}
    )
    session.add(made)
    session.flush()
    return made


def states(session: Session) -> dict[tuple[int, int | None], str]:
    """Pair -> how the question about it stands."""
    session.expire_all()
    rows = session.scalars(select(HouseholdQuestion))
    return {(one.household_id, one.other_id): one.state for one in rows}


MOVABLE = (
    "household", "household_phone", "residence", "service_address", "student", "enrollment", "enrollment_event",
    "membership_code", "connectivity_response", "search_term", "household_question", "determination", "appeal",
)  # fmt: skip


def dumped(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tables that a merge may touch, without versions and moments of writing."""
    session.expire_all()
    return {
        name: sorted(
            tuple(
                repr(row._mapping[column]) for column in table.columns if column.name not in ("version", "updated_at")
            )
            for row in session.execute(select(table))
        )
        for name in MOVABLE
        for table in [Base.metadata.tables[name]]
    }


@pytest.fixture
def pair(session: Session) -> tuple[Household, Household]:
    """Ana's household, further in the program, and Bea's, which is older. Bea's has an enrollment of the year before alone."""
    bea = factories.household(
        session, reference="HBEA0001", guardian_first_name="Bea", guardian_last_name="Quispe", email="bea@example.org",
        phones=["+17735550111"], students=[{"first_name": "Leo"}, {"first_name": "Mia"}],
    )  # fmt: skip
    ana = factories.household(session, reference="HANA0001", phones=["+17735550122"], students=[{"first_name": "Ivo"}])
    enrolled(session, ana, "active", "CCANA00001")
    enrolled(session, bea, "contacted", "CCBEA00001")
    enrolled(session, bea, "active", "CCBEA00000", **EARLIER)
    answer(session, bea)
    return ana, bea


def test_the_one_further_in_the_current_year_is_kept_then_the_older(
    session: Session, pair: tuple[Household, Household]
) -> None:
    ana, bea = pair
    chosen = choose(session, bea, ana, TODAY)
    assert (chosen.kept, chosen.folded, chosen.standings) == (ana, bea, ("active", "contacted"))
    assert chosen.year is not None
    assert chosen.year.label == "2026-27"
    carl, dora = factories.household(session), factories.household(session)
    assert choose(session, dora, carl, TODAY).kept is carl
    assert choose(session, dora, carl, TODAY).year is None
    factories.enrollment(session, dora, "ended")
    assert choose(session, carl, dora, TODAY).kept is dora
    factories.enrollment(session, carl, "eligible")
    assert choose(session, dora, carl, TODAY).kept is carl


def test_a_merge_moves_people_and_loses_no_code_and_no_enrollment(
    session: Session, staff: Account, pair: tuple[Household, Household]
) -> None:
    ana, bea = pair
    made = merged(session, staff, bea, ana)
    assert (made.kept_id, made.folded_id, made.reason, made.merged_by) == (ana.id, bea.id, "same family", staff.id)
    assert bea.merged_into_id == ana.id
    assert {one.first_name for one in ana.students} == {"Ivo", "Leo", "Mia"}
    assert bea.students == []
    years = {(one.household_id, one.program_year.label): one.status for one in session.scalars(select(Enrollment))}
    assert years == {
        (ana.id, "2026-27"): "active",
        (bea.id, "2026-27"): "contacted",
        (ana.id, "2025-26"): "active",
    }
    codes = {one.code: (one.household_id, one.state) for one in session.scalars(select(MembershipCode))}
    assert codes == {
        "CCANA00001": (ana.id, "issued"),
        "CCBEA00001": (bea.id, "issued"),
        "CCBEA00000": (ana.id, "issued"),
    }
    assert [one.household_id for one in session.scalars(select(ConnectivityResponse))] == [ana.id]
    assert bea.residences[0].household_id == bea.id
    assert contact_of(bea).phones == ("+17735550111",)


def test_the_kept_household_is_found_by_everything_the_folded_one_was_found_by(
    session: Session, staff: Account, pair: tuple[Household, Household]
) -> None:
    ana, _ = pair
    merged(session, staff, *pair)
    for words in ("HBEA0001", "bea quispe", "773 555 0111", "CC-BEA0-0001", "CC-BEA0-0000", "leo", "HANA0001"):
        assert [one.reference for one in find(session, staff, words).households] == [ana.reference], words
    undone(session, staff, session.scalars(select(HouseholdMerge)).one())
    assert [one.reference for one in find(session, staff, "bea quispe").households] == ["HBEA0001"]


def test_the_page_shows_both_enrollments_the_other_contacts_and_the_whole_history(
    session: Session, staff: Account, pair: tuple[Household, Household]
) -> None:
    ana, _ = pair
    merged(session, staff, *pair)
    page = household_page(session, staff, ana.reference, TODAY)
    assert page is not None
    assert [(part.household.reference, [one.status for one in part.enrollments]) for part in page.parts] == [
        ("HBEA0001", ["contacted"])
    ]
    assert {(one.kind, one.part) for one in page.history} >= {
        ("residence", "HBEA0001"),
        ("step", "HBEA0001"),
        ("step", ""),
    }
    assert [one.kind for one in page.history if one.kind.startswith("household.merged")] == ["household.merged"]


def test_an_undone_merge_leaves_every_row_as_it_was(
    session: Session, staff: Account, pair: tuple[Household, Household]
) -> None:
    ana, bea = pair
    third, fourth = factories.household(session), factories.household(session)
    asked(session, bea, third)
    asked(session, bea, fourth, state="separate", reason="no", decided_by=staff.id)
    asked(session, ana, fourth)
    between = asked(session, ana, bea)
    record_service_address(
        session, account=staff, household=bea, home=home_at(session, "1400 W Wilson Ave"), reason="aunt", on=TODAY
    )
    last_year = factories.program_year(session, **EARLIER).id
    determined(session, bea)
    determined(session, bea, program_year_id=last_year, ended_on=factories.DAY, eligible=False)
    appealed(session, bea)
    student = bea.students[0]
    session.add(
        HouseholdQuestion(kind="left_home", household_id=bea.id, student_id=student.id, evidence=0, state="open")
    )
    for one in (ana, bea, third, fourth):
        add_student(session, account=staff, household=one, facts=some_student(session, f"6000{one.id:04d}"))
    session.commit()
    before = dumped(session)
    made = merged(session, staff, ana, bea)
    assert dumped(session) != before
    assert current_service_address(session, ana) is not None
    undone(session, staff, made)
    after = dumped(session)
    for one in (before, after):  # the question between the two is decided now, everything else stands as it stood
        one["household_question"] = [row for row in one["household_question"] if row[0] != repr(between.id)]
    assert after == before
    session.refresh(between)
    assert (between.state, between.decided_by, between.reason) == ("separate", staff.id, "two families")


def some_student(session: Session, district_id: str) -> StudentFacts:
    return StudentFacts(
        district_id=district_id, first_name="Noa", last_name="Vega", birth_date=dt.date(2014, 5, 6), grade="6",
        school_id=session.scalars(select(Student.school_id).limit(1)).one(),
    )  # fmt: skip


def test_an_undo_after_later_edits_keeps_them_and_says_what_stayed(
    session: Session, staff: Account, pair: tuple[Household, Household]
) -> None:
    ana, bea = pair
    made = merged(session, staff, ana, bea)
    leo, mia = session.scalars(select(Student).where(Student.first_name.in_(["Leo", "Mia"])).order_by(Student.id))
    next_year = factories.program_year(
        session, label="2027-28", starts_on=TODAY, ends_on=TODAY + dt.timedelta(days=300)
    )
    with writing(session):
        facts = StudentFacts(**{**vars(facts_of(leo)), "grade": "6"})
        edit_student(session, account=staff, household=ana, student=leo, facts=facts)
        add_student(session, account=staff, household=ana, facts=some_student(session, "60001234"))
        start(session, account=staff, household=ana, year=next_year, on=TODAY, today=TODAY)
        answer(session, ana, TODAY)
    with writing(session):
        off = split(
            session, account=staff, household=ana, student_ids=[mia.id], home=None, contact=contact_of(ana), reason="x"
        )
    done = undone(session, staff, made)
    assert (leo.household_id, leo.grade) == (bea.id, "6")
    assert mia.household_id == off.id
    assert session.scalars(select(Student.household_id).where(Student.district_id == "60001234")).one() == ana.id
    assert [one.program_year.label for one in ana.enrollments] == ["2027-28", "2026-27"]
    assert {one.program_year.label for one in bea.enrollments} == {"2025-26", "2026-27"}
    assert [one.observed_on for one in ana.responses] == [TODAY]
    words = " ".join(done.stayed)
    assert f"{mia.first_name} {mia.last_name} has gone to household {off.reference} since, and stays there." in words
    assert f"Noa Vega was added since, and stays with {ana.reference}." in words
    assert f"The enrollment in 2027-28 was started since, and stays with {ana.reference}." in words
    assert "was recorded since" in words
    assert len(done.stayed) == 4


def test_an_undo_names_the_home_and_the_contacts_that_changed_since(
    session: Session, staff: Account, pair: tuple[Household, Household]
) -> None:
    ana, bea = pair
    made = merged(session, staff, ana, bea)
    with writing(session):
        move(session, account=staff, household=ana, home=home_at(session, "4540 N Ashland Ave"), on=TODAY)
    with writing(session):
        contact = replace(contact_of(ana), email="new@example.org")
        edit_contact(session, account=staff, household=ana, contact=contact)
    words = " ".join(undone(session, staff, made).stayed)
    assert f"The address 4540 N ASHLAND AVE was recorded since, and stays with {ana.reference}." in words
    assert f"Guardian, language, phones or e-mail were changed since, and stay with {ana.reference}." in words


def test_a_merge_carries_determinations_of_years_in_which_the_kept_one_has_none(
    session: Session, staff: Account, pair: tuple[Household, Household]
) -> None:
    ana, bea = pair
    last_year = factories.program_year(session, **EARLIER).id
    hers, years_before = determined(session, bea), determined(session, bea, program_year_id=last_year)
    determined(session, ana, eligible=False)
    asks, asked_before = appealed(session, bea), appealed(session, bea, program_year_id=last_year)
    merged(session, staff, ana, bea)
    whose = {one.id: one.household_id for one in session.scalars(select(Determination))}
    assert (whose[hers.id], whose[years_before.id]) == (bea.id, ana.id)
    assert {one.id: one.household_id for one in session.scalars(select(Appeal))} == {
        asks.id: ana.id,
        asked_before.id: ana.id,
    }


def test_of_two_open_appeals_in_one_year_each_household_keeps_its_own(
    session: Session, staff: Account, pair: tuple[Household, Household]
) -> None:
    for one in pair:
        appealed(session, one)
    merged(session, staff, *pair)
    assert set(session.scalars(select(Appeal.household_id))) == {one.id for one in pair}


def test_eligibility_decided_and_appealed_since_the_merge_stays_and_is_named(
    session: Session, staff: Account, pair: tuple[Household, Household]
) -> None:
    ana, bea = pair
    before = determined(session, bea)
    made = merged(session, staff, ana, bea)
    with writing(session):
        session.get_one(Determination, before.id).ended_on = TODAY
        since = determined(session, ana, eligible=False)
        appealed(session, ana)
    words = " ".join(undone(session, staff, made).stayed)
    assert f"The eligibility in 2026-27 was decided since, and stays with {ana.reference}." in words
    assert f"The appeal in 2026-27 was opened since, and stays with {ana.reference}." in words
    assert (session.get_one(Determination, before.id).household_id, since.household_id) == (bea.id, ana.id)


def test_two_codes_held_for_the_two_stay_two(session: Session, staff: Account) -> None:
    """Enrolled in no common year, each with a code held in the open one: the kept household never has two live codes."""
    kept, folded = factories.household(session), factories.household(session)
    factories.enrollment(session, folded, "eligible")
    for one in (kept, folded):
        factories.membership_code(session, state="held", household_id=one.id)
    merged(session, staff, kept, folded)
    assert set(session.scalars(select(MembershipCode.household_id))) == {kept.id, folded.id}


@pytest.mark.parametrize("status", list(Status))
def test_a_household_at_any_step_can_be_merged(session: Session, staff: Account, status: Status) -> None:
    one, other = factories.household(session), factories.household(session)
    factories.enrollment(session, other, status.value)
    assert merged(session, staff, one, other).kept_id == other.id


def test_every_table_that_names_a_household_moves_with_a_merge_or_stays_for_a_reason() -> None:
    """Also one that is added later: whoever adds it says here which it is."""
    household, moving = Base.metadata.tables["household"], {noun.__table__.name for noun in NOUNS.values()}
    named = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name == "household_id" or any(key.column.table is household for key in column.foreign_keys)
    }
    assert named == {f"{one}.household_id" for one in moving} | STAYS.keys()


def test_a_code_given_after_the_merge_goes_back_with_its_enrollment(session: Session, staff: Account) -> None:
    kept, folded = factories.household(session), factories.household(session)
    enrolled(session, kept, "active", "CCKEPT0001")
    pilot = factories.program_year(
        session, label="Pilot", starts_on=dt.date(2026, 6, 1), ends_on=TODAY + dt.timedelta(days=300)
    )
    moved = factories.enrollment(session, folded, "contacted", program_year_id=pilot.id)
    code = factories.membership_code(session, code="CCPILOT001", program_year_id=pilot.id)
    made = merged(session, staff, folded, kept)
    assert moved.household_id == kept.id
    with writing(session):
        plan = factories.provider(session).plans[0]
        given = Step(status=Status.CODE_ISSUED, happened_on=TODAY, plan=plan)
        step(session, account=staff, household=kept, enrollment=moved, taken=given, today=TODAY)
    assert code.household_id == kept.id
    undone(session, staff, made)
    assert (moved.household_id, moved.status, code.household_id) == (folded.id, "code_issued", folded.id)


def test_merges_in_a_chain_are_undone_from_the_last_to_the_first(session: Session, staff: Account) -> None:
    c, b, a = (
        factories.household(
            session, reference=f"HCHAIN0{name}", phones=[f"+1773555020{at}"], students=[{"first_name": name}]
        )
        for at, name in enumerate("CBA")
    )
    for one, code in ((a, "CCAAA00001"), (b, "CCBBB00001"), (c, "CCCCC00001")):
        enrolled(session, one, "eligible", code)
        refresh(session, one)
    session.commit()
    before = dumped(session)
    first = merged(session, staff, a, b)
    second = merged(session, staff, b, c)
    assert (first.kept_id, second.kept_id) == (b.id, c.id)
    assert {one.first_name for one in c.students} == {"A", "B", "C"}
    for words in ("HCHAIN0A", "HCHAIN0B", "7735550202", "CC-AAA0-0001", "CC-BBB0-0001"):
        assert [one.reference for one in find(session, staff, words).households] == ["HCHAIN0C"], words
    page = household_page(session, staff, "HCHAIN0C", TODAY)
    assert page is not None
    assert [part.household.reference for part in page.parts] == ["HCHAIN0B", "HCHAIN0A"]
    with pytest.raises(UndoRefused, match=r"HCHAIN0B was merged into HCHAIN0C.*undo that one first"):
        undone(session, staff, first)
    undone(session, staff, second)
    undone(session, staff, first)
    with pytest.raises(UndoRefused, match="has undone this merge already"):
        undone(session, staff, first)
    after = dumped(session)
    assert states(session) == {(b.id, a.id): "separate", (c.id, b.id): "separate"}
    assert (len(before.pop("household_question")), len(after.pop("household_question"))) == (0, 2)
    assert after == before


def test_two_merges_into_one_household_are_undone_in_reverse_order_too(session: Session, staff: Account) -> None:
    kept, first, second = (factories.household(session) for _ in range(3))
    early, late = merged(session, staff, kept, first), merged(session, staff, kept, second)
    with pytest.raises(UndoRefused, match=f"{second.reference} was merged into {kept.reference}"):
        undone(session, staff, early)
    undone(session, staff, late)
    undone(session, staff, early)
    assert [one.merged_into_id for one in (kept, first, second)] == [None, None, None]


def test_a_merge_decides_the_question_and_one_is_written_where_nobody_asked(session: Session, staff: Account) -> None:
    a, b, c = (factories.household(session) for _ in range(3))
    asked(session, a, b)
    merged(session, staff, a, b, "one mother")
    merged(session, staff, a, c)
    assert states(session) == {(a.id, b.id): "same", (a.id, c.id): "same"}
    decided = session.scalars(select(HouseholdQuestion).where(HouseholdQuestion.other_id == b.id)).one()
    assert (decided.decided_by, decided.reason) == (staff.id, "one mother")
    assert decided.decided_at is not None


def test_questions_with_third_households_pass_over_and_a_decision_outranks_a_question(
    session: Session, staff: Account
) -> None:
    kept, folded, open_, apart, both, known = (factories.household(session) for _ in range(6))
    asked(session, folded, open_)
    asked(session, folded, apart, state="separate", reason="no", decided_by=staff.id)
    asked(session, folded, both, state="separate", reason="no", decided_by=staff.id)
    asked(session, kept, both)
    asked(session, folded, known)
    asked(session, kept, known, state="separate", reason="no", decided_by=staff.id)
    merged(session, staff, kept, folded)
    found = states(session)
    assert {third.id: found[kept.id, third.id] for third in (open_, apart, both, known)} == {
        open_.id: "open",
        apart.id: "separate",
        both.id: "separate",
        known.id: "separate",
    }


def test_a_question_decided_since_the_merge_stays_and_is_asked_again_of_the_other(
    session: Session, staff: Account
) -> None:
    kept, folded, third = (factories.household(session) for _ in range(3))
    asked(session, folded, third)
    made = merged(session, staff, kept, folded)
    with writing(session):
        passed = session.scalars(select(HouseholdQuestion).where(HouseholdQuestion.household_id == kept.id)).all()
        next(one for one in passed if one.other_id == third.id).state = "separate"
    done = undone(session, staff, made)
    assert states(session)[kept.id, third.id] == "separate"
    assert states(session)[folded.id, third.id] == "open"
    assert done.stayed == (f"Decisions made since about other households stay with {kept.reference}: 1.",)


def test_a_household_is_not_merged_with_itself_nor_twice(session: Session, staff: Account) -> None:
    a, b, c = (factories.household(session) for _ in range(3))
    with pytest.raises(MergeRefused, match="same household"):
        merged(session, staff, a, a)
    merged(session, staff, a, b)
    with pytest.raises(MergeRefused, match=f"{b.reference} was merged into {a.reference} in the meantime"):
        merged(session, staff, b, c)


def test_service_that_a_part_had_counts_for_the_whole_household(session: Session, staff: Account) -> None:
    kept, folded = factories.household(session), factories.household(session)
    enrolled(session, kept, "contacted", "CCKEPT0001", **EARLIER)
    enrolled(session, folded, "active", "CCFOLD0001", **EARLIER)
    closed = factories.program_year(session)
    closed.open_to_new = False
    assert not continues(session, kept, closed)
    made = merged(session, staff, kept, folded)
    assert (made.kept_id, made.moved["enrollments"]) == (kept.id, [])
    assert continues(session, kept, closed)


def test_both_histories_tell_the_merge_and_the_undo(
    session: Session, staff: Account, pair: tuple[Household, Household]
) -> None:
    ana, bea = pair
    undone(session, staff, merged(session, staff, ana, bea))
    told = [{one.kind for one in history(session, each) if one.kind.startswith("household.")} for each in pair]
    assert told == [{"household.merged", "household.unmerged"}, {"household.merged_into", "household.unmerged"}]
    assert (ana.version, bea.version) > (1, 1)


def test_a_question_about_a_student_goes_back_with_the_student(session: Session, staff: Account) -> None:
    one, other = factories.household(session), factories.household(session)
    made = merged(session, staff, one, other)
    student = session.scalars(select(Student).where(Student.id.in_(made.moved["students"]))).one()
    with writing(session):
        session.add(
            HouseholdQuestion(
                kind="left_home",
                household_id=made.kept_id,
                student_id=student.id,
                evidence=0,
                state="open",
                address="x",
            )
        )
    undone(session, staff, made)
    asked = session.scalars(select(HouseholdQuestion).where(HouseholdQuestion.kind == "left_home")).one()
    assert asked.household_id == made.folded_id == student.household_id
