"""The queue of household questions: what is asked first, what a decision does, and that it is remembered."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from connectivity.database import make_sessions, transaction
from connectivity.households import questions
from connectivity.households.edit import contact_of
from connectivity.households.merge import merge
from connectivity.households.questions import QuestionRefused, answer, for_and_against, held, next_open, queue, reopen
from connectivity.households.split import split
from connectivity.register import (
    Account,
    Household,
    HouseholdMerge,
    HouseholdQuestion,
    QuestionState,
    Role,
    RosterHome,
    RosterImport,
    RosterRow,
)
from connectivity.rules.household_evidence import Evidence
from tests import factories
from tests.conftest import PolicedClient
from tests.households.conftest import TODAY, SignedIn, errors_of
from tests.households.test_merge import asked, writing

SURE = Evidence.ADDRESS | Evidence.UNIT | Evidence.PHONE | Evidence.OTHER_GUARDIAN  # 3 + 2 + 4 - 2 points
FAINT = Evidence.ADDRESS | Evidence.SURNAME  # 3 + 2 points


def homes(session: Session, count: int) -> list[Household]:
    return [factories.household(session) for _ in range(count)]


def left(session: Session, household: Household, **given: Any) -> HouseholdQuestion:
    values = {"kind": "left_home", "household_id": household.id, "student_id": household.students[0].id}
    made = HouseholdQuestion(**{**values, "address": "1400 W WILSON AVE", "evidence": 0, "state": "open", **given})
    session.add(made)
    session.flush()
    return made


def decide(session: Session, staff: Account, question: HouseholdQuestion, state: str, reason: str = "seen") -> None:
    with writing(session):
        answer(session, account=staff, question=question, state=QuestionState(state), reason=reason)


def test_the_strongest_evidence_comes_first_and_of_equals_the_newest(session: Session) -> None:
    a, b, c, d = homes(session, 4)
    faint, sure, again = (
        asked(session, a, b, evidence=FAINT),
        asked(session, a, c, evidence=SURE),
        asked(session, a, d, evidence=FAINT),
    )
    gone = left(session, a)
    assert [one.id for one in queue(session).questions] == [sure.id, again.id, faint.id, gone.id]
    found = queue(session)
    assert (found.open_pairs, found.open_left, found.decided, found.after) == (3, 1, 0, None)


def test_every_question_is_on_one_page_and_on_one_alone(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "PAGE", 3)
    first, *others = homes(session, 9)
    made = [asked(session, first, other, evidence=(SURE, FAINT)[at % 2]) for at, other in enumerate(others)]
    pages, after = [], None
    while True:
        page = queue(session, after=after)
        pages.append([one.id for one in page.questions])
        if (after := page.after) is None:
            break
    assert [len(page) for page in pages] == [3, 3, 2]
    wanted = [one.id for one in made[::-1] if one.evidence == SURE] + [
        one.id for one in made[::-1] if one.evidence == FAINT
    ]
    assert [one for page in pages for one in page] == wanted
    assert next_open(session) == wanted[0]
    assert next_open(session, wanted[3]) == wanted[4]
    assert next_open(session, wanted[-1]) is None


def test_decided_questions_are_listed_newest_decision_first(
    session: Session, staff: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "PAGE", 2)
    first, *others = homes(session, 4)
    made = [asked(session, first, other) for other in others]
    for one in (made[1], made[0], made[2]):
        decide(session, staff, one, "separate")
    page = queue(session, decided=True)
    assert [one.id for one in page.questions] == [made[2].id, made[0].id]
    assert [one.id for one in queue(session, decided=True, after=page.after).questions] == [made[1].id]
    assert (page.open_pairs, page.decided) == (0, 3)


def test_nothing_is_asked_about_a_household_that_was_merged(session: Session, staff: Account) -> None:
    kept, folded, third = homes(session, 3)
    asked(session, folded, third)
    with writing(session):
        merge(session, account=staff, household=kept, other=folded, reason="same")
    assert [(one.household_id, one.other_id) for one in queue(session).questions] == [(kept.id, third.id)]
    assert queue(session).open_pairs == 1


def test_a_decision_is_made_once_and_the_second_person_is_told(
    session: Session, engine: Engine, staff: Account
) -> None:
    one, other = homes(session, 2)
    question = asked(session, one, other)
    decide(session, staff, question, "separate", "two doors")
    assert (question.state, question.decided_by, question.reason) == ("separate", staff.id, "two doors")
    with make_sessions(engine)() as own, transaction(own):
        again = held(own, question.id)
        assert again is not None
        with pytest.raises(QuestionRefused, match=f"{staff.name} decided"):
            answer(own, account=staff, question=again, state=QuestionState.SEPARATE, reason="me too")


def test_one_household_and_left_are_decided_by_the_merge_and_the_split_alone(session: Session, staff: Account) -> None:
    one, other = homes(session, 2)
    for question, state in ((asked(session, one, other), "same"), (left(session, one), "separate")):
        with pytest.raises(QuestionRefused, match="Merge the two households, or split"):
            decide(session, staff, question, state)
        session.rollback()


def test_a_decision_is_taken_back_unless_it_became_more(session: Session, staff: Account) -> None:
    one, other, third = homes(session, 3)
    question = asked(session, one, other)
    decide(session, staff, question, "separate")
    with writing(session):
        reopen(session, question=question)
    assert (question.state, question.decided_by, question.decided_at, question.reason) == ("open", None, None, "")
    with pytest.raises(QuestionRefused, match="not decided"):
        reopen(session, question=question)
    with writing(session):
        merge(session, account=staff, household=one, other=third, reason="same")
    pair = session.scalars(select(HouseholdQuestion).where(HouseholdQuestion.other_id == third.id)).one()
    with pytest.raises(QuestionRefused, match=f"{third.reference} was merged into {one.reference}. Undo that merge"):
        reopen(session, question=pair)
    stays = left(session, one)
    decide(session, staff, stays, "same")
    left(session, one)
    with pytest.raises(QuestionRefused, match="A later roster has asked"):
        reopen(session, question=stays)


def roster(session: Session, household: Household, number: int = 123) -> RosterImport:
    """An applied roster with one current row for the household's first student."""
    made = RosterImport(
        program_year_id=factories.program_year(session).id, file_name="r.csv", file_bytes=1, file_sha256="0" * 64,
        covers="whole", state="applied", applied_at=dt.datetime(2026, 9, 1, 17, tzinfo=dt.UTC),
    )  # fmt: skip
    session.add(made)
    session.flush()
    student = household.students[0]
    session.add(
        RosterRow(
            import_id=made.id, number=number, outcome="new", district_id=student.district_id, student_id=student.id,
            line="1400 W WILSON AVE", unit="APT 3", zip="60640", guardian_first_name="Carla", guardian_last_name="Soto",
            evidence=int(Evidence.ADDRESS | Evidence.UNIT | Evidence.GUARDIAN), current=True,
        )
    )  # fmt: skip
    session.flush()
    return made


