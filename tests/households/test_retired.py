"""A household that was merged is in nobody's list; whoever asks for it is led to the one it is part of."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.access.scope import in_scope
from connectivity.casework.terms import refresh
from connectivity.geography.address import parse_parts
from connectivity.households.duplicates import possible_duplicates
from connectivity.households.find import find
from connectivity.households.merge import merge
from connectivity.register import Account, AuditEvent, Household, HouseholdMerge, Role, Student
from connectivity.rules.service_states import CodeState
from connectivity.school_exports.filters import Filters
from connectivity.school_exports.students import Listing, count_by_status, page_of_students
from connectivity.service.codes.pool import CodeRefused, typed
from tests import factories
from tests.households.conftest import TODAY, SignedIn, errors_of
from tests.households.test_merge import enrolled, merged, writing


@pytest.fixture
def pair(session: Session, staff: Account) -> tuple[Household, Household]:
    """Kept and folded, both enrolled with a live code."""
    kept = factories.household(session, guardian_first_name="Ana", phones=["+17735550122"])
    folded = factories.household(session, guardian_first_name="Bea", phones=["+17735550111"])
    enrolled(session, kept, "active", "CCKEPT0001")
    enrolled(session, folded, "eligible", "CCFOLD0001")
    refresh(session, kept)
    refresh(session, folded)
    merged(session, staff, kept, folded)
    return kept, folded


def test_its_address_leads_to_the_kept_one_and_says_when(
    session: Session, signed_in: SignedIn, pair: tuple[Household, Household]
) -> None:
    kept, folded = pair
    client = signed_in(Role.STAFF)
    answer = client.get(f"/households/{folded.reference}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/households/{kept.reference}")
    page = client.get(f"/households/{folded.reference}", follow_redirects=True).text
    assert f"{folded.reference} was merged into this household on " in page
    assert f"{folded.reference} was merged into this household and has an enrollment of its own in 2026-27:" in page
    assert "CC-FOLD-0001" in page
    assert "(773) 555-0111" in page
    assert client.get(f"/households/{folded.reference}/edit").headers["Location"] == f"/households/{kept.reference}"


def test_a_form_sent_to_it_is_not_saved_and_says_so(
    session: Session, signed_in: SignedIn, pair: tuple[Household, Household]
) -> None:
    kept, folded = pair
    client = signed_in(Role.STAFF)
    answer = client.send(f"/households/{folded.reference}/edit", {}, page=f"/households/{kept.reference}/edit")
    assert answer.headers["Location"] == f"/households/{kept.reference}"
    assert "Nothing was saved." in client.get(answer.headers["Location"]).text


def test_a_partner_is_not_led_to_a_household_outside_its_area(
    session: Session, signed_in: SignedIn, staff: Account
) -> None:
    kept, folded = factories.household(session, area=25), factories.household(session, area=3)
    merged(session, staff, kept, folded)
    organization = factories.organization(session, areas=[3])
    client = signed_in(Role.PARTNER, organization_id=organization.id)
    assert client.get(f"/households/{folded.reference}").status_code == 404


def test_it_is_found_as_the_kept_one_and_never_itself(
    session: Session, staff: Account, pair: tuple[Household, Household]
) -> None:
    kept, folded = pair
    for words in ("bea", folded.reference, "1135 wilson"):
        assert [one.reference for one in find(session, staff, words).households] == [kept.reference], words


def test_a_look_alike_of_it_is_the_kept_one(
    session: Session, staff: Account, pair: tuple[Household, Household]
) -> None:
    kept, folded = pair
    guardian = f"Bea {folded.guardian_last_name}"
    found = possible_duplicates(session, staff, guardian=guardian, phones=["+17735550111"], address=None)
    assert [(one.reference, one.same_guardian) for one in found] == [(kept.reference, True)]
    address = parse_parts("1135 W Wilson Ave", "", "Chicago", "IL", "60640")
    found = possible_duplicates(session, staff, guardian="Nobody", phones=[], address=address)
    assert [one.reference for one in found] == [kept.reference]


def test_its_code_is_named_as_the_kept_ones(
    session: Session, staff: Account, pair: tuple[Household, Household]
) -> None:
    kept, folded = pair
    stranger = factories.enrollment(session, factories.household(session))

    def refused(enrollment: Any) -> str:
        with pytest.raises(CodeRefused) as told:
            typed(
                session,
                account=staff,
                enrollment=enrollment,
                provider=factories.provider(session),
                text="CCFOLD0001",
                on=TODAY,
            )
        return str(told.value)

    assert f"belongs to household {kept.reference}" in refused(stranger)
    assert f"was given to {folded.reference}, which is part of this household now" in refused(kept.enrollments[0])
    assert {
        one.membership_code.state for one in (kept.enrollments[0], folded.enrollments[0]) if one.membership_code
    } == {CodeState.ISSUED}


def versions(text: str) -> dict[str, str]:
    return {
        name: text.partition(f'name="{name}"')[2].partition('value="')[2].partition('"')[0]
        for name in ("version", "other_version")
    }


def test_the_pages_merge_two_by_reference_and_undo_it(session: Session, signed_in: SignedIn) -> None:
    kept, folded = factories.household(session), factories.household(session)
    factories.enrollment(session, kept, "ordered")
    factories.enrollment(session, folded, "eligible")
    client, path = signed_in(Role.STAFF), f"/households/{folded.reference}/merge"
    for other, words in (
        (folded.reference, "This is the same household"),
        ("HNOBODY1", "There is no household HNOBODY1"),
        ("", "Enter"),
    ):
        assert words in errors_of(client.get(f"{path}?other={other}").text)["other"], other
    two = client.get(f"{path}?other={kept.reference.lower()}").headers["Location"]
    page = client.get(two).text
    assert f"Merge {folded.reference} into {kept.reference}" in page
    assert (
        f"{kept.reference} is kept, because it is further in 2026-27: Service ordered, the other one: Eligible." in page
    )
    assert "Both are enrolled in 2026-27. Each keeps its enrollment and its code" in page
    assert set(errors_of(client.send(two, versions(page)).text)) == {"reason"}
    done = client.send(two, versions(page) | {"reason": "one mother"})
    assert done.headers["Location"] == f"/households/{kept.reference}"
    assert (
        "was merged into"
        in errors_of(client.get(f"/households/{kept.reference}/merge?other={folded.reference}").text)["other"]
    )
    made = session.scalars(select(HouseholdMerge)).one()
    undoing = f"/households/merges/{made.id}/undo"
    assert undoing in client.get(f"/households/{kept.reference}").text
    assert set(errors_of(client.send(undoing, versions(client.get(undoing).text)).text)) == {"reason"}
    back = client.send(undoing, versions(client.get(undoing).text) | {"reason": "two mothers"})
    assert back.headers["Location"] == f"/households/{folded.reference}"
    assert "is a household of its own again" in client.get(back.headers["Location"]).text
    assert "two mothers" in client.get(f"/households/{kept.reference}").text
    assert "has undone this merge already" in client.get(undoing).text


def test_a_household_that_changed_under_the_page_is_looked_at_again(session: Session, signed_in: SignedIn) -> None:
    one, other = factories.household(session), factories.household(session)
    client = signed_in(Role.STAFF)
    path = f"/households/{one.reference}/merge/{other.reference}"
    opened = versions(client.get(path).text)
    other.email = "new@example.org"
    session.commit()
    told = client.send(path, opened | {"reason": "same"})
    assert told.status_code == 409
    assert "One of the two changed while you were looking" in told.text
    assert "new@example.org" in told.text
    assert session.scalars(select(HouseholdMerge)).all() == []
    session.rollback()
    assert client.send(path, versions(told.text) | {"reason": "same"}).status_code == 302
    made = session.scalars(select(HouseholdMerge)).one()
    undoing = f"/households/merges/{made.id}/undo"
    opened = versions(client.get(undoing).text)
    session.expire_all()
    one.email = "newer@example.org"
    session.commit()
    told = client.send(undoing, opened | {"reason": "two"})
    assert (told.status_code, "changed while you were looking" in told.text) == (409, True)


def test_the_second_of_two_who_merge_is_led_to_the_kept_one(
    session: Session, signed_in: SignedIn, staff: Account
) -> None:
    one, other = factories.household(session), factories.household(session)
    client = signed_in(Role.STAFF)
    path = f"/households/{other.reference}/merge/{one.reference}"
    opened = versions(client.get(path).text) | {"csrf_token": client.token(path), "reason": "same"}
    with writing(session):
        merge(session, account=staff, household=one, other=other, reason="same")
    late = client.post(path, data=opened)
    assert late.headers["Location"] == f"/households/{one.reference}"
    assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "household.merged")).all()) == 1


def test_a_school_lists_every_student_once_with_the_kept_households_status(
    session: Session, staff: Account, pair: tuple[Household, Household]
) -> None:
    year = factories.program_year(session)
    third = factories.household(session)
    factories.enrollment(session, third, "contacted")
    listing = Listing(visible=in_scope(Student, staff), filters=Filters(), year_id=year.id)
    before = {status: count for status, count in count_by_status(session, listing).items() if count}
    assert before == {"active": 2, "contacted": 1}  # the kept one's own student and the one that came with the merge
    merged(session, staff, pair[0], third)
    assert {status: count for status, count in count_by_status(session, listing).items() if count} == {"active": 3}
    rows = [row.reference for row in page_of_students(session, listing, after=None, size=10)]
    assert rows == [pair[0].reference] * 3
