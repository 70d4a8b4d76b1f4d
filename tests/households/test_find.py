"""Finding a household: by anything a person on the phone can say, inside one's scope, never cut off in silence."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectivity.casework.terms import refresh
from connectivity.households import find as finding
from connectivity.households.find import SHOWN, find
from connectivity.register import Account, Household, Role, SearchTerm
from tests import factories
from tests.households.conftest import SignedIn


def findable(session: Session, **given: object) -> Household:
    made = factories.household(session, **given)  # type: ignore[arg-type]
    refresh(session, made)
    return made


def references(session: Session, account: Account, text: str) -> list[str]:
    return [one.reference for one in find(session, account, text).households]


@pytest.mark.parametrize(
    "text",
    ["munoz", "MUÑOZ", "rosa mun", "łucja", "lucja", "00123456", "123456", "773-555-0123", "5550123", "1135 wilson",
     "1135 West Wilson Avenue", "60640", "CC-4F7K-9QX2", "cc4f7k9qx2", "rosa 1135", "H7K2M9Q4", "h7k2"],
)  # fmt: skip
def test_a_household_is_found_by_whatever_is_known_of_it(session: Session, staff: Account, text: str) -> None:
    wanted = factories.household(
        session,
        guardian_last_name="Muñoz",
        reference="H7K2M9Q4",
        phones=["+17735550123"],
        students=[{"district_id": "00123456", "first_name": "Łucja", "last_name": "Muñoz"}],
    )
    factories.membership_code(session, code="CC4F7K9QX2", state="issued", household_id=wanted.id)
    refresh(session, wanted)
    other = findable(session, guardian_first_name="Wei", guardian_last_name="Chen", students=[])
    other.residences[0].line = "200 N STATE ST"
    other.residences[0].zip = "60601"
    refresh(session, other)
    assert references(session, staff, text) == ["H7K2M9Q4"]


def test_every_word_must_fit(session: Session, staff: Account) -> None:
    findable(session, guardian_first_name="María", guardian_last_name="García", reference="HMARIA01")
    findable(session, guardian_first_name="José", guardian_last_name="García", reference="HJOSE001")
    assert references(session, staff, "garcia mar") == ["HMARIA01"]
    assert references(session, staff, "garcia zzz") == []
    assert len(references(session, staff, "gar")) == 2


def test_nothing_typed_finds_nothing(session: Session, staff: Account) -> None:
    findable(session)
    for text in ("", "   ", "-", "#!"):
        assert find(session, staff, text).households == ()


def test_a_line_shows_who_where_and_how_far(session: Session, staff: Account) -> None:
    household = factories.household(
        session,
        guardian_last_name="Muñoz",
        students=[
            {"first_name": "Luz", "grade": "5"},
            {"first_name": "Ana", "grade": "K", "birth_date": factories.DAY},
        ],
    )
    earlier = factories.program_year(
        session, label="2025-26", starts_on=factories.DAY, ends_on=factories.DAY.replace(year=2026)
    )
    factories.enrollment(session, household, "active")
    factories.enrollment(session, household, "ended", program_year_id=earlier.id)
    refresh(session, household)
    line = find(session, staff, "munoz").households[0]
    assert (line.guardian, line.students) == ("Rosa Muñoz", ("Luz (5)", "Ana (K)"))
    assert (line.address, line.area) == ("1135 W WILSON AVE", "Uptown")
    assert (line.status, line.program_year) == ("active", "2026-27")


def test_more_than_are_shown_is_said_and_the_order_is_stable(session: Session, staff: Account) -> None:
    made = [findable(session, guardian_last_name="Garcia", students=[]) for _ in range(SHOWN)]
    found = find(session, staff, "garcia")
    assert (len(found.households), found.more) == (SHOWN, False)
    made.append(findable(session, guardian_last_name="Garcia", students=[]))
    found = find(session, staff, "garcia")
    assert (len(found.households), found.more) == (SHOWN, True)
    assert [one.reference for one in found.households] == [one.reference for one in reversed(made)][:SHOWN]
    assert found == find(session, staff, "garcia")


def test_a_whole_word_comes_before_a_word_it_begins(session: Session, staff: Account) -> None:
    findable(session, guardian_first_name="Wei", guardian_last_name="Li", students=[], reference="HLI00001")
    for _ in range(SHOWN + 1):
        findable(session, guardian_first_name="Linda", guardian_last_name="Lindgren", students=[])
    assert references(session, staff, "li")[0] == "HLI00001"


@pytest.mark.parametrize("account", ["staff", "partner"])
@pytest.mark.parametrize(
    ("rare_below", "read_whole"),
    [(0, 1), (500, 500), (3, 6), (0, 500)],
    ids=["by household", "by words", "broad and narrow words", "by the smaller of scope and word"],
)
def test_all_ways_through_the_database_find_the_same(
    session: Session,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    account: str,
    rare_below: int,
    read_whole: int,
) -> None:
    for number in range(12):
        findable(session, area=3 if number % 2 else 8, guardian_last_name=("Garcia", "Garza", "Li")[number % 3])
    by_hand = session.execute(
        select(Household.reference, SearchTerm.term).join(SearchTerm, SearchTerm.household_id == Household.id)
    ).all()
    who = request.getfixturevalue(account)
    inside = {
        h.reference
        for h in session.scalars(select(Household))
        if account == "staff" or h.residences[0].community_area == 3
    }
    monkeypatch.setattr(finding, "RARE_BELOW", rare_below)
    monkeypatch.setattr(finding, "READ_WHOLE", read_whole)
    monkeypatch.setattr(finding, "READ_WHOLE_OF_SEVERAL", read_whole)
    for text in ("gar", "garcia", "li", "gar wil", "r", "avenue west"):
        words = text.split()
        expected = {
            one
            for one in inside
            if all(any(term.startswith(word) for reference, term in by_hand if reference == one) for word in words)
        }
        assert set(references(session, who, text)) == expected


def test_a_partner_finds_only_households_living_in_its_areas(session: Session, partner: Account) -> None:
    findable(session, area=3, guardian_last_name="Garcia", reference="HINSIDE1")
    findable(session, area=8, guardian_last_name="Garcia", reference="HOUTSIDE")
    findable(session, area=None, guardian_last_name="Garcia", reference="HNOWHERE")
    assert references(session, partner, "garcia") == ["HINSIDE1"]
    assert references(session, partner, "HOUTSIDE") == []


def test_terms_follow_the_household(session: Session, staff: Account) -> None:
    household = findable(session, guardian_last_name="Garcia")
    household.guardian_last_name = "Nowak"
    refresh(session, household)
    assert references(session, staff, "garcia") == []
    assert references(session, staff, "nowak") == [household.reference]


def test_words_with_signs_of_a_query_language_are_only_words(session: Session, staff: Account) -> None:
    findable(session)
    for text in ("%", "_", "100%", "a' OR 1=1 --", "ros*", "\\", "\x00rosa", "𝕽osa", "z" * 5000):
        find(session, staff, text)


def test_the_page_answers_a_plain_form(session: Session, signed_in: SignedIn) -> None:
    findable(session, guardian_last_name="Muñoz", reference="HFOUND01")
    client = signed_in(Role.STAFF)
    page = client.send("/households/search", {"text": "munoz"}, page="/households")
    assert page.status_code == 200
    assert 'value="munoz"' in page.text
    assert "/households/HFOUND01" in page.text
    assert "1 household matches." in page.text


def test_the_script_gets_a_piece_of_page_and_a_sentence_to_announce(session: Session, signed_in: SignedIn) -> None:
    for _ in range(SHOWN + 1):
        findable(session, guardian_last_name="<b>Muñoz</b>")
    client = signed_in(Role.STAFF)
    answer = client.post(
        "/households/search",
        data={"text": "munoz"},
        headers={"Accept": "application/json", "X-CSRFToken": client.token("/households")},
    )
    assert answer.json is not None
    assert answer.json["said"] == f"More than {SHOWN} households match. Type another word to narrow it down."
    assert "&lt;b&gt;" in answer.json["html"]
    assert "<b>" not in answer.json["html"]


def test_a_search_without_the_forms_token_is_refused(signed_in: SignedIn) -> None:
    client = signed_in(Role.STAFF)
    assert client.post("/households/search", data={"text": "munoz"}).status_code == 400


def test_search_words_stay_out_of_addresses(signed_in: SignedIn) -> None:
    client = signed_in(Role.STAFF)
    assert client.get("/households/search?text=munoz").status_code in (404, 405)