def test_the_household_page_says_which_row_linked_each_student(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session, students=[{"first_name": "Ivo"}, {"first_name": "Leo"}])
    made = roster(session, household)
    text = signed_in(Role.STAFF).get(f"/households/{household.reference}").text
    said = f"Linked by the roster of Sep 1, 2026, receipt {made.id}, row 123: same address and unit, same guardian"
    assert text.count("Linked by the roster") == 1
    assert said in text


def page_of(client: PolicedClient, question: HouseholdQuestion) -> str:
    return client.get(f"/households/questions/{question.id}").text


def test_the_page_lays_both_side_by_side_with_what_agrees(
    session: Session, signed_in: SignedIn, staff: Account
) -> None:
    one = factories.household(
        session,
        phones=["+17735550123"],
        guardian_last_name="Muñoz",
        students=[{"last_name": "Muñoz", "first_name": "Ivo"}],
    )
    other = factories.household(
        session, phones=["+17735550123", "+13125550100"], guardian_first_name="Ada", guardian_last_name="Vega", email="v@example.org",
        students=[{"last_name": "Munoz García", "first_name": "Leo"}],
    )  # fmt: skip
    made = roster(session, other)
    session.add(
        RosterHome(
            import_id=made.id, number=1, household_id=other.id, reference=other.reference, guardian_first_name="x",
            guardian_last_name="x", language="en", phones="", eligible=True,
        )
    )  # fmt: skip
    question = asked(session, one, other, evidence=SURE)
    text = " ".join(page_of(signed_in(Role.STAFF), question).split())
    for words in ("same address and unit", "same phone", "the guardians&#39; names differ", "(773) 555-0123"):
        assert words in text, words
    cells = dict(
        zip(
            ("guardian", "phones", "email", "address"),
            text.split('<td class="d-none d-md-table-cell">')[1:],
            strict=False,
        )
    )
    marks = {name: cell.partition("</td>")[0].strip() for name, cell in cells.items()}
    assert marks == {
        "guardian": "≠ Differs", "phones": "≈ Partly the same", "email": "Not known for one", "address": "= Same",
    }  # fmt: skip
    assert "≈ Partly the same <span" in text  # the last names: Muñoz, and Munoz García
    assert f"By a roster (receipt {made.id}), Sep 1, 2026" in text


