"""Some students are a household of their own: who leaves, for where, and that nobody asks again."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.households.edit import contact_of
from connectivity.households.find import find
from connectivity.households.merge import merge
from connectivity.households.merge_undo import undo_merge
from connectivity.households.register import Contact
from connectivity.households.split import SplitRefused, split
from connectivity.register import Account, AuditEvent, Household, HouseholdQuestion, MembershipCode, Role
from connectivity.rules.household_evidence import Evidence
from tests import factories
from tests.households.conftest import TODAY, SignedIn, errors_of, home_at
from tests.households.test_merge import enrolled, writing

CARLA = Contact(
    guardian_first_name="Carla", guardian_last_name="Soto", language="en", email=None, phones=("+13125550100",)
)


@pytest.fixture
def family(session: Session) -> Household:
    """Three students, one enrollment with a live code."""
    made = factories.household(
        session, phones=["+17735550123"], students=[{"first_name": name} for name in ("Ivo", "Leo", "Mia")]
    )
    enrolled(session, made, "active", "CCFAM00001")
    return made


def ids(family: Household, *names: str) -> list[int]:
    return [one.id for one in family.students if one.first_name in names]


def test_the_chosen_students_leave_for_their_own_household_and_the_code_stays(
    session: Session, staff: Account, family: Household
) -> None:
    with writing(session):
        made = split(
            session, account=staff, household=family, student_ids=ids(family, "Leo", "Mia"),
            home=home_at(session, "1400 W Wilson Ave", unit="Apt 3"), contact=CARLA, reason="moved to an aunt",
        )  # fmt: skip
    assert {one.first_name for one in made.students} == {"Leo", "Mia"}
    assert [one.first_name for one in family.students] == ["Ivo"]
    assert contact_of(made) == CARLA
    assert [(home.line, home.starts_on) for home in made.residences] == [("1400 W WILSON AVE", TODAY)]
    assert made.enrollments == []
    assert session.scalars(select(MembershipCode.household_id)).one() == family.id
    assert [one.reference for one in find(session, staff, "carla leo").households] == [made.reference]
    assert find(session, staff, f"{family.reference} leo").households == ()
    told = session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id.in_([family.id, made.id]))).all()
    assert sorted(told) == ["household.split", "household.split_off"]


def test_a_separate_household_at_the_same_address_is_a_decision_with_its_evidence(
    session: Session, staff: Account, family: Household
) -> None:
    home = family.residences[0]
    home.unit = "APT 2"
    with writing(session):
        made = split(
            session, account=staff, household=family, student_ids=ids(family, "Mia"), home=None,
            contact=contact_of(family), reason="two families, two doors",
        )  # fmt: skip
    copy = made.residences[0]
    assert (copy.line, copy.unit, copy.community_area, copy.starts_on, copy.lon) == (
        home.line, home.unit, home.community_area, home.starts_on, home.lon,
    )  # fmt: skip
    question = session.scalars(select(HouseholdQuestion)).one()
    assert (question.household_id, question.other_id, question.state) == (family.id, made.id, "separate")
    assert (question.decided_by, question.reason) == (staff.id, "two families, two doors")
    assert Evidence.ADDRESS | Evidence.UNIT | Evidence.GUARDIAN | Evidence.PHONE in Evidence(question.evidence)


def test_not_all_and_not_none_may_leave_and_a_reason_is_needed(
    session: Session, staff: Account, family: Household
) -> None:
    def refused(student_ids: list[int], reason: str = "x") -> str:
        with pytest.raises(SplitRefused) as told, writing(session):
            split(
                session,
                account=staff,
                household=family,
                student_ids=student_ids,
                home=None,
                contact=CARLA,
                reason=reason,
            )
        session.expire_all()
        return f"{told.value.field}: {told.value}"

    stranger = factories.household(session).students[0].id
    assert refused([]) == "students: Choose at least one student who leaves for the new household."
    assert refused(ids(family, "Ivo", "Leo", "Mia")).startswith("students: One student at least stays here.")
    assert refused([*ids(family, "Ivo"), stranger]).startswith("students: A chosen student is not in this household")
    assert refused(ids(family, "Ivo"), "") == "reason: Say how you know that these are two households."
    assert len(session.scalars(select(Household)).all()) == 2


def test_a_split_answers_whether_the_student_has_left(session: Session, staff: Account, family: Household) -> None:
    mia = ids(family, "Mia")[0]
    session.add(HouseholdQuestion(kind="left_home", household_id=family.id, student_id=mia, evidence=0, state="open"))
    with writing(session):
        split(session, account=staff, household=family, student_ids=[mia], home=None, contact=CARLA, reason="with aunt")
    left = session.scalars(select(HouseholdQuestion).where(HouseholdQuestion.kind == "left_home")).one()
    assert (left.state, left.decided_by, left.reason) == ("separate", staff.id, "with aunt")


def test_a_split_is_taken_back_by_a_merge_and_that_by_its_undo(
    session: Session, staff: Account, family: Household
) -> None:
    with writing(session):
        made = split(
            session,
            account=staff,
            household=family,
            student_ids=ids(family, "Mia"),
            home=None,
            contact=CARLA,
            reason="x",
        )
    with writing(session):
        back = merge(session, account=staff, household=made, other=family, reason="wrong")
    assert (back.kept_id, len(family.students)) == (family.id, 3)
    with writing(session):
        undo_merge(session, account=staff, merge=back, reason="right")
    assert [one.first_name for one in made.students] == ["Mia"]
    assert session.scalars(select(HouseholdQuestion.state)).all() == ["separate"]


def typed(text: str, **changes: Any) -> dict[str, Any]:
    """The split form as it was opened, with changes."""
    version = text.partition('name="version"')[2].partition('value="')[2].partition('"')[0]
    values = {
        "version": version, "where": "elsewhere", "line": "1400 W Wilson Ave", "city": "Chicago", "state": "IL",
        "guardian_first_name": "Carla", "guardian_last_name": "Soto", "language": "en", "reason": "an aunt",
    }  # fmt: skip
    return values | changes


def test_the_page_splits_and_says_what_is_wrong_at_its_field(
    session: Session, signed_in: SignedIn, family: Household
) -> None:
    client, path = signed_in(Role.STAFF), f"/households/{family.reference}/split"
    page = client.get(path).text
    assert f'value="{family.guardian_first_name}"' in page  # prefilled
    mia, everyone = str(ids(family, "Mia")[0]), [str(one) for one in ids(family, "Ivo", "Leo", "Mia")]
    none = client.send(path, typed(page, line="", reason=""))
    assert none.status_code == 422
    assert set(errors_of(none.text)) == {"line", "reason"}
    assert "at least one student" in client.send(path, typed(page)).text
    assert "One student at least stays here" in client.send(path, typed(page, students=everyone)).text
    assert "outside Chicago" in client.send(path, typed(page, students=[mia], zip="90210")).text
    same = typed(page, students=[mia], where="same")
    del same["line"], same["city"], same["state"]
    family.email = "new@example.org"
    session.commit()
    stale = client.send(path, same)
    assert stale.status_code == 422
    assert "changed this household while you were working" in stale.text
    done = client.send(path, same | {"version": typed(stale.text)["version"]})
    assert done.status_code == 302
    session.expire_all()
    assert [one.first_name for one in family.students] == ["Ivo", "Leo"]
    assert "split off" in client.get(done.headers["Location"]).text
