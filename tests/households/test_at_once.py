"""Several people at one household at once: one of the allowed outcomes stands, nothing is lost or doubled, and whoever came second is told."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from connectivity.database import transaction
from connectivity.households.merge import merge
from connectivity.register import Account, Household, HouseholdMerge, HouseholdQuestion, Role
from tests import factories
from tests.conftest import PolicedClient
from tests.households.at_once import among, at_once, census, hold_whole, meeting, sent
from tests.households.conftest import TODAY, SignedIn
from tests.households.test_merge import asked, enrolled, states

ROUNDS = 2
MERGED, MEANWHILE = r"^\w+ is merged into \w+\.", r"was merged into|changed while you were looking|in the meantime"
People = tuple[PolicedClient, PolicedClient]


@pytest.fixture
def people(signed_in: SignedIn) -> People:
    """Two of the office."""
    return signed_in(Role.STAFF), signed_in(Role.ADMIN)


@pytest.fixture
def family(session: Session) -> Callable[[], Household]:
    """A household of two students with an enrollment and a live code, as often as it is called."""
    made = 0

    def family() -> Household:
        nonlocal made
        made += 1
        household = factories.household(session, students=[{"first_name": "Ivo"}, {"first_name": "Leo"}])
        enrolled(session, household, "active", f"CCATONCE{made:02}")
        session.commit()
        return household

    return family


def path(one: Household, other: Household) -> str:
    return f"/households/{one.reference}/merge/{other.reference}"


def folded_into(session: Session, *households: Household) -> list[int | None]:
    session.rollback()
    return [session.get_one(Household, one.id, populate_existing=True).merged_into_id for one in households]


def test_two_who_merge_one_pair(session: Session, people: People, family: Callable[[], Household]) -> None:
    """The same way round, and a into b while b into a."""
    for turned in (False, True, True):
        a, b = family(), family()
        before = census(session)
        told = at_once(
            sent(people[0], path(a, b), reason="one mother"),
            sent(people[1], path(b, a) if turned else path(a, b), reason="one home"),
        )
        among(told, first=(MERGED, MEANWHILE), second=(MEANWHILE, MERGED))
        assert folded_into(session, a, b) == [None, a.id]  # the older one is kept, whoever was first
        assert census(session) == before
        hold_whole(session)
        standing = select(HouseholdMerge).where(HouseholdMerge.folded_id == b.id)
        assert len(session.scalars(standing).all()) == 1


def test_a_merge_and_a_split_of_one_household(
    session: Session, people: People, family: Callable[[], Household]
) -> None:
    for _ in range(ROUNDS):
        a, b = family(), family()
        leaves, before = str(a.students[0].id), census(session)
        told = at_once(
            sent(people[0], path(b, a), reason="one mother"),
            sent(people[1], f"/households/{a.reference}/split", students=[leaves], **CARLA),
        )
        outcome = among(
            told, merge=(MERGED, "Somebody changed this household"), split=(MEANWHILE, "household of their own now")
        )
        assert folded_into(session, a, b) == [None, a.id if outcome == "merge" else None]
        assert census(session) == before
        hold_whole(session)


CARLA = {
    "where": "same", "guardian_first_name": "Carla", "guardian_last_name": "Soto", "language": "en", "reason": "an aunt",
}  # fmt: skip


def test_an_undo_while_another_merge_takes_the_kept_household(
    session: Session, people: People, staff: Account, family: Callable[[], Household]
) -> None:
    for _ in range(ROUNDS):
        older, kept, folded = family(), family(), family()
        with transaction(session):
            made = merge(session, account=staff, household=kept, other=folded, reason="one mother").id
        before = census(session)
        told = at_once(
            sent(people[0], f"/households/merges/{made}/undo", reason="two families"),
            sent(people[1], path(older, kept), reason="one home"),
        )
        outcome = among(
            told,
            undo=("The merge is undone", MEANWHILE),
            merge=(r"Merges are undone in reverse order|was merged into this household", MERGED),
        )
        wanted = {"undo": [None, None], "merge": [older.id, kept.id]}
        assert folded_into(session, kept, folded) == wanted[outcome]
        assert census(session) == before
        hold_whole(session)


def test_two_who_undo_one_merge(
    session: Session, people: People, staff: Account, family: Callable[[], Household]
) -> None:
    for _ in range(ROUNDS):
        kept, folded = family(), family()
        with transaction(session):
            made = merge(session, account=staff, household=kept, other=folded, reason="one mother").id
        before, undo = census(session), f"/households/merges/{made}/undo"
        told = at_once(*(sent(one, undo, reason="two families") for one in people))
        done, late = "The merge is undone", "has undone this merge already"
        among(told, first=(done, late), second=(late, done))
        assert folded_into(session, kept, folded) == [None, None]
        assert census(session) == before
        hold_whole(session)


def test_two_who_answer_one_question(session: Session, people: People, family: Callable[[], Household]) -> None:
    for _ in range(ROUNDS):
        question = asked(session, family(), family()).id
        session.commit()
        page = f"/households/questions/{question}"
        told = at_once(sent(people[0], page, why="apart"), sent(people[1], page, why="by_chance"))
        outcome = among(
            told,
            first=("Your decision is kept", "Staff Person .* decided this on"),
            second=("Admin Person .* decided this on", "Your decision is kept"),
        )
        session.rollback()
        stands = session.get_one(HouseholdQuestion, question, populate_existing=True)
        reason = {
            "first": "One family in two homes: the parents live apart",
            "second": "A name or phone is the same by chance",
        }
        assert (stands.state, stands.reason) == ("separate", reason[outcome])


def test_an_answer_while_the_pair_is_merged(session: Session, people: People, family: Callable[[], Household]) -> None:
    for _ in range(ROUNDS):
        a, b = family(), family()
        question = asked(session, a, b).id
        session.commit()
        before = census(session)
        told = at_once(
            sent(people[0], f"/households/questions/{question}", why="apart"),
            sent(people[1], path(a, b), reason="one mother"),
        )
        outcome = among(told, answer=("Your decision is kept", MEANWHILE), merge=("decided this on", MERGED))
        wanted = {"answer": (None, "separate"), "merge": (a.id, "same")}
        assert (folded_into(session, b)[0], states(session)[a.id, b.id]) == wanted[outcome]
        assert census(session) == before
        hold_whole(session)


def test_an_answer_meets_a_merge_of_one_of_the_two(
    session: Session, engine: Engine, people: People, monkeypatch: pytest.MonkeyPatch, family: Callable[[], Household]
) -> None:
    """The merge asks of the third household what was asked of the folded one, while somebody answers just that."""
    third, kept, folded = family(), family(), family()
    question = asked(session, third, folded).id
    session.commit()
    before = census(session)
    told = meeting(
        engine,
        monkeypatch,
        "connectivity.households.merge:pass_over",
        sent(people[0], path(kept, folded), reason="one mother"),
        sent(people[1], f"/households/questions/{question}", why="apart"),
    )
    among(
        told,
        merge=(MERGED, f"{folded.reference} was merged into {kept.reference} in the meantime"),
    )
    assert census(session) == before
    hold_whole(session)
    assert states(session) == {(third.id, folded.id): "open", (kept.id, folded.id): "same", (third.id, kept.id): "open"}


def test_two_merges_that_ask_about_each_other(
    session: Session, engine: Engine, people: People, monkeypatch: pytest.MonkeyPatch, family: Callable[[], Household]
) -> None:
    """Each passes a question over to the household that the other one keeps: both would write the same pair."""
    one, its, two, their = family(), family(), family(), family()
    asked(session, its, two)
    asked(session, one, their)
    session.commit()
    before = census(session)
    told = meeting(
        engine,
        monkeypatch,
        "connectivity.households.merge:pass_over",
        sent(people[0], path(one, its), reason="one mother"),
        sent(people[1], path(two, their), reason="one father"),
    )
    among(told, both=(MERGED, MERGED))
    assert folded_into(session, its, their) == [one.id, two.id]
    assert census(session) == before
    hold_whole(session)
    assert states(session)[one.id, two.id] == "open"


def test_an_answer_meets_an_edit_of_one_of_the_two(
    session: Session, engine: Engine, people: People, monkeypatch: pytest.MonkeyPatch, family: Callable[[], Household]
) -> None:
    a, b = family(), family()
    question = asked(session, a, b).id
    session.commit()
    told = meeting(
        engine,
        monkeypatch,
        "connectivity.households.edit:edit_contact",
        sent(
            people[0],
            f"/households/{a.reference}/edit",
            guardian_first_name="Carla",
            guardian_last_name="Soto",
            language="en",
        ),
        sent(people[1], f"/households/questions/{question}", why="apart"),
    )
    among(told, both=("Guardian and contacts are saved", "Your decision is kept"))
    assert states(session) == {(a.id, b.id): "separate"}


def test_two_who_take_one_decision_back(session: Session, people: People, family: Callable[[], Household]) -> None:
    question = asked(session, family(), family(), state="separate").id
    session.commit()
    page = f"/households/questions/{question}"
    told = at_once(*(sent(one, f"{page}/again", page=page) for one in people))
    among(told, first=("^$", "not decided"), second=("not decided", "^$"))
    session.rollback()
    assert session.get_one(HouseholdQuestion, question, populate_existing=True).state == "open"


@pytest.mark.parametrize(
    "place", ["connectivity.service.one_of_two:goes_on_here", "connectivity.households.merge_undo:put_back"]
)
def test_an_undo_while_one_of_the_two_enrollments_ends(
    engine: Engine,
    session: Session,
    people: People,
    staff: Account,
    monkeypatch: pytest.MonkeyPatch,
    family: Callable[[], Household],
    place: str,
) -> None:
    kept, folded = family(), family()
    with transaction(session):
        made = merge(session, account=staff, household=kept, other=folded, reason="one mother").id
    before, year = census(session), factories.program_year(session).id
    two = f"/households/{kept.reference}/enrollments/{year}/two/{folded.reference}"
    fields = {"ends": "own", "happened_on": TODAY.isoformat(), "said_by": "staff", "reason": "duplicate"}
    ends = sent(people[0], two, page=f"{two}?ends=own", **fields)
    undoes = sent(people[1], f"/households/merges/{made}/undo", reason="two families")
    session.rollback()
    first = (ends, undoes) if place.endswith("goes_on_here") else (undoes, ends)
    told = meeting(engine, monkeypatch, place, *first)
    if place.endswith("put_back"):
        told.reverse()
    outcome = among(
        told,
        ended=("one enrollment goes on", MEANWHILE),
        undone=("There are no two enrollments", "The merge is undone"),
    )
    assert folded_into(session, kept, folded) == [None, kept.id if outcome == "ended" else None]
    assert census(session) == before
    hold_whole(session)