def test_a_decision_needs_a_reason_and_leads_to_the_next_question(session: Session, signed_in: SignedIn) -> None:
    a, b, c = homes(session, 3)
    first, second = asked(session, a, b, evidence=SURE), asked(session, a, c, evidence=FAINT)
    client, path = signed_in(Role.STAFF), f"/households/questions/{first.id}"
    assert set(errors_of(client.send(path, {}).text)) == {"why"}
    assert set(errors_of(client.send(path, {"why": "other"}).text)) == {"note"}
    done = client.send(path, {"why": "doubled_up", "note": "two doorbells"})
    assert done.headers["Location"] == f"/households/questions/{second.id}"
    session.expire_all()
    assert (first.state, first.reason) == ("separate", "Two families share one home: two doorbells")
    assert client.send(f"/households/questions/{second.id}", {"why": "by_chance"}).headers["Location"] == (
        "/households/questions"
    )
    assert "Nothing waits for a decision" in client.get("/households/questions").text
    assert "Two households" in client.get("/households/questions?show=decided").text
    late = client.send(path, {"why": "doubled_up"}, page=f"/households/questions/{first.id}")
    assert "decided this on" in client.get(late.headers["Location"]).text


def test_a_decision_is_opened_again_on_its_page(session: Session, signed_in: SignedIn) -> None:
    a, b = homes(session, 2)
    question = asked(session, a, b, state="separate", reason="no", decided_at=dt.datetime.now(dt.UTC))
    client, path = signed_in(Role.STAFF), f"/households/questions/{question.id}"
    assert "They are two households." in client.get(path).text
    assert client.send(f"{path}/again", page=path).headers["Location"] == path
    session.expire_all()
    assert question.state == "open"
    assert f"May be the same household as {b.reference}" in client.get(f"/households/{a.reference}").text
    assert "A question was opened again" in client.get(f"/households/{b.reference}").text


def test_a_decision_that_became_a_merge_or_a_split_says_how_that_is_taken_back(
    session: Session, signed_in: SignedIn, staff: Account
) -> None:
    one, other = homes(session, 2)
    family = factories.household(session, students=[{"first_name": "Ivo"}, {"first_name": "Leo"}])
    pair, gone = asked(session, one, other), left(session, family)
    with writing(session):
        merge(session, account=staff, household=one, other=other, reason="one mother")
    with writing(session):
        made = split(
            session, account=staff, household=family, student_ids=[family.students[0].id], home=None,
            contact=contact_of(family), reason="an aunt",
        )  # fmt: skip
    client = signed_in(Role.STAFF)
    merged, split_off = page_of(client, pair), page_of(client, gone)
    assert f'undo the merge on the household’s page: <a href="/households/{one.reference}">' in " ".join(merged.split())
    assert f"/households/{family.reference}/merge/{made.reference}" in split_off
    assert "Take this decision back" not in merged + split_off


def test_what_speaks_for_one_household_stands_apart_from_what_speaks_against(session: Session) -> None:
    assert for_and_against(SURE) == (["same address and unit", "same phone"], ["the guardians' names differ"])
    assert for_and_against(FAINT) == (["same address", "students share a last name"], [])


def test_from_a_question_the_merge_goes_on_to_the_next(session: Session, signed_in: SignedIn) -> None:
    a, b, c = homes(session, 3)
    first, second = asked(session, a, b, evidence=SURE), asked(session, b, c, evidence=FAINT)
    client = signed_in(Role.STAFF)
    merging = f"/households/{a.reference}/merge/{b.reference}?question={first.id}"
    assert merging in page_of(client, first)
    page = client.get(merging).text
    fields = {
        name: page.partition(f'name="{name}"')[2].partition('value="')[2].partition('"')[0]
        for name in ("version", "other_version")
    }
    done = client.send(merging, fields | {"reason": "one mother"})
    merge_made = session.scalars(select(HouseholdMerge)).one()
    following = session.scalars(
        select(HouseholdQuestion).where(HouseholdQuestion.household_id == a.id, HouseholdQuestion.other_id == c.id)
    ).one()
    assert (merge_made.kept_id, merge_made.reason) == (a.id, "one mother")
    assert done.headers["Location"] == f"/households/questions/{following.id}"
    assert "They are one household." in page_of(client, first)
    assert second.id != following.id


def test_a_student_who_may_have_left_stays_or_is_split_off(session: Session, signed_in: SignedIn) -> None:
    household = factories.household(session, students=[{"first_name": "Ivo"}, {"first_name": "Leo"}])
    roster(session, household)
    question, client = left(session, household), signed_in(Role.STAFF)
    text = page_of(client, question)
    assert "Has Ivo" in text
    assert "1400 W WILSON AVE" in text
    form = client.get(f"/households/{household.reference}/split?question={question.id}").text
    for value in ("1400 W WILSON AVE", "APT 3", "60640", "Carla", "Soto"):
        assert f'value="{value}"' in form, value
    assert f'value="{household.students[0].id}" checked' in form
    assert client.send(f"/households/questions/{question.id}", {"why": "both_homes"}).status_code == 302
    session.expire_all()
    assert (question.state, question.reason) == ("same", "The student lives in both homes")
    assert "A question was decided" in client.get(f"/households/{household.reference}").text


def test_registering_in_spite_of_a_look_alike_is_remembered_as_a_decision(
    session: Session, signed_in: SignedIn, filled: Any
) -> None:
    client = signed_in(Role.STAFF)
    assert client.send("/households/new", filled()).status_code == 302
    again = filled(students__0__district_id="00123457", guardian_first_name="Ada")
    assert "This household may already be here" in client.send("/households/new", again).text
    assert client.send("/households/new", again | {"separate": "y"}).status_code == 302
    one, other = session.scalars(select(Household).order_by(Household.id))
    question = session.scalars(select(HouseholdQuestion)).one()
    assert (question.household_id, question.other_id, question.state) == (one.id, other.id, "separate")
    assert Evidence(question.evidence) >= Evidence.ADDRESS | Evidence.UNIT | Evidence.PHONE | Evidence.OTHER_GUARDIAN
    assert queue(session).open_pairs == 0
    assert question.decided_at is not None
    assert question.decided_at.date() >= TODAY - dt.timedelta(days=1)
